//! Keeps tokens fresh: one renewal at a time for each connection, however many calls wait for it.
//!
//! A second refresh with the same token makes strict providers revoke the whole grant, so this is a
//! matter of correctness, not of speed. A renewal that has begun runs to its end even if the call
//! that began it goes away: its answer may hold the only refresh token that still works.

use async_trait::async_trait;
use sluis_auth::needs_refresh_at;
use sluis_model::credential::Credential;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::ConnectionId;
use sluis_model::time::Timestamp;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OwnedMutexGuard;

/// A credential and the version under which it is stored; each renewal counts up.
#[derive(Debug, Clone)]
pub struct Versioned {
    /// Version of the stored credential.
    pub version: u64,
    /// The credential.
    pub credential: Credential,
}

impl Versioned {
    /// Whether both are the same tokens. Versions alone do not tell: sealing a credential anew counts
    /// up as well.
    pub fn has_tokens_of(&self, other: &Versioned) -> bool {
        fn access(of: &Versioned) -> Option<&str> {
            of.credential.tokens.as_ref().map(|tokens| tokens.access_token.expose().as_str())
        }
        self.version == other.version || access(self) == access(other)
    }
}

/// Where the tokens of one connection live and how they are renewed.
#[async_trait]
pub trait CredentialSource: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> Timestamp;
    /// The stored tokens.
    async fn load(&self) -> Result<Versioned, Failure>;
    /// Asks the provider for tokens in place of these and stores them. Gives what is stored then: it
    /// may be somebody else's. Called by one task of this process at a time for each connection.
    async fn renew(&self, current: &Versioned) -> Result<Versioned, Failure>;
    /// Whether these tokens can be renewed at all.
    fn is_renewable(&self, credential: &Credential) -> bool;
    /// The service has taken these tokens, and older ones are still kept with them. Returns at once.
    fn worked(&self, current: &Versioned);
}

/// How the last renewal of a connection ended, remembered for a short while.
#[derive(Debug, Clone)]
enum LastRenewal {
    /// It failed for the tokens of this version; calls that waited share the failure.
    Failed { version: u64, failure: Failure, at: Timestamp },
    /// It gave these tokens.
    Gave { tokens: Box<Versioned>, at: Timestamp },
}

impl LastRenewal {
    fn at(&self) -> Timestamp {
        match self {
            LastRenewal::Failed { at, .. } | LastRenewal::Gave { at, .. } => *at,
        }
    }
}

type Flight = Arc<tokio::sync::Mutex<Option<LastRenewal>>>;

/// Renewals under way, by connection.
#[derive(Debug)]
pub struct Renewals {
    flights: Mutex<HashMap<ConnectionId, Flight>>,
    cool_down_s: i64,
}

/// Connections remembered before those with nothing to remember are dropped.
const FLIGHTS_BEFORE_SWEEP: usize = 1024;
/// A token that a renewal gave less than this many seconds ago and that is refused with 401 is not
/// renewed once more: the provider means something else by its 401.
const SETTLED_AFTER_S: i64 = 10;

impl Default for Renewals {
    fn default() -> Self {
        Self::new(5)
    }
}

impl Renewals {
    /// With a pause in seconds after a failed renewal, during which its failure answers all calls.
    pub fn new(cool_down_s: i64) -> Self {
        Self { flights: Mutex::new(HashMap::new()), cool_down_s }
    }

    /// Tokens that are good for a request now, renewed first if it is time. If renewing ahead of
    /// time fails for a passing reason and the old token has not ended yet, that one is used.
    pub async fn fresh(
        &self,
        connection: &ConnectionId,
        source: &Arc<dyn CredentialSource>,
    ) -> Result<Versioned, Failure> {
        let current = source.load().await?;
        if !is_due(source.as_ref(), &current) {
            return Ok(current);
        }
        let still_good =
            |current: &Versioned| expires_at(&current.credential).is_some_and(|end| source.now() < end);
        match self.renewed(connection, source, |current, _| is_due(source.as_ref(), current)).await {
            Err(failure) if is_passing(failure.reason) && still_good(&current) => Ok(current),
            other => other,
        }
    }

    /// After an answer of 401 to a request with the tokens `used`: tokens to try once more with, or
    /// none if there is nothing newer and nothing to renew with.
    pub async fn after_unauthorized(
        &self,
        connection: &ConnectionId,
        used: &Versioned,
        source: &Arc<dyn CredentialSource>,
    ) -> Result<Option<Versioned>, Failure> {
        let just_given = |last: Option<&LastRenewal>| {
            matches!(last, Some(LastRenewal::Gave { tokens, at })
                if tokens.has_tokens_of(used) && source.now().seconds_since(*at) < SETTLED_AFTER_S)
        };
        let renewable = |current: &Versioned, last: Option<&LastRenewal>| {
            current.has_tokens_of(used) && source.is_renewable(&current.credential) && !just_given(last)
        };
        let current = self.renewed(connection, source, renewable).await?;
        Ok((!current.has_tokens_of(used)).then_some(current))
    }

    /// Renews, however long the present tokens are good and whatever failed a moment ago. Whoever
    /// asks while a renewal is under way gets its tokens.
    pub async fn renew_now(
        &self,
        connection: &ConnectionId,
        source: &Arc<dyn CredentialSource>,
    ) -> Result<Versioned, Failure> {
        let before = source.load().await?;
        let mut flight = self.flight(connection, source.now()).lock_owned().await;
        *flight = None;
        let current = source.load().await?;
        match current.has_tokens_of(&before) {
            true => spawned(flight, source.clone(), current).await,
            false => Ok(current),
        }
    }

    /// The stored tokens, renewed first if `due` says so once it is our turn: whoever waited finds
    /// what the one before stored.
    async fn renewed(
        &self,
        connection: &ConnectionId,
        source: &Arc<dyn CredentialSource>,
        due: impl Fn(&Versioned, Option<&LastRenewal>) -> bool,
    ) -> Result<Versioned, Failure> {
        let flight = self.flight(connection, source.now()).lock_owned().await;
        let current = source.load().await?;
        if !due(&current, flight.as_ref()) {
            return Ok(current);
        }
        if let Some(LastRenewal::Failed { version, failure, at }) = flight.as_ref()
            && *version == current.version
            && source.now().seconds_since(*at) < self.cool_down_s
        {
            return Err(failure.clone());
        }
        spawned(flight, source.clone(), current).await
    }

    fn flight(&self, connection: &ConnectionId, now: Timestamp) -> Flight {
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        if flights.len() >= FLIGHTS_BEFORE_SWEEP && !flights.contains_key(connection) {
            let remembered_s = self.cool_down_s.max(SETTLED_AFTER_S);
            flights.retain(|_, flight| {
                let idle = Arc::strong_count(flight) == 1;
                let recent = |last: &LastRenewal| now.seconds_since(last.at()) < remembered_s;
                !idle || flight.try_lock().is_ok_and(|last| last.as_ref().is_some_and(recent))
            });
        }
        flights.entry(connection.clone()).or_default().clone()
    }
}

fn is_due(source: &dyn CredentialSource, current: &Versioned) -> bool {
    let due = |tokens| needs_refresh_at(source.now(), tokens);
    current.credential.tokens.as_ref().is_some_and(due) && source.is_renewable(&current.credential)
}

fn expires_at(credential: &Credential) -> Option<Timestamp> {
    credential.tokens.as_ref()?.expires_at
}

/// Reasons that say nothing about the grant itself.
fn is_passing(reason: Reason) -> bool {
    !matches!(reason, Reason::NeedsReauthorization | Reason::NotAuthorized)
}

async fn spawned(
    flight: OwnedMutexGuard<Option<LastRenewal>>,
    source: Arc<dyn CredentialSource>,
    current: Versioned,
) -> Result<Versioned, Failure> {
    tokio::spawn(renew(flight, source, current)).await.unwrap_or_else(|_| {
        Err(Failure::new(Reason::Internal, "the renewal of the token broke off").help("try again"))
    })
}

/// Runs in a task of its own and holds the turn until the new tokens are stored.
async fn renew(
    mut flight: OwnedMutexGuard<Option<LastRenewal>>,
    source: Arc<dyn CredentialSource>,
    current: Versioned,
) -> Result<Versioned, Failure> {
    let outcome = source.renew(&current).await;
    let at = source.now();
    *flight = Some(match &outcome {
        Ok(given) => LastRenewal::Gave { tokens: Box::new(given.clone()), at },
        Err(failure) => LastRenewal::Failed { version: current.version, failure: failure.clone(), at },
    });
    outcome
}
