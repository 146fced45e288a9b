//! Reading a text with placeholders. Whatever stands there, all of it becomes pieces.

use super::expression::Expression;
use super::functions::{DIGESTS, FUNCTIONS, Function, KEYED_DIGESTS, RANDOM_AT_MOST, Signature};
use super::{Braces, Broken, Piece, Segment, name_fault};
use crate::suggest;

/// Levels that calls may nest.
const DEPTH_AT_MOST: usize = 8;

pub(super) fn pieces(mut text: &str, braces: Braces) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    while let Some(at) = next_mark(text, braces) {
        let (before, from) = text.split_at(at);
        if from.starts_with("${") && before.ends_with('$') {
            literal.push_str(&before[..before.len() - 1]);
            literal.push_str("${");
            text = &from[2..];
            continue;
        }
        literal.push_str(before);
        if braces == Braces::Bare && (from.starts_with("{{") || from.starts_with('}')) {
            literal.push_str(&from[..1]);
            text = from.strip_prefix("{{").or_else(|| from.strip_prefix("}}")).unwrap_or(&from[1..]);
            continue;
        }
        if !literal.is_empty() {
            pieces.push(Piece::Good(Segment::Literal(std::mem::take(&mut literal))));
        }
        let (piece, rest) = placeholder(from);
        pieces.push(piece);
        text = rest;
    }
    literal.push_str(text);
    if !literal.is_empty() {
        pieces.push(Piece::Good(Segment::Literal(literal)));
    }
    pieces
}

fn next_mark(text: &str, braces: Braces) -> Option<usize> {
    let dollar = text.find("${");
    let bare = (braces == Braces::Bare).then(|| text.find(['{', '}'])).flatten();
    match (dollar, bare) {
        (Some(dollar), Some(bare)) => Some(dollar.min(bare)),
        (found, None) | (None, found) => found,
    }
}

/// The placeholder that a text begins with, and what comes after it.
fn placeholder(text: &str) -> (Piece, &str) {
    let opening = text.find('{').map_or(text.len(), |at| at + 1);
    let inner = &text[opening..];
    let broken = |source: &str, why: String, help: Option<String>| {
        Piece::Broken(Broken { source: source.to_owned(), why, help })
    };
    let end = inner.find('}');
    let plain = end.map(|end| &inner[..end]);
    // What looks like no more than a name is spoken of as one.
    if let Some(name) = plain
        && !name.contains(['(', '\'', '"', '|'])
    {
        let source = &text[..opening + name.len() + 1];
        let rest = &text[source.len()..];
        return match name_fault(name) {
            None => (Piece::Good(Segment::Slot(Expression::Name(name.to_owned()))), rest),
            Some(why) => (broken(source, why.to_owned(), None), rest),
        };
    }
    let mut reader = Reader { rest: inner };
    let failed = match reader.expression(0) {
        Ok(expression) if reader.take("}") => {
            return (Piece::Good(Segment::Slot(expression)), reader.rest);
        }
        Ok(_) if reader.rest.is_empty() => Fault::plain("its `}` is missing"),
        Ok(_) => Fault {
            why: format!(
                "`{}` is not understood",
                shortened(reader.rest.split('}').next().unwrap_or_default().trim())
            ),
            help: Some(
                "a name, a 'text', or a function of them; `||` between two gives the first that is there"
                    .to_owned(),
            ),
        },
        Err(fault) => fault,
    };
    match end {
        Some(end) => {
            let source = &text[..=opening + end];
            (broken(source, failed.why, failed.help), &text[source.len()..])
        }
        None => (broken(&shortened(text), "its `}` is missing".to_owned(), None), ""),
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(48).collect()
}

struct Fault {
    why: String,
    help: Option<String>,
}

impl Fault {
    fn plain(why: impl Into<String>) -> Self {
        Self { why: why.into(), help: None }
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn expression(&mut self, depth: usize) -> Result<Expression, Fault> {
        if depth > DEPTH_AT_MOST {
            return Err(Fault::plain(format!("functions nest deeper than {DEPTH_AT_MOST} levels")));
        }
        let mut choices = vec![self.operand(depth)?];
        while self.take("||") {
            choices.push(self.operand(depth)?);
        }
        Ok(match choices.len() {
            1 => choices.remove(0),
            _ => Expression::First(choices),
        })
    }

    fn operand(&mut self, depth: usize) -> Result<Expression, Fault> {
        self.rest = self.rest.trim_start();
        match self.rest.chars().next() {
            Some('\'') => self.text().map(Expression::Text),
            Some('"') => Err(Fault {
                why: "a text stands between single quotes".to_owned(),
                help: Some("write 'text', and '' for a quote in it".to_owned()),
            }),
            Some(c) if c.is_ascii_digit() => self.number().map(Expression::Number),
            _ => self.name_or_call(depth),
        }
    }

    /// A text between single quotes; two of them are one.
    fn text(&mut self) -> Result<String, Fault> {
        let mut text = String::new();
        let mut chars = self.rest.char_indices().skip(1).peekable();
        while let Some((at, c)) = chars.next() {
            if c != '\'' {
                text.push(c);
            } else if chars.peek().is_some_and(|(_, next)| *next == '\'') {
                chars.next();
                text.push('\'');
            } else {
                self.rest = &self.rest[at + 1..];
                return Ok(text);
            }
        }
        Err(Fault::plain("a text lacks its closing `'`"))
    }

    fn number(&mut self) -> Result<u32, Fault> {
        let digits = self.while_fits(|c| c.is_ascii_digit());
        digits.parse().map_err(|_| Fault::plain(format!("{} is too large a number", shortened(&digits))))
    }

    fn name_or_call(&mut self, depth: usize) -> Result<Expression, Fault> {
        let name = self.while_fits(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
        if !self.take("(") {
            return match name_fault(&name) {
                None => Ok(Expression::Name(name)),
                Some(_) => Err(Fault::plain(format!(
                    "`{}` is where a name, a 'text' or a function is wanted",
                    shortened(self.rest.split('}').next().unwrap_or_default())
                ))),
            };
        }
        let Some(signature) = FUNCTIONS.iter().find(|known| known.name == name) else {
            let known: Vec<String> = FUNCTIONS.iter().map(|known| known.name.to_owned()).collect();
            let help = match suggest::nearest(&name, known.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("functions here: {}", known.join(", ")),
            };
            return Err(Fault { why: format!("there is no function `{name}`"), help: Some(help) });
        };
        let mut arguments = Vec::new();
        if !self.take(")") {
            loop {
                arguments.push(self.expression(depth + 1)?);
                if self.take(")") {
                    break;
                }
                if !self.take(",") {
                    let help = Some(format!("for example: ${{{}}}", signature.example));
                    return Err(Fault { why: format!("`{name}(` lacks its `)`"), help });
                }
            }
        }
        check(signature, &arguments)?;
        Ok(Expression::Call(signature.function, arguments))
    }

    fn while_fits(&mut self, fits: impl Fn(char) -> bool) -> String {
        let end = self.rest.find(|c| !fits(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken.to_owned()
    }

    fn take(&mut self, mark: &str) -> bool {
        match self.rest.trim_start().strip_prefix(mark) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }
}

/// What of a call can be told without its values.
fn check(signature: &Signature, arguments: &[Expression]) -> Result<(), Fault> {
    let name = signature.name;
    let refuse =
        |why: String| Err(Fault { why, help: Some(format!("for example: ${{{}}}", signature.example)) });
    let (fewest, most) = signature.arguments;
    if !(fewest..=most).contains(&arguments.len()) {
        let wanted = match (fewest, most) {
            (1, 1) => "1 value".to_owned(),
            (0, 0) => "no value".to_owned(),
            (fewest, most) if fewest == most => format!("{fewest} values"),
            (fewest, most) => format!("{fewest} to {most} values"),
        };
        return refuse(format!("`{name}` takes {wanted}, not {}", arguments.len()));
    }
    let one_of = |known: &[&str]| match arguments.first() {
        Some(Expression::Text(given)) if known.contains(&given.as_str()) => Ok(()),
        Some(Expression::Text(given)) => {
            let known: Vec<String> = known.iter().map(|&known| known.to_owned()).collect();
            let help = Some(suggest::help(given, &known, "digests"));
            Err(Fault { why: format!("`{name}` knows no digest '{given}'"), help })
        }
        _ => refuse(format!("the first value of `{name}` is the name of a digest as 'text'")),
    };
    match (signature.function, arguments) {
        (Function::Hash, _) => one_of(DIGESTS),
        (Function::Hmac, _) => one_of(KEYED_DIGESTS),
        (Function::Now, [] | [Expression::Text(_)]) => Ok(()),
        (Function::Now, _) => refuse("the value of `now` is a format as 'text'".to_owned()),
        (Function::Random, [Expression::Number(bytes)]) if (1..=RANDOM_AT_MOST).contains(bytes) => Ok(()),
        (Function::Random, _) => {
            refuse(format!("the value of `random` is how many bytes, 1 to {RANDOM_AT_MOST}"))
        }
        (Function::JsonPath, [_, Expression::Text(path)]) if path.starts_with('$') => Ok(()),
        (Function::JsonPath, _) => refuse(
            "the second value of `json_path` is a JSONPath as 'text', which begins with `$`".to_owned(),
        ),
        _ => Ok(()),
    }
}
