//! Schedules over time that jumps, worked on by several at once; what happens in Sluis, told to functions.

use crate::queue::{Door, Worker};
use crate::resilience::World;
use serde_json::{Value, json};
use sluis_engine::triggers::{Firing, FiringOutcome, TriggerView};
use sluis_model::id::{RunId, TriggerName};
use sluis_model::time::Timestamp;
use std::sync::Arc;
use std::time::Duration;

fn name() -> TriggerName {
    "t".parse().unwrap()
}

/// A world with a trigger of a function that answers the moment that was planned.
async fn world(schedule: Value) -> World {
    let world = World::new(json!({}), json!({})).await;
    let inputs = vec!["scheduled_at".to_owned()];
    let source = "return scheduled_at.toString(\"yyyy-MM-dd HH:mm:ss\");".to_owned();
    let function = "work".parse().unwrap();
    world.engine.store_function(&world.org, &function, source, inputs).await.unwrap();
    let spec = serde_json::from_value(json!({ "function": "work", "on": { "schedule": schedule } })).unwrap();
    world.engine.put_trigger(&world.org, &name(), spec, &|_| true).await.unwrap().unwrap();
    world
}

impl World {
    async fn view(&self) -> TriggerView {
        self.engine.trigger(&self.org, &name()).await.unwrap()
    }

    /// How it stands once it has started so many runs.
    async fn started(&self, runs: u64) -> TriggerView {
        self.until(|view| view.state.started >= runs).await
    }

    /// How it stands once it stands as wanted.
    async fn until(&self, fits: impl Fn(&TriggerView) -> bool) -> TriggerView {
        let waited = async {
            loop {
                let view = self.view().await;
                if fits(&view) {
                    return view;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), waited).await.unwrap()
    }
}

#[tokio::test]
async fn each_moment_starts_one_run_however_many_work_on_it() {
    let all = json!({ "every": "1h", "missed": "all", "at_most": 100, "overlap": "allow" });
    let world = world(all).await;
    let workers = [Worker::of(&world.engine), Worker::of(&world.engine)];
    world.started(6).await;
    for worker in workers {
        worker.goes_home().await;
    }
    let state = world.view().await.state;
    let planned: Vec<i64> = state.recent.iter().rev().map(|firing| firing.planned.unwrap().0).collect();
    assert!(planned.windows(2).all(|pair| pair[1] - pair[0] == 3_600_000), "{planned:?}");
    assert!(state.recent.iter().all(|firing| matches!(firing.outcome, FiringOutcome::Started { .. })));
    assert_eq!((state.repeated, state.skipped), (0, 0));
    assert!(state.next.unwrap() > *state.recent.front().unwrap().planned.as_ref().unwrap());
}

#[tokio::test]
async fn what_was_missed_is_made_good_once_and_told() {
    let world = world(json!({ "every": "1h" })).await;
    let first = world.view().await.state.next.unwrap();
    // Nobody works from one to half past five.
    world.time.advance(5 * 3600 + 1800);
    let worker = Worker::of(&world.engine);
    world.started(1).await;
    worker.goes_home().await;
    let state = world.view().await.state;
    let oldest: Vec<_> = state.recent.iter().rev().take(2).collect();
    assert!(
        matches!(&oldest[0].outcome, FiringOutcome::Skipped { why } if why.starts_with("4 were missed")),
        "{oldest:?}"
    );
    assert_eq!(oldest[1].planned.unwrap().0, first.0 + 4 * 3_600_000);
    let FiringOutcome::Started { run } = &oldest[1].outcome else { panic!("{oldest:?}") };
    assert!(world.engine.run_record(&world.org, run).await.is_ok());
}

#[tokio::test]
async fn a_schedule_that_rests_or_is_gone_fires_no_more() {
    let world = world(json!({ "every": "1h" })).await;
    let rests = world.engine.pause_trigger(&world.org, &name(), true).await.unwrap();
    assert!(world.engine.coming_moments(&rests, 3).is_empty());
    world.time.advance(10 * 3600);
    let works = world.engine.pause_trigger(&world.org, &name(), false).await.unwrap();
    // What passed meanwhile is not made good.
    let next = world.view().await.state.next.unwrap();
    assert!(next > world.engine.now());
    assert_eq!(world.engine.coming_moments(&works, 1), [next]);
    assert!(world.engine.remove_trigger(&world.org, &name(), &|_| true).await.unwrap());
    world.time.advance(10 * 3600);
    let worker = Worker::of(&world.engine);
    worker.goes_home().await;
    assert!(world.engine.trigger(&world.org, &name()).await.is_err());
    let runs = world.engine.runs(&world.org, &Default::default()).await.unwrap();
    assert!(runs.is_empty(), "{runs:?}");
}

/// A world whose function calls a service that answers only once the door is open.
async fn world_behind(door: Arc<Door>, schedule: Value) -> World {
    let world = World::sending(json!({}), json!({}), door).await;
    let source = r#"return invokeConnector("pets.get", {}).get("status_code");"#.to_owned();
    world.engine.store_function(&world.org, &"work".parse().unwrap(), source, Vec::new()).await.unwrap();
    let spec = serde_json::from_value(json!({ "function": "work", "on": { "schedule": schedule } })).unwrap();
    world.engine.put_trigger(&world.org, &name(), spec, &|_| true).await.unwrap().unwrap();
    world
}

#[tokio::test]
async fn a_moment_that_meets_a_run_of_before_is_let_go_where_that_is_said() {
    let door = Door::shut();
    let world = world_behind(door.clone(), json!({ "every": "1h", "overlap": "skip" })).await;
    let worker = Worker::of(&world.engine);
    door.reached.notified().await;
    let held = world.until(|view| view.state.skipped >= 2).await.state;
    assert_eq!((held.started, world.plan.count()), (1, 1));
    let why = |firing: &Firing| matches!(&firing.outcome, FiringOutcome::Skipped { why } if why.contains("still goes on"));
    assert!(held.recent.iter().any(why), "{held:?}");
    door.open();
    world.until(|view| view.state.started >= 2).await;
    worker.goes_home().await;
}

#[tokio::test]
async fn moments_that_meet_a_run_of_before_wait_for_its_end_in_their_order_where_that_is_said() {
    let door = Door::shut();
    let world = world_behind(door.clone(), json!({ "every": "1h", "overlap": "queue" })).await;
    let worker = Worker::of(&world.engine);
    door.reached.notified().await;
    let held = world.until(|view| view.state.owed.len() >= 2).await.state;
    assert_eq!((held.started, world.plan.count()), (1, 1));
    door.open();
    let state = world.until(|view| view.state.started >= 4).await.state;
    worker.goes_home().await;
    let planned: Vec<_> = state.recent.iter().rev().filter_map(started).collect();
    assert!(planned.windows(2).all(|pair| pair[0].1 < pair[1].1), "{planned:?}");
    let mut ended = None;
    for (run, _) in &planned[..3] {
        let run = world.engine.run_record(&world.org, run).await.unwrap();
        assert!(ended <= Some(run.started_at), "one began before the one before had ended");
        ended = run.finished_at;
    }
}

#[tokio::test]
async fn moments_that_meet_a_run_of_before_do_not_mind_where_that_is_said() {
    let door = Door::shut();
    let world = world_behind(door.clone(), json!({ "every": "1h", "overlap": "allow" })).await;
    let worker = Worker::of(&world.engine);
    world.until(|view| view.state.started >= 3).await;
    door.open();
    worker.goes_home().await;
}

/// The run and the moment of a firing that started one.
fn started(firing: &Firing) -> Option<(RunId, Timestamp)> {
    match &firing.outcome {
        FiringOutcome::Started { run } => Some((run.clone(), firing.planned?)),
        _ => None,
    }
}
