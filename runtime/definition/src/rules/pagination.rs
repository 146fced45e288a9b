//! How the pages of an API follow one another.

use super::api::{Surroundings, Used};
use crate::problem::Problems;
use crate::tree::{Cursor, Kind};
use sluis_model::answer_path::AnswerPath;
use sluis_model::suggest::nearest;

/// The ways to a next page, of which an API has one.
const STYLES: [&str; 5] = ["link", "next_url", "cursor", "offset", "page"];

/// Checks the `pagination` of an API; `used` are the placeholders of the API.
pub(super) fn check(
    at: &Cursor<'_>,
    api: &Cursor<'_>,
    used: &Used,
    around: &Surroundings<'_>,
    problems: &mut Problems<'_>,
) {
    let given: Vec<&str> = STYLES.iter().copied().filter(|style| at.get(style).is_some()).collect();
    if given.len() != 1 {
        let message = match given.as_slice() {
            [] => "it does not say how one page leads to the next".to_owned(),
            many => {
                format!("one page leads to the next in one way, not in {}: {}", many.len(), many.join(", "))
            }
        };
        let help = "write one of: link (a header with links), next_url (an address in the answer), cursor (a mark in the \
                    answer), offset (rows before the page), page (its number)";
        problems.add_key(at, message, Some(help.to_owned()));
    }
    places(at, problems);
    for style in ["next_url", "cursor"].iter().filter_map(|style| at.get(style)) {
        let help = || Some("write `at: nextPageToken`, or `header: x-next-cursor`".to_owned());
        match (style.get("at"), style.get("header")) {
            (None, None) => {
                problems.add_key(&style, "it does not say where in the answer this stands", help())
            }
            (Some(_), Some(header)) => {
                problems.add_key(&header, "it stands in the body or in a header, not in both", help())
            }
            _ => {}
        }
    }
    let continued = at.get("cursor").and_then(|cursor| cursor.get("api"));
    if let Some(size) = at.get("page_size").and_then(|size| size.get("input")) {
        input(&size, used, problems);
    }
    for style in ["offset", "page"].iter().filter_map(|style| at.get(style)) {
        if let Some(named) = style.get("input") {
            input(&named, used, problems);
        }
    }
    if let Some(named) = at.get("cursor").and_then(|cursor| cursor.get("input"))
        && continued.is_none()
    {
        input(&named, used, problems);
        if named.text().is_some_and(|name| used.contains(name)) {
            cursor_can_be_absent(api, &named, problems);
        }
    }
    if let Some(other) = continued {
        exists(&other, around.apis, problems);
    }
}

/// Every place in the answer that is named.
fn places(at: &Cursor<'_>, problems: &mut Problems<'_>) {
    let inner = [("next_url", "at"), ("cursor", "at"), ("page", "total")];
    let inner = inner.iter().filter_map(|(style, name)| at.get(style).and_then(|style| style.get(name)));
    let own = ["rows", "more", "stop_when", "total"].iter().filter_map(|name| at.get(name));
    for place in own.chain(inner) {
        if let Some(Err(error)) = place.text().map(str::parse::<AnswerPath>) {
            problems.add(&place, error.to_string(), None);
        }
    }
}

fn input(at: &Cursor<'_>, used: &Used, problems: &mut Problems<'_>) {
    let Some(name) = at.text() else { return };
    if used.contains(name) {
        return;
    }
    let help = match nearest(name, used.names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("send it where the service expects it, as in `query: {{ page: \"${{{name}}}\" }}`"),
    };
    problems.add(at, format!("no placeholder `${{{name}}}` of this API takes it"), Some(help));
}

/// The first page is asked for without a cursor.
fn cursor_can_be_absent(api: &Cursor<'_>, named: &Cursor<'_>, problems: &mut Problems<'_>) {
    let Some(name) = named.text() else { return };
    let input = api.get("inputs").and_then(|inputs| inputs.get(name));
    let required = input.as_ref().and_then(|input| input.get("required"));
    if !matches!(required.as_ref().map(Cursor::kind), Some(Kind::Bool(false))) {
        let help = format!("write `inputs: {{ {name}: {{ required: false }} }}`");
        problems.add(
            named,
            format!("the first page has no cursor yet, but the input `{name}` is required"),
            Some(help),
        );
    }
}

fn exists(other: &Cursor<'_>, apis: &[Cursor<'_>], problems: &mut Problems<'_>) {
    let Some(key) = other.text() else { return };
    if apis.iter().any(|api| api.name() == key) {
        return;
    }
    let help = match nearest(key, apis.iter().map(Cursor::name)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "write the part of its id after the namespace".to_owned(),
    };
    problems.add(other, format!("this connector has no API `{key}`"), Some(help));
}
