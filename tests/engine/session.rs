//! Inputs of a prompt: they share variables, and wait for consent where they stand.

use crate::harness::{Seen, World};
use sluis_engine::{SessionRun, SessionStep, Unobserved};
use sluis_lang::check::Environment;
use sluis_lang::value::data::Data;
use sluis_lang::vm::Session;
use url::Url;

fn begin(world: &World, text: &str, session: Session) -> SessionRun {
    let environment = Environment { variables: session.names(), ..Environment::default() };
    let program = sluis_lang::build(text, &environment).program.unwrap();
    world.engine.begin_in_session(&world.org, None, "repl:1", program, session)
}

#[tokio::test]
async fn an_input_waits_for_consent_and_goes_on_with_the_variables_of_the_inputs_before() {
    let world = World::new().await;
    let mut first = begin(&world, "list = {1}; same = list;", Session::default());
    assert!(matches!(world.engine.go_on_in_session(&mut first, &mut Unobserved).await, SessionStep::Done(_)));

    let text = "ok = authorize(\"items\"); list.add(ok); info same;";
    let mut second = begin(&world, text, first.into_session());
    let step = world.engine.go_on_in_session(&mut second, &mut Unobserved).await;
    let SessionStep::Waiting { grant, authorize_url } = step else { panic!("{step:?}") };
    assert!(!world.engine.decide_in_session(&mut second, &grant.id).await.unwrap());
    world.consent(&Url::parse(&authorize_url).unwrap()).await;
    assert!(world.engine.decide_in_session(&mut second, &grant.id).await.unwrap());
    let mut seen = Seen::default();
    assert!(matches!(world.engine.go_on_in_session(&mut second, &mut seen).await, SessionStep::Done(_)));
    assert_eq!(seen.lines, ["1,true"]);
    // Nothing was parked: the prompt itself waited.
    assert!(world.engine.waiting_runs(&world.org, &grant.connector).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_fault_ends_the_input_and_keeps_what_it_had_assigned() {
    let world = World::new().await;
    let mut input = begin(&world, "x = 1; x = 2; y = x / 0;", Session::default());
    let step = world.engine.go_on_in_session(&mut input, &mut Unobserved).await;
    let SessionStep::Fault(report) = step else { panic!("{step:?}") };
    assert_eq!(report.code.0, "E0408");
    assert_eq!(input.into_session().variables(), [("x".to_owned(), Data::Int(2))]);
}

#[tokio::test]
async fn runs_and_revocations_may_be_carried_out_on_any_thread() {
    let world = World::authorized().await;
    let engine = world.engine.clone();
    let (org, request) = (world.org.clone(), world.request("return isAuthorized(\"items\");"));
    let work = async move {
        let end = engine.run(request, &mut Unobserved).await.unwrap();
        engine.revoke(&org, &"items".parse().unwrap()).await.unwrap();
        end.value
    };
    assert_eq!(tokio::spawn(work).await.unwrap(), Some(Data::Bool(true)));
}
