//! Connectors, their APIs and the variables of an API.

use super::keys::{assigned_to, is_map_key, owner_of_method};
use super::{Completion, CompletionKind};
use crate::catalog::{Api, Catalog};
use crate::host::API_CALLS;
use crate::ide::Document;
use crate::ide::cursor::{Cursor, Frame, Place, callee, callee_path, is_task};
use crate::ide::describe;
use crate::source::Span;
use crate::syntax::token::{Op, TokenKind};

/// Inside a text: an id of an API, a connector, or a variable of an API.
pub(super) fn inside_text(document: &Document, cursor: &Cursor, token: usize) -> Vec<Completion> {
    let (Some(catalog), Some(frame)) = (&document.environment().catalog, cursor.frames.first()) else {
        return vec![];
    };
    let api_call = |frame: &Frame| {
        let called = |names: &[&str]| is_call(document, frame.open, names);
        frame.arg == 0 && (called(API_CALLS) || called(&["budget"]))
    };
    if api_call(frame) {
        return apis(catalog, cursor.replace);
    }
    let of_connector = frame.arg == 0
        && is_call(
            document,
            frame.open,
            &["authorize", "isAuthorized", "isConnectorAuthorized", "revoke", "revokeConnector"],
        );
    let connection = is_task(document, frame.open)
        && token >= 2
        && document.op(token - 1) == Some(Op::Colon)
        && document.is_word(token - 2, "connection");
    if of_connector || connection {
        return connectors(catalog, cursor.replace);
    }
    let is_key = is_map_key(document, frame)
        || (frame.arg == 0 && callee(document, frame.open).is_some_and(|name| document.is_word(name, "put")));
    if is_key { variables(document, catalog, cursor) } else { vec![] }
}

/// Outside of a text: variables of an API with their quotes, as keys of its map.
pub(super) fn values(document: &Document, cursor: &Cursor) -> Vec<Completion> {
    let (Some(catalog), Some(frame)) = (&document.environment().catalog, cursor.frames.first()) else {
        return vec![];
    };
    if cursor.place != Place::Value || !is_map_key(document, frame) {
        return vec![];
    }
    let quoted = |item: Completion| Completion { insert: format!("\"{}\"", item.label), ..item };
    variables(document, catalog, cursor).into_iter().map(quoted).collect()
}

fn is_call(document: &Document, open: usize, names: &[&str]) -> bool {
    callee(document, open).is_some_and(|name| names.iter().any(|wanted| document.is_word(name, wanted)))
}

fn apis(catalog: &Catalog, replace: Span) -> Vec<Completion> {
    let all = catalog.apis.iter();
    all.map(|api| {
        Completion::new(&api.id, CompletionKind::Api, replace, describe::api_signature(api))
            .doc(describe::api(api))
            .rank(1)
    })
    .collect()
}

fn connectors(catalog: &Catalog, replace: Span) -> Vec<Completion> {
    let all = catalog.namespaces.iter();
    all.map(|name| Completion::new(name, CompletionKind::Connector, replace, "connector").rank(1)).collect()
}

/// The variables of the APIs that the map at the cursor is passed to.
fn variables(document: &Document, catalog: &Catalog, cursor: &Cursor) -> Vec<Completion> {
    let mut found: Vec<Completion> = Vec::new();
    for api in apis_fed(document, catalog, cursor) {
        for (at, input) in api.inputs.iter().flatten().enumerate() {
            let need = if input.required { "must be given" } else { "may be left out" };
            let detail = format!("{:?} of {}, {need}", input.kind, api.id).to_lowercase();
            let item = Completion::new(&input.name, CompletionKind::ApiVariable, cursor.replace, detail)
                .rank(if input.required { 0 } else { 1 });
            let doc = describe::input(input);
            let item = if doc.is_empty() { item } else { item.doc(doc) };
            if at < 500 && !found.iter().any(|other| other.label == item.label) {
                found.push(item);
            }
        }
    }
    found
}

/// The APIs whose variables the map at the cursor holds.
pub(in crate::ide) fn apis_fed<'c>(
    document: &Document,
    catalog: &'c Catalog,
    cursor: &Cursor,
) -> Vec<&'c Api> {
    let Some(frame) = cursor.frames.first() else { return vec![] };
    if let Some(outer) = cursor.frames.get(1).filter(|_| document.op(frame.open) == Some(Op::BraceOpen)) {
        return api_of_call(document, catalog, outer.open).filter(|_| outer.arg == 1).into_iter().collect();
    }
    let variable = assigned_to(document, frame.open).or_else(|| owner_of_method(document, frame.open));
    let Some(variable) = variable else { return vec![] };
    let scope = document.scope_at(cursor.replace.start);
    let calls = (0..document.tokens.len()).filter(|at| {
        is_call(document, *at, API_CALLS)
            && document.op(at + 2) == Some(Op::Comma)
            && document.word(at + 3) == Some(variable)
            && document.scope_at(document.tokens[*at].span.start) == scope
    });
    calls.filter_map(|open| api_of_call(document, catalog, open)).collect()
}

/// The API that a call of `invokeConnector` names.
pub(in crate::ide) fn api_of_call<'c>(
    document: &Document,
    catalog: &'c Catalog,
    open: usize,
) -> Option<&'c Api> {
    if !is_call(document, open, API_CALLS) {
        return catalog.api(&callee_path(document, open).join("."));
    }
    let TokenKind::Text { .. } = document.tokens.get(open + 1)?.kind else { return None };
    catalog.api(document.slice(document.inside_quotes(open + 1)?))
}
