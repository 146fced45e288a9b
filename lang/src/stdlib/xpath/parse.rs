//! Text to [`Expr`], by recursive descent.

use super::{Arith, Axis, Compare, Expr, Refusal, Start, Step, Test};
use rust_decimal::Decimal;

/// Longest path, and how deep its brackets may nest.
const LONGEST: usize = 4_000;
const DEEPEST: u32 = 40;

/// Reads a path.
pub(crate) fn parse(text: &str) -> Result<Expr, Refusal> {
    if text.len() > LONGEST {
        return Err(Refusal::Syntax(format!("at most {LONGEST} characters"), LONGEST));
    }
    let mut reader = Reader { text, at: 0, depth: 0 };
    let expr = reader.or()?;
    reader.blank();
    if reader.at < text.len() {
        return reader.expected("the end of the path");
    }
    Ok(expr)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
}

type Read<T> = Result<T, Refusal>;

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn blank(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn expected<T>(&self, what: &str) -> Read<T> {
        Err(Refusal::Syntax(what.to_owned(), self.text[..self.at].chars().count() + 1))
    }

    /// Takes a mark if it comes next.
    fn mark(&mut self, mark: &str) -> bool {
        self.blank();
        let found = self.rest().starts_with(mark);
        if found {
            self.at += mark.len();
        }
        found
    }

    fn need(&mut self, mark: &str) -> Read<()> {
        if self.mark(mark) { Ok(()) } else { self.expected(&format!("`{mark}`")) }
    }

    /// Takes a word such as `and` where an operator may stand.
    fn word(&mut self, word: &str) -> bool {
        self.blank();
        let after = self.rest().strip_prefix(word);
        let found = after.is_some_and(|after| !after.starts_with(is_name_char));
        if found {
            self.at += word.len();
        }
        found
    }

    /// Takes a name without colon.
    fn name(&mut self) -> Option<&'a str> {
        self.blank();
        let rest = self.rest();
        if !rest.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            return None;
        }
        let end = rest.find(|c| !is_name_char(c)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end)
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        if self.depth >= DEEPEST {
            return self.expected("fewer brackets inside each other");
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn or(&mut self) -> Read<Expr> {
        self.deeper(|reader| {
            let mut left = reader.and()?;
            while reader.word("or") {
                left = Expr::Logic { or: true, left: Box::new(left), right: Box::new(reader.and()?) };
            }
            Ok(left)
        })
    }

    fn and(&mut self) -> Read<Expr> {
        let mut left = self.comparison()?;
        while self.word("and") {
            left = Expr::Logic { or: false, left: Box::new(left), right: Box::new(self.comparison()?) };
        }
        Ok(left)
    }

    fn comparison(&mut self) -> Read<Expr> {
        const MARKS: &[(&str, Compare)] = &[
            ("!=", Compare::Ne),
            ("<=", Compare::Le),
            (">=", Compare::Ge),
            ("=", Compare::Eq),
            ("<", Compare::Lt),
            (">", Compare::Gt),
        ];
        let mut left = self.sum()?;
        while let Some((_, op)) = MARKS.iter().find(|(mark, _)| self.mark(mark)) {
            left = Expr::Compare { op: *op, left: Box::new(left), right: Box::new(self.sum()?) };
        }
        Ok(left)
    }

    fn sum(&mut self) -> Read<Expr> {
        let mut left = self.product()?;
        loop {
            let op = match () {
                () if self.mark("+") => Arith::Add,
                () if self.mark("-") => Arith::Sub,
                () => return Ok(left),
            };
            left = Expr::Arith { op, left: Box::new(left), right: Box::new(self.product()?) };
        }
    }

    fn product(&mut self) -> Read<Expr> {
        let mut left = self.unary()?;
        loop {
            let op = match () {
                () if self.mark("*") => Arith::Mul,
                () if self.word("div") => Arith::Div,
                () if self.word("mod") => Arith::Mod,
                () => return Ok(left),
            };
            left = Expr::Arith { op, left: Box::new(left), right: Box::new(self.unary()?) };
        }
    }

    fn unary(&mut self) -> Read<Expr> {
        if self.mark("-") {
            return self.deeper(|reader| Ok(Expr::Negative(Box::new(reader.unary()?))));
        }
        let first = self.path()?;
        if !self.mark("|") {
            return Ok(first);
        }
        let mut all = vec![first, self.path()?];
        while self.mark("|") {
            all.push(self.path()?);
        }
        Ok(Expr::Union(all))
    }

    fn path(&mut self) -> Read<Expr> {
        self.blank();
        if let Some(value) = self.primary()? {
            let predicates = self.predicates()?;
            let mut steps = Vec::new();
            if !self.more_steps(&mut steps)? && predicates.is_empty() {
                return Ok(value);
            }
            return Ok(Expr::Path { from: Start::Value(Box::new(value), predicates), steps });
        }
        let mut steps = Vec::new();
        if self.rest().starts_with('/') {
            if !self.more_steps(&mut steps)? {
                self.need("/")?;
            }
            return Ok(Expr::Path { from: Start::Root, steps });
        }
        steps.push(self.step()?);
        self.more_steps(&mut steps)?;
        Ok(Expr::Path { from: Start::Here, steps })
    }

    /// `/step…`, `//step…`; false if none follows. A lone `/` is left standing.
    fn more_steps(&mut self, steps: &mut Vec<Step>) -> Read<bool> {
        let before = steps.len();
        loop {
            self.blank();
            let start = self.at;
            if self.mark("//") {
                steps.push(Step { axis: Axis::DescendantOrSelf, test: Test::Node, predicates: vec![] });
            } else if !self.mark("/") {
                break;
            } else if !self.begins_step() {
                self.at = start;
                break;
            }
            steps.push(self.step()?);
        }
        Ok(steps.len() > before)
    }

    fn begins_step(&mut self) -> bool {
        self.blank();
        self.rest().starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '@' | '*' | '.'))
    }

    /// A literal, a number, a bracket or a call; nothing if a step comes.
    fn primary(&mut self) -> Read<Option<Expr>> {
        let rest = self.rest();
        match rest.chars().next() {
            Some('(') => {
                self.at += 1;
                let inner = self.or()?;
                self.need(")")?;
                Ok(Some(inner))
            }
            Some(quote @ ('"' | '\'')) => {
                let Some(end) = rest[1..].find(quote) else {
                    return self.expected(&format!("a closing {quote} after this one"));
                };
                self.at += end + 2;
                Ok(Some(Expr::Literal(rest[1..=end].to_owned())))
            }
            Some(c)
                if c.is_ascii_digit()
                    || (c == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit())) =>
            {
                let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
                let digits = rest[..end].trim_end_matches('.');
                let padded = if digits.starts_with('.') { format!("0{digits}") } else { digits.to_owned() };
                let Ok(number) = padded.parse::<Decimal>() else { return self.expected("a number") };
                self.at += end;
                Ok(Some(Expr::Number(number)))
            }
            _ => self.call(),
        }
    }

    fn call(&mut self) -> Read<Option<Expr>> {
        let start = self.at;
        let name = self.name().unwrap_or_default();
        let is_test = matches!(name, "" | "text" | "node" | "comment" | "processing-instruction");
        if is_test || !self.mark("(") {
            self.at = start;
            return Ok(None);
        }
        let mut args = Vec::new();
        if !self.mark(")") {
            loop {
                args.push(self.or()?);
                if self.mark(")") {
                    break;
                }
                self.need(",")?;
            }
        }
        Ok(Some(Expr::Call { name: name.to_owned(), args }))
    }

    fn predicates(&mut self) -> Read<Vec<Expr>> {
        let mut all = Vec::new();
        while self.mark("[") {
            all.push(self.or()?);
            self.need("]")?;
        }
        Ok(all)
    }

    fn step(&mut self) -> Read<Step> {
        self.blank();
        if self.mark("..") {
            return Ok(Step { axis: Axis::Parent, test: Test::Node, predicates: self.predicates()? });
        }
        if self.mark(".") {
            return Ok(Step { axis: Axis::Itself, test: Test::Node, predicates: self.predicates()? });
        }
        let axis = if self.mark("@") { Axis::Attribute } else { self.axis()? };
        let test = self.test()?;
        Ok(Step { axis, test, predicates: self.predicates()? })
    }

    fn axis(&mut self) -> Read<Axis> {
        let start = self.at;
        let name = self.name();
        if !self.mark("::") {
            self.at = start;
            return Ok(Axis::Child);
        }
        Ok(match name.unwrap_or_default() {
            "child" => Axis::Child,
            "descendant" => Axis::Descendant,
            "descendant-or-self" => Axis::DescendantOrSelf,
            "self" => Axis::Itself,
            "parent" => Axis::Parent,
            "ancestor" => Axis::Ancestor,
            "ancestor-or-self" => Axis::AncestorOrSelf,
            "attribute" => Axis::Attribute,
            "following-sibling" => Axis::FollowingSibling,
            "preceding-sibling" => Axis::PrecedingSibling,
            "following" => Axis::Following,
            "preceding" => Axis::Preceding,
            other => return Err(Refusal::Meaning(format!("there is no axis `{other}`"))),
        })
    }

    fn test(&mut self) -> Read<Test> {
        if self.mark("*") {
            return Ok(Test::Any);
        }
        let Some(name) = self.name() else { return self.expected("the name of an element") };
        if matches!(name, "text" | "node" | "comment") && self.mark("(") {
            self.need(")")?;
            return Ok(match name {
                "text" => Test::Text,
                "node" => Test::Node,
                _ => Test::Comment,
            });
        }
        if !self.rest().starts_with(':') || self.rest().starts_with("::") {
            return Ok(Test::Name(name.to_owned()));
        }
        self.at += 1;
        if self.mark("*") {
            return Ok(Test::Prefixed(name.to_owned(), None));
        }
        match self.name() {
            Some(local) => Ok(Test::Prefixed(name.to_owned(), Some(local.to_owned()))),
            None => self.expected("a name after the prefix"),
        }
    }
}

fn is_name_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '\u{b7}')
}
