//! What stands between brackets, separated by commas: arguments, lists, maps, parameters.

use super::doc::{Doc, Docs, NEWLINE, SOFT, SPACE};
use super::layout::Layout;
use crate::syntax::token::{Op, TokenKind};
use std::ops::Range;

/// Texts up to this many bytes may stand side by side where a list takes several lines.
const SHORT: usize = 24;

impl<'t> Layout<'t> {
    /// The arguments of a call. A literal that is the last, behind nothing but simple ones, opens on the
    /// line of the call: `m.put("k", {`.
    pub(super) fn arguments(&self, out: &mut Docs<'t>, open: usize) {
        let (parts, _) = self.parts(open);
        if !self.ends_with_literal(open, &parts) {
            return self.items(out, open, |out, range| self.item(out, range));
        }
        self.token(out, open);
        for (number, part) in parts.iter().enumerate() {
            if number > 0 {
                self.token(out, part.start - 1);
                out.push(Doc::Blank);
            }
            self.item(out, part.clone());
        }
        self.token(out, self.mate(open));
    }

    fn ends_with_literal(&self, open: usize, parts: &[Range<usize>]) -> bool {
        let Some((last, others)) = parts.split_last() else { return false };
        let opens = matches!(self.op(last.start), Some(Op::BraceOpen | Op::SquareOpen));
        let close = self.mate(open);
        opens
            && last.len() > 2
            && self.mate(last.start) + 1 == last.end
            && last.end == close
            && others.iter().all(|part| part.len() == 1)
            && (open..last.start).all(|at| !self.comment_follows(at))
            && !self.comment_follows(close - 1)
    }

    /// A list or a map. One whose first item the author put on a new line stays so.
    pub(super) fn literal(&self, out: &mut Docs<'t>, open: usize) {
        self.items(out, open, |out, range| self.item(out, range));
    }

    /// `e` or `k: v`
    fn item(&self, out: &mut Docs<'t>, range: Range<usize>) {
        let Some(colon) = self.colon(range.clone()) else { return self.expr(out, range) };
        self.expr(out, range.start..colon);
        self.token(out, colon);
        out.push(Doc::Blank);
        self.expr(out, colon + 1..range.end);
    }

    /// The colon between key and value, which is not that of `List:String(…)`.
    fn colon(&self, range: Range<usize>) -> Option<usize> {
        let mut at = range.start;
        while at < range.end {
            if self.is_op(at, Op::Colon) && !self.is_typed_list(at, range.start) {
                return Some(at);
            }
            at = self.mate(at).max(at) + 1;
        }
        None
    }

    fn is_typed_list(&self, colon: usize, start: usize) -> bool {
        colon > start
            && self.is_word(colon - 1, "list")
            && self.is_name(colon + 1)
            && self.is_op(colon + 2, Op::ParenOpen)
            && !(colon > start + 1 && self.is_op(colon - 2, Op::Dot))
            && crate::syntax::parser::is_element_type(self.spelling(colon + 1))
    }

    /// The tokens between the commas, and the comma behind the last, if there is one.
    fn parts(&self, open: usize) -> (Vec<Range<usize>>, Option<usize>) {
        let close = self.mate(open);
        let mut parts = Vec::new();
        let mut start = open + 1;
        let mut at = start;
        while at < close {
            if self.is_op(at, Op::Comma) {
                parts.push(start..at);
                start = at + 1;
            }
            at = self.mate(at).max(at) + 1;
        }
        if start < close {
            parts.push(start..close);
            return (parts, None);
        }
        let comma = parts.last().map(|last| last.end);
        (parts, comma)
    }

    /// Everything from the opening to the closing bracket.
    pub(super) fn items(&self, out: &mut Docs<'t>, open: usize, item: impl Fn(&mut Docs<'t>, Range<usize>)) {
        let close = self.mate(open);
        let (parts, last_comma) = self.parts(open);
        let keeps = !self.is_op(open, Op::ParenOpen) && self.starts_line(open + 1);
        let side_by_side = parts.len() > 3
            && parts.iter().all(|part| self.is_short(part))
            && !(open..close).any(|at| self.comment_follows(at));
        let mut whole = Docs::new();
        self.token(&mut whole, open);
        let mut inside = Docs::new();
        for (number, part) in parts.iter().enumerate() {
            let mut docs = Docs::new();
            let blank = self.blank_before(part.start);
            docs.push(if number == 0 { SOFT } else { Doc::Line { flat: " ", blank } });
            item(&mut docs, part.clone());
            if part.end < close && last_comma != Some(part.end) {
                self.token(&mut docs, part.end);
            }
            if side_by_side && number > 0 {
                docs[0] = SPACE;
                inside.push(Doc::group(docs));
            } else {
                inside.append(&mut docs);
            }
        }
        if let Some(comma) = last_comma {
            self.left_out(&mut inside, comma);
        }
        self.leading(&mut inside, close);
        let empty = inside.is_empty();
        whole.push(Doc::indent(inside));
        if !parts.is_empty() {
            whole.push(SOFT);
        } else if !empty {
            whole.push(NEWLINE);
        }
        self.closing(&mut whole, close);
        out.push(if keeps && !parts.is_empty() { Doc::broken(whole) } else { Doc::group(whole) });
    }

    fn is_short(&self, part: &Range<usize>) -> bool {
        part.len() == 1
            && match self.tokens[part.start].kind {
                TokenKind::Int | TokenKind::Decimal => true,
                TokenKind::Text { .. } => {
                    self.spelling(part.start).len() <= SHORT && !self.spelling(part.start).contains('\n')
                }
                _ => false,
            }
    }
}
