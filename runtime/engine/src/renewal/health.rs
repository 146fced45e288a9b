//! How renewing goes: pauses that grow, and giving up.

use crate::builder::Engine;
use sluis_model::connection::{Connection, ConnectionState};
use sluis_model::error::{Failure, Reason};
use sluis_model::time::Timestamp;
use std::time::Duration;

/// The pause after the first failure, in milliseconds; it doubles.
const FIRST_PAUSE_MS: i64 = 5_000;
/// The longest pause that we choose, in milliseconds.
const LONGEST_PAUSE_MS: i64 = 3_600_000;
/// The longest pause that a provider may choose, in milliseconds; its `Retry-After` is bounded alike.
const LONGEST_ASKED_MS: i64 = 86_400_000;
/// Failures needed before a connection is given up: a clock that leaps must not do it.
const FAILURES_NEEDED: u32 = 5;

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It may go away by itself.
    Passes {
        /// How long the provider asks to be left alone.
        not_before: Option<Duration>,
    },
    /// Only the operator can mend it.
    OperatorMends,
}

/// Notes a failure on the connection, and gives up where it has gone on for too long.
pub(super) fn note_failure(
    engine: &Engine,
    connection: &mut Connection,
    failure: &Failure,
    trouble: Trouble,
) {
    let now = engine.now();
    let health = &mut connection.renewal;
    health.failures = health.failures.saturating_add(1);
    let since = *health.failing_since.get_or_insert(now);
    health.last_failure = Some(failure.message.clone());
    let mut random = [0u8; 8];
    engine.randomness().fill(&mut random);
    let asked = match trouble {
        Trouble::Passes { not_before } => not_before,
        Trouble::OperatorMends => None,
    };
    let pause = pause_ms(health.failures, asked, u64::from_be_bytes(random));
    health.next_try_at = Some(Timestamp(now.0.saturating_add(pause)));
    let too_long = health.failures >= FAILURES_NEEDED
        && now.seconds_since(since) >= engine.renewal_rules().give_up_after_s;
    if trouble != Trouble::OperatorMends && !too_long {
        return;
    }
    if matches!(connection.state, ConnectionState::Active | ConnectionState::Exhausted { .. }) {
        let who = match &failure.help {
            Some(help) => format!("; {help}"),
            None => String::new(),
        };
        let reason = format!("{}{who}", failure.message);
        tracing::warn!(org = %connection.org, connector = %connection.key(), %reason, "renewing is given up");
        connection.state = ConnectionState::Exhausted { reason };
    }
}

/// Half of the growing pause, and up to as much again by chance; never less than the provider asks.
fn pause_ms(failures: u32, asked: Option<Duration>, random: u64) -> i64 {
    let doublings = failures.saturating_sub(1).min(20);
    let whole = (FIRST_PAUSE_MS << doublings).min(LONGEST_PAUSE_MS);
    let half = whole / 2;
    let chance = i64::try_from(random % (half.unsigned_abs() + 1)).unwrap_or_default();
    let asked = asked.map_or(0, |asked| i64::try_from(asked.as_millis()).unwrap_or(i64::MAX));
    (half + chance).max(asked.min(LONGEST_ASKED_MS) + chance / 10)
}

/// The failure that answers until the next try is due. A moment further away than any pause comes
/// from a clock that has leapt, and is not believed.
pub(super) fn pausing(now: Timestamp, connection: &Connection) -> Option<Failure> {
    let next = connection.renewal.next_try_at?;
    let left = next.0.saturating_sub(now.0);
    if left <= 0 || left > LONGEST_ASKED_MS + LONGEST_ASKED_MS / 10 {
        return None;
    }
    let last = connection.renewal.last_failure.as_deref().unwrap_or("for an unknown reason");
    let text = format!(
        "the token of `{}` could not be renewed: {last}; it is tried again in {} s",
        connection.key(),
        left / 1000 + 1
    );
    Some(
        Failure::new(Reason::Unreachable, text)
            .help(format!("wait, or ask for it now: sluis connections renew {}", connection.key())),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_with_chance_and_have_an_end() {
        for random in [0, 1, 12_345, u64::MAX] {
            for failures in 1..=40 {
                let pause = pause_ms(failures, None, random);
                let whole = (FIRST_PAUSE_MS << (failures - 1).min(20)).min(LONGEST_PAUSE_MS);
                assert!((whole / 2..=whole).contains(&pause), "{failures} failures: {pause}");
            }
        }
        assert_ne!(pause_ms(5, None, 1), pause_ms(5, None, 999));
    }

    #[test]
    fn a_provider_that_asks_to_wait_is_heard_within_reason() {
        assert!(pause_ms(1, Some(Duration::from_secs(120)), 7) >= 120_000);
        assert!(pause_ms(1, Some(Duration::from_secs(u64::MAX)), 7) <= LONGEST_ASKED_MS + LONGEST_PAUSE_MS);
    }
}
