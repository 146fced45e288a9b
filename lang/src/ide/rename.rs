//! Gives a variable or function another name everywhere in its file.

use super::Document;
use super::names::Role;
use super::navigation::{Symbol, places, symbol_at};
use crate::diagnostic::Edit;
use crate::host::HOST_CALLS;
use crate::source::Span;
use crate::stdlib;
use crate::syntax::parser::TASKS;
use serde::Serialize;

/// Why something cannot be renamed, in a sentence for the author.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{0}")]
pub struct Refusal(pub String);

fn refused<T>(message: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal(message.into()))
}

/// Words that cannot be names of variables or functions, or should not be.
const KEYWORDS: &[&str] = &[
    "if", "else", "for", "each", "while", "try", "catch", "return", "break", "continue", "info", "throw",
    "true", "false", "null", "in", "is", "not", "contains", "like", "zoho", "thisapp", "input", "void",
];

/// What would be renamed at a byte offset.
///
/// # Errors
/// There is no name of this file, or one that is given from outside.
pub fn prepare_rename(document: &Document, offset: u32) -> Result<Span, Refusal> {
    let Some((symbol, name)) = symbol_at(document, offset) else {
        return refused("only variables and functions of this file can be renamed");
    };
    if let Symbol::Variable(scope, text) = symbol {
        let outside = scope == document.program.functions.len()
            && document.environment().variables.iter().any(|given| given == text);
        if outside {
            return refused(format!(
                "`{text}` is given to the script from outside; its name is not ours to change"
            ));
        }
    }
    Ok(name.span)
}

/// The changes that rename what stands at a byte offset.
///
/// # Errors
/// The new name is no name, or means something else already.
pub fn rename(document: &Document, offset: u32, to: &str) -> Result<Vec<Edit>, Refusal> {
    prepare_rename(document, offset)?;
    let Some((symbol, _)) = symbol_at(document, offset) else { return Ok(vec![]) };
    let starts = to.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !starts || !to.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return refused(format!("`{to}` is not a name: names have the letters A to Z, digits and `_`"));
    }
    if KEYWORDS.iter().any(|word| word.eq_ignore_ascii_case(to)) {
        return refused(format!("`{to}` is a word of the language"));
    }
    match &symbol {
        Symbol::Variable(scope, from) => free_for_variable(document, *scope, from, to)?,
        Symbol::Function(index) => free_for_function(document, *index, to)?,
    }
    let all = places(document, &symbol).into_iter();
    Ok(all.map(|place| Edit { span: place.span, text: to.to_owned() }).collect())
}

fn free_for_variable(document: &Document, scope: usize, from: &str, to: &str) -> Result<(), Refusal> {
    let names = document.names();
    if from != to && names.of_variable(document, scope, to).next().is_some() {
        return refused(format!("there is a variable `{to}` here already"));
    }
    if scope == document.program.functions.len() && document.environment().variables.iter().any(|v| v == to) {
        return refused(format!("`{to}` is given to the script from outside"));
    }
    let system = HOST_CALLS.iter().filter(|call| call.variable).flat_map(|call| call.spellings);
    if system.into_iter().any(|spelling| spelling.eq_ignore_ascii_case(to)) {
        return refused(format!("`{to}` is a system variable, which would be hidden"));
    }
    // `greet.f()` would become a method of the variable.
    let is_prefix = |role: Role| matches!(role, Role::Namespace);
    let taken =
        names.all().iter().any(|n| n.scope == scope && is_prefix(n.role) && document.slice(n.span) == to);
    if taken {
        return refused(format!("`{to}` begins the name of a function that is called here"));
    }
    Ok(())
}

fn free_for_function(document: &Document, index: usize, to: &str) -> Result<(), Refusal> {
    let functions = &document.program.functions;
    let last = |at: usize| functions[at].name.last().map_or("", |part| part.text.as_str());
    if (0..functions.len()).any(|at| at != index && last(at).eq_ignore_ascii_case(to)) {
        return refused(format!(
            "there is a function `{to}` already; names of functions are compared without case"
        ));
    }
    if document
        .environment()
        .functions
        .iter()
        .any(|name| name.rsplit('.').next().is_some_and(|n| n.eq_ignore_ascii_case(to)))
    {
        return refused(format!("there is a stored function `{to}` already"));
    }
    let host = HOST_CALLS.iter().flat_map(|call| call.spellings).any(|s| s.eq_ignore_ascii_case(to));
    if host || stdlib::find(to).next().is_some() || TASKS.iter().any(|task| task.eq_ignore_ascii_case(to)) {
        return refused(format!("`{to}` is a built-in, which calls of it would no longer reach"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::marked::at_cursor;
    use super::*;

    fn renamed(text: &str, to: &str) -> Result<String, String> {
        let (document, offset) = at_cursor(text);
        let edits = rename(&document, offset, to).map_err(|refusal| refusal.0)?;
        let mut out = document.text().to_owned();
        for edit in edits.iter().rev() {
            out.replace_range(edit.span.range(), &edit.text);
        }
        Ok(out)
    }

    #[test]
    fn a_variable_is_renamed_in_its_function_only() {
        let text = "void f(int a) { info a + \"a\"; m = {\"a\": a}; }\n‸a = 1; info a.toString();";
        let expected = "void f(int a) { info a + \"a\"; m = {\"a\": a}; }\nbc = 1; info bc.toString();";
        assert_eq!(renamed(text, "bc").unwrap(), expected);
        let text = "void f(int a) { info ‸a + \"a\"; m = {\"a\": a}; }\na = 1;";
        let expected = "void f(int count) { info count + \"a\"; m = {\"a\": count}; }\na = 1;";
        assert_eq!(renamed(text, "count").unwrap(), expected);
    }

    #[test]
    fn a_function_keeps_its_namespace() {
        let text = "string n.greet() { return \"\"; }\ninfo n.gre‸et() + GREET();";
        assert_eq!(
            renamed(text, "hail").unwrap(),
            "string n.hail() { return \"\"; }\ninfo n.hail() + hail();"
        );
    }

    #[test]
    fn names_that_are_taken_or_no_names_are_refused() {
        let taken = "a = 1; b = 2; info ‸a;";
        assert!(renamed(taken, "b").unwrap_err().contains("already"));
        assert!(renamed(taken, "B").is_ok(), "variables are compared with case");
        for to in ["if", "Null", "info"] {
            assert!(renamed(taken, to).unwrap_err().contains("word of the language"), "{to}");
        }
        for to in ["", "1a", "a b", "a-b", "é", "a.b"] {
            assert!(renamed(taken, to).unwrap_err().contains("is not a name"), "{to}");
        }
        assert!(renamed(taken, "today").unwrap_err().contains("system variable"));
        let functions = "void f() { }\nvoid g() { }\n‸f();\nx = 1; x.trim();";
        assert!(renamed(functions, "G").unwrap_err().contains("already"));
        assert!(renamed(functions, "trim").unwrap_err().contains("built-in"));
        assert!(renamed("x = 1; info x.‸trim();", "y").unwrap_err().contains("only variables"));
        let method = "void n.f() { }\n‸x = 1; n.f();";
        assert!(renamed(method, "n").unwrap_err().contains("begins the name"));
    }
}
