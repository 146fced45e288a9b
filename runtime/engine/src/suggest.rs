//! "Did you mean": the nearest of the known names.

/// The known name nearest to the given one, if it is near enough to be a slip.
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = given.to_lowercase();
    let limit = (wanted.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&wanted, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, name)| (*distance, name.len()))
        .map(|(_, name)| name)
}

/// A help line: the suggestion if there is one, else what there is.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_answered_with_the_name_that_was_meant() {
        assert_eq!(nearest("gcontact", ["gcontacts", "dropbox"]), Some("gcontacts"));
        assert_eq!(nearest("zzz", ["gcontacts", "dropbox"]), None);
        assert_eq!(help("zzz", &[], "connectors"), "there are no connectors yet");
    }
}
