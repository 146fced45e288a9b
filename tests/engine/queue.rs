//! Runs that nobody waits for: queued, tried again, limited, cancelled, and gone on with when a process dies.

use crate::resilience::{World, value};
use async_trait::async_trait;
use serde_json::json;
use sluis_engine::{Engine, Enqueued, RunRules, RunsWanted, TailEvent, TailPlace, Unobserved};
use sluis_invoke::{EgressPolicy, Http, HttpAnswer, OutgoingRequest, SendLimits, Transport, TransportError};
use sluis_lang::value::data::Data;
use sluis_model::error::Reason;
use sluis_model::id::{FunctionName, RunId};
use sluis_model::run::{Run, RunStatus};
use sluis_model::run_settings::{FunctionSettings, Quota, Retention, Retries, RunSettings};
use sluis_model::run_state::RunState;
use sluis_model::trigger::Trigger;
use sluis_store::Table;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{Notify, oneshot};

fn name() -> FunctionName {
    "work".parse().unwrap()
}

async fn stored(world: &World, source: &str, inputs: &[&str]) {
    let inputs = inputs.iter().map(|input| (*input).to_owned()).collect();
    world.engine.store_function(&world.org, &name(), source.to_owned(), inputs).await.unwrap();
}

fn asked(world: &World) -> Enqueued {
    Enqueued {
        org: world.org.clone(),
        function: name(),
        args: Vec::new(),
        by: Trigger::Schedule,
        user: None,
        dedupe: None,
        not_before: None,
    }
}

/// Somebody who works on jobs until they are told to go home.
pub struct Worker {
    stop: oneshot::Sender<()>,
    work: tokio::task::JoinHandle<()>,
}

impl Worker {
    pub fn of(engine: &Engine) -> Self {
        let (stop, stopped) = oneshot::channel::<()>();
        let engine = engine.clone();
        let work = tokio::spawn(async move {
            engine.work_jobs(4, Duration::from_secs(5), async move { drop(stopped.await) }).await.unwrap();
        });
        Self { stop, work }
    }

    pub async fn goes_home(self) {
        self.stop.send(()).unwrap();
        self.work.await.unwrap();
    }
}

/// The record of a run once it stands as wanted.
async fn standing(world: &World, run: &RunId, fits: impl Fn(&Run) -> bool) -> Run {
    let found = tokio::time::timeout(Duration::from_secs(20), async {
        loop {
            let run = world.engine.run_record(&world.org, run).await.unwrap();
            if fits(&run) {
                return run;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    match found.await {
        Ok(run) => run,
        Err(_) => panic!("{:?}", world.engine.run_record(&world.org, run).await.unwrap()),
    }
}

async fn ended(world: &World, run: &RunId) -> Run {
    standing(world, run, |run| run.status.has_ended()).await
}

/// Sends for real; while its door is shut, nobody hears an answer.
pub struct Door {
    transport: Transport,
    shut: AtomicBool,
    pub reached: Notify,
    opened: Notify,
}

impl Door {
    pub fn shut() -> Arc<Self> {
        let transport = Transport::new(EgressPolicy::opening(&["127.0.0.0/8"]).unwrap());
        let shut = AtomicBool::new(true);
        Arc::new(Self { transport, shut, reached: Notify::new(), opened: Notify::new() })
    }

    pub fn open(&self) {
        self.shut.store(false, Ordering::SeqCst);
        self.opened.notify_waiters();
    }
}

#[async_trait]
impl Http for Door {
    async fn send(&self, request: OutgoingRequest, limits: SendLimits) -> Result<HttpAnswer, TransportError> {
        let answer = self.transport.send(request, limits).await;
        let opened = self.opened.notified();
        if self.shut.load(Ordering::SeqCst) {
            self.reached.notify_one();
            opened.await;
        }
        answer
    }
}

#[tokio::test]
async fn a_run_that_is_asked_for_is_begun_by_whoever_works_on_jobs() {
    let world = World::new(json!({}), json!({})).await;
    stored(&world, "info \"hello \" + name; return name;", &["name"]).await;
    let args = vec![("name".to_owned(), Data::from("Zoë"))];
    let run = world.engine.enqueue_run(Enqueued { args, ..asked(&world) }).await.unwrap();
    let queued = world.engine.run_record(&world.org, &run).await.unwrap();
    assert_eq!((queued.status, queued.by, queued.attempts), (RunStatus::Queued, Trigger::Schedule, 0));
    let worker = Worker::of(&world.engine);
    let done = ended(&world, &run).await;
    assert_eq!(done.status, RunStatus::Done { value: "\"Zoë\"".to_owned() });
    assert_eq!((done.output.as_slice(), done.attempts), (["hello Zoë".to_owned()].as_slice(), 1));
    worker.goes_home().await;
}

#[tokio::test]
async fn who_asks_twice_with_the_same_text_gets_one_run() {
    let world = World::new(json!({}), json!({})).await;
    stored(&world, "return 1;", &[]).await;
    let twice = || Enqueued { dedupe: Some("morning 2026-11-23".to_owned()), ..asked(&world) };
    let (one, other) = tokio::join!(world.engine.enqueue_run(twice()), world.engine.enqueue_run(twice()));
    assert_eq!(one.unwrap(), other.unwrap());
    let runs =
        world.engine.runs(&world.org, &RunsWanted { at_most: 9, ..RunsWanted::default() }).await.unwrap();
    assert_eq!(runs.len(), 1);
}

#[tokio::test]
async fn arguments_that_do_not_fit_are_told_to_whoever_asks() {
    let world = World::new(json!({}), json!({})).await;
    world
        .engine
        .store_function(&world.org, &name(), "void work(int n) { info n; }".to_owned(), Vec::new())
        .await
        .unwrap();
    let refused = world.engine.enqueue_run(asked(&world)).await.unwrap_err();
    assert_eq!(refused.reason, Reason::InvalidInput);
    let runs =
        world.engine.runs(&world.org, &RunsWanted { at_most: 9, ..RunsWanted::default() }).await.unwrap();
    assert_eq!(runs, []);
}

#[tokio::test]
async fn a_run_that_fails_is_tried_again_without_repeating_calls_and_ends_among_the_dead_letters() {
    let world = World::new(json!({}), json!({})).await;
    let source = r#"
        invokeConnector("pets.make", {"name": "Rex"});
        if(invokeConnector("pets.get", {}).get("status_code") == 400) { broken = 1 / 0; }
        return "well";"#;
    stored(&world, source, &[]).await;
    let retries = Retries { times: 1, first_after_s: 30, at_most_after_s: 60 };
    let settings = FunctionSettings { at_once: None, retries };
    assert!(world.engine.set_function_settings(&world.org, &name(), &settings, &|_| true).await.unwrap());
    world.plan.answer(&[(201, &[], "{}"), (400, &[], ""), (400, &[], ""), (200, &[], "{}")]);
    let run = world.engine.enqueue_run(asked(&world)).await.unwrap();
    let worker = Worker::of(&world.engine);
    // Time is steered: what is to wait half a minute does not wait for us.
    let dead = ended(&world, &run).await;
    let queue = dead.queue.clone().unwrap();
    assert!(matches!(dead.status, RunStatus::Failed { .. }) && queue.dead, "{dead:?}");
    assert_eq!((queue.failures, dead.attempts), (2, 2));
    assert_eq!(world.plan.count(), 3, "the write was made once");
    let wanted = RunsWanted { dead: true, at_most: 9, ..RunsWanted::default() };
    let letters = world.engine.runs(&world.org, &wanted).await.unwrap();
    assert_eq!(letters.iter().map(|run| &run.id).collect::<Vec<_>>(), [&run]);
    worker.goes_home().await;
    let end = world.engine.run_again(&world.org, &run, &mut Unobserved).await.unwrap();
    assert_eq!(value(&end), "\"well\"");
    assert_eq!(world.engine.runs(&world.org, &wanted).await.unwrap(), []);
    let none = world.engine.drop_dead_letter(&world.org, &run).await.unwrap_err();
    assert_eq!(none.reason, Reason::NotFound);
}

#[tokio::test]
async fn no_more_run_at_once_than_may_and_those_that_wait_come_in_their_order() {
    let door = Door::shut();
    let world = World::sending(json!({}), json!({}), door.clone()).await;
    stored(&world, r#"return invokeConnector("pets.get", {}).get("status_code");"#, &[]).await;
    let settings = RunSettings { at_once: Some(1), ..RunSettings::default() };
    assert!(world.engine.set_run_settings(&world.org, &settings, &|_| true).await.unwrap());
    let worker = Worker::of(&world.engine);
    let first = world.engine.enqueue_run(asked(&world)).await.unwrap();
    door.reached.notified().await;
    let second = world.engine.enqueue_run(asked(&world)).await.unwrap();
    // Whoever wants to wait for the answer stands in the same line, and is told so.
    let third =
        world.engine.run_function(&world.org, &name(), None, Vec::new(), &mut Unobserved).await.unwrap().run;
    assert_eq!(third.status, RunStatus::Queued);
    assert_eq!(world.engine.run_record(&world.org, &second).await.unwrap().status, RunStatus::Queued);
    assert_eq!(world.plan.count(), 1);
    door.open();
    let ends = [ended(&world, &first).await, ended(&world, &second).await, ended(&world, &third.id).await];
    assert!(ends.iter().all(|run| matches!(run.status, RunStatus::Done { .. })), "{ends:?}");
    let moments: Vec<_> = ends.iter().map(|run| run.finished_at).collect();
    assert!(moments.is_sorted(), "{moments:?}");
    assert_eq!(world.plan.count(), 3);
    worker.goes_home().await;
}

#[tokio::test]
async fn a_queued_and_a_running_run_can_be_cancelled() {
    let door = Door::shut();
    let world = World::sending(json!({}), json!({}), door.clone()).await;
    stored(&world, r#"info "before"; invokeConnector("pets.get", {}); info "after";"#, &[]).await;
    let later = Enqueued { not_before: Some(world.engine.now().plus_seconds(3600)), ..asked(&world) };
    let queued = world.engine.enqueue_run(later).await.unwrap();
    let ada = "ada@example.com".parse().unwrap();
    let ended_by = world.engine.cancel_run(&world.org, &queued, Some(ada)).await.unwrap();
    assert!(matches!(ended_by.status, RunStatus::Cancelled { by: Some(_) }), "{ended_by:?}");
    let worker = Worker::of(&world.engine);
    let running = world.engine.enqueue_run(asked(&world)).await.unwrap();
    door.reached.notified().await;
    let cancelled = world.engine.cancel_run(&world.org, &running, None).await.unwrap();
    assert_eq!(cancelled.status, RunStatus::Cancelled { by: None });
    assert_eq!(cancelled.output, ["before"]);
    // Ending it twice is no error; ending what has ended otherwise is.
    world.engine.cancel_run(&world.org, &running, None).await.unwrap();
    door.open();
    let done = world.engine.enqueue_run(asked(&world)).await.unwrap();
    ended(&world, &done).await;
    let refused = world.engine.cancel_run(&world.org, &done, None).await.unwrap_err();
    assert_eq!(refused.reason, Reason::Conflict);
    worker.goes_home().await;
}

#[tokio::test]
async fn a_run_whose_process_died_goes_on_without_repeating_its_calls() {
    let door = Door::shut();
    let world = World::sending(json!({}), json!({}), door.clone()).await;
    let source = r#"
        info "one";
        made = invokeConnector("pets.make", {"name": "Rex"}).get("status_code");
        return {made, invokeConnector("pets.get", {}).get("status_code")};"#;
    stored(&world, source, &[]).await;
    door.shut.store(false, Ordering::SeqCst);
    world.plan.answer(&[(201, &[], "{}")]);
    let (engine, org) = (world.engine.clone(), world.org.clone());
    let mut observer = AfterWrite(door.clone());
    let going = tokio::spawn(async move {
        engine.run_function(&org, &name(), None, Vec::new(), &mut observer).await.map(drop)
    });
    // The write is answered; the process dies in the read after it.
    door.reached.notified().await;
    going.abort();
    assert!(going.await.unwrap_err().is_cancelled());
    door.open();
    let recovered = world.engine.recover().await.unwrap();
    let [(_, run)] = recovered.going_on.as_slice() else { panic!("{recovered:?}") };
    assert_eq!(recovered.interrupted, []);
    let worker = Worker::of(&world.engine);
    let done = ended(&world, run).await;
    assert_eq!(done.status, RunStatus::Done { value: "[201,200]".to_owned() });
    assert_eq!((done.output.as_slice(), done.attempts), (["one".to_owned()].as_slice(), 2));
    assert_eq!(world.plan.count(), 3, "the write was made once, the read twice");
    worker.goes_home().await;
}

#[tokio::test]
async fn a_run_whose_process_died_in_a_long_call_goes_on_from_just_before_it() {
    let door = Door::shut();
    let rules = RunRules { seal_after: Duration::ZERO, ..RunRules::default() };
    let world = World::ruled(json!({}), json!({}), door.clone(), rules).await;
    let source = r#"
        info "one";
        first = invokeConnector("pets.get", {}).get("status_code");
        info "two";
        return {first, invokeConnector("pets.get", {}).get("status_code")};"#;
    stored(&world, source, &[]).await;
    door.shut.store(false, Ordering::SeqCst);
    let (engine, org) = (world.engine.clone(), world.org.clone());
    let mut observer = AfterWrite(door.clone());
    let going = tokio::spawn(async move {
        engine.run_function(&org, &name(), None, Vec::new(), &mut observer).await.map(drop)
    });
    door.reached.notified().await;
    // The second call takes long: sooner or later its state is in the store.
    let sealed = async {
        let page = |record: &[u8]| String::from_utf8_lossy(record).contains("\"two\"");
        loop {
            let runs = world.store.list(Table::Runs, &world.org, "", None, 9).await.unwrap();
            if runs.iter().any(|(_, record)| page(&record.bytes)) {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), sealed).await.unwrap();
    going.abort();
    assert!(going.await.unwrap_err().is_cancelled());
    door.open();
    world.engine.recover().await.unwrap();
    let worker = Worker::of(&world.engine);
    let runs =
        world.engine.runs(&world.org, &RunsWanted { at_most: 9, ..RunsWanted::default() }).await.unwrap();
    let done = ended(&world, &runs[0].id).await;
    assert_eq!(done.status, RunStatus::Done { value: "[200,200]".to_owned() });
    assert_eq!(done.output, ["one", "two"]);
    let replayed: Vec<bool> = done.calls.iter().map(|call| call.wire.replayed).collect();
    assert_eq!(replayed, [false, false], "the first call stands behind it, and is not asked for again");
    assert_eq!(world.plan.count(), 3);
    assert_eq!(world.store.list(Table::Snapshots, &world.org, "", None, 9).await.unwrap(), []);
    assert_eq!(world.store.list(Table::Leases, &world.org, "", None, 9).await.unwrap(), []);
    worker.goes_home().await;
}

/// Shuts the door once the first call was answered.
struct AfterWrite(Arc<Door>);

impl sluis_engine::RunObserver for AfterWrite {
    fn call(&mut self, _: &sluis_model::run::CallRecord, _: &str) {
        self.0.shut.store(true, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn what_an_org_may_use_ends_and_begins_anew_with_the_day() {
    let world = World::new(json!({}), json!({})).await;
    stored(&world, "sum = 0; for each n in {1, 2, 3} { sum = sum + n; } return sum;", &[]).await;
    let daily = Quota { runs: Some(2), ..Quota::default() };
    let settings = RunSettings { daily, ..RunSettings::default() };
    assert!(world.engine.set_run_settings(&world.org, &settings, &|_| true).await.unwrap());
    for _ in 0..2 {
        world.engine.run_function(&world.org, &name(), None, Vec::new(), &mut Unobserved).await.unwrap();
    }
    let refused = world.engine.enqueue_run(asked(&world)).await.unwrap_err();
    assert_eq!(refused.reason, Reason::QuotaExceeded);
    assert!(refused.message.contains("2 runs of this day"), "{}", refused.message);
    assert!(refused.help.unwrap().contains("T00:00:00Z on there is more"));
    let (today, month) = world.engine.usage(&world.org).await.unwrap();
    assert_eq!((today.runs, month.runs), (2, 2));
    assert!(today.fuel > 0);
    world.time.advance(86_400);
    world.engine.enqueue_run(asked(&world)).await.unwrap();
}

#[tokio::test]
async fn the_history_is_read_newest_first_and_page_by_page_by_what_is_wanted() {
    let world = World::new(json!({}), json!({})).await;
    stored(&world, "return 1 / n;", &["n"]).await;
    let mut runs = Vec::new();
    for n in 0..5 {
        let args = vec![("n".to_owned(), Data::Int(n % 2))];
        let end = world.engine.run_function(&world.org, &name(), None, args, &mut Unobserved).await.unwrap();
        runs.push(end.run.id);
        world.time.advance(60);
    }
    runs.reverse();
    let page = async |wanted: RunsWanted| {
        let found = world.engine.runs(&world.org, &wanted).await.unwrap();
        (found.iter().map(|run| run.id.clone()).collect::<Vec<_>>(), found.last().map(|run| run.place()))
    };
    let (first, after) = page(RunsWanted { at_most: 2, ..RunsWanted::default() }).await;
    assert_eq!(first, runs[..2]);
    let (rest, _) =
        page(RunsWanted { at_most: 9, after, function: Some(name()), ..RunsWanted::default() }).await;
    assert_eq!(rest, runs[2..]);
    let failed = Some(RunState::Failed);
    let (found, _) = page(RunsWanted { at_most: 9, state: failed, ..RunsWanted::default() }).await;
    assert_eq!(found, [runs[0].clone(), runs[2].clone(), runs[4].clone()]);
    let since = Some(world.engine.now().plus_seconds(-150));
    let (found, _) = page(RunsWanted { at_most: 9, since, ..RunsWanted::default() }).await;
    assert_eq!(found, runs[..2]);
    let by = Some(Trigger::Schedule);
    assert_eq!(page(RunsWanted { at_most: 9, by, ..RunsWanted::default() }).await.0, []);
}

#[tokio::test]
async fn runs_are_kept_as_long_as_their_org_wants_and_no_longer() {
    let world = World::new(json!({}), json!({})).await;
    stored(&world, "return 1;", &[]).await;
    let run = || async {
        let ran = world.engine.run_function(&world.org, &name(), None, Vec::new(), &mut Unobserved).await;
        ran.unwrap().run.id
    };
    let old = run().await;
    let waits = world.engine.enqueue_run(asked(&world)).await.unwrap();
    world.time.advance(8 * 86_400);
    let young = run().await;
    assert_eq!(world.engine.forget_old_runs().await.unwrap(), 0, "90 days are usual");
    let settings = |retention| RunSettings { retention, ..RunSettings::default() };
    let week = settings(Retention { days: Some(7), runs: None });
    assert!(world.engine.set_run_settings(&world.org, &week, &|_| true).await.unwrap());
    assert_eq!(world.engine.forget_old_runs().await.unwrap(), 1);
    let gone = world.engine.run_record(&world.org, &old).await.unwrap_err();
    assert_eq!(gone.reason, Reason::RunNotFound);
    let one = settings(Retention { days: Some(7), runs: Some(1) });
    assert!(world.engine.set_run_settings(&world.org, &one, &|_| true).await.unwrap());
    // Runs of the same moment are in no order that anybody could name.
    world.time.advance(1);
    let younger = run().await;
    assert_eq!(world.engine.forget_old_runs().await.unwrap(), 1);
    let left =
        world.engine.runs(&world.org, &RunsWanted { at_most: 9, ..RunsWanted::default() }).await.unwrap();
    let left: Vec<_> = left.into_iter().map(|run| run.id).collect();
    assert!(left.contains(&waits) && left.contains(&younger) && !left.contains(&young), "{left:?}");
}

#[tokio::test]
async fn whoever_looks_on_sees_what_was_and_then_each_line_and_call_up_to_the_end() {
    let door = Door::shut();
    let world = World::sending(json!({}), json!({}), door.clone()).await;
    stored(&world, r#"info "one"; invokeConnector("pets.get", {}); info "two"; return 2;"#, &[]).await;
    let run = world.engine.enqueue_run(asked(&world)).await.unwrap();
    let mut tail = world.engine.tail_run(&world.org, &run, TailPlace::default()).await.unwrap();
    let worker = Worker::of(&world.engine);
    let mut seen = Vec::new();
    while let Some((place, event)) = tail.next().await.unwrap() {
        seen.push(match event {
            TailEvent::State(state) => state.to_string(),
            TailEvent::Anew => "anew".to_owned(),
            TailEvent::Line(line) => line,
            TailEvent::Call(call) => call.api,
            TailEvent::End(run) => {
                format!("{} after {}.{}", RunState::from(&run.status), place.lines, place.calls)
            }
        });
        // What was printed before the call is seen while the call is under way.
        if seen.last().is_some_and(|last| last == "one") {
            door.open();
        }
    }
    let seen: Vec<&str> = seen.iter().map(String::as_str).filter(|seen| *seen != "running").collect();
    assert_eq!(seen, ["queued", "one", "two", "pets.get", "done after 2.1"]);
    worker.goes_home().await;
    // Who has lost the connection goes on where that was.
    let from = TailPlace { lines: 1, calls: 1 };
    let mut rest = world.engine.tail_run(&world.org, &run, from).await.unwrap();
    assert!(matches!(rest.next().await.unwrap(), Some((_, TailEvent::Line(line))) if line == "two"));
}
