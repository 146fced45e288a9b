//! Expressions: operators by precedence, operands with what hangs onto them.

use super::doc::{Doc, Docs, NEWLINE, SOFT, SPACE};
use super::layout::Layout;
use crate::syntax::token::{Op, TokenKind};
use std::ops::Range;

/// An operator between two operands.
#[derive(Clone, Copy)]
struct Infix {
    at: usize,
    tokens: usize,
    precedence: u8,
}

const OR: u8 = 1;
const AND: u8 = 2;
const COMPARE: u8 = 3;
const ADD: u8 = 4;
const MULTIPLY: u8 = 5;

/// How many calls in a row may break before their dots.
const LONG_CHAIN: usize = 3;

impl<'t> Layout<'t> {
    /// An expression without brackets around the whole of it. Those around a comment stay: without them a
    /// line inside might be read as a statement of its own.
    pub(super) fn bare(&self, out: &mut Docs<'t>, range: Range<usize>) {
        let Range { mut start, mut end } = range.clone();
        let commented = || (range.start.saturating_sub(1)..range.end - 1).any(|at| self.comment_follows(at));
        while self.wraps(&(start..end)) && !commented() {
            self.left_out(out, start);
            start += 1;
            end -= 1;
        }
        self.expr(out, start..end);
        (end..range.end).for_each(|at| self.left_out(out, at));
    }

    /// Whether one pair of round brackets stands around all these tokens.
    fn wraps(&self, range: &Range<usize>) -> bool {
        range.len() > 2 && self.is_op(range.start, Op::ParenOpen) && self.mate(range.start) == range.end - 1
    }

    /// An expression.
    pub(super) fn expr(&self, out: &mut Docs<'t>, range: Range<usize>) {
        let infixes = self.infixes(range.clone());
        self.chain(out, range, &infixes);
    }

    /// The operators outside brackets.
    fn infixes(&self, range: Range<usize>) -> Vec<Infix> {
        let mut found = Vec::new();
        let mut at = range.start;
        let mut operand_before = false;
        while at < range.end {
            let infix = if operand_before { self.infix(at) } else { None };
            if let Some(infix) = infix.filter(|_| !self.is_op(at.wrapping_sub(1), Op::Dot)) {
                found.push(infix);
                operand_before = false;
                at += infix.tokens;
                continue;
            }
            operand_before = match self.tokens[at].kind {
                TokenKind::Op(op) => op.closer().is_some() || op.is_closer(),
                TokenKind::Ident => !(self.is_word(at, "not") && !operand_before && self.value_follows(at)),
                _ => true,
            };
            at = self.mate(at).max(at) + 1;
        }
        found
    }

    /// Whether a value begins right behind the word `not`.
    fn value_follows(&self, at: usize) -> bool {
        self.tokens.get(at + 1).is_some_and(|next| !matches!(next.kind, TokenKind::Op(_) | TokenKind::End))
            && !self.is_word(at + 1, "in")
            && !self.is_word(at + 1, "is")
    }

    /// The operator behind an operand; `is null` is not one.
    fn infix(&self, at: usize) -> Option<Infix> {
        let one = |precedence| Some(Infix { at, tokens: 1, precedence });
        let Some(op) = self.op(at) else {
            return match self.spelling(at).to_ascii_lowercase().as_str() {
                "or" => one(OR),
                "and" => one(AND),
                "in" | "contains" | "like" => one(COMPARE),
                "not" if self.is_word(at + 1, "in") => Some(Infix { at, tokens: 2, precedence: COMPARE }),
                _ => None,
            };
        };
        match op {
            Op::OrOr => one(OR),
            Op::AndAnd => one(AND),
            Op::EqEq | Op::NotEq | Op::Lt | Op::Le | Op::Gt | Op::Ge | Op::Set => one(COMPARE),
            Op::StrictEq | Op::StrictNe | Op::AngleNe => one(COMPARE),
            Op::Plus | Op::Minus => one(ADD),
            Op::Star | Op::Slash | Op::Percent => one(MULTIPLY),
            _ => None,
        }
    }

    /// Operands with operators between them. The weakest operators break first; a line that the author
    /// ended at `+`, `&&` or `||` stays ended.
    fn chain(&self, out: &mut Docs<'t>, range: Range<usize>, infixes: &[Infix]) {
        let Some(weakest) = infixes.iter().map(|infix| infix.precedence).min() else {
            return self.operand(out, range);
        };
        let logical = weakest <= AND;
        let here: Vec<usize> = (0..infixes.len()).filter(|n| infixes[*n].precedence == weakest).collect();
        let ended = |infix: &Infix| {
            (logical || weakest == ADD) && (infix.at..=infix.at + infix.tokens).any(|at| self.starts_line(at))
        };
        let mut whole = Docs::new();
        let first = here.first().map_or(range.end, |n| infixes[*n].at);
        self.part(&mut whole, range.start..first, &infixes[..here.first().copied().unwrap_or(0)]);
        let mut rest = Docs::new();
        for (number, n) in here.iter().enumerate() {
            let infix = infixes[*n];
            let next = here.get(number + 1).copied();
            let end = next.map_or(range.end, |next| infixes[next].at);
            let mut part = vec![if ended(&infix) { NEWLINE } else { SPACE }];
            for at in infix.at..infix.at + infix.tokens {
                self.token(&mut part, at);
                part.push(Doc::Blank);
            }
            let inner = &infixes[n + 1..next.unwrap_or(infixes.len())];
            self.part(&mut part, infix.at + infix.tokens..end, inner);
            if logical { rest.append(&mut part) } else { rest.push(Doc::group(part)) }
        }
        whole.push(Doc::indent(rest));
        if logical { out.push(Doc::group(whole)) } else { out.append(&mut whole) }
    }

    fn part(&self, out: &mut Docs<'t>, range: Range<usize>, infixes: &[Infix]) {
        let mut part = Docs::new();
        self.chain(&mut part, range, infixes);
        if infixes.is_empty() { out.append(&mut part) } else { out.push(Doc::group(part)) }
    }

    /// Signs, a value, and what hangs onto it with `.`, `(` and `[`.
    fn operand(&self, out: &mut Docs<'t>, range: Range<usize>) {
        let calls = self.calls(range.clone());
        if calls.len() < LONG_CHAIN {
            return self.pieces(out, range);
        }
        let mut whole = Docs::new();
        self.pieces(&mut whole, range.start..calls[0]);
        let mut rest = Docs::new();
        for (number, call) in calls.iter().enumerate() {
            rest.push(SOFT);
            self.pieces(&mut rest, *call..calls.get(number + 1).copied().unwrap_or(range.end));
        }
        whole.push(Doc::indent(rest));
        out.push(Doc::group(whole));
    }

    /// The dots of calls on what came before.
    fn calls(&self, range: Range<usize>) -> Vec<usize> {
        let mut found = Vec::new();
        let mut at = range.start;
        while at < range.end {
            let called = self.is_op(at, Op::Dot) && self.is_op(at + 2, Op::ParenOpen);
            if called && at > range.start {
                found.push(at);
            }
            at = self.mate(at).max(at) + 1;
        }
        found
    }

    fn pieces(&self, out: &mut Docs<'t>, range: Range<usize>) {
        let mut at = range.start;
        while at < range.end {
            if at > range.start && self.is_apart(at) {
                out.push(Doc::Blank);
            }
            let Some(op) = self.op(at) else {
                self.token(out, at);
                at += 1;
                if self.marks.task_names.contains(&self.tokens[at - 1].span.start)
                    && self.is_op(at, Op::SquareOpen)
                {
                    at = self.task(out, at);
                }
                continue;
            };
            match op {
                Op::ParenOpen | Op::SquareOpen if at > range.start && self.ends_value(at - 1) => {
                    if op == Op::ParenOpen {
                        self.arguments(out, at);
                    } else {
                        self.index(out, at);
                    }
                }
                // What follows a dot at the beginning of the range hangs onto what came before it.
                Op::ParenOpen => self.brackets(out, at),
                Op::SquareOpen | Op::BraceOpen => self.literal(out, at),
                _ => self.token(out, at),
            }
            at = self.mate(at).max(at) + 1;
        }
    }

    /// `( e )` around a part.
    fn brackets(&self, out: &mut Docs<'t>, open: usize) {
        let close = self.mate(open);
        self.token(out, open);
        self.bare(out, open + 1..close);
        self.token(out, close);
    }

    /// `[ e ]` behind a value.
    fn index(&self, out: &mut Docs<'t>, open: usize) {
        let close = self.mate(open);
        self.token(out, open);
        self.expr(out, open + 1..close);
        self.token(out, close);
    }

    /// Whether a value ends with this token.
    fn ends_value(&self, at: usize) -> bool {
        match self.tokens[at].kind {
            TokenKind::Op(op) => op.is_closer(),
            TokenKind::Ident => !self.is_word(at, "not") || !self.value_follows(at),
            _ => true,
        }
    }

    /// Whether a blank must stand before a token inside an operand.
    fn is_apart(&self, at: usize) -> bool {
        let before = at - 1;
        match self.op(at) {
            None => self.op(before).is_none_or(Op::is_closer),
            // A point that ends a number, or might be read as doing so, keeps its distance.
            Some(Op::Dot) => {
                self.spelling(before).ends_with('.')
                    || self.tokens[before].kind == TokenKind::Int && self.comment_follows(at)
            }
            Some(op @ (Op::Plus | Op::Minus)) => self.is_op(before, op),
            Some(Op::BraceOpen) => self.op(before).is_none(),
            Some(_) => false,
        }
    }
}
