//! One budget: what is declared of it, what answers have told of it, what has been used.

use super::queue::Queue;
use super::{Budget, LearnedFrom};
use crate::wait::{Signal, Told};
use sluis_model::rate::RateRule;
use sluis_model::time::Timestamp;
use std::collections::VecDeque;

/// Times of so many requests are kept at most; of a larger budget the same share of its time.
const KEPT_AT_MOST: u32 = 4_096;

/// What is declared, as it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Declared {
    /// Requests in `window_ms`.
    window: Option<(usize, i64)>,
    /// Least time between requests in microseconds, and how much of it may be saved up.
    spacing: Option<(i64, i64)>,
    concurrent: Option<u32>,
    /// As the author wrote it, for people.
    limit: Option<u32>,
}

impl Declared {
    /// Of a rule; nothing is limited without one.
    pub fn of(rule: Option<&RateRule>) -> Self {
        let Some(rule) = rule else { return Self::default() };
        let per_ms = i64::from(rule.per_s.unwrap_or(1)) * 1000;
        let window = rule.requests.map(|requests| {
            let kept = requests.min(KEPT_AT_MOST);
            (kept as usize, (per_ms * i64::from(kept) / i64::from(requests.max(1))).max(1))
        });
        let spacing = rule.requests.zip(rule.burst).map(|(requests, burst)| {
            let interval = per_ms * 1000 / i64::from(requests.max(1));
            (interval, interval * i64::from(burst.saturating_sub(1)))
        });
        Self { window, spacing, concurrent: rule.concurrent, limit: rule.requests }
    }
}

/// Why a request cannot go out now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Not before this moment.
    Until(Timestamp),
    /// Not before one that is under way has ended.
    Release,
}

/// How a budget stands.
#[derive(Debug, Default)]
pub struct State {
    /// What is declared.
    pub declared: Declared,
    /// Those who wait.
    pub queue: Queue,
    sent_at: VecDeque<i64>,
    /// When the next request would be due if all were spaced, in microseconds.
    due_us: i64,
    under_way: u32,
    blocked_until: Option<(Timestamp, String)>,
    told: Option<Told>,
}

impl State {
    /// Counts a request that goes out now, or says when one may.
    pub fn try_take(&mut self, now: Timestamp) -> Result<(), Wait> {
        if let Some(wait) = self.wait(now) {
            return Err(wait);
        }
        self.under_way += 1;
        if self.declared.window.is_some() {
            self.sent_at.push_back(now.0);
        }
        if let Some((interval, _)) = self.declared.spacing {
            self.due_us = self.due_us.max(now.0 * 1000) + interval;
        }
        if let Some(told) = &mut self.told {
            told.remaining = told.remaining.saturating_sub(1);
        }
        Ok(())
    }

    /// What keeps a request from going out now.
    fn wait(&mut self, now: Timestamp) -> Option<Wait> {
        let mut until = now;
        match &self.blocked_until {
            Some((at, _)) if *at > now => until = *at,
            Some(_) => {
                // The budget is full again; what was told of it no longer holds.
                self.blocked_until = None;
                self.told = None;
            }
            None => {}
        }
        if let Some((most, per_ms)) = self.declared.window {
            self.forget_before(now.0 - per_ms);
            if self.sent_at.len() >= most {
                let first = self.sent_at.get(self.sent_at.len() - most).copied().unwrap_or(now.0);
                until = until.max(Timestamp(first + per_ms));
            }
        }
        if let Some((_, saved)) = self.declared.spacing {
            until = until.max(Timestamp((self.due_us - saved).div_euclid(1000)));
        }
        if until > now {
            return Some(Wait::Until(until));
        }
        self.declared.concurrent.is_some_and(|most| self.under_way >= most).then_some(Wait::Release)
    }

    fn forget_before(&mut self, moment: i64) {
        while self.sent_at.front().is_some_and(|at| *at <= moment) {
            self.sent_at.pop_front();
        }
    }

    /// When a request could go out that `ahead` others go before; nothing if nobody can know.
    pub fn expected(&mut self, now: Timestamp, ahead: usize) -> Option<Timestamp> {
        let first = match self.wait(now) {
            None | Some(Wait::Release) if ahead == 0 => return Some(now),
            None | Some(Wait::Release) => now,
            Some(Wait::Until(at)) => at,
        };
        let (most, per_ms) = self.declared.window?;
        // Each full window of others is one more to wait for.
        let whole = i64::try_from(ahead / most.max(1)).unwrap_or(i64::MAX);
        Some(Timestamp(first.0.saturating_add(whole.saturating_mul(per_ms))))
    }

    /// One that was under way has ended.
    pub fn release(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }

    /// The last one that was counted never went out.
    pub fn give_back(&mut self) {
        self.release();
        self.sent_at.pop_back();
        if let Some((interval, _)) = self.declared.spacing {
            self.due_us -= interval;
        }
        if let Some(told) = &mut self.told {
            told.remaining = told.remaining.saturating_add(1);
        }
    }

    /// Takes in what an answer tells.
    pub fn learn(&mut self, signal: &Signal, now: Timestamp) {
        if let Some(told) = &signal.budget {
            if told.remaining == 0
                && let Some(at) = told.resets_at
            {
                self.block(at, &told.header, now);
            }
            self.told = Some(told.clone());
        }
        if let Some((at, from)) = signal.wait.as_ref().filter(|_| signal.limited) {
            self.block(*at, from, now);
        }
    }

    fn block(&mut self, at: Timestamp, from: &str, now: Timestamp) {
        let later = self.blocked_until.as_ref().is_none_or(|(until, _)| *until < at);
        if at > now && later {
            self.blocked_until = Some((at, from.to_owned()));
        }
    }

    /// Whether nothing would be lost if it were forgotten.
    pub fn is_idle(&mut self, now: Timestamp) -> bool {
        let fresh = self.told.as_ref().and_then(|told| told.resets_at).is_some_and(|at| at > now);
        self.queue.len() == 0 && self.under_way == 0 && !fresh && self.wait(now).is_none()
    }

    /// How it stands, for people and scripts.
    pub fn budget(&mut self, now: Timestamp) -> Budget {
        let in_s = |at: Timestamp| crate::retry::seconds(at.0 - now.0);
        let wait = self.wait(now);
        let waiting = self.queue.len();
        let blocked = self.blocked_until.as_ref().map(|(at, from)| (in_s(*at), from.clone()));
        if let Some((resets_in, header)) = blocked {
            let limit = self.told.as_ref().and_then(|told| told.limit);
            let learned_from = LearnedFrom::Answer { header };
            return Budget { remaining: Some(0), limit, resets_in: Some(resets_in), waiting, learned_from };
        }
        let declared = self.declared.window.map(|(most, per_ms)| {
            let used = self.sent_at.len();
            let limit = u64::from(self.declared.limit.unwrap_or_default());
            let left = most.saturating_sub(used) as u64;
            // Where only a share of the times is kept, what is left of the whole is at least as much.
            let remaining = if most as u64 == limit { left } else { limit * left / (most as u64).max(1) };
            let first = self.sent_at.front().map(|at| in_s(Timestamp(at + per_ms)));
            let resets_in = match wait {
                Some(Wait::Until(at)) => Some(in_s(at)),
                _ => first,
            };
            Budget {
                remaining: Some(remaining),
                limit: Some(limit),
                resets_in,
                waiting,
                learned_from: LearnedFrom::Definition,
            }
        });
        let told = self.told.as_ref().map(|told| Budget {
            remaining: Some(told.remaining),
            limit: told.limit,
            resets_in: told.resets_at.map(in_s),
            waiting,
            learned_from: LearnedFrom::Answer { header: told.header.clone() },
        });
        let tightest = declared.into_iter().chain(told).min_by_key(|budget| budget.remaining);
        tightest.unwrap_or(Budget { waiting, ..Budget::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(rule: &str) -> State {
        let rule: RateRule = serde_json::from_str(rule).unwrap();
        State { declared: Declared::of(Some(&rule)), ..State::default() }
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp(1_000_000 + millis)
    }

    #[test]
    fn no_window_ever_holds_more_than_is_declared() {
        let mut state = state(r#"{"requests": 3, "per_s": 10}"#);
        let mut sent = Vec::new();
        for millis in (0..60_000).step_by(250) {
            if state.try_take(at(millis)).is_ok() {
                state.release();
                sent.push(millis);
            }
        }
        assert_eq!(sent.len(), 18);
        for begin in 0..50_000 {
            assert!(sent.iter().filter(|at| (begin..begin + 10_000).contains(*at)).count() <= 3);
        }
    }

    #[test]
    fn a_burst_spaces_what_comes_after_it() {
        let mut state = state(r#"{"requests": 60, "per_s": 60, "burst": 2}"#);
        assert_eq!(state.try_take(at(0)), Ok(()));
        assert_eq!(state.try_take(at(0)), Ok(()));
        assert_eq!(state.try_take(at(0)), Err(Wait::Until(at(1000))));
        assert_eq!(state.try_take(at(1000)), Ok(()));
        assert_eq!(state.try_take(at(1500)), Err(Wait::Until(at(2000))));
    }

    #[test]
    fn only_so_many_are_under_way() {
        let mut state = state(r#"{"concurrent": 1}"#);
        assert_eq!(state.try_take(at(0)), Ok(()));
        assert_eq!(state.try_take(at(9)), Err(Wait::Release));
        state.release();
        assert_eq!(state.try_take(at(9)), Ok(()));
    }

    #[test]
    fn a_budget_that_is_used_up_blocks_until_it_is_full_again() {
        let mut state = State::default();
        assert_eq!(state.budget(at(0)), Budget::default());
        let told = Told { limit: Some(10), remaining: 0, resets_at: Some(at(5000)), header: "x-left".into() };
        state.learn(&Signal { budget: Some(told), ..Signal::default() }, at(0));
        assert_eq!(state.try_take(at(1)), Err(Wait::Until(at(5000))));
        let budget = state.budget(at(1));
        assert_eq!((budget.remaining, budget.limit, budget.resets_in), (Some(0), Some(10), Some(5)));
        assert_eq!(state.try_take(at(5000)), Ok(()));
    }

    #[test]
    fn what_was_not_sent_is_given_back() {
        let mut state = state(r#"{"requests": 1, "per_s": 10, "burst": 1}"#);
        assert_eq!(state.try_take(at(0)), Ok(()));
        state.give_back();
        assert_eq!(state.try_take(at(1)), Ok(()));
    }

    #[test]
    fn a_large_budget_is_counted_by_its_share() {
        let mut state = state(r#"{"requests": 100000, "per_s": 100}"#);
        let sent = (0..10_000).filter(|_| state.try_take(at(0)).is_ok()).count();
        assert_eq!(sent, 4096);
        assert_eq!(state.try_take(at(0)), Err(Wait::Until(at(4096))));
    }
}
