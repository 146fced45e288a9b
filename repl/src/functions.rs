//! Functions declared at the prompt. The machine knows one text per program, so each input is
//! compiled behind the functions declared before it; places in messages are led back to the input
//! they were typed in.

use sluis_lang::diagnostic::Diagnostic;
use sluis_lang::source::Span;
use sluis_lang::syntax::ast::Function;

/// One declared function with where it came from.
#[derive(Debug, Clone)]
struct Declared {
    /// Dotted name.
    name: String,
    /// Its text.
    text: String,
    /// The input it stands in, such as `repl:3`.
    origin: Origin,
    /// Its first byte in that input.
    offset: u32,
}

/// A named text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// `repl:3`, or a file name.
    pub name: String,
    /// The text.
    pub text: String,
}

/// The functions declared so far.
#[derive(Debug, Clone, Default)]
pub struct Functions(Vec<Declared>);

impl Functions {
    /// The text to compile: the functions, then the input. Where the input begins comes with it.
    pub fn before(&self, input: &str) -> (String, u32) {
        let mut text = String::new();
        for function in &self.0 {
            text.push_str(&function.text);
            text.push('\n');
        }
        let start = text.len() as u32;
        text.push_str(input);
        (text, start)
    }

    /// Without those that an input declares anew.
    pub fn without(&self, names: &[String]) -> Self {
        Self(self.0.iter().filter(|known| !names.contains(&known.name)).cloned().collect())
    }

    /// Keeps the functions of an input.
    pub fn add(&mut self, declared: &[Function], origin: &Origin) {
        for function in declared {
            let Some(text) = origin.text.get(function.span.range()) else { continue };
            self.0.push(Declared {
                name: function.full_name(),
                text: text.to_owned(),
                origin: origin.clone(),
                offset: function.span.start,
            });
        }
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|function| function.name.as_str())
    }

    /// A diagnostic of the joined text, led back to the input it is about.
    pub fn lead_back(&self, mut diagnostic: Diagnostic, input: &Origin, start: u32) -> (Origin, Diagnostic) {
        let (origin, shift) = self.origin_of(diagnostic.span, input, start);
        let moved = |span: Span| {
            let by = |at: u32| u32::try_from(i64::from(at) + shift).unwrap_or(0);
            Span::new(by(span.start), by(span.end))
        };
        diagnostic.labels.retain(|label| self.origin_of(label.span, input, start).0 == origin);
        diagnostic.span = moved(diagnostic.span);
        for label in &mut diagnostic.labels {
            label.span = moved(label.span);
        }
        (origin, diagnostic)
    }

    /// Whose text holds a place, and by how much places move.
    fn origin_of(&self, span: Span, input: &Origin, start: u32) -> (Origin, i64) {
        let mut at = 0u32;
        for function in &self.0 {
            let end = at + function.text.len() as u32 + 1;
            if span.start < end && span.start < start {
                return (function.origin.clone(), i64::from(function.offset) - i64::from(at));
            }
            at = end;
        }
        (input.clone(), -i64::from(start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sluis_lang::codes;
    use sluis_lang::syntax::parse;

    fn origin(name: &str, text: &str) -> Origin {
        Origin { name: name.to_owned(), text: text.to_owned() }
    }

    fn with_double() -> Functions {
        let typed = origin("repl:1", "x = 1; int double(int n) { return n * 2; }");
        let mut functions = Functions::default();
        functions.add(&parse(&typed.text).0.functions, &typed);
        functions
    }

    #[test]
    fn a_place_in_the_input_is_counted_from_the_start_of_the_input() {
        let functions = with_double();
        let input = origin("repl:2", "info nothing;");
        let (text, start) = functions.before(&input.text);
        let at = text.find("nothing").unwrap() as u32;
        let found = Diagnostic::error(codes::UNDEFINED_VARIABLE, Span::new(at, at + 7), "no value");
        let (origin, found) = functions.lead_back(found, &input, start);
        assert_eq!(origin.name, "repl:2");
        assert_eq!(origin.text.get(found.span.range()), Some("nothing"));
    }

    #[test]
    fn a_place_in_a_function_is_led_back_to_the_input_that_declared_it() {
        let functions = with_double();
        let input = origin("repl:2", "double(1)");
        let (text, start) = functions.before(&input.text);
        let at = text.find("n * 2").unwrap() as u32;
        let found = Diagnostic::error(codes::WRONG_KIND, Span::new(at, at + 5), "no number");
        let (origin, found) = functions.lead_back(found, &input, start);
        assert_eq!(origin.name, "repl:1");
        assert_eq!(origin.text.get(found.span.range()), Some("n * 2"));
    }

    #[test]
    fn a_function_declared_anew_replaces_the_one_before() {
        let functions = with_double().without(&["double".to_owned()]);
        assert_eq!(functions.names().count(), 0);
    }
}
