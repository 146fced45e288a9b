//! Leaves a host alone for a while after it has failed several times in a row, so that scripts learn at
//! once what they would learn after a timeout, and a service in trouble is not troubled more. One
//! breaker for each host of a connector: closed (calls go through), open (none does), half open (one
//! does, and decides).

use sluis_model::time::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Failures in a row after which a host is left alone.
const FAILURES: u32 = 5;
/// How long it is left alone at first, in seconds; twice as long each time that the next try fails too.
const FIRST_REST_S: i64 = 10;
/// How long at most.
const LONGEST_REST_S: i64 = 300;
/// Failures further apart than this are not in a row, in seconds.
const ROW_S: i64 = 60;

/// A host of a connector.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BreakerKey {
    /// The connector's namespace.
    pub connector: String,
    /// Host and port.
    pub host: String,
}

/// How a host stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// So many failures in a row, the last at this moment.
    Closed { failures: u32, last: Timestamp },
    /// Nothing goes there before this moment.
    Open { until: Timestamp, rest_s: i64 },
    /// One call is on its way there; it counts as lost at this moment.
    HalfOpen { until: Timestamp, rest_s: i64 },
}

/// The breakers of one process.
#[derive(Debug, Default)]
pub struct Breakers(Mutex<HashMap<BreakerKey, State>>);

/// A host is left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// When it is tried again.
    pub until: Timestamp,
}

/// How a call to a host has ended, as far as the host is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It answered.
    Works,
    /// It did not, or says that it cannot.
    Fails,
    /// Nothing was learnt about it.
    Unknown,
}

impl Breakers {
    /// Whether a call may go to a host. Whoever is let through says with [`Breakers::tell`] how it went;
    /// `within_s` is how long it may take.
    pub fn pass(&self, key: &BreakerKey, now: Timestamp, within_s: i64) -> Result<(), Open> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(state) = all.get_mut(key) else { return Ok(()) };
        match *state {
            State::Closed { .. } => Ok(()),
            State::Open { until, .. } | State::HalfOpen { until, .. } if now < until => Err(Open { until }),
            State::Open { rest_s, .. } | State::HalfOpen { rest_s, .. } => {
                *state = State::HalfOpen { until: now.plus_seconds(within_s.max(1)), rest_s };
                Ok(())
            }
        }
    }

    /// Says how a call has ended.
    pub fn tell(&self, key: &BreakerKey, health: Health, now: Timestamp) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match health {
            Health::Works => {
                all.remove(key);
            }
            Health::Fails => {
                let next = after_failure(all.get(key).copied(), now);
                all.insert(key.clone(), next);
            }
            Health::Unknown => {
                // Whoever was let through to try has learnt nothing: the next one tries.
                if let Some(state @ State::HalfOpen { .. }) = all.get_mut(key)
                    && let State::HalfOpen { rest_s, .. } = *state
                {
                    *state = State::Open { until: now, rest_s };
                }
            }
        }
    }

    /// When a host that is left alone is tried again; nothing if it is not left alone.
    pub fn rests_until(&self, key: &BreakerKey, now: Timestamp) -> Option<Timestamp> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match all.get(key)? {
            State::Open { until, .. } | State::HalfOpen { until, .. } if now < *until => Some(*until),
            _ => None,
        }
    }
}

fn after_failure(state: Option<State>, now: Timestamp) -> State {
    let open = |rest_s: i64| State::Open { until: now.plus_seconds(rest_s), rest_s };
    match state {
        Some(State::HalfOpen { rest_s, .. }) => open((rest_s * 2).min(LONGEST_REST_S)),
        // Calls that were under way when it opened say nothing new.
        Some(still @ State::Open { .. }) => still,
        Some(State::Closed { failures, last }) if now.seconds_since(last) <= ROW_S => match failures + 1 {
            FAILURES.. => open(FIRST_REST_S),
            failures => State::Closed { failures, last: now },
        },
        Some(State::Closed { .. }) | None => State::Closed { failures: 1, last: now },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(0);

    fn key(host: &str) -> BreakerKey {
        BreakerKey { connector: "pets".into(), host: host.into() }
    }

    fn at(seconds: i64) -> Timestamp {
        NOW.plus_seconds(seconds)
    }

    fn fail(breakers: &Breakers, times: u32, now: Timestamp) {
        (0..times).for_each(|_| breakers.tell(&key("a"), Health::Fails, now));
    }

    #[test]
    fn five_failures_in_a_row_open_it_and_one_success_forgets_them() {
        let breakers = Breakers::default();
        fail(&breakers, 4, NOW);
        assert_eq!(breakers.pass(&key("a"), NOW, 30), Ok(()));
        breakers.tell(&key("a"), Health::Works, NOW);
        fail(&breakers, 4, NOW);
        assert_eq!(breakers.pass(&key("a"), NOW, 30), Ok(()));
        fail(&breakers, 1, NOW);
        assert_eq!(breakers.pass(&key("a"), NOW, 30), Err(Open { until: at(10) }));
        assert_eq!(breakers.pass(&key("b"), NOW, 30), Ok(()));
    }

    #[test]
    fn after_the_rest_one_call_tries_and_decides() {
        let breakers = Breakers::default();
        fail(&breakers, 5, NOW);
        assert_eq!(breakers.pass(&key("a"), at(10), 30), Ok(()));
        assert_eq!(breakers.pass(&key("a"), at(11), 30), Err(Open { until: at(40) }));
        breakers.tell(&key("a"), Health::Fails, at(12));
        assert_eq!(breakers.pass(&key("a"), at(12), 30), Err(Open { until: at(32) }));
        assert_eq!(breakers.pass(&key("a"), at(32), 30), Ok(()));
        breakers.tell(&key("a"), Health::Works, at(33));
        assert_eq!(breakers.pass(&key("a"), at(33), 30), Ok(()));
        assert_eq!(breakers.pass(&key("a"), at(33), 30), Ok(()));
    }

    #[test]
    fn a_try_that_learnt_nothing_or_was_dropped_makes_way_for_the_next() {
        let breakers = Breakers::default();
        fail(&breakers, 5, NOW);
        assert_eq!(breakers.pass(&key("a"), at(10), 30), Ok(()));
        breakers.tell(&key("a"), Health::Unknown, at(11));
        assert_eq!(breakers.pass(&key("a"), at(11), 30), Ok(()));
        assert_eq!(breakers.pass(&key("a"), at(41), 30), Ok(()));
    }

    #[test]
    fn failures_far_apart_are_not_in_a_row_and_the_rest_has_an_end() {
        let breakers = Breakers::default();
        (0..20).for_each(|round| breakers.tell(&key("a"), Health::Fails, at(round * 61)));
        assert_eq!(breakers.rests_until(&key("a"), at(2000)), None);
        let mut now = 2000;
        fail(&breakers, 5, at(now));
        for _ in 0..10 {
            let until = breakers.rests_until(&key("a"), at(now)).unwrap();
            now = until.seconds_since(NOW);
            breakers.pass(&key("a"), until, 30).unwrap();
            breakers.tell(&key("a"), Health::Fails, until);
        }
        assert_eq!(breakers.rests_until(&key("a"), at(now)), Some(at(now + 300)));
    }
}
