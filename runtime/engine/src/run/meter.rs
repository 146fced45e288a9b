//! What orgs use: runs, fuel and calls of each day. It is counted in memory and added to what the store has
//! now and then, so that no run waits for it; a process that dies takes a few seconds of it along.

use super::settings::KnownSettings;
use crate::builder::Engine;
use crate::{errors, keys};
use serde::{Deserialize, Serialize};
use sluis_model::error::Failure;
use sluis_model::id::OrgId;
use sluis_model::time::Timestamp;
use sluis_store::{Expect, StoreError, Table, get_json, put_json};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What was used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Runs that were asked for.
    pub runs: u64,
    /// Fuel that they have used.
    pub fuel: u64,
    /// Calls that were made.
    pub calls: u64,
}

impl Usage {
    fn add(&mut self, other: &Usage) {
        self.runs = self.runs.saturating_add(other.runs);
        self.fuel = self.fuel.saturating_add(other.fuel);
        self.calls = self.calls.saturating_add(other.calls);
    }
}

/// Counts in memory.
#[derive(Default)]
pub(crate) struct RunMeter {
    /// By org and day: what was used before midnight is never that of the next day.
    counts: Mutex<HashMap<(OrgId, String), Usage>>,
    read: Mutex<HashMap<OrgId, Read>>,
    /// What was read of settings a moment ago.
    pub settings: KnownSettings,
}

/// What the store told of a day and its month, and when.
#[derive(Clone)]
struct Read {
    at: Instant,
    today: String,
    day: Usage,
    month: Usage,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl RunMeter {
    fn count(&self, org: &OrgId, day: String, more: Usage) {
        lock(&self.counts).entry((org.clone(), day)).or_default().add(&more);
    }

    /// A run was asked for.
    pub fn run(&self, org: &OrgId, now: Timestamp) {
        self.count(org, day_of(now), Usage { runs: 1, ..Usage::default() });
    }

    /// So much was used.
    pub fn used(&self, org: &OrgId, now: Timestamp, fuel: u64, calls: usize) {
        let calls = u64::try_from(calls).unwrap_or(u64::MAX);
        if fuel > 0 || calls > 0 {
            self.count(org, day_of(now), Usage { runs: 0, fuel, calls });
        }
    }

    /// What the store does not know yet, of a day and of its month.
    fn pending(&self, org: &OrgId, today: &str) -> (Usage, Usage) {
        let (mut day, mut month) = (Usage::default(), Usage::default());
        let counts = lock(&self.counts);
        let own = counts.iter().filter(|((of, at), _)| of == org && month_of(at) == month_of(today));
        for ((_, at), usage) in own {
            month.add(usage);
            if at == today {
                day.add(usage);
            }
        }
        (day, month)
    }

    fn take(&self) -> HashMap<(OrgId, String), Usage> {
        std::mem::take(&mut *lock(&self.counts))
    }

    fn known(&self, org: &OrgId, today: &str, believed_for: Duration) -> Option<(Usage, Usage)> {
        let read = lock(&self.read);
        let read = read.get(org).filter(|read| read.today == today && read.at.elapsed() < believed_for)?;
        Some((read.day, read.month))
    }
}

/// The day of a moment in UTC: `2026-11-23`.
pub(super) fn day_of(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}

/// `2026-11-`, which every day of a month begins with.
fn month_of(day: &str) -> &str {
    day.get(..8).unwrap_or(day)
}

impl Engine {
    /// What an org has used today and in this month, UTC.
    pub async fn usage(&self, org: &OrgId) -> Result<(Usage, Usage), Failure> {
        self.org(org).await?;
        self.used_so_far(org).await
    }

    pub(super) async fn used_so_far(&self, org: &OrgId) -> Result<(Usage, Usage), Failure> {
        let today = day_of(self.now());
        let meter = self.run_meter();
        let (mut day, mut month) = match meter.known(org, &today, self.run_rules().believes_for) {
            Some(known) => known,
            None => self.read_usage(org, &today).await?,
        };
        let (of_day, of_month) = meter.pending(org, &today);
        day.add(&of_day);
        month.add(&of_month);
        Ok((day, month))
    }

    async fn read_usage(&self, org: &OrgId, today: &str) -> Result<(Usage, Usage), Failure> {
        let rows = self.store().await?.list(Table::Usage, org, month_of(today), None, 31).await;
        let (mut day, mut month) = (Usage::default(), Usage::default());
        for (id, record) in rows.map_err(errors::store)? {
            let usage: Usage = serde_json::from_slice(&record.bytes).unwrap_or_default();
            month.add(&usage);
            if id == today {
                day = usage;
            }
        }
        let read = Read { at: Instant::now(), today: today.to_owned(), day, month };
        lock(&self.run_meter().read).insert(org.clone(), read);
        Ok((day, month))
    }

    /// Adds what was counted to what the store has.
    pub(crate) async fn keep_usage(&self) -> Result<(), Failure> {
        let mut counted = self.run_meter().take().into_iter();
        while let Some(((org, day), usage)) = counted.next() {
            if let Err(failure) = self.add_usage(&org, &day, &usage).await {
                // None of it is lost: the next round tries again.
                for ((org, day), usage) in std::iter::once(((org, day), usage)).chain(counted) {
                    self.run_meter().count(&org, day, usage);
                }
                return Err(failure);
            }
        }
        Ok(())
    }

    async fn add_usage(&self, org: &OrgId, day: &str, more: &Usage) -> Result<(), Failure> {
        let store = self.store().await?;
        let key = keys::usage(org, day);
        loop {
            let found = get_json::<Usage>(store, &key).await.map_err(errors::store)?;
            let (expect, mut usage) = match found {
                Some((version, usage)) => (Expect::Version(version), usage),
                None => (Expect::Absent, Usage::default()),
            };
            usage.add(more);
            let change = put_json(key.clone(), &usage, expect).map_err(errors::store)?;
            match store.apply(vec![change]).await {
                Ok(_) => {
                    lock(&self.run_meter().read).remove(org);
                    return Ok(());
                }
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(errors::store(error)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_one_of_utc() {
        assert_eq!(day_of(Timestamp(1_800_000_000_000)), "2027-01-15");
        assert_eq!(day_of(Timestamp(-1)), "1969-12-31");
    }
}
