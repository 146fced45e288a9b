//! What an org says about its runs, and about those of one function: how many at once, how often again after
//! a failure, how much a day, how long they are kept.

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize};

/// What an org says about its runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunSettings {
    /// This many run at once at most; the others wait for their turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_once: Option<u32>,
    /// How much in a day, from midnight to midnight UTC.
    #[serde(default, deserialize_with = "of_map")]
    pub daily: Quota,
    /// How much in a calendar month.
    #[serde(default, deserialize_with = "of_map")]
    pub monthly: Quota,
    /// How long runs that have ended are kept.
    #[serde(default, deserialize_with = "of_map")]
    pub retention: Retention,
}

/// Only of a map: by themselves structures are read of lists, too.
fn of_map<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<T, D::Error> {
    let map = serde_json::Map::deserialize(from)?;
    T::deserialize(serde_json::Value::Object(map)).map_err(D::Error::custom)
}

/// How much is allowed in a time; what is absent is not limited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Runs that begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runs: Option<u64>,
    /// Fuel that they use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fuel: Option<u64>,
    /// Calls that they make.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls: Option<u64>,
}

/// How long runs that have ended are kept. Those that wait stay.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// This many days; [`Retention::USUAL_DAYS`] where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    /// The newest so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runs: Option<u64>,
}

/// The largest number of runs at once that can be asked for.
pub const AT_ONCE_AT_MOST: u32 = 10_000;
/// The largest count: every number up to it is exact in each JSON parser (RFC 8259, section 6).
pub const COUNT_AT_MOST: u64 = (1 << 53) - 1;
/// The longest time that runs are kept: a century.
pub const DAYS_AT_MOST: u32 = 36_500;

/// What is wrong with a number of runs at once.
fn at_once_fault(at_once: Option<u32>) -> Option<&'static str> {
    match at_once {
        Some(0) => Some("`at_once` is at least 1; leave it out for no limit"),
        Some(wanted) if wanted > AT_ONCE_AT_MOST => Some("`at_once` is at most 10000"),
        _ => None,
    }
}

impl RunSettings {
    /// What is wrong with it, if something is.
    pub fn fault(&self) -> Option<&'static str> {
        let quotas = [&self.daily, &self.monthly].into_iter().flat_map(|of| [of.runs, of.fuel, of.calls]);
        if quotas.chain([self.retention.runs]).flatten().any(|count| count > COUNT_AT_MOST) {
            return Some("a count is at most 9007199254740991");
        }
        if self.retention.days.is_some_and(|days| days > DAYS_AT_MOST) {
            return Some("`retention.days` is at most 36500");
        }
        at_once_fault(self.at_once)
    }
}

impl FunctionSettings {
    /// What is wrong with it, if something is.
    pub fn fault(&self) -> Option<&'static str> {
        at_once_fault(self.at_once).or_else(|| self.retries.fault())
    }
}

impl Retention {
    /// How long runs are kept where an org says nothing.
    pub const USUAL_DAYS: u32 = 90;

    /// Days that runs are kept.
    pub fn days(&self) -> u32 {
        self.days.unwrap_or(Self::USUAL_DAYS)
    }
}

/// What is said about the runs of one function.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunctionSettings {
    /// This many of them run at once at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_once: Option<u32>,
    /// What follows on a failure.
    #[serde(default, deserialize_with = "of_map")]
    pub retries: Retries,
}

/// Whether and when a run from the queue that has failed is run again. Calls that it has finished are not
/// made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retries {
    /// Further tries after the first; 0 for none.
    pub times: u32,
    /// Seconds until the first of them. Each pause is twice the one before.
    pub first_after_s: u32,
    /// Seconds that a pause has at most.
    pub at_most_after_s: u32,
}

impl Default for Retries {
    fn default() -> Self {
        Self { times: 0, first_after_s: 30, at_most_after_s: 3600 }
    }
}

impl Retries {
    /// Seconds of pause after so many failures; none if that was the last try.
    pub fn pause_after(&self, failures: u32) -> Option<i64> {
        if failures == 0 || failures > self.times {
            return None;
        }
        let doubled = 1_u64.checked_shl(failures - 1).unwrap_or(u64::MAX);
        let pause = u64::from(self.first_after_s).saturating_mul(doubled);
        i64::try_from(pause.min(u64::from(self.at_most_after_s))).ok()
    }

    /// What is wrong with it, if something is.
    pub fn fault(&self) -> Option<&'static str> {
        if self.times > 100 {
            Some("`retries.times` is at most 100")
        } else if self.first_after_s == 0 || self.at_most_after_s < self.first_after_s {
            Some("`retries.first_after_s` is at least 1, and `retries.at_most_after_s` is no less than that")
        } else if self.at_most_after_s > 7 * 86_400 {
            Some("`retries.at_most_after_s` is at most a week: 604800")
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_their_limit_and_end() {
        let retries = Retries { times: 4, first_after_s: 10, at_most_after_s: 35 };
        let pauses: Vec<_> = (0..6).map(|failures| retries.pause_after(failures)).collect();
        assert_eq!(pauses, [None, Some(10), Some(20), Some(35), Some(35), None]);
        assert_eq!(Retries { times: 100, ..retries }.pause_after(100), Some(35));
    }

    #[test]
    fn numbers_that_cannot_be_meant_are_told() {
        let at_once = |at_once| FunctionSettings { at_once, ..FunctionSettings::default() }.fault();
        assert_eq!([at_once(None), at_once(Some(1)), at_once(Some(10_000))], [None; 3]);
        assert!(at_once(Some(0)).is_some() && at_once(Some(10_001)).is_some());
        let fuel = |fuel| RunSettings { daily: Quota { fuel, ..Quota::default() }, ..RunSettings::default() };
        assert!(
            fuel(Some(COUNT_AT_MOST)).fault().is_none() && fuel(Some(COUNT_AT_MOST + 1)).fault().is_some()
        );
        let kept = Retention { days: Some(36_501), runs: None };
        assert!(RunSettings { retention: kept, ..RunSettings::default() }.fault().is_some());
    }

    #[test]
    fn a_part_is_a_map_and_nothing_else() {
        let read = serde_json::from_str::<RunSettings>;
        assert!(read(r#"{"retention": {"days": 3}}"#).is_ok() && read(r#"{"retention": [3, 4]}"#).is_err());
        assert!(serde_json::from_str::<FunctionSettings>(r#"{"retries": [1, 1, 1]}"#).is_err());
    }

    #[test]
    fn pauses_that_cannot_be_kept_are_told() {
        assert_eq!(Retries::default().fault(), None);
        assert!(Retries { first_after_s: 0, ..Retries::default() }.fault().is_some());
        assert!(Retries { at_most_after_s: 1, ..Retries::default() }.fault().is_some());
        assert!(Retries { times: 101, ..Retries::default() }.fault().is_some());
    }
}
