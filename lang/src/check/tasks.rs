//! Task blocks: their names, keys and constant values.

use super::Checker;
use super::connectors;
use super::task_table::{Spec, spec};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::suggest::{closest, did_you_mean};
use crate::syntax::ast::{ExprKind, Task, TaskEntry};
use crate::syntax::parser::TASKS;

const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
const FORMATS: &[&str] = &["TEXT", "JSON", "XML", "FILE"];
const CONTENT_TYPES: &[&str] = &["HTML", "TEXT"];

impl<'a> Checker<'a> {
    pub(super) fn task(&mut self, task: &'a Task) {
        for entry in &task.entries {
            self.expr(&entry.value);
        }
        let name = &task.name;
        let Some(spec) = spec(&name.text) else {
            let known = || TASKS.iter().copied();
            return self.report(
                Diagnostic::error(
                    codes::UNKNOWN_TASK,
                    name.span,
                    format!("there is no task `{}`", name.text),
                )
                .label("not known here")
                .help(did_you_mean(closest(&name.text, known()), known())),
            );
        };
        self.twice(task);
        for entry in &task.entries {
            self.entry(spec, entry);
        }
        self.required(spec, task);
        if let Some(api) = spec.api {
            self.api_behind(spec.name, name.span, api);
        }
    }

    fn twice(&mut self, task: &'a Task) {
        for (at, entry) in task.entries.iter().enumerate() {
            if let Some(first) = task.entries[..at].iter().find(|other| other.key.is(&entry.key.text)) {
                self.report(
                    Diagnostic::error(
                        codes::TASK_KEY,
                        entry.key.span,
                        format!("`{}` is given twice", entry.key.text),
                    )
                    .label("given again here")
                    .also(first.key.span, "first given here")
                    .help("keep one of them"),
                );
            }
        }
    }

    fn required(&mut self, spec: &Spec, task: &'a Task) {
        let given = |key: &str| task.entries.iter().any(|entry| entry.key.is(key));
        let missing: Vec<String> =
            spec.required.iter().filter(|key| !given(key)).map(|key| format!("`{key}`")).collect();
        if !missing.is_empty() {
            let (keys, missing) = (if missing.len() == 1 { "key" } else { "keys" }, missing.join(", "));
            self.report(
                Diagnostic::error(
                    codes::TASK_KEY,
                    task.name.span,
                    format!("this `{}` has no {missing}", task.name.text),
                )
                .label(format!("needs the {keys} {missing}"))
                .help(format!("write `{}`", spec.example)),
            );
        }
    }

    fn entry(&mut self, spec: &Spec, entry: &'a TaskEntry) {
        let key = &entry.key;
        if !spec.open && !spec.keys().any(|known| key.is(known)) {
            let keys = || spec.keys();
            let meant = spec.meant.iter().find(|(wrong, _)| key.is(wrong));
            let help = match meant {
                Some((_, right)) => format!("did you mean {right}?"),
                None => did_you_mean(closest(&key.text, keys()), keys()),
            };
            self.report(
                Diagnostic::error(
                    codes::TASK_KEY,
                    key.span,
                    format!("`{}` has no key `{}`", spec.name, key.text),
                )
                .label(format!("not a key of `{}`", spec.name))
                .help(help),
            );
        }
        if key.is("connection") {
            connectors::connector(self, &entry.value);
        }
        if spec.open || spec.api.is_some() {
            return;
        }
        match key.text.to_ascii_lowercase().as_str() {
            "type" => self.one_of(entry, METHODS, "an HTTP method", "a method"),
            "response-format" => self.one_of(entry, FORMATS, "a format of an answer", "a format"),
            "content type" => self.one_of(entry, CONTENT_TYPES, "a content type of a mail", "a content type"),
            _ => {}
        }
    }

    /// A word out of a few, where it stands there as such.
    fn one_of(&mut self, entry: &'a TaskEntry, words: &[&'static str], what: &str, short: &str) {
        let ExprKind::Text { value, .. } = &entry.value.kind else { return };
        if words.iter().any(|word| word.eq_ignore_ascii_case(value)) {
            return;
        }
        let all = || words.iter().copied();
        self.report(
            Diagnostic::error(codes::TASK_KEY, entry.value.span, format!("`{value}` is not {what}"))
                .label(format!("not {short}"))
                .help(did_you_mean(closest(value, all()), all())),
        );
    }
}
