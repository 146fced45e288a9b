//! Keys: of tasks, and of maps as the file shows them.

use super::{Completion, CompletionKind};
use crate::ide::Document;
use crate::ide::cursor::{Cursor, Frame, callee};
use crate::source::Span;
use crate::stdlib::TABLES;
use crate::syntax::token::{Op, TokenKind};
use crate::value::Kind;
use std::collections::BTreeMap;

/// Keys of tasks with what they mean.
const TASK_KEYS: &[(&str, &[(&str, &str)])] = &[
    (
        "invokeurl",
        &[
            ("url", "The address. Must be given."),
            ("type", "The method: GET if it is left out."),
            ("parameters", "A map: the query of a GET, the form of a POST. A text: the body as it is."),
            ("body", "The body: a text, or a map that is sent as JSON."),
            ("headers", "A map of headers."),
            ("content-type", "What the body is."),
            ("files", "A file or a list of files, sent as multipart."),
            ("connection", "The connector that the request is authorized by."),
            ("detailed", "`true`: answers a map with `responseCode`, `responseText` and `responseHeader`."),
            ("response-format", "How the answer is read."),
            ("response-decoding", "The encoding of the answer."),
            (
                "follow-redirects",
                "`false`: a redirect is the answer. GET and HEAD follow unless told, others if told.",
            ),
        ],
    ),
    (
        "sendmail",
        &[
            ("from", "The sender."),
            ("to", "The recipients: a text or a list."),
            ("cc", "Who gets a copy."),
            ("bcc", "Who gets a copy that the others do not see."),
            ("reply to", "Where answers go."),
            ("subject", "The subject."),
            ("message", "The text, plain or HTML."),
            ("content type", "`HTML` or `TEXT`."),
            ("attachments", "`file: value`."),
        ],
    ),
    ("sendsms", &[("to", "The number."), ("message", "The text.")]),
    ("pushnotification", &[("to", "Who is told."), ("message", "The text.")]),
    (
        "invokeapi",
        &[
            ("service", "The service."),
            ("path", "The path of the API."),
            ("type", "The method: GET if it is left out."),
            ("parameters", "A map of parameters."),
            ("body", "The body."),
            ("headers", "A map of headers."),
            ("connection", "The connector that the request is authorized by."),
            ("response-format", "How the answer is read."),
            ("response-decoding", "The encoding of the answer."),
            (
                "follow-redirects",
                "`false`: a redirect is the answer. GET and HEAD follow unless told, others if told.",
            ),
        ],
    ),
];

const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// What a key of a task means.
pub(in crate::ide) fn task_key_doc(task: &str, key: &str) -> Option<&'static str> {
    let (_, keys) = TASK_KEYS.iter().find(|(name, _)| name.eq_ignore_ascii_case(task))?;
    keys.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, doc)| *doc)
}

/// Keys that a task does not have yet.
pub(super) fn of_task(document: &Document, cursor: &Cursor, open: usize) -> Vec<Completion> {
    let task = open.checked_sub(1).and_then(|name| document.word(name)).unwrap_or_default();
    let Some((_, keys)) = TASK_KEYS.iter().find(|(name, _)| name.eq_ignore_ascii_case(task)) else {
        return vec![];
    };
    let end = document.brackets.mate(open).unwrap_or(document.tokens.len());
    let given: Vec<String> = (open + 1..end)
        .filter(|at| document.op(*at) == Some(Op::Colon))
        .map(|at| key_before(document, at, open))
        .collect();
    let left =
        keys.iter().enumerate().filter(|(_, (key, _))| !given.iter().any(|g| g.eq_ignore_ascii_case(key)));
    left.map(|(at, (key, doc))| {
        Completion {
            insert: format!("{key}: "),
            ..Completion::new(key, CompletionKind::TaskKey, cursor.replace, format!("key of {task}"))
        }
        .doc(*doc)
        .rank(at as u8)
    })
    .collect()
}

/// The words before a colon, as far as they stand on its line: `content-type`, `reply to`.
fn key_before(document: &Document, colon: usize, open: usize) -> String {
    let mut start = colon;
    while start > open + 1
        && (document.word(start - 1).is_some() || document.op(start - 1) == Some(Op::Minus))
        && !document.tokens[start].starts_line
    {
        start -= 1;
    }
    let span = Span::new(document.tokens[start].span.start, document.tokens[colon].span.start);
    document.slice(span).trim().to_owned()
}

/// What may follow the `:` of a task's key: constants, and any value.
pub(super) fn value(document: &Document, cursor: &Cursor, key: usize) -> Vec<Completion> {
    if document.is_word(key, "type") && !document.is_word(key.saturating_sub(1), "content") {
        let methods = METHODS.iter().enumerate();
        return methods
            .map(|(at, method)| {
                Completion::new(method, CompletionKind::Constant, cursor.replace, "HTTP method")
                    .rank(at as u8)
            })
            .collect();
    }
    super::values(document, cursor)
}

/// Keys that the file uses, where a text is a key; those of the same variable first.
pub(super) fn of_maps(document: &Document, cursor: &Cursor, token: usize) -> Vec<Completion> {
    let Some(frame) = cursor.frames.first() else { return vec![] };
    let methods = methods_with_key();
    let owner = if is_map_key(document, frame) {
        assigned_to(document, frame.open)
    } else if frame.arg == 0
        && callee(document, frame.open).is_some_and(|name| is_method(document, name, &methods))
    {
        owner_of_method(document, frame.open)
    } else {
        return vec![];
    };
    let mut found: BTreeMap<String, bool> = BTreeMap::new();
    for (key, other) in seen(document, token, &methods) {
        let same = owner.is_some() && owner == other;
        *found.entry(key).or_default() |= same;
    }
    found
        .into_iter()
        .map(|(key, same)| {
            let detail = match owner.filter(|_| same) {
                Some(owner) => format!("key of {owner}"),
                None => "key in this file".to_owned(),
            };
            Completion::new(&key, CompletionKind::MapKey, cursor.replace, detail).rank(if same {
                2
            } else {
                4
            })
        })
        .collect()
}

/// Whether a place in `{ … }` is that of a key. `{` may still become a list; a key is likelier to be
/// looked for.
pub(super) fn is_map_key(document: &Document, frame: &Frame) -> bool {
    document.op(frame.open) == Some(Op::BraceOpen) && frame.colon.is_none()
}

/// Spellings of the built-ins of maps whose first argument is a key.
fn methods_with_key() -> Vec<&'static str> {
    let all = TABLES.iter().copied().flatten().filter(|builtin| {
        builtin.on.contains(&Kind::Map) && builtin.params.first().is_some_and(|param| param.name == "key")
    });
    all.flat_map(|builtin| std::iter::once(builtin.name).chain(builtin.aliases.iter().copied())).collect()
}

fn is_method(document: &Document, name: usize, methods: &[&str]) -> bool {
    let after_dot = name.checked_sub(1).is_some_and(|dot| document.op(dot) == Some(Op::Dot));
    after_dot && methods.iter().any(|method| document.is_word(name, method))
}

/// The variable whose method is called with this bracket.
pub(super) fn owner_of_method(document: &Document, open: usize) -> Option<&str> {
    let object = open.checked_sub(3)?;
    let alone = object.checked_sub(1).is_none_or(|before| document.op(before) != Some(Op::Dot));
    document.word(object).filter(|_| alone && document.op(open - 2) == Some(Op::Dot))
}

/// The variable that a literal is assigned to.
pub(super) fn assigned_to(document: &Document, open: usize) -> Option<&str> {
    let name = open.checked_sub(2)?;
    document.word(name).filter(|_| document.op(open - 1) == Some(Op::Set))
}

/// Keys in the file with the variable whose they are. `without` is the text being typed.
fn seen<'d>(document: &'d Document, without: usize, methods: &[&str]) -> Vec<(String, Option<&'d str>)> {
    let mut found = Vec::new();
    // For each open brace, the variable that its map is assigned to.
    let mut maps: Vec<Option<&str>> = vec![];
    for (at, token) in document.tokens.iter().enumerate() {
        match token.kind {
            TokenKind::Op(Op::BraceOpen) => maps.push(assigned_to(document, at)),
            TokenKind::Op(Op::BraceClose) => drop(maps.pop()),
            TokenKind::Text { closed: true, .. } if at != without => {
                let Some(before) = at.checked_sub(1) else { continue };
                let owner = match document.op(before) {
                    Some(Op::BraceOpen | Op::Comma) if document.op(at + 1) == Some(Op::Colon) => {
                        maps.last().copied().flatten()
                    }
                    Some(Op::ParenOpen) if before > 0 && is_method(document, before - 1, methods) => {
                        owner_of_method(document, before)
                    }
                    _ => continue,
                };
                let key = document.inside_quotes(at).map(|span| document.slice(span)).unwrap_or_default();
                // A key with escapes would have to be written back with them.
                if !key.is_empty() && !key.contains('\\') {
                    found.push((key.to_owned(), owner));
                }
            }
            _ => {}
        }
    }
    found
}
