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
use sluis_lang::catalog::Catalog;
use sluis_lang::check::Environment;
use sluis_lang::ide::{Completion, CompletionKind, Document, completions, signatures};
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
    catalog: OnceCell<Option<Catalog>>,
    variables: Vec<String>,
    functions: Vec<String>,
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
            catalog: OnceCell::new(),
            variables: Vec::new(),
            functions: Vec::new(),
        }
    }

    /// Takes over the names that can be completed now.
    pub fn refresh(&mut self, session: &Session) {
        self.variables = session.variable_names();
        self.functions = session.function_names();
        if session.engine.is_open() {
            self.has_store = true;
        }
        // A connector may have been released meanwhile.
        self.catalog = OnceCell::new();
    }

    /// The released connectors; nothing where there is no store, because completion must not make one.
    fn catalog(&self) -> Option<&Catalog> {
        let read = || self.has_store.then(|| self.runtime.block_on(self.engine.catalog()).ok()).flatten();
        self.catalog.get_or_init(read).as_ref()
    }

    /// After a `:`: the name of a command, or what it takes.
    fn command(&self, place: Place, word: &str) -> Vec<Pair> {
        match place {
            Place::Command => {
                let named = COMMANDS.iter().filter(|command| command.name.starts_with(word));
                named
                    .map(|command| pair(command.name, format!("{} {}", command.name, command.argument)))
                    .collect()
            }
            Place::Help => {
                let mut names: Vec<&str> = sluis_lang::stdlib::names().collect();
                names.sort_unstable();
                names.dedup();
                matching(names.into_iter(), word)
            }
            Place::Id => {
                let namespaces = self.catalog().into_iter().flat_map(|catalog| &catalog.namespaces);
                let apis = self.catalog().into_iter().flat_map(|catalog| &catalog.apis).map(|api| &api.id);
                matching(namespaces.chain(apis).map(String::as_str), word)
            }
        }
    }

    /// What an editor would offer in this line.
    fn script(&self, line: &str, pos: usize) -> (usize, Vec<Pair>) {
        let environment = Environment {
            variables: self.variables.clone(),
            functions: self.functions.clone(),
            catalog: self.catalog().cloned(),
            ..Environment::default()
        };
        let document = Document::new(line, Arc::new(environment));
        let found = completions(&document, u32::try_from(pos).unwrap_or(u32::MAX));
        let start = found.first().map_or(pos, |first| first.replace.start as usize);
        let word = line.get(start..pos).unwrap_or_default();
        // Keywords bring whole blocks in an editor; a line has no use for them.
        let fits = |one: &&Completion| one.kind != CompletionKind::Keyword && starts_with(&one.label, word);
        let shown = |one: &Completion| {
            let signature = one.detail.contains('(');
            pair(&one.insert, if signature { one.detail.clone() } else { one.label.clone() })
        };
        (start, found.iter().filter(fits).map(shown).collect())
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

/// What may stand at the cursor of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Its name.
    Command,
    /// The id of an API or connector.
    Id,
    /// What `:help` may be asked.
    Help,
}

/// What stands at the end of a line that is a command, and where its word begins; `None` for a script.
fn place(before: &str) -> Option<(Place, usize)> {
    let lead = before.len() - before.trim_start().len();
    if !before[lead..].starts_with(':') {
        return None;
    }
    let Some(space) = before[lead..].find(char::is_whitespace) else { return Some((Place::Command, lead)) };
    let place = if &before[lead..lead + space] == ":help" { Place::Help } else { Place::Id };
    Some((place, word_start(before, |c| c.is_alphanumeric() || matches!(c, '_' | '.'))))
}

fn word_start(text: &str, in_word: impl Fn(char) -> bool) -> usize {
    text.char_indices().rev().take_while(|(_, c)| in_word(*c)).last().map_or(text.len(), |(at, _)| at)
}

impl Completer for Assist {
    type Candidate = Pair;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let Some(before) = line.get(..pos) else { return Ok((pos, Vec::new())) };
        Ok(match place(before) {
            Some((place, start)) => (start, self.command(place, &before[start..])),
            None => self.script(line, pos),
        })
    }
}

impl Hinter for Assist {
    type Hint = String;

    /// After `name(`: what it takes.
    fn hint(&self, line: &str, pos: usize, _: &Context<'_>) -> Option<String> {
        if pos != line.len() || !line.ends_with('(') {
            return None;
        }
        let document = Document::new(line, Arc::new(Environment::default()));
        let found = signatures(&document, u32::try_from(pos).ok()?)?;
        let params = &found.all.get(found.active)?.params;
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
        assert_eq!(place(":au"), Some((Place::Command, 0)));
        assert_eq!(place(":authorize gc"), Some((Place::Id, 11)));
        assert_eq!(place(":help tri"), Some((Place::Help, 6)));
        assert_eq!(place("name.tr"), None);
        assert_eq!(place("äö"), None);
    }

    #[test]
    fn a_painted_script_without_its_colours_is_the_script() {
        let text = "x = \"a\" + 1; // ä\ninfo x";
        let plain = anstream::adapter::strip_str(&painted(text)).to_string();
        assert_eq!(plain, text);
        assert_ne!(painted(text), text);
    }
}
