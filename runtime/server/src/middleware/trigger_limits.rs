//! How many requests the address of each trigger takes: its owner says so, and several owners share one server.

use crate::error::ApiError;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use http::{HeaderValue, StatusCode, header};
use sluis_engine::triggers::FoundTrigger;
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

/// What each trigger has used of its share. There are as many entries as triggers that were ever asked here.
#[derive(Clone, Default)]
pub struct TriggerLimits(Arc<Mutex<HashMap<String, Share>>>);

struct Share {
    per_minute: NonZeroU32,
    used: Arc<DefaultDirectRateLimiter>,
}

impl TriggerLimits {
    /// Takes a request, or says when to come back.
    pub fn take(&self, found: &FoundTrigger) -> Result<(), ApiError> {
        let name = format!("{}/{}", found.org, found.trigger.name);
        self.take_one(name, NonZeroU32::new(found.per_minute()).unwrap_or(NonZeroU32::MIN))
    }

    fn take_one(&self, name: String, per_minute: NonZeroU32) -> Result<(), ApiError> {
        let used = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let fresh =
                || Share { per_minute, used: Arc::new(RateLimiter::direct(Quota::per_minute(per_minute))) };
            let share = all.entry(name).or_insert_with(fresh);
            // Its owner has said otherwise meanwhile.
            if share.per_minute != per_minute {
                *share = fresh();
            }
            share.used.clone()
        };
        let Err(refused) = used.check() else { return Ok(()) };
        metrics::counter!("sluis_http_limited_total", "by" => "trigger").increment(1);
        let wait = refused.wait_time_from(DefaultClock::default().now());
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let text = format!("more than {per_minute} requests a minute to this address");
        Err(ApiError::protocol(StatusCode::TOO_MANY_REQUESTS, "rate_limited", text)
            .help(format!("send the next one in {seconds} seconds; `Retry-After` says the same"))
            .header(header::RETRY_AFTER, HeaderValue::from(seconds)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trigger_has_its_share_and_a_new_share_counts_at_once() {
        let limits = TriggerLimits::default();
        let take = |name: &str, share| limits.take_one(name.to_owned(), NonZeroU32::new(share).unwrap());
        assert!(take("acme/a", 1).is_ok());
        assert_eq!(take("acme/a", 1).unwrap_err().status(), StatusCode::TOO_MANY_REQUESTS);
        assert!(take("rival/a", 1).is_ok());
        assert!(take("acme/a", 2).is_ok());
    }
}
