//! Rounds: a process renews and is killed with SIGKILL at a step, and the next one finds what is left.
//!
//! The provider is a real server in this process. It may hold a request that has arrived, or whose
//! answer is decided: those two steps are seen from its side, the others from the ports of the process.
//! `SLUIS_KILL_ROUNDS=1000 cargo test -p sluis-tests --test renewal rounds -- --nocapture` for the long
//! run.

use crate::mortal::now_us;
use crate::sample;
use crate::step::{PREFIX, Said, Step, TASK, Task};
use crate::tally::Tally;
use sluis_example_provider::{Held, Moment, Provider, Rotation};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::Instant;

/// Longer than any step takes, on however busy a machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// Each step three times, and a little more.
const FEW_ROUNDS: usize = 40;

/// A process under way.
pub struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStderr>>,
    complaints: Vec<String>,
}

impl Running {
    /// Starts one.
    pub fn start(task: &Task) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "process::a_process_that_renews_until_it_is_killed",
                "--ignored",
                "--nocapture",
            ])
            .env(TASK, serde_json::to_string(task).unwrap())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        Self { child, lines, complaints: Vec::new() }
    }

    /// What it says next.
    pub async fn said(&mut self) -> Said {
        loop {
            let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await;
            let line = line.unwrap_or_else(|_| panic!("it says nothing more: {:?}", self.complaints));
            let Some(line) = line.unwrap() else { panic!("it has ended by itself: {:#?}", self.complaints) };
            match line.strip_prefix(PREFIX) {
                Some(said) => return serde_json::from_str(said).unwrap(),
                None => self.complaints.push(line),
            }
        }
    }

    /// Lets it go on where it is ready.
    pub async fn go(&mut self, calls: usize) {
        self.child.stdin.as_mut().unwrap().write_all(format!("{calls}\n").as_bytes()).await.unwrap();
    }

    /// SIGKILL, and what it managed to say before.
    pub async fn kill(mut self) -> Vec<Said> {
        self.child.kill().await.unwrap();
        let mut said = Vec::new();
        while let Ok(Some(line)) = self.lines.next_line().await {
            said.extend(line.strip_prefix(PREFIX).and_then(|said| serde_json::from_str(said).ok()));
        }
        said
    }
}

/// Chance that is the same in every run.
struct Chance(u64);

impl Chance {
    /// A number below `end`.
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn shuffled(&mut self) -> Vec<Step> {
        let mut steps = Step::ALL.to_vec();
        for last in (1..steps.len()).rev() {
            let other = usize::try_from(self.below(last as u64 + 1)).unwrap();
            steps.swap(last, other);
        }
        steps
    }
}

/// What is known of a process under way.
#[derive(Default)]
struct Round {
    /// It may be killed at its step.
    armed: bool,
    /// It has seen to what the one before it left.
    found: bool,
    /// Renewals given since it began of which nothing is lost: their answer was kept, or the connection
    /// was looked at later.
    accounted: i64,
}

struct Rounds {
    provider: Provider,
    folder: tempfile::TempDir,
    chance: Chance,
    tally: Tally,
    /// Requests held for good: their senders are dead.
    held: Vec<Held>,
    /// Renewals given since the connection was last seen to work, of which we do not know that their
    /// answer was kept.
    unkept: i64,
    /// Where the process was killed that left the first of them.
    culprit: Option<Step>,
    /// A process has said that the grant is lost, and none that there is a new one.
    known_as_lost: bool,
    decided_us: Option<u64>,
}

impl Rounds {
    async fn new(rotation: Rotation) -> Self {
        Self {
            provider: sample::provider(rotation).await,
            folder: tempfile::tempdir().unwrap(),
            chance: Chance(20_261_122),
            tally: Tally::default(),
            held: Vec::new(),
            unkept: 0,
            culprit: None,
            known_as_lost: false,
            decided_us: None,
        }
    }

    fn task(&self, step: Option<Step>, from_the_start: bool) -> Task {
        let path = |name: &str| self.folder.path().join(name).display().to_string();
        Task {
            store: path("sluis.redb"),
            key: path("root.key"),
            issuer: self.provider.issuer.clone(),
            step,
            from_the_start,
            request_s: None,
        }
    }

    /// One process, from its start to its end.
    async fn round(&mut self, step: Option<Step>, from_the_start: bool) {
        let task = self.task(step, from_the_start);
        let given_before = self.provider.counts().refreshes;
        let moment = if step == Some(Step::RequestArrived) { Moment::Arrived } else { Moment::Decided };
        let mut held = self.provider.hold_token_requests(moment);
        let mut process = Running::start(&task);
        // A 401 to a token that was given a moment ago is no reason to renew.
        let mut calls = 0;
        let mut round = Round { armed: from_the_start, ..Round::default() };
        // A start takes longer than a renewal.
        let mut end = self.moment(300_000);
        loop {
            let chance_kills = round.armed && step == Some(Step::AnyMoment);
            let said = tokio::select! {
                biased;
                request = next(&mut held) => {
                    self.decided_us = (moment == Moment::Decided).then(now_us);
                    if round.armed && matches!(step, Some(Step::RequestArrived | Step::ProviderDecided)) {
                        self.held.push(request);
                        break;
                    }
                    continue;
                }
                () = tokio::time::sleep_until(end), if chance_kills => break,
                said = process.said() => said,
            };
            match said {
                Said::Ready { .. } if step.is_none() => break,
                Said::Ready { renewed } => {
                    self.hear(said, &mut round, given_before);
                    if !renewed {
                        calls = usize::try_from(self.chance.below(3)).unwrap() * 4;
                    }
                    if calls > 0 {
                        self.provider.expire_access_tokens();
                    }
                    (round.armed, end) = (true, self.moment(40_000));
                    process.go(calls).await;
                }
                Said::At => break,
                Said::Near => {
                    tokio::time::sleep_until(self.moment(4_000)).await;
                    break;
                }
                Said::Done { ok, failures } => {
                    assert!(failures.is_empty() && ok == calls.max(1), "{step:?}: {ok}, {failures:?}");
                }
                said => self.hear(said, &mut round, given_before),
            }
        }
        for said in process.kill().await {
            self.hear(said, &mut round, given_before);
        }
        drop(held);
        self.note_end(step, &round, given_before);
    }

    /// The process is dead.
    fn note_end(&mut self, step: Option<Step>, round: &Round, given_before: u64) {
        self.unkept += self.given_since(given_before) - round.accounted;
        if let Some(step) = step {
            if self.unkept > 0 {
                self.culprit.get_or_insert(step);
            }
            self.tally.rounds += 1;
            *self.tally.killed.entry(step).or_default() += 1;
            *self.tally.killed_in_good_order.entry(step).or_default() += usize::from(round.found);
        }
    }

    /// What a process says about the grant.
    fn hear(&mut self, said: Said, round: &mut Round, given_before: u64) {
        match said {
            Said::Kept { at_us, after_us } => {
                round.accounted += 1;
                self.tally.ours_us.push(after_us);
                if let Some(decided) = self.decided_us.take() {
                    self.tally.window_us.push(at_us.saturating_sub(decided));
                }
            }
            Said::FoundActive => {
                round.found = true;
                round.accounted = self.given_since(given_before);
                (self.unkept, self.culprit, self.known_as_lost) = (0, None, false);
            }
            Said::FoundLost(why) => {
                let unkept = self.unkept + self.given_since(given_before) - round.accounted;
                (round.found, round.armed) = (true, false);
                round.accounted = self.given_since(given_before);
                let culprit = self.culprit.take();
                self.unkept = 0;
                // A process that is killed in the middle of the new consent leaves it to the next.
                if std::mem::replace(&mut self.known_as_lost, true) {
                    return;
                }
                assert!(unkept > 0, "a grant was lost, and no answer was: {why}");
                assert!(why.contains("was lost"), "it is told as what it is: {why}");
                let culprit = culprit.expect("answers are lost by a process that is killed");
                *self.tally.lost.entry(culprit).or_default() += 1;
            }
            // There is a new grant where the old one was lost.
            Said::Ready { .. } => self.known_as_lost = false,
            Said::At | Said::Near | Said::Done { .. } => {}
        }
    }

    /// A moment within so many microseconds.
    fn moment(&mut self, within_us: u64) -> Instant {
        Instant::now() + Duration::from_micros(self.chance.below(within_us))
    }

    fn given_since(&self, before: u64) -> i64 {
        i64::try_from(self.provider.counts().refreshes - before).unwrap()
    }

    /// So many processes are killed one after another, each at its step; one more looks what is left.
    async fn run(mut self, rounds: usize) -> Tally {
        let mut steps = Vec::new();
        for round in 0..rounds {
            if steps.is_empty() {
                steps = self.chance.shuffled();
            }
            // Once the first has set things up, every third may be killed while it recovers.
            let from_the_start = round > 0 && self.chance.below(3) == 0;
            self.round(steps.pop(), from_the_start).await;
        }
        self.round(None, false).await;
        self.tally.renewals = self.provider.counts().refreshes;
        self.tally
    }
}

/// The next held request; waits for ever where nobody holds them any more.
async fn next(held: &mut UnboundedReceiver<Held>) -> Held {
    match held.recv().await {
        Some(request) => request,
        None => std::future::pending().await,
    }
}

fn rounds() -> usize {
    std::env::var("SLUIS_KILL_ROUNDS").map_or(FEW_ROUNDS, |text| text.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_kill_costs_a_grant_where_a_token_may_be_used_again_for_a_while() {
    let tally = Rounds::new(Rotation::Leeway { seconds: 60 }).await.run(rounds()).await;
    println!("rotating with leeway: {tally}");
    assert_eq!(tally.lost(), 0, "{tally}");
    assert!(Step::ALL.iter().all(|step| tally.killed.contains_key(step)), "{tally}");
    assert!(tally.renewals as usize >= tally.rounds / 2, "{tally}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_costs_a_grant_only_between_a_strict_providers_decision_and_our_write() {
    let tally = Rounds::new(Rotation::Strict).await.run(rounds()).await;
    println!("rotating, the family ended on reuse: {tally}");
    assert!(Step::ALL.iter().all(|step| tally.killed.contains_key(step)), "{tally}");
    for (step, killed) in &tally.killed_in_good_order {
        let lost = tally.lost.get(step).copied().unwrap_or(0);
        match step.costs_a_strict_grant() {
            Some(true) => assert!(lost >= *killed, "{step:?} {killed}: {tally}"),
            Some(false) => assert_eq!(lost, 0, "{step:?}: {tally}"),
            None => {}
        }
    }
}
