//! One renewal at a time, however many calls wait, whatever goes wrong.
#![allow(clippy::unwrap_used)] // a test that cannot go on should stop

use async_trait::async_trait;
use bytes::Bytes;
use http::HeaderMap;
use sluis_auth::Challenges;
use sluis_invoke::{
    CallCredential, CredentialSource, Http, HttpAnswer, OutgoingRequest, Renewals, SendLimits,
    TransportError, Versioned, call,
};
use sluis_model::connection::Variables;
use sluis_model::connector::AuthConfig;
use sluis_model::credential::{Credential, TokenSet};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::ConnectionId;
use sluis_model::ports::Randomness;
use sluis_model::time::Timestamp;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const NOW: Timestamp = Timestamp(1_000_000_000);

fn tokens(version: u64, lifetime_s: i64) -> Credential {
    Credential::of_tokens(TokenSet {
        refresh_token: Some(format!("refresh-{version}").into()),
        expires_at: Some(NOW.plus_seconds(lifetime_s)),
        ..TokenSet::of(format!("access-{version}"), NOW.plus_seconds(-3600))
    })
}

fn access(current: &Versioned) -> &str {
    current.credential.tokens.as_ref().unwrap().access_token.expose()
}

/// A provider and a store, steered.
struct Fake {
    stored: Mutex<Versioned>,
    renewals: AtomicUsize,
    loads: AtomicUsize,
    /// Seconds since [`NOW`].
    passed: AtomicI64,
    takes: Duration,
    failure: Mutex<Option<Failure>>,
    overtaken: Mutex<Option<Versioned>>,
    /// Versions that the service was seen to take.
    worked: Mutex<Vec<u64>>,
}

impl Fake {
    fn new(lifetime_s: i64) -> Arc<Self> {
        Arc::new(Self {
            stored: Mutex::new(Versioned { version: 1, credential: tokens(1, lifetime_s) }),
            renewals: AtomicUsize::new(0),
            loads: AtomicUsize::new(0),
            passed: AtomicI64::new(0),
            takes: Duration::from_millis(100),
            failure: Mutex::new(None),
            overtaken: Mutex::new(None),
            worked: Mutex::default(),
        })
    }

    fn fails(&self, reason: Reason) {
        *self.failure.lock().unwrap() = Some(Failure::new(reason, "no"));
    }

    fn advance(&self, seconds: i64) {
        self.passed.fetch_add(seconds, Ordering::SeqCst);
    }

    fn renewals(&self) -> usize {
        self.renewals.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl CredentialSource for Fake {
    fn now(&self) -> Timestamp {
        NOW.plus_seconds(self.passed.load(Ordering::SeqCst))
    }
    async fn load(&self) -> Result<Versioned, Failure> {
        self.loads.fetch_add(1, Ordering::SeqCst);
        Ok(self.stored.lock().unwrap().clone())
    }
    async fn renew(&self, current: &Versioned) -> Result<Versioned, Failure> {
        self.renewals.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(self.takes).await;
        if let Some(failure) = self.failure.lock().unwrap().clone() {
            return Err(failure);
        }
        if let Some(newer) = self.overtaken.lock().unwrap().clone() {
            return Ok(newer);
        }
        let mut stored = self.stored.lock().unwrap();
        assert_eq!(stored.version, current.version);
        let mut credential = tokens(current.version + 1, 3600);
        credential.previous = stored.credential.tokens.clone();
        *stored = Versioned { version: current.version + 1, credential };
        Ok(stored.clone())
    }
    fn is_renewable(&self, credential: &Credential) -> bool {
        credential.tokens.as_ref().is_some_and(|tokens| tokens.refresh_token.is_some())
    }
    fn worked(&self, current: &Versioned) {
        self.worked.lock().unwrap().push(current.version);
    }
}

fn connection(n: usize) -> ConnectionId {
    format!("con_{n:026}").parse().unwrap()
}

fn source(fake: &Arc<Fake>) -> Arc<dyn CredentialSource> {
    fake.clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_calls_on_an_ended_token_make_one_renewal() {
    let fake = Fake::new(-10);
    let renewals = Arc::new(Renewals::default());
    let calls: Vec<_> = (0..1000)
        .map(|_| {
            let (renewals, source) = (renewals.clone(), source(&fake));
            tokio::spawn(async move { renewals.fresh(&connection(1), &source).await })
        })
        .collect();
    for call in calls {
        let current = call.await.unwrap().unwrap();
        assert_eq!((current.version, access(&current)), (2, "access-2"));
    }
    assert_eq!(fake.renewals(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_failed_renewal_is_shared_and_not_repeated_until_it_has_cooled_down() {
    let fake = Fake::new(-10);
    fake.fails(Reason::NeedsReauthorization);
    let renewals = Arc::new(Renewals::new(5));
    let calls: Vec<_> = (0..200)
        .map(|_| {
            let (renewals, source) = (renewals.clone(), source(&fake));
            tokio::spawn(async move { renewals.fresh(&connection(1), &source).await })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap_err().reason, Reason::NeedsReauthorization);
    }
    assert_eq!(fake.renewals(), 1);
    fake.advance(4);
    renewals.fresh(&connection(1), &source(&fake)).await.unwrap_err();
    assert_eq!(fake.renewals(), 1, "still cooling down");
    fake.advance(2);
    *fake.failure.lock().unwrap() = None;
    assert_eq!(renewals.fresh(&connection(1), &source(&fake)).await.unwrap().version, 2);
    assert_eq!(fake.renewals(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_credential_newer_than_the_one_that_failed_is_used_as_it_is() {
    let fake = Fake::new(-10);
    fake.fails(Reason::NeedsReauthorization);
    let renewals = Renewals::default();
    renewals.fresh(&connection(1), &source(&fake)).await.unwrap_err();
    // A person authorized again, or another process renewed.
    *fake.stored.lock().unwrap() = Versioned { version: 7, credential: tokens(7, 3600) };
    assert_eq!(renewals.fresh(&connection(1), &source(&fake)).await.unwrap().version, 7);
    // Ended as well, but not the one that failed: it is renewed at once.
    *fake.stored.lock().unwrap() = Versioned { version: 8, credential: tokens(8, -10) };
    *fake.failure.lock().unwrap() = None;
    assert_eq!(renewals.fresh(&connection(1), &source(&fake)).await.unwrap().version, 9);
    assert_eq!(fake.renewals(), 2);
}

#[tokio::test(start_paused = true)]
async fn renewing_ahead_of_time_never_costs_a_call_whose_token_is_still_good() {
    // Ends in 30 seconds: time to renew, but good.
    for (reason, expected) in [
        (Reason::Unreachable, Ok(1)),
        (Reason::Timeout, Ok(1)),
        (Reason::BadUpstream, Ok(1)),
        (Reason::NeedsReauthorization, Err(Reason::NeedsReauthorization)),
    ] {
        let fake = Fake::new(30);
        fake.fails(reason);
        let outcome = Renewals::default().fresh(&connection(1), &source(&fake)).await;
        assert_eq!(outcome.map(|current| current.version).map_err(|failure| failure.reason), expected);
        let ended = Fake::new(-1);
        ended.fails(reason);
        let failure = Renewals::default().fresh(&connection(1), &source(&ended)).await.unwrap_err();
        assert_eq!(failure.reason, reason);
    }
}

#[tokio::test(start_paused = true)]
async fn a_renewal_goes_on_when_the_call_that_began_it_goes_away() {
    let fake = Fake::new(-10);
    let renewals = Renewals::default();
    let given_up =
        tokio::time::timeout(Duration::from_millis(10), renewals.fresh(&connection(1), &source(&fake))).await;
    assert!(given_up.is_err());
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(fake.stored.lock().unwrap().version, 2, "the answer was stored all the same");
    assert_eq!(renewals.fresh(&connection(1), &source(&fake)).await.unwrap().version, 2);
    assert_eq!(fake.renewals(), 1);
}

#[tokio::test(start_paused = true)]
async fn tokens_that_another_process_stored_meanwhile_win() {
    let fake = Fake::new(-10);
    *fake.overtaken.lock().unwrap() = Some(Versioned { version: 5, credential: tokens(5, 3600) });
    let current = Renewals::default().fresh(&connection(1), &source(&fake)).await.unwrap();
    assert_eq!((current.version, access(&current)), (5, "access-5"));
}

#[tokio::test(start_paused = true)]
async fn connections_do_not_wait_for_each_other() {
    let renewals = Arc::new(Renewals::default());
    let started = tokio::time::Instant::now();
    let calls: Vec<_> = (0..2000)
        .map(|n| {
            let (renewals, source) = (renewals.clone(), source(&Fake::new(-10)));
            tokio::spawn(async move { renewals.fresh(&connection(n), &source).await })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap().version, 2);
    }
    assert_eq!(started.elapsed(), Duration::from_millis(100));
}

#[tokio::test]
async fn a_token_without_refresh_token_is_used_as_it_is() {
    let fake = Fake::new(-10);
    if let Some(tokens) = &mut fake.stored.lock().unwrap().credential.tokens {
        tokens.refresh_token = None;
    }
    let renewals = Renewals::default();
    assert_eq!(renewals.fresh(&connection(1), &source(&fake)).await.unwrap().version, 1);
    let used = fake.load().await.unwrap();
    assert!(renewals.after_unauthorized(&connection(1), &used, &source(&fake)).await.unwrap().is_none());
    assert_eq!(fake.renewals(), 0);
}

/// A service that accepts some tokens only and keeps what it was sent.
struct Service {
    accepts: Option<&'static str>,
    seen: Mutex<Vec<String>>,
}

#[async_trait]
impl Http for Service {
    async fn send(
        &self,
        request: OutgoingRequest,
        _limits: SendLimits,
    ) -> Result<HttpAnswer, TransportError> {
        let token = request.headers["authorization"].to_str().unwrap().to_owned();
        tokio::task::yield_now().await;
        let good = self.accepts.is_some_and(|accepted| token == format!("Bearer {accepted}"));
        self.seen.lock().unwrap().push(token);
        Ok(HttpAnswer {
            status: if good { 200 } else { 401 },
            headers: HeaderMap::new(),
            body: Bytes::new(),
            elapsed: Duration::ZERO,
            phases: Default::default(),
        })
    }
}

/// A bearer token needs none.
struct NoRandomness;

impl Randomness for NoRandomness {
    fn fill(&self, _buffer: &mut [u8]) {
        panic!("nothing here is random");
    }
}

async fn post(service: &Service, fake: &Arc<Fake>, renewals: &Renewals) -> Result<u16, Failure> {
    let request = OutgoingRequest::new(http::Method::POST, "https://a.example/".parse().unwrap());
    let (source, connection) = (source(fake), connection(1));
    let config: AuthConfig = serde_json::from_value(serde_json::json!({
        "scheme": "oauth2_authorization_code", "client": "vault:a",
        "authorize_url": "https://a.example/authorize", "token_url": "https://a.example/token",
    }))
    .unwrap();
    let scheme = sluis_auth::scheme_of(&config);
    let credential = CallCredential {
        hosts: &[],
        connection: &connection,
        scheme: scheme.as_ref(),
        client: None,
        variables: &Variables::new(),
        challenges: &Challenges::new(),
        randomness: &NoRandomness,
        source: &source,
        renewals,
        expired: None,
    };
    call(service, &request, Some(credential), SendLimits::default()).await.map(|answer| answer.status)
}

#[tokio::test(start_paused = true)]
async fn a_401_renews_once_and_repeats_the_call_once() {
    let (fake, renewals) = (Fake::new(3600), Renewals::default());
    let service = Service { accepts: Some("access-2"), seen: Mutex::default() };
    assert_eq!(post(&service, &fake, &renewals).await.unwrap(), 200);
    assert_eq!(*service.seen.lock().unwrap(), ["Bearer access-1", "Bearer access-2"]);
    assert_eq!(fake.renewals(), 1);
    assert_eq!(*fake.worked.lock().unwrap(), [2], "told once the service has taken the new token");
}

#[tokio::test(start_paused = true)]
async fn a_service_that_always_says_401_gets_its_say_and_no_storm() {
    let (fake, renewals) = (Fake::new(3600), Renewals::default());
    let service = Service { accepts: None, seen: Mutex::default() };
    assert_eq!(post(&service, &fake, &renewals).await.unwrap(), 401);
    assert_eq!(service.seen.lock().unwrap().len(), 2);
    // The renewal has just given this token: its 401 is the service's answer.
    assert_eq!(post(&service, &fake, &renewals).await.unwrap(), 401);
    assert_eq!(service.seen.lock().unwrap().len(), 3);
    assert_eq!(fake.renewals(), 1);
    // Later a 401 may mean that the token was ended early, and is worth a renewal again.
    fake.advance(60);
    assert_eq!(post(&service, &fake, &renewals).await.unwrap(), 401);
    assert_eq!(fake.renewals(), 2);
    assert!(fake.worked.lock().unwrap().is_empty(), "a refused token has not worked");
}

#[tokio::test(start_paused = true)]
async fn a_credential_sealed_anew_is_no_newer_token() {
    let (fake, renewals) = (Fake::new(3600), Renewals::default());
    let used = fake.load().await.unwrap();
    fake.stored.lock().unwrap().version = 9;
    let newer = renewals.after_unauthorized(&connection(1), &used, &source(&fake)).await.unwrap().unwrap();
    assert_eq!((newer.version, fake.renewals()), (10, 1), "it was renewed, not taken for a new one");
}

#[tokio::test(start_paused = true)]
async fn a_renewal_asked_for_by_a_person_does_not_wait_for_the_cool_down() {
    let (fake, renewals) = (Fake::new(3600), Renewals::new(5));
    fake.fails(Reason::Unreachable);
    renewals.renew_now(&connection(1), &source(&fake)).await.unwrap_err();
    *fake.failure.lock().unwrap() = None;
    assert_eq!(renewals.renew_now(&connection(1), &source(&fake)).await.unwrap().version, 2);
    assert_eq!(fake.renewals(), 2);
}

#[tokio::test(start_paused = true)]
async fn many_calls_refused_at_once_share_one_renewal() {
    let (fake, renewals) = (Fake::new(3600), Arc::new(Renewals::default()));
    let service = Arc::new(Service { accepts: Some("access-2"), seen: Mutex::default() });
    let calls: Vec<_> = (0..300)
        .map(|_| {
            let (service, fake, renewals) = (service.clone(), fake.clone(), renewals.clone());
            tokio::spawn(async move { post(&service, &fake, &renewals).await })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap(), 200);
    }
    assert_eq!(fake.renewals(), 1);
    assert!(service.seen.lock().unwrap().len() <= 600);
}

#[tokio::test(start_paused = true)]
async fn a_grant_that_was_withdrawn_is_told_as_such() {
    let (fake, renewals) = (Fake::new(3600), Renewals::default());
    fake.fails(Reason::NeedsReauthorization);
    let service = Service { accepts: None, seen: Mutex::default() };
    assert_eq!(post(&service, &fake, &renewals).await.unwrap_err().reason, Reason::NeedsReauthorization);
    assert_eq!(service.seen.lock().unwrap().len(), 1, "the call is not repeated with a dead token");
}

#[tokio::test]
async fn nothing_printed_of_a_renewal_holds_a_token() {
    let fake = Fake::new(3600);
    let current = fake.load().await.unwrap();
    let shown = format!("{current:?}");
    assert!(!shown.contains("access-1") && !shown.contains("refresh-1"), "{shown}");
}
