//! A path below the base URL of a service. It can only extend that URL: whatever is written leads to the
//! same host and below the same path, as we read it and as any server behind it may.

use crate::compile_url::has_dot_segment;
use crate::input_error::InputError;
use url::Url;

/// Longest path, in bytes.
const PATH_AT_MOST: usize = 8192;

/// The base URL with a path, and perhaps a query, after it. One `/` stands between them.
///
/// # Errors
/// [`InputError::Request`] for a path that is an address of its own, climbs with `.` or `..`, or holds an
/// encoded slash, a backslash, a fragment or a character that no URL has.
pub fn extended(base: &str, path: &str) -> Result<Url, InputError> {
    let refuse = |why: &str| {
        InputError::Request {
        part: "path",
        why: why.to_owned(),
        help: "write what follows the base URL of the service, for example `v8/Leads?page=2`; encode values with \
               encodeUrl, or put them into `parameters`"
            .to_owned(),
    }
    };
    if path.len() > PATH_AT_MOST {
        return Err(refuse("is too long"));
    }
    if path.contains(|c: char| c == '\\' || c.is_control() || c.is_whitespace()) {
        return Err(refuse("holds a backslash, a space or a control character"));
    }
    if path.contains('#') {
        return Err(refuse("holds a `#`, which is never sent"));
    }
    let (below, query) = path.split_once('?').map_or((path, None), |(below, query)| (below, Some(query)));
    let below = below.strip_prefix('/').unwrap_or(below);
    if below.starts_with('/') {
        return Err(refuse("begins with `//`, which is another host"));
    }
    if below.split('/').next().is_some_and(is_scheme) {
        return Err(refuse("is an address of its own"));
    }
    let lower = below.to_ascii_lowercase();
    if has_dot_segment(below) {
        return Err(refuse("holds a segment `.` or `..`, which would lead out of the base URL"));
    }
    if ["%2f", "%5c", "%00", "%252f", "%252e", "%255c"].iter().any(|code| lower.contains(code)) {
        return Err(refuse(
            "holds an encoded slash, backslash or null, which some servers take for a real one",
        ));
    }
    let unusable = |_| refuse("does not make a URL with the base URL of the service");
    let base = Url::parse(base).map_err(unusable)?;
    let root = base.path().trim_end_matches('/').to_owned();
    let mut url = base.clone();
    url.set_fragment(None);
    url.set_path(&format!("{root}/{below}"));
    url.set_query(query);
    let stays = url.origin() == base.origin() && url.path().starts_with(&format!("{root}/"));
    match stays && url.username() == base.username() {
        true => Ok(url),
        false => Err(refuse("leads out of the base URL")),
    }
}

/// Whether a first segment is `scheme:…`. A colon after a slash, or in an id such as `users:12`, is none.
fn is_scheme(segment: &str) -> bool {
    ["http:", "https:", "file:", "ftp:", "ws:", "wss:", "javascript:", "data:"]
        .iter()
        .any(|scheme| segment.to_ascii_lowercase().starts_with(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://api.example/crm/v8";

    #[test]
    fn a_path_extends_the_base_url() {
        let of = |path: &str| String::from(extended(BASE, path).unwrap());
        assert_eq!(of("Leads"), "https://api.example/crm/v8/Leads");
        assert_eq!(of("/Leads?page=2&per=a%2Fb"), "https://api.example/crm/v8/Leads?page=2&per=a%2Fb");
        assert_eq!(of(""), "https://api.example/crm/v8/");
        assert_eq!(of("users:12/a@b"), "https://api.example/crm/v8/users:12/a@b");
        assert_eq!(of("?q=1"), "https://api.example/crm/v8/?q=1");
        assert_eq!(of("a/...b/.c"), "https://api.example/crm/v8/a/...b/.c");
        assert_eq!(String::from(extended("https://h.example", "x").unwrap()), "https://h.example/x");
    }

    #[test]
    fn whatever_leads_elsewhere_is_refused() {
        for path in [
            "../admin",
            "a/../../b",
            "a/..",
            ".",
            "./a",
            "%2e%2e/a",
            "%2E./a",
            "a/%2e%2E",
            ".%2e",
            "..;/a/../..",
            "//evil.example/x",
            "///evil.example",
            "https://evil.example/",
            "HTTP://evil.example",
            "/https://evil.example",
            "javascript:alert(1)",
            "a%2f..%2fb",
            "%2F%2Fevil.example",
            "a%5c..%5cb",
            "a\\..\\b",
            "\\\\evil.example",
            "a%252e%252e/b",
            "a%252fb",
            "a#b",
            "a b",
            "a\tb",
            "a\r\nHost: evil",
            "a%00b",
        ] {
            assert!(extended(BASE, path).is_err(), "{path:?}");
        }
    }

    #[test]
    fn whatever_is_let_pass_stays_below_the_base_url() {
        let pieces = [
            "/",
            "..",
            ".",
            "%2e",
            "%2f",
            "\\",
            "a",
            "@",
            ":",
            "?",
            "#",
            "//",
            "%",
            "evil.example",
            "\u{ff0e}",
        ];
        let mut count = 0;
        for a in pieces {
            for b in pieces {
                for c in pieces {
                    for d in pieces {
                        let path = [a, b, c, d].concat();
                        if let Ok(url) = extended(BASE, &path) {
                            count += 1;
                            assert_eq!(url.origin().ascii_serialization(), "https://api.example", "{path}");
                            // As a server reads it that decodes once more.
                            let again = Url::parse(url.as_str()).unwrap();
                            assert!(again.path().starts_with("/crm/v8/"), "{path}: {again}");
                            assert!(url.username().is_empty() && url.fragment().is_none(), "{path}");
                        }
                    }
                }
            }
        }
        assert!(count > 1000, "the test has let {count} pass");
    }
}
