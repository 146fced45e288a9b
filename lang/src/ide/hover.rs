//! What a name under the pointer means.

use super::Document;
use super::completion::{api_of_call, apis_fed, task_key_doc};
use super::cursor::{Place, callee_path, cursor};
use super::describe;
use super::kinds;
use super::names::{Name, Role};
use crate::host::HOST_CALLS;
use crate::manual::{self, PageKind};
use crate::source::Span;
use crate::stdlib::{self, Builtin};
use crate::syntax::token::{Op, TokenKind};
use serde::Serialize;

/// What is known of a piece of text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hover {
    /// The piece.
    pub span: Span,
    /// Markdown.
    pub markdown: String,
}

/// What stands at a byte offset; nothing where there is nothing to say.
pub fn hover(document: &Document, offset: u32) -> Option<Hover> {
    let token = document.token_at(offset)?;
    if matches!(document.tokens[token].kind, TokenKind::Text { .. }) {
        return in_text(document, token);
    }
    if let Some(name) = document.names().at(offset) {
        let markdown = of_name(document, name, token)?;
        return Some(Hover { span: name.span, markdown });
    }
    let markdown = looked_up(document.word(token)?, &[PageKind::Statement])?;
    Some(Hover { span: document.tokens[token].span, markdown })
}

fn of_name(document: &Document, name: &Name, token: usize) -> Option<String> {
    let text = document.slice(name.span);
    match name.role {
        Role::Variable { .. } | Role::Parameter => Some(variable(document, name)),
        Role::Declaration(index) | Role::Call(index) => Some(function(document, index)),
        Role::Host(index) => {
            let call = &HOST_CALLS[index];
            let name = call.spellings.first().copied().unwrap_or(call.name);
            looked_up(name, &[PageKind::HostCall, PageKind::SystemVariable, PageKind::Task])
        }
        Role::Task => looked_up(text, &[PageKind::Task, PageKind::HostCall]),
        Role::Key => {
            let task =
                (0..token).rev().find(|at| document.op(*at) == Some(Op::SquareOpen))?.checked_sub(1)?;
            let doc = task_key_doc(document.word(task)?, text)?;
            Some(format!("`{text}` of `{}`\n\n{doc}", document.word(task)?))
        }
        Role::Builtin => {
            // `zoho.encryption.urlEncode`: the whole name decides.
            let mut last = token;
            while document.op(last + 1) == Some(Op::Dot) && document.word(last + 2).is_some() {
                last += 2;
            }
            let whole = super::names::path_to(document, last).join(".");
            builtins(stdlib::find(&whole))
        }
        Role::Method => {
            let kinds = kinds::of_receiver(document, token.checked_sub(1)?);
            let all = || stdlib::find(text).filter(|builtin| !builtin.on.is_empty());
            let fitting = all().filter(|builtin| builtin.on.iter().any(|kind| kinds.has(*kind)));
            builtins(fitting).or_else(|| builtins(all()))
        }
        Role::Stored => Some(format!("`{text}`\n\nA function that is stored outside of this file.")),
        _ => None,
    }
}

fn variable(document: &Document, name: &Name) -> String {
    let text = document.slice(name.span);
    let function = document.program.functions.get(name.scope);
    let param = function.and_then(|f| f.params.iter().find(|param| param.name.text == text));
    // What it holds after the name has been passed, so that an assignment shows its own value.
    let known = kinds::variables(document, document.end_of_statement(name.span.end));
    let what = if param.is_some() { "parameter" } else { "variable" };
    let kind = known
        .get(text)
        .and_then(|known| kinds::words(known.kinds))
        .map(|kinds| format!(": {kinds}"))
        .unwrap_or_default();
    let mut out = format!("`{text}`{kind}\n\n");
    match function {
        Some(function) => out.push_str(&format!("A {what} of `{}`.", function.full_name())),
        None if document.environment().variables.iter().any(|given| given == text) => {
            out.push_str("Given to the script from outside.");
        }
        None => out.push_str("A variable of the script."),
    }
    if !document.names().is_variable(name.scope, text) {
        out.push_str(" It never gets a value.");
    }
    out
}

fn function(document: &Document, index: usize) -> String {
    let function = &document.program.functions[index];
    let mut out = format!("```deluge\n{}\n```\n", describe::function(function));
    if let Some(comment) = describe::comment_above(document, index) {
        out.push_str(&format!("\n{comment}\n"));
    }
    out
}

/// Whatever else is known by a name: a host call, a task, a statement.
fn looked_up(name: &str, kinds: &[PageKind]) -> Option<String> {
    let page = manual::pages(name).into_iter().find(|page| kinds.contains(&page.kind))?;
    Some(describe::page(&page))
}

fn builtins<'b>(all: impl Iterator<Item = &'b Builtin>) -> Option<String> {
    let pages: Vec<String> = all.map(Builtin::markdown).collect();
    (!pages.is_empty()).then(|| pages.join("\n---\n\n"))
}

/// An API, a connector or a variable of an API, where its name stands as a text.
fn in_text(document: &Document, token: usize) -> Option<Hover> {
    let catalog = document.environment().catalog.as_ref()?;
    let span = document.tokens[token].span;
    let found = cursor(document, span.start + 1);
    let Place::Text(_) = found.place else { return None };
    let content = document.slice(document.inside_quotes(token)?);
    let open = found.frames.first()?.open;
    let first = found.frames.first()?.arg == 0;
    let markdown = if let Some(api) =
        api_of_call(document, catalog, open).filter(|api| first && api.id == content)
    {
        describe::api(api)
    } else if first
        && callee_path(document, open).last().is_some_and(|name| name.to_lowercase().contains("authorize"))
        && catalog.namespaces.iter().any(|name| name == content)
    {
        let prefix = format!("{content}.");
        let apis: Vec<String> = catalog
            .apis
            .iter()
            .filter(|api| api.id.starts_with(&prefix))
            .map(|api| format!("- `{}` {}", api.id, api.description.as_deref().unwrap_or_default()))
            .collect();
        format!("The connector `{content}`\n\n{}", apis.join("\n"))
    } else {
        let apis = apis_fed(document, catalog, &found);
        let (api, input) = apis.iter().find_map(|api| {
            let input = api.inputs.iter().flatten().find(|input| input.name == content)?;
            Some((api, input))
        })?;
        let need = if input.required { "Must be given." } else { "May be left out." };
        let kind = format!("{:?}", input.kind).to_lowercase();
        format!("`{content}`: {kind}, a variable of `{}`\n\n{}\n\n{need}", api.id, describe::input(input))
    };
    Some(Hover { span, markdown })
}

#[cfg(test)]
mod tests {
    use super::super::marked::at_cursor;
    use super::*;

    fn shown(text: &str) -> String {
        let (document, offset) = at_cursor(text);
        hover(&document, offset).map(|hover| hover.markdown).unwrap_or_default()
    }

    #[test]
    fn a_hover_says_what_a_name_means() {
        for (text, words) in [
            ("x = \"a\".tr‸im();", "## trim"),
            ("m = Map(); m.p‸ut(1, 2);", "## put"),
            ("x = zoho.encryption.urlEn‸code(\"a\");", "Encode"),
            ("x = zoho.crm.invoke‸Connector(\"a.b\");", "Calls an API"),
            ("x = zoho.current‸date;", "Today's date"),
            ("m = Map(); info ‸m;", "`m`: map"),
            ("void f(int a) { info ‸a; }", "A parameter of `f`"),
            ("info nam‸e;", "never gets a value"),
            (
                "// Greets.\n// Twice.\nstring greet(string n) { return n; }\ninfo gre‸et(1);",
                "Greets.\nTwice.",
            ),
            (
                "r = invokeConnector(\"gcontacts.push‸contact\", m);",
                "[Documentation](https://example.com/doc)",
            ),
            (
                "r = invokeConnector(\"gcontacts.pushcontact\", {\"Pho‸ne\": 1});",
                "a variable of `gcontacts.pushcontact`",
            ),
            ("authorize(\"gcon‸tacts\");", "- `gcontacts.pushcontact`"),
            ("r = invokeurl [ ur‸l: \"a\" ];", "The address"),
            ("r = invoke‸url [ url: \"a\" ];", "Sends an HTTP request"),
        ] {
            let found = shown(text);
            assert!(found.contains(words), "{text}: {found}");
        }
        for text in ["x = 1‸2;", "// com‸ment", "x = \"te‸xt\";"] {
            assert_eq!(shown(text), "", "{text}");
        }
    }

    #[test]
    fn a_method_of_several_kinds_shows_that_of_its_receiver() {
        let of_map = shown("m = Map(); m.g‸et(1);");
        assert!(of_map.contains("map") && !of_map.contains("\n---\n"), "{of_map}");
        assert!(shown("unknown.g‸et(1);").contains("\n---\n"));
    }
}
