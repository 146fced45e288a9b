//! Reads a file of cases, and puts what happened into it.

use std::fmt;
use std::ops::Range;

/// What a fence may be called. The first three set a case up; the rest is what then happens.
const FENCES: &[&str] = &[
    "yaml auth",
    "json given",
    "http call",
    "http request",
    "http answer",
    "json begun",
    "json obtained",
    "json device",
    "json connection",
    "text result",
    "text error",
];

/// How many of them set a case up.
const SET_UP: usize = 3;

/// One fence.
#[derive(Debug, Clone)]
pub struct Fence {
    /// Its name, of two words.
    pub info: String,
    /// Its content without the last line feed.
    pub text: String,
    /// Lines of the file that it takes, both marks included; counted from 0.
    lines: Range<usize>,
}

impl Fence {
    /// A fence that stands in no file yet.
    pub fn new(info: &str, text: impl Into<String>) -> Self {
        Self { info: info.to_owned(), text: text.into(), lines: 0..0 }
    }

    /// Whether it sets the case up.
    pub fn is_set_up(&self) -> bool {
        FENCES[..SET_UP].contains(&self.info.as_str())
    }
}

impl fmt::Display for Fence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "```{}\n{}\n```", self.info, self.text)
    }
}

/// One case: a heading of level three with its fences.
#[derive(Debug)]
pub struct Case {
    /// Line of its heading, counted from 1.
    pub line: usize,
    /// Its heading.
    pub title: String,
    /// Its fences in order.
    pub fences: Vec<Fence>,
}

impl Case {
    /// The content of the first fence of this name.
    pub fn part(&self, info: &str) -> Option<&str> {
        self.fences.iter().find(|fence| fence.info == info).map(|fence| fence.text.as_str())
    }
}

/// A file of cases.
#[derive(Debug)]
pub struct Document {
    /// Its name.
    pub name: String,
    /// What stands before the first case: what cases say nothing about is as here.
    pub defaults: Vec<Fence>,
    /// Its cases.
    pub cases: Vec<Case>,
}

impl Document {
    /// Reads a file.
    ///
    /// # Errors
    /// When a fence has an unknown name or is not closed.
    pub fn read(name: &str, text: &str) -> Result<Self, String> {
        let lines: Vec<&str> = text.lines().collect();
        let mut document = Self { name: name.to_owned(), defaults: Vec::new(), cases: Vec::new() };
        let mut at = 0;
        while at < lines.len() {
            if let Some(title) = lines[at].strip_prefix("### ") {
                document.cases.push(Case {
                    line: at + 1,
                    title: title.trim().to_owned(),
                    fences: Vec::new(),
                });
            } else if let Some(info) = lines[at].strip_prefix("```") {
                let refuse = |why: String| format!("{name}:{}: {why}", at + 1);
                if !FENCES.contains(&info) {
                    return Err(refuse(format!(
                        "there is no fence `{info}`; there are {}",
                        FENCES.join(", ")
                    )));
                }
                let length = lines[at + 1..].iter().position(|line| *line == "```");
                let length = length.ok_or_else(|| refuse("this fence is not closed".to_owned()))?;
                let fence = Fence {
                    info: info.to_owned(),
                    text: lines[at + 1..at + 1 + length].join("\n"),
                    lines: at..at + length + 2,
                };
                at = fence.lines.end - 1;
                let fences =
                    document.cases.last_mut().map_or(&mut document.defaults, |case| &mut case.fences);
                fences.push(fence);
            }
            at += 1;
        }
        Ok(document)
    }
}

/// The text of a file with everything that happened put in: in place of what is there, and behind it
/// where more happened. Prose stays.
pub fn rewritten(text: &str, played: &[(&Case, Vec<Fence>)]) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for (case, actual) in played.iter().rev() {
        let end = case.fences.iter().map(|fence| fence.lines.end).max().unwrap_or(case.line);
        let old: Vec<&Fence> = case.fences.iter().filter(|fence| !fence.is_set_up()).collect();
        let more = actual.iter().skip(old.len()).map(|fence| format!("\n{fence}"));
        let more: String = more.collect();
        lines.splice(end..end, more.lines().map(str::to_owned));
        for (index, old) in old.iter().enumerate().rev() {
            match actual.get(index) {
                Some(new) => {
                    let new = new.to_string();
                    lines.splice(old.lines.clone(), new.lines().map(str::to_owned));
                }
                None => {
                    let from = old.lines.start.saturating_sub(1);
                    lines.drain(from..old.lines.end);
                }
            }
        }
    }
    lines.join("\n") + "\n"
}

#[test]
fn what_happened_replaces_what_was_expected_and_prose_stays() {
    let text = "# T\n\n### A\n\nProse.\n\n```json given\n{}\n```\n\n```text error\nold\n```\n\nMore.\n\n### B\n\n```json given\n{}\n```\n";
    let document = Document::read("t.md", text).unwrap();
    let [a, b] = document.cases.as_slice() else { panic!("two cases") };
    let played = vec![(a, vec![Fence::new("text error", "new")]), (b, vec![Fence::new("json begun", "{}")])];
    let after = rewritten(text, &played);
    let wanted = text.replace("old", "new") + "\n```json begun\n{}\n```\n";
    assert_eq!(after, wanted);
}
