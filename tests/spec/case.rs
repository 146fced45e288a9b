//! Reads Markdown into cases: a heading of level two is a case, its fences are its parts.

use std::ops::Range;
use std::path::{Path, PathBuf};

/// What a fence may be called, and what it holds.
const FENCES: &[(&str, &str)] = &[
    ("ebnf", "productions of the grammar"),
    ("deluge", "the script"),
    ("input", "its arguments, a JSON object"),
    (
        "installed",
        "ids of the connectors and APIs that the checker knows, one a line, an API with its variables `name:kind`",
    ),
    ("prints", "the lines it prints"),
    ("error", "its diagnostics, each `CODE line:column`"),
    ("fault", "the fault that ends it, `CODE line: message`"),
    ("returns", "the value it returns, as JSON"),
    ("formatted", "the script after formatting; it is not run"),
];

/// The fences that say what is expected.
const EXPECTATIONS: &[&str] = &["prints", "error", "fault", "returns", "formatted"];

/// One case.
#[derive(Debug, Clone)]
pub struct Case {
    /// The file it stands in.
    pub file: PathBuf,
    /// Line of its heading, counted from 1.
    pub line: usize,
    /// Its heading.
    pub title: String,
    /// Its fences in order.
    pub fences: Vec<Fence>,
}

/// One fence of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fence {
    /// Its name.
    pub name: String,
    /// What follows the name: `cancelled`.
    pub detail: String,
    /// Lines of the file that it takes, both marks included; counted from 0.
    pub lines: Range<usize>,
    /// Its content, each line with its line feed.
    pub text: String,
}

/// A file that is not of this form.
#[derive(Debug, thiserror::Error)]
#[error("{}:{line}: {message}", .file.display())]
pub struct Malformed {
    file: PathBuf,
    line: usize,
    message: String,
}

impl Case {
    /// The content of a fence.
    pub fn part(&self, name: &str) -> Option<&Fence> {
        self.fences.iter().find(|fence| fence.name == name)
    }

    /// What is expected, in the order of the register.
    pub fn expected(&self) -> Vec<(&'static str, String)> {
        EXPECTATIONS.iter().filter_map(|name| Some((*name, self.part(name)?.text.clone()))).collect()
    }

    /// Whether a fence says what is expected.
    pub fn is_expectation(fence: &Fence) -> bool {
        EXPECTATIONS.contains(&fence.name.as_str())
    }

    fn check(&self) -> Result<(), Malformed> {
        let wrong = |message: &str| Err(malformed(&self.file, self.line, message));
        if self.part("deluge").is_none() {
            return wrong(&format!("the case `{}` has no script: it needs a ```deluge fence", self.title));
        }
        // With UPDATE_EXPECT=1 a new case may be written without its expectation.
        if !crate::rewrite::wanted() && !self.fences.iter().any(Case::is_expectation) {
            return wrong(&format!(
                "in the case `{}` nothing is expected: write a fence of {}, or set UPDATE_EXPECT=1",
                self.title,
                EXPECTATIONS.join(", ")
            ));
        }
        Ok(())
    }
}

fn malformed(file: &Path, line: usize, message: &str) -> Malformed {
    Malformed { file: file.to_owned(), line, message: message.to_owned() }
}

/// Reads a file into its cases.
pub fn read_cases(file: &Path, text: &str) -> Result<Vec<Case>, Malformed> {
    let lines: Vec<&str> = text.lines().collect();
    let mut cases: Vec<Case> = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        if let Some(title) = line.strip_prefix("## ") {
            let title = title.trim().to_owned();
            cases.push(Case { file: file.to_owned(), line: at + 1, title, fences: Vec::new() });
        } else if let Some(info) = line.strip_prefix("```") {
            let fence = read_fence(file, &lines, at, info)?;
            at = fence.lines.end - 1;
            let Some(case) = cases.last_mut() else {
                return Err(malformed(
                    file,
                    fence.lines.start + 1,
                    "a fence stands before the first heading `## …`",
                ));
            };
            if case.part(&fence.name).is_some() {
                let message = format!("```{} stands twice in the case `{}`", fence.name, case.title);
                return Err(malformed(file, fence.lines.start + 1, &message));
            }
            case.fences.push(fence);
        }
        at += 1;
    }
    cases.iter().try_for_each(Case::check)?;
    Ok(cases)
}

fn read_fence(file: &Path, lines: &[&str], start: usize, info: &str) -> Result<Fence, Malformed> {
    let (name, detail) = info.trim().split_once(' ').unwrap_or((info.trim(), ""));
    if !FENCES.iter().any(|(known, _)| *known == name) {
        let known: Vec<String> = FENCES.iter().map(|(name, holds)| format!("{name} ({holds})")).collect();
        let message = format!("there is no fence `{name}`; there are {}", known.join(", "));
        return Err(malformed(file, start + 1, &message));
    }
    let length = lines[start + 1..].iter().position(|line| *line == "```");
    let Some(length) = length else {
        return Err(malformed(file, start + 1, &format!("the fence ```{name} is not closed")));
    };
    let content = &lines[start + 1..start + 1 + length];
    let text = content.iter().map(|line| format!("{line}\n")).collect();
    Ok(Fence { name: name.to_owned(), detail: detail.to_owned(), lines: start..start + length + 2, text })
}
