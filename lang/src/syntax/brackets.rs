//! Which bracket closes which, found before parsing and without recursion. Recovery needs it: to jump
//! over a bracket whose inside cannot be read, and to tell a bracket that is never closed from one
//! with a slip inside.

use super::token::{Op, Token, TokenKind};

/// For each token the position of the bracket that belongs to it.
#[derive(Debug)]
pub struct Brackets {
    mates: Vec<u32>,
    any_open: bool,
}

const NONE: u32 = u32::MAX;

struct Opening {
    at: usize,
    op: Op,
    /// A brace that holds statements; a `;` inside closes nothing around it.
    block: bool,
    /// Round and square brackets up to here that a closing one may reach: those within the block.
    /// Knowing the number keeps a search from being made in vain for every closing bracket.
    round: u32,
    square: u32,
}

impl Brackets {
    /// Pairs the brackets of a token list.
    ///
    /// A `;` ends every bracket that belongs to an expression; a closing bracket ends unclosed ones
    /// of other shape inside the pair it closes, but never reaches out of a block.
    pub fn new(tokens: &[Token], text: &str) -> Self {
        let mut mates = vec![NONE; tokens.len()];
        let mut stack: Vec<Opening> = Vec::new();
        let mut braces = 0u32;
        for (at, token) in tokens.iter().enumerate() {
            let TokenKind::Op(op) = token.kind else { continue };
            if op.closer().is_some() {
                braces += u32::from(op == Op::BraceOpen);
                stack.push(opening(tokens, at, op, text, &stack));
            } else if op == Op::Semicolon {
                while stack.last().is_some_and(|open| !open.block) {
                    braces -= u32::from(stack.pop().is_some_and(|open| open.op == Op::BraceOpen));
                }
            } else if op.is_closer() {
                let reachable = match op {
                    Op::BraceClose => braces,
                    Op::ParenClose => stack.last().map_or(0, |open| open.round),
                    _ => stack.last().map_or(0, |open| open.square),
                };
                while reachable > 0
                    && let Some(open) = stack.pop()
                {
                    braces -= u32::from(open.op == Op::BraceOpen);
                    if open.op.closer() == Some(op) {
                        mates[at] = open.at as u32;
                        mates[open.at] = at as u32;
                        break;
                    }
                }
            }
        }
        Self { mates, any_open: !stack.is_empty() }
    }

    /// The bracket that belongs to the one at this token.
    pub fn mate(&self, at: usize) -> Option<usize> {
        self.mates.get(at).copied().filter(|mate| *mate != NONE).map(|mate| mate as usize)
    }

    /// Whether a bracket is still open at the end.
    pub fn any_open(&self) -> bool {
        self.any_open
    }
}

fn opening(tokens: &[Token], at: usize, op: Op, text: &str, stack: &[Opening]) -> Opening {
    let outer_is_block = || stack.last().is_none_or(|open| open.block);
    let block = op == Op::BraceOpen && opens_block(tokens, at, text, outer_is_block);
    let outer = stack.last().filter(|_| !block).map_or((0, 0), |open| (open.round, open.square));
    let (round, square) =
        (outer.0 + u32::from(op == Op::ParenOpen), outer.1 + u32::from(op == Op::SquareOpen));
    Opening { at, op, block, round, square }
}

/// Whether the `{` at this token holds statements, by what stands before it; `outer_is_block` tells
/// the same of the bracket around it.
pub(crate) fn opens_block(
    tokens: &[Token],
    at: usize,
    text: &str,
    outer_is_block: impl FnOnce() -> bool,
) -> bool {
    let Some(before) = at.checked_sub(1).map(|i| tokens[i]) else { return true };
    match before.kind {
        TokenKind::Ident => {
            let word = &text[before.span.range()];
            !["return", "info", "throw", "in", "and", "or", "not", "contains", "like"]
                .iter()
                .any(|expression| expression.eq_ignore_ascii_case(word))
        }
        TokenKind::Op(Op::BraceOpen) => outer_is_block(),
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
