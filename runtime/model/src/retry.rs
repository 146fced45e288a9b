//! When and how often a call is made again by itself, as a definition says it: `retry`.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// When a call is made again by itself, and how long it pauses before. Only what may be repeated is:
/// what reads, what carries an idempotency key, and what was refused or never left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetryRule {
    /// Tries in all, the first included, 1 to 10. With 1 nothing is repeated.
    #[serde(default = "default_attempts")]
    pub attempts: u32,
    /// What is worth another try.
    #[serde(default = "default_on")]
    pub on: Vec<RetryOn>,
    /// Pause before the second try, in milliseconds.
    #[serde(default = "default_base")]
    pub base_ms: u64,
    /// By what each further pause is longer.
    #[serde(default = "default_factor")]
    pub factor: f64,
    /// Longest pause, in seconds. What the service itself asks for is kept even if it is longer.
    #[serde(default = "default_at_most")]
    pub at_most_s: u64,
    /// How chance shortens the pauses.
    #[serde(default)]
    pub jitter: Jitter,
}

fn default_attempts() -> u32 {
    3
}

fn default_on() -> Vec<RetryOn> {
    let statuses = [429, 500, 502, 503, 504].map(RetryOn::Status);
    statuses.into_iter().chain([RetryOn::Network, RetryOn::Timeout]).collect()
}

fn default_base() -> u64 {
    500
}

fn default_factor() -> f64 {
    2.0
}

fn default_at_most() -> u64 {
    60
}

impl Default for RetryRule {
    fn default() -> Self {
        Self {
            attempts: default_attempts(),
            on: default_on(),
            base_ms: default_base(),
            factor: default_factor(),
            at_most_s: default_at_most(),
            jitter: Jitter::default(),
        }
    }
}

impl RetryRule {
    /// Most tries that a definition or a call may ask for.
    pub const ATTEMPTS_AT_MOST: u32 = 10;

    /// Nothing is repeated.
    pub fn never() -> Self {
        Self { attempts: 1, ..Self::default() }
    }

    /// What is wrong with its numbers, in words; nothing if they will do.
    pub fn fault(&self) -> Option<String> {
        if !(1..=Self::ATTEMPTS_AT_MOST).contains(&self.attempts) {
            let most = Self::ATTEMPTS_AT_MOST;
            return Some(format!(
                "`attempts` counts the first try too and is 1 to {most}, not {}",
                self.attempts
            ));
        }
        if !(1..=60_000).contains(&self.base_ms) {
            return Some(format!("`base_ms` is 1 to 60000 milliseconds, not {}", self.base_ms));
        }
        if !(1.0..=10.0).contains(&self.factor) {
            return Some(format!("`factor` is 1 to 10, not {}", self.factor));
        }
        if !(1..=300).contains(&self.at_most_s) {
            return Some(format!("`at_most_s` is 1 to 300 seconds, not {}", self.at_most_s));
        }
        None
    }
}

/// How chance shortens a pause, so that many callers do not come back together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Jitter {
    /// Anything between nothing and the whole pause.
    #[default]
    Full,
    /// Between half of the pause and all of it.
    Equal,
    /// The pause as it is.
    None,
}

/// Something after which another try is worth it: a status, or why no answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryOn {
    /// An answer with this status, 400 to 599.
    Status(u16),
    /// No connection, or one that broke.
    Network,
    /// No answer in time.
    Timeout,
}

impl Serialize for RetryOn {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Status(status) => serializer.serialize_u16(*status),
            Self::Network => serializer.serialize_str("network"),
            Self::Timeout => serializer.serialize_str("timeout"),
        }
    }
}

impl<'de> Deserialize<'de> for RetryOn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Status(u16),
            Word(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Status(status @ 400..=599) => Ok(Self::Status(status)),
            Written::Status(status) => {
                Err(de::Error::custom(format!("{status} is no status of a failure; those are 400 to 599")))
            }
            Written::Word(word) => match word.as_str() {
                "network" => Ok(Self::Network),
                "timeout" => Ok(Self::Timeout),
                _ => Err(de::Error::custom(format!(
                    "`{word}` is nothing to try again on; write a status, `network` or `timeout`"
                ))),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_rule_has_the_usual_numbers() {
        let rule: RetryRule = serde_json::from_str("{}").unwrap();
        assert_eq!(rule, RetryRule::default());
        assert_eq!((rule.attempts, rule.fault()), (3, None));
    }

    #[test]
    fn statuses_and_words_are_read_back_as_they_were_written() {
        let text = r#"[429,503,"network","timeout"]"#;
        let on: Vec<RetryOn> = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&on).unwrap(), text);
        for wrong in [r#"[200]"#, r#"["netwrok"]"#] {
            assert!(serde_json::from_str::<Vec<RetryOn>>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn numbers_that_would_never_end_are_faults() {
        for rule in [
            RetryRule { attempts: 0, ..RetryRule::default() },
            RetryRule { attempts: 11, ..RetryRule::default() },
            RetryRule { base_ms: 0, ..RetryRule::default() },
            RetryRule { factor: 0.5, ..RetryRule::default() },
            RetryRule { at_most_s: 3_600, ..RetryRule::default() },
        ] {
            assert!(rule.fault().is_some(), "{rule:?}");
        }
    }
}
