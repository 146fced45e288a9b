//! Reads the notation of the spec: `name = …;`, `|`, `[ ]` for once or not at all, `{ }` for any number
//! of times, `( )`, terminals in quotes of either kind, `? … ?` for characters that are described.

use std::collections::{BTreeMap, BTreeSet};

/// Tokens that `lexical.md` defines and other pages use.
pub const CLASSES: &[&str] = &["NAME", "INT", "DECIMAL", "TEXT"];

/// One side of a production.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// One after the other.
    All(Vec<Expr>),
    /// One of them.
    One(Vec<Expr>),
    /// Once or not at all.
    Maybe(Box<Expr>),
    /// Any number of times.
    Many(Box<Expr>),
    /// As it stands.
    Terminal(String),
    /// Another production, or a class of tokens.
    Rule(String),
    /// Characters that are described.
    Described(String),
}

impl Expr {
    /// Calls `see` for this and everything in it.
    pub fn walk<'a>(&'a self, see: &mut dyn FnMut(&'a Expr)) {
        see(self);
        match self {
            Expr::All(parts) | Expr::One(parts) => parts.iter().for_each(|part| part.walk(see)),
            Expr::Maybe(part) | Expr::Many(part) => part.walk(see),
            Expr::Terminal(_) | Expr::Rule(_) | Expr::Described(_) => {}
        }
    }
}

/// All productions of a page.
#[derive(Debug)]
pub struct Grammar(BTreeMap<String, Expr>);

impl Grammar {
    /// Reads productions.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut reader = Reader { pieces: pieces(text)?, at: 0 };
        let mut rules = BTreeMap::new();
        while reader.at < reader.pieces.len() {
            let Some(Piece::Name(name)) = reader.next() else {
                return Err("a production begins with its name".to_owned());
            };
            reader.expect('=', &name)?;
            let expr = reader.one_of(&name)?;
            reader.expect(';', &name)?;
            if rules.insert(name.clone(), expr).is_some() {
                return Err(format!("`{name}` is defined twice"));
            }
        }
        Ok(Self(rules))
    }

    /// The right side of a production.
    pub fn rule(&self, name: &str) -> Option<&Expr> {
        self.0.get(name)
    }

    /// All of them by name.
    pub fn rules(&self) -> impl Iterator<Item = (&String, &Expr)> {
        self.0.iter()
    }

    /// Names used from a production on, itself included.
    pub fn reachable(&self, from: &str) -> BTreeSet<String> {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from.to_owned()]);
        while let Some(name) = open.pop() {
            if seen.insert(name.clone())
                && let Some(expr) = self.rule(&name)
            {
                expr.walk(&mut |part| {
                    if let Expr::Rule(used) = part {
                        open.push(used.clone());
                    }
                });
            }
        }
        seen
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Name(String),
    Terminal(String),
    Described(String),
    Sign(char),
}

fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.trim_start().chars().next() {
        rest = rest.trim_start();
        let end = |close: char| rest[1..].find(close).ok_or_else(|| format!("`{first}` is not closed"));
        let (piece, len) = match first {
            '"' | '\'' => {
                let len = end(first)?;
                (Piece::Terminal(rest[1..=len].to_owned()), len + 2)
            }
            '?' => {
                let len = end('?')?;
                (Piece::Described(rest[1..=len].trim().to_owned()), len + 2)
            }
            '=' | '|' | '[' | ']' | '{' | '}' | '(' | ')' | ';' => (Piece::Sign(first), 1),
            c if c.is_alphabetic() => {
                let len = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
                (Piece::Name(rest[..len].to_owned()), len)
            }
            other => return Err(format!("`{other}` has no meaning in a production")),
        };
        found.push(piece);
        rest = &rest[len..];
    }
    Ok(found)
}

struct Reader {
    pieces: Vec<Piece>,
    at: usize,
}

impl Reader {
    fn next(&mut self) -> Option<Piece> {
        self.at += 1;
        self.pieces.get(self.at - 1).cloned()
    }

    fn is(&self, sign: char) -> bool {
        self.pieces.get(self.at) == Some(&Piece::Sign(sign))
    }

    fn expect(&mut self, sign: char, rule: &str) -> Result<(), String> {
        match self.next() {
            Some(Piece::Sign(found)) if found == sign => Ok(()),
            other => Err(format!("in `{rule}`: expected `{sign}`, found {other:?}")),
        }
    }

    fn one_of(&mut self, rule: &str) -> Result<Expr, String> {
        let mut ways = vec![self.all_of(rule)?];
        while self.is('|') {
            self.at += 1;
            ways.push(self.all_of(rule)?);
        }
        Ok(if ways.len() == 1 { ways.remove(0) } else { Expr::One(ways) })
    }

    fn all_of(&mut self, rule: &str) -> Result<Expr, String> {
        let mut parts = Vec::new();
        while !['|', ']', '}', ')', ';'].iter().any(|sign| self.is(*sign)) {
            parts.push(match self.next() {
                Some(Piece::Name(name)) => Expr::Rule(name),
                Some(Piece::Terminal(text)) => Expr::Terminal(text),
                Some(Piece::Described(text)) => Expr::Described(text),
                Some(Piece::Sign('[')) => Expr::Maybe(Box::new(self.inside(']', rule)?)),
                Some(Piece::Sign('{')) => Expr::Many(Box::new(self.inside('}', rule)?)),
                Some(Piece::Sign('(')) => self.inside(')', rule)?,
                other => return Err(format!("in `{rule}`: {other:?} stands in the wrong place")),
            });
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expr::All(parts) })
    }

    fn inside(&mut self, close: char, rule: &str) -> Result<Expr, String> {
        let expr = self.one_of(rule)?;
        self.expect(close, rule)?;
        Ok(expr)
    }
}
