//! Which bracket closes which, found before parsing and without recursion. Recovery needs it: to jump
//! over a bracket whose inside cannot be read, and to tell a bracket that is never closed from one
//! with a slip inside.

use super::token::{Op, Token, TokenKind};

/// For each token the position of the bracket that belongs to it.
#[derive(Debug)]
pub struct Brackets {
    mates: Vec<u32>,
    open: Vec<usize>,
}

const NONE: u32 = u32::MAX;

struct Opening {
    at: usize,
    op: Op,
    /// A brace that holds statements; a `;` inside closes nothing around it.
    block: bool,
}

impl Brackets {
    /// Pairs the brackets of a token list.
    ///
    /// A `;` ends every bracket that belongs to an expression; a closing bracket ends unclosed ones
    /// of other shape inside the pair it closes, but never reaches out of a block.
    pub fn new(tokens: &[Token], text: &str) -> Self {
        let mut mates = vec![NONE; tokens.len()];
        let mut stack: Vec<Opening> = Vec::new();
        for (at, token) in tokens.iter().enumerate() {
            let TokenKind::Op(op) = token.kind else { continue };
            if op.closer().is_some() {
                let block = op == Op::BraceOpen && opens_block(tokens, at, text, &stack);
                stack.push(Opening { at, op, block });
            } else if op == Op::Semicolon {
                while stack.last().is_some_and(|open| !open.block) {
                    stack.pop();
                }
            } else if op.is_closer() {
                let fits = |open: &Opening| open.op.closer() == Some(op);
                let reach = stack.iter().rposition(|open| fits(open) || (open.block && op != Op::BraceClose));
                if let Some(depth) = reach.filter(|depth| fits(&stack[*depth])) {
                    mates[at] = stack[depth].at as u32;
                    mates[stack[depth].at] = at as u32;
                    stack.truncate(depth);
                }
            }
        }
        Self { mates, open: stack.iter().map(|open| open.at).collect() }
    }

    /// The bracket that belongs to the one at this token.
    pub fn mate(&self, at: usize) -> Option<usize> {
        self.mates.get(at).copied().filter(|mate| *mate != NONE).map(|mate| mate as usize)
    }

    /// Whether a bracket is still open at the end.
    pub fn any_open(&self) -> bool {
        !self.open.is_empty()
    }
}

fn opens_block(tokens: &[Token], at: usize, text: &str, stack: &[Opening]) -> bool {
    let Some(before) = at.checked_sub(1).map(|i| tokens[i]) else { return true };
    match before.kind {
        TokenKind::Ident => {
            let word = &text[before.span.range()];
            !["return", "info", "throw", "in", "and", "or", "not", "contains", "like"]
                .iter()
                .any(|expression| expression.eq_ignore_ascii_case(word))
        }
        TokenKind::Op(Op::BraceOpen) => stack.last().is_none_or(|open| open.block),
        TokenKind::Op(Op::Semicolon | Op::Arrow | Op::ThinArrow) => true,
        TokenKind::Op(op) => op.is_closer(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::super::lexer::lex;
    use super::*;

    fn pairs(text: &str) -> Vec<(u32, u32)> {
        let tokens = lex(text).tokens;
        let brackets = Brackets::new(&tokens, text);
        (0..tokens.len())
            .filter_map(|at| brackets.mate(at).filter(|mate| *mate > at).map(|mate| (at, mate)))
            .map(|(open, close)| (tokens[open].span.start, tokens[close].span.start))
            .collect()
    }

    #[test]
    fn brackets_find_their_mates() {
        assert_eq!(pairs("f(a[1], {2})"), [(1, 11), (3, 5), (8, 10)]);
        assert_eq!(pairs("if (x { a; } y = (2);"), [(6, 11), (17, 19)]);
        assert_eq!(pairs("x = (1; y = (2);"), [(12, 14)]);
        assert_eq!(pairs("f(\"a\", {1); g();"), [(1, 9), (13, 14)]);
        assert_eq!(pairs("a) b"), []);
    }

    #[test]
    fn what_is_still_open_at_the_end_is_known() {
        let open = |text: &str| Brackets::new(&lex(text).tokens, text).any_open();
        assert!(open("if (x) {"));
        assert!(open("f(1,"));
        assert!(!open("f(1;"));
        assert!(!open("f(1);"));
    }
}
