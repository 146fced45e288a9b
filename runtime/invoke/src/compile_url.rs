//! The URL of an API: origin written out and declared, then a path and a query that may hold
//! placeholders. A call replaces path and query only, so no value can change the host.

use crate::definition_error::DefinitionFault;
use crate::evaluate;
use crate::hosts::{HostPort, shown_host};
use crate::mail_server::MailServer;
use sluis_auth::is_local;
use sluis_model::template::{Braces, Segment, Template};
use url::Url;

/// A URL taken apart.
pub(crate) struct CompiledUrl {
    pub(crate) origin: Url,
    pub(crate) path: Template,
    pub(crate) query_parts: Vec<Template>,
}

impl CompiledUrl {
    /// The address that every API of a mail server has; `own` is what the API says itself, which is nothing.
    pub(crate) fn of_mail_server(
        address: &str,
        own: &str,
        hosts: &[HostPort],
    ) -> Result<Self, DefinitionFault> {
        let parsed = Url::parse(address).ok().filter(|url| {
            MailServer::of(url).is_some() && url.username().is_empty() && url.password().is_none()
        });
        let mut origin = parsed.filter(|_| own.is_empty()).ok_or(DefinitionFault::BadMailServer)?;
        if !hosts.iter().any(|host| host.covers(&origin)) {
            return Err(undeclared(&origin, hosts));
        }
        origin.set_path("");
        origin.set_query(None);
        Ok(Self { origin, path: Template::of(Vec::new()), query_parts: Vec::new() })
    }

    pub(crate) fn compile(text: &str, hosts: &[HostPort]) -> Result<Self, DefinitionFault> {
        let template = evaluate::template(text, Braces::Bare)?;
        let (first, rest) = match template.segments() {
            [Segment::Literal(first), rest @ ..] => (first.as_str(), rest),
            [Segment::Slot(_), ..] => return Err(DefinitionFault::PlaceholderInHost),
            [] => return Err(bad_url(text, "")),
        };
        let authority = first.find("://").ok_or_else(|| bad_url(text, ""))? + 3;
        let after = first.get(authority..).unwrap_or_default();
        let end = match after.find(['/', '?', '#', '\\']) {
            Some(length) => authority + length,
            None if rest.is_empty() => first.len(),
            None => return Err(DefinitionFault::PlaceholderInHost),
        };
        let (origin, tail) = first.split_at(end);
        let origin = compile_origin(text, origin, hosts)?;
        let mut segments = vec![Segment::Literal(tail.to_owned())];
        segments.extend_from_slice(rest);
        let (path, query_parts) = split_query(segments)?;
        check_path(&path)?;
        Ok(Self { origin, path, query_parts })
    }
}

fn bad_url(text: &str, why: &str) -> DefinitionFault {
    DefinitionFault::BadUrl { url: text.chars().take(120).collect(), why: why.to_owned() }
}

fn compile_origin(text: &str, origin: &str, hosts: &[HostPort]) -> Result<Url, DefinitionFault> {
    let url = Url::parse(origin).map_err(|error| bad_url(text, &format!(": {error}")))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad_url(text, ": it holds a user name or password"));
    }
    match url.scheme() {
        "https" => {}
        "http" if is_local(&url) => {}
        _ => return Err(bad_url(text, ": requests go out over https")),
    }
    if hosts.iter().any(|host| host.covers(&url)) { Ok(url) } else { Err(undeclared(&url, hosts)) }
}

fn undeclared(url: &Url, hosts: &[HostPort]) -> DefinitionFault {
    let declared: Vec<String> = hosts.iter().map(HostPort::to_string).collect();
    DefinitionFault::UndeclaredHost { host: shown_host(url), declared: declared.join(", ") }
}

/// Splits at the first `?` into the path and at each `&` into the parts of the query.
fn split_query(segments: Vec<Segment>) -> Result<(Template, Vec<Template>), DefinitionFault> {
    let mut parts: Vec<Vec<Segment>> = vec![Vec::new()];
    let push = |parts: &mut Vec<Vec<Segment>>, segment: Segment| {
        if let Some(part) = parts.last_mut() {
            part.push(segment);
        }
    };
    for segment in segments {
        let Segment::Literal(text) = segment else {
            push(&mut parts, segment);
            continue;
        };
        if text.contains('#') {
            return Err(DefinitionFault::BadPath { what: "a fragment (`#…`), which is never sent" });
        }
        let mut rest = text.as_str();
        loop {
            let separator = if parts.len() == 1 { '?' } else { '&' };
            let (piece, more) = match rest.split_once(separator) {
                Some((piece, more)) => (piece, Some(more)),
                None => (rest, None),
            };
            if !piece.is_empty() {
                push(&mut parts, Segment::Literal(piece.to_owned()));
            }
            match more {
                Some(more) => {
                    parts.push(Vec::new());
                    rest = more;
                }
                None => break,
            }
        }
    }
    let mut templates = parts.into_iter().map(Template::of);
    let path = templates.next().unwrap_or_default();
    Ok((path, templates.filter(|part| !part.segments().is_empty()).collect()))
}

/// Refuses literals that a URL parser would read as something else than what is written, alone or
/// joined with a value.
fn check_path(path: &Template) -> Result<(), DefinitionFault> {
    let bad = |what| Err(DefinitionFault::BadPath { what });
    let mut whole = String::new();
    for segment in path.segments() {
        let Segment::Literal(text) = segment else {
            whole.push('x');
            continue;
        };
        if text.contains('\\') {
            return bad("a backslash, which would count as `/`");
        }
        if text.chars().any(char::is_control) {
            return bad("a control character");
        }
        if !percent_triplets_are_whole(text) {
            return bad("a `%` that no two hexadecimal digits follow; write `%25` for a percent sign");
        }
        whole.push_str(text);
    }
    if has_dot_segment(&whole) {
        return bad("a `.` or `..` segment");
    }
    Ok(())
}

fn percent_triplets_are_whole(text: &str) -> bool {
    text.split('%').skip(1).all(|after| {
        let mut bytes = after.bytes();
        let mut digit = || bytes.next().is_some_and(|byte| byte.is_ascii_hexdigit());
        digit() && digit()
    })
}

/// Whether a path has a segment that a URL parser would climb with, also in its encoded spellings.
pub(crate) fn has_dot_segment(path: &str) -> bool {
    path.split('/').any(|segment| {
        let dots = match segment.contains('%') {
            true => segment.replace("%2e", ".").replace("%2E", "."),
            false => return segment == "." || segment == "..",
        };
        dots == "." || dots == ".."
    })
}
