//! Whether a call is made again by itself, and after which pause. Pure: it is told what happened, when,
//! and what chance says, and it decides.

use crate::mail_port::MailRefusal;
use crate::transport::TransportError;
use crate::wait::Signal;
use sluis_model::connector::Effect;
use sluis_model::retry::{Jitter, RetryOn, RetryRule};
use sluis_model::time::Timestamp;
use std::time::Duration;

/// How one try has ended.
#[derive(Debug, Clone, Copy)]
pub enum Tried<'a> {
    /// There was an answer.
    Answered {
        /// Its status.
        status: u16,
        /// What it says of how much the service takes.
        signal: &'a Signal,
    },
    /// There was none.
    Failed(&'a TransportError),
}

/// What may be known of a call before it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeatable(bool);

impl Repeatable {
    /// What only reads may be repeated, and what the service can tell from a new request by its key.
    pub fn of(effect: Effect, has_key: bool) -> Self {
        Self(effect == Effect::Read || has_key)
    }

    /// Whether it may be repeated even though the service may have acted.
    pub fn is_safe(self) -> bool {
        self.0
    }
}

/// What comes after a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing: this is how the call has ended.
    Settled,
    /// Another try after this pause.
    Again(Duration),
    /// The service asks for a pause of so many seconds, which is longer than the call may take.
    TooLong {
        /// Seconds, rounded up.
        seconds: u64,
    },
}

/// Where a call stands after a try.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    /// Tries so far, at least 1.
    pub tries: u32,
    /// The present moment.
    pub now: Timestamp,
    /// When the time of the call is used up.
    pub deadline: Timestamp,
    /// A number between 0 and 1 by chance.
    pub chance: f64,
}

/// Decides after a try.
pub fn verdict(rule: &RetryRule, tried: Tried<'_>, repeatable: Repeatable, at: Standing) -> Verdict {
    let wanted = match tried {
        Tried::Answered { signal, .. } if signal.limited => rule.on.contains(&RetryOn::Status(429)),
        Tried::Answered { status, .. } => rule.on.contains(&RetryOn::Status(status)),
        // What a 429 is over HTTP: refused before it was done, for now.
        Tried::Failed(TransportError::Mail(MailRefusal::Deferred { .. })) => {
            rule.on.contains(&RetryOn::Status(429))
        }
        Tried::Failed(TransportError::Timeout { .. }) => rule.on.contains(&RetryOn::Timeout),
        Tried::Failed(error) => is_network(error) && rule.on.contains(&RetryOn::Network),
    };
    if !wanted || at.tries >= rule.attempts || !(repeatable.is_safe() || nothing_was_done(tried)) {
        return Verdict::Settled;
    }
    let asked = match tried {
        Tried::Answered { signal, .. } => signal.wait.as_ref().map(|(until, _)| *until),
        Tried::Failed(_) => None,
    };
    let pause = pause(rule, at.tries, at.chance);
    let left = at.deadline.0.saturating_sub(at.now.0);
    if let Some(until) = asked {
        let asked_ms = until.0.saturating_sub(at.now.0).max(0);
        if asked_ms >= left {
            return Verdict::TooLong { seconds: seconds(asked_ms) };
        }
        // A little later than asked for, each of many callers by another amount.
        let spread = (pause.as_millis() as i64 / 10).min(left - asked_ms - 1).max(0);
        return Verdict::Again(Duration::from_millis((asked_ms + spread).unsigned_abs()));
    }
    match i64::try_from(pause.as_millis()) {
        Ok(pause_ms) if pause_ms < left => Verdict::Again(pause),
        _ => Verdict::Settled,
    }
}

/// Milliseconds as seconds, rounded up.
pub fn seconds(millis: i64) -> u64 {
    millis.max(0).unsigned_abs().div_ceil(1000)
}

/// Whether it is certain that the service has not acted: nothing was sent, or it has refused.
fn nothing_was_done(tried: Tried<'_>) -> bool {
    match tried {
        // RFC 6585 §4: the request was too much; a service that acted on it would have said so.
        Tried::Answered { signal, .. } => signal.limited,
        Tried::Failed(error) => error.nothing_was_sent(),
    }
}

fn is_network(error: &TransportError) -> bool {
    matches!(
        error,
        TransportError::NotConnected { .. }
            | TransportError::Unreachable { .. }
            | TransportError::BadAnswer { .. }
            | TransportError::Busy { .. }
    )
}

/// The pause after so many tries: grows by the factor up to the bound, and chance shortens it.
fn pause(rule: &RetryRule, tries: u32, chance: f64) -> Duration {
    let grown = rule.base_ms as f64 * rule.factor.powf(f64::from(tries.saturating_sub(1)));
    let whole = grown.min(rule.at_most_s as f64 * 1e3);
    let millis = match rule.jitter {
        Jitter::Full => whole * chance,
        Jitter::Equal => whole / 2.0 + whole / 2.0 * chance,
        Jitter::None => whole,
    };
    Duration::from_millis(millis.ceil() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);
    const READ: Repeatable = Repeatable(true);
    const WRITE: Repeatable = Repeatable(false);

    fn standing(tries: u32) -> Standing {
        Standing { tries, now: NOW, deadline: NOW.plus_seconds(30), chance: 1.0 }
    }

    fn answered(status: u16, signal: &Signal, repeatable: Repeatable, tries: u32) -> Verdict {
        let tried = Tried::Answered { status, signal };
        verdict(&RetryRule::default(), tried, repeatable, standing(tries))
    }

    fn again(millis: u64) -> Verdict {
        Verdict::Again(Duration::from_millis(millis))
    }

    fn host() -> String {
        "a.example.com".to_owned()
    }

    #[test]
    fn pauses_double_up_to_the_last_try() {
        let none = Signal::default();
        assert_eq!(answered(503, &none, READ, 1), again(500));
        assert_eq!(answered(503, &none, READ, 2), again(1000));
        assert_eq!(answered(503, &none, READ, 3), Verdict::Settled);
        assert_eq!(answered(404, &none, READ, 1), Verdict::Settled);
    }

    #[test]
    fn chance_shortens_pauses_as_the_rule_says() {
        let rule = |jitter| RetryRule { jitter, ..RetryRule::default() };
        let millis = |jitter, chance| pause(&rule(jitter), 2, chance).as_millis();
        assert_eq!((millis(Jitter::Full, 0.0), millis(Jitter::Full, 0.5)), (0, 500));
        assert_eq!((millis(Jitter::Equal, 0.0), millis(Jitter::Equal, 0.5)), (500, 750));
        assert_eq!(millis(Jitter::None, 0.0), 1000);
        assert_eq!(pause(&rule(Jitter::None), 30, 0.0), Duration::from_secs(60));
    }

    #[test]
    fn an_ambiguous_write_is_never_repeated() {
        let none = Signal::default();
        for status in [500, 502, 503, 504] {
            assert_eq!(answered(status, &none, WRITE, 1), Verdict::Settled, "{status}");
        }
        let broke = TransportError::Unreachable { host: host(), why: "reset".into() };
        let failed =
            |error, repeatable| verdict(&RetryRule::default(), Tried::Failed(error), repeatable, standing(1));
        assert_eq!(failed(&broke, WRITE), Verdict::Settled);
        assert_eq!(failed(&broke, READ), again(500));
        assert_eq!(failed(&broke, Repeatable::of(Effect::Write, true)), again(500));
        assert_eq!(failed(&broke, Repeatable::of(Effect::Destructive, false)), Verdict::Settled);
    }

    #[test]
    fn a_write_that_was_refused_or_never_left_is_repeated() {
        let limited = Signal { limited: true, ..Signal::default() };
        assert_eq!(answered(429, &limited, WRITE, 1), again(500));
        let never_left = TransportError::NotConnected { host: host(), why: "refused".into() };
        let tried = Tried::Failed(&never_left);
        assert_eq!(verdict(&RetryRule::default(), tried, WRITE, standing(1)), again(500));
    }

    #[test]
    fn the_pause_that_the_service_asks_for_is_kept() {
        let asks = |seconds| Signal {
            limited: true,
            wait: Some((NOW.plus_seconds(seconds), "retry-after".into())),
            budget: None,
        };
        assert_eq!(answered(429, &asks(5), WRITE, 1), again(5050));
        assert_eq!(answered(429, &asks(43), READ, 1), Verdict::TooLong { seconds: 43 });
        assert_eq!(answered(403, &asks(5), READ, 1), again(5050));
    }

    #[test]
    fn a_pause_that_does_not_fit_is_not_begun() {
        let none = Signal::default();
        let tried = Tried::Answered { status: 500, signal: &none };
        let late = Standing { deadline: Timestamp(NOW.0 + 400), ..standing(1) };
        assert_eq!(verdict(&RetryRule::default(), tried, READ, late), Verdict::Settled);
    }
}
