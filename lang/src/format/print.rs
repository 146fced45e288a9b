//! Lays pieces out: a group stands on one line if it fits there, and else all its own lines end.
//!
//! Line ends and blanks are held back until something follows, so that no line ends with a blank. A comma or
//! semicolon comes before a comment that ends the line.

use super::comments::Comment;
use super::doc::{Doc, Group};
use super::{LINE_WIDTH, TAB_WIDTH};

/// The text of a script; `mark` comes first.
pub fn print(body: &Group<'_>, mark: &str, line_ending: &str) -> String {
    let mut printer = Printer {
        out: mark.to_owned(),
        begins: true,
        column: 0,
        line_end: None,
        blank: false,
        opened: false,
        comment_at: None,
        line_ending,
    };
    printer.all(body);
    if !printer.begins {
        printer.out.push_str(line_ending);
    }
    printer.out
}

struct Printer<'p> {
    out: String,
    /// Nothing has been written yet.
    begins: bool,
    column: usize,
    /// A line ends before the next characters; true if an empty one follows.
    line_end: Option<bool>,
    /// A blank stands before the next characters.
    blank: bool,
    /// The last characters were an opening bracket.
    opened: bool,
    /// Where a comment begins that ends the line behind other characters, if it was written last.
    comment_at: Option<usize>,
    line_ending: &'p str,
}

/// A piece to write: how far in, and whether its lines end only where they must.
#[derive(Clone, Copy)]
struct Next<'d, 't> {
    indent: usize,
    flat: bool,
    doc: &'d Doc<'t>,
}

fn push_all<'d, 't>(stack: &mut Vec<Next<'d, 't>>, group: &'d Group<'t>, indent: usize, flat: bool) {
    stack.extend(group.docs.iter().rev().map(|doc| Next { indent, flat, doc }));
}

impl Printer<'_> {
    fn all(&mut self, body: &Group<'_>) {
        let mut stack = Vec::new();
        push_all(&mut stack, body, 0, false);
        while let Some(Next { indent, flat, doc }) = stack.pop() {
            match doc {
                Doc::Text(text) => self.text(text, indent),
                Doc::Blank => self.blank = true,
                Doc::Line { flat: blank, .. } if flat => self.blank |= !blank.is_empty(),
                Doc::Line { blank, .. } | Doc::Hard { blank } => self.end_line(*blank),
                Doc::Inline(comment) => {
                    self.blank = !self.opened && !self.begins;
                    self.comment(comment, indent);
                    self.blank = true;
                }
                Doc::Trailing(comment) => self.trailing(comment, indent),
                Doc::OwnLine(comment) => {
                    self.end_line(comment.blank);
                    self.comment(comment, indent);
                    self.end_line(false);
                }
                Doc::Indent(group) => push_all(&mut stack, group, indent + 1, flat),
                Doc::Group(group) => {
                    let flat = flat || !group.broken && self.fits(group, indent, &stack);
                    push_all(&mut stack, group, indent, flat);
                }
            }
        }
    }

    fn end_line(&mut self, blank: bool) {
        self.line_end = Some(self.line_end.unwrap_or(false) || blank);
        self.blank = false;
    }

    fn text(&mut self, text: &str, indent: usize) {
        if let Some(at) = self.comment_at.filter(|_| matches!(text, ";" | ",")) {
            return self.out.insert_str(at, text);
        }
        self.position(indent);
        self.out.push_str(text);
        match text.rfind('\n') {
            Some(at) => self.column = text[at + 1..].chars().count(),
            None => self.column += text.chars().count(),
        }
        self.opened = matches!(text, "{" | "[" | "(");
    }

    /// Writes the line ends and blanks that were held back.
    fn position(&mut self, indent: usize) {
        if let Some(blank) = self.line_end.take()
            && !self.begins
        {
            self.out.push_str(self.line_ending);
            if blank && !self.opened {
                self.out.push_str(self.line_ending);
            }
            self.out.extend(std::iter::repeat_n('\t', indent));
            self.column = indent * TAB_WIDTH;
        } else if self.blank {
            self.out.push(' ');
            self.column += 1;
        }
        self.begins = false;
        self.blank = false;
        self.comment_at = None;
    }

    fn trailing(&mut self, comment: &Comment<'_>, indent: usize) {
        let own_line = self.line_end.is_some();
        let at = self.out.len();
        self.blank = !self.opened || comment.ends_line();
        self.comment(comment, indent);
        if own_line || comment.ends_line() {
            self.end_line(false);
            self.comment_at = (!own_line).then_some(at);
        }
    }

    /// The lines of a comment. Those that begin with a star are set under the first star.
    fn comment(&mut self, comment: &Comment<'_>, indent: usize) {
        let mut lines = comment.text.split('\n').map(str::trim_end);
        self.text(lines.next().unwrap_or_default(), indent);
        for line in lines {
            self.out.push_str(self.line_ending);
            if line.trim_start().starts_with('*') {
                self.out.extend(std::iter::repeat_n('\t', indent));
                self.out.push(' ');
                self.out.push_str(line.trim_start());
            } else {
                self.out.push_str(line);
            }
        }
        self.opened = false;
    }

    /// Whether a group and what must follow it on the line fit on what is left of the line.
    fn fits<'d, 't>(&self, group: &'d Group<'t>, indent: usize, after: &[Next<'d, 't>]) -> bool {
        let column =
            if self.line_end.is_some() { indent * TAB_WIDTH } else { self.column + usize::from(self.blank) };
        let Some(mut left) = LINE_WIDTH.checked_sub(column) else { return false };
        let mut stack = Vec::new();
        push_all(&mut stack, group, indent, true);
        let mut after = after.iter().rev();
        loop {
            let mut pop = || stack.pop().or_else(|| after.next().map(|next| Next { flat: false, ..*next }));
            let Some(next) = pop() else { return true };
            let width = match next.doc {
                Doc::Text(text) => match text.split_once('\n') {
                    Some((first, _)) => return first.chars().count() <= left,
                    None => text.chars().count(),
                },
                Doc::Blank => 1,
                Doc::Line { flat, .. } if next.flat => flat.len(),
                Doc::Inline(comment) => comment.text.chars().count() + 1,
                Doc::Trailing(comment) if !comment.ends_line() => comment.text.chars().count() + 1,
                Doc::Trailing(_) => {
                    let moves = pop().is_some_and(|next| matches!(next.doc, Doc::Text(";" | ",")));
                    return !moves || left > 0;
                }
                Doc::Line { .. } | Doc::Hard { .. } | Doc::OwnLine(_) => return true,
                Doc::Indent(group) | Doc::Group(group) => {
                    push_all(&mut stack, group, next.indent, next.flat);
                    0
                }
            };
            match left.checked_sub(width) {
                Some(rest) => left = rest,
                None => return false,
            }
        }
    }
}
