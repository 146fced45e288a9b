//! How the call around a place is written, and which of its arguments is being typed.

use super::Document;
use super::completion::api_of_call;
use super::cursor::{callee, callee_path, cursor};
use super::describe;
use super::kinds;
use crate::check::kinds::KindSet;
use crate::host::HOST_CALLS;
use crate::manual;
use crate::resolve::{self, Callee};
use crate::stdlib::{self, Builtin};
use crate::syntax::token::Op;
use serde::Serialize;

/// One way to call a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signature {
    /// The whole signature.
    pub label: String,
    /// Its parameters, each as it stands in `label`.
    pub params: Vec<String>,
    /// Markdown.
    pub doc: Option<String>,
}

/// The ways to call what is being called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signatures {
    /// At least one.
    pub all: Vec<Signature>,
    /// The one that fits what is written.
    pub active: usize,
    /// The argument at the cursor, counted from 0.
    pub argument: usize,
}

/// The call around a byte offset.
pub fn signatures(document: &Document, offset: u32) -> Option<Signatures> {
    let cursor = cursor(document, offset);
    let frame = cursor.frames.iter().find(|frame| callee(document, frame.open).is_some())?;
    let all = of_call(document, document.scope_at(offset), frame.open);
    let active = all.iter().position(|one| one.params.len() > frame.arg).unwrap_or(0);
    (!all.is_empty()).then_some(Signatures { all, active, argument: frame.arg })
}

fn of_call(document: &Document, scope: usize, open: usize) -> Vec<Signature> {
    let Some(name) = callee(document, open) else { return vec![] };
    let path = callee_path(document, open);
    // A value that is no name stands before the dot: a method.
    let hangs = name.checked_sub(1).is_some_and(|dot| document.op(dot) == Some(Op::Dot));
    let word = document.word(name).unwrap_or_default();
    if hangs && path.len() == 1 {
        return methods(document, name, word);
    }
    let is_local = |name: &str| document.names().is_variable(scope, name);
    let stored = &document.environment().functions;
    match resolve::resolve_call(&document.program, &path, is_local, stored) {
        Callee::File(index) => {
            let function = &document.program.functions[index];
            let params = function.params.iter().map(|param| match &param.ty {
                Some(ty) => format!("{} {}", ty.text, param.name.text),
                None => param.name.text.clone(),
            });
            vec![Signature {
                label: describe::function(function),
                params: params.collect(),
                doc: describe::comment_above(document, index),
            }]
        }
        Callee::Host(index) => {
            let call = &HOST_CALLS[index];
            vec![Signature {
                label: manual::host_signature(call),
                params: describe::host_params(call),
                doc: Some(call.doc.to_owned()),
            }]
        }
        Callee::Builtin => stdlib::find(&path.join(".")).map(free).collect(),
        Callee::Method => methods(document, name, word),
        _ => {
            let api = document.environment().catalog.as_ref();
            let api = api.and_then(|catalog| api_of_call(document, catalog, open));
            let known = api.map(|api| Signature {
                label: describe::api_signature(api),
                params: describe::api_params(api),
                doc: api.description.clone(),
            });
            match known {
                Some(known) => vec![known],
                None if hangs => methods(document, name, word),
                None => vec![],
            }
        }
    }
}

fn free(builtin: &Builtin) -> Signature {
    Signature {
        label: describe::free_signature(builtin),
        params: describe::free_params(builtin),
        doc: Some(builtin.doc.to_owned()),
    }
}

fn methods(document: &Document, name: usize, word: &str) -> Vec<Signature> {
    let kinds = name.checked_sub(1).map_or(KindSet::ANY, |dot| kinds::of_receiver(document, dot));
    let all: Vec<&Builtin> = stdlib::find(word).filter(|builtin| !builtin.on.is_empty()).collect();
    let fits = |builtin: &&Builtin| builtin.on.iter().any(|kind| kinds.has(*kind));
    let fitting: Vec<&Builtin> = all.iter().copied().filter(fits).collect();
    let shown = if fitting.is_empty() { all } else { fitting };
    shown
        .into_iter()
        .map(|builtin| Signature {
            label: builtin.signature(),
            params: describe::params(builtin),
            doc: Some(builtin.doc.to_owned()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::marked::at_cursor;
    use super::*;

    fn shown(text: &str) -> Option<(String, Option<String>)> {
        let (document, offset) = at_cursor(text);
        let found = signatures(&document, offset)?;
        let active = &found.all[found.active];
        Some((active.label.clone(), active.params.get(found.argument).cloned()))
    }

    #[test]
    fn the_call_around_the_cursor_is_shown_with_its_argument() {
        for (text, label, argument) in [
            (
                "x = \"abc\".substring(1, ‸",
                "text.substring(start: number, [end: number]) → text",
                "[end: number]",
            ),
            ("m = Map(); m.put(‸);", "map.put(key: any, value: any) → nothing", "key: any"),
            ("x = trim(‸)", "trim(value: text) → text", "value: text"),
            ("void f(int a, b) { }\nf(1, ‸)", "void f(int a, b)", "b"),
            ("r = invokeConnector(\"a.b\", {\"k\": ‸", "invokeConnector(api, [data], [options])", "[data]"),
        ] {
            assert_eq!(shown(text), Some((label.to_owned(), Some(argument.to_owned()))), "{text}");
        }
        assert_eq!(shown("x = ‸"), None);
        assert_eq!(shown("f(1);\n‸"), None);
    }
}
