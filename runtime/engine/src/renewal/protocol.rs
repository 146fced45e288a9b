//! Who may begin a renewal, who waits for whoever is at it, and who takes over from the dead.

use super::attempt::Attempt;
use super::ending::somebody_else;
use super::health;
use super::instance::Instance;
use super::intent::{Found, Intent, Phase};
use crate::builder::Engine;
use crate::compiled::ReadyConnector;
use crate::errors;
use crate::grants::credential::StoredCredential;
use crate::keys::Place;
use sluis_invoke::Versioned;
use sluis_model::connection::Connection;
use sluis_model::error::{Failure, Reason};
use sluis_store::Expect;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How often whoever waits looks whether a renewal of another process has ended.
const LOOKS_EVERY: Duration = Duration::from_millis(100);
/// Leases that are waited for at most, where owners follow upon owners.
const LEASES_AT_MOST: u32 = 3;

/// The connection that is to be renewed.
pub(crate) struct Subject {
    /// Where it stands.
    pub place: Place,
    /// As it was when somebody asked.
    pub connection: Connection,
    /// Its connector.
    pub connector: Arc<ReadyConnector>,
    /// A person asked: pauses after failures do not count.
    pub at_once: bool,
}

/// Looks on while another process is at it.
///
/// How long a row has stood still is measured by our own steady clock: the wall clocks of two
/// machines differ, and leap.
struct Watch {
    since: Instant,
    seen: Option<(u64, Instant)>,
}

impl Watch {
    fn new() -> Self {
        Self { since: Instant::now(), seen: None }
    }

    /// How long the row has stood under this fence.
    fn still_for(&mut self, fence: u64) -> Duration {
        match self.seen {
            Some((seen, since)) if seen == fence => since.elapsed(),
            _ => {
                self.seen = Some((fence, Instant::now()));
                Duration::ZERO
            }
        }
    }
}

impl Engine {
    /// Renews the tokens `current` of a connection, or gives those that somebody else has stored in
    /// their place. One task of this process at a time for each connection.
    pub(crate) async fn renew_tokens(
        &self,
        subject: &Subject,
        current: &Versioned,
    ) -> Result<Versioned, Failure> {
        let mut watch = Watch::new();
        loop {
            let found = self.intent_at(&subject.place).await?;
            let stored = self.credential(&subject.connection, &subject.place.slot).await?;
            if !is_same(current, &stored) {
                self.drop_stale(subject, found).await?;
                return Ok(Versioned { version: stored.version, credential: stored.credential });
            }
            let (intent, expect) = match found {
                Found::Nothing => (self.fresh_intent(subject, &stored).await?, Expect::Absent),
                Found::Unreadable => {
                    let mut intent = self.fresh_intent(subject, &stored).await?;
                    intent.lost = 1;
                    (intent, Expect::Any)
                }
                Found::Intent(fence, intent) if !intent.replaces(&stored.credential) => {
                    // Of tokens that have been replaced since, by a new consent for instance.
                    let _ = (fence, intent);
                    (self.fresh_intent(subject, &stored).await?, Expect::Version(fence))
                }
                Found::Intent(fence, intent) => {
                    let free = self.is_free(&intent).await?
                        || watch.still_for(fence) >= self.renewal_rules().lease();
                    if !free {
                        if self.is_too_long(&watch) {
                            return Err(busy());
                        }
                        tokio::time::sleep(LOOKS_EVERY).await;
                        continue;
                    }
                    if intent.phase == Phase::Resting {
                        self.may_try(subject).await?;
                    }
                    (*intent, Expect::Version(fence))
                }
            };
            match Attempt::new(self, subject, intent, expect, stored.credential).run().await {
                // Another process was quicker with its intent: wait for what comes of it.
                Err(failure) if failure == somebody_else() && !self.is_too_long(&watch) => {
                    tokio::time::sleep(LOOKS_EVERY).await;
                }
                ended => return ended,
            }
        }
    }

    fn is_too_long(&self, watch: &Watch) -> bool {
        watch.since.elapsed() > self.renewal_rules().lease() * LEASES_AT_MOST
    }

    /// Nobody is at it: it rests, its owner is dead, or it was ourselves and broke off.
    pub(super) async fn is_free(&self, intent: &Intent) -> Result<bool, Failure> {
        Ok(intent.phase == Phase::Resting
            || intent.owner == self.instance()
            || (self.store().await?.is_ours_alone() && !Instance::is_living(&intent.owner)))
    }

    async fn fresh_intent(&self, subject: &Subject, stored: &StoredCredential) -> Result<Intent, Failure> {
        self.may_try(subject).await?;
        Ok(Intent::new(&subject.connection, &subject.place.slot, stored.version, &stored.credential))
    }

    /// Refuses during the pause after a failure.
    async fn may_try(&self, subject: &Subject) -> Result<(), Failure> {
        if subject.at_once {
            return Ok(());
        }
        let connection = self.connection(&subject.place.key, &subject.place.slot).await?;
        match connection.and_then(|connection| health::pausing(self.now(), &connection)) {
            Some(failure) => Err(failure),
            None => Ok(()),
        }
    }

    /// What is left of a renewal whose tokens have been replaced.
    async fn drop_stale(&self, subject: &Subject, found: Found) -> Result<(), Failure> {
        let Found::Intent(fence, intent) = found else { return Ok(()) };
        if !self.is_free(&intent).await? {
            return Ok(());
        }
        let change = Engine::drop_intent(&subject.place, Expect::Version(fence));
        match self.store().await?.apply(vec![change]).await {
            Ok(_) | Err(sluis_store::StoreError::Conflict { .. }) => Ok(()),
            Err(error) => Err(errors::store(error)),
        }
    }
}

fn is_same(current: &Versioned, stored: &StoredCredential) -> bool {
    let stored = Versioned { version: stored.version, credential: stored.credential.clone() };
    current.has_tokens_of(&stored)
}

fn busy() -> Failure {
    Failure::new(Reason::Conflict, "another process has been renewing the token for too long")
        .help("try again in a moment")
}
