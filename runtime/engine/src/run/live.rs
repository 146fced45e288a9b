//! What there is to tell of a run that goes on here: its record so far, and who wants to hear of changes.

use sluis_model::id::{OrgId, RunId};
use sluis_model::run::{CallRecord, Run};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};
use tokio::sync::watch;

use super::lease::Held;

/// A run that goes on.
pub(crate) struct LiveRun {
    state: Mutex<State>,
    changes: watch::Sender<u64>,
}

struct State {
    record: Run,
    /// Whether something has happened since it was kept, and when that was.
    dirty: bool,
    kept: Instant,
}

impl LiveRun {
    /// As it was kept a moment ago.
    pub fn new(record: Run) -> Self {
        let state = State { record, dirty: false, kept: Instant::now() };
        Self { state: Mutex::new(state), changes: watch::Sender::new(0) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Run)) {
        {
            let mut state = self.lock();
            change(&mut state.record);
            state.dirty = true;
        }
        self.changes.send_modify(|number| *number = number.wrapping_add(1));
    }

    /// A line was printed.
    pub fn printed(&self, line: &str) {
        self.change(|run| run.output.push(line.to_owned()));
    }

    /// A call was made; in place of the one at `place`, if that is given.
    pub fn called(&self, record: &CallRecord, place: Option<usize>) {
        self.change(|run| match place.and_then(|at| run.calls.get_mut(at)) {
            Some(kept) => *kept = record.clone(),
            None => run.calls.push(record.clone()),
        });
    }

    /// The record so far.
    pub fn record(&self) -> Run {
        self.lock().record.clone()
    }

    /// Tells of changes.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// The record, if something has happened and it was not kept for so long.
    pub fn due(&self, every: Duration) -> Option<Run> {
        let mut state = self.lock();
        if !state.dirty || state.kept.elapsed() < every {
            return None;
        }
        (state.dirty, state.kept) = (false, Instant::now());
        Some(state.record.clone())
    }
}

/// Names of runs: an org and an id.
type Named = (OrgId, RunId);

/// The runs that go on in this process.
#[derive(Default)]
pub(crate) struct HeldRuns {
    held: Mutex<HashMap<Named, Weak<Held>>>,
    /// Runs whose lease is being written at this moment, and by how many.
    taking: Mutex<HashMap<Named, usize>>,
}

/// Somebody is about to take a run, until this is dropped.
pub(crate) struct Taking<'a> {
    runs: &'a HeldRuns,
    run: Named,
}

impl Drop for Taking<'_> {
    fn drop(&mut self) {
        let mut taking = lock(&self.runs.taking);
        if let Some(count) = taking.get_mut(&self.run) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                taking.remove(&self.run);
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl HeldRuns {
    /// Says that somebody is about to take a run: its lease may be seen in the store before it is known here.
    pub fn taking(&self, org: &OrgId, run: &RunId) -> Taking<'_> {
        let run = (org.clone(), run.clone());
        let mut taking = lock(&self.taking);
        *taking.entry(run.clone()).or_default() += 1;
        Taking { runs: self, run }
    }

    /// Knows a run from now on.
    pub fn keep(&self, org: &OrgId, run: &RunId, held: &Arc<Held>) {
        lock(&self.held).insert((org.clone(), run.clone()), Arc::downgrade(held));
    }

    /// A run that goes on here.
    pub fn find(&self, org: &OrgId, run: &RunId) -> Option<Arc<Held>> {
        lock(&self.held).get(&(org.clone(), run.clone())).and_then(Weak::upgrade)
    }

    /// Whether a run goes on here, or is about to.
    pub fn is_ours(&self, org: &OrgId, run: &RunId) -> bool {
        let named = (org.clone(), run.clone());
        // In this order: whoever takes a run knows it before they have done taking.
        lock(&self.taking).contains_key(&named) || self.find(org, run).is_some()
    }

    /// Does not know it any more, unless it has begun anew meanwhile.
    pub fn forget(&self, org: &OrgId, run: &RunId) {
        let mut runs = lock(&self.held);
        let key = (org.clone(), run.clone());
        if runs.get(&key).is_some_and(|held| held.strong_count() == 0) {
            runs.remove(&key);
        }
    }
}
