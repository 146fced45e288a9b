//! *Did you mean*: the nearest of the names that exist. Scripts have the same in the language's own
//! crate; the two know nothing of each other.

/// The name that was probably meant: one that differs in case and separators only, or that begins
/// with what was given (`refresh` for `refresh_token`), or that differs in a third of its letters at
/// most. Of equals the first.
pub fn nearest<'n>(given: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let wanted = plain(given);
    let allowed = (wanted.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|name| (distance(&wanted, &plain(name)), name))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// A help line: the name that was meant, else what there is.
pub fn help(given: &str, known: &[String], what: &str) -> String {
    match nearest(given, known.iter().map(String::as_str)) {
        Some(name) => format!("did you mean `{name}`?"),
        None if known.is_empty() => format!("there are no {what} yet"),
        None => {
            let shown: Vec<&str> = known.iter().take(8).map(String::as_str).collect();
            let more = if known.len() > shown.len() { ", …" } else { "" };
            format!("{what} here: {}{more}", shown.join(", "))
        }
    }
}

fn plain(name: &str) -> String {
    name.to_lowercase().replace(['_', '-', '.', ' '], "")
}

fn distance(wanted: &str, name: &str) -> usize {
    if wanted != name && wanted.chars().count() > 2 && name.starts_with(wanted) {
        return 1;
    }
    strsim::damerau_levenshtein(wanted, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_answered_with_the_name_that_was_meant() {
        let known = ["first_name", "Email", "headers", "url"];
        assert_eq!(nearest("First-Name", known), Some("first_name"));
        assert_eq!(nearest("Emial", known), Some("Email"));
        assert_eq!(nearest("head", known), Some("headers"));
        assert_eq!(nearest("uri", known), Some("url"));
        assert_eq!(nearest("Company", known), None);
    }

    #[test]
    fn without_a_near_name_help_says_what_there_is() {
        let known = ["gcontacts".to_owned(), "dropbox".to_owned()];
        assert_eq!(help("gcontact", &known, "connectors"), "did you mean `gcontacts`?");
        assert_eq!(help("zzz", &known, "connectors"), "connectors here: gcontacts, dropbox");
        assert_eq!(help("zzz", &[], "connectors"), "there are no connectors yet");
    }
}
