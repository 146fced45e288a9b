//! Statements, functions and their blocks.

use super::doc::{Doc, Docs, NEWLINE};
use super::layout::Layout;
use crate::syntax::ast::{Expr, Function, Stmt, StmtKind};
use crate::syntax::token::Op;
use std::ops::Range;

enum Item<'a> {
    Stmt(&'a Stmt),
    Function(&'a Function),
}

impl Item<'_> {
    fn start(&self) -> u32 {
        match self {
            Item::Stmt(stmt) => stmt.span.start,
            Item::Function(function) => function.span.start,
        }
    }
}

impl<'t> Layout<'t> {
    /// Statements and functions in the order of the text, each on a line of its own.
    pub(super) fn statements(&self, out: &mut Docs<'t>, stmts: &[Stmt], functions: &[Function]) {
        let written = stmts.iter().filter(|stmt| stmt.kind != StmtKind::Empty);
        let mut items: Vec<Item<'_>> = written.map(Item::Stmt).collect();
        if !functions.is_empty() {
            items.extend(functions.iter().map(Item::Function));
            items.sort_by_key(Item::start);
        }
        let mut after_function = false;
        let mut first = true;
        for item in items {
            let at = self.token_at(item.start());
            let is_function = matches!(item, Item::Function(_));
            let apart = (is_function || after_function) && !first;
            out.push(Doc::Hard { blank: apart || self.blank_before(at) });
            match item {
                Item::Stmt(stmt) => self.stmt(out, stmt, at),
                Item::Function(function) => self.function(out, function, at),
            }
            after_function = is_function;
            first = false;
        }
    }

    fn stmt(&self, out: &mut Docs<'t>, stmt: &Stmt, at: usize) {
        let range = at..self.token_after(stmt.span);
        match &stmt.kind {
            StmtKind::If { arms, otherwise } => self.if_stmt(out, at, arms, otherwise.as_deref()),
            StmtKind::ForEach { body, .. } => self.for_each(out, range, body),
            StmtKind::While { body, .. } => {
                self.token_as(out, at, "while");
                let open = self.condition(out, at + 1);
                self.block(out, open, body);
            }
            StmtKind::Try { body, handler, .. } => self.try_catch(out, at, body, handler),
            StmtKind::Return(None) => self.ended(out, range, |out| self.token_as(out, at, "return")),
            StmtKind::Break => self.ended(out, range, |out| self.token_as(out, at, "break")),
            StmtKind::Continue => self.ended(out, range, |out| self.token_as(out, at, "continue")),
            StmtKind::Return(Some(_)) => self.ended(out, range.clone(), |out| {
                self.token_as(out, at, "return");
                out.push(Doc::Blank);
                self.bare(out, at + 1..range.end);
            }),
            // Brackets stay: without them `info (x)` might no longer be the keyword.
            StmtKind::Info(_) => self.valued(out, range, "info"),
            StmtKind::Throw(_) => self.valued(out, range, "throw"),
            StmtKind::Assign { .. } => self.assign(out, range),
            StmtKind::Expr(_) | StmtKind::Empty | StmtKind::Bad => {
                self.ended(out, range.clone(), |out| self.expr(out, range));
            }
        }
    }

    fn valued(&self, out: &mut Docs<'t>, range: Range<usize>, word: &'static str) {
        self.ended(out, range.clone(), |out| {
            self.token_as(out, range.start, word);
            out.push(Doc::Blank);
            self.expr(out, range.start + 1..range.end);
        });
    }

    fn assign(&self, out: &mut Docs<'t>, range: Range<usize>) {
        let mut sign = range.start;
        while sign + 1 < range.end && !self.op(sign).is_some_and(Op::is_assignment) {
            sign = self.mate(sign).max(sign) + 1;
        }
        self.ended(out, range.clone(), |out| {
            self.expr(out, range.start..sign);
            out.push(Doc::Blank);
            self.token(out, sign);
            out.push(Doc::Blank);
            self.bare(out, sign + 1..range.end);
        });
    }

    fn if_stmt(&self, out: &mut Docs<'t>, at: usize, arms: &[(Expr, Vec<Stmt>)], otherwise: Option<&[Stmt]>) {
        let mut at = at;
        for (number, (_, body)) in arms.iter().enumerate() {
            if number > 0 {
                self.another(out, at, "else");
                out.push(Doc::Blank);
                at += 1;
            }
            self.token_as(out, at, "if");
            let open = self.condition(out, at + 1);
            at = self.block(out, open, body);
        }
        if let Some(body) = otherwise {
            self.another(out, at, "else");
            self.block(out, at + 1, body);
        }
    }

    /// `else` or `catch` on a new line.
    fn another(&self, out: &mut Docs<'t>, at: usize, word: &'static str) {
        out.push(Doc::Hard { blank: false });
        self.token_as(out, at, word);
    }

    /// `( … )`; where it goes on after that.
    fn condition(&self, out: &mut Docs<'t>, open: usize) -> usize {
        let close = self.mate(open);
        self.token(out, open);
        self.bare(out, open + 1..close);
        self.token(out, close);
        close + 1
    }

    fn for_each(&self, out: &mut Docs<'t>, range: Range<usize>, body: &[Stmt]) {
        let open = self.mate(range.end - 1);
        let mut at = range.start;
        let words = if self.is_word(at + 2, "index") && !self.is_word(at + 3, "in") {
            ["for", "each", "index"].as_slice()
        } else {
            ["for", "each"].as_slice()
        };
        for word in words {
            self.token_as(out, at, word);
            out.push(Doc::Blank);
            at += 1;
        }
        self.token(out, at);
        out.push(Doc::Blank);
        self.token_as(out, at + 1, "in");
        out.push(Doc::Blank);
        self.expr(out, at + 2..open);
        self.block(out, open, body);
    }

    fn try_catch(&self, out: &mut Docs<'t>, at: usize, body: &[Stmt], handler: &[Stmt]) {
        self.token_as(out, at, "try");
        let mut at = self.block(out, at + 1, body);
        self.another(out, at, "catch");
        at += 1;
        if self.is_op(at, Op::ParenOpen) {
            out.push(Doc::Blank);
            let close = self.mate(at);
            (at..=close).for_each(|at| self.token(out, at));
            at = close + 1;
        }
        self.block(out, at, handler);
    }

    /// `{ … }`, each brace on its own line; where it goes on after that.
    fn block(&self, out: &mut Docs<'t>, open: usize, body: &[Stmt]) -> usize {
        let close = self.mate(open);
        self.opening_line(out, open);
        let mut inside = Docs::new();
        self.statements(&mut inside, body, &[]);
        self.leading(&mut inside, close);
        out.push(Doc::indent(inside));
        out.push(NEWLINE);
        self.closing(out, close);
        close + 1
    }

    /// `string standalone.greet(String name)` and its body.
    fn function(&self, out: &mut Docs<'t>, function: &Function, at: usize) {
        let mut at = at;
        while !self.is_op(at, Op::ParenOpen) && at + 1 < self.tokens.len() {
            self.head_word(out, at);
            at += 1;
        }
        let close = self.mate(at);
        self.items(out, at, |out, range| range.for_each(|at| self.head_word(out, at)));
        self.block(out, close + 1, &function.body);
    }

    /// A word of a function's head, with a blank between two words.
    fn head_word(&self, out: &mut Docs<'t>, at: usize) {
        self.token(out, at);
        if self.is_name(at) && self.is_name(at + 1) {
            out.push(Doc::Blank);
        }
    }
}
