//! A client of the authorization server, written out by hand.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Client as HttpClient, Response};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use sluis_tests::peers::{Client, ClientAuth, OidcOptions, OidcProvider};
use std::collections::HashMap;
use url::{Url, form_urlencoded};

pub const REDIRECT_URI: &str = "http://127.0.0.1:8080/oauth/callback";
const VERIFIER: &str = "a-verifier-is-random-and-this-one-is-for-tests-only";

pub struct Walk {
    pub peer: OidcProvider,
    pub client: Client,
    http: HttpClient,
}

impl Walk {
    pub async fn new(client: Client, options: OidcOptions) -> Self {
        let http = HttpClient::builder().no_proxy().build().unwrap();
        Self { peer: OidcProvider::start(options).await.unwrap(), client, http }
    }

    pub fn authorize_url(&self, changes: &[(&str, &str)]) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        let mut pairs = HashMap::from([
            ("client_id", self.client.id),
            ("response_type", "code"),
            ("redirect_uri", REDIRECT_URI),
            ("scope", "items:read items:write"),
            ("state", "some state"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ]);
        pairs.extend(changes.iter().copied());
        Url::parse_with_params(&self.peer.authorize_url(), pairs).unwrap().into()
    }

    /// The query that the browser brings back.
    pub async fn consent(&self, changes: &[(&str, &str)]) -> HashMap<String, String> {
        let back = self.peer.consent(&self.authorize_url(changes)).await.unwrap();
        back.query_pairs().into_owned().collect()
    }

    pub async fn post(&self, url: String, fields: &[(&str, &str)]) -> Result<Response, reqwest::Error> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let mut request = self.http.post(url).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        match self.client.auth {
            ClientAuth::Basic => request = request.header(AUTHORIZATION, basic(self.client)),
            ClientAuth::Post => {
                form.append_pair("client_id", self.client.id)
                    .append_pair("client_secret", self.client.secret);
            }
            ClientAuth::SecretJwt | ClientAuth::PrivateKeyJwt => panic!("no client of these walks signs"),
            ClientAuth::Public => {
                form.append_pair("client_id", self.client.id);
            }
        }
        request.body(form.finish()).send().await
    }

    pub async fn token(&self, fields: &[(&str, &str)]) -> (u16, Value) {
        answer(self.post(self.peer.token_url(), fields).await.unwrap()).await
    }

    pub async fn exchange(&self, code: &str) -> (u16, Value) {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", VERIFIER),
        ];
        self.token(&fields).await
    }

    pub async fn refresh(&self, token: &str) -> (u16, Value) {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// Consents and exchanges: access and refresh token.
    pub async fn tokens(&self) -> (String, String) {
        let (status, body) = self.exchange(&self.consent(&[]).await["code"]).await;
        assert_eq!(status, 200, "{body}");
        (text(&body, "access_token"), text(&body, "refresh_token"))
    }

    pub async fn call_api(&self, token: &str) -> (u16, Value) {
        let url = format!("{}/items?a=1&a=2", self.peer.api);
        let request = self.http.put(url).header(AUTHORIZATION, format!("Bearer {token}"));
        answer(request.header("x-test", "yes").body("hello").send().await.unwrap()).await
    }
}

/// Identifier and secret are form-encoded before they are joined (RFC 6749 §2.3.1).
fn basic(client: Client) -> String {
    let part = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    format!("Basic {}", STANDARD.encode(format!("{}:{}", part(client.id), part(client.secret))))
}

pub fn text(body: &Value, name: &str) -> String {
    body[name].as_str().unwrap_or_else(|| panic!("{name} in {body}")).to_owned()
}

async fn answer(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    (status, serde_json::from_slice(&response.bytes().await.unwrap()).unwrap())
}
