//! Places, where only so many runs may go on at once: of an org, and of a function. A place is a row that is
//! written with the lease of a run and removed with it, so that none is lost when a process dies. Runs that
//! find none stand in line, in the order in which they were asked for.

use super::enqueue::job_with;
use super::lease::{Held, NotTaken};
use crate::builder::Engine;
use crate::{errors, keys};
use sluis_model::error::Failure;
use sluis_model::id::{FunctionName, OrgId, RunId};
use sluis_model::run::Run;
use sluis_store::{Change, Expect, StoreError, Table};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a run that begins has found.
pub(crate) enum Found {
    /// It goes on, with its places.
    Held(Arc<Held>),
    /// All places are taken; the line that it is to stand in.
    Line(String),
}

/// Races for a place that are lost before a run stands in line.
const RACES: u32 = 8;

impl Engine {
    /// Takes a run with the places that it needs, in one batch with other changes. Whoever comes from the head
    /// of a line does not stand in it again.
    pub(crate) async fn begin_in_place(
        &self,
        run: &Run,
        changes: &[Change],
        from_line: bool,
    ) -> Result<Found, Failure> {
        let mut line = String::new();
        for _ in 0..RACES {
            let slots = match self.places(&run.org, run.function.as_ref(), from_line).await? {
                Ok(slots) => slots,
                Err(full) => return Ok(Found::Line(full)),
            };
            line = slots.first().map(|slot| line_of(slot)).unwrap_or_default();
            let mut batch: Vec<Change> = slots
                .iter()
                .map(|slot| Change::Put {
                    key: keys::lease_row(&run.org, slot.clone()),
                    bytes: run.id.as_str().as_bytes().to_vec(),
                    expect: Expect::Absent,
                })
                .collect();
            batch.extend_from_slice(changes);
            match self.take_run(run, slots, batch).await {
                Ok(held) => return Ok(Found::Held(held)),
                Err(NotTaken::Place) => {}
                Err(other) => return Err(other.into()),
            }
        }
        Ok(Found::Line(line))
    }

    /// Free places for a run; where there are none, the line before them.
    async fn places(
        &self,
        org: &OrgId,
        function: Option<&FunctionName>,
        from_line: bool,
    ) -> Result<Result<Vec<String>, String>, Failure> {
        let settings = self.believed_settings(org, function).await?;
        let of_function = function.map(keys::function_slots).zip(settings.of_function.at_once);
        let of_org = settings.of_org.at_once.map(|at_once| (keys::ORG_SLOTS.to_owned(), at_once));
        let mut slots = Vec::new();
        for (prefix, at_once) in [of_org, of_function].into_iter().flatten() {
            if !from_line && self.head_of(org, &line_of(&prefix)).await?.is_some() {
                return Ok(Err(line_of(&prefix)));
            }
            match self.free_place(org, &prefix, at_once).await? {
                Some(slot) => slots.push(slot),
                None => return Ok(Err(line_of(&prefix))),
            }
        }
        Ok(Ok(slots))
    }

    async fn free_place(&self, org: &OrgId, prefix: &str, at_once: u32) -> Result<Option<String>, Failure> {
        let most = usize::try_from(at_once).unwrap_or(usize::MAX).min(100_000);
        let taken = self.store().await?.list(Table::Leases, org, prefix, None, most).await;
        let taken: BTreeSet<String> = taken.map_err(errors::store)?.into_iter().map(|(id, _)| id).collect();
        let mut all = (0..at_once).map(|number| format!("{prefix}{number:06}"));
        Ok(all.find(|slot| !taken.contains(slot)))
    }

    async fn head_of(&self, org: &OrgId, line: &str) -> Result<Option<(String, u64)>, Failure> {
        let rows =
            self.store().await?.list(Table::Leases, org, line, None, 1).await.map_err(errors::store)?;
        Ok(rows.into_iter().next().map(|(id, record)| (id, record.version)))
    }

    /// The change that puts a run into a line, at the place that it has by its age.
    pub(crate) fn stand_in(&self, run: &Run, line: &str) -> Change {
        let id = format!("{line}{:020}/{}", run.started_at.0.max(0), run.id);
        Change::Put { key: keys::lease_row(&run.org, id), bytes: Vec::new(), expect: Expect::Any }
    }

    /// Calls those who wait for places that have become free. What goes wrong is made good by the next round.
    pub(crate) async fn give_places(&self, org: &OrgId, slots: &[String]) {
        for slot in slots {
            if let Err(failure) = self.call_next(org, &line_of(slot)).await {
                tracing::warn!(%org, %failure, "whoever waits for a place could not be called");
            }
        }
    }

    /// Calls the head of a line, if there is one and a place is free: whether there was.
    pub(crate) async fn call_next(&self, org: &OrgId, line: &str) -> Result<bool, Failure> {
        let Some((id, version)) = self.head_of(org, line).await? else { return Ok(false) };
        let run = id.rsplit_once('/').and_then(|(_, run)| run.parse::<RunId>().ok());
        let key = keys::lease_row(org, id);
        let mut changes = vec![Change::Delete { key, expect: Expect::Version(version) }];
        changes.extend(run.map(|run| job_with(org, &run, format!("{run} {FROM_LINE}"), None)));
        match self.store().await?.apply(changes).await {
            Ok(_) => Ok(true),
            // Somebody else has called it.
            Err(StoreError::Conflict { .. }) => Ok(false),
            Err(error) => Err(errors::store(error)),
        }
    }

    /// Calls as many of a line as there are places free: what was missed because a process died.
    pub(crate) async fn call_line(&self, org: &OrgId, line: &str) -> Result<(), Failure> {
        let prefix = line.strip_prefix(keys::LINE).unwrap_or(line);
        let function = prefix.strip_prefix("slot/of/").and_then(|of| of.trim_end_matches('/').parse().ok());
        let settings = self.believed_settings(org, function.as_ref()).await?;
        let at_once = match &function {
            Some(_) => settings.of_function.at_once,
            None => settings.of_org.at_once,
        };
        // Where nothing is limited any more, all may go on; some with each round.
        let at_once = at_once.unwrap_or(100);
        let most = usize::try_from(at_once).unwrap_or(usize::MAX).min(100_000);
        let taken = self.store().await?.list(Table::Leases, org, prefix, None, most).await;
        let free = most.saturating_sub(taken.map_err(errors::store)?.len());
        for _ in 0..free {
            if !self.call_next(org, line).await? {
                break;
            }
        }
        Ok(())
    }
}

/// What the payload of a job says of a run that comes from the head of a line.
pub(crate) const FROM_LINE: &str = "called";

/// The line before a place, or before those with a prefix: `line/slot/org/`.
pub(crate) fn line_of(slot: &str) -> String {
    let prefix = slot.rsplit_once('/').map_or(slot, |(prefix, _)| prefix);
    format!("{}{prefix}/", keys::LINE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_has_the_line_of_its_kind() {
        assert_eq!(line_of("slot/org/000003"), line_of(keys::ORG_SLOTS));
        let of = keys::function_slots(&"billing.total".parse().unwrap());
        assert_eq!(line_of(&format!("{of}000000")), "line/slot/of/billing.total/");
        assert_eq!(line_of(&of), "line/slot/of/billing.total/");
    }
}
