//! Requests and answers as text: the first line, headers in lower case, a blank line, the body.

use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use sluis_auth::{Answer, HttpRequest};
use std::fmt::Write as _;

/// `POST https://…`, its headers in alphabetical order, and its body.
pub fn of_request(request: &HttpRequest) -> String {
    let mut text = format!("{} {}", request.method, request.url);
    let mut headers: Vec<(&str, String)> = request
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    headers.sort();
    for (name, value) in headers {
        let _ = write!(text, "\n{name}: {value}");
    }
    if request.identity.is_some() {
        text.push_str("\n(with a client certificate)");
    }
    if !request.body.is_empty() {
        let _ = write!(text, "\n\n{}", String::from_utf8_lossy(&request.body));
    }
    text
}

/// Reads a request.
pub fn request(text: &str) -> Result<HttpRequest, String> {
    let (first, headers, body) = parts(text)?;
    let (method, url) = first.split_once(' ').ok_or("a request begins with its method and its URL")?;
    let method = method.parse().map_err(|_| format!("`{method}` is no method"))?;
    let url = url.parse().map_err(|error| format!("`{url}`: {error}"))?;
    Ok(HttpRequest { headers, body, ..HttpRequest::new(method, url) })
}

/// Reads an answer: `200`, its headers, and its body.
pub fn answer(text: &str) -> Result<Answer, String> {
    let (first, headers, body) = parts(text)?;
    let status = first.trim().parse().map_err(|_| format!("`{first}` is no status"))?;
    Ok(Answer { status, headers, body })
}

fn parts(text: &str) -> Result<(&str, HeaderMap, Bytes), String> {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let first = lines.next().unwrap_or_default();
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(": ").ok_or_else(|| format!("`{line}` is no header"))?;
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| error.to_string())?;
        headers.append(name, HeaderValue::from_str(value).map_err(|error| error.to_string())?);
    }
    Ok((first, headers, Bytes::from(body.to_owned())))
}
