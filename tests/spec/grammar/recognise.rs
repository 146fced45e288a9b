//! Whether a grammar has a script: from each place in the tokens all places that a production can
//! reach. The productions of the spec repeat instead of calling themselves on the left.

use super::ebnf::{Expr, Grammar};
use sluis_lang::syntax::lexer::lex;
use sluis_lang::syntax::token::{Token, TokenKind};
use std::collections::{BTreeMap, BTreeSet};

/// A grammar over the tokens of a script.
pub struct Recogniser<'a> {
    grammar: &'a Grammar,
    script: &'a str,
    tokens: Vec<Token>,
    /// Where a production can end that begins at a place.
    known: BTreeMap<(&'a str, usize), BTreeSet<usize>>,
    furthest: usize,
}

impl<'a> Recogniser<'a> {
    /// Cuts the script.
    pub fn new(grammar: &'a Grammar, script: &'a str) -> Self {
        let mut tokens = lex(script).tokens;
        tokens.pop();
        Self { grammar, script, tokens, known: BTreeMap::new(), furthest: 0 }
    }

    /// Whether a production covers all tokens; else the text from the furthest token that was reached.
    pub fn accepts(mut self, rule: &'a str) -> Result<(), String> {
        if self.rule(rule, 0).contains(&self.tokens.len()) {
            return Ok(());
        }
        let start =
            self.tokens.get(self.furthest).map_or(self.script.len(), |token| token.span.start as usize);
        Err(self.script[start..].chars().take(40).collect())
    }

    fn rule(&mut self, name: &'a str, at: usize) -> BTreeSet<usize> {
        if let Some(known) = self.known.get(&(name, at)) {
            return known.clone();
        }
        let found = match self.grammar.rule(name) {
            Some(expr) => self.expr(expr, at),
            None => self.class(name, at),
        };
        self.known.insert((name, at), found.clone());
        found
    }

    fn class(&mut self, name: &str, at: usize) -> BTreeSet<usize> {
        let fits = self.tokens.get(at).is_some_and(|token| match name {
            "NAME" => token.kind == TokenKind::Ident,
            "INT" => token.kind == TokenKind::Int,
            "DECIMAL" => token.kind == TokenKind::Decimal,
            "TEXT" => matches!(token.kind, TokenKind::Text { .. }),
            _ => false,
        });
        self.step(fits, at)
    }

    fn step(&mut self, fits: bool, at: usize) -> BTreeSet<usize> {
        if fits {
            self.furthest = self.furthest.max(at + 1);
        }
        fits.then_some(at + 1).into_iter().collect()
    }

    fn expr(&mut self, expr: &'a Expr, at: usize) -> BTreeSet<usize> {
        match expr {
            Expr::Rule(name) => self.rule(name, at),
            Expr::Terminal(text) => {
                let written = self.tokens.get(at).map(|token| &self.script[token.span.range()]);
                let fits = written.is_some_and(|written| written.eq_ignore_ascii_case(text));
                self.step(fits, at)
            }
            Expr::All(parts) => {
                let mut ends = BTreeSet::from([at]);
                for part in parts {
                    ends = ends.into_iter().flat_map(|at| self.expr(part, at)).collect();
                }
                ends
            }
            Expr::One(ways) => ways.iter().flat_map(|way| self.expr(way, at)).collect(),
            Expr::Maybe(part) => self.expr(part, at).into_iter().chain([at]).collect(),
            Expr::Many(part) => {
                let (mut ends, mut open) = (BTreeSet::from([at]), vec![at]);
                while let Some(from) = open.pop() {
                    open.extend(self.expr(part, from).into_iter().filter(|end| ends.insert(*end)));
                }
                ends
            }
            Expr::Described(text) => panic!("`{text}` stands for characters, not for tokens"),
        }
    }
}
