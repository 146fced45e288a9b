//! A script that waits for a person: parked, restarted, resumed.

use crate::harness::{Seen, World, items};
use sluis_engine::Unobserved;
use sluis_model::error::Reason;
use sluis_model::run::RunStatus;
use sluis_tests::peers::{Fault, FaultMode};
use url::Url;

const SCRIPT: &str = r#"
    seen = List();
    seen.add("before");
    info "asking";
    ok = authorize("items");
    seen.add("after " + ok);
    resp = invokeConnector("items.get", {"id":"9"});
    seen.add(resp.get("response").get("path"));
    info seen;
    return seen.size();
"#;

fn waiting_for(status: &RunStatus) -> Url {
    match status {
        RunStatus::Waiting { authorize_url, .. } => authorize_url.parse().unwrap(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_run_waits_for_consent_and_goes_on() {
    let world = World::new().await;
    let end = world.run(SCRIPT).await;
    let url = waiting_for(&end.run.status);
    assert_eq!(end.run.output, ["asking"]);
    // Nobody has decided: it still waits.
    let still = world.engine.resume(&world.org, &end.run.id, &mut Unobserved).await.unwrap();
    waiting_for(&still.run.status);
    world.consent(&url).await;
    assert_eq!(
        world.engine.waiting_runs(&world.org, &items()).await.unwrap(),
        std::slice::from_ref(&end.run.id)
    );
    let mut seen = Seen::default();
    let done = world.engine.resume(&world.org, &end.run.id, &mut seen).await.unwrap();
    assert_eq!(done.run.status, RunStatus::Done { value: "3".into() });
    assert_eq!(seen.lines, ["before,after true,/api/items/9"]);
    assert_eq!(done.run.output.len(), 2);
    assert!(world.engine.waiting_runs(&world.org, &items()).await.unwrap().is_empty());
}

#[tokio::test]
async fn link_state_and_browser_of_a_waiting_run_do_not_stand_in_clear_in_the_store() {
    let mut world = World::new().await;
    let end = world.run(SCRIPT).await;
    let url = waiting_for(&end.run.status);
    let link = url.path_segments().unwrap().next_back().unwrap().to_owned();
    let at_provider = world.follow(&url).await;
    let state = at_provider.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    world.engine.close().await.unwrap();
    let bytes = std::fs::read(world.folder.path().join("sluis.redb")).unwrap();
    for secret in [link, state, world.browser.expose().clone()] {
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
    }
    // Whoever may see the run still gets the link, also after a restart.
    world.restart().await;
    let run = world.engine.run_record(&world.org, &end.run.id).await.unwrap();
    assert_eq!(waiting_for(&run.status), url);
}

#[tokio::test]
async fn a_run_goes_on_after_a_restart_in_between() {
    let mut world = World::new().await;
    let end = world.run(SCRIPT).await;
    let url = waiting_for(&end.run.status);
    world.restart().await;
    assert_eq!(world.engine.recover().await.unwrap().waiting, 1);
    world.consent(&url).await;
    world.restart().await;
    let recovered = world.engine.recover().await.unwrap();
    assert_eq!(recovered.ready, [(world.org.clone(), end.run.id.clone())]);
    let done = world.engine.resume(&world.org, &end.run.id, &mut Unobserved).await.unwrap();
    assert_eq!(done.run.status, RunStatus::Done { value: "3".into() });
}

#[tokio::test]
async fn two_processes_that_resume_one_run_let_it_go_on_once() {
    let world = World::new().await;
    let end = world.run(SCRIPT).await;
    world.consent(&waiting_for(&end.run.status)).await;
    let attempts: Vec<_> = (0..4)
        .map(|_| {
            let (engine, org, id) = (world.engine.clone(), world.org.clone(), end.run.id.clone());
            tokio::spawn(async move { engine.resume(&org, &id, &mut Unobserved).await })
        })
        .collect();
    let mut calls = 0;
    for attempt in attempts {
        match attempt.await.unwrap() {
            Ok(end) => calls = calls.max(end.run.calls.len()),
            Err(failure) => assert_eq!(failure.reason, Reason::Conflict),
        }
    }
    assert_eq!(calls, 1);
    assert_eq!(world.provider.stats().await.unwrap().api_calls, 1);
}

#[tokio::test]
async fn a_denied_consent_answers_false() {
    let world = World::new().await;
    let end = world.run(r#"if(authorize("items")) { return "yes"; } return "no";"#).await;
    let mut url = world.follow(&waiting_for(&end.run.status)).await;
    url.query_pairs_mut().append_pair("login_hint", "deny");
    world.consent_at(&url).await;
    let done = world.engine.resume(&world.org, &end.run.id, &mut Unobserved).await.unwrap();
    assert_eq!(done.run.status, RunStatus::Done { value: "\"no\"".into() });
}

#[tokio::test]
async fn an_authorized_connector_is_answered_at_once() {
    let world = World::authorized().await;
    let end = world.run(r#"info authorize("items");"#).await;
    assert_eq!(end.run.output, ["true"]);
}

#[tokio::test]
async fn a_run_that_was_cut_off_is_told_as_interrupted_and_not_run_again() {
    let mut world = World::new().await;
    let end = world.run(SCRIPT).await;
    world.consent(&waiting_for(&end.run.status)).await;
    // The process dies while the run is in the middle of a call that never answers.
    let hang = Fault { path: "/api/items/9".into(), count: 1, mode: FaultMode::Hang };
    world.provider.set_faults(&[hang]).await.unwrap();
    let (engine, org, id) = (world.engine.clone(), world.org.clone(), end.run.id.clone());
    let cut_off = tokio::spawn(async move { engine.resume(&org, &id, &mut Unobserved).await });
    while world.engine.run_record(&world.org, &end.run.id).await.unwrap().status != RunStatus::Running {
        tokio::task::yield_now().await;
    }
    cut_off.abort();
    assert!(cut_off.await.unwrap_err().is_cancelled());
    world.restart().await;
    let recovered = world.engine.recover().await.unwrap();
    assert_eq!(recovered.interrupted, [(world.org.clone(), end.run.id.clone())]);
    let run = world.engine.run_record(&world.org, &end.run.id).await.unwrap();
    assert_eq!(run.status, RunStatus::Interrupted);
}
