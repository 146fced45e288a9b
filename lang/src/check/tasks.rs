//! Task blocks: their names, keys and constant values.

use super::Checker;
use super::connectors;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::suggest::{closest, did_you_mean};
use crate::syntax::ast::{ExprKind, Task, TaskEntry};
use crate::syntax::parser::TASKS;

const INVOKEURL_KEYS: &[&str] = &[
    "url",
    "type",
    "parameters",
    "body",
    "headers",
    "content-type",
    "files",
    "connection",
    "detailed",
    "response-format",
    "response-decoding",
];

const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

impl<'a> Checker<'a> {
    pub(super) fn task(&mut self, task: &'a Task) {
        for entry in &task.entries {
            self.expr(&entry.value);
        }
        let name = &task.name;
        if name.is("invokeurl") {
            return self.invokeurl(task);
        }
        let known = TASKS.iter().any(|other| name.is(other));
        self.report(if known {
            let help = if name.is("invokeapi") {
                "write `invokeurl [ url: … connection: … ]` with the whole address"
            } else {
                "reach the service with `invokeurl` or `invokeConnector`"
            };
            Diagnostic::error(
                codes::NOT_YET,
                name.span,
                format!("this version does not run `{}` yet", name.text),
            )
            .label("known, but not there yet")
            .help(help)
        } else {
            Diagnostic::error(codes::UNKNOWN_TASK, name.span, format!("there is no task `{}`", name.text))
                .label("not known here")
                .help(did_you_mean(closest(&name.text, TASKS.iter().copied()), TASKS.iter().copied()))
        });
    }

    fn invokeurl(&mut self, task: &'a Task) {
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
            self.invokeurl_entry(entry);
        }
        if !task.entries.iter().any(|entry| entry.key.is("url")) {
            self.report(
                Diagnostic::error(codes::TASK_KEY, task.name.span, "this `invokeurl` has no `url`")
                    .label("needs the key `url`")
                    .help("write `invokeurl [ url: \"https://…\" type: GET ]`"),
            );
        }
    }

    fn invokeurl_entry(&mut self, entry: &'a TaskEntry) {
        let key = &entry.key;
        if !INVOKEURL_KEYS.iter().any(|known| key.is(known)) {
            let keys = || INVOKEURL_KEYS.iter().copied();
            let help = match key.text.to_ascii_lowercase().as_str() {
                "method" => "did you mean `type`?".to_string(),
                "data" | "payload" | "params" => "did you mean `parameters` or `body`?".to_string(),
                _ => did_you_mean(closest(&key.text, keys()), keys()),
            };
            self.report(
                Diagnostic::error(
                    codes::TASK_KEY,
                    key.span,
                    format!("`invokeurl` has no key `{}`", key.text),
                )
                .label("not a key of `invokeurl`")
                .help(help),
            );
        }
        if key.is("connection") {
            connectors::connector(self, &entry.value);
        }
        if key.is("type")
            && let ExprKind::Text { value, .. } = &entry.value.kind
            && !METHODS.iter().any(|method| method.eq_ignore_ascii_case(value))
        {
            let methods = || METHODS.iter().copied();
            self.report(
                Diagnostic::error(
                    codes::TASK_KEY,
                    entry.value.span,
                    format!("`{value}` is not an HTTP method"),
                )
                .label("not a method")
                .help(did_you_mean(closest(value, methods()), methods())),
            );
        }
    }
}
