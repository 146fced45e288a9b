//! Help while typing: completion, colours, hints, and knowing when an input is complete.

use crate::commands::COMMANDS;
use crate::session::Session;
use anstyle::{AnsiColor, Style};
use rustyline::completion::{Completer, Pair};
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Context, Helper};
use sluis_engine::Engine;
use sluis_lang::host::HOST_CALLS;
use sluis_lang::manual;
use sluis_lang::stdlib::{Builtin, TABLES};
use sluis_lang::syntax::complete::{Completeness, is_complete};
use sluis_lang::syntax::highlight::{TokenClass, classify};
use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// What the editor asks.
pub struct Assist {
    runtime: Arc<Runtime>,
    engine: Engine,
    colored: bool,
    has_store: bool,
    apis: OnceCell<Vec<String>>,
    names: Vec<String>,
}

impl Helper for Assist {}

impl Assist {
    /// For a session.
    pub fn new(runtime: Arc<Runtime>, session: &Session) -> Self {
        Self {
            runtime,
            engine: session.engine.clone(),
            colored: session.options.colored_output,
            has_store: session.options.has_store,
            apis: OnceCell::new(),
            names: Vec::new(),
        }
    }

    /// Takes over the names that can be completed now.
    pub fn refresh(&mut self, session: &Session) {
        self.names = session.variable_names();
        self.names.extend(session.function_names());
        if session.engine.is_open() {
            self.has_store = true;
        }
        // A connector may have been released meanwhile.
        self.apis = OnceCell::new();
    }

    /// Ids of APIs and connectors; none where there is no store, because completion must not make
    /// one.
    fn apis(&self) -> &[String] {
        self.apis.get_or_init(|| {
            if !self.has_store {
                return Vec::new();
            }
            self.runtime.block_on(self.engine.api_ids()).unwrap_or_default()
        })
    }

    fn candidates(&self, place: Place, word: &str) -> Vec<Pair> {
        match place {
            Place::Command => {
                let named = COMMANDS.iter().filter(|command| command.name.starts_with(word));
                named
                    .map(|command| pair(command.name, format!("{} {}", command.name, command.argument)))
                    .collect()
            }
            Place::Id => matching(self.apis().iter().map(String::as_str), word),
            Place::Help => {
                let mut names: Vec<&str> = sluis_lang::stdlib::names().collect();
                names.sort_unstable();
                names.dedup();
                matching(names.into_iter(), word)
            }
            Place::Method => builtins(word, |builtin| !builtin.on.is_empty()),
            Place::Name => {
                let mut found = matching(self.names.iter().map(String::as_str), word);
                found.extend(builtins(word, |_| true));
                for call in HOST_CALLS {
                    let spelling = call.spellings.first().copied().unwrap_or(call.name);
                    if starts_with(spelling, word) {
                        found.push(pair(spelling, manual::host_signature(call)));
                    }
                }
                found
            }
        }
    }
}

fn pair(replacement: &str, display: String) -> Pair {
    Pair { display, replacement: replacement.to_owned() }
}

fn matching<'a>(names: impl Iterator<Item = &'a str>, word: &str) -> Vec<Pair> {
    names.filter(|name| starts_with(name, word)).map(|name| pair(name, name.to_owned())).collect()
}

/// Names match without case, as built-ins do.
fn starts_with(name: &str, word: &str) -> bool {
    name.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
}

fn builtins(word: &str, wanted: impl Fn(&Builtin) -> bool) -> Vec<Pair> {
    let all =
        TABLES.iter().copied().flatten().filter(|builtin| starts_with(builtin.name, word) && wanted(builtin));
    let mut found: Vec<Pair> = all.map(|builtin| pair(builtin.name, builtin.signature())).collect();
    found.sort_by(|a, b| a.display.cmp(&b.display));
    found
}

/// What may stand at the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The name of a command.
    Command,
    /// The id of an API or connector: inside a text, or after a command that takes one.
    Id,
    /// What `:help` may be asked.
    Help,
    /// After a dot.
    Method,
    /// A variable, function or built-in.
    Name,
}

/// What stands at the end of a line, and where its word begins.
fn place(before: &str) -> (Place, usize) {
    if before.trim_start().starts_with(':') {
        let lead = before.len() - before.trim_start().len();
        let Some(space) = before[lead..].find(char::is_whitespace) else { return (Place::Command, lead) };
        let place = if &before[lead..lead + space] == ":help" { Place::Help } else { Place::Id };
        return (place, word_start(before, |c| c.is_alphanumeric() || matches!(c, '_' | '.')));
    }
    if let Some(start) = open_text(before) {
        return (Place::Id, start);
    }
    let start = word_start(before, |c| c.is_alphanumeric() || c == '_');
    (if before[..start].ends_with('.') { Place::Method } else { Place::Name }, start)
}

fn word_start(text: &str, in_word: impl Fn(char) -> bool) -> usize {
    text.char_indices().rev().take_while(|(_, c)| in_word(*c)).last().map_or(text.len(), |(at, _)| at)
}

/// Where the content of a text that is still open begins.
fn open_text(before: &str) -> Option<usize> {
    let mut open = None;
    let mut escaped = false;
    for (at, c) in before.char_indices() {
        match open {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some((quote, _)) if c == quote => open = None,
            None if c == '"' => open = Some((c, at + 1)),
            _ => {}
        }
    }
    open.map(|(_, start)| start)
}

impl Completer for Assist {
    type Candidate = Pair;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let Some(before) = line.get(..pos) else { return Ok((pos, Vec::new())) };
        let (place, start) = place(before);
        Ok((start, self.candidates(place, &before[start..])))
    }
}

impl Hinter for Assist {
    type Hint = String;

    /// After `name(`: what it takes.
    fn hint(&self, line: &str, pos: usize, _: &Context<'_>) -> Option<String> {
        let before = line.get(..pos).filter(|_| pos == line.len())?.strip_suffix('(')?;
        let name = &before[word_start(before, |c| c.is_alphanumeric() || c == '_')..];
        let builtin = sluis_lang::stdlib::find(name).next()?;
        let params: Vec<&str> = builtin.params.iter().map(|param| param.name).collect();
        Some(format!("{})", params.join(", ")))
    }
}

impl Highlighter for Assist {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        if !self.colored || line.trim_start().starts_with(':') {
            return Cow::Borrowed(line);
        }
        Cow::Owned(painted(line))
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        let dim = Style::new().dimmed();
        Cow::Owned(format!("{dim}{hint}{dim:#}"))
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        self.colored && kind != CmdKind::MoveCursor
    }
}

/// A script with colours.
fn painted(text: &str) -> String {
    let mut painted = String::with_capacity(text.len() * 2);
    let mut at = 0;
    for (span, class) in classify(text) {
        let range = span.range();
        let (Some(plain), Some(token)) = (text.get(at..range.start), text.get(range.clone())) else {
            continue;
        };
        let style = style(class);
        painted.push_str(plain);
        painted.push_str(&format!("{style}{token}{style:#}"));
        at = range.end;
    }
    painted.push_str(text.get(at..).unwrap_or_default());
    painted
}

fn style(class: TokenClass) -> Style {
    match class {
        TokenClass::Keyword => AnsiColor::Magenta.on_default(),
        TokenClass::Text => AnsiColor::Green.on_default(),
        TokenClass::Number | TokenClass::Constant => AnsiColor::Yellow.on_default(),
        TokenClass::Function | TokenClass::Method => AnsiColor::Cyan.on_default(),
        TokenClass::Key => AnsiColor::Blue.on_default(),
        TokenClass::Unknown => AnsiColor::Red.on_default(),
        TokenClass::Comment => Style::new().dimmed(),
        TokenClass::Variable | TokenClass::Operator | TokenClass::Punctuation => Style::new(),
    }
}

impl Validator for Assist {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let text = context.input();
        Ok(if text.trim_start().starts_with(':') || is_complete(text) == Completeness::Complete {
            ValidationResult::Valid(None)
        } else {
            ValidationResult::Incomplete
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_word_tells_what_may_stand_there() {
        assert_eq!(place(":au"), (Place::Command, 0));
        assert_eq!(place(":authorize gc"), (Place::Id, 11));
        assert_eq!(place(":help tri"), (Place::Help, 6));
        assert_eq!(place("x = invokeConnector(\"gcontacts.pu"), (Place::Id, 21));
        assert_eq!(place("name.tr"), (Place::Method, 5));
        assert_eq!(place("info na"), (Place::Name, 5));
        assert_eq!(place("\"closed\" + na"), (Place::Name, 11));
        assert_eq!(place("äö"), (Place::Name, 0));
    }

    #[test]
    fn a_painted_script_without_its_colours_is_the_script() {
        let text = "x = \"a\" + 1; // ä\ninfo x";
        let plain = anstream::adapter::strip_str(&painted(text)).to_string();
        assert_eq!(plain, text);
        assert_ne!(painted(text), text);
    }
}
