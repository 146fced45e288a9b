//! Whether an answer that comes later can come at all.

use crate::problem::Problems;
use crate::template::Braces;
use crate::tree::{Cursor, Kind};
use sluis_model::template::{Expression, Function, Template};

/// What a file says of the address to which an answer is brought.
const EXAMPLE: &str = "for example: query: { webhook: \"${callback_url()}\" }";

/// Checks `async` of an API against its request.
pub(super) fn check(api: &Cursor<'_>, problems: &mut Problems<'_>) {
    let later = api.get("async");
    let callback = later.as_ref().and_then(|later| later.get("callback"));
    let poll = later.as_ref().and_then(|later| later.get("poll"));
    if let Some(at) = &later
        && matches!(at.kind(), Kind::Map(_))
    {
        match (&poll, &callback) {
            (None, None) => {
                let help = "add `poll`, where it is asked for, or `callback`, where the service brings it";
                problems.add(
                    at,
                    format!("`{}` does not say how the answer comes", at.path()),
                    Some(help.to_owned()),
                );
            }
            (Some(_), Some(both)) => {
                let help = "an answer is asked for or brought; keep one of the two".to_owned();
                problems.add(both, "`async` has both `poll` and `callback`", Some(help));
            }
            _ => {}
        }
    }
    let place = ["url", "query", "headers", "cookies", "body"]
        .iter()
        .filter_map(|part| api.get(part))
        .find_map(|part| address_in(&part));
    match (&callback, place) {
        (Some(at), None) => {
            let help = format!("put `${{callback_url()}}` where the service looks for it; {EXAMPLE}");
            problems.add(at, "the request does not tell the service where to bring the answer", Some(help));
        }
        (None, Some(at)) => {
            let help = "add `async: { callback: {} }`".to_owned();
            problems.add(&at, "`callback_url()` is no address without `async.callback`", Some(help));
        }
        _ => {}
    }
    if let (Some(at), Some(_)) = (&callback, api.get("pagination")) {
        let help = "an answer that is brought is one answer; leave `pagination` out".to_owned();
        problems.add(at, "pages are not brought later", Some(help));
    }
}

/// The first text in which the address stands.
fn address_in<'a>(at: &Cursor<'a>) -> Option<Cursor<'a>> {
    if let Some(text) = at.text() {
        let template = Template::parse_with(text, Braces::Dollar).ok()?;
        return template.slots().any(names_address).then(|| at.follow(std::iter::empty()))?;
    }
    at.entries().chain(at.items()).find_map(|part| address_in(&part))
}

fn names_address(expression: &Expression) -> bool {
    match expression {
        Expression::Call(Function::CallbackUrl, _) => true,
        Expression::Call(_, parts) | Expression::First(parts) => parts.iter().any(names_address),
        Expression::Name(_) | Expression::Text(_) | Expression::Number(_) => false,
    }
}
