//! The hosts that a connector may talk to.

use super::variables::Declared;
use crate::problem::Problems;
use crate::tree::Cursor;
use url::Url;

/// The hosts of a file, `host` or `host:port`; `None` if one is amiss, so that nothing can be held
/// against the list.
pub(super) fn check(
    root: &Cursor<'_>,
    variables: &Declared,
    problems: &mut Problems<'_>,
) -> Option<Vec<String>> {
    let mut good = Vec::new();
    let mut whole = true;
    for host in root.get("hosts").iter().flat_map(Cursor::items) {
        let Some(text) = host.text() else { continue };
        let filled = variables.fill_host(text);
        match fault(&filled) {
            None => good.push(filled),
            Some((message, help)) => {
                whole = false;
                problems.add(&host, message, help);
            }
        }
    }
    (whole && !good.is_empty()).then_some(good)
}

fn fault(text: &str) -> Option<(String, Option<String>)> {
    let bare = |message: &str, better: &str| {
        Some((format!("`{text}` is not a host: {message}"), Some(format!("write `{better}`"))))
    };
    if let Some((_, rest)) = text.split_once("://") {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        return bare("a host is written without a scheme", host);
    }
    if let Some((host, _)) = text.split_once(['/', '?', '#']) {
        return bare("a host is written without a path", host);
    }
    if let Some((_, host)) = text.rsplit_once('@') {
        return bare("a host is written without a user", host);
    }
    if text.contains('*') {
        let help = "list every host by its name".to_owned();
        return Some((format!("`{text}` is not a host: there are no wildcards"), Some(help)));
    }
    if text.chars().any(|c| c.is_ascii_uppercase()) {
        return bare("it is written in lower case", &text.to_ascii_lowercase());
    }
    let plain = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || "-._:[]".contains(c);
    // What the URL parser makes of it shows every other oddity: short IPs, names beyond ASCII,
    // trailing dots it keeps, ports out of range.
    let parsed = Some(text).filter(|text| text.chars().all(plain));
    let parsed = parsed.and_then(|text| Url::parse(&format!("https://{text}/")).ok());
    let normal = parsed.as_ref().and_then(|url| Some((url.host_str()?.to_owned(), url.port())));
    match normal {
        None => Some((
            format!("`{text}` is not a host"),
            Some("write a name such as `api.example.com`, or with a port `api.example.com:8443`".to_owned()),
        )),
        Some((host, _)) if host.ends_with('.') => bare("it ends with a dot", text.trim_end_matches('.')),
        Some((host, port)) => {
            let written = match port {
                Some(port) => format!("{host}:{port}"),
                // The parser drops 443 as the default of https; it may be written.
                None if text == format!("{host}:443") => text.to_owned(),
                None => host,
            };
            if written == text { None } else { bare("it is not in its normal form", &written) }
        }
    }
}

/// Whether a host is this machine, which may be spoken to without TLS.
pub(super) fn is_loopback(host: &str) -> bool {
    matches!(host, "127.0.0.1" | "[::1]" | "localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_in_their_normal_form_are_accepted() {
        for host in [
            "example.com",
            "a-b.example.com:8443",
            "127.0.0.1:7880",
            "[::1]:80",
            "localhost",
            "x.y:443",
            "xn--bcher-kva.example",
        ] {
            assert_eq!(fault(host), None, "{host}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for host in [
            "",
            " ",
            "https://example.com",
            "example.com/x",
            "u@example.com",
            "Example.com",
            "*.example.com",
            "127.1",
            "0x7f.1",
            "2130706433",
            "example.com:99999",
            "example.com:",
            "example.com.",
            "a b",
            "bücher.example",
            "::1",
            "${host}",
            "example.com:080",
            "a\nb",
            "example.com?x",
            "example.com\\x",
        ] {
            assert!(fault(host).is_some(), "{host}");
        }
    }
}
