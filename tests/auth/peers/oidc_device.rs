//! The device grant (RFC 8628) against oidc-provider, whose pages a person's browser walks through.

use serde_json::json;
use sluis_engine::Started;
use sluis_model::grant::{DevicePrompt, Grant, GrantOutcome};
use sluis_tests::peers::oidc_provider::clients;
use sluis_tests::peers::{Fault, FaultMode, OidcOptions, OidcProvider};
use sluis_tests::place::{Place, namespace};
use std::time::Duration;

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// Longest that a decision may take to be seen.
const AT_MOST: Duration = Duration::from_secs(30);

/// A device that shows its code.
struct Device {
    place: Place,
    provider: OidcProvider,
    started: Started,
}

impl Device {
    async fn new() -> Self {
        let provider = OidcProvider::start(OidcOptions::default()).await.unwrap();
        let auth = json!({
            "scheme": "oauth2_device_code", "client": "vault:peer", "scopes": ["items:read"],
            "device_url": provider.device_url(), "token_url": provider.token_url(),
        });
        let apis = json!({"get": {"method": "GET", "url": format!("{}/things", provider.api)}});
        let place = Place::new(&[provider.issuer.strip_prefix("http://").unwrap()], auth, apis).await;
        place.client(clients::PUBLIC.id, "").await;
        let started = place.engine.start_authorization(&place.org, &namespace()).await.unwrap();
        Self { place, provider, started }
    }

    fn prompt(&self) -> &DevicePrompt {
        self.started.grant.device.as_ref().unwrap()
    }

    async fn enter(&self, agrees: bool) {
        let DevicePrompt { verification_uri, user_code, .. } = self.prompt();
        self.provider.enter_code(verification_uri.as_str(), user_code, agrees).await.unwrap();
    }

    /// Lets time pass and waits until the attempt is decided.
    async fn decided_after(&self, seconds: i64) -> Grant {
        let (engine, grant) = (&self.place.engine, &self.started.grant);
        let mut decisions = engine.decisions();
        self.place.clock.pass(seconds);
        loop {
            let grant = engine.grant(&grant.org, &grant.id).await.unwrap();
            if grant.outcome != GrantOutcome::Waiting {
                return grant;
            }
            tokio::time::timeout(AT_MOST, decisions.recv()).await.unwrap().unwrap();
        }
    }

    /// Lets time pass, asks, and gives the pause that is kept from then on.
    async fn pause_after(&self, seconds: i64, than: i64) -> i64 {
        let (engine, grant) = (&self.place.engine, &self.started.grant);
        self.place.clock.pass(seconds);
        let asked = async {
            loop {
                let grant = engine.poll_device(&grant.org, &grant.id).await.unwrap();
                assert_eq!(grant.outcome, GrantOutcome::Waiting);
                match grant.device.unwrap().interval_s {
                    pause if pause > than => return pause,
                    _ => tokio::task::yield_now().await,
                }
            }
        };
        tokio::time::timeout(AT_MOST, asked).await.unwrap()
    }
}

#[tokio::test]
async fn a_person_enters_the_code_and_agrees() {
    let device = Device::new().await;
    assert!(device.prompt().verification_uri.as_str().starts_with(&device.provider.issuer));
    assert!(device.place.is_empty().await);
    device.enter(true).await;
    let grant = device.decided_after(6).await;
    assert_eq!(grant.outcome, GrantOutcome::Authorized);
    let (status, body) = device.place.call("get", json!({})).await;
    assert_eq!(status, 200, "{body}");
    assert!(body.contains("alice") && body.contains("items:read"), "{body}");
    device.place.clock.pass(60);
    assert!(device.provider.expire_access_tokens().await.unwrap() > 0);
    assert_eq!(device.place.call("get", json!({})).await.0, 200, "the token is refreshed");
}

#[tokio::test]
async fn a_person_refuses() {
    let device = Device::new().await;
    device.enter(false).await;
    let grant = device.decided_after(6).await;
    assert!(matches!(grant.outcome, GrantOutcome::Denied { .. }), "{grant:?}");
    assert!(device.place.is_empty().await);
}

#[tokio::test]
async fn nobody_enters_the_code_in_time() {
    let device = Device::new().await;
    device.provider.expire_device_codes().await.unwrap();
    assert_eq!(device.decided_after(6).await.outcome, GrantOutcome::Expired);
    let other = Device::new().await;
    assert_eq!(other.decided_after(601).await.outcome, GrantOutcome::Expired);
    assert_eq!(other.provider.stats().await.unwrap().token_requests, 0, "it is known without asking");
    assert!(device.place.is_empty().await && other.place.is_empty().await);
}

#[tokio::test]
async fn who_is_asked_to_slow_down_does_and_who_is_not_answered_waits_longer() {
    let device = Device::new().await;
    let first = device.prompt().interval_s;
    let body = Some(r#"{"error": "slow_down"}"#.to_owned());
    let faults =
        [Fault::token(1, FaultMode::Status { status: 400, body }), Fault::token(1, FaultMode::Reset)];
    device.provider.set_faults(&faults).await.unwrap();
    let second = device.pause_after(first + 1, first).await;
    assert_eq!(second, first + 5);
    let third = device.pause_after(second + 1, second).await;
    assert_eq!(third, second * 2);
    device.enter(true).await;
    assert_eq!(device.decided_after(third + 1).await.outcome, GrantOutcome::Authorized);
    let stats = device.provider.stats().await.unwrap();
    assert_eq!((stats.token_requests, stats.count(DEVICE_CODE, "ok")), (3, 1), "{stats:?}");
}
