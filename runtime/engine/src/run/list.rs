//! The runs of an org, newest first, without what is long of them.

use crate::builder::Engine;
use crate::errors;
use serde::Deserialize;
use sluis_model::error::Failure;
use sluis_model::id::{FunctionName, OrgId, RunId, UserId};
use sluis_model::run::RunStatus;
use sluis_model::time::Timestamp;
use sluis_store::Table;

/// A run in a list. Of its record, output, calls and value are passed over as it is read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RunSummary {
    /// Which.
    pub id: RunId,
    /// On whose behalf.
    #[serde(default)]
    pub user: Option<UserId>,
    /// What people read.
    pub label: String,
    /// The stored function that it runs.
    #[serde(default)]
    pub function: Option<FunctionName>,
    /// How it stands; the link of one that waits is not opened.
    #[serde(flatten)]
    pub status: RunStatus,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    #[serde(default)]
    pub finished_at: Option<Timestamp>,
    /// What it has cost.
    pub fuel: u64,
}

impl RunSummary {
    /// What sorts runs: the newest first, each in a place of its own.
    pub fn place(&self) -> String {
        // A text of the same length for each moment, which falls as time goes on.
        format!("{:020} {}", i64::MAX.abs_diff(self.started_at.0), self.id)
    }
}

/// Which runs are wanted.
#[derive(Debug, Clone, Default)]
pub struct RunsWanted {
    /// Those of this function.
    pub function: Option<FunctionName>,
    /// Those that began at this moment or later.
    pub since: Option<Timestamp>,
    /// Those after this place in the list.
    pub after: Option<String>,
    /// This many.
    pub at_most: usize,
}

/// Rows read from the store at once.
const ROWS: usize = 500;

impl Engine {
    /// The runs that are wanted of an org and fit, newest first. Only as many are held in memory as are
    /// wanted, whatever the org has.
    pub async fn runs(
        &self,
        org: &OrgId,
        wanted: &RunsWanted,
        fits: impl Fn(&RunStatus) -> bool,
    ) -> Result<Vec<RunSummary>, Failure> {
        self.org(org).await?;
        let store = self.store().await?;
        let mut found: Vec<RunSummary> = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let rows =
                store.list(Table::Runs, org, "", after.as_deref(), ROWS).await.map_err(errors::store)?;
            let is_last = rows.len() < ROWS;
            after = rows.last().map(|(id, _)| id.clone());
            for (id, record) in rows {
                match serde_json::from_slice::<RunSummary>(&record.bytes) {
                    Ok(run) if wanted.takes(&run) && fits(&run.status) => found.push(run),
                    Ok(_) => {}
                    Err(error) => tracing::error!(%error, id, "a run could not be read and was left out"),
                }
            }
            found.sort_by_cached_key(RunSummary::place);
            found.truncate(wanted.at_most);
            if is_last {
                return Ok(found);
            }
        }
    }
}

impl RunsWanted {
    fn takes(&self, run: &RunSummary) -> bool {
        self.function.as_ref().is_none_or(|name| run.function.as_ref() == Some(name))
            && self.since.is_none_or(|since| run.started_at >= since)
            && self.after.as_ref().is_none_or(|after| run.place() > *after)
    }
}
