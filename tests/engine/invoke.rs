//! What reaches the API, and what comes back.

use crate::harness::{Seen, World};
use serde_json::Value;

async fn echoed(world: &World, script: &str) -> Value {
    let end = world.run(script).await;
    assert_eq!(end.run.output.len(), 1, "{:?}", end.run.status);
    serde_json::from_str(&end.run.output[0]).unwrap()
}

#[tokio::test]
async fn values_are_encoded_for_the_place_they_stand_in() {
    let world = World::authorized().await;
    let seen = echoed(
        &world,
        r#"info invokeConnector("items.get", {"id":"a/b?c#d é", "q":"x&y=z"}).get("response");"#,
    )
    .await;
    assert_eq!(seen["method"], "GET");
    assert!(seen["path"].as_str().unwrap().ends_with("/items/a%2Fb%3Fc%23d%20%C3%A9"), "{}", seen["path"]);
    assert_eq!(seen["query"], serde_json::json!([["q", "x&y=z"]]));
}

#[tokio::test]
async fn a_json_body_keeps_types_and_escapes_text() {
    let world = World::authorized().await;
    let seen = echoed(
        &world,
        r#"data = Map();
           data.put("name", "quote \" and \\ and é");
           data.put("count", 9007199254740993);
           data.put("trace", "t-1");
           info zoho.crm.invokeconnector("items.create", data).get("response");"#,
    )
    .await;
    let body: Value = match &seen["body"] {
        Value::String(text) => serde_json::from_str(text).unwrap(),
        other => other.clone(),
    };
    assert_eq!(body["name"], "quote \" and \\ and é");
    assert_eq!(body["note"], "for quote \" and \\ and é");
    assert_eq!(body["count"].to_string(), "9007199254740993");
    assert_eq!(seen["headers"]["x-trace"], "t-1");
}

#[tokio::test]
async fn both_idioms_of_real_scripts_read_the_answer() {
    let world = World::authorized().await;
    let end = world
        .run(
            r#"resp = invokeConnector("items.get", {"id":"1"});
               if(resp.get("status_code") == 200 && resp.get("status_code") == "200")
               {
                   info resp.get("response").toMap().get("method");
                   info resp.get("response").get("method");
               }"#,
        )
        .await;
    assert_eq!(end.run.output, ["GET", "GET"]);
}

#[tokio::test]
async fn an_api_id_may_have_three_segments_and_any_case_of_the_call_works() {
    let world = World::authorized().await;
    let end = world
        .run(
            r#"info INVOKECONNECTOR("items.things.upload", {"id":"3"}).get("response").get("method");
               info zoho.crm.invokeConnector("items.things.upload", {"id":"3"}).get("status_code");"#,
        )
        .await;
    assert_eq!(end.run.output, ["PUT", "200"]);
}

#[tokio::test]
async fn invokeurl_uses_the_connection_for_declared_hosts_only() {
    let world = World::authorized().await;
    let script = format!(
        r#"resp = invokeurl
           [
               url: "{}/anything"
               type: POST
               parameters: {{"a":"1"}}
               headers: {{"X-One":"1"}}
               connection: "items"
               detailed: true
           ];
           info resp.get("responseCode");
           info resp.get("responseText").get("method");"#,
        world.provider.api
    );
    assert_eq!(world.run(&script).await.run.output, ["200", "POST"]);
    let other = r#"try { invokeurl [ url: "https://evil.example/x" connection: "items" ]; }
                   catch (e) { info e.code; }"#;
    assert_eq!(world.run(other).await.run.output, ["forbidden"]);
}

#[tokio::test]
async fn a_request_to_a_private_address_is_refused() {
    let world = World::new().await;
    let script = r#"try { invokeurl [ url: "http://127.0.0.1:1/" ]; } catch (e) { info e.code; }
                    try { invokeurl [ url: "http://169.254.169.254/latest/meta-data" ]; } catch (e) { info e.code; }"#;
    assert_eq!(world.run(script).await.run.output, ["forbidden", "forbidden"]);
}

#[tokio::test]
async fn the_wire_view_shows_the_request_without_its_token() {
    let world = World::authorized().await;
    let mut seen = Seen::default();
    let request = world.request(r#"invokeConnector("items.create", {"name":"n"});"#);
    world.engine.run(request, &mut seen).await.unwrap();
    let wire = &seen.wires[0];
    assert!(wire.contains("POST") && wire.contains("/items") && wire.contains("***"), "{wire}");
    assert!(wire.contains("\"name\""), "{wire}");
}

#[tokio::test]
async fn a_remote_error_is_an_answer_not_a_fault() {
    let world = World::authorized().await;
    let fault = sluis_tests::peers::Fault {
        path: "/api/items".into(),
        count: 1,
        mode: sluis_tests::peers::FaultMode::Status { status: 422, body: Some("{\"error\":\"no\"}".into()) },
    };
    world.provider.set_faults(&[fault]).await.unwrap();
    let end = world
        .run(
            r#"resp = invokeConnector("items.create", {"name":"n"});
               info resp.get("status_code") + " " + resp.get("response").get("error");"#,
        )
        .await;
    assert_eq!(end.run.output, ["422 no"]);
}
