//! What can be looked up by name: built-ins, host calls, tasks, system variables and statements, from the
//! tables that run them. `sluis doc`, the prompt's help and editors show the same pages.

mod statements;

pub use statements::{STATEMENTS, Statement};

use crate::host::{HOST_CALLS, HostCallSpec};
use crate::stdlib::{Builtin, TOPICS};
use crate::suggest::closest;
use crate::syntax::parser::TASKS;
use serde::Serialize;
use std::fmt::Write as _;

/// What a page is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PageKind {
    /// A built-in function.
    BuiltIn,
    /// A function that asks the world outside.
    HostCall,
    /// A task with keys in square brackets.
    Task,
    /// A variable that is always there.
    SystemVariable,
    /// A statement.
    Statement,
}

/// An example and what it prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PageExample {
    /// An expression, or statements.
    pub source: &'static str,
    /// What it prints, one line each; `fault CODE` if it faults.
    pub prints: &'static str,
}

/// What there is to know of one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page {
    /// What it is.
    pub kind: PageKind,
    /// Documented spelling.
    pub name: &'static str,
    /// The heading under which it stands.
    pub topic: &'static str,
    /// How it is written.
    pub signature: String,
    /// Kinds of values that it is called on; empty if it needs none.
    pub receivers: Vec<&'static str>,
    /// What it does.
    pub text: &'static str,
    /// Other accepted spellings.
    pub also: Vec<&'static str>,
    /// Examples.
    pub examples: Vec<PageExample>,
}

/// A heading with the names under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Chapter {
    /// The heading.
    pub topic: &'static str,
    /// Documented spellings, in order and each once.
    pub names: Vec<&'static str>,
}

const STATEMENTS_TOPIC: &str = "Statements";
const OUTSIDE_TOPIC: &str = "The world outside";

/// Every page.
pub fn all() -> impl Iterator<Item = Page> {
    let statements = STATEMENTS.iter().map(Page::of_statement);
    let built_ins = TOPICS.iter().flat_map(|topic| {
        topic.tables.iter().copied().flatten().map(|builtin| Page::of_built_in(builtin, topic.title))
    });
    let written = HOST_CALLS.iter().filter(|call| !call.spellings.is_empty());
    statements.chain(built_ins).chain(written.map(Page::of_host_call))
}

/// The pages of a name, without case; a built-in has one for each kind of receiver.
pub fn pages(name: &str) -> Vec<Page> {
    let name = name.trim().trim_end_matches("()").trim_end_matches(';');
    all().filter(|page| page.answers_to(name)).collect()
}

/// The name that was probably meant.
pub fn meant(name: &str) -> Option<&'static str> {
    let names: Vec<&'static str> =
        all().flat_map(|page| std::iter::once(page.name).chain(page.also)).collect();
    closest(name, names.into_iter())
}

/// All names by topic.
pub fn contents() -> Vec<Chapter> {
    let mut chapters: Vec<Chapter> = Vec::new();
    for page in all() {
        let at = chapters.iter().position(|chapter| chapter.topic == page.topic).unwrap_or_else(|| {
            chapters.push(Chapter { topic: page.topic, names: vec![] });
            chapters.len() - 1
        });
        let names = &mut chapters[at].names;
        if !names.contains(&page.name) {
            names.push(page.name);
        }
    }
    chapters
}

impl Page {
    fn of_statement(statement: &Statement) -> Self {
        let example = PageExample { source: statement.example, prints: statement.prints };
        Self {
            kind: PageKind::Statement,
            name: statement.name,
            topic: STATEMENTS_TOPIC,
            signature: statement.form.to_owned(),
            receivers: vec![],
            text: statement.doc,
            also: statement.also.to_vec(),
            examples: vec![example],
        }
    }

    fn of_built_in(builtin: &Builtin, topic: &'static str) -> Self {
        Self {
            kind: PageKind::BuiltIn,
            name: builtin.name,
            topic,
            signature: builtin.signature(),
            receivers: builtin.on.iter().map(|kind| kind.name()).collect(),
            text: builtin.doc,
            also: builtin.aliases.to_vec(),
            examples: builtin
                .examples
                .iter()
                .map(|example| PageExample { source: example.source, prints: example.prints })
                .collect(),
        }
    }

    fn of_host_call(call: &HostCallSpec) -> Self {
        let name = call.spellings.first().copied().unwrap_or(call.name);
        let is_task = TASKS.iter().any(|task| task.eq_ignore_ascii_case(name));
        let (kind, signature) = if call.variable {
            (PageKind::SystemVariable, host_signature(call))
        } else if is_task {
            (PageKind::Task, format!("{name} [ key: value … ]"))
        } else {
            (PageKind::HostCall, host_signature(call))
        };
        Self {
            kind,
            name,
            topic: OUTSIDE_TOPIC,
            signature,
            receivers: vec![],
            text: call.doc,
            also: call.spellings.iter().skip(1).copied().collect(),
            examples: vec![],
        }
    }

    /// Whether this is one of its spellings, without case.
    pub fn answers_to(&self, name: &str) -> bool {
        std::iter::once(&self.name).chain(&self.also).any(|spelling| spelling.eq_ignore_ascii_case(name))
    }

    /// The page for a terminal, without colours; ends with a line end.
    pub fn plain(&self) -> String {
        let mut out = String::new();
        // Writing into a `String` cannot fail.
        for line in self.signature.lines() {
            let _ = writeln!(out, "{line}");
        }
        for line in wrapped(self.text) {
            let _ = writeln!(out, "  {line}");
        }
        if !self.also.is_empty() {
            let _ = writeln!(out, "  Also: {}", self.also.join(", "));
        }
        for example in &self.examples {
            example.write(&mut out);
        }
        out
    }
}

impl PageExample {
    fn write(&self, out: &mut String) {
        let one_line = !self.source.contains('\n') && !self.prints.contains('\n');
        if one_line {
            let _ = writeln!(out, "    {}  →  {}", self.source, self.prints);
            return;
        }
        for line in self.source.lines() {
            let _ = writeln!(out, "    {}", line.replace('\t', "    "));
        }
        for line in self.prints.lines() {
            let _ = writeln!(out, "    →  {line}");
        }
    }
}

/// How a host call is written: `invokeConnector(api, [data], [options])`.
pub fn host_signature(call: &HostCallSpec) -> String {
    let name = call.spellings.first().copied().unwrap_or(call.name);
    if call.variable {
        return name.to_owned();
    }
    let params: Vec<String> = call
        .params
        .iter()
        .enumerate()
        .map(|(at, param)| if at < call.required { (*param).to_owned() } else { format!("[{param}]") })
        .collect();
    format!("{name}({})", params.join(", "))
}

/// How wide a paragraph may be.
const PARAGRAPH: usize = 96;

fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let Some(line) = lines.last_mut() else { break };
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= PARAGRAPH {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_several_receivers_has_a_page_for_each() {
        let found = pages("CONTAINS");
        assert!(found.len() >= 2, "{found:?}");
        assert!(found.iter().any(|page| page.signature.starts_with("text.contains(")), "{found:?}");
        assert!(found.iter().any(|page| page.receivers.contains(&"list")), "{found:?}");
    }

    #[test]
    fn a_page_of_text_names_its_receiver_in_one_word() {
        let found = pages("trim");
        assert!(found[0].plain().starts_with("text.trim() → text\n"), "{}", found[0].plain());
    }

    #[test]
    fn everything_is_found_under_every_spelling_and_stands_in_the_contents() {
        let contents = contents();
        for page in all() {
            for spelling in std::iter::once(page.name).chain(page.also.iter().copied()) {
                assert!(pages(&spelling.to_uppercase()).contains(&page), "{spelling}");
            }
            let chapter = contents.iter().find(|chapter| chapter.topic == page.topic);
            assert!(chapter.is_some_and(|chapter| chapter.names.contains(&page.name)), "{}", page.name);
            assert!(page.text.ends_with('.'), "{}: {}", page.name, page.text);
        }
    }

    #[test]
    fn tasks_host_calls_variables_and_statements_have_pages() {
        let kind = |name: &str| pages(name).first().map(|page| page.kind);
        assert_eq!(kind("invokeurl"), Some(PageKind::Task));
        assert_eq!(kind("authorize"), Some(PageKind::HostCall));
        assert_eq!(kind("zoho.currentdate"), Some(PageKind::SystemVariable));
        assert_eq!(kind("for each"), Some(PageKind::Statement));
        assert_eq!(kind("nothing of that name"), None);
    }

    #[test]
    fn what_was_probably_meant_is_found() {
        assert_eq!(meant("substrng"), Some("substring"));
        assert_eq!(meant("invokeConector"), Some("invokeConnector"));
        assert_eq!(meant("qqqqqqqqqq"), None);
    }

    #[test]
    fn a_long_paragraph_is_wrapped_at_words() {
        let lines = wrapped(&"word ".repeat(60));
        assert!(lines.len() > 2 && lines.iter().all(|line| line.len() <= PARAGRAPH && !line.ends_with(' ')));
    }
}
