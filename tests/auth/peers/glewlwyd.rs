//! Glewlwyd, an authorization server in C that does much its own way: refresh tokens that work once, 403
//! for a code it does not know, metadata elsewhere than its issuer says; devices that really must slow
//! down; and a log-in of its own whose session is a cookie, for `session_login`.

use serde_json::{Value, json};
use sluis_model::error::Reason;
use sluis_model::grant::GrantOutcome;
use sluis_tests::peers::ServerPeer;
use sluis_tests::place::{Place, namespace};
use std::time::Duration;
use url::Url;

const PASSWORD: &str = "canary-password";
const SECRET: &str = "canary+secret/of=conn";
const REDIRECT_URI: &str = "http://127.0.0.1:8080/oauth/callback/acme/peer";
const AT_MOST: Duration = Duration::from_secs(30);

async fn peer() -> ServerPeer {
    let environment = [("PASSWORD", PASSWORD), ("CLIENT_SECRET", SECRET), ("REDIRECT_URI", REDIRECT_URI)];
    ServerPeer::python("glewlwyd", &environment).await.unwrap()
}

async fn world(scheme: &str, more: Value) -> (Place, ServerPeer) {
    let peer = peer().await;
    let base = format!("http://{}/api/oidc", peer.host());
    let mut auth = json!({
        "scheme": scheme, "client": "vault:peer", "client_auth": "basic_unencoded", "token_url": format!("{base}/token"),
        "scopes": ["items"],
    });
    let more = serde_json::from_str::<Value>(&more.to_string().replace("{base}", &base)).unwrap();
    auth.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let apis = json!({"get": {"method": "GET", "url": format!("{base}/userinfo")}});
    (Place::new(&[peer.host()], auth, apis).await, peer)
}

/// The user in front of a browser, logged in, who has agreed to what the client asks for.
struct Alice {
    client: reqwest::Client,
    cookie: String,
}

impl Alice {
    async fn at(peer: &ServerPeer) -> Self {
        let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        let mut alice = Self { client: client.build().unwrap(), cookie: String::new() };
        let at = |path: &str| format!("http://{}/api/{path}", peer.host());
        let login = json!({"username": "alice", "password": PASSWORD});
        let json = ("content-type", "application/json");
        let asked = alice.client.post(at("auth")).header(json.0, json.1);
        let answer = asked.body(login.to_string()).send().await.unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        alice.cookie = cookie.split(';').next().unwrap().to_owned();
        let agreed =
            alice.client.put(at("auth/grant/conn")).header("cookie", &alice.cookie).header(json.0, json.1);
        let answer = agreed.body(json!({"scope": "openid items"}).to_string()).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        alice
    }

    /// Opens an address as one who has just answered the question there; where it leads.
    async fn goes_on(&self, mut url: Url) -> Url {
        url.query_pairs_mut().append_key_only("g_continue");
        let asked = self.client.get(url).header("cookie", &self.cookie);
        let answer = asked.send().await.unwrap();
        Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap()
    }

    /// Ends every session of the user; how many there were.
    async fn ends_sessions(&self, peer: &ServerPeer) -> usize {
        let at = |path: &str| format!("http://{}/api/profile/session/{path}", peer.host());
        let asked = self.client.get(at("")).header("cookie", &self.cookie);
        let sessions: Value =
            serde_json::from_str(&asked.send().await.unwrap().text().await.unwrap()).unwrap();
        let sessions = sessions.as_array().unwrap();
        for session in sessions {
            let hash =
                url::form_urlencoded::byte_serialize(session["session_hash"].as_str().unwrap().as_bytes());
            let ended = self.client.delete(at(&hash.collect::<String>())).header("cookie", &self.cookie);
            ended.send().await.unwrap();
        }
        sessions.len()
    }

    async fn consents(&self, url: Url) -> String {
        let back = self.goes_on(url).await;
        assert!(back.as_str().starts_with(REDIRECT_URI), "{back}");
        back.query().unwrap().to_owned()
    }
}

#[tokio::test]
async fn consent_is_exchanged_and_each_refresh_token_is_used_once() {
    for more in [json!({}), json!({"client_auth": "body"})] {
        let mut auth = json!({"authorize_url": "{base}/auth", "revoke_url": "{base}/revoke"});
        auth.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let (place, peer) = world("oauth2_authorization_code", auth).await;
        let alice = Alice::at(&peer).await;
        place.client("conn", "canary-wrong").await;
        let grant = place.authorize(async |url| alice.consents(url).await).await.unwrap();
        let GrantOutcome::Failed { reason } = &grant.outcome else { panic!("{grant:?}") };
        assert!(reason.contains("client") && !reason.contains("canary"), "{reason}");
        assert!(place.is_empty().await);
        place.client("conn", SECRET).await;
        let grant = place.authorize(async |url| alice.consents(url).await).await.unwrap();
        assert_eq!(grant.outcome, GrantOutcome::Authorized);
        for _ in 0..3 {
            let (status, body) = place.call("get", json!({})).await;
            assert_eq!(status, 200, "{body}");
            assert!(body.contains("\"sub\""), "{body}");
            // The access token is good for ten minutes; using a refresh token twice would end them all.
            place.clock.pass(601);
        }
        place.engine.revoke(&place.org, &namespace()).await.unwrap();
        assert!(place.is_empty().await);
    }
}

#[tokio::test]
async fn a_password_is_turned_into_tokens() {
    let (place, _peer) = world("oauth2_password", json!({})).await;
    place.client("conn", SECRET).await;
    let failure = place.refused(&[("username", "alice"), ("password", "canary-no")], "canary-no").await;
    assert!(!format!("{failure:?}").contains("canary"), "{failure:?}");
    assert!(place.is_empty().await);
    place.connect(&[("username", "alice"), ("password", PASSWORD)]).await.unwrap();
    assert_eq!(place.call("get", json!({})).await.0, 200);
    place.clock.pass(601);
    assert_eq!(place.call("get", json!({})).await.0, 200);
}

#[tokio::test]
async fn a_device_is_let_in_and_one_that_hurries_is_slowed_down() {
    let device = json!({"device_url": "{base}/device_authorization"});
    let (place, peer) = world("oauth2_device_code", device).await;
    place.client("conn", SECRET).await;
    let begin = || async { place.engine.start_authorization(&place.org, &namespace()).await.unwrap().grant };
    // By our clock the pause is over each time; by that of the server it is not.
    let hasty = begin().await;
    let slower = async {
        loop {
            let grant = place.engine.poll_device(&place.org, &hasty.id).await.unwrap();
            assert_eq!(grant.outcome, GrantOutcome::Waiting);
            let device = grant.device.unwrap();
            if device.interval_s >= 10 {
                return device.interval_s;
            }
            let ahead = device.next_poll_at.seconds_since(place.engine.now());
            // Longer than any pause is how long a question that is on its way keeps others from asking.
            if (1..=10).contains(&ahead) {
                place.clock.pass(ahead + 1);
            }
            tokio::task::yield_now().await;
        }
    };
    assert_eq!(tokio::time::timeout(AT_MOST, slower).await.unwrap(), 10);
    let patient = begin().await;
    let prompt = patient.device.as_ref().unwrap();
    let alice = Alice::at(&peer).await;
    let complete = prompt.verification_uri_complete.as_ref().unwrap();
    let shown = alice.goes_on(Url::parse(complete.as_str()).unwrap()).await;
    assert!(shown.query().unwrap().contains("deviceComplete"), "{shown}");
    let mut decisions = place.engine.decisions();
    place.clock.pass(6);
    let decided = async {
        loop {
            let grant = place.engine.grant(&place.org, &patient.id).await.unwrap();
            if grant.outcome != GrantOutcome::Waiting {
                return grant.outcome;
            }
            decisions.recv().await.unwrap();
        }
    };
    assert_eq!(tokio::time::timeout(AT_MOST, decided).await.unwrap(), GrantOutcome::Authorized);
    assert_eq!(place.call("get", json!({})).await.0, 200);
}

#[tokio::test]
async fn a_session_is_carried_and_begun_again() {
    let peer = peer().await;
    let base = format!("http://{}/api", peer.host());
    let auth = json!({
        "scheme": "session_login",
        "fields": [{"name": "user", "label": "User", "secret": false}, {"name": "password", "label": "Password"}],
        "login": {"url": format!("{base}/auth"), "body": {"json": {"username": "${user}", "password": "${password}"}}},
        "carry": {"cookie": "GLEWLWYD2_SESSION_ID"},
        "expires": {"lifetime_s": 600},
        "logout": {"method": "DELETE", "url": format!("{base}/auth")},
    });
    let profile = json!({"method": "GET", "url": format!("{base}/profile_list")});
    let place = Place::new(&[peer.host()], auth, json!({"test": profile, "get": profile})).await;
    let failure = place.refused(&[("user", "alice"), ("password", "canary-no")], "canary-no").await;
    assert!(matches!(failure.reason, Reason::Denied | Reason::NeedsReauthorization), "{failure:?}");
    assert!(place.is_empty().await);
    place.connect(&[("user", "alice"), ("password", PASSWORD)]).await.unwrap();
    let alice = Alice::at(&peer).await;
    for _ in 0..2 {
        let (status, body) = place.call("get", json!({})).await;
        assert_eq!(status, 200, "{body}");
        assert!(body.contains("a@example.test"), "{body}");
        place.clock.pass(601);
    }
    // Somebody ends the session at the service, long before it is over by our clock.
    assert_eq!(place.call("get", json!({})).await.0, 200);
    place.clock.pass(60);
    assert!(alice.ends_sessions(&peer).await > 1);
    assert_eq!(place.call("get", json!({})).await.0, 200, "another is begun");
    place.engine.revoke(&place.org, &namespace()).await.unwrap();
    assert!(place.is_empty().await);
}

#[tokio::test]
async fn refusals_outside_the_standard_are_told_for_what_they_are() {
    let (place, peer) = world("oauth2_authorization_code", json!({"authorize_url": "{base}/auth"})).await;
    place.client("conn", SECRET).await;
    let alice = Alice::at(&peer).await;
    // A code that is not known is answered with 403 and a word of its own.
    let forged = async |url| {
        let query = alice.consents(url).await;
        let pairs = url::form_urlencoded::parse(query.as_bytes());
        let pairs =
            pairs.map(|(name, value)| if name == "code" { (name, "forged".into()) } else { (name, value) });
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
    };
    let grant = place.authorize(forged).await.unwrap();
    let GrantOutcome::Failed { reason } = &grant.outcome else { panic!("{grant:?}") };
    assert!(reason.contains("invalid_code") && !reason.contains("forged"), "{reason}");
    assert!(place.is_empty().await);
    // A client's secret that does not fit is answered with 400 and nothing at all: it decodes no halves.
    let (place, _peer) = world("oauth2_password", json!({"client_auth": "basic"})).await;
    place.client("conn", SECRET).await;
    let failure = place.refused(&[("username", "alice"), ("password", PASSWORD)], PASSWORD).await;
    assert!(failure.message.contains("400 with an empty body"), "{failure:?}");
    assert!(place.is_empty().await);
}
