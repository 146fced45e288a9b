//! The loop that gives jobs of the file to whoever does the work.
//!
//! It asks the writer for jobs that are due, then waits for one of: something was queued, the next one is
//! due, a hand is free, stop. It never looks without a reason.

use super::queue::{Settled, Settlement};
use super::writer::Errand;
use crate::error::StoreError;
use crate::job::{DueJob, JobHandler, StopSignal, WorkOptions, Worked};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinSet;

/// Between two attempts to use a disk that fails.
const DISK_PAUSE: Duration = Duration::from_secs(1);
/// Longest wait for a job that is due later: clocks are set, and machines sleep.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// What the loop shares with what it has begun.
pub(super) struct Desk {
    pub errands: mpsc::Sender<Errand>,
    pub queued: Arc<Notify>,
    pub handler: Arc<dyn JobHandler>,
    pub options: WorkOptions,
}

/// As [`crate::Store::work_jobs`].
pub(super) async fn work(desk: Desk, mut stop: StopSignal) -> Result<(), StoreError> {
    let desk = Arc::new(desk);
    let mut at_work = JoinSet::new();
    // Permits are kept, so what is queued while nobody listens is not missed.
    let queued = Arc::clone(&desk.queued);
    loop {
        let room = desk.options.concurrency.max(1) - at_work.len();
        let wait = if room == 0 {
            None
        } else {
            match begin(&desk, room, &mut at_work).await {
                Err(StoreError::Closed) => return Err(StoreError::Closed),
                Err(error) => {
                    tracing::warn!(%error, "the queue of jobs cannot be read; it is tried again");
                    Some(DISK_PAUSE)
                }
                Ok(wait) => Some(wait),
            }
        };
        let full = at_work.len() >= desk.options.concurrency.max(1);
        tokio::select! {
            biased;
            () = &mut stop => break,
            Some(_) = at_work.join_next(), if !at_work.is_empty() => {}
            () = queued.notified(), if !full => {}
            () = desk.options.pause.pause(wait.unwrap_or(LONGEST_WAIT)), if !full => {}
        }
    }
    let drained = async { while at_work.join_next().await.is_some() {} };
    if tokio::time::timeout(desk.options.drain, drained).await.is_err() {
        tracing::warn!("jobs were cut off at the end of the time of draining; they are done again later");
    }
    Ok(())
}

/// Begins what is due; how long nothing else will be.
async fn begin(desk: &Arc<Desk>, room: usize, at_work: &mut JoinSet<()>) -> Result<Duration, StoreError> {
    let now = desk.options.clock.now();
    let (reply, answer) = oneshot::channel();
    let errand = Errand::Claim { now, room, tasks: desk.handler.tasks(), reply };
    desk.errands.send(errand).await.map_err(|_| StoreError::Closed)?;
    let turn = answer.await.unwrap_or(Err(StoreError::Closed))?;
    for id in turn.damaged {
        tracing::error!(job = id, "a job is damaged on disk and is not worked on");
    }
    for due in turn.due {
        let claim = Claim { id: due.id, errands: desk.errands.clone(), settled: false };
        at_work.spawn(one(Arc::clone(desk), due, claim));
    }
    let wait = turn.next.map(|next| u64::try_from(next.0.saturating_sub(now.0)).unwrap_or(0));
    Ok(wait.map_or(LONGEST_WAIT, Duration::from_millis).clamp(Duration::from_millis(1), LONGEST_WAIT))
}

async fn one(desk: Arc<Desk>, due: DueJob, mut claim: Claim) {
    let (id, task, org) = (due.id, due.job.task.clone(), due.job.org.clone());
    let worked = crate::job::attempt(desk.handler.as_ref(), due).await;
    let settlement = Settlement { id, worked: worked.clone(), now: desk.options.clock.now() };
    let (reply, answer) = oneshot::channel();
    let sent = desk.errands.send(Errand::Settle { settlement, reply }).await.is_ok();
    let settled =
        if sent { answer.await.unwrap_or(Err(StoreError::Closed)) } else { Err(StoreError::Closed) };
    match settled {
        Ok(settled) => {
            claim.settled = true;
            if settled == Settled::GivenUp {
                let (Worked::Again { why, .. } | Worked::GiveUp { why }) = worked else { return };
                tracing::error!(job = id, task, %org, why, "a job is given up");
            }
        }
        Err(StoreError::Closed) => {}
        Err(error) => {
            tracing::warn!(job = id, task, %error, "what came of a job could not be written; it is done again");
            desk.options.pause.pause(DISK_PAUSE).await;
        }
    }
}

/// That a job is being worked on. When it is dropped unsettled, the job is free again.
struct Claim {
    id: u64,
    errands: mpsc::Sender<Errand>,
    settled: bool,
}

impl Drop for Claim {
    fn drop(&mut self) {
        if !self.settled {
            // A writer with more than a thousand errands before it hears of it when the process ends.
            let _ = self.errands.try_send(Errand::Release { id: self.id });
        }
    }
}
