//! Tasks: `invokeurl [ url: … type: GET ]`, one key per line.

use super::doc::{Doc, Docs, NEWLINE};
use super::layout::Layout;
use crate::syntax::token::Op;
use std::ops::Range;

impl<'t> Layout<'t> {
    /// From the opening square bracket on; where it goes on after the closing one.
    pub(super) fn task(&self, out: &mut Docs<'t>, open: usize) -> usize {
        let close = self.mate(open);
        self.opening_line(out, open);
        let mut inside = Docs::new();
        let mut at = open + 1;
        while at < close {
            let next = self.next_key(at + 1, close);
            if !self.is_op(at, Op::Comma) {
                inside.push(Doc::Hard { blank: self.blank_before(at) });
            }
            self.entry(&mut inside, at..next);
            at = next;
        }
        self.leading(&mut inside, close);
        out.push(Doc::indent(inside));
        out.push(NEWLINE);
        self.closing(out, close);
        close + 1
    }

    fn next_key(&self, at: usize, close: usize) -> usize {
        let mut at = at;
        while at < close && !self.marks.task_keys.contains(&self.tokens[at].span.start) {
            at = self.mate(at).max(at) + 1;
        }
        at
    }

    /// `key: value`; a comma behind it goes.
    fn entry(&self, out: &mut Docs<'t>, range: Range<usize>) {
        let mut end = range.end;
        while end > range.start && self.is_op(end - 1, Op::Comma) {
            end -= 1;
        }
        let mut at = range.start;
        while at < end && !self.is_op(at, Op::Colon) {
            self.token(out, at);
            at += 1;
            if self.is_name(at) && self.is_name(at - 1) {
                out.push(Doc::Blank);
            }
        }
        if at < end {
            self.token(out, at);
            out.push(Doc::Blank);
            self.value(out, at + 1..end);
        }
        (end..range.end).for_each(|comma| self.left_out(out, comma));
    }

    /// A value; of attachments, several separated by commas: `file:a, file:b`.
    fn value(&self, out: &mut Docs<'t>, range: Range<usize>) {
        let mut start = range.start;
        while start < range.end {
            let mut end = start;
            while end < range.end && !self.is_op(end, Op::Comma) {
                end = self.mate(end).max(end) + 1;
            }
            if self.is_name(start)
                && self.is_op(start + 1, Op::Colon)
                && start + 2 < end
                && !self.is_typed_list_at(start)
            {
                self.token(out, start);
                self.token(out, start + 1);
                start += 2;
            }
            self.expr(out, start..end);
            if end < range.end {
                self.token(out, end);
                out.push(Doc::Blank);
            }
            start = end + 1;
        }
    }

    fn is_typed_list_at(&self, start: usize) -> bool {
        self.is_word(start, "list") && self.is_op(start + 3, Op::ParenOpen)
    }
}
