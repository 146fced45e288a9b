//! Times and numbers of renewals.

use std::time::Duration;

/// What an operator may choose about renewals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RenewalRules {
    /// Whole time of one request to a token endpoint.
    pub request: Duration,
    /// How long the row of a renewal must have stood still, by the clock of whoever looks on, before
    /// another process takes the renewal over. Always longer than a request: see [`Self::lease`].
    pub lease: Duration,
    /// How long renewing may fail before it is given up, in seconds.
    pub give_up_after_s: i64,
    /// An idle connection whose refresh token has no known end is renewed this often, in seconds.
    pub idle_s: i64,
    /// Renewals at a time for each host.
    pub at_once_per_host: usize,
}

impl Default for RenewalRules {
    /// 15 seconds a request, a lease of 25, 4 days until it is given up, 7 days for the idle, 8 at
    /// once.
    fn default() -> Self {
        Self {
            request: Duration::from_secs(15),
            lease: Duration::from_secs(25),
            give_up_after_s: 4 * 86_400,
            idle_s: 7 * 86_400,
            at_once_per_host: 8,
        }
    }
}

impl RenewalRules {
    /// The lease, half as long again as a request at least: whoever holds it has ended by then.
    pub fn lease(&self) -> Duration {
        self.lease.max(self.request + self.request / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_always_outlasts_a_request() {
        let rules = RenewalRules { request: Duration::from_secs(60), ..RenewalRules::default() };
        assert_eq!(rules.lease(), Duration::from_secs(90));
        assert_eq!(RenewalRules::default().lease(), Duration::from_secs(25));
    }
}
