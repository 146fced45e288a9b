//! Calls: what a task gets, and which error it ends with.

use super::backend::TaskEnd;
use super::services::Stage;
use crate::world::read;
use serde_json::{Value, json};

#[tokio::test]
async fn what_a_service_answers_is_the_result_of_the_task() {
    let stage = Stage::new().await;
    let given = json!({ "name": "Ada", "more": [1], "note": {"a": null}, "urgent": true });
    let result = stage.backend.service_task("probe/create", given).await.done();
    assert_eq!(
        result,
        json!({
            "body": { "name": "Ada", "count": 1, "urgent": true, "note": {"a": null}, "on": null, "more": [1] },
            "mimetype": "application/json",
            "http_status": 201,
            "operator_identifier": "probe/create",
        })
    );
}

#[tokio::test]
async fn an_answer_that_is_no_json_comes_as_its_text() {
    let stage = Stage::new().await;
    let body = async |api: &str| stage.backend.service_task(api, json!({})).await.done();
    let text = body("probe/text").await;
    assert_eq!(
        (&text["body"], &text["mimetype"]),
        (&json!({ "raw_response": "plain words" }), &json!("text/plain"))
    );
    assert_eq!(body("probe/lies").await["body"], json!({ "raw_response": "not json" }));
    assert_eq!(body("probe/list").await["body"], json!([1, 2]));
    let empty = body("probe/empty").await;
    assert_eq!((&empty["body"], &empty["http_status"]), (&json!({}), &json!(204)));
}

#[tokio::test]
async fn a_service_that_refuses_is_an_error_of_the_task_and_200_of_the_proxy() {
    let stage = Stage::new().await;
    for code in [300, 404, 409, 429, 500, 503] {
        match stage.backend.service_task("probe/status", json!({ "code": code })).await {
            TaskEnd::Error { code: error, message, operator, status, body } => {
                assert_eq!(
                    (error, status, operator.as_str()),
                    (format!("HttpError{code}"), 200, "probe/status")
                );
                assert!(message.contains(&code.to_string()) && message.contains("because"), "{message}");
                let body: Value = serde_json::from_str(&body).unwrap();
                assert_eq!((&body["http_status"], &body["body"]["why"]), (&json!(code), &json!("because")));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn an_answer_that_is_an_error_by_the_connectors_rules_is_one_of_the_task() {
    let stage = Stage::new().await;
    let given = |tone: &str| json!({ "channel": "ops", "tone": tone, "size": 1 });
    assert_eq!(stage.backend.service_task("probe/pick", given("glad")).await.done()["http_status"], 201);
    match stage.backend.service_task("probe/pick", given("cross")).await {
        TaskEnd::Error { code, message, status, body, .. } => {
            assert_eq!((code.as_str(), status), ("too_cross", 200));
            assert!(message.contains("be kind"), "{message}");
            assert_eq!(serde_json::from_str::<Value>(&body).unwrap()["http_status"], 201);
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_command_that_is_not_there_is_told_with_404() {
    let stage = Stage::new().await;
    for operator in ["probe/nothing", "nothing/create", "Not A Name/x", "probe/create%2Fx"] {
        match stage.backend.service_task(operator, json!({})).await {
            TaskEnd::Error { code, status, .. } => {
                assert_eq!((code.as_str(), status), ("command_not_found", 404))
            }
            other => panic!("{operator}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn wrong_arguments_are_an_error_that_names_them() {
    let stage = Stage::new().await;
    let error = async |given: Value| stage.backend.service_task("probe/create", given).await.error();
    let (code, message) = error(json!({ "nmae": "Ada", "more": 1 })).await;
    assert_eq!(code, "TypeError");
    assert!(
        message.contains("unexpected keyword argument 'nmae'") && message.contains("did you mean `name`?"),
        "{message}"
    );
    let (code, message) = error(json!({ "note": {} })).await;
    assert_eq!(code, "TypeError");
    assert!(message.contains("'name'") && message.contains("'more'"), "{message}");
    let (code, _) = error(json!({ "name": "Ada", "more": 1, "sluis__connection": 1 })).await;
    assert_eq!(code, "TypeError");
}

#[tokio::test]
async fn whatever_the_protocol_adds_one_day_is_let_pass() {
    let stage = Stage::new().await;
    let given = json!({ "name": "Ada", "more": 1, "spiff__something_new": {"a": 1}, "spiff__": null });
    assert_eq!(stage.backend.service_task("probe/create", given).await.done()["http_status"], 201);
}

#[tokio::test]
async fn a_connector_that_nobody_has_authorized_says_who_can() {
    let stage = Stage::new().await;
    match stage.backend.service_task("gcontacts/contacts", json!({})).await {
        TaskEnd::Error { code, message, status, .. } => {
            assert_eq!((code.as_str(), status), ("not_authorized", 500));
            assert!(message.contains("sluis authorize gcontacts"), "{message}");
        }
        other => panic!("{other:?}"),
    }
    stage.world.authorize("acme", "gcontacts").await;
    assert_eq!(stage.backend.service_task("gcontacts/contacts", json!({})).await.done()["http_status"], 200);
}

#[tokio::test]
async fn a_file_comes_as_text_or_in_base64() {
    let stage = Stage::new().await;
    let upload = async |file: Value| {
        let given = json!({ "title": "t", "file": file });
        let result = stage.backend.service_task("probe/upload", given).await.done();
        result["body"]["raw_response"].as_str().unwrap().to_owned()
    };
    assert!(upload(json!("hello words")).await.contains("hello words"));
    let named = upload(json!({ "name": "a.txt", "media_type": "text/csv", "base64": "YSxi" })).await;
    assert!(
        named.contains("filename=\"a.txt\"") && named.contains("text/csv") && named.contains("a,b"),
        "{named}"
    );
}

#[tokio::test]
async fn get_with_a_json_body_means_the_same_and_bad_bodies_are_told() {
    let stage = Stage::new().await;
    let (world, key) = (&stage.world, stage.backend.key.as_deref().unwrap());
    let ask = async |method: &str, api: &str, body: &'static str| {
        let request = world.client.request(method.parse().unwrap(), format!("{}/v1/do/{api}", world.base));
        read(request.header("Spiff-Connector-Proxy-Api-Key", key).body(body).send().await.unwrap()).await
    };
    assert_eq!(
        ask("GET", "probe/status", r#"{"code": 200}"#).await.json()["command_response"]["http_status"],
        200
    );
    assert_eq!(ask("POST", "probe/text", "").await.status, 200);
    for wrong in ["{", "[]", "\"x\""] {
        let answer = ask("POST", "probe/text", wrong).await;
        assert_eq!(
            (answer.status, &answer.json()["error"]["error_code"]),
            (400, &json!("invalid_input")),
            "{wrong}"
        );
    }
}
