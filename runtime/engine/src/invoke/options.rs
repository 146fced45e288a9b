//! What one call wants otherwise than its definition says.

use serde::{Deserialize, Serialize};
use sluis_model::error::{Failure, Reason};
use sluis_model::retry::RetryRule;
use sluis_model::suggest::nearest;
use std::time::Duration;

/// What one call wants otherwise than its definition says.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CallOptions {
    /// Whole time allowed, all tries and waits included; 1 to 300 seconds.
    pub timeout: Option<Duration>,
    /// When it is made again by itself.
    pub retry: Option<RetryRule>,
    /// The key by which the service tells a repeated call from a new one.
    pub idempotency_key: Option<String>,
    /// Whether to wait for the answer.
    pub wait: Option<bool>,
}

/// The names of the options, and of the one that names the connection.
const NAMES: &[&str] = &["timeout", "retry", "idempotency_key", "wait", "connection"];

/// An example of them all.
const EXAMPLE: &str = "for example: {\"timeout\": 10, \"retry\": 0, \"idempotency_key\": \"order-7\", \"wait\": false, \
                       \"connection\": \"sales\"}";

impl CallOptions {
    /// Takes one in by its name; whose value is null, is not given.
    pub fn set(&mut self, name: &str, value: &serde_json::Value) -> Result<(), Failure> {
        if value.is_null() {
            return Ok(());
        }
        match name {
            "timeout" => self.timeout = Some(timeout(value)?),
            "retry" => self.retry = Some(retry(value)?),
            "idempotency_key" => match value.as_str() {
                Some(key) => self.idempotency_key = Some(key.to_owned()),
                None => return Err(wrong(name, "text")),
            },
            "wait" => match value.as_bool() {
                Some(wait) => self.wait = Some(wait),
                None => return Err(wrong(name, "true or false")),
            },
            other => return Err(unknown(other)),
        }
        Ok(())
    }
}

/// An option that there is not.
pub fn unknown(name: &str) -> Failure {
    let shown: String = name.chars().take(60).collect();
    let failure = Failure::new(Reason::InvalidInput, format!("a call has no option `{shown}`"));
    match nearest(name, NAMES.iter().copied()) {
        Some(near) => failure.help(format!("did you mean `{near}`?")),
        None => failure.help(format!("there are {}; {EXAMPLE}", NAMES.join(", "))),
    }
}

fn wrong(name: &str, wanted: &str) -> Failure {
    Failure::new(Reason::InvalidInput, format!("the option `{name}` of a call must be {wanted}"))
        .help(EXAMPLE)
}

fn timeout(value: &serde_json::Value) -> Result<Duration, Failure> {
    match value.as_f64() {
        Some(seconds) if (0.001..=300.0).contains(&seconds) => Ok(Duration::from_secs_f64(seconds)),
        _ => Err(wrong("timeout", "a number of seconds, at most 300")),
    }
}

/// So many repetitions with the usual pauses, or a rule as in a definition.
fn retry(value: &serde_json::Value) -> Result<RetryRule, Failure> {
    let rule = match value.as_u64() {
        Some(more) => {
            let attempts = u32::try_from(more.saturating_add(1)).unwrap_or(u32::MAX);
            RetryRule { attempts, ..RetryRule::default() }
        }
        None if value.is_object() => written(value)?,
        None => {
            return Err(wrong("retry", "the number of repetitions, or a map as `retry` in a connector file"));
        }
    };
    match rule.fault() {
        Some(why) => Err(Failure::new(Reason::InvalidInput, format!("the option `retry` of a call: {why}"))),
        None => Ok(rule),
    }
}

fn written(value: &serde_json::Value) -> Result<RetryRule, Failure> {
    serde_json::from_value(value.clone()).map_err(|error| {
        Failure::new(Reason::InvalidInput, format!("the option `retry` of a call: {error}")).help(
            "for example: {\"retry\": {\"attempts\": 5, \"on\": [429, 503, \"network\"], \"base_ms\": 200}}",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn set(name: &str, value: serde_json::Value) -> Result<CallOptions, Failure> {
        let mut options = CallOptions::default();
        options.set(name, &value).map(|()| options)
    }

    #[test]
    fn each_option_is_read() {
        assert_eq!(set("timeout", json!(1.5)).unwrap().timeout, Some(Duration::from_millis(1500)));
        assert_eq!(set("retry", json!(0)).unwrap().retry, Some(RetryRule::never()));
        assert_eq!(set("retry", json!({"attempts": 5})).unwrap().retry.unwrap().attempts, 5);
        assert_eq!(set("idempotency_key", json!("k")).unwrap().idempotency_key.as_deref(), Some("k"));
        assert_eq!(set("wait", json!(false)).unwrap().wait, Some(false));
        assert_eq!(set("wait", json!(null)).unwrap(), CallOptions::default());
    }

    #[test]
    fn a_wrong_option_is_told_with_what_would_do() {
        for (name, value, says) in [
            ("timeuot", json!(1), "did you mean `timeout`?"),
            ("timeout", json!(301), "at most 300"),
            ("timeout", json!("10"), "at most 300"),
            ("retry", json!(true), "number of repetitions"),
            ("retry", json!(99), "1 to 10"),
            ("retry", json!({"attemps": 3}), "attemps"),
            ("wait", json!(1), "true or false"),
            ("idempotency_key", json!(7), "text"),
        ] {
            let failure = set(name, value).unwrap_err();
            let told = format!("{} {}", failure.message, failure.help.unwrap_or_default());
            assert!(told.contains(says), "{told}");
        }
    }
}
