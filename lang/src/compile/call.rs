//! Calls: functions of the file, stored functions, host calls, built-ins, methods and tasks.

use super::constants::Constant;
use super::function::FunctionCompiler;
use super::op::{Instr, Reg};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::host;
use crate::resolve::{self, Callee};
use crate::source::Span;
use crate::syntax::ast::{Arg, Expr, Ident, Task};
use crate::syntax::parser::TASKS;
use crate::vm::methods;

impl<'a> FunctionCompiler<'_, '_, 'a> {
    /// `name(args)`
    pub fn call_to(&mut self, expr: &'a Expr, name: &'a Ident, args: &'a [Arg], to: Reg) {
        match self.resolve(&[&name.text]) {
            Callee::Builtin if name.is("if") && args.len() == 3 => self.lazy_if_to(args, to, expr.span),
            Callee::Builtin if name.is("ifnull") && args.len() == 2 => {
                self.lazy_ifnull_to(args, to, expr.span);
            }
            callee => self.callee_to(callee, &name.text, name.span, args, to, expr.span),
        }
    }

    /// `object.name(args)`: a method, or a function with a dotted name.
    pub fn method_call_to(
        &mut self,
        expr: &'a Expr,
        object: &'a Expr,
        name: &'a Ident,
        args: &'a [Arg],
        to: Reg,
    ) {
        if let Some(path) = self.dotted_callee(object, name) {
            let callee = self.resolve(&path);
            if callee != Callee::Method && callee != Callee::Unknown {
                let full = path.join(".");
                return self.callee_to(callee, &full, name.span, args, to, expr.span);
            }
        }
        self.method_to(expr, object, name, args, to);
    }

    fn dotted_callee(&self, object: &'a Expr, name: &'a Ident) -> Option<Vec<&'a str>> {
        let names = resolve::dotted(object)?;
        Some(names.into_iter().chain([name]).map(|part| part.text.as_str()).collect())
    }

    pub(super) fn resolve(&self, path: &[&str]) -> Callee {
        let locals = &self.locals;
        self.unit.functions.resolve(path, |name| locals.get(name).is_some())
    }

    fn callee_to(&mut self, callee: Callee, name: &str, at: Span, args: &'a [Arg], to: Reg, span: Span) {
        match callee {
            Callee::File(function) => {
                let wanted = self.unit.program.functions.get(function).map_or(0, |f| f.params.len());
                if wanted != args.len() {
                    let message = format!("`{name}` takes {wanted} arguments, not {}", args.len());
                    return self.refuse(codes::WRONG_ARGUMENT_COUNT, at, message);
                }
                let base = self.arguments(args, span);
                let argc = args.len() as u8;
                self.emit(Instr::Call { argc, function: function as u16, base, to }, span);
            }
            Callee::Stored(stored) => self.named_to("callFunction", &stored, args, to, span),
            Callee::Task => self.named_to("callTask", name, args, to, span),
            Callee::Host(call) => {
                let base = self.arguments(args, span);
                self.emit(Instr::Host { argc: args.len() as u8, call: call as u16, base, to }, span);
            }
            Callee::Builtin | Callee::Method | Callee::Unknown => {
                let Some(method) = methods::id(name) else {
                    return self.refuse(
                        codes::UNKNOWN_FUNCTION,
                        at,
                        format!("there is no function `{name}`"),
                    );
                };
                if resolve::gathers(name) {
                    return self.gathering_free_to(method, name, args, to, span);
                }
                let base = self.arguments(args, span);
                self.emit(Instr::Free { argc: args.len() as u8, method, base, to }, span);
                let receiver = args.first().map_or(span, |arg| arg.value.span);
                self.chunk.note(receiver, span);
            }
        }
    }

    fn method_to(&mut self, expr: &'a Expr, object: &'a Expr, name: &'a Ident, args: &'a [Arg], to: Reg) {
        let span = expr.span;
        match args {
            [key] if name.is("get") && key.key.is_none() => {
                let object_reg = self.operand(object);
                match text_literal(&key.value).map(|text| self.unit.constants.text(text)) {
                    Some(k) if u16::try_from(k).is_ok() => {
                        self.emit(Instr::GetK { to, object: object_reg, k: k as u16 }, span);
                    }
                    _ => {
                        let key = self.operand(&key.value);
                        self.emit(Instr::Get { to, object: object_reg, key }, span);
                    }
                }
            }
            [] if name.is("size") => {
                let of = self.operand(object);
                self.emit(Instr::Size { to, of }, span);
            }
            _ => {
                let Some(method) = methods::id(&name.text) else {
                    let message = format!("there is no method `{}`", name.text);
                    return self.refuse(codes::UNKNOWN_METHOD, name.span, message);
                };
                if name.is("insert") {
                    let base = self.temps(2);
                    self.expr_to(object, base);
                    self.gather_to(args, base.saturating_add(1), span);
                    self.emit(Instr::Method { argc: 1, method, base, to }, span);
                    self.chunk.note(object.span, name.span);
                    return;
                }
                let base = self.temps(args.len() + 1);
                self.expr_to(object, base);
                self.fill(args, base.saturating_add(1), span);
                self.emit(Instr::Method { argc: args.len() as u8, method, base, to }, span);
            }
        }
        self.chunk.note(object.span, name.span);
    }

    /// `put` and `add` for their effect alone; false if it is another method or no method at all.
    pub fn effect_of_method(
        &mut self,
        expr: &'a Expr,
        object: &'a Expr,
        name: &'a Ident,
        args: &'a [Arg],
    ) -> bool {
        if args.iter().any(|arg| arg.key.is_some()) || self.is_function(object, name) {
            return false;
        }
        match args {
            [key, value] if name.is("put") => {
                let object = self.operand(object);
                match text_literal(&key.value).map(|text| self.unit.constants.text(text)) {
                    Some(k) if u16::try_from(k).is_ok() => {
                        let value = self.operand(&value.value);
                        self.emit(Instr::PutK { object, k: k as u16, value }, expr.span);
                    }
                    _ => {
                        let (key, value) = (self.operand(&key.value), self.operand(&value.value));
                        self.emit(Instr::Put { object, key, value }, expr.span);
                    }
                }
            }
            [value] if name.is("add") => {
                let list = self.operand(object);
                let value = self.operand(&value.value);
                self.emit(Instr::Push { list, value }, expr.span);
            }
            _ => return false,
        }
        self.chunk.note(object.span, name.span);
        true
    }

    fn is_function(&self, object: &'a Expr, name: &'a Ident) -> bool {
        self.dotted_callee(object, name)
            .is_some_and(|path| !matches!(self.resolve(&path), Callee::Method | Callee::Unknown))
    }

    /// Evaluates arguments side by side; the first register.
    pub(super) fn arguments(&mut self, args: &'a [Arg], span: Span) -> Reg {
        let base = self.temps(args.len().max(1));
        self.fill(args, base, span);
        base
    }

    fn fill(&mut self, args: &'a [Arg], first: Reg, span: Span) {
        if args.len() > usize::from(u8::MAX) {
            return self.refuse(
                codes::WRONG_ARGUMENT_COUNT,
                span,
                format!("a call takes at most {} arguments", u8::MAX),
            );
        }
        for (at, arg) in args.iter().enumerate() {
            if let Some(key) = &arg.key {
                self.refuse(
                    codes::WRONG_ARGUMENT_COUNT,
                    key.span.to(arg.value.span),
                    "arguments have no keys here".to_owned(),
                );
            }
            self.expr_to(&arg.value, first.saturating_add(at as Reg));
        }
    }

    /// `Collection(…)`, `insert(collection, …)`
    fn gathering_free_to(&mut self, method: u16, name: &str, args: &'a [Arg], to: Reg, span: Span) {
        let before = usize::from(name.eq_ignore_ascii_case("insert")).min(args.len());
        let (plain, gathered) = args.split_at(before);
        let base = self.temps(before + 1);
        self.fill(plain, base, span);
        self.gather_to(gathered, base.saturating_add(before as Reg), span);
        self.emit(Instr::Free { argc: before as u8 + 1, method, base, to }, span);
        let receiver = args.first().map_or(span, |arg| arg.value.span);
        self.chunk.note(receiver, span);
    }

    /// Gathers arguments into a list, or into a map if they have keys.
    fn gather_to(&mut self, args: &'a [Arg], to: Reg, span: Span) {
        let keyed = args.first().is_some_and(|arg| arg.key.is_some());
        let empty = match keyed {
            true => Instr::Map { to, first: to, count: 0 },
            false => Instr::List { to, first: to, count: 0 },
        };
        self.emit(empty, span);
        for arg in args {
            let mark = self.mark();
            match &arg.key {
                Some(key) if keyed => {
                    let (key_reg, value) = (self.operand(key), self.operand(&arg.value));
                    self.emit(Instr::Put { object: to, key: key_reg, value }, key.span.to(arg.value.span));
                }
                None if !keyed => {
                    let value = self.operand(&arg.value);
                    self.emit(Instr::Push { list: to, value }, arg.value.span);
                }
                _ => self.refuse(
                    codes::WRONG_ARGUMENT_COUNT,
                    arg.value.span,
                    "a collection takes values or `key: value` entries, not both".to_owned(),
                ),
            }
            self.release(mark);
        }
    }

    /// A host call with a name and the list of the arguments.
    fn named_to(&mut self, host_call: &str, name: &str, args: &'a [Arg], to: Reg, span: Span) {
        let base = self.temps(2);
        self.constant_to(Constant::Text(name.to_owned()), base, span);
        let mark = self.mark();
        let first = self.arguments(args, span);
        self.emit(Instr::List { to: base.saturating_add(1), first, count: args.len() as u16 }, span);
        self.release(mark);
        let call = host::by_name(host_call).unwrap_or_default() as u16;
        self.emit(Instr::Host { argc: 2, call, base, to }, span);
    }

    /// `sendmail [ … ]`: one host call with a map of the entries, keys in lower case.
    pub fn task_to(&mut self, task: &'a Task, to: Reg, span: Span) {
        let known = TASKS.iter().any(|known| task.name.is(known));
        let Some(call) = host::find(&task.name.text).filter(|_| known) else {
            let message = format!("there is no task `{}`", task.name.text);
            return self.refuse(codes::UNKNOWN_TASK, task.name.span, message);
        };
        let map = self.temp();
        self.emit(Instr::Map { to: map, first: map, count: 0 }, span);
        for entry in &task.entries {
            let mark = self.mark();
            let key = self.text_temp(&entry.key.text.to_lowercase(), entry.key.span);
            let value = self.operand(&entry.value);
            self.emit(Instr::Put { object: map, key, value }, entry.key.span.to(entry.value.span));
            self.release(mark);
        }
        self.emit(Instr::Host { argc: 1, call: call as u16, base: map, to }, span);
    }

    fn refuse(&mut self, code: codes::Code, span: Span, message: String) {
        self.unit.diagnostics.push(Diagnostic::error(code, span, message));
    }
}

fn text_literal(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        crate::syntax::ast::ExprKind::Text { value, .. } => Some(value),
        _ => None,
    }
}
