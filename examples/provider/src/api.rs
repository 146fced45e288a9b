//! The API behind the tokens: contacts and the account. What a token allows is checked per
//! request, in the way of RFC 6750.

use crate::contacts::{FieldError, parse_contact};
use crate::settings::{READ, WRITE};
use crate::state::{Shared, State as Inner};
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};

/// Contacts on a page when the caller does not say.
const PAGE_SIZE: usize = 100;
/// Contacts on a page at most.
const PAGE_LIMIT: usize = 1000;

/// The API part of the router.
pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/people/v1/contacts", get(list).post(create))
        .route("/people/v1/contacts/{id}", get(read).delete(remove))
        .route("/account", get(account))
}

/// An error of the API: `{"error": {code, status, message, fields}}`.
#[derive(Debug)]
enum ApiError {
    /// No bearer token at all (RFC 6750 §3: no error code then).
    NoToken,
    /// A token that is not, or no longer, good.
    BadToken,
    /// A good token without this scope.
    MissingScope(&'static str),
    NotFound,
    Invalid(Vec<FieldError>),
}

impl ApiError {
    fn field(name: &str, problem: &str) -> Self {
        Self::Invalid(vec![FieldError { field: name.to_owned(), problem: problem.to_owned() }])
    }

    fn challenge(&self) -> Option<String> {
        let realm = r#"Bearer realm="contacts""#;
        match self {
            Self::NoToken => Some(realm.to_owned()),
            Self::BadToken => Some(format!(
                r#"{realm}, error="invalid_token", error_description="the access token is unknown, expired or revoked""#
            )),
            Self::MissingScope(scope) => {
                Some(format!(r#"{realm}, error="insufficient_scope", scope="{scope}""#))
            }
            Self::NotFound | Self::Invalid(_) => None,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let challenge = self.challenge().and_then(|text| HeaderValue::from_str(&text).ok());
        let (code, status, message, fields) = match self {
            Self::NoToken => {
                (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", "an access token is needed".to_owned(), vec![])
            }
            Self::BadToken => {
                let text = "the access token is unknown, expired or revoked".to_owned();
                (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", text, vec![])
            }
            Self::MissingScope(scope) => {
                let text = format!("the access token does not have the scope {scope}");
                (StatusCode::FORBIDDEN, "PERMISSION_DENIED", text, vec![])
            }
            Self::NotFound => {
                (StatusCode::NOT_FOUND, "NOT_FOUND", "there is no such contact".to_owned(), vec![])
            }
            Self::Invalid(fields) => (
                StatusCode::BAD_REQUEST,
                "INVALID_ARGUMENT",
                "the request has wrong fields".to_owned(),
                fields,
            ),
        };
        let error = json!({"code": code.as_u16(), "status": status, "message": message, "fields": fields});
        let mut response = (code, Json(json!({ "error": error }))).into_response();
        if let Some(challenge) = challenge {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// The scopes of the token in the header.
fn scopes(state: &Inner, headers: &HeaderMap) -> Result<BTreeSet<String>, ApiError> {
    let header = headers.get(header::AUTHORIZATION).ok_or(ApiError::NoToken)?;
    let (scheme, token) =
        header.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(ApiError::BadToken)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(ApiError::NoToken);
    }
    state.grants().scopes_of_at(state.now(), token.trim()).cloned().ok_or(ApiError::BadToken)
}

fn need(state: &Inner, headers: &HeaderMap, scope: &'static str) -> Result<(), ApiError> {
    if scopes(state, headers)?.contains(scope) { Ok(()) } else { Err(ApiError::MissingScope(scope)) }
}

/// `GET /people/v1/contacts?pageSize=&pageToken=`.
async fn list(
    State(state): State<Shared>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    need(&state, &headers, READ)?;
    let size = match query.get("pageSize").map(|text| text.parse::<usize>()) {
        None => PAGE_SIZE,
        Some(Ok(size)) if (1..=PAGE_LIMIT).contains(&size) => size,
        Some(_) => return Err(ApiError::field("pageSize", "must be a number from 1 to 1000")),
    };
    let after = match query.get("pageToken").map(|text| text.parse::<u64>()) {
        None => 0,
        Some(Ok(after)) => after,
        Some(Err(_)) => return Err(ApiError::field("pageToken", "is not a token from an earlier page")),
    };
    Ok(Json(state.contacts().page(after, size)).into_response())
}

/// `POST /people/v1/contacts`: 201 with the contact and its place.
async fn create(State(state): State<Shared>, headers: HeaderMap, body: Bytes) -> Result<Response, ApiError> {
    need(&state, &headers, WRITE)?;
    let draft = parse_contact(&body).map_err(ApiError::Invalid)?;
    let contact = state.contacts().add(draft);
    let place = [(header::LOCATION, format!("/people/v1/{}", contact.resource_name))];
    Ok((StatusCode::CREATED, place, Json(contact)).into_response())
}

/// `GET /people/v1/contacts/{id}`.
async fn read(
    State(state): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    need(&state, &headers, READ)?;
    let contact = state.contacts().get(&id).cloned().ok_or(ApiError::NotFound)?;
    Ok(Json(contact).into_response())
}

/// `DELETE /people/v1/contacts/{id}`: 204.
async fn remove(
    State(state): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, ApiError> {
    need(&state, &headers, WRITE)?;
    state.contacts().remove(&id).map(|_| StatusCode::NO_CONTENT).ok_or(ApiError::NotFound)
}

/// `GET /account`: whose account it is and what the token allows. Any good token will do.
async fn account(State(state): State<Shared>, headers: HeaderMap) -> Result<Json<Value>, ApiError> {
    let scopes = scopes(&state, &headers)?;
    let (name, email) = (&state.settings.person, &state.settings.email);
    Ok(Json(json!({ "id": "person-1", "name": name, "email": email, "scopes": scopes })))
}
