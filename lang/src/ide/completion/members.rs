//! What may follow a dot.

use super::{Completion, CompletionKind, brackets_follow, call_snippet};
use crate::check::kinds::KindSet;
use crate::host::HOST_CALLS;
use crate::ide::Document;
use crate::ide::cursor::Cursor;
use crate::ide::describe;
use crate::ide::kinds;
use crate::ide::names::path_to;
use crate::manual;
use crate::stdlib::TABLES;
use crate::value::Kind;
use std::collections::BTreeMap;

/// After the dot at a token: the next segment of a dotted name, or the methods of the value before it.
pub(super) fn after_dot(document: &Document, cursor: &Cursor, dot: usize) -> Vec<Completion> {
    let scope = document.scope_at(cursor.replace.start);
    let Some(last) = dot.checked_sub(1) else { return vec![] };
    let path = path_to(document, last);
    let is_variable = path.first().is_some_and(|first| document.names().is_variable(scope, first));
    let mut found =
        if path.is_empty() || is_variable { vec![] } else { segments(document, cursor, &path.join(".")) };
    // `zoho.` alone has no methods; `zoho.currentdate.` has those of a date.
    let reserved = found.iter().any(|item| item.kind == CompletionKind::Namespace) || path == ["zoho"];
    if !reserved {
        found.extend(methods(document, cursor, kinds::of_receiver(document, dot)));
    }
    found
}

/// The dotted names that begin with a path, one segment further.
fn segments(document: &Document, cursor: &Cursor, path: &str) -> Vec<Completion> {
    let mut found: BTreeMap<String, Completion> = BTreeMap::new();
    let called = brackets_follow(document, cursor);
    let mut add = |whole: &str, finish: &dyn Fn(Completion) -> Completion| {
        let Some(rest) = whole.get(path.len()..).filter(|_| whole[..path.len()].eq_ignore_ascii_case(path))
        else {
            return;
        };
        let Some(rest) = rest.strip_prefix('.') else { return };
        match rest.split_once('.') {
            Some((segment, _)) => {
                let item = Completion::new(segment, CompletionKind::Namespace, cursor.replace, "").rank(2);
                found.entry(segment.to_owned()).or_insert(item);
            }
            None => {
                let item = finish(Completion::new(rest, CompletionKind::Builtin, cursor.replace, "").rank(1));
                found.insert(rest.to_owned(), item);
            }
        }
    };
    for function in &document.program.functions {
        let params = || function.params.iter().map(|param| param.name.text.as_str());
        let name = function.name.last().map_or("", |part| part.text.as_str());
        add(&function.full_name(), &|item| Completion {
            kind: CompletionKind::Function,
            detail: describe::function(function),
            snippet: (!called).then(|| call_snippet(name, params())),
            ..item
        });
    }
    for call in HOST_CALLS {
        for spelling in call.spellings {
            let last = spelling.rsplit('.').next().unwrap_or(spelling);
            let required = || call.params.iter().take(call.required).copied();
            add(spelling, &|item| Completion {
                kind: if call.variable { CompletionKind::SystemVariable } else { CompletionKind::Builtin },
                detail: manual::host_signature(call),
                doc: Some(call.doc.to_owned()),
                snippet: (!called && !call.variable).then(|| call_snippet(last, required())),
                ..item
            });
        }
    }
    for builtin in TABLES.iter().copied().flatten() {
        for name in std::iter::once(&builtin.name).chain(builtin.aliases).filter(|name| name.contains('.')) {
            add(name, &|item| Completion {
                detail: builtin.signature(),
                doc: Some(builtin.doc.to_owned()),
                ..item
            });
        }
    }
    // APIs that are called by their own name, as `zoho.crm.getRecordById(…)`.
    let catalog = document.environment().catalog.iter();
    for api in catalog.flat_map(|catalog| &catalog.apis).filter(|api| api.id.starts_with("zoho.")) {
        add(&api.id, &|item| Completion {
            kind: CompletionKind::Api,
            detail: describe::api_signature(api),
            doc: Some(describe::api(api)),
            ..item
        });
    }
    found.into_values().collect()
}

/// Built-ins on values of some kinds; all of them if nothing is known of the value.
fn methods(document: &Document, cursor: &Cursor, kinds: KindSet) -> Vec<Completion> {
    let called = brackets_follow(document, cursor);
    let mut found: BTreeMap<&str, Completion> = BTreeMap::new();
    for builtin in TABLES.iter().copied().flatten() {
        let fits = builtin.on.iter().any(|kind| kinds.has(*kind));
        if builtin.on.is_empty() || !fits {
            continue;
        }
        if let Some(other) = found.get_mut(builtin.name) {
            // One name for several kinds of values is one choice.
            other.detail = format!("{}, {}", other.detail, builtin.signature());
            continue;
        }
        // Many functions of text take other kinds as well, as their text; what is made for a kind is
        // likelier to be looked for.
        let made_for =
            |kind: Kind| builtin.receiver().is_some_and(|word| word.split('/').any(|w| w == kind.name()));
        let rank = if !kinds.is_any() && kinds.iter().any(made_for) { 2 } else { 4 };
        let required = builtin.params.iter().filter(|param| !param.optional).map(|param| param.name);
        let item = Completion::new(builtin.name, CompletionKind::Method, cursor.replace, builtin.signature())
            .doc(builtin.doc)
            .rank(rank);
        let item = if called { item } else { item.snippet(call_snippet(builtin.name, required)) };
        found.insert(builtin.name, item);
    }
    if kinds.only() == Some(Kind::Error) {
        for (name, doc) in [("message", "What went wrong."), ("lineNo", "The line where it did.")] {
            let item = Completion::new(name, CompletionKind::MapKey, cursor.replace, "of a fault");
            found.insert(name, item.doc(doc).rank(1));
        }
    }
    found.into_values().collect()
}
