//! Answers of token endpoints that could cost a grant, or renew for ever.

use crate::sample::{self, call, connection};
use async_trait::async_trait;
use sluis_engine::Engine;
use sluis_example_provider::{Provider, Rotation};
use sluis_invoke::{Http, HttpAnswer, OutgoingRequest, SendLimits, Transport, TransportError};
use sluis_model::error::Reason;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What stands in for the answer of the token endpoint.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Instead {
    /// The provider's own answer.
    Nothing,
    /// `invalid_grant`, and the provider hears nothing.
    Refusal,
    /// A success with the access token that was used last, and the provider hears nothing.
    TheSameToken,
}

/// The real transport, but for the token endpoint.
struct Odd {
    transport: Transport,
    /// What the next token requests are answered with; the rest goes to the provider.
    instead: Mutex<Vec<Instead>>,
    asked: AtomicUsize,
    used: Mutex<String>,
}

#[async_trait]
impl Http for Odd {
    async fn send(&self, request: OutgoingRequest, limits: SendLimits) -> Result<HttpAnswer, TransportError> {
        if request.url.path() != "/oauth/token" {
            if let Some(value) = request.headers.get("authorization") {
                *self.used.lock().unwrap() = value.to_str().unwrap().trim_start_matches("Bearer ").to_owned();
            }
            return self.transport.send(request, limits).await;
        }
        self.asked.fetch_add(1, Ordering::SeqCst);
        let instead = self.instead.lock().unwrap().pop().unwrap_or(Instead::Nothing);
        let (status, body) = match instead {
            Instead::Nothing => return self.transport.send(request, limits).await,
            Instead::Refusal => (400, r#"{"error":"invalid_grant"}"#.to_owned()),
            Instead::TheSameToken => {
                let used = self.used.lock().unwrap().clone();
                (200, format!(r#"{{"access_token":"{used}","token_type":"Bearer","expires_in":3600}}"#))
            }
        };
        let (headers, body) = (http::HeaderMap::new(), body.into_bytes().into());
        Ok(HttpAnswer { status, headers, body, elapsed: Duration::ZERO, phases: Default::default() })
    }
}

/// An engine with a grant, in a folder that must live as long.
async fn world() -> (Engine, Arc<Odd>, Provider, tempfile::TempDir) {
    let provider = sample::provider(Rotation::Leeway { seconds: 60 }).await;
    let folder = tempfile::tempdir().unwrap();
    let http = Arc::new(Odd {
        transport: sample::transport(),
        instead: Mutex::default(),
        asked: AtomicUsize::new(0),
        used: Mutex::default(),
    });
    let store = sluis_store::open(&folder.path().join("sluis.redb")).await.unwrap();
    let engine = sample::builder(store, &folder.path().join("root.key"), http.clone()).await.build();
    sample::set_up(&engine, &provider.issuer).await;
    sample::authorize(&engine).await;
    (engine, http, provider, folder)
}

#[tokio::test]
async fn where_new_tokens_are_refused_before_they_ever_worked_those_before_them_are_tried_once() {
    let (engine, http, provider, _folder) = world().await;
    engine.renew_now(&connection()).await.unwrap();
    http.instead.lock().unwrap().push(Instead::Refusal);
    let asked = http.asked.load(Ordering::SeqCst);
    engine.renew_now(&connection()).await.unwrap();
    assert_eq!(http.asked.load(Ordering::SeqCst) - asked, 2, "the new ones, then those before them");
    assert_eq!((provider.counts().refreshes, provider.counts().refused), (2, 0));
    assert_eq!(call(&engine).await.unwrap(), 200);
    // Refused both ways, it is told, and nobody asks a third time.
    engine.renew_now(&connection()).await.unwrap();
    http.instead.lock().unwrap().extend([Instead::Refusal; 2]);
    let asked = http.asked.load(Ordering::SeqCst);
    let failure = engine.renew_now(&connection()).await.unwrap_err();
    assert_eq!(failure.reason, Reason::NeedsReauthorization, "{failure}");
    assert_eq!(http.asked.load(Ordering::SeqCst) - asked, 2);
}

#[tokio::test]
async fn a_renewal_that_brings_the_same_dead_token_again_does_not_loop() {
    let (engine, http, provider, _folder) = world().await;
    assert_eq!(call(&engine).await.unwrap(), 200);
    provider.expire_access_tokens();
    http.instead.lock().unwrap().extend([Instead::TheSameToken; 8]);
    let asked = http.asked.load(Ordering::SeqCst);
    for _ in 0..4 {
        assert_eq!(call(&engine).await.unwrap(), 401);
    }
    assert_eq!(http.asked.load(Ordering::SeqCst) - asked, 1, "asked once, not by every call");
}
