//! Values of a query or a form, and bodies.

use super::api::Used;
use super::{headers, mail};
use crate::problem::Problems;
use crate::template::names;
use crate::tree::{Cursor, Kind};
use sluis_model::template::Template;

/// The shapes that a body may have.
const SHAPES: &[&str] =
    &["json", "form", "multipart", "related", "text", "bytes", "xml", "graphql", "mail", "sign_in"];

/// Checks a body and takes up its placeholders.
pub(super) fn check(body: &Cursor<'_>, used: &mut Used, problems: &mut Problems<'_>) {
    let given: Vec<String> =
        SHAPES.iter().filter(|shape| body.get(shape).is_some()).map(|shape| format!("`{shape}`")).collect();
    if given.len() > 1 {
        let help = "a file is sent as a part of `multipart`, everything else best as `json`".to_owned();
        problems.add(body, format!("a body has one shape, not {}", given.join(" and ")), Some(help));
    }
    if let Some(json) = body.get("json") {
        walk(&json, used, problems);
    }
    for field in body.get("form").iter().flat_map(Cursor::entries) {
        self::field(&field, used, problems);
    }
    for part in body.get("multipart").iter().flat_map(Cursor::entries) {
        match part.text() {
            Some(text) => used.take(&part, text, problems),
            None => self::part(&part, used, problems),
        }
    }
    for part in body.get("related").iter().flat_map(Cursor::items) {
        self::part(&part, used, problems);
    }
    for whole in ["text", "bytes", "xml", "sign_in"].iter().filter_map(|shape| body.get(shape)) {
        let Some(text) = whole.text() else { continue };
        used.take(&whole, text, problems);
        if whole.name() == "bytes" {
            sole(&whole, text, problems);
        }
    }
    if let Some(own) = body.get("mail") {
        mail::check_mail(&own, used, problems);
    }
    if let Some(graphql) = body.get("graphql") {
        if let Some(query) =
            graphql.get("query").filter(|at| names(at.text().unwrap_or_default()).next().is_some())
        {
            let help = "declare a variable in the operation, `query($id: ID!)`, and give it a value under `variables`";
            problems.add(&query, "a GraphQL document holds no placeholder", Some(help.to_owned()));
        }
        graphql.get("variables").iter().for_each(|variables| walk(variables, used, problems));
    }
}

/// A value of a query or a form: a text, or a placeholder with a style.
pub(super) fn field(field: &Cursor<'_>, used: &mut Used, problems: &mut Problems<'_>) {
    if let Some(text) = field.text() {
        return used.take(field, text, problems);
    }
    let Some(value) = field.get("value") else { return };
    if let Some(text) = value.text() {
        used.take(&value, text, problems);
        sole(&value, text, problems);
    }
}

/// Says where more or less than one placeholder stands.
fn sole(at: &Cursor<'_>, text: &str, problems: &mut Problems<'_>) {
    if Template::parse(text).is_ok_and(|template| template.sole_slot().is_none()) {
        let message = format!("`{}` is exactly one placeholder", at.path());
        problems.add(at, message, Some("write `${Name}`, with nothing before or after it".to_owned()));
    }
}

/// A part of a body of parts.
fn part(part: &Cursor<'_>, used: &mut Used, problems: &mut Problems<'_>) {
    let (value, json) = (part.get("value"), part.get("json"));
    if matches!(part.kind(), Kind::Map(_)) && value.is_some() == json.is_some() {
        let help = "`value` is a text or a placeholder that takes files, `json` is a map or list".to_owned();
        problems.add(part, format!("`{}` has either `value` or `json`", part.path()), Some(help));
    }
    for text in [value, part.get("content_type"), part.get("filename")].iter().flatten() {
        used.take(text, text.text().unwrap_or_default(), problems);
    }
    json.iter().for_each(|json| walk(json, used, problems));
    if let Some(own) = part.get("headers") {
        headers::check_of_part(&own, problems);
        for header in own.entries() {
            used.take(&header, header.text().unwrap_or_default(), problems);
        }
    }
}

/// Finds the placeholders of a JSON body.
fn walk(at: &Cursor<'_>, used: &mut Used, problems: &mut Problems<'_>) {
    match at.kind() {
        Kind::Text(text) => used.take(at, text, problems),
        Kind::List(_) => at.items().for_each(|item| walk(&item, used, problems)),
        Kind::Map(_) => {
            for entry in at.entries() {
                if entry.name().contains("${") {
                    let help = "names in a body are fixed; a placeholder stands in a value".to_owned();
                    problems.add_key(&entry, "a placeholder may not stand in a name", Some(help));
                }
                walk(&entry, used, problems);
            }
        }
        Kind::Null | Kind::Bool(_) | Kind::Number(_) => {}
    }
}
