//! What the next request is when an answer points elsewhere (RFC 9110 §15.4), and what of the first one
//! it may carry. Whether it may be sent is judged like any other request, when it is sent.

use crate::hosts::{HostPort, shown_host};
use crate::request::OutgoingRequest;
use crate::transport::{HttpAnswer, TransportError};
use http::header::{ACCEPT, ACCEPT_LANGUAGE, HeaderName, LOCATION, RANGE, USER_AGENT};
use http::{HeaderMap, Method};
use url::Url;

/// The headers that go along to another origin. A list of what may, because nobody can list what
/// services call their keys.
const GO_ALONG: &[HeaderName] = &[ACCEPT, ACCEPT_LANGUAGE, RANGE, USER_AGENT];

/// The request that an answer asks for; none if it points nowhere.
///
/// On another origin (scheme, host or port) it carries no credential, no cookie, no client certificate
/// and no body. `declared` are the hosts of the connector whose credential was on the first request:
/// it is followed to those alone.
pub fn next(
    sent: &OutgoingRequest,
    answer: &HttpAnswer,
    declared: Option<&[HostPort]>,
) -> Result<Option<OutgoingRequest>, TransportError> {
    let becomes_get = match (answer.status, &sent.method) {
        (301 | 302, method) => *method == Method::POST,
        (303, method) => !matches!(*method, Method::GET | Method::HEAD),
        (307 | 308, _) => false,
        _ => return Ok(None),
    };
    let Some(url) = location(&sent.url, &answer.headers)? else { return Ok(None) };
    let refuse = |why: String, help| Err(TransportError::Redirect { host: shown_host(&sent.url), why, help });
    if sent.url.scheme() == "https" && url.scheme() != "https" {
        let why = format!("from https to {}, which is not followed", url.scheme());
        return refuse(why, "use the address that the service redirects to, over https");
    }
    if declared.is_some_and(|hosts| !hosts.iter().any(|host| host.covers(&url))) {
        let why =
            format!("to `{}`, which is none of the hosts that the connector declares", shown_host(&url));
        return refuse(
            why,
            "if that host belongs to the service, the connector's author adds it to `hosts`; the credential does not go there in any case",
        );
    }
    let mut request = sent.clone();
    let leaves = url.origin() != sent.url.origin();
    request.url = url;
    if becomes_get {
        request.method = Method::GET;
    } else if leaves && !request.body.is_empty() {
        let why = format!("to `{}` and wants the body of the request there", shown_host(&request.url));
        return refuse(
            why,
            "a body is not sent on to another host; use the address that the service redirects to",
        );
    }
    if leaves || becomes_get {
        request.body = bytes::Bytes::new();
        drop_content_headers(&mut request.headers);
    }
    if leaves {
        let all = std::mem::take(&mut request.headers);
        let kept = all.into_iter().filter_map(|(name, value)| Some((name?, value)));
        request.headers =
            kept.filter(|(name, value)| GO_ALONG.contains(name) && !value.is_sensitive()).collect();
        request.secret_body = false;
        request.identity = None;
    }
    Ok(Some(request))
}

/// Where the answer points: one place, without a fragment.
fn location(from: &Url, headers: &HeaderMap) -> Result<Option<Url>, TransportError> {
    let bad = |why: &str| TransportError::BadAnswer { host: shown_host(from), why: why.to_owned() };
    let mut all = headers.get_all(LOCATION).iter();
    let Some(first) = all.next() else { return Ok(None) };
    if all.any(|other| other != first) {
        return Err(bad("it redirects to several places at once"));
    }
    // Real services write other characters than ASCII as they are.
    let text = std::str::from_utf8(first.as_bytes()).map_err(|_| bad("it redirects to no URL"))?;
    let mut url = from.join(text).map_err(|_| bad("it redirects to no URL"))?;
    url.set_fragment(None);
    Ok(Some(url))
}

/// Headers that speak of a body that is no longer there (RFC 9110 §15.4).
fn drop_content_headers(headers: &mut HeaderMap) {
    let names: Vec<HeaderName> = headers
        .keys()
        .filter(|name| name.as_str().starts_with("content-") || name.as_str() == "digest")
        .cloned()
        .collect();
    for name in names {
        headers.remove(name);
    }
}
