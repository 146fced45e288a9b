//! URLs of APIs and of an authorization server.

use super::hosts::is_loopback;
use super::variables::Declared;
use crate::problem::Problems;
use crate::template::{Braces, Piece};
use crate::tree::Cursor;
use sluis_model::template::{Segment, pieces};
use url::Url;

/// Checks the URL of an API: absolute, on one of the hosts (if these are known), placeholders in the
/// path only.
pub(super) fn check_api(
    at: &Cursor<'_>,
    variables: &Declared,
    hosts: Option<&[String]>,
    problems: &mut Problems<'_>,
) {
    let Some(text) = at.text() else { return };
    if let Some((message, help)) = fault(&variables.fill_url(text), hosts) {
        problems.add(at, message, help);
    }
}

/// Checks the URL under which other paths stand: as that of an API, and without a placeholder.
pub(super) fn check_base(
    at: &Cursor<'_>,
    variables: &Declared,
    hosts: Option<&[String]>,
    problems: &mut Problems<'_>,
) {
    let Some(text) = at.text() else { return };
    let text = &variables.fill_url(text);
    let slot = |piece: &Piece| matches!(piece, Piece::Good(Segment::Slot(_)));
    let has_placeholder = pieces(text, Braces::Bare).iter().any(slot);
    let found = match has_placeholder {
        true => say("`base_url` holds no placeholder", "write the address as it is"),
        false => fault(text, hosts),
    };
    if let Some((message, help)) = found {
        problems.add(at, message, help);
    }
}

type Fault = Option<(String, Option<String>)>;

fn say(message: impl Into<String>, help: impl Into<String>) -> Fault {
    Some((message.into(), Some(help.into())))
}

fn fault(text: &str, hosts: Option<&[String]>) -> Fault {
    let Some((scheme, rest)) =
        text.split_once("://").filter(|(scheme, _)| matches!(*scheme, "http" | "https"))
    else {
        return say(
            format!("`{text}` is not an absolute URL"),
            "it begins with `https://` and a host, and holds no placeholder before the path",
        );
    };
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    if authority.contains("${") || authority.contains('{') {
        return say(
            "a placeholder may not stand before the path of a URL",
            "host and port are fixed, so that a caller cannot send the credential elsewhere",
        );
    }
    if authority.contains('@') {
        return say("a URL may not hold a user or a password", "credentials come from `auth`");
    }
    if let Some(found) = broken(tail) {
        return Some(found);
    }
    // Placeholders are whole here, so a `?` or `#` outside of them is the URL's own.
    let plain: String = pieces(tail, Braces::Bare)
        .into_iter()
        .map(|piece| match piece {
            Piece::Good(Segment::Literal(text)) => text,
            Piece::Good(Segment::Slot(_)) | Piece::Broken(_) => "x".to_owned(),
        })
        .collect();
    let odd = |c: char| c.is_whitespace() || c.is_control() || c == '\\';
    if plain.chars().chain(authority.chars()).any(odd) {
        return say("a URL holds no spaces, control characters or backslashes", "encode a space as `%20`");
    }
    if plain.contains('?') {
        return say(
            "query parameters do not belong in the URL",
            "list them under `query`, where values are encoded",
        );
    }
    if plain.contains('#') {
        return say("a URL of an API has no fragment", "leave out `#` and what follows");
    }
    let dots =
        |segment: &str| matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..");
    if plain.split('/').any(dots) {
        return say("a path may not hold `.` or `..` as a segment", "write the path that is meant");
    }
    on_hosts(&format!("{scheme}://{authority}{plain}"), scheme, hosts)
}

/// The first placeholder that is none.
fn broken(text: &str) -> Fault {
    pieces(text, Braces::Bare).into_iter().find_map(|piece| match piece {
        Piece::Broken(broken) => {
            let help = broken.help.unwrap_or_else(|| "a placeholder is written `${Name}`".to_owned());
            say(format!("`{}` is not a placeholder: {}", broken.source, broken.why), help)
        }
        Piece::Good(_) => None,
    })
}

fn on_hosts(plain: &str, scheme: &str, hosts: Option<&[String]>) -> Fault {
    let parsed = Url::parse(plain).ok();
    let Some((url, host)) = parsed.as_ref().and_then(|url| Some((url, url.host_str()?))) else {
        return say(format!("`{plain}` is not a URL"), "write it as `https://host/path`");
    };
    let written = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    let default = if scheme == "https" { 443 } else { 80 };
    let listed = |known: &String| *known == written || *known == format!("{written}:{default}");
    if let Some(hosts) = hosts
        && !hosts.iter().any(listed)
    {
        return Some(not_listed(&written, hosts));
    }
    if scheme == "http" && !is_loopback(host) {
        return say(
            "a URL must use https",
            "plain http is for this machine only: 127.0.0.1, [::1] and localhost",
        );
    }
    None
}

/// Says that a host is not declared.
pub(super) fn not_listed(written: &str, hosts: &[String]) -> (String, Option<String>) {
    let near = sluis_model::suggest::nearest(written, hosts.iter().map(String::as_str));
    let hint = near.map(|near| format!("did you mean `{near}`? Otherwise ")).unwrap_or_default();
    let help = format!("{hint}add `{written}` to `hosts`");
    (format!("the host `{written}` is not one of `hosts`"), Some(help))
}

/// Checks an endpoint of an authorization server: https (or http on this machine), fixed, without
/// fragment (RFC 6749 sections 3.1 and 3.2) and user. `query` says whether it may have a query.
pub(super) fn check_endpoint(
    at: &Cursor<'_>,
    variables: &Declared,
    query: bool,
    problems: &mut Problems<'_>,
) {
    let Some(text) = at.text() else { return };
    let text = variables.fill_url(text);
    let text = text.as_str();
    let name = at.path();
    let mut refuse = |message: String, help: &str| problems.add(at, message, Some(help.to_owned()));
    if text.contains("${") {
        return refuse(
            format!("`{name}` may not hold a placeholder"),
            "endpoints of an authorization server are fixed",
        );
    }
    let url = match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && !text.contains(char::is_whitespace) => url,
        _ => return refuse(format!("`{name}` is not an absolute URL"), "write it as `https://host/path`"),
    };
    if url.scheme() == "http" && !url.host_str().is_some_and(is_loopback) {
        return refuse(
            format!("`{name}` must use https"),
            "codes and tokens travel there; plain http is for this machine only: 127.0.0.1, [::1] and localhost",
        );
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse(
            format!("`{name}` may not hold a user or a password"),
            "the client comes from `client`",
        );
    }
    if text.contains('#') {
        return refuse(format!("`{name}` may not have a fragment"), "leave out `#` and what follows");
    }
    if !query && text.contains('?') {
        refuse(format!("`{name}` may not have a query"), "leave out `?` and what follows");
    }
}
