//! How much an org may use in a day and in a month. It is looked at before a run begins: one that goes on is
//! not cut off.

use crate::builder::Engine;
use crate::run::meter::Usage;
use jiff::ToSpan as _;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::OrgId;
use sluis_model::run_settings::Quota;
use sluis_model::time::Timestamp;

impl Engine {
    /// Refuses where an org has used what it may; the failure says when that ends.
    pub(crate) async fn within_quota(&self, org: &OrgId) -> Result<(), Failure> {
        let settings = self.believed_settings(org, None).await?.of_org;
        if settings.daily == Quota::default() && settings.monthly == Quota::default() {
            return Ok(());
        }
        let (day, month) = self.used_so_far(org).await?;
        let spent = [(Time::Day, &settings.daily, &day), (Time::Month, &settings.monthly, &month)];
        match spent.into_iter().find_map(|(time, quota, used)| Some((time, exceeded(quota, used)?))) {
            Some((time, (what, most))) => Err(refused(org, time, what, most, self.now())),
            None => Ok(()),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Time {
    Day,
    Month,
}

/// What of a quota is used up, and how much that was.
fn exceeded(quota: &Quota, used: &Usage) -> Option<(&'static str, u64)> {
    [
        ("runs", quota.runs, used.runs),
        ("units of fuel", quota.fuel, used.fuel),
        ("calls", quota.calls, used.calls),
    ]
    .into_iter()
    .find_map(|(what, most, used)| most.filter(|most| used >= *most).map(|most| (what, most)))
}

fn refused(org: &OrgId, time: Time, what: &str, most: u64, now: Timestamp) -> Failure {
    let period = match time {
        Time::Day => "of this day",
        Time::Month => "of this month",
    };
    let until = ends(time, now).map(|at| format!("from {at} on there is more; ")).unwrap_or_default();
    Failure::new(Reason::QuotaExceeded, format!("`{org}` has used the {most} {what} {period}")).help(format!(
        "{until}an admin of the organisation can allow more: PUT /api/v1/orgs/{org}/run-settings"
    ))
}

/// When the day or the month ends.
fn ends(time: Time, now: Timestamp) -> Option<jiff::Timestamp> {
    let now = jiff::Timestamp::from_millisecond(now.0).ok()?.to_zoned(jiff::tz::TimeZone::UTC);
    let first = match time {
        Time::Day => now.start_of_day().ok()?.checked_add(1.day()).ok()?,
        Time::Month => now.first_of_month().ok()?.start_of_day().ok()?.checked_add(1.month()).ok()?,
    };
    Some(first.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_up_is_named_with_the_moment_at_which_that_ends() {
        let used = Usage { runs: 3, fuel: 9, calls: 5 };
        assert_eq!(exceeded(&Quota::default(), &used), None);
        assert_eq!(exceeded(&Quota { runs: Some(4), calls: Some(5), fuel: None }, &used), Some(("calls", 5)));
        // 2027-01-15T08:00:00Z.
        let now = Timestamp(1_800_000_000_000);
        assert_eq!(ends(Time::Day, now).unwrap().to_string(), "2027-01-16T00:00:00Z");
        assert_eq!(ends(Time::Month, now).unwrap().to_string(), "2027-02-01T00:00:00Z");
        let failure = refused(&"acme".parse().unwrap(), Time::Day, "calls", 5, now);
        assert_eq!(failure.message, "`acme` has used the 5 calls of this day");
        assert!(failure.help.unwrap().starts_with("from 2027-01-16T00:00:00Z on there is more"));
    }
}
