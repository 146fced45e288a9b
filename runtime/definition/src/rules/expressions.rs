//! The expressions of an API: what its answers mean.

use super::later;
use crate::message::MessageTemplate;
use crate::problem::Problems;
use crate::tree::{Cursor, Kind};
use sluis_lang::diagnostic::Diagnostic;
use sluis_lang::expression::Expression;
use sluis_model::answer::{ENTRY_VARIABLE, EXPRESSION_VARIABLES, is_status_class};
use sluis_model::suggest::nearest;

/// Checks `error_when` and `errors` of the connector.
pub(super) fn check_shared(root: &Cursor<'_>, problems: &mut Problems<'_>) {
    all(root, &["error_when"], problems);
    for error in root.get("errors").iter().flat_map(Cursor::items) {
        rule(&error, problems);
    }
}

/// Checks `answer`, `errors` and `async` of an API.
pub(super) fn check(root: &Cursor<'_>, api: &Cursor<'_>, problems: &mut Problems<'_>) {
    if let Some(answer) = api.get("answer") {
        all(&answer, &["result", "error_when"], problems);
        if let Some(each) = answer.get("each") {
            each_entry(&each, problems);
        }
    }
    for error in api.get("errors").iter().flat_map(Cursor::items) {
        rule(&error, problems);
    }
    later::check(api, problems);
    let Some(later) = api.get("async") else { return };
    all(&later, &["when"], problems);
    if let Some(callback) = later.get("callback") {
        all(&callback, &["done_when", "failed_when", "result"], problems);
        if let Some(both) = callback.get("match") {
            all(&both, &["answer", "callback"], problems);
        }
    }
    if let Some(poll) = later.get("poll") {
        all(&poll, &["url", "done_when", "failed_when", "result"], problems);
        for input in poll.get("inputs").iter().flat_map(Cursor::entries) {
            expression(&input, problems);
        }
        if let Some(at) = poll.get("api") {
            known_api(root, &at, problems);
            if poll.get("url").is_some() {
                let help = "the API has an address of its own; keep one of the two".to_owned();
                problems.add(&at, "`poll` has both `url` and `api`", Some(help));
            }
        }
    }
}

/// An API of the file is named.
pub(super) fn known_api(root: &Cursor<'_>, at: &Cursor<'_>, problems: &mut Problems<'_>) {
    let Some(name) = at.text() else { return };
    let apis: Vec<&str> = root.get("apis").iter().flat_map(Cursor::entries).map(|api| api.name()).collect();
    if !apis.contains(&name) {
        let help = match nearest(name, apis.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", apis.join(", ")),
        };
        problems.add(at, format!("there is no API `{name}`"), Some(help));
    }
}

fn rule(error: &Cursor<'_>, problems: &mut Problems<'_>) {
    match error.get("when") {
        Some(at) if matches!(at.kind(), Kind::List(_)) => {
            at.items().for_each(|item| when(&item, problems));
        }
        Some(at) => when(&at, problems),
        None => {}
    }
    if let Some(at) = error.get("message")
        && let Some(text) = at.text()
        && let Err(diagnostics) = MessageTemplate::compile(text)
    {
        tell(&at, text, &diagnostics, EXPRESSION_VARIABLES, problems);
    }
    if let Some(at) = error.get("retry") {
        expression(&at, problems);
    }
}

fn when(at: &Cursor<'_>, problems: &mut Problems<'_>) {
    if at.text().is_some_and(|text| !is_status_class(text)) {
        expression(at, problems);
    }
}

fn all(at: &Cursor<'_>, fields: &[&str], problems: &mut Problems<'_>) {
    fields.iter().filter_map(|field| at.get(field)).for_each(|field| expression(&field, problems));
}

fn each_entry(each: &Cursor<'_>, problems: &mut Problems<'_>) {
    let variables = [EXPRESSION_VARIABLES, &[ENTRY_VARIABLE]].concat();
    let values = each.get("value");
    for at in each.get("when").into_iter().chain(values.iter().flat_map(Cursor::entries)) {
        over(&at, &variables, problems);
    }
}

fn expression(at: &Cursor<'_>, problems: &mut Problems<'_>) {
    over(at, EXPRESSION_VARIABLES, problems);
}

fn over(at: &Cursor<'_>, variables: &[&str], problems: &mut Problems<'_>) {
    if let Some(text) = at.text()
        && let Err(diagnostics) = Expression::compile(text, variables)
    {
        tell(at, text, &diagnostics, variables, problems);
    }
}

fn tell(
    at: &Cursor<'_>,
    text: &str,
    diagnostics: &[Diagnostic],
    variables: &[&str],
    problems: &mut Problems<'_>,
) {
    for diagnostic in diagnostics.iter().take(5) {
        let help = diagnostic.help.clone().or_else(|| {
            let known = variables.join("`, `");
            (diagnostic.code == sluis_lang::codes::UNDEFINED_VARIABLE)
                .then(|| format!("an expression reads `{known}`"))
        });
        let message = format!("{} ({})", diagnostic.message, diagnostic.code);
        problems.add_within(at, text, diagnostic.span, message, help);
    }
}
