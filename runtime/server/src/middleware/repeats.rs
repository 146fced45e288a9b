//! A `POST` with an `Idempotency-Key` is carried out once, however often it is sent: whoever sends it again
//! gets the first answer (draft-ietf-httpapi-idempotency-key-header).
//!
//! It stands behind the gate, so that a kept answer is shown to nobody who may not ask. What was refused
//! before anything happened is not kept: mended, it may be sent with the same key.

use crate::access::caller::Caller;
use crate::error::{self, ApiError};
use crate::extract::RawBody;
use crate::state::App;
use axum::body::Body;
use axum::extract::{FromRequest as _, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use sha2::{Digest as _, Sha256};
use sluis_engine::repeats::{KeptAnswer, Known, Repeatable};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::RequestId;
use std::fmt::Write as _;

/// The caller's name for a request.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that an answer is one that was given before.
pub const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The longest key, in characters.
pub const LONGEST_KEY: usize = 255;
/// The largest answer that is kept, in bytes.
const LARGEST_ANSWER: usize = 4 * 1024 * 1024;
/// Headers of an answer that are its caller's, and not of one exchange.
const KEPT_HEADERS: [HeaderName; 5] =
    [header::CONTENT_TYPE, header::LOCATION, header::ETAG, header::CACHE_CONTROL, header::RETRY_AFTER];

/// The layer.
pub async fn once(State(app): State<App>, request: Request, next: Next) -> Response {
    // Without a caller people become known, and nothing of that may be kept.
    let caller = request.extensions().get::<Caller>().cloned();
    match (request.headers().contains_key(IDEMPOTENCY_KEY), caller) {
        (true, Some(caller)) if request.method() == Method::POST => {
            let id = request.extensions().get::<RequestId>().cloned();
            match carried_out(app, caller, id, request, next).await {
                Ok(answer) => answer,
                Err(refused) => refused.into_response(),
            }
        }
        _ => next.run(request).await,
    }
}

async fn carried_out(
    app: App,
    caller: Caller,
    id: Option<RequestId>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let key = key_of(request.headers())?;
    let (parts, body) = request.into_parts();
    let (uri, method) = (parts.uri.clone(), parts.method.clone());
    let read = Request::from_parts(parts.clone(), body);
    let body = RawBody::from_request(read, &()).await?.bytes;
    let asked = Repeatable {
        org: org_of(uri.path()),
        caller: caller.name(),
        key,
        fingerprint: fingerprint(&[
            method.as_str().as_bytes(),
            uri.to_string().as_bytes(),
            parts.headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default(),
            &body,
        ]),
    };
    match app.engine.begin_repeatable(&asked).await? {
        Known::New => {}
        Known::Answered(answer) => return Ok(replayed(answer)),
        other => return Err(refused(&other)),
    }
    let request = Request::from_parts(parts, Body::from(body));
    let work = app.work.clone();
    // Carried out to its end, and its answer kept, also when the caller has gone away meanwhile: that is
    // when they send it again.
    work.carry_out(async move {
        let answer = next.run(request).await;
        keep(&app, &asked, id, answer).await
    })
    .await
}

/// Keeps an answer for whoever asks again, and answers it.
async fn keep(
    app: &App,
    asked: &Repeatable,
    id: Option<RequestId>,
    answer: Response,
) -> Result<Response, ApiError> {
    let code = answer.extensions().get::<ApiError>().map(ApiError::code);
    let status = answer.extensions().get::<ApiError>().map_or(answer.status(), ApiError::status);
    if nothing_happened(status, code) {
        app.engine.forget_repeatable(asked).await?;
        return Ok(answer);
    }
    let answer = match id {
        // An error becomes its document now: that is what is kept.
        Some(id) => error::render(answer, &id),
        None => answer,
    };
    let (parts, body) = answer.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, usize::MAX).await else {
        app.engine.keep_repeatable(asked, None).await?;
        return Err(Failure::new(Reason::Internal, "the answer broke off").into());
    };
    let headers = KEPT_HEADERS.iter().filter_map(|name| {
        Some((name.as_str().to_owned(), parts.headers.get(name)?.to_str().ok()?.to_owned()))
    });
    let kept = KeptAnswer { status: parts.status.as_u16(), headers: headers.collect(), body: bytes.to_vec() };
    let kept = (bytes.len() <= LARGEST_ANSWER).then_some(&kept);
    app.engine.keep_repeatable(asked, kept).await?;
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

/// Whether a request was turned down before it had any effect. A fault of a script is none of these: calls
/// may have been made before it.
fn nothing_happened(status: StatusCode, code: Option<&'static str>) -> bool {
    (status.is_client_error() && code != Some("script_fault")) || status == StatusCode::SERVICE_UNAVAILABLE
}

fn replayed(answer: KeptAnswer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = status;
    for (name, value) in &answer.headers {
        let pair = (HeaderName::try_from(name.as_str()), HeaderValue::from_str(value));
        if let (Ok(name), Ok(value)) = pair {
            response.headers_mut().insert(name, value);
        }
    }
    response.headers_mut().insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
    response
}

fn refused(known: &Known) -> ApiError {
    let conflict = |detail: &str| ApiError::from(Failure::new(Reason::Conflict, detail));
    match known {
        Known::Different => ApiError::protocol(
            StatusCode::UNPROCESSABLE_ENTITY,
            "idempotency_key_reused",
            "this `Idempotency-Key` was sent with another request",
        )
        .help("use a new key for each new request, and the same key and content to send one again"),
        Known::CutOff => conflict("the server was stopped while it worked on this request")
            .help("look whether it took effect; then send it with another key, if it did not"),
        Known::NotKept => conflict("this request was carried out; its answer was too large to be kept")
            .help("look at what it has made, such as its run"),
        _ => conflict("this request is being worked on")
            .help("send it again in a moment, to get its answer")
            .header(header::RETRY_AFTER, HeaderValue::from_static("1")),
    }
}

/// The key: a quoted text as in the draft, or the bare text that most clients send.
fn key_of(headers: &HeaderMap) -> Result<String, ApiError> {
    let mut all = headers.get_all(IDEMPOTENCY_KEY).iter();
    let one = all.next().and_then(|value| value.to_str().ok()).filter(|_| all.next().is_none());
    let text = one.map(str::trim).unwrap_or_default();
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    if text.is_empty() || text.chars().count() > LONGEST_KEY {
        return Err(ApiError::invalid(format!(
            "`Idempotency-Key` is one text of 1 to {LONGEST_KEY} characters"
        ))
        .help("a random UUID is a good one"));
    }
    Ok(text.to_owned())
}

/// The org that a path is about; whose keys seal what is kept.
fn org_of(path: &str) -> sluis_model::id::OrgId {
    let below = path.strip_prefix(crate::router::API_ROOT).unwrap_or(path);
    let org = below.strip_prefix("/orgs/").and_then(|rest| rest.split('/').next());
    org.and_then(|org| org.parse().ok()).unwrap_or_else(sluis_engine::repeats::of_no_org)
}

fn fingerprint(parts: &[&[u8]]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        // Each after its length, so that no two requests have the same parts.
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    digest.finalize().iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a text cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_quoted_or_bare_and_one() {
        let of = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(IDEMPOTENCY_KEY, HeaderValue::from_str(value).unwrap());
            }
            key_of(&headers).ok()
        };
        assert_eq!(of(&["\"a b\""]), Some("a b".to_owned()));
        assert_eq!(of(&[" a-1 "]), Some("a-1".to_owned()));
        assert_eq!(
            [of(&[""]), of(&["\"\""]), of(&["a", "b"]), of(&[&"k".repeat(256)])],
            [None, None, None, None]
        );
    }

    #[test]
    fn what_was_refused_may_be_mended_and_what_had_an_effect_may_not_be_done_twice() {
        let of = |status: u16, code| nothing_happened(StatusCode::from_u16(status).unwrap(), code);
        assert!(of(400, Some("invalid_input")) && of(409, Some("conflict")) && of(503, Some("unavailable")));
        assert!(!of(200, None) && !of(422, Some("script_fault")) && !of(502, Some("bad_upstream")));
    }

    #[test]
    fn parts_cannot_be_moved_into_each_other() {
        assert_ne!(fingerprint(&[b"ab", b"c"]), fingerprint(&[b"a", b"bc"]));
    }
}
