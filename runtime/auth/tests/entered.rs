//! Schemes whose values somebody enters: what they ask for, and what they make of a request.
#![allow(clippy::unwrap_used)] // a test that cannot go on should stop

use http::{HeaderMap, HeaderValue, Method};
use serde_json::{Value, json};
use sluis_auth::{Answer, AuthError, Challenges, Context, HttpRequest, Obtained, Talk, Turn, scheme_of};
use sluis_model::connection::Variables;
use sluis_model::connector::AuthConfig;
use sluis_model::credential::{ClientCredentials, Credential};
use sluis_model::ports::Randomness;
use sluis_model::time::Timestamp;

struct Sevens;

impl Randomness for Sevens {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

/// What a scheme works with in these tests.
struct World {
    config: AuthConfig,
    challenges: Challenges,
    variables: Variables,
    client: ClientCredentials,
}

impl World {
    fn of(config: Value) -> Self {
        Self {
            config: serde_json::from_str(&config.to_string()).unwrap(),
            challenges: Challenges::new(),
            variables: Variables::new(),
            client: ClientCredentials {
                id: "id".into(),
                secret: Some("se&cret".into()),
                ..Default::default()
            },
        }
    }

    fn context(&self) -> Context<'_> {
        Context {
            now: Timestamp(1_700_000_000_000),
            randomness: &Sevens,
            client: Some(&self.client),
            variables: &self.variables,
            challenges: &self.challenges,
        }
    }

    fn apply(&self, credential: &Credential, mut request: HttpRequest) -> Result<HttpRequest, AuthError> {
        scheme_of(&self.config).apply(self.context(), credential, &mut request)?;
        Ok(request)
    }

    fn labels(&self) -> Vec<String> {
        scheme_of(&self.config).fields().into_iter().map(|field| field.label).collect()
    }
}

fn entered<const N: usize>(fields: [(&str, &str); N]) -> Credential {
    Credential::of_fields(fields.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect())
}

fn get(url: &str) -> HttpRequest {
    HttpRequest::new(Method::GET, url.parse().unwrap())
}

fn authorization(request: &HttpRequest) -> &str {
    let value = &request.headers["authorization"];
    assert!(value.is_sensitive());
    value.to_str().unwrap()
}

fn answer(status: u16, headers: &[(&'static str, &str)], body: &str) -> Answer {
    let mut all = HeaderMap::new();
    for (name, value) in headers {
        all.append(*name, HeaderValue::from_str(value).unwrap());
    }
    Answer { status, headers: all, body: body.to_owned().into() }
}

/// Plays the service: answers the requests in order.
fn converse(mut talk: Talk<'_, Obtained>, answers: &[Answer]) -> (Vec<HttpRequest>, Obtained) {
    let (mut sent, mut answers, mut last) = (Vec::new(), answers.iter(), None);
    loop {
        match talk.next(Timestamp(1_700_000_000_000), last).unwrap() {
            Turn::Send(request) => {
                sent.push(request);
                last = Some(answers.next().unwrap());
            }
            Turn::Done(obtained) => return (sent, obtained),
        }
    }
}

#[test]
fn basic_sends_user_and_password_in_utf_8() {
    let world = World::of(json!({"scheme": "basic"}));
    let credential = entered([("user", "Aladdin"), ("password", "open sesame")]);
    let request = world.apply(&credential, get("https://a.example/")).unwrap();
    assert_eq!(authorization(&request), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    // RFC 7617 §2.1.
    let request = world.apply(&entered([("user", "test"), ("password", "123£")]), get("https://a.example/"));
    assert_eq!(authorization(&request.unwrap()), "Basic dGVzdDoxMjPCow==");
}

#[test]
fn a_user_name_with_a_colon_or_a_line_break_is_refused_by_basic() {
    let world = World::of(json!({"scheme": "basic"}));
    for (user, password, field) in
        [("canary:b", "c", "user"), ("canary\nb", "c", "user"), ("canary", "b\r\nX: 1", "password")]
    {
        let error =
            world.apply(&entered([("user", user), ("password", password)]), get("https://a.example/"));
        let Err(AuthError::BadField { field: named, why }) = error else { panic!("{user:?} was taken") };
        assert_eq!(named, field);
        assert!(!why.contains(user));
    }
}

#[test]
fn a_fixed_half_of_basic_is_not_asked_for() {
    let key_as_user = World::of(json!({"scheme": "basic", "password": "", "user_label": "API key"}));
    assert_eq!(key_as_user.labels(), ["API key"]);
    let request = key_as_user.apply(&entered([("user", "k")]), get("https://a.example/")).unwrap();
    assert_eq!(authorization(&request), "Basic azo=");
    let key_as_password = World::of(json!({"scheme": "basic", "user": "api"}));
    assert_eq!(key_as_password.labels(), ["Password"]);
}

#[test]
fn a_pasted_token_may_bring_its_header_along() {
    let world = World::of(json!({"scheme": "bearer"}));
    for pasted in ["t-1", " t-1\n", "Bearer t-1"] {
        let request = world.apply(&entered([("token", pasted)]), get("https://a.example/")).unwrap();
        assert_eq!(authorization(&request), "Bearer t-1");
    }
    assert!(world.apply(&entered([("token", "a\r\nb")]), get("https://a.example/")).is_err());
}

#[test]
fn a_key_goes_to_each_place_with_its_prefix() {
    let place = |config: Value, mut request: HttpRequest| {
        let world = World::of(config);
        request.headers.insert("cookie", HeaderValue::from_static("a=1"));
        world.apply(&entered([("api_key", "k y")]), request)
    };
    let header = place(json!({"scheme": "api_key", "prefix": "Token "}), get("https://a.example/")).unwrap();
    assert_eq!(authorization(&header), "Token k y");
    let query = json!({"scheme": "api_key", "in": "query", "name": "key"});
    let query = place(query, get("https://a.example/?key=theirs&a=b")).unwrap();
    assert_eq!(query.url.query(), Some("a=b&key=k+y"));
    let cookie = json!({"scheme": "api_key", "in": "cookie", "name": "s"});
    assert!(matches!(place(cookie, get("https://a.example/")), Err(AuthError::BadField { .. })));
}

#[test]
fn digest_answers_the_example_of_the_standard_and_counts_on() {
    let world = World::of(json!({"scheme": "digest"}));
    let credential = entered([("user", "Mufasa"), ("password", "Circle of Life")]);
    let scheme = scheme_of(&world.config);
    let url = "http://127.0.0.1/dir/index.html";
    let mut request = world.apply(&credential, get(url)).unwrap();
    assert!(request.headers.is_empty(), "nothing is known of the server yet");
    let challenge = |algorithm: &str| {
        format!(
            "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm={algorithm}, \
             nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
        )
    };
    let (md5, sha) = (challenge("MD5"), challenge("SHA-256"));
    let refused = answer(401, &[("www-authenticate", &md5), ("www-authenticate", &sha)], "");
    assert!(scheme.answer_challenge(world.context(), &credential, &refused, &mut request).unwrap());
    let first = authorization(&request);
    assert!(first.contains("algorithm=SHA-256") && first.contains("nc=00000001"), "{first}");
    assert!(first.contains("uri=\"/dir/index.html\"") && !first.contains("Circle"), "{first}");
    let next = world.apply(&credential, get(url)).unwrap();
    assert!(authorization(&next).contains("nc=00000002"), "the next call needs one round only");
    let elsewhere = world.apply(&credential, get("http://127.0.0.1:81/")).unwrap();
    assert!(elsewhere.headers.is_empty(), "a challenge is that of one server");
    let plain = answer(401, &[("www-authenticate", "Basic realm=\"x\"")], "");
    assert!(!scheme.answer_challenge(world.context(), &credential, &plain, &mut request).unwrap());
}

#[test]
fn an_hmac_covers_the_parts_that_the_definition_lists() {
    let world = World::of(json!({
        "scheme": "hmac_signature",
        "sign": ["${method}", "${target}", "${header.X-Time}", "${body_hash}"],
        "headers": {"X-Time": "${timestamp}", "Authorization": "HMAC ${key_id}:${signature}"},
    }));
    assert_eq!(world.labels(), ["Key id", "Signing key"]);
    let mut request = HttpRequest::new(Method::POST, "https://a.example/v1/x?b=2&a=1".parse().unwrap());
    request.body = "{}".into();
    let signed = world.apply(&entered([("key_id", "me"), ("key", "Jefe")]), request).unwrap();
    assert_eq!(signed.headers["x-time"], "1700000000");
    // printf 'POST\n/v1/x?b=2&a=1\n1700000000\n44136f…' | openssl dgst -sha256 -hmac Jefe
    assert_eq!(
        authorization(&signed),
        "HMAC me:799832bc5e6ce588557c493746812ece1a13bf8b9cf04083da2f8b0e9981d24f"
    );
}

#[test]
fn a_placeholder_that_nothing_fills_is_told_with_its_neighbour() {
    let world = World::of(json!({
        "scheme": "hmac_signature", "sign": ["${bodyhash}"], "headers": {"X": "${signature}"},
    }));
    let error = scheme_of(&world.config).check().unwrap_err().to_string();
    assert!(error.contains("${bodyhash}") && error.contains("body_hash"), "{error}");
    let world = World::of(json!({
        "scheme": "two_step_token", "token": "$.t", "fields": [{"name": "user", "label": "User"}],
        "calls": [{"url": "https://a.example/t", "body": {"form": {"u": "${usr}"}}}],
    }));
    let error = scheme_of(&world.config).check().unwrap_err().to_string();
    assert!(error.contains("calls[0].body") && error.contains("user"), "{error}");
}

fn two_step() -> World {
    World::of(json!({
        "scheme": "two_step_token",
        "fields": [{"name": "user", "label": "User", "secret": false}, {"name": "pass", "label": "Password"}],
        "calls": [
            {"url": "https://a.example/begin", "method": "GET", "query": {"u": "${user}"}, "keep": {"nonce": "$.n"}},
            {"url": "https://a.example/token/${user}", "headers": {"X-Nonce": "${nonce}"},
             "body": {"json": {"login": {"name": "${user}", "word": "p:${pass}"}}}},
        ],
        "token": "$.data.token", "refresh_token": "$.data.again",
        "expires": {"at": "$.data.ttl", "as": "minutes"},
        "refresh": {"url": "https://a.example/again", "body": {"form": {"r": "${refresh_token}"}}},
        "name": "X-Token",
    }))
}

#[test]
fn two_steps_give_a_token_and_each_value_is_encoded_for_its_place() {
    let world = two_step();
    let credential = entered([("user", "a/b&c"), ("pass", "q\"t")]);
    let scheme = scheme_of(&world.config);
    let talk = scheme.obtain(world.context(), &credential).unwrap().unwrap();
    let answers = [
        answer(200, &[], r#"{"n": 12}"#),
        answer(200, &[], r#"{"data": {"token": "tok", "again": "ref", "ttl": "30"}}"#),
    ];
    let (sent, obtained) = converse(talk, &answers);
    assert_eq!(sent[0].url.as_str(), "https://a.example/begin?u=a%2Fb%26c");
    assert_eq!(sent[1].url.as_str(), "https://a.example/token/a%2Fb%26c");
    assert_eq!(sent[1].headers["x-nonce"], "12");
    assert_eq!(sent[1].headers["content-type"], "application/json");
    let body: Value = serde_json::from_slice(&sent[1].body).unwrap();
    assert_eq!(body, json!({"login": {"name": "a/b&c", "word": "p:q\"t"}}));
    assert!(sent.iter().all(|request| request.secret_body));
    assert_eq!(obtained.tokens.expires_at, Some(Timestamp(1_700_000_000_000 + 30 * 60_000)));

    let held = Credential { tokens: Some(obtained.tokens), ..credential };
    let request = world.apply(&held, get("https://a.example/")).unwrap();
    assert_eq!(request.headers["x-token"], "tok");
    let talk = scheme.renew(world.context(), &held).unwrap().unwrap();
    let (sent, renewed) = converse(talk, &[answer(200, &[], r#"{"data": {"token": "tok2"}}"#)]);
    assert_eq!(sent[0].body, "r=ref");
    assert_eq!(renewed.tokens.refresh_token.unwrap().expose(), "ref", "what is left out is kept");
}

#[test]
fn a_refused_log_in_asks_for_a_person_and_a_busy_service_does_not() {
    use sluis_auth::TokenErrorKind;
    let world = two_step();
    let credential = entered([("user", "u"), ("pass", "canary")]);
    let scheme = scheme_of(&world.config);
    for (status, wanted) in [
        (401, TokenErrorKind::InvalidGrant),
        (503, TokenErrorKind::Transient { retry_after: None }),
        (404, TokenErrorKind::Misconfigured),
    ] {
        let mut talk = scheme.obtain(world.context(), &credential).unwrap().unwrap();
        assert!(matches!(talk.next(Timestamp(0), None), Ok(Turn::Send(_))));
        let error = talk.next(Timestamp(0), Some(&answer(status, &[], "canary"))).unwrap_err();
        assert_eq!(error.kind, wanted);
        assert!(!error.to_string().contains("canary"));
    }
}

#[test]
fn a_session_carries_what_the_log_in_gave() {
    let session = |carry: Value, more: Value| {
        let mut config = json!({
            "scheme": "session_login", "fields": [{"name": "user", "label": "User"}], "carry": carry,
            "login": {"url": "https://a.example/login", "body": {"form": {"u": "${user}"}}},
        });
        config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let world = World::of(config);
        let credential = entered([("user", "u")]);
        let login = answer(
            200,
            &[("set-cookie", "sid=s1; Path=/; HttpOnly"), ("set-cookie", "csrf=c1"), ("x-session", "h1")],
            r#"{"key": "b1"}"#,
        );
        let scheme = scheme_of(&world.config);
        let (_, obtained) = converse(scheme.obtain(world.context(), &credential).unwrap().unwrap(), &[login]);
        let held = Credential { tokens: Some(obtained.tokens), ..credential };
        world.apply(&held, get("https://a.example/")).unwrap()
    };
    assert_eq!(session(json!("cookies"), json!({})).headers["cookie"], "sid=s1; csrf=c1");
    assert_eq!(session(json!({"cookie": "sid"}), json!({})).headers["cookie"], "sid=s1");
    assert_eq!(session(json!({"header": "X-Session"}), json!({})).headers["x-session"], "h1");
    let body = session(json!({"body": "$.key"}), json!({"prefix": "Session "}));
    assert_eq!(authorization(&body), "Session b1");
    let query = session(json!({"body": "$.key"}), json!({"in": "query", "name": "sid"}));
    assert_eq!(query.url.query(), Some("sid=b1"));
}

#[test]
fn oauth1_signs_with_client_and_token() {
    let world =
        World::of(json!({"scheme": "oauth1", "client": "vault:a", "signature": "plaintext", "realm": "r"}));
    assert_eq!(world.labels(), ["Access token", "Token secret"]);
    let credential = entered([("token", "t/1"), ("token_secret", "ts")]);
    let request = world.apply(&credential, get("https://a.example/")).unwrap();
    let header = authorization(&request);
    assert!(header.starts_with("OAuth realm=\"r\", oauth_consumer_key=\"id\""), "{header}");
    assert!(header.contains("oauth_token=\"t%2F1\"") && header.contains("oauth_timestamp=\"1700000000\""));
    assert!(header.contains("oauth_signature=\"se%2526cret%26ts\""), "{header}");
}

#[test]
fn a_certificate_must_be_pem_and_stands_beside_another_scheme() {
    let world = World::of(json!({"scheme": "mutual_tls", "with": {"scheme": "bearer"}}));
    assert_eq!(world.labels(), ["Certificate", "Private key", "Token"]);
    let pem = "-----BEGIN X-----\n-----END X-----\n";
    let fields = entered([("certificate", pem), ("private_key", pem), ("token", "t")]);
    let request = world.apply(&fields, get("https://a.example/")).unwrap();
    assert_eq!(request.identity.as_ref().unwrap().certificate.expose(), pem);
    assert_eq!(authorization(&request), "Bearer t");
    assert!(!format!("{request:?}").contains("BEGIN"));
    let bad = entered([("certificate", "canary"), ("private_key", pem), ("token", "t")]);
    let error = world.apply(&bad, get("https://a.example/")).unwrap_err().to_string();
    assert!(error.contains("certificate") && !error.contains("canary"));
    let nested = World::of(json!({"scheme": "mutual_tls", "with": {"scheme": "mutual_tls"}}));
    assert!(scheme_of(&nested.config).check().is_err());
}

#[test]
fn aws_signs_the_one_spelling_of_a_path() {
    let world = World::of(json!({"scheme": "aws_sigv4", "region": "us-east-1", "service": "s3"}));
    let credential = entered([("access_key_id", "AKID"), ("secret_access_key", "s")]);
    let request = get("https://b.example/a%20b+c/(%C3%A9)?q=a+b&k");
    let signed = world.apply(&credential, request).unwrap();
    assert_eq!(signed.url.as_str(), "https://b.example/a%20b%2Bc/%28%C3%A9%29?q=a%20b&k=");
    let header = authorization(&signed);
    assert!(header.contains("Credential=AKID/20231114/us-east-1/s3/aws4_request"), "{header}");
    assert!(header.contains("SignedHeaders=host;x-amz-content-sha256;x-amz-date"), "{header}");
    assert_eq!(signed.headers["x-amz-date"], "20231114T221320Z");
}

#[test]
fn what_is_shown_before_sending_holds_stars_only() {
    for config in [
        json!({"scheme": "basic"}),
        json!({"scheme": "bearer"}),
        json!({"scheme": "api_key", "in": "query"}),
        json!({"scheme": "digest"}),
        json!({"scheme": "aws_sigv4", "region": "us-east-1", "service": "s3"}),
        json!({"scheme": "oauth1", "client": "vault:a"}),
        json!({"scheme": "mutual_tls"}),
    ] {
        let world = World::of(config.clone());
        let mut request = get("https://a.example/");
        scheme_of(&world.config)
            .sketch(world.context(), &mut request)
            .unwrap_or_else(|e| panic!("{config}: {e}"));
    }
}

#[test]
fn a_field_of_several_keys_that_nothing_sends_is_told() {
    let world = World::of(json!({
        "scheme": "api_keys",
        "fields": [{"name": "key", "label": "Key"}, {"name": "app", "label": "App"}],
        "headers": {"X-Key": "${key}"}
    }));
    let error = scheme_of(&world.config).check().unwrap_err().to_string();
    assert!(error.contains("fields.app") && error.contains("nothing sends `${app}`"), "{error}");
    assert_eq!(world.labels(), ["Key", "App"]);
}
