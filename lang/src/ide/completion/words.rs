//! Words at the beginning of a statement or value: keywords, variables, functions, built-ins.

use super::{Completion, CompletionKind, brackets_follow, call_snippet};
use crate::host::HOST_CALLS;
use crate::ide::Document;
use crate::ide::cursor::Cursor;
use crate::ide::describe;
use crate::ide::kinds;
use crate::manual;
use crate::stdlib::{Builtin, TABLES};
use crate::syntax::parser::TASKS;

/// Keywords of statements with what follows them.
const STATEMENTS: &[(&str, &str, &str)] = &[
    ("if", "if(${1:condition})\n{\n\t$0\n}", "Does something only if a condition is true."),
    ("else", "else\n{\n\t$0\n}", "What happens if no condition before was true."),
    ("for each", "for each ${1:item} in ${2:list}\n{\n\t$0\n}", "Walks over the elements of a list."),
    (
        "for each index",
        "for each index ${1:i} in ${2:list}\n{\n\t$0\n}",
        "Walks over the positions of a list, from 0.",
    ),
    ("while", "while(${1:condition})\n{\n\t$0\n}", "Repeats as long as a condition is true."),
    ("try", "try\n{\n\t$1\n}\ncatch (${2:e})\n{\n\tinfo ${2:e};\n}", "Goes on after a fault."),
    ("return", "return $0;", "Ends the function with a value."),
    ("info", "info $0;", "Prints a value."),
    ("throw", "throw $0;", "Raises a fault."),
    ("break", "break;", "Leaves the loop."),
    ("continue", "continue;", "Goes on with the next turn of the loop."),
];

/// What may begin a statement.
pub(super) fn statement(document: &Document, cursor: &Cursor) -> Vec<Completion> {
    let mut found: Vec<Completion> = STATEMENTS
        .iter()
        .map(|(word, snippet, doc)| {
            Completion::new(word, CompletionKind::Keyword, cursor.replace, "keyword")
                .doc(*doc)
                .snippet(*snippet)
                .rank(4)
        })
        .collect();
    found.extend(value(document, cursor));
    found
}

/// What may begin a value.
pub(super) fn value(document: &Document, cursor: &Cursor) -> Vec<Completion> {
    let mut found = variables(document, cursor);
    found.extend(functions(document, cursor));
    found.extend(builtins(document, cursor));
    found.extend(host_calls(document, cursor));
    for word in ["true", "false", "null"] {
        found.push(Completion::new(word, CompletionKind::Constant, cursor.replace, "constant").rank(6));
    }
    for task in TASKS {
        let snippet = match *task {
            "invokeurl" => "invokeurl\n[\n\turl: \"${1:https://}\"\n\ttype: ${2:GET}\n]",
            _ => "",
        };
        let item = Completion::new(task, CompletionKind::Task, cursor.replace, "task").rank(5);
        found.push(if snippet.is_empty() { item } else { item.snippet(snippet) });
    }
    found
}

fn variables(document: &Document, cursor: &Cursor) -> Vec<Completion> {
    let names = document.names();
    let scope = document.scope_at(cursor.replace.start);
    let written = |name: &str| {
        // What is being typed right now is not a variable yet.
        names.of_variable(document, scope, name).any(|found| found.span.start != cursor.replace.start)
            || document.environment().variables.iter().any(|given| given == name)
    };
    let known = kinds::variables(document, cursor.replace.start);
    let all = names.variables(scope).into_iter().filter(|name| written(name));
    all.map(|name| {
        let detail = known.get(name).and_then(|known| kinds::words(known.kinds));
        let detail = detail.unwrap_or_else(|| "variable".to_owned());
        Completion::new(name, CompletionKind::Variable, cursor.replace, detail).rank(1)
    })
    .collect()
}

fn functions(document: &Document, cursor: &Cursor) -> Vec<Completion> {
    let called = brackets_follow(document, cursor);
    let own = document.program.functions.iter().enumerate().map(|(index, function)| {
        let name = function.full_name();
        let item =
            Completion::new(&name, CompletionKind::Function, cursor.replace, describe::function(function))
                .rank(2);
        let item = match describe::comment_above(document, index) {
            Some(comment) => item.doc(comment),
            None => item,
        };
        let params = function.params.iter().map(|param| param.name.text.as_str());
        if called { item } else { item.snippet(call_snippet(&name, params)) }
    });
    let stored = document.environment().functions.iter().map(|name| {
        Completion::new(name, CompletionKind::Function, cursor.replace, "stored function").rank(3)
    });
    own.chain(stored).collect()
}

fn builtins(document: &Document, cursor: &Cursor) -> Vec<Completion> {
    let called = brackets_follow(document, cursor);
    let all = TABLES.iter().copied().flatten();
    all.map(|builtin| {
        let item = Completion::new(
            builtin.name,
            CompletionKind::Builtin,
            cursor.replace,
            describe::free_signature(builtin),
        )
        .doc(builtin.doc)
        // Those without a receiver have no other form.
        .rank(if builtin.on.is_empty() { 3 } else { 7 });
        if called { item } else { item.snippet(call_snippet(builtin.name, free_params(builtin))) }
    })
    .collect()
}

fn free_params(builtin: &Builtin) -> impl Iterator<Item = &str> {
    let receiver = if builtin.on.is_empty() { None } else { Some("value") };
    let required = builtin.params.iter().filter(|param| !param.optional);
    receiver.into_iter().chain(required.map(|param| param.name))
}

fn host_calls(document: &Document, cursor: &Cursor) -> Vec<Completion> {
    let called = brackets_follow(document, cursor);
    let mut found = Vec::new();
    for call in HOST_CALLS.iter().filter(|call| call.name != "info" && !TASKS.contains(&call.name)) {
        for spelling in call.spellings {
            let kind = if call.variable { CompletionKind::SystemVariable } else { CompletionKind::Builtin };
            let rank = if spelling == &call.spellings[0] { 3 } else { 8 };
            let item = Completion::new(spelling, kind, cursor.replace, manual::host_signature(call))
                .doc(call.doc)
                .rank(rank);
            let required = call.params.iter().take(call.required).copied();
            let bare = called || call.variable;
            found.push(if bare { item } else { item.snippet(call_snippet(spelling, required)) });
        }
    }
    found
}
