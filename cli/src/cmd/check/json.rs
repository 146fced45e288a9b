//! Reports as JSON: one object a file, places as bytes and as lines and columns counted from 1.

use super::Report;
use serde_json::{Value, json};
use sluis_lang::diagnostic::{Diagnostic, Edit, Fix, Label};
use sluis_lang::source::{LineIndex, Span};

/// All reports, in the order of the files.
pub(super) fn reports(reports: &[Report]) -> Value {
    reports.iter().map(report).collect()
}

fn report(report: &Report) -> Value {
    let places = Places { source: &report.source, lines: LineIndex::new(&report.source) };
    let diagnostics: Vec<Value> = report.diagnostics.iter().map(|found| places.diagnostic(found)).collect();
    let mut out = json!({"file": report.name, "diagnostics": diagnostics});
    if let Some(problem) = &report.problem {
        out["problem"] = Value::from(problem.message.as_str());
    }
    out
}

struct Places<'s> {
    source: &'s str,
    lines: LineIndex,
}

impl Places<'_> {
    fn place(&self, span: Span) -> Value {
        let (line, column) = self.lines.line_column(self.source, span.start);
        let (end_line, end_column) = self.lines.line_column(self.source, span.end);
        json!({
            "start": span.start, "end": span.end,
            "line": line, "column": column, "end_line": end_line, "end_column": end_column,
        })
    }

    fn diagnostic(&self, found: &Diagnostic) -> Value {
        let label = |label: &Label| json!({"span": self.place(label.span), "message": label.message});
        let edit = |edit: &Edit| json!({"span": self.place(edit.span), "text": edit.text});
        let fix = |fix: &Fix| {
            let edits: Vec<Value> = fix.edits.iter().map(edit).collect();
            json!({"title": fix.title, "safe": fix.safe, "edits": edits})
        };
        json!({
            "code": found.code, "severity": found.severity, "message": found.message,
            "span": self.place(found.span), "label": found.label,
            "labels": found.labels.iter().map(label).collect::<Vec<_>>(),
            "help": found.help, "note": found.note, "url": found.url,
            "fixes": found.fixes.iter().map(fix).collect::<Vec<_>>(),
        })
    }
}
