//! The limiter with time that passes when told.

use super::*;
use async_trait::async_trait;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::task::JoinSet;

/// Time that stands still until it is moved.
#[derive(Default)]
struct Still {
    now: AtomicI64,
    moved: Notify,
}

impl Still {
    fn advance(&self, seconds: i64) {
        self.now.fetch_add(seconds * 1000, Ordering::SeqCst);
        self.moved.notify_waiters();
    }
}

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp(self.now.load(Ordering::SeqCst))
    }
}

#[async_trait]
impl Timer for Still {
    async fn sleep(&self, pause: Duration) {
        let until = self.now().0 + i64::try_from(pause.as_millis()).unwrap();
        loop {
            let mut moved = pin!(self.moved.notified());
            moved.as_mut().enable();
            if self.now().0 >= until {
                return;
            }
            moved.await;
        }
    }
}

fn org(name: &str) -> OrgId {
    name.parse().unwrap()
}

fn wanted(rule: Option<&RateRule>) -> Wanted<'_> {
    let key = BucketKey { connector: "pets".into(), per: RatePer::App, whose: "app".into(), api: None };
    Wanted { key, rule }
}

fn rule(text: &str) -> RateRule {
    serde_json::from_str(text).unwrap()
}

/// Lets everything run that can.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn orgs_take_turns_at_a_shared_budget() {
    let (limiter, time) = (Arc::new(Limiter::default()), Arc::new(Still::default()));
    let served = Arc::new(Mutex::new(Vec::new()));
    let mut calls = JoinSet::new();
    for name in ["busy", "busy", "busy", "busy", "calm", "calm"] {
        let (limiter, time, served) = (limiter.clone(), time.clone(), served.clone());
        calls.spawn(async move {
            let rule = rule(r#"{"requests": 1, "per_s": 10}"#);
            let both = Time { clock: &*time, timer: &*time };
            let got = limiter.acquire(&[wanted(Some(&rule))], &org(name), Timestamp(600_000), both).await;
            got.unwrap().used();
            served.lock().unwrap().push((name, time.now().0 / 1000));
        });
        settle().await;
    }
    for _ in 0..6 {
        time.advance(10);
        settle().await;
    }
    while calls.join_next().await.is_some() {}
    let served = served.lock().unwrap();
    assert_eq!(*served, [("busy", 0), ("busy", 10), ("calm", 20), ("busy", 30), ("calm", 40), ("busy", 50)]);
}

#[tokio::test]
async fn a_wait_that_is_too_long_is_told_before_it_begins() {
    let (limiter, time) = (Limiter::default(), Still::default());
    let both = Time { clock: &time, timer: &time };
    let rule = rule(r#"{"requests": 1, "per_s": 43}"#);
    let acquire = async || limiter.acquire(&[wanted(Some(&rule))], &org("a"), Timestamp(30_000), both).await;
    acquire().await.unwrap().used();
    assert_eq!(acquire().await.unwrap_err(), Limited::TooLong { seconds: Some(43) });
    let budget = limiter.budget(&[wanted(Some(&rule))], time.now());
    assert_eq!((budget.remaining, budget.limit, budget.resets_in), (Some(0), Some(1), Some(43)));
    assert_eq!(budget.learned_from, LearnedFrom::Definition);
}

#[tokio::test]
async fn what_a_refusal_says_holds_for_the_calls_after_it() {
    let (limiter, time) = (Limiter::default(), Still::default());
    let both = Time { clock: &time, timer: &time };
    let signal =
        Signal { limited: true, wait: Some((Timestamp(60_000), "retry-after".into())), budget: None };
    limiter.learn(&wanted(None), &signal, time.now());
    let refused = limiter.acquire(&[wanted(None)], &org("a"), Timestamp(30_000), both).await;
    assert_eq!(refused.unwrap_err(), Limited::TooLong { seconds: Some(60) });
    let budget = limiter.budget(&[wanted(None)], time.now());
    assert_eq!(budget.learned_from, LearnedFrom::Answer { header: "retry-after".into() });
    time.advance(60);
    assert!(limiter.acquire(&[wanted(None)], &org("a"), Timestamp(90_000), both).await.is_ok());
}

#[tokio::test]
async fn one_that_ends_or_gives_up_makes_way() {
    let (limiter, time) = (Arc::new(Limiter::default()), Arc::new(Still::default()));
    let rule = rule(r#"{"concurrent": 1}"#);
    let both = Time { clock: &*time, timer: &*time };
    let first = limiter.acquire(&[wanted(Some(&rule))], &org("a"), Timestamp(30_000), both).await.unwrap();
    let waits = |name: &'static str| {
        let (limiter, time, rule) = (limiter.clone(), time.clone(), rule.clone());
        tokio::spawn(async move {
            let both = Time { clock: &*time, timer: &*time };
            limiter.acquire(&[wanted(Some(&rule))], &org(name), Timestamp(30_000), both).await
        })
    };
    let (second, third) = (waits("b"), waits("c"));
    settle().await;
    assert_eq!(limiter.budget(&[wanted(Some(&rule))], time.now()).waiting, 2);
    second.abort();
    settle().await;
    drop(first);
    let permit = third.await.unwrap().unwrap();
    let late = waits("d");
    settle().await;
    time.advance(30);
    assert_eq!(late.await.unwrap().unwrap_err(), Limited::TooLong { seconds: None });
    drop(permit);
}
