//! A service that repeats everything it is sent: in answers, in errors, in headers, and as the
//! authorization server of every scheme.

use super::marks::Marks;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use http::{StatusCode, header};
use serde_json::{Value, json};
use std::sync::Arc;

/// A running service.
pub struct Service {
    /// `127.0.0.1:PORT`
    pub host: String,
}

impl Service {
    /// Starts it; tokens that it gives are marked.
    pub async fn start(marks: Arc<Marks>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let app = Router::new()
            .route("/echo", any(echo))
            .route("/fail", any(fail))
            .route("/refuse", any(refuse))
            .route("/token", any(token))
            .route("/bad-token", any(bad_token))
            .route("/introspect", any(token))
            .with_state(marks);
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { host }
    }
}

async fn seen(request: Request) -> Value {
    let (parts, body) = request.into_parts();
    let headers: Vec<(String, String)> = parts
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let body: Bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    json!({"uri": parts.uri.to_string(), "headers": headers, "body": String::from_utf8_lossy(&body)})
}

async fn echo(request: Request) -> Response {
    let seen = seen(request).await;
    let header = seen["headers"].to_string();
    (
        [(header::CONTENT_TYPE, "application/json".to_owned()), ("x-seen".parse().unwrap(), header)],
        seen.to_string(),
    )
        .into_response()
}

async fn fail(request: Request) -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, seen(request).await.to_string()).into_response()
}

async fn refuse(request: Request) -> Response {
    let challenge = format!("Bearer error_description={:?}", seen(request).await.to_string());
    (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, challenge)], "no").into_response()
}

/// What a token endpoint, a log-in and a request for an OAuth 1.0a token answer, all in one.
async fn token(State(marks): State<Arc<Marks>>, request: Request) -> Response {
    let asks_for_form = request.uri().query().is_some_and(|query| query.contains("form"));
    let session = marks.secret("session cookie").replace(['"', ',', ';', '\\'], "");
    if asks_for_form {
        let (token, secret) = (marks.secret("OAuth 1 token"), marks.secret("OAuth 1 token secret"));
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("oauth_token", token.as_str()), ("oauth_token_secret", &secret)])
            .append_pair("oauth_callback_confirmed", "true")
            .finish();
        return form.into_response();
    }
    let answer = json!({
        "access_token": marks.secret("access token"),
        "refresh_token": marks.secret("refresh token"),
        "device_code": marks.secret("device code"),
        "user_code": "ABCD-EFGH",
        "verification_uri": "http://127.0.0.1:1/device",
        "token_type": "Bearer",
        "expires_in": 3600,
        "interval": 1,
        "id": marks.secret("session id"),
        "active": true,
    });
    let cookie = format!("sid={session}; HttpOnly");
    (
        [(header::SET_COOKIE, cookie), (header::CONTENT_TYPE, "application/json".to_owned())],
        answer.to_string(),
    )
        .into_response()
}

/// A refusal that repeats the request in its words.
async fn bad_token(request: Request) -> Response {
    let answer = json!({"error": "invalid_grant", "error_description": seen(request).await.to_string()});
    (StatusCode::BAD_REQUEST, answer.to_string()).into_response()
}
