//! How much may go out: budgets that definitions declare and that answers tell of, shared by provider app,
//! org, connection or API, and waited for in a bounded queue in which orgs take turns. In the memory of
//! one process: several nodes each keep to the declared budget, and learn from answers what all of them
//! have used together.
//!
//! [`bucket`] counts one budget, [`queue`] says whose turn it is.

mod bucket;
mod queue;

use crate::retry::seconds;
use crate::timer::Timer;
use crate::wait::Signal;
use bucket::{Declared, State, Wait};
use queue::Ticket;
use sluis_model::id::OrgId;
use sluis_model::ports::Clock;
use sluis_model::rate::{RatePer, RateRule};
use sluis_model::time::Timestamp;
use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// So many wait for one budget at most; whoever comes then is refused at once.
const WAITING_AT_MOST: usize = 1_000;
/// So many budgets are kept before idle ones are forgotten.
const KEPT_AT_MOST: usize = 10_000;

/// Which budget.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BucketKey {
    /// The connector's namespace.
    pub connector: String,
    /// Whom it is for.
    pub per: RatePer,
    /// Which of those: an org, a connection, a client registration.
    pub whose: String,
    /// The API, where the budget is one API's.
    pub api: Option<String>,
}

/// A budget that a call needs a part of.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    /// Which.
    pub key: BucketKey,
    /// What is declared of it.
    pub rule: Option<&'a RateRule>,
}

/// Where a budget is known from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum LearnedFrom {
    /// From nowhere: nothing is declared, and no answer has told.
    #[default]
    Nothing,
    /// The definition declares it.
    Definition,
    /// The last answers told it.
    Answer {
        /// In this header, or at this place of their body.
        header: String,
    },
}

/// How a budget stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Budget {
    /// Requests left; nothing if that is not known.
    pub remaining: Option<u64>,
    /// Requests in all.
    pub limit: Option<u64>,
    /// Seconds until there is more.
    pub resets_in: Option<u64>,
    /// Calls that wait for it.
    pub waiting: usize,
    /// Where that is known from.
    pub learned_from: LearnedFrom,
}

/// Why a call may not go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Limited {
    /// It would wait longer than it may.
    TooLong {
        /// Seconds it would wait, rounded up; nothing if nobody can know.
        seconds: Option<u64>,
    },
    /// So many wait already.
    QueueFull {
        /// How many.
        waiting: usize,
    },
}

/// Who tells the time and lets it pass.
#[derive(Clone, Copy)]
pub struct Time<'a> {
    /// Tells it.
    pub clock: &'a dyn Clock,
    /// Lets it pass.
    pub timer: &'a dyn Timer,
}

#[derive(Debug, Default)]
struct Bucket {
    state: Mutex<State>,
    /// Somebody is done, or gave up: whose turn it is may have changed.
    changed: Notify,
}

impl Bucket {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All budgets of one process.
#[derive(Debug, Default)]
pub struct Limiter(Mutex<HashMap<BucketKey, Arc<Bucket>>>);

/// A part of each budget that a call needs. What is dropped before [`Permit::used`] is given back.
#[derive(Debug, Default)]
pub struct Permit {
    held: Vec<Arc<Bucket>>,
    used: bool,
}

impl Permit {
    /// The request goes out.
    pub fn used(&mut self) {
        self.used = true;
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        for bucket in self.held.drain(..) {
            let mut state = bucket.lock();
            if self.used {
                state.release()
            } else {
                state.give_back()
            }
            drop(state);
            bucket.changed.notify_waiters();
        }
    }
}

impl Limiter {
    /// Waits until a call may go out, at most until the deadline. Where it is known beforehand that it
    /// would take longer, it is refused at once.
    pub async fn acquire(
        &self,
        wanted: &[Wanted<'_>],
        org: &OrgId,
        deadline: Timestamp,
        time: Time<'_>,
    ) -> Result<Permit, Limited> {
        let mut permit = Permit::default();
        // Always in the order in which they are wanted, so that two calls never wait for each other.
        for wanted in wanted {
            let bucket = self.bucket(wanted, time.clock.now());
            take(&bucket, org, deadline, time).await?;
            permit.held.push(bucket);
        }
        Ok(permit)
    }

    /// Takes in what an answer tells of a budget.
    pub fn learn(&self, wanted: &Wanted<'_>, signal: &Signal, now: Timestamp) {
        if signal.budget.is_some() || signal.limited {
            self.bucket(wanted, now).lock().learn(signal, now);
        }
    }

    /// How the tightest of some budgets stands.
    pub fn budget(&self, wanted: &[Wanted<'_>], now: Timestamp) -> Budget {
        let all = wanted.iter().map(|wanted| self.bucket(wanted, now).lock().budget(now));
        // One of which nothing is known is no tighter than any other.
        all.min_by_key(|budget| (budget.remaining.unwrap_or(u64::MAX), budget.remaining.is_none()))
            .unwrap_or_default()
    }

    fn bucket(&self, wanted: &Wanted<'_>, now: Timestamp) -> Arc<Bucket> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= KEPT_AT_MOST && !all.contains_key(&wanted.key) {
            all.retain(|_, bucket| Arc::strong_count(bucket) > 1 || !bucket.lock().is_idle(now));
        }
        let bucket = all.entry(wanted.key.clone()).or_default();
        let declared = Declared::of(wanted.rule);
        let mut state = bucket.lock();
        // Another release may declare something else.
        if state.declared != declared {
            state.declared = declared;
        }
        drop(state);
        bucket.clone()
    }
}

/// Takes one's place out of the queue, however waiting ends.
struct Waiting<'a> {
    bucket: &'a Bucket,
    ticket: Ticket,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.bucket.lock().queue.remove(self.ticket);
        self.bucket.changed.notify_waiters();
    }
}

async fn take(bucket: &Bucket, org: &OrgId, deadline: Timestamp, time: Time<'_>) -> Result<(), Limited> {
    let ticket = {
        let mut state = bucket.lock();
        let now = time.clock.now();
        if state.queue.len() == 0 && state.try_take(now).is_ok() {
            return Ok(());
        }
        let ahead = state.queue.ahead_of(org);
        if let Some(at) = state.expected(now, ahead).filter(|at| *at >= deadline) {
            return Err(Limited::TooLong { seconds: Some(seconds(at.0 - now.0)) });
        }
        if state.queue.len() >= WAITING_AT_MOST {
            return Err(Limited::QueueFull { waiting: state.queue.len() });
        }
        state.queue.push(org)
    };
    let waiting = Waiting { bucket, ticket };
    loop {
        let mut changed = pin!(bucket.changed.notified());
        // From here on nothing that changes is missed.
        changed.as_mut().enable();
        let pause = match look(&waiting, deadline, time.clock.now())? {
            None => return Ok(()),
            Some(pause) => pause,
        };
        tokio::select! {
            () = changed => {}
            () = time.timer.sleep(pause) => {}
        }
    }
}

/// Goes ahead if it is one's turn and there is something left; else how long to wait for that at most.
fn look(waiting: &Waiting<'_>, deadline: Timestamp, now: Timestamp) -> Result<Option<Duration>, Limited> {
    let mut state = waiting.bucket.lock();
    let wait = match state.queue.is_next(waiting.ticket) {
        true => match state.try_take(now) {
            Ok(()) => {
                state.queue.served();
                return Ok(None);
            }
            Err(wait) => wait,
        },
        false => Wait::Release,
    };
    let until = match wait {
        Wait::Until(at) if at >= deadline => {
            return Err(Limited::TooLong { seconds: Some(seconds(at.0 - now.0)) });
        }
        Wait::Until(at) => at,
        Wait::Release if now >= deadline => return Err(Limited::TooLong { seconds: None }),
        Wait::Release => deadline,
    };
    Ok(Some(Duration::from_millis(until.0.saturating_sub(now.0).max(1).unsigned_abs())))
}

#[cfg(test)]
mod tests;
