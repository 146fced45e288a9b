//! Names that a connector file takes, made from names that it would not.

use std::collections::BTreeSet;

/// Most characters of a segment of an id.
const SEGMENT: usize = 64;

/// Names given out already; they differ in more than case.
#[derive(Debug, Default)]
pub(crate) struct Taken(BTreeSet<String>);

impl Taken {
    /// Takes the name, or it with the first free number behind it.
    pub(crate) fn take(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        let mut number = 2_u64;
        while !self.0.insert(name.to_ascii_lowercase()) {
            let tail = format!("_{number}");
            let (group, last) = wanted.rsplit_once('.').map_or(("", wanted), |(group, last)| (group, last));
            let kept: String = last.chars().take(SEGMENT - tail.len()).collect();
            let dot = if group.is_empty() { "" } else { "." };
            name = format!("{group}{dot}{kept}{tail}");
            number += 1;
        }
        name
    }

    /// Keeps a name from being given out.
    pub(crate) fn reserve(&mut self, name: &str) {
        self.0.insert(name.to_ascii_lowercase());
    }
}

/// A namespace or a segment of an id: a letter, then letters, digits and `_`.
pub(crate) fn segment(text: &str, otherwise: &str) -> String {
    let mut name = words(text, |c| c.is_ascii_alphanumeric());
    if name.is_empty() {
        name = otherwise.to_owned();
    }
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        name.insert_str(0, "n_");
    }
    name.truncate(SEGMENT);
    name.trim_end_matches('_').to_owned()
}

/// The id of an API from what another file calls it: a `/` or a dot makes a group.
pub(crate) fn api(id: &str) -> String {
    match id.split_once(['/', '.']).filter(|(group, rest)| has_word(group) && has_word(rest)) {
        Some((group, rest)) => format!("{}.{}", segment(group, "api"), segment(rest, "call")),
        None => segment(id, "call"),
    }
}

/// The id of an API that has none: `get_pets_by_id`.
pub(crate) fn of_path(method: &str, path: &str) -> String {
    let mut text = method.to_ascii_lowercase();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        text.push_str(if part.starts_with('{') { "_by_" } else { "_" });
        text.push_str(part);
    }
    segment(&text, "call")
}

/// The name of a placeholder: a letter or `_`, then letters, digits, `_` and `-`.
pub(crate) fn placeholder(text: &str) -> String {
    let mut name = words(text, |c| c.is_ascii_alphanumeric() || c == '-');
    if name.is_empty() {
        name = "value".to_owned();
    }
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        name.insert(0, '_');
    }
    name.truncate(SEGMENT);
    name
}

fn has_word(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_alphanumeric())
}

/// What is fit stays, everything between becomes one `_`.
fn words(text: &str, fit: impl Fn(char) -> bool) -> String {
    let parts = text.split(|c: char| !fit(c)).map(|part| part.trim_matches('-'));
    let name: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    name.join("_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_makes_a_name() {
        assert_eq!(api("issues/list-for-repo"), "issues.list_for_repo");
        assert_eq!(api("Pets.v2.list"), "Pets.v2_list");
        assert_eq!(api("2fa: enable!"), "n_2fa_enable");
        assert_eq!(api("/x"), "x");
        assert_eq!(api("日本"), "call");
        assert_eq!(of_path("GET", "/pets/{petId}/toys"), "get_pets_by_petId_toys");
        assert_eq!(placeholder("filter[name]"), "filter_name");
        assert_eq!(placeholder("$top"), "top");
        assert_eq!(placeholder("2x"), "_2x");
        assert_eq!(placeholder("X-Request-ID"), "X-Request-ID");
        assert_eq!(segment(&"long_".repeat(40), "x").len(), 64);
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let mut taken = Taken::default();
        taken.reserve("list");
        assert_eq!(taken.take("List"), "List_2");
        assert_eq!(taken.take("list"), "list_3");
        let long = format!("g.{}", "x".repeat(64));
        assert_eq!(taken.take(&long), long);
        assert_eq!(taken.take(&long), format!("g.{}_2", "x".repeat(62)));
    }
}
