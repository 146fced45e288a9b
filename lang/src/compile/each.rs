//! `for each`, over what stands there and over what comes page by page.

use super::chunk::Patch;
use super::function::{FunctionCompiler, LoopFrame};
use super::op::{Instr, Reg};
use crate::host;
use crate::resolve::Callee;
use crate::source::Span;
use crate::syntax::ast::{Arg, Expr, ExprKind, Ident, Stmt};
use crate::vm::methods;

impl<'a> FunctionCompiler<'_, '_, 'a> {
    /// What a loop walks over: the nodes that an XPath leads to one by one, also if it is a single one
    /// with commas in its text; anything else as it is.
    fn walked_over(&mut self, over: &'a Expr) -> Reg {
        match (&over.kind, methods::id("toXmlList")) {
            (ExprKind::MethodCall { name, .. }, Some(method)) if name.is("executeXPath") => {
                let base = self.temp();
                self.expr_to(over, base);
                self.emit(Instr::Method { argc: 0, method, base, to: base }, over.span);
                base
            }
            _ => self.operand(over),
        }
    }

    /// `for each`, also with an index.
    pub(super) fn for_each(
        &mut self,
        index: bool,
        var: &'a Ident,
        over: &'a Expr,
        body: &'a [Stmt],
        span: Span,
    ) {
        let Some(var_reg) = self.locals.get(&var.text) else { return };
        if !index && let Some((first, args)) = self.walk(over) {
            return self.for_each_page(var_reg, first, args, over.span, body, span);
        }
        let at = self.temps(3);
        let mark = self.mark();
        let over_reg = self.walked_over(over);
        self.release(mark);
        self.emit(Instr::Each { at, over: over_reg }, over.span);
        self.chunk.note(over.span, over.span);
        let before = self.assigned.clone();
        let next =
            if index { Instr::EachIndex { at, var: var_reg } } else { Instr::EachNext { at, var: var_reg } };
        let breaks = self.turns(var_reg, next, body, span);
        self.chunk.patch_here(&breaks);
        self.assigned = before;
    }

    /// The turns of a loop whose list stands ready; what leaves it. `next` comes to the next element.
    fn turns(&mut self, var: Reg, next: Instr, body: &'a [Stmt], span: Span) -> Vec<Patch> {
        let entry = self.chunk.emit_jump(Instr::Jump { to: 0 }, span);
        let head = self.chunk.here();
        self.assigned.insert(var);
        self.loops.push(LoopFrame { tries: self.tries, ..LoopFrame::default() });
        self.count(span);
        self.turning += 1;
        self.block(body);
        self.turning -= 1;
        let frame = self.loops.pop().unwrap_or_default();
        self.chunk.patch_here(&frame.continues);
        self.chunk.patch_here(&[entry]);
        self.emit(next, span);
        self.loop_back(head, span);
        frame.breaks
    }

    /// What begins a walk over pages, and its arguments, if that is what a loop walks over.
    fn walk(&self, over: &'a Expr) -> Option<(u16, &'a [Arg])> {
        let ExprKind::Call { name, args } = &over.kind else { return None };
        let Callee::Host(index) = self.resolve(&[&name.text]) else { return None };
        let first = host::first_page_of(host::HOST_CALLS.get(index)?.name)?;
        Some((host::by_name(first)? as u16, args))
    }

    /// `for each row in rows(…)`: a loop over the items of a page, within a loop over the pages. A page
    /// is a map of `items` and of `next`, which asks for the page after it. When a page is used up,
    /// nothing holds it any more, and only then the next one is asked for.
    fn for_each_page(
        &mut self,
        var: Reg,
        first: u16,
        args: &'a [Arg],
        over: Span,
        body: &'a [Stmt],
        span: Span,
    ) {
        let at = self.temps(3);
        let page = self.temp();
        let mark = self.mark();
        let base = self.arguments(args, over);
        self.emit(Instr::Host { argc: args.len() as u8, call: first, base, to: page }, over);
        self.release(mark);
        let turned = self.chunk.here();
        let before = self.assigned.clone();
        self.page_part("items", page, at, over);
        self.emit(Instr::Each { at, over: at }, over);
        self.chunk.note(over, over);
        self.page_part("next", page, page, over);
        let breaks = self.turns(var, Instr::EachNext { at, var }, body, span);
        self.emit(Instr::Null { to: at }, span);
        let end = self.chunk.emit_jump(Instr::JumpNull { reg: page, to: 0 }, span);
        let next = host::by_name("nextPage").unwrap_or_default() as u16;
        self.emit(Instr::Host { argc: 1, call: next, base: page, to: page }, over);
        self.loop_back(turned, span);
        self.chunk.patch_here(&[end]);
        self.chunk.patch_here(&breaks);
        self.assigned = before;
    }

    fn page_part(&mut self, key: &str, page: Reg, to: Reg, span: Span) {
        let mark = self.mark();
        let key = self.text_temp(key, span);
        self.emit(Instr::Get { to, object: page, key }, span);
        self.release(mark);
    }
}
