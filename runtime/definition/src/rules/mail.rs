//! A service that is a mail server: its address, what its APIs are, and what has no place there because
//! it belongs to HTTP.

use super::api::Used;
use super::hosts::is_loopback;
use super::urls;
use super::variables::Declared;
use crate::problem::Problems;
use crate::template::names;
use crate::tree::{Cursor, Kind};
use sluis_model::connector::is_mail_address;
use sluis_model::mail_body::header_fault;
use sluis_model::template::Template;
use url::Url;

/// Fields of an API that say something of HTTP, and what stands for each with mails.
const OF_HTTP: &[(&str, &str)] = &[
    ("method", "leave it out: a mail is sent, a sign-in tried, and there is nothing else"),
    ("url", "leave it out: every mail goes to `service.base_url`"),
    ("query", "leave it out: a mail has none"),
    ("headers", "headers of the mail stand under `body.mail.headers`"),
    ("override_headers", "give the header a placeholder under `body.mail.headers`"),
    ("cookies", "leave it out: a mail has none"),
    ("pagination", "leave it out: a mail server answers with one line"),
    ("follow_redirects", "leave it out: a mail server redirects nobody"),
    ("async", "leave it out: whether a mail was taken on is known at once"),
    ("errors", "leave it out: what a mail server refuses is an error of its own, with its status"),
    (
        "idempotency",
        "leave it out: a mail server knows no key; a mail is sent again only if it surely was not taken on",
    ),
];

/// Fields of a mail that hold addresses, alone or as a list.
const ADDRESSES: &[&str] = &["to", "cc", "bcc", "reply_to"];

/// Shapes of a body that are for a mail server.
pub(super) const SHAPES: &[&str] = &["mail", "sign_in"];

/// Schemes whose credential a mail server takes (RFC 4954).
const SCHEMES: &[&str] = &["none", "basic", "bearer", "choice"];

/// Whether the service is a mail server.
pub(super) fn is_server(root: &Cursor<'_>) -> bool {
    let base = root.get("service").and_then(|service| service.get("base_url"));
    base.and_then(|base| base.text()).is_some_and(is_mail_address)
}

/// Checks what the whole file says beside its APIs.
pub(super) fn check(root: &Cursor<'_>, problems: &mut Problems<'_>) {
    let auth = root.get("auth");
    let ways = auth.iter().flat_map(|auth| auth.get("configs")).collect::<Vec<_>>();
    for config in auth.iter().cloned().chain(ways.iter().flat_map(Cursor::entries)) {
        let Some(scheme) = config.get("scheme") else { continue };
        let Some(name) = scheme.text() else { continue };
        if !SCHEMES.contains(&name) && !name.starts_with("oauth2_") {
            let help = "`basic` for user and password, an `oauth2_…` scheme for a token (XOAUTH2), or `none`";
            let message =
                format!("a mail server takes nothing that `{name}` makes: it signs requests of HTTP");
            problems.add(&scheme, message, Some(help.to_owned()));
        }
    }
    let of_http = [
        ("headers", "headers of a mail stand under `body.mail.headers` of its API"),
        ("errors", "leave it out: what a mail server refuses is an error of its own, with its status"),
    ];
    for (name, help) in of_http {
        if let Some(shared) = root.get(name) {
            let message = format!("the service is a mail server, and `{name}` belongs to HTTP");
            problems.add_key(&shared, message, Some(help.to_owned()));
        }
    }
}

/// Checks the address of a mail server: host and port, and nothing else.
pub(super) fn check_address(
    at: &Cursor<'_>,
    variables: &Declared,
    hosts: Option<&[String]>,
    problems: &mut Problems<'_>,
) {
    let text = variables.fill_url(at.text().unwrap_or_default());
    let mut refuse = |message: String, help: &str| problems.add(at, message, Some(help.to_owned()));
    let better = "write `smtp://mail.example.com:587`, or `smtps://mail.example.com` for TLS from the start";
    let Some(url) = Url::parse(&text).ok().filter(|url| url.host_str().is_some_and(|host| !host.is_empty()))
    else {
        return refuse(format!("`{text}` is not the address of a mail server"), better);
    };
    if !url.username().is_empty() || url.password().is_some() {
        return refuse(
            "the address of a mail server holds no user or password".to_owned(),
            "credentials come from `auth`",
        );
    }
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return refuse(
            "the address of a mail server is a host and a port, and nothing behind".to_owned(),
            better,
        );
    }
    let host = url.host_str().unwrap_or_default();
    if host.contains("${") || host.contains('{') {
        return refuse(
            "a placeholder in the address is a variable of the connection".to_owned(),
            "declare it under `connection.variables`",
        );
    }
    let usual = if url.scheme() == "smtps" { 465 } else { 587 };
    let written = format!("{host}:{}", url.port().unwrap_or(usual));
    let listed =
        |known: &String| *known == written || (*known == host && url.port().is_none_or(|port| port == usual));
    if let Some(hosts) = hosts
        && !hosts.iter().any(listed)
    {
        let (message, help) = urls::not_listed(&written, hosts);
        problems.add(at, message, help);
    } else if url.scheme() == "smtp" && url.port() == Some(25) && !is_loopback(host) {
        refuse(
            "port 25 is for mail servers among themselves (RFC 6409)".to_owned(),
            "mails are handed in at port 587, or 465 with TLS from the start",
        );
    }
}

/// Checks an API of a mail server.
pub(super) fn check_api(api: &Cursor<'_>, problems: &mut Problems<'_>) {
    for (name, help) in OF_HTTP {
        if let Some(field) = api.get(name) {
            let message = format!("the service is a mail server, and `{name}` belongs to HTTP");
            problems.add_key(&field, message, Some((*help).to_owned()));
        }
    }
    let Some(body) = api.get("body") else { return };
    if let Some(other) = body.entries().find(|shape| !SHAPES.contains(&shape.name())) {
        let help = "`mail` has `from`, `to`, `subject`, `text`, `html` and `attachments`; \
                    without a body the API only signs in";
        let message = format!("the service is a mail server, which takes no body as `{}`", other.name());
        problems.add_key(&other, message, Some(help.to_owned()));
    }
}

/// Says that a mail goes to a mail server.
pub(super) fn has_no_place(mail: &Cursor<'_>, problems: &mut Problems<'_>) {
    let help = "its address stands in `service.base_url`: `smtp://mail.example.com:587`".to_owned();
    let message = format!("`{}` is for a mail server, and the service is none", mail.name());
    problems.add_key(mail, message, Some(help));
}

/// Checks a mail and takes up its placeholders.
pub(super) fn check_mail(mail: &Cursor<'_>, used: &mut Used, problems: &mut Problems<'_>) {
    for field in ["from", "sender", "subject", "text", "html"].iter().filter_map(|name| mail.get(name)) {
        let text = field.text().unwrap_or_default();
        used.take(&field, text, problems);
        if matches!(field.name(), "from" | "sender" | "subject") {
            one_line(&field, text, problems);
        }
        if matches!(field.name(), "from" | "sender") {
            address(&field, text, problems);
        }
    }
    for field in ADDRESSES.iter().filter_map(|name| mail.get(name)) {
        for (at, text) in texts(&field) {
            used.take(&at, text, problems);
            one_line(&at, text, problems);
            address(&at, text, problems);
        }
    }
    for header in mail.get("headers").iter().flat_map(Cursor::entries) {
        let text = header.text().unwrap_or_default();
        used.take(&header, text, problems);
        one_line(&header, text, problems);
        if let Some(why) = header_fault(header.name()) {
            let help = "sender, recipients and subject have fields of their own".to_owned();
            problems.add_key(&header, why, Some(help));
        }
    }
    for (at, text) in mail.get("attachments").iter().flat_map(texts) {
        used.take(&at, text, problems);
        if Template::parse(text).is_ok_and(|template| template.sole_slot().is_none()) {
            let help = "write `${file}`, with nothing before or after it".to_owned();
            problems.add(&at, "an attachment is exactly one placeholder, which takes files", Some(help));
        }
    }
    if mail.get("text").is_none() && mail.get("html").is_none() && matches!(mail.kind(), Kind::Map(_)) {
        let help = "add `text`, `html` or both".to_owned();
        problems.add_key(mail, "the mail says nothing: it has neither `text` nor `html`", Some(help));
    }
}

/// A text, or the texts of a list.
fn texts<'a>(at: &Cursor<'a>) -> Vec<(Cursor<'a>, &'a str)> {
    match at.text() {
        Some(text) => vec![(at.clone(), text)],
        None => at.items().filter_map(|item| item.text().map(|text| (item.clone(), text))).collect(),
    }
}

fn one_line(at: &Cursor<'_>, text: &str, problems: &mut Problems<'_>) {
    if text.chars().any(char::is_control) {
        let help = "a header of a mail is one line".to_owned();
        problems.add(at, format!("`{}` holds a line break or control character", at.path()), Some(help));
    }
}

/// Says where a text that is fixed is no address.
fn address(at: &Cursor<'_>, text: &str, problems: &mut Problems<'_>) {
    if names(text).next().is_none() && !text.contains("${") && !text.contains('@') {
        let help = "write `ada@example.com` or `Ada Lovelace <ada@example.com>`".to_owned();
        problems.add(at, format!("`{text}` is no mail address"), Some(help));
    }
}
