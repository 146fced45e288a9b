//! Typed input: path, query and JSON body, whose errors are problems that say how to mend them.

use crate::error::ApiError;
use axum::body::Bytes;
use axum::extract::path::ErrorKind;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use sluis_model::error::{Failure, Reason};

/// Bytes of a request body that are read.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// Values from the path, each checked by its type.
pub struct PathOf<T>(pub T);

impl<T, S> FromRequestParts<S> for PathOf<T>
where
    T: DeserializeOwned + Send,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(values)) => Ok(Self(values)),
            Err(PathRejection::FailedToDeserializePathParams(failed)) => Err(match failed.into_kind() {
                ErrorKind::Message(message)
                | ErrorKind::DeserializeError { message, .. }
                | ErrorKind::ParseErrorAtKey { value: message, .. } => ApiError::invalid(message),
                other => ApiError::invalid(format!("the path cannot be read: {other}")),
            }),
            Err(other) => Err(ApiError::invalid(format!("the path cannot be read: {other}"))),
        }
    }
}

/// Values from the query.
pub struct QueryOf<T>(pub T);

impl<T, S> FromRequestParts<S> for QueryOf<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Query(values) = Query::<T>::from_request_parts(parts, state).await.map_err(|rejection| {
            ApiError::invalid(format!("the query cannot be read: {}", rejection.body_text()))
        })?;
        Ok(Self(values))
    }
}

/// A body of a known media type, at most [`BODY_LIMIT`] bytes.
pub struct RawBody {
    /// Its bytes.
    pub bytes: Bytes,
    /// Its media type in lower case, without parameters; empty if none was given.
    pub media_type: String,
}

impl<S: Send + Sync> FromRequest<S> for RawBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _state: &S) -> Result<Self, ApiError> {
        let media_type = media_type(request.headers());
        if announced(request.headers()).is_some_and(|length| length > BODY_LIMIT as u64) {
            return Err(too_large());
        }
        match axum::body::to_bytes(request.into_body(), BODY_LIMIT).await {
            Ok(bytes) => Ok(Self { bytes, media_type }),
            Err(error) if is_length_limit(&error) => Err(too_large()),
            Err(_) => Err(ApiError::invalid("the body ended before it was complete")),
        }
    }
}

/// A JSON body. Fields that are not known are refused.
pub struct JsonOf<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonOf<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let body = RawBody::from_request(request, state).await?;
        if !is_json(&body.media_type) {
            return Err(unsupported(&body.media_type, "application/json"));
        }
        read_json(&body.bytes).map(Self)
    }
}

/// A JSON body that may be left out: then everything in it is as if it were not named.
pub struct MaybeJsonOf<T>(pub T);

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for MaybeJsonOf<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let body = RawBody::from_request(request, state).await?;
        if body.bytes.is_empty() {
            return Ok(Self(T::default()));
        }
        if !is_json(&body.media_type) {
            return Err(unsupported(&body.media_type, "application/json"));
        }
        read_json(&body.bytes).map(Self)
    }
}

/// Reads JSON, or says where it is wrong and which field may have been meant.
pub fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(bytes).map_err(|error| {
        let refused = match error.classify() {
            serde_json::error::Category::Data => ApiError::invalid(format!("the body does not fit: {error}")),
            _ => ApiError::invalid(format!("the body is not JSON: {error}")),
        };
        match meant_field(&error.to_string()) {
            Some(name) => refused.help(format!("did you mean `{name}`?")),
            None => refused,
        }
    })
}

/// Whether a media type is JSON.
pub fn is_json(media_type: &str) -> bool {
    media_type == "application/json"
        || (media_type.starts_with("application/") && media_type.ends_with("+json"))
}

/// The answer to a body of another media type: 415.
pub fn unsupported(given: &str, wanted: &str) -> ApiError {
    let given = if given.is_empty() { "no media type".to_owned() } else { format!("`{given}`") };
    ApiError::protocol(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported_media_type",
        format!("the body was sent with {given}, and {wanted} is wanted"),
    )
    .help(format!("send the header `Content-Type: {}`", wanted.split(' ').next().unwrap_or(wanted)))
}

fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn too_large() -> ApiError {
    Failure::new(Reason::TooLarge, "the body is larger than 1 MiB").help("send less at once").into()
}

fn is_length_limit(error: &axum::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.to_string() == "length limit exceeded" {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Which known field an unknown one may stand for, read from serde's message: ``unknown field `a`,
/// expected `b` or `c` ``.
fn meant_field(message: &str) -> Option<&str> {
    let rest = message.strip_prefix("unknown field ")?;
    let mut names = rest.split('`').skip(1).step_by(2);
    let given = names.next()?;
    let near = |name: &&str| differs_by_a_slip(&given.to_ascii_lowercase(), name);
    names.find(near)
}

/// Whether one letter was left out, added, changed or swapped with its neighbour, or only the case or
/// the joints (`-`, `_`) differ.
fn differs_by_a_slip(given: &str, name: &str) -> bool {
    let joined = |text: &str| text.replace(['_', '-'], "");
    if joined(given) == joined(name) {
        return true;
    }
    let (a, b): (Vec<char>, Vec<char>) = (given.chars().collect(), name.chars().collect());
    if a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let front = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let back = a[front..].iter().rev().zip(b[front..].iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[front..a.len() - back], &b[front..b.len() - back]);
    a.len() <= 1 && b.len() <= 1 || (a.len() == 2 && b.len() == 2 && a[0] == b[1] && a[1] == b[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_in_a_field_name_is_answered_with_the_field() {
        let message = "unknown field `sorce`, expected `source` or `inputs` at line 1 column 9";
        assert_eq!(meant_field(message), Some("source"));
        assert_eq!(
            meant_field("unknown field `supportEmail`, expected `notes` or `support_email`"),
            Some("support_email")
        );
        assert_eq!(meant_field("unknown field `suorce`, expected one of `source`, `inputs`"), Some("source"));
        assert_eq!(meant_field("unknown field `org`, expected `source` or `inputs`"), None);
        assert_eq!(meant_field("missing field `source`"), None);
    }

    #[test]
    fn media_types_are_compared_without_parameters_and_case() {
        let mut headers = HeaderMap::new();
        headers
            .insert(header::CONTENT_TYPE, http::HeaderValue::from_static("Application/JSON; charset=utf-8"));
        assert!(is_json(&media_type(&headers)));
        assert!(!is_json(&media_type(&HeaderMap::new())));
        assert!(!is_json("text/json+xml"));
    }
}
