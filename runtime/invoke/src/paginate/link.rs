//! `Link` headers (RFC 8288 §3): `<https://api.example.com/pets?page=2>; rel="next"`.

/// The target of the first link of a relation type. Types compare without case; a link about another
/// resource (`anchor`) does not count.
pub(super) fn target<'h>(values: impl Iterator<Item = &'h str>, rel: &str) -> Option<String> {
    values.flat_map(links).find_map(|link| {
        let mut rels = None;
        for (name, value) in &link.parameters {
            match name.as_str() {
                "anchor" => return None,
                // Only the first counts (§3.3).
                "rel" if rels.is_none() => rels = Some(value),
                _ => {}
            }
        }
        let fits = rels?.split_ascii_whitespace().any(|one| one.eq_ignore_ascii_case(rel));
        fits.then_some(link.target)
    })
}

struct Link {
    target: String,
    /// Names in lower case.
    parameters: Vec<(String, String)>,
}

/// The links of one field value. Where it is not well formed, those before the place.
fn links(text: &str) -> Vec<Link> {
    let mut found = Vec::new();
    let mut rest = text.trim_start_matches([' ', '\t', ',']);
    while let Some((target, after)) = rest.strip_prefix('<').and_then(|inside| inside.split_once('>')) {
        let (parameters, after) = parameters(after);
        found.push(Link { target: target.trim().to_owned(), parameters });
        rest = after.trim_start_matches([' ', '\t', ',']);
    }
    found
}

/// `; name=value; name="quoted"` up to the comma before the next link, and what follows it.
fn parameters(mut rest: &str) -> (Vec<(String, String)>, &str) {
    let mut found = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', '\t']);
        let Some(after) = rest.strip_prefix(';') else { return (found, rest) };
        rest = after.trim_start_matches([' ', '\t']);
        let (name, after) = rest.split_at(rest.find(['=', ';', ',']).unwrap_or(rest.len()));
        rest = after;
        let mut value = String::new();
        if let Some(after) = rest.strip_prefix('=') {
            rest = after.trim_start_matches([' ', '\t']);
            if let Some(quoted) = rest.strip_prefix('"') {
                rest = unquoted(quoted, &mut value);
            } else {
                let (token, after) = rest.split_at(rest.find([';', ',']).unwrap_or(rest.len()));
                token.trim().clone_into(&mut value);
                rest = after;
            }
        }
        found.push((name.trim().to_ascii_lowercase(), value));
    }
}

/// A quoted string (RFC 9110 §5.6.4) without its quotes, and what follows.
fn unquoted<'t>(text: &'t str, value: &mut String) -> &'t str {
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return &text[at + 1..],
            '\\' => value.extend(chars.next().map(|(_, escaped)| escaped)),
            c => value.push(c),
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(values: &[&str]) -> Option<String> {
        target(values.iter().copied(), "next")
    }

    #[test]
    fn the_link_to_the_next_page_is_found_wherever_it_stands() {
        let expected = Some("https://a.example/x?page=2&q=a,b;c".to_owned());
        for values in [
            &["<https://a.example/x?page=2&q=a,b;c>; rel=\"next\""][..],
            &["<https://a.example/x?page=9>; rel=\"last\", <https://a.example/x?page=2&q=a,b;c>; rel=next"],
            &[
                "<https://a.example/0>; rel=prev",
                "<https://a.example/x?page=2&q=a,b;c>; REL=\"prefetch Next\"",
            ],
            &[
                "</terms>; rel=\"copyright\"; title=\"a, \\\"<b>; rel=next\\\"\" , <https://a.example/x?page=2&q=a,b;c>;rel = next",
            ],
        ] {
            assert_eq!(next(values), expected, "{values:?}");
        }
    }

    #[test]
    fn what_is_no_link_to_the_next_page_is_none() {
        for value in [
            "",
            "<https://a.example/x>; rel=\"last\"",
            "<https://a.example/x>",
            "<https://a.example/x>; rel=prev; rel=next",
            "<https://a.example/x>; rel=next; anchor=\"#foo\"",
            "<https://a.example/x",
            "https://a.example/x; rel=next",
            "<https://a.example/x>; title=\"rel=next",
        ] {
            assert_eq!(next(&[value]), None, "{value}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_header_can_make_it_fail(value in ".*", pieces in "[<>;,=\" relnxt\\\\]{0,60}") {
            let _ = next(&[&value, &pieces]);
        }
    }
}
