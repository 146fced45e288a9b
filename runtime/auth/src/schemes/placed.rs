//! Puts one secret value where a definition wants it: header, query, cookie or body.

use crate::error::AuthError;
use crate::http_value::HttpRequest;
use bytes::Bytes;
use http::HeaderValue;
use http::header::{CONTENT_TYPE, COOKIE, HeaderName};
use serde_json::Value;
use sluis_model::connector::KeyPlace;
use sluis_model::secret::SecretText;

/// Where a value goes.
pub(super) struct Place<'a> {
    /// Which part of the request.
    pub(super) place: KeyPlace,
    /// Name of the header, parameter, cookie or body key.
    pub(super) name: &'a str,
    /// The field that the value was entered in, for messages.
    pub(super) field: &'a str,
}

/// Puts a value on a request, in place of what stands there under that name.
pub(super) fn place(request: &mut HttpRequest, at: Place<'_>, value: &SecretText) -> Result<(), AuthError> {
    match at.place {
        KeyPlace::Header => {
            let name = HeaderName::from_bytes(at.name.as_bytes())
                .map_err(|_| AuthError::BadRequest { why: format!("`{}` is not a header", at.name) })?;
            request.set_secret_header(name, value).map_err(|_| AuthError::BadField {
                field: at.field.to_owned(),
                why: "it holds characters that cannot be sent in a header".to_owned(),
            })
        }
        KeyPlace::Query => {
            let kept: Vec<(String, String)> = request
                .url
                .query_pairs()
                .filter(|(name, _)| name != at.name)
                .map(|(n, v)| (n.into(), v.into()))
                .collect();
            request.url.query_pairs_mut().clear().extend_pairs(kept).append_pair(at.name, value.expose());
            Ok(())
        }
        KeyPlace::Cookie => cookie(request, &at, value),
        KeyPlace::Body => body(request, &at, value),
    }
}

fn cookie(request: &mut HttpRequest, at: &Place<'_>, value: &SecretText) -> Result<(), AuthError> {
    let refuse = |why: &str| AuthError::BadField { field: at.field.to_owned(), why: why.to_owned() };
    // RFC 6265 §4.1.1: what a cookie's value may hold.
    let fits = |byte: u8| byte.is_ascii_graphic() && !b"\",;\\".contains(&byte);
    if !value.expose().bytes().all(fits) {
        return Err(refuse("it holds characters that cannot be sent in a cookie"));
    }
    let own = format!("{}={}", at.name, value.expose());
    let others = request.headers.get(COOKIE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let others =
        others.split("; ").filter(|pair| !pair.is_empty() && pair.split('=').next() != Some(at.name));
    let all: Vec<&str> = others.chain([own.as_str()]).collect();
    request.set_secret_header(COOKIE, &SecretText::new(all.join("; ")))
}

/// Beside what stands in a JSON object or a form; as a form where there is no body yet.
fn body(request: &mut HttpRequest, at: &Place<'_>, value: &SecretText) -> Result<(), AuthError> {
    let content_type = request.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence =
        content_type.and_then(|text| text.split(';').next()).unwrap_or_default().trim().to_ascii_lowercase();
    let refuse = |why: String| AuthError::BadRequest { why };
    if essence == "application/json" || essence.ends_with("+json") {
        let mut json: Value = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
        let object = json
            .as_object_mut()
            .ok_or_else(|| refuse(format!("`{}` goes into the body, which is not a JSON object", at.name)))?;
        object.insert(at.name.to_owned(), Value::from(value.expose().as_str()));
        request.body = Bytes::from(json.to_string());
    } else if request.body.is_empty() || essence == "application/x-www-form-urlencoded" {
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(&request.body)
            .filter(|(name, _)| name != at.name)
            .map(|(n, v)| (n.into(), v.into()))
            .collect();
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(pairs).append_pair(at.name, value.expose());
        request.body = Bytes::from(form.finish());
        request.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    } else {
        return Err(refuse(format!("`{}` goes into the body, which is `{essence}`", at.name)));
    }
    Ok(())
}
