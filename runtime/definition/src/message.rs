//! A text in which `${…}` holds an expression: what an error tells.

use sluis_lang::diagnostic::Diagnostic;
use sluis_lang::expression::Expression;
use sluis_lang::source::Span;
use sluis_lang::value::data::Data;
use sluis_lang::vm::{FaultReport, Limits};
use sluis_model::answer::EXPRESSION_VARIABLES;

/// A message, compiled once.
#[derive(Debug, Clone)]
pub struct MessageTemplate(Vec<Part>);

#[derive(Debug, Clone)]
enum Part {
    Text(String),
    Expression(Expression),
}

impl MessageTemplate {
    /// Compiles a text.
    ///
    /// # Errors
    /// What is wrong with its expressions; the places are bytes of `text`.
    pub fn compile(text: &str) -> Result<Self, Vec<Diagnostic>> {
        let (mut parts, mut wrong, mut at) = (Vec::new(), Vec::new(), 0);
        while let Some(start) = text.get(at..).and_then(|rest| rest.find("${")).map(|start| at + start) {
            parts.push(Part::Text(text.get(at..start).unwrap_or_default().to_owned()));
            let inside = start + 2;
            let rest = text.get(inside..).unwrap_or_default();
            let Some(length) = length_of_expression(rest) else {
                let span = span(start, text.len());
                let error =
                    Diagnostic::error(sluis_lang::codes::UNCLOSED_BRACKET, span, "`${` is not closed");
                return Err(vec![error.help("close it with `}`")]);
            };
            match Expression::compile(rest.get(..length).unwrap_or_default(), EXPRESSION_VARIABLES) {
                Ok(expression) => parts.push(Part::Expression(expression)),
                Err(diagnostics) => wrong.extend(diagnostics.into_iter().map(|mut diagnostic| {
                    let Span { start, end } = diagnostic.span;
                    diagnostic.span = span(inside + start as usize, inside + end as usize);
                    diagnostic
                })),
            }
            at = inside + length + 1;
        }
        parts.push(Part::Text(text.get(at..).unwrap_or_default().to_owned()));
        if wrong.is_empty() { Ok(Self(parts)) } else { Err(wrong) }
    }

    /// Whether any of its expressions reads a variable.
    pub fn reads(&self, variable: &str) -> bool {
        self.0.iter().any(|part| matches!(part, Part::Expression(expression) if expression.reads(variable)))
    }

    /// The text with the values of its expressions in their places.
    ///
    /// # Errors
    /// The fault of the first expression that has one.
    pub fn told(&self, values: &[(String, Data)], limits: Limits) -> Result<String, Box<FaultReport>> {
        let mut told = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => told.push_str(text),
                Part::Expression(expression) => match expression.evaluate(values.to_vec(), limits)? {
                    Data::Null => {}
                    Data::Text(text) => told.push_str(&text),
                    other => told.push_str(&other.to_json()),
                },
            }
        }
        Ok(told)
    }
}

fn span(start: usize, end: usize) -> Span {
    let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(place(start), place(end))
}

/// Bytes before the `}` that closes the expression: one that stands in no text and in no braces.
fn length_of_expression(text: &str) -> Option<usize> {
    let (mut depth, mut quote, mut escaped) = (0_u32, None, false);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '{') => depth += 1,
            (None, '}') if depth == 0 => return Some(at),
            (None, '}') => depth -= 1,
            (None, _) => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, body: &str) -> String {
        let values = vec![("body".to_owned(), Data::from_json(body).unwrap())];
        MessageTemplate::compile(text).unwrap().told(&values, Limits::server()).unwrap()
    }

    #[test]
    fn expressions_are_put_into_the_text() {
        assert_eq!(told("refused: ${body.get(\"why\")}!", r#"{"why":"no"}"#), "refused: no!");
        assert_eq!(told("${{\"a\": \"}\"}.get(\"a\")} ${body.get(\"n\")}${null}", r#"{"n":[1]}"#), "} [1]");
        assert_eq!(told("plain $5 {x}", "{}"), "plain $5 {x}");
    }

    #[test]
    fn places_are_those_of_the_whole_text() {
        let wrong = MessageTemplate::compile("see ${bdy}").unwrap_err();
        assert_eq!(wrong[0].span, Span::new(6, 9));
        assert!(MessageTemplate::compile("see ${body").unwrap_err()[0].message.contains("not closed"));
    }
}
