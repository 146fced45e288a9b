//! A running provider with the little HTTP client that the tests use, and the steps they share.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use sluis_example_provider::{Provider, Settings, start};
use std::collections::HashMap;
use tokio::net::TcpListener;
use url::{Url, form_urlencoded};

pub const REDIRECT_URI: &str = "http://127.0.0.1:9/callback?tenant=1";
pub const CLIENT_ID: &str = "demo:client";
pub const CLIENT_SECRET: &str = "s3cret+with %reserved:characters";
pub const VERIFIER: &str = "0123456789-0123456789-0123456789-0123456789";
pub const BOTH_SCOPES: &str = "contacts.read contacts.write";

pub struct World {
    pub provider: Provider,
    pub http: Client,
}

/// Starts a provider that consents by itself.
pub async fn world() -> World {
    world_with(Settings { ask_person: false, ..settings() }).await
}

pub async fn world_with(settings: Settings) -> World {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let provider = start(listener, settings).await.unwrap();
    let http = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
    World { provider, http }
}

pub fn settings() -> Settings {
    Settings {
        client_id: CLIENT_ID.to_owned(),
        client_secret: CLIENT_SECRET.to_owned(),
        ..Settings::with_redirect_uris([REDIRECT_URI])
    }
}

/// Parameters of a well-formed authorization request; a test changes what it is about.
pub fn request() -> HashMap<&'static str, String> {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    HashMap::from([
        ("response_type", "code".to_owned()),
        ("client_id", CLIENT_ID.to_owned()),
        ("redirect_uri", REDIRECT_URI.to_owned()),
        ("scope", BOTH_SCOPES.to_owned()),
        ("state", "a state & more".to_owned()),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256".to_owned()),
    ])
}

pub fn encode<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// The query of the address that an answer redirects to, which must be the client's.
pub fn sent_back(response: &Response) -> HashMap<String, String> {
    let location = response.headers()[LOCATION].to_str().unwrap();
    assert!(location.starts_with(REDIRECT_URI), "{location}");
    Url::parse(location).unwrap().query_pairs().into_owned().collect()
}

impl World {
    pub async fn authorize(&self, request: &HashMap<&'static str, String>) -> Response {
        let query = encode(request.iter().map(|(name, value)| (*name, value.as_str())));
        self.http.get(format!("{}?{query}", self.provider.authorize_url())).send().await.unwrap()
    }

    pub fn form(&self, url: String, pairs: &[(&str, &str)]) -> RequestBuilder {
        let body = encode(pairs.iter().copied());
        self.http.post(url).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body)
    }

    /// A POST to the token endpoint by the client, with Basic credentials.
    pub async fn token(&self, pairs: &[(&str, &str)]) -> (u16, Value) {
        let request = self.form(self.provider.token_url(), pairs).header(AUTHORIZATION, basic());
        answer(request.send().await.unwrap()).await
    }

    pub async fn refresh(&self, token: &str) -> (u16, Value) {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    pub async fn code(&self, scope: &str) -> String {
        let mut request = request();
        request.insert("scope", scope.to_owned());
        sent_back(&self.authorize(&request).await)["code"].clone()
    }

    pub async fn exchange(&self, code: &str) -> (u16, Value) {
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", VERIFIER),
        ];
        self.token(&pairs).await
    }

    /// Consents and exchanges; gives access and refresh token.
    pub async fn tokens(&self, scope: &str) -> (String, String) {
        let (status, body) = self.exchange(&self.code(scope).await).await;
        assert_eq!(status, 200, "{body}");
        (text(&body, "access_token"), text(&body, "refresh_token"))
    }

    pub async fn call(&self, method: &str, path: &str, token: &str, body: &str) -> Response {
        let url = format!("{}{path}", self.provider.issuer);
        let request = self.http.request(method.parse().unwrap(), url);
        let request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        request.header(CONTENT_TYPE, "application/json").body(body.to_owned()).send().await.unwrap()
    }

    pub async fn account_status(&self, token: &str) -> u16 {
        self.call("GET", "/account", token, "").await.status().as_u16()
    }
}

/// The Basic header: identifier and secret are form-encoded first (RFC 6749 §2.3.1).
pub fn basic() -> String {
    let part = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    format!("Basic {}", STANDARD.encode(format!("{}:{}", part(CLIENT_ID), part(CLIENT_SECRET))))
}

pub fn text(body: &Value, name: &str) -> String {
    body[name].as_str().unwrap_or_else(|| panic!("{name} in {body}")).to_owned()
}

pub async fn answer(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    (status, serde_json::from_slice(&response.bytes().await.unwrap()).unwrap())
}
