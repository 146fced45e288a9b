//! The tests of an API.

use super::api::Used;
use crate::problem::Problems;
use crate::tree::{Cursor, Kind};
use sluis_model::shape;
use sluis_model::suggest::nearest;
use sluis_model::task::AnswerPath;
use std::collections::BTreeSet;

/// Checks the `tests` of an API; `used` are its placeholders.
pub(super) fn check(tests: &Cursor<'_>, used: &Used, problems: &mut Problems<'_>) {
    let mut names = BTreeSet::new();
    for test in tests.items() {
        if let Some(at) = test.get("name")
            && let Some(name) = at.text()
            && !names.insert(name.to_owned())
        {
            let help = "tests are told apart by their names".to_owned();
            problems.add(&at, format!("another test of this API is called `{name}`"), Some(help));
        }
        for input in test.get("inputs").iter().flat_map(Cursor::entries) {
            if !used.contains(input.name()) {
                let help = match nearest(input.name(), used.names()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "an input is the name of a placeholder of this API".to_owned(),
                };
                let name = input.name();
                problems.add_key(
                    &input,
                    format!("no placeholder `${{{name}}}` takes this input"),
                    Some(help),
                );
            }
        }
        let Some(expect) = test.get("expect") else { continue };
        for value in expect.get("value").iter().flat_map(Cursor::entries) {
            if let Err(error) = value.name().parse::<AnswerPath>() {
                problems.add_key(&value, error.to_string(), None);
            }
        }
        if let Some(at) = expect.get("shape") {
            shape(&at, problems);
        }
    }
}

fn shape(at: &Cursor<'_>, problems: &mut Problems<'_>) {
    const WORDS: &str = "any, text, number, boolean, null, list or map";
    match at.kind() {
        Kind::Text(word) => {
            let known = || shape::Kind::WORDS.iter().map(|(word, _)| *word);
            if known().any(|known| known == word) {
                return;
            }
            let help = match nearest(word, known()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("write {WORDS}"),
            };
            problems.add(at, format!("`{word}` is no kind of value"), Some(help));
        }
        Kind::List(_) => {
            let items: Vec<Cursor<'_>> = at.items().collect();
            match items.as_slice() {
                [item] => shape(item, problems),
                _ => {
                    let help = "write `[text]`, or `list` for a list of anything".to_owned();
                    problems.add(at, "a list has one shape, that of each of its items", Some(help));
                }
            }
        }
        Kind::Map(_) => at.entries().for_each(|entry| shape(&entry, problems)),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) => {
            let help = format!("write {WORDS}; values stand under `value`");
            problems.add(at, "a shape is made of kinds of values, and not of values", Some(help));
        }
    }
}
