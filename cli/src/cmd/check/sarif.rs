//! Reports as a SARIF 2.1.0 log: what code hosts and editors read. Rules stand in the order of their
//! codes, results in that of the files and of their text; addresses are relative to the folder in which
//! the check ran.

use super::Report;
use crate::cmd::explain;
use serde_json::{Value, json};
use sluis_lang::codes::CODES;
use sluis_lang::diagnostic::{Diagnostic, Fix, Severity};
use sluis_lang::source::{LineIndex, Span};
use std::path::Path;

/// The log of one run.
pub(super) fn log(reports: &[Report]) -> String {
    let used: Vec<&str> = CODES.iter().map(|(code, _)| code.0).filter(|code| occurs(reports, code)).collect();
    let results: Vec<Value> = reports
        .iter()
        .flat_map(|report| {
            let file = File::new(report);
            report.diagnostics.iter().map(|found| file.result(found, &used)).collect::<Vec<_>>()
        })
        .collect();
    let unread: Vec<Value> = reports.iter().filter_map(notification).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "sluis",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": used.iter().map(|code| rule(code)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": unread.is_empty(),
                "toolExecutionNotifications": unread,
            }],
            "results": results,
        }],
    });
    format!("{log:#}")
}

fn occurs(reports: &[Report], code: &str) -> bool {
    reports.iter().flat_map(|report| &report.diagnostics).any(|found| found.code.0 == code)
}

fn rule(code: &str) -> Value {
    let title = CODES.iter().find(|(known, _)| known.0 == code).map_or("", |(_, title)| title);
    let page = explain::page(code).unwrap_or(title);
    let level = if code.starts_with('W') { "warning" } else { "error" };
    json!({
        "id": code,
        "shortDescription": {"text": title},
        "help": {"text": format!("sluis explain {code}"), "markdown": page},
        "defaultConfiguration": {"level": level},
    })
}

/// A file that could not be read or written.
fn notification(report: &Report) -> Option<Value> {
    let problem = report.problem.as_ref()?;
    Some(json!({
        "level": "error",
        "message": {"text": problem.message},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri(&report.name)}}}],
    }))
}

struct File<'r> {
    source: &'r str,
    lines: LineIndex,
    uri: String,
}

impl<'r> File<'r> {
    fn new(report: &'r Report) -> Self {
        Self { source: &report.source, lines: LineIndex::new(&report.source), uri: uri(&report.name) }
    }

    fn region(&self, span: Span) -> Value {
        let (line, column) = self.lines.line_column(self.source, span.start);
        let (end_line, end_column) = self.lines.line_column(self.source, span.end);
        json!({"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column})
    }

    fn place(&self, span: Span) -> Value {
        json!({"artifactLocation": {"uri": self.uri}, "region": self.region(span)})
    }

    fn result(&self, found: &Diagnostic, used: &[&str]) -> Value {
        let level = match found.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let more = [&found.help, &found.note].into_iter().flatten().map(String::as_str);
        let text = std::iter::once(found.message.as_str()).chain(more).collect::<Vec<_>>().join("\n");
        let mut result = json!({
            "ruleId": found.code,
            "level": level,
            "message": {"text": text},
            "locations": [{"physicalLocation": self.place(found.span)}],
        });
        if let Some(index) = used.iter().position(|code| *code == found.code.0) {
            result["ruleIndex"] = index.into();
        }
        if !found.labels.is_empty() {
            let related = found.labels.iter().enumerate().map(|(id, label)| {
                json!({
                    "id": id,
                    "physicalLocation": self.place(label.span),
                    "message": {"text": label.message},
                })
            });
            result["relatedLocations"] = related.collect();
        }
        if !found.fixes.is_empty() {
            result["fixes"] = found.fixes.iter().map(|fix| self.fix(fix)).collect();
        }
        if let Some(url) = &found.url {
            result["properties"] = json!({"documentation": url});
        }
        result
    }

    fn fix(&self, fix: &Fix) -> Value {
        let replacements = fix.edits.iter().map(
            |edit| json!({"deletedRegion": self.region(edit.span), "insertedContent": {"text": edit.text}}),
        );
        json!({
            "description": {"text": fix.title},
            "artifactChanges": [{
                "artifactLocation": {"uri": self.uri},
                "replacements": replacements.collect::<Vec<_>>(),
            }],
        })
    }
}

/// A path as a relative address; an absolute one outside the present folder as a `file:` address.
fn uri(name: &str) -> String {
    let path = Path::new(name);
    let here = std::env::current_dir().unwrap_or_default();
    let path = path.strip_prefix(&here).unwrap_or(path);
    if path.is_absolute()
        && let Ok(url) = url::Url::from_file_path(path)
    {
        return url.to_string();
    }
    let parts = path.components().filter(|part| !matches!(part, std::path::Component::CurDir));
    let encode = |part: &std::ffi::OsStr| encoded(&part.to_string_lossy());
    parts.map(|part| encode(part.as_os_str())).collect::<Vec<_>>().join("/")
}

/// One segment of an address.
fn encoded(segment: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    segment
        .bytes()
        .map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
