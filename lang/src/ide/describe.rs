//! Words about things: signatures, and the Markdown that editors show.

use super::Document;
use crate::catalog::{Api, Input};
use crate::host::HostCallSpec;
use crate::manual::{Page, PageKind};
use crate::stdlib::Builtin;
use crate::syntax::ast::Function;
use std::fmt::Write;

/// `string greet(string name)`
pub(super) fn function(function: &Function) -> String {
    let params: Vec<String> = function
        .params
        .iter()
        .map(|param| match &param.ty {
            Some(ty) => format!("{} {}", ty.text, param.name.text),
            None => param.name.text.clone(),
        })
        .collect();
    let returns = function.returns.as_ref().map(|ty| format!("{} ", ty.text)).unwrap_or_default();
    format!("{returns}{}({})", function.full_name(), params.join(", "))
}

/// A built-in in free form: `substring(value: text, start: number, [end: number]) → text`.
pub(super) fn free_signature(builtin: &Builtin) -> String {
    format!("{}({}) → {}", builtin.name, free_params(builtin).join(", "), builtin.returns)
}

/// The parameters of a built-in in free form, the receiver first.
pub(super) fn free_params(builtin: &Builtin) -> Vec<String> {
    builtin.receiver().map(|kind| format!("value: {kind}")).into_iter().chain(params(builtin)).collect()
}

/// The parameters of a built-in as its signature shows them.
pub(super) fn params(builtin: &Builtin) -> Vec<String> {
    let shown = builtin.params.iter().map(|param| {
        let plain = format!("{}: {}", param.name, param.ty);
        if param.optional { format!("[{plain}]") } else { plain }
    });
    shown.collect()
}

/// The parameters of a host call.
pub(super) fn host_params(call: &HostCallSpec) -> Vec<String> {
    let shown = call.params.iter().enumerate();
    shown
        .map(|(at, name)| if at < call.required { (*name).to_owned() } else { format!("[{name}]") })
        .collect()
}

/// Markdown on what is no built-in but can be looked up: a task, a statement.
pub(super) fn page(page: &Page) -> String {
    let mut out = if page.kind == PageKind::Statement || page.signature.contains('\n') {
        format!("```deluge\n{}\n```\n\n{}\n", page.signature, page.text)
    } else {
        format!("`{}`\n\n{}\n", page.signature, page.text)
    };
    for example in &page.examples {
        let _ = write!(out, "\n```deluge\n{}\n```\n", example.source);
    }
    if !page.also.is_empty() {
        let also: Vec<String> = page.also.iter().map(|name| format!("`{name}`")).collect();
        let _ = write!(out, "\nAlso: {}\n", also.join(", "));
    }
    out
}

/// `gcontacts.pushcontact(First_Name, [Phone])`
pub(super) fn api_signature(api: &Api) -> String {
    format!("{}({})", api.id, api_params(api).join(", "))
}

/// The variables of an API in declared order.
pub(super) fn api_params(api: &Api) -> Vec<String> {
    let shown = api.inputs.iter().flatten();
    shown.map(|i| if i.required { i.name.clone() } else { format!("[{}]", i.name) }).collect()
}

/// Markdown on an API: its sentence, variables and link.
pub(super) fn api(api: &Api) -> String {
    let mut out = format!("`{}`\n", api.id);
    if let Some(description) = &api.description {
        let _ = write!(out, "\n{description}\n");
    }
    let inputs = api.inputs.as_deref().unwrap_or_default();
    if !inputs.is_empty() {
        out.push_str("\n| variable | kind | |\n|---|---|---|\n");
    }
    for one in inputs {
        let need = if one.required { "**required**. " } else { "" };
        let kind = format!("{:?}", one.kind).to_lowercase();
        let _ = writeln!(out, "| `{}` | {kind} | {need}{} |", one.name, input(one).replace('|', "\\|"));
    }
    if let Some(url) = &api.documentation {
        let _ = write!(out, "\n[Documentation]({url})\n");
    }
    out
}

/// A variable of an API in a sentence or two.
pub(super) fn input(input: &Input) -> String {
    let example = input.example.as_ref().map(|example| format!("For example `{example}`."));
    let parts: Vec<String> = input.description.clone().into_iter().chain(example).collect();
    parts.join(" ").replace('\n', " ")
}

/// The comment that stands right above a function, without its marks.
pub(super) fn comment_above(document: &Document, function: usize) -> Option<String> {
    let mut start = document.program.functions.get(function)?.span.start;
    let before = document.comments.partition_point(|span| span.end <= start);
    let mut lines = Vec::new();
    for span in document.comments[..before].iter().rev() {
        let between = document.slice(crate::source::Span::new(span.end, start));
        if !between.trim().is_empty() || between.matches('\n').count() > 1 {
            break;
        }
        lines.push(comment_text(document.slice(*span)));
        start = span.start;
    }
    lines.reverse();
    let text = lines.join("\n").trim().to_owned();
    (!text.is_empty()).then_some(text)
}

fn comment_text(comment: &str) -> String {
    let inner = comment.trim_start_matches('/').trim_start_matches('*');
    let inner = inner.strip_suffix("*/").unwrap_or(inner);
    let lines = inner.lines().map(|line| line.trim().trim_start_matches('*').trim());
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}
