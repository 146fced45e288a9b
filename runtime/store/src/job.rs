//! Work that is to be done later, by whichever node has a hand free: what a job is, who works on it, and
//! what becomes of it.
//!
//! A job is queued by a [`Change::Enqueue`](crate::Change::Enqueue) of a batch, hence exists if and only if
//! the rows that the batch writes do. It is worked on **at least once**: whoever dies while at it leaves it
//! to somebody else, so a handler looks at the rows that the payload names before it does anything.

use crate::error::StoreError;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use sluis_model::id::OrgId;
use sluis_model::ports::Clock;
use sluis_model::time::Timestamp;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// Longest payload, in bytes: it names rows, and holds none of what stands in them.
pub const MAX_PAYLOAD_BYTES: usize = 4096;
/// Most attempts that a job may have.
pub const MAX_ATTEMPTS: u32 = i16::MAX as u32;

/// Something to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// What is to be done: 1 to 64 of `a-z`, `0-9`, `_` and `-`. Part of what is stored.
    pub task: String,
    /// For whom.
    pub org: OrgId,
    /// With what: the id of a row, never a secret. At most [`MAX_PAYLOAD_BYTES`].
    pub payload: String,
    /// A later job of the org with the same key replaces one that waits. One that is being worked on is
    /// finished beside it, but not tried again.
    pub key: Option<String>,
    /// Not before this moment; `None` is at once.
    pub run_at: Option<Timestamp>,
    /// After so many attempts that failed it is given up; 1 to [`MAX_ATTEMPTS`].
    pub max_attempts: u32,
}

impl Job {
    /// The rule that this job breaks, if any; every backend refuses to queue such a one.
    pub fn fault(&self) -> Option<&'static str> {
        let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
        if self.task.is_empty() || self.task.len() > 64 || !self.task.bytes().all(is_plain) {
            Some("a task has 1 to 64 of a-z, 0-9, _ and -")
        } else if self.payload.len() > MAX_PAYLOAD_BYTES || self.payload.contains('\0') {
            Some("a payload has at most 4096 bytes, none of them zero")
        } else if let Some(why) = self.key.as_deref().and_then(key_fault) {
            Some(why)
        } else if self.max_attempts == 0 || self.max_attempts > MAX_ATTEMPTS {
            Some("a job has 1 to 32767 attempts")
        } else {
            None
        }
    }
}

/// The rule that the key of a job breaks, if any.
pub(crate) fn key_fault(key: &str) -> Option<&'static str> {
    let unfit = key.is_empty() || key.len() > 400 || key.chars().any(char::is_control);
    unfit.then_some("the key of a job has 1 to 400 bytes and no control characters")
}

/// A job whose turn has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueJob {
    /// Number of the job in its queue: the same in every attempt.
    pub id: u64,
    /// The job.
    pub job: Job,
    /// Which attempt this is, from 1. An attempt that ended with its process is not counted, so whoever
    /// fears that the work itself kills processes counts in the rows that the payload names.
    pub attempt: u32,
}

impl DueJob {
    /// Whether nobody will try again after this attempt.
    pub fn is_last_attempt(&self) -> bool {
        self.attempt >= self.job.max_attempts
    }
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Worked {
    /// It is done, or there is nothing to do.
    Done,
    /// It failed; it is tried again while attempts are left. Without a time, after a pause that grows with
    /// every attempt ([`pause_after`]).
    Again {
        /// How long to wait.
        after: Option<Duration>,
        /// For the log and the operator; no secret.
        why: String,
    },
    /// It could not be begun, as when a limit was reached: another time. Not counted as an attempt.
    Later {
        /// How long to wait.
        after: Duration,
    },
    /// It makes no sense to try again.
    GiveUp {
        /// For the log; no secret.
        why: String,
    },
}

/// The pause after an attempt that failed: e to the power of the attempt in seconds, of the tenth at most
/// (six hours).
pub fn pause_after(attempt: u32) -> Duration {
    Duration::from_secs_f64(f64::from(attempt.min(10)).exp())
}

/// Does the work.
#[async_trait]
pub trait JobHandler: Send + Sync {
    /// The tasks that this process knows. Jobs of others are left to nodes that know them.
    fn tasks(&self) -> Vec<&'static str>;

    /// Works on a job. A panic counts as [`Worked::Again`].
    async fn work(&self, due: DueJob) -> Worked;
}

/// How jobs are worked on.
#[derive(Clone)]
pub struct WorkOptions {
    /// How many at the same time.
    pub concurrency: usize,
    /// How long those that are at work have after the stop. What takes longer is cut off and comes back.
    pub drain: Duration,
    /// By which jobs of this process's own store are due; a server has a clock of its own.
    pub clock: Arc<dyn Clock>,
    /// How time passes by that clock.
    pub pause: Arc<dyn Pause>,
    /// How often a server is asked for jobs although it has not told of any.
    pub polling: Duration,
    /// How long a node may be silent before the jobs it works on are given to others, where there are
    /// several nodes.
    pub silence: Duration,
}

impl WorkOptions {
    /// The usual numbers.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            concurrency: 16,
            drain: Duration::from_secs(30),
            clock,
            pause: Arc::new(RealPause),
            polling: Duration::from_secs(2),
            silence: Duration::from_secs(60),
        }
    }
}

impl fmt::Debug for WorkOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkOptions")
            .field("concurrency", &self.concurrency)
            .field("drain", &self.drain)
            .field("polling", &self.polling)
            .field("silence", &self.silence)
            .finish_non_exhaustive()
    }
}

/// Lets time pass by a clock.
#[async_trait]
pub trait Pause: Send + Sync {
    /// Comes back after this time.
    async fn pause(&self, time: Duration);
}

/// Waits for real.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealPause;

#[async_trait]
impl Pause for RealPause {
    async fn pause(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

/// Completes when work is to stop.
pub type StopSignal = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A job as it stands in its queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedJob {
    /// Its number.
    pub id: u64,
    /// The job; `run_at` is when it is next due.
    pub job: Job,
    /// Attempts that failed so far.
    pub attempts: u32,
    /// Why the last of them failed.
    pub last_error: Option<String>,
    /// Whether it is being worked on.
    pub at_work: bool,
}

/// Lets the handler work; a panic is a failure like any other.
pub(crate) async fn attempt(handler: &dyn JobHandler, due: DueJob) -> Worked {
    let (id, task) = (due.id, due.job.task.clone());
    let caught = CatchUnwind(handler.work(due)).await;
    caught.unwrap_or_else(|()| {
        tracing::error!(job = id, task, "the work on a job panicked");
        Worked::Again { after: None, why: "the work panicked; the log says where".to_owned() }
    })
}

/// A future whose panics are answers.
struct CatchUnwind<'a>(Pin<Box<dyn Future<Output = Worked> + Send + 'a>>);

impl Future for CatchUnwind<'_> {
    type Output = Result<Worked, ()>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // It is not polled again after a panic, and shares nothing with us that could be half-done.
        match catch_unwind(AssertUnwindSafe(|| self.0.as_mut().poll(context))) {
            Ok(polled) => polled.map(Ok),
            Err(_) => Poll::Ready(Err(())),
        }
    }
}

/// Refuses a job that breaks the rules.
pub(crate) fn refuse_unfit(job: &Job) -> Result<(), StoreError> {
    match job.fault() {
        Some(why) => Err(StoreError::RefusedJob { task: job.task.clone(), why }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job() -> Job {
        Job {
            task: "run".to_owned(),
            org: "acme".parse().unwrap(),
            payload: "run_1".to_owned(),
            key: None,
            run_at: None,
            max_attempts: 3,
        }
    }

    #[test]
    fn a_job_that_breaks_a_rule_is_told_which() {
        assert_eq!(job().fault(), None);
        let long = "x".repeat(MAX_PAYLOAD_BYTES + 1);
        for (unfit, rule) in [
            (Job { task: "Run it".to_owned(), ..job() }, "a task"),
            (Job { payload: long, ..job() }, "a payload"),
            (Job { key: Some("a\nb".to_owned()), ..job() }, "the key"),
            (Job { max_attempts: 0, ..job() }, "attempts"),
            (Job { max_attempts: 40_000, ..job() }, "attempts"),
        ] {
            assert!(unfit.fault().is_some_and(|why| why.contains(rule)), "{unfit:?}");
        }
    }

    #[test]
    fn pauses_grow_to_some_hours_and_no_further() {
        assert_eq!(pause_after(1).as_secs(), 2);
        assert_eq!(pause_after(5).as_secs(), 148);
        assert_eq!(pause_after(10), pause_after(1000));
        assert_eq!(pause_after(10).as_secs(), 22_026);
    }
}
