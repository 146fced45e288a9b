//! Functions that are stored in an org, called from scripts.

use sluis_engine::{Engine, EngineBuilder, EntryPoint, Opened, RunEnd, RunRequest, Unobserved};
use sluis_invoke::{EgressPolicy, Transport};
use sluis_lang::vm::Limits;
use sluis_model::id::OrgId;
use sluis_vault::{KeyRing, SystemRandomness, Vault};
use std::sync::Arc;

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn org() -> OrgId {
    "acme".parse().unwrap()
}

async fn engine(functions: &[(&str, &str, &[&str])]) -> Engine {
    let store = sluis_store::open_in_memory().await.unwrap();
    let vault = Vault::new(KeyRing::from_text(KEY, "the test").unwrap(), Arc::new(SystemRandomness));
    let engine = EngineBuilder::new(
        Arc::new(Opened { store, vault: Arc::new(vault) }),
        Arc::new(Transport::new(EgressPolicy::strict())),
        "http://127.0.0.1:1".parse().unwrap(),
    )
    .limits(Limits { fuel: 200_000, ..Limits::local() })
    .build();
    engine.ensure_org(&org()).await.unwrap();
    for (name, source, inputs) in functions {
        let inputs = inputs.iter().map(ToString::to_string).collect();
        engine.store_function(&org(), &name.parse().unwrap(), (*source).to_owned(), inputs).await.unwrap();
    }
    engine
}

async fn run(engine: &Engine, source: &str) -> RunEnd {
    let request = RunRequest {
        org: org(),
        user: None,
        label: "test.dg".to_owned(),
        function: None,
        source: source.to_owned(),
        entry: EntryPoint::Default,
        args: Vec::new(),
        keep: false,
    };
    engine.run(request, &mut Unobserved).await.unwrap()
}

#[tokio::test]
async fn a_script_calls_stored_functions_by_their_names() {
    let engine = engine(&[
        (
            "billing.total",
            "int total(map order, int rate) { info \"in total\"; return order.get(\"net\") * rate; }",
            &[],
        ),
        ("greet", "return \"hello \" + name;", &["name"]),
        ("billing.twice", "int twice(int n) { return billing.total({\"net\":n}, 2); }", &[]),
    ])
    .await;
    let script = r#"info billing.total({"net":20}, 2);
        info thisapp.billing.total({"net":1}, 3);
        info greet("Ada");
        info automation.twice(21);"#;
    let end = run(&engine, script).await;
    assert!(end.fault.is_none(), "{:?}", end.fault);
    assert_eq!(end.run.output, ["in total", "40", "in total", "3", "hello Ada", "in total", "42"]);
}

#[tokio::test]
async fn what_goes_wrong_in_a_stored_function_can_be_caught_and_says_where() {
    let engine = engine(&[
        ("bad", "int bad(int n)\n{\n  return n / 0;\n}", &[]),
        ("asks", "api = \"no\" + \".api\"; return invokeConnector(api, Map());", &[]),
    ])
    .await;
    let script = r#"try { bad(1); } catch (e) { info e.code; info e.message; }
        try { bad(1, 2); } catch (e) { info e.code; }
        try { asks(); } catch (e) { info e.code; }"#;
    let end = run(&engine, script).await;
    assert_eq!(end.run.output[0], "function_failed");
    assert!(
        end.run.output[1].contains("`bad`") && end.run.output[1].contains("line 3"),
        "{:?}",
        end.run.output
    );
    assert_eq!(end.run.output[2..], ["invalid_input", "connector_not_found"]);
}

#[tokio::test]
async fn stored_functions_that_call_themselves_end_at_a_limit() {
    let engine = engine(&[("a", "return 1;", &[]), ("b", "return a();", &[])]).await;
    engine.store_function(&org(), &"a".parse().unwrap(), "return b();".to_owned(), vec![]).await.unwrap();
    let fault = run(&engine, "info a();").await.fault.unwrap();
    assert!(fault.message.contains("75 deep"), "{}", fault.message);
    assert_eq!(fault.reason.as_deref(), Some("too_large"));
}

#[tokio::test]
async fn a_stored_function_spends_the_fuel_of_its_caller() {
    let engine = engine(&[("spin", "n = 0; while(n < 20000) { n = n + 1; } return n;", &[])]).await;
    assert_eq!(run(&engine, "info spin();").await.run.output, ["20000"]);
    let end = run(&engine, "for each i in {1,2,3,4,5,6,7,8,9,10} { info spin(); }").await;
    assert!(end.fault.is_some() && end.run.output.len() < 10, "{:?}", end.run.output);
    assert!(end.run.fuel > 100_000, "what it spent is counted: {}", end.run.fuel);
}

#[tokio::test]
async fn a_function_that_is_not_stored_is_named_with_the_nearest_that_is() {
    let engine = engine(&[("billing.total", "return 1;", &[])]).await;
    let request = RunRequest {
        org: org(),
        user: None,
        label: "test.dg".to_owned(),
        function: None,
        source: "info billing.totl();".to_owned(),
        entry: EntryPoint::Default,
        args: Vec::new(),
        keep: false,
    };
    let refused = engine.run(request, &mut Unobserved).await.unwrap_err();
    assert!(format!("{refused:?}").contains("billing.total"), "{refused:?}");
}
