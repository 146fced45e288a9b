//! What lists tell of runs: a row for each, in the order in which they are listed, so that a page is read and
//! not all that there ever was.

use crate::builder::Engine;
use crate::{errors, keys};
use serde::{Deserialize, Serialize};
use sluis_model::error::Failure;
use sluis_model::id::{FunctionName, OrgId, RunId, UserId};
use sluis_model::run::{Run, RunStatus};
use sluis_model::run_state::RunState;
use sluis_model::time::Timestamp;
use sluis_model::trigger::Trigger;
use sluis_store::{Change, Expect, Table, put_json};

/// A run in a list, without what is long of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunSummary {
    /// Which.
    pub id: RunId,
    /// On whose behalf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// What people read.
    pub label: String,
    /// The stored function that it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<FunctionName>,
    /// How it stands.
    pub state: RunState,
    /// What has started it.
    #[serde(default)]
    pub by: Trigger,
    /// How often it was begun.
    #[serde(default)]
    pub attempts: u32,
    /// Why it has failed, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// When it began, or was put into the queue.
    pub started_at: Timestamp,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// Fuel used.
    pub fuel: u64,
    /// Calls made.
    pub calls: usize,
}

/// Longest reason of a failure in a list, in characters.
const WHY_AT_MOST: usize = 200;

impl RunSummary {
    /// Of a record.
    pub fn of(run: &Run) -> Self {
        let why = match &run.status {
            RunStatus::Failed { message, .. } => Some(message.chars().take(WHY_AT_MOST).collect()),
            _ => None,
        };
        Self {
            id: run.id.clone(),
            user: run.user.clone(),
            label: run.label.clone(),
            function: run.function.clone(),
            state: RunState::from(&run.status),
            by: run.by,
            attempts: run.attempts,
            why,
            started_at: run.started_at,
            finished_at: run.finished_at,
            fuel: run.fuel,
            calls: run.calls.len(),
        }
    }

    /// What sorts runs: the newest first, each in a place of its own.
    pub fn place(&self) -> String {
        place(self.started_at, self.id.as_str())
    }
}

/// A text of the same length for each moment, which falls as time goes on; then the run.
pub(super) fn place(at: Timestamp, run: &str) -> String {
    format!("{:020}/{run}", i64::MAX.abs_diff(at.0))
}

/// Which runs are wanted; what is absent does not matter.
#[derive(Debug, Clone, Default)]
pub struct RunsWanted {
    /// Those of this function.
    pub function: Option<FunctionName>,
    /// Those that stand so.
    pub state: Option<RunState>,
    /// Those that were started so.
    pub by: Option<Trigger>,
    /// Those that began at this moment or later.
    pub since: Option<Timestamp>,
    /// Those that have failed for good and lie among the dead letters.
    pub dead: bool,
    /// Those after this place in the list.
    pub after: Option<String>,
    /// This many.
    pub at_most: usize,
}

impl RunsWanted {
    fn takes(&self, run: &RunSummary) -> bool {
        self.state.is_none_or(|state| run.state == state)
            && self.by.is_none_or(|by| run.by == by)
            && (!self.dead || self.function.is_none() || self.function == run.function)
    }

    fn prefix(&self) -> String {
        match &self.function {
            _ if self.dead => keys::DEAD_RUNS.to_owned(),
            Some(function) => keys::runs_of(function),
            None => keys::ALL_RUNS.to_owned(),
        }
    }
}

/// Rows read from the store at once.
const ROWS: usize = 500;

/// The changes that make the index tell of a run as it is now.
pub(crate) fn indexed(run: &Run) -> Result<Vec<Change>, Failure> {
    let summary = RunSummary::of(run);
    let place = summary.place();
    let put = |prefix: &str| put_json(keys::indexed(&run.org, prefix, &place), &summary, Expect::Any);
    let mut changes = vec![put(keys::ALL_RUNS).map_err(errors::store)?];
    if let Some(function) = &run.function {
        changes.push(put(&keys::runs_of(function)).map_err(errors::store)?);
    }
    match &run.queue {
        Some(queue) if queue.dead => changes.push(put(keys::DEAD_RUNS).map_err(errors::store)?),
        Some(_) => changes.push(Change::Delete {
            key: keys::indexed(&run.org, keys::DEAD_RUNS, &place),
            expect: Expect::Any,
        }),
        None => {}
    }
    Ok(changes)
}

/// The changes that make the index forget a run.
pub(crate) fn unindexed(org: &OrgId, summary: &RunSummary) -> Vec<Change> {
    let place = summary.place();
    let of = summary.function.as_ref().map(keys::runs_of);
    [Some(keys::ALL_RUNS.to_owned()), Some(keys::DEAD_RUNS.to_owned()), of]
        .into_iter()
        .flatten()
        .map(|prefix| Change::Delete { key: keys::indexed(org, &prefix, &place), expect: Expect::Any })
        .collect()
}

impl Engine {
    /// The runs of an org that are wanted, newest first.
    pub async fn runs(&self, org: &OrgId, wanted: &RunsWanted) -> Result<Vec<RunSummary>, Failure> {
        self.org(org).await?;
        let store = self.store().await?;
        let prefix = wanted.prefix();
        let rows_at_once = wanted.at_most.clamp(1, ROWS);
        let mut found: Vec<RunSummary> = Vec::new();
        let mut after = wanted.after.as_ref().map(|after| format!("{prefix}{after}"));
        loop {
            let rows = store.list(Table::RunIndex, org, &prefix, after.as_deref(), rows_at_once).await;
            let rows = rows.map_err(errors::store)?;
            let is_last = rows.len() < rows_at_once;
            after = rows.last().map(|(id, _)| id.clone());
            for (id, record) in rows {
                match serde_json::from_slice::<RunSummary>(&record.bytes) {
                    Ok(run) if wanted.since.is_some_and(|since| run.started_at < since) => return Ok(found),
                    Ok(run) if wanted.takes(&run) => found.push(run),
                    Ok(_) => {}
                    Err(error) => tracing::error!(%error, id, "a run could not be read and was left out"),
                }
                if found.len() == wanted.at_most {
                    return Ok(found);
                }
            }
            if is_last {
                return Ok(found);
            }
        }
    }
}
