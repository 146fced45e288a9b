//! Scripts made by a grammar, always the same for the same seed.

use super::ebnf::{Expr, Grammar};
use std::collections::{BTreeMap, BTreeSet};

/// Makes scripts, and remembers which ways of the productions they took.
pub struct Generator<'a> {
    grammar: &'a Grammar,
    /// How many productions deep the shallowest text of each production is.
    height: BTreeMap<&'a str, usize>,
    /// Ways taken, by the place of the expression in memory and the number of the way.
    taken: BTreeSet<(*const Expr, usize)>,
    state: u64,
}

/// Tokens after which only the shallowest ways are taken.
const LONGEST: usize = 120;

const NAMES: &[&str] = &["a", "customer", "total2", "_x", "Deal_Name"];

/// Characters for what the lexical page describes.
const DESCRIBED: &[(&str, &[&str])] = &[
    ("a letter, A to Z or a to z", &["a", "Z", "q"]),
    ("a digit, 0 to 9", &["0", "7", "9"]),
    ("any character but a double quote or a backslash", &["x", "é", "'", "\n", " ", "🚀"]),
    ("any character but a single quote or a backslash", &["x", "é", "\"", "\n", " ", "🚀"]),
    ("any character", &["n", "\"", "'", "\\", "z"]),
    ("any character but a line end", &["x", "*", "/", "\"", "é"]),
    ("any character but a star", &["x", "/", "\n", "\""]),
    ("any character but a star or a slash", &["x", "\n", "'"]),
    ("a blank, a tab or a line end", &[" ", "\t", "\n", "\r\n"]),
    ("a line end", &["\n", "\r\n"]),
];

impl<'a> Generator<'a> {
    pub fn new(grammar: &'a Grammar, seed: u64) -> Self {
        let mut this = Self { grammar, height: BTreeMap::new(), taken: BTreeSet::new(), state: seed };
        // As long as a production is found to be shallower, those that use it may be, too.
        loop {
            let mut changed = false;
            for (name, expr) in grammar.rules() {
                let height = this.height_of(expr).saturating_add(1);
                let known = this.height.entry(name).or_insert(usize::MAX);
                changed |= height < *known;
                *known = height.min(*known);
            }
            if !changed {
                return this;
            }
        }
    }

    fn height_of(&self, expr: &Expr) -> usize {
        match expr {
            Expr::All(parts) => parts.iter().map(|part| self.height_of(part)).max().unwrap_or(0),
            Expr::One(ways) => ways.iter().map(|way| self.height_of(way)).min().unwrap_or(0),
            Expr::Maybe(_) | Expr::Many(_) | Expr::Terminal(_) | Expr::Described(_) => 0,
            Expr::Rule(name) if self.grammar.rule(name).is_none() => 0,
            Expr::Rule(name) => self.height.get(name.as_str()).copied().unwrap_or(usize::MAX),
        }
    }

    /// A number below `n`.
    fn below(&mut self, n: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state % n as u64) as usize
    }

    /// A text of a production, its tokens apart and each statement on a line of its own.
    pub fn script(&mut self, rule: &'a str, depth: usize) -> String {
        let mut tokens = Vec::new();
        self.rule(rule, depth, &mut tokens);
        let mut out = String::new();
        for token in tokens {
            out.push_str(&token);
            out.push(if matches!(token.as_str(), ";" | "{" | "}") { '\n' } else { ' ' });
        }
        out
    }

    /// A text of a production, its characters as they come.
    pub fn glued(&mut self, rule: &'a str) -> String {
        let mut parts = Vec::new();
        self.rule(rule, 6, &mut parts);
        parts.concat()
    }

    fn rule(&mut self, name: &'a str, depth: usize, out: &mut Vec<String>) {
        let Some(expr) = self.grammar.rule(name) else {
            let token = match name {
                "NAME" => NAMES[self.below(NAMES.len())],
                "INT" => "12",
                "DECIMAL" => "4.50",
                _ => "\"text\"",
            };
            return out.push(token.to_owned());
        };
        let start = out.len();
        let depth = if start > LONGEST { 0 } else { depth };
        loop {
            self.expr(expr, depth.saturating_sub(1), out);
            // As the page says, there are beginnings that make another statement of it.
            let other = |first: &String| ["if", "insert", "{", "["].contains(&first.as_str());
            if name != "effect" || !out.get(start).is_some_and(other) {
                return;
            }
            out.truncate(start);
        }
    }

    fn expr(&mut self, expr: &'a Expr, depth: usize, out: &mut Vec<String>) {
        match expr {
            Expr::All(parts) => parts.iter().for_each(|part| self.expr(part, depth, out)),
            Expr::One(ways) => {
                let fitting: Vec<usize> =
                    (0..ways.len()).filter(|way| self.height_of(&ways[*way]) <= depth).collect();
                let way = match fitting.len() {
                    0 => (0..ways.len()).min_by_key(|way| self.height_of(&ways[*way])).unwrap_or(0),
                    count => {
                        let fresh = |way: &&usize| !self.taken.contains(&(std::ptr::from_ref(expr), **way));
                        let fresh = fitting.iter().find(fresh).copied();
                        fresh.unwrap_or(fitting[self.below(count)])
                    }
                };
                self.taken.insert((std::ptr::from_ref(expr), way));
                self.expr(&ways[way], depth, out);
            }
            Expr::Maybe(part) => self.times(expr, part, 1, depth, out),
            Expr::Many(part) => self.times(expr, part, 2, depth, out),
            Expr::Terminal(text) => out.push(text.clone()),
            Expr::Described(what) => {
                let known = DESCRIBED.iter().find(|(known, _)| known == what);
                let (_, samples) = known.unwrap_or_else(|| panic!("what is `? {what} ?`"));
                out.push(samples[self.below(samples.len())].to_owned());
            }
            Expr::Rule(name) => self.rule(name, depth, out),
        }
    }

    fn times(&mut self, whole: &'a Expr, part: &'a Expr, most: usize, depth: usize, out: &mut Vec<String>) {
        let most = if self.height_of(part) < depth { most } else { 0 };
        let fresh = most > 0 && !self.taken.contains(&(std::ptr::from_ref(whole), 1));
        let times = if fresh { 1 } else { self.below(most + 1) };
        self.taken.insert((std::ptr::from_ref(whole), times.min(1)));
        for _ in 0..times {
            self.expr(part, depth, out);
        }
    }

    /// Ways that no script took, as they are in memory.
    pub fn never_taken(&self) -> Vec<String> {
        let mut missing = Vec::new();
        for (name, expr) in self.grammar.rules() {
            expr.walk(&mut |part| {
                let ways = match part {
                    Expr::One(ways) => ways.len(),
                    Expr::Maybe(_) | Expr::Many(_) => 2,
                    _ => 0,
                };
                let at = std::ptr::from_ref(part);
                let open = (0..ways).filter(|way| !self.taken.contains(&(at, *way)));
                missing.extend(open.map(|way| format!("{name}: way {way} of {part:?}")));
            });
        }
        missing
    }
}
