//! How much a service takes, and how its answers say so: `rate`.

use crate::task::AnswerPath;
use serde::{Deserialize, Serialize};

/// How much a service takes, and the odd ways in which its answers say so. The usual headers
/// (`Retry-After`, `RateLimit`, `X-RateLimit-*` and their kin) are known without it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateRule {
    /// Requests allowed in `per_s` seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<u32>,
    /// Seconds that `requests` are for; 1 unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_s: Option<u32>,
    /// Requests that may go out together before they are spaced; `requests` unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burst: Option<u32>,
    /// Requests that may be under way at a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrent: Option<u32>,
    /// Who shares it.
    #[serde(default)]
    pub per: RatePer,
    /// Headers of a refusal that say how long to wait, besides the usual ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wait_headers: Vec<WaitHeader>,
    /// Headers that say how many requests are left, besides the usual ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remaining_headers: Vec<String>,
    /// Where the JSON of a refusal says how long to wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_body: Option<WaitInBody>,
    /// Answers that mean "too much", besides those with status 429.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limited_when: Vec<LimitedWhen>,
}

/// Who shares a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RatePer {
    /// Each connection has its own.
    #[default]
    Connection,
    /// All connections of one org.
    Org,
    /// Everybody who comes with the same client registration.
    App,
    /// Each API of each connection.
    Api,
}

/// A header that says how long to wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaitHeader {
    /// Its name, in any case.
    pub name: String,
    /// What its value counts from.
    #[serde(default)]
    pub meaning: WaitMeaning,
    /// What a number in it counts.
    #[serde(default)]
    pub unit: WaitUnit,
}

/// A place in a JSON body that says how long to wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaitInBody {
    /// Keys and positions from the root: `error.retry_after`, `errors[0].retryIn`. Where there is a text
    /// with other words around it, the first number in it counts.
    pub path: AnswerPath,
    /// What its value counts from.
    #[serde(default)]
    pub meaning: WaitMeaning,
    /// What a number in it counts.
    #[serde(default)]
    pub unit: WaitUnit,
}

/// What a waiting time counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitMeaning {
    /// Whichever makes sense: a number too large to be a pause is a point in time.
    #[default]
    Auto,
    /// From now.
    After,
    /// From 1970-01-01 UTC, or it is a date.
    At,
}

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum WaitUnit {
    /// Seconds, with or without a fraction.
    #[default]
    #[serde(rename = "s")]
    Seconds,
    /// Milliseconds.
    #[serde(rename = "ms")]
    Milliseconds,
    /// Minutes.
    #[serde(rename = "min")]
    Minutes,
}

/// An answer that means "too much".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitedWhen {
    /// Its status.
    pub status: u16,
    /// A place in its JSON body, as in [`WaitInBody::path`]; without it the status alone says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<AnswerPath>,
    /// What stands there then; any of them, in any case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub is: Vec<String>,
}

impl RateRule {
    /// What is wrong with its numbers, in words; nothing if they will do.
    pub fn fault(&self) -> Option<String> {
        if self.requests.is_none() && (self.per_s.is_some() || self.burst.is_some()) {
            return Some("`per_s` and `burst` say nothing without `requests`".to_owned());
        }
        let counts = [
            ("requests", self.requests, 1_000_000),
            ("per_s", self.per_s, 31 * 86_400),
            ("burst", self.burst, 1_000_000),
            ("concurrent", self.concurrent, 10_000),
        ];
        for (name, count, most) in counts {
            if count.is_some_and(|count| !(1..=most).contains(&count)) {
                return Some(format!("`{name}` is 1 to {most}"));
            }
        }
        let bad = |when: &&LimitedWhen| {
            !(200..=599).contains(&when.status) || when.path.is_some() == when.is.is_empty()
        };
        if let Some(when) = self.limited_when.iter().find(bad) {
            let status = when.status;
            return Some(format!(
                "`limited_when` needs a status of 200 to 599, and `path` and `is` together or neither (at {status})"
            ));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_contradict_each_other_are_faults() {
        let rule = |text: &str| serde_json::from_str::<RateRule>(text).unwrap();
        assert_eq!(rule(r#"{"requests": 100, "per_s": 60}"#).fault(), None);
        assert_eq!(rule(r#"{"limited_when": [{"status": 403, "path": "a.b", "is": ["x"]}]}"#).fault(), None);
        for wrong in [
            r#"{"per_s": 60}"#,
            r#"{"requests": 0}"#,
            r#"{"limited_when": [{"status": 403, "path": "a.b"}]}"#,
            r#"{"limited_when": [{"status": 99}]}"#,
        ] {
            assert!(rule(wrong).fault().is_some(), "{wrong}");
        }
    }
}
