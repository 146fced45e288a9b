//! The authorization code flow as plain data: what goes out, byte for byte.
#![allow(clippy::unwrap_used)] // a test that cannot go on should stop

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use http::HeaderMap;
use sha2::{Digest, Sha256};
use sluis_auth::{
    Answer, AuthError, Begun, Challenges, Connects, Context, HttpRequest, Returned, Revocation, Talk,
    TokenErrorKind, Turn, read_revocation_at, scheme_of,
};
use sluis_model::connection::Variables;
use sluis_model::connector::AuthConfig;
use sluis_model::credential::{ClientCredentials, Credential, TokenSet};
use sluis_model::ports::Randomness;
use sluis_model::time::Timestamp;
use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicU8, Ordering};

struct Counting(AtomicU8);

impl Randomness for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        for byte in buffer {
            *byte = self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn config(extra: serde_json::Value) -> AuthConfig {
    let mut config = serde_json::json!({
        "scheme": "oauth2_authorization_code",
        "authorize_url": "https://op.example/authorize?tenant=7",
        "token_url": "https://op.example/token",
        "revoke_url": "https://op.example/revoke",
        "scopes": ["contacts.read", "contacts.write"],
        "client": "vault:c",
    });
    for (key, value) in extra.as_object().unwrap() {
        config[key] = value.clone();
    }
    serde_json::from_value(config).unwrap()
}

fn client(secret: Option<&str>) -> ClientCredentials {
    ClientCredentials { id: "cl:ient".into(), secret: secret.map(Into::into), ..Default::default() }
}

fn tokens(refresh: Option<&str>) -> Credential {
    let refresh_token = refresh.map(Into::into);
    Credential::of_tokens(TokenSet { refresh_token, ..TokenSet::of("canary-access", Timestamp(0)) })
}

fn form(request: &HttpRequest) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(&request.body).into_owned().collect()
}

static NO_CHALLENGES: Challenges = Challenges::new();
static NO_VARIABLES: Variables = Variables::new();
static RANDOMNESS: Counting = Counting(AtomicU8::new(0));

fn context(client: &ClientCredentials) -> Context<'_> {
    Context {
        now: Timestamp(0),
        randomness: &RANDOMNESS,
        client: Some(client),
        variables: &NO_VARIABLES,
        challenges: &NO_CHALLENGES,
    }
}

/// The request that a conversation begins with.
fn asks<T>(talk: Result<Talk<'_, T>, AuthError>) -> Result<HttpRequest, AuthError> {
    match talk?.next(Timestamp(0), None).unwrap() {
        Turn::Send(request) => Ok(request),
        Turn::Done(_) => panic!("nothing is asked"),
    }
}

fn begin(config: &AuthConfig, redirect_uri: &str) -> Result<Begun, AuthError> {
    let (scheme, client) = (scheme_of(config), client(None));
    match scheme.begin(context(&client), redirect_uri)?.next(Timestamp(0), None).unwrap() {
        Turn::Done(begun) => Ok(begun),
        Turn::Send(_) => panic!("nothing is to be asked"),
    }
}

fn exchange(
    config: &AuthConfig,
    client: &ClientCredentials,
    code: &str,
    kept: &str,
) -> Result<HttpRequest, AuthError> {
    let returned = Returned { code: code.into(), parameters: Variables::new() };
    asks(scheme_of(config).exchange(context(client), &returned, &kept.into(), REDIRECT))
}

fn refresh(
    config: &AuthConfig,
    client: &ClientCredentials,
    tokens: &Credential,
) -> Result<Option<HttpRequest>, AuthError> {
    scheme_of(config).renew(context(client), tokens)?.map(|talk| asks(Ok(talk))).transpose()
}

fn revoke(
    config: &AuthConfig,
    client: &ClientCredentials,
    tokens: &Credential,
) -> Result<Option<HttpRequest>, AuthError> {
    scheme_of(config).revoke(context(client), tokens)?.map(|talk| asks(Ok(talk))).transpose()
}

const REDIRECT: &str = "https://sluis.example/oauth/callback/c1";

#[test]
fn an_authorization_asks_with_state_scopes_and_an_s256_challenge() {
    let config =
        config(serde_json::json!({"authorize_params": {"prompt": "consent", "access_type": "offline"}}));
    let begun = begin(&config, REDIRECT).unwrap();
    let pairs: Vec<(String, String)> = begun.authorize_url.query_pairs().into_owned().collect();
    let names: HashSet<&String> = pairs.iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), pairs.len(), "no parameter twice: {pairs:?}");
    let query: BTreeMap<String, String> = pairs.iter().cloned().collect();
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(begun.kept.expose()));
    let wanted = [
        ("tenant", "7"),
        ("response_type", "code"),
        ("client_id", "cl:ient"),
        ("redirect_uri", REDIRECT),
        ("scope", "contacts.read contacts.write"),
        ("state", begun.state.expose().as_str()),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
        ("prompt", "consent"),
        ("access_type", "offline"),
    ];
    assert_eq!(query, wanted.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect());
    assert_eq!(begun.state.expose().len(), 43, "256 bits");
    assert_ne!(begun.state.expose(), begun.kept.expose());
    assert!(!format!("{begun:?}").contains(begun.state.expose().as_str()));
}

#[test]
fn an_exchange_sends_code_verifier_and_the_same_redirect_uri() {
    let config = config(serde_json::json!({}));
    let request = exchange(&config, &client(Some("s:e%c+r&é t")), "co/de", "ver").unwrap();
    assert_eq!((request.method.as_str(), request.url.as_str()), ("POST", "https://op.example/token"));
    assert_eq!(request.headers["content-type"], "application/x-www-form-urlencoded");
    let basic = request.headers["authorization"].to_str().unwrap().strip_prefix("Basic ").unwrap();
    // RFC 6749 §2.3.1: both are form-encoded first.
    assert_eq!(BASE64_STANDARD.decode(basic).unwrap(), b"cl%3Aient:s%3Ae%25c%2Br%26%C3%A9+t");
    let wanted = [
        ("grant_type", "authorization_code"),
        ("code", "co/de"),
        ("code_verifier", "ver"),
        ("redirect_uri", REDIRECT),
    ];
    assert_eq!(form(&request), wanted.iter().map(|(a, b)| (a.to_string(), b.to_string())).collect());
}

#[test]
fn a_client_authenticates_in_one_place_only() {
    let body = config(serde_json::json!({"client_auth": "body"}));
    let request = refresh(&body, &client(Some("s")), &tokens(Some("r"))).unwrap().unwrap();
    assert!(!request.headers.contains_key("authorization"));
    assert_eq!(form(&request)["client_secret"], "s");
    let basic = config(serde_json::json!({}));
    let request = refresh(&basic, &client(Some("s")), &tokens(Some("r"))).unwrap().unwrap();
    assert!(request.headers.contains_key("authorization"));
    assert!(!form(&request).contains_key("client_secret") && !form(&request).contains_key("client_id"));
    // A public client names itself in the body.
    let request = refresh(&basic, &client(None), &tokens(Some("r"))).unwrap().unwrap();
    assert!(!request.headers.contains_key("authorization"));
    assert_eq!(form(&request)["client_id"], "cl:ient");
}

#[test]
fn a_refresh_goes_to_its_own_url_and_needs_a_refresh_token() {
    let own = config(serde_json::json!({"refresh_url": "https://op.example/refresh?v=2"}));
    let request = refresh(&own, &client(None), &tokens(Some("r"))).unwrap().unwrap();
    assert_eq!(request.url.as_str(), "https://op.example/refresh?v=2");
    assert_eq!(form(&request)["grant_type"], "refresh_token");
    assert_eq!(form(&request)["refresh_token"], "r");
    assert!(refresh(&own, &client(None), &tokens(None)).unwrap().is_none());
}

#[test]
fn a_revocation_sends_the_token_that_the_connector_names() {
    let revoked = |using: &str, refresh| {
        let config =
            config(serde_json::json!({"revoke_using": using, "revoke_url": "http://127.0.0.1:9/revoke"}));
        let request = revoke(&config, &client(Some("s")), &tokens(refresh)).unwrap().unwrap();
        assert_eq!(request.url.as_str(), "http://127.0.0.1:9/revoke");
        (form(&request)["token"].clone(), form(&request)["token_type_hint"].clone())
    };
    assert_eq!(revoked("refresh_token", Some("r")), ("r".into(), "refresh_token".into()));
    assert_eq!(revoked("refresh_token", None), ("canary-access".into(), "access_token".into()));
    assert_eq!(revoked("access_token", Some("r")), ("canary-access".into(), "access_token".into()));
    let without = config(serde_json::json!({"revoke_url": null}));
    assert!(revoke(&without, &client(None), &tokens(None)).unwrap().is_none());
}

#[test]
fn the_answer_to_a_revocation_is_read_by_its_status() {
    let read = |status, body: &'static str| {
        read_revocation_at(Timestamp(0), &Answer { status, headers: HeaderMap::new(), body: body.into() })
    };
    assert_eq!(read(200, "").unwrap(), Revocation::Revoked);
    assert_eq!(read(204, "<html>").unwrap(), Revocation::Revoked);
    assert_eq!(read(400, r#"{"error":"invalid_token"}"#).unwrap(), Revocation::AlreadyGone);
    assert!(matches!(read(503, "").unwrap_err().kind, TokenErrorKind::Transient { .. }));
    assert_eq!(read(401, "").unwrap_err().kind, TokenErrorKind::InvalidClient);
    assert_eq!(read(404, "<html>").unwrap_err().kind, TokenErrorKind::Unusable);
}

#[test]
fn an_endpoint_that_would_carry_tokens_in_clear_is_refused() {
    let bad = [
        "",
        "token",
        "/token",
        "http://op.example/token",
        "ftp://op.example/",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://user:pw@op.example/token",
        "https://op.example/token#x",
        "data:text/html,x",
        "http://8.8.8.8/token",
    ];
    for url in bad {
        let config = config(serde_json::json!({"token_url": url, "authorize_url": url, "revoke_url": url}));
        let refused =
            |error: AuthError| assert!(matches!(error, AuthError::BadEndpoint { .. }), "{url}: {error}");
        refused(begin(&config, REDIRECT).unwrap_err());
        refused(exchange(&config, &client(None), "c", "v").unwrap_err());
        refused(refresh(&config, &client(None), &tokens(Some("r"))).unwrap_err());
        refused(revoke(&config, &client(None), &tokens(Some("r"))).unwrap_err());
    }
    for url in ["http://127.0.0.1:8080/t", "http://[::1]/t", "http://localhost:1/t", "http://keycloak:8080/t"]
    {
        let config = config(serde_json::json!({"token_url": url}));
        assert!(refresh(&config, &client(None), &tokens(Some("r"))).is_ok(), "{url}");
    }
}

#[test]
fn a_parameter_of_the_flow_cannot_be_set_by_the_connector_file() {
    for name in
        ["state", "redirect_uri", "code_challenge_method", "client_id", "response_mode", "request_uri"]
    {
        for extra in [
            serde_json::json!({"authorize_params": {name: "x"}}),
            serde_json::json!({"authorize_url": format!("https://op.example/authorize?{name}=x")}),
        ] {
            let error = begin(&config(extra), REDIRECT).unwrap_err();
            assert_eq!(error, AuthError::ReservedParameter { name: name.into() });
        }
    }
}

#[test]
fn a_redirect_uri_must_be_an_absolute_web_address() {
    for bad in ["", "/callback", "https://a.example/#x", "javascript:x", "myapp:/callback"] {
        let config = config(serde_json::json!({}));
        let error = begin(&config, bad).unwrap_err();
        assert!(matches!(error, AuthError::BadRedirectUri { .. }), "{bad}: {error}");
    }
}

#[test]
fn no_debug_output_of_a_request_holds_a_secret() {
    for auth in ["basic", "body"] {
        let config = config(serde_json::json!({"client_auth": auth}));
        let client = client(Some("canary-secret"));
        let encoded = BASE64_STANDARD.encode("cl%3Aient:canary-secret");
        let requests = [
            exchange(&config, &client, "canary-code", "canary-verifier").unwrap(),
            refresh(&config, &client, &tokens(Some("canary-refresh"))).unwrap().unwrap(),
            revoke(&config, &client, &tokens(Some("canary-refresh"))).unwrap().unwrap(),
        ];
        for request in requests {
            let shown = format!("{request:?} {:?}", request.headers);
            assert!(!shown.contains("canary") && !shown.contains(&encoded), "{shown}");
        }
    }
}

#[test]
fn a_connector_without_credential_has_no_authorization() {
    let error = begin(&AuthConfig::None {}, REDIRECT).unwrap_err();
    assert_eq!(error, AuthError::NoSuchStep { scheme: "none", step: "begin" });
    let scheme = scheme_of(&AuthConfig::None {});
    assert_eq!(scheme.connects(), Connects::Freely);
    let mut request = HttpRequest::new(http::Method::GET, "https://op.example/".parse().unwrap());
    scheme.apply(context(&client(None)), &tokens(None), &mut request).unwrap();
    assert!(request.headers.is_empty());
}
