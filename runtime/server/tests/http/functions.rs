//! Storing scripts, running them, and asking for their runs.

use crate::world::World;
use serde_json::json;

#[tokio::test]
async fn a_stored_function_runs_with_arguments_and_keeps_every_digit() {
    let world = World::ready().await;
    let source = "info \"hello \" + name;\nreturn {\"id\": id, \"price\": price, \"name\": name};";
    let stored = world
        .put(
            "/api/v1/orgs/acme/functions/greet",
            json!({ "source": source, "inputs": ["name", "id", "price"] }),
        )
        .await;
    assert_eq!(stored.json(), json!({ "name": "greet", "warnings": [] }));
    let request = world.client.post(format!("{}/api/v1/orgs/acme/functions/greet/run", world.base));
    let body = r#"{"args": {"name": "Zoë", "id": 4876876000000123457, "price": 10.50}}"#;
    let answer = world.send(request.header("content-type", "application/json").body(body)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.text.contains(r#""id":4876876000000123457"#), "{}", answer.text);
    assert!(answer.text.contains(r#""price":10.50"#), "{}", answer.text);
    let run = answer.json();
    assert_eq!(run["status"], "done");
    assert_eq!(run["output"], json!(["hello Zoë"]));
    assert_eq!(run["calls"], json!([]));
    let kept = world.get(answer.header("location")).await;
    assert_eq!(kept.json()["value"], run["value"]);
    assert_eq!(kept.json()["run_id"], run["run_id"]);
}

#[tokio::test]
async fn a_function_without_arguments_runs_with_an_empty_object() {
    let world = World::ready().await;
    world.put("/api/v1/orgs/acme/functions/two", json!({ "source": "return 1 + 1;" })).await;
    let run = world.post("/api/v1/orgs/acme/functions/two/run", json!({})).await.json();
    assert_eq!(run["value"], 2);
    let listed = world.get("/api/v1/orgs/acme/functions").await.json();
    assert_eq!(listed["functions"][0]["name"], "two");
    assert_eq!(world.get("/api/v1/orgs/acme/functions/two").await.json()["source"], "return 1 + 1;");
}

#[tokio::test]
async fn a_script_with_errors_is_not_stored_and_each_error_has_its_place() {
    let world = World::ready().await;
    let source = "x = 1;\ny = nosuch(x);\nz = q + 1;\n";
    let answer = world.put("/api/v1/orgs/acme/functions/bad", json!({ "source": source })).await;
    let problem = answer.problem(422, "invalid_definition");
    let places: Vec<_> = problem["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (one["code"].as_str().unwrap(), one["line"].as_u64().unwrap(), one["column"].as_u64().unwrap())
        })
        .collect();
    assert_eq!(places, [("E0201", 2, 5), ("E0204", 3, 5)], "{problem}");
    let problem =
        world.post("/api/v1/orgs/acme/functions/bad/run", json!({})).await.problem(404, "function_not_found");
    assert_eq!(problem["help"], "there are no functions yet");
}

#[tokio::test]
async fn warnings_come_with_their_place_and_do_not_refuse() {
    let world = World::ready().await;
    let source = "x = 1;\nif(x = 1)\n{\n info x;\n}";
    let stored = world.put("/api/v1/orgs/acme/functions/warned", json!({ "source": source })).await.json();
    assert_eq!(stored["warnings"][0]["code"], "W0301", "{stored}");
    assert_eq!(stored["warnings"][0]["severity"], "warning");
    assert_eq!(stored["warnings"][0]["line"], 2);
}

#[tokio::test]
async fn an_uncaught_fault_is_a_problem_with_line_output_and_a_run() {
    let world = World::ready().await;
    world
        .put(
            "/api/v1/orgs/acme/functions/div",
            json!({ "source": "info \"before\";\nx = 0;\nreturn 1 / x;" }),
        )
        .await;
    let answer = world.post("/api/v1/orgs/acme/functions/div/run", json!({})).await;
    let problem = answer.problem(422, "script_fault");
    assert_eq!(problem["line"], 3);
    assert_eq!(problem["fault"]["code"], "E0408");
    assert_eq!(problem["output"], json!(["before"]));
    let kept = world.get(answer.header("location")).await.json();
    assert_eq!(kept["status"], "failed");
    assert_eq!(kept["run_id"], problem["run_id"]);
    assert_eq!(kept["fault"], problem["fault"]);
}

#[tokio::test]
async fn a_run_that_does_not_exist_is_not_found() {
    let world = World::ready().await;
    world.get("/api/v1/orgs/acme/runs/run_00000000000000000000000000").await.problem(404, "run_not_found");
}

#[tokio::test]
async fn a_script_that_authorizes_waits_and_goes_on_after_consent() {
    let world = World::ready().await;
    let source = "ok = authorize(\"gcontacts\");\ninfo \"authorized: \" + ok;\nr = invokeConnector(\"gcontacts.contacts\", Map());\nreturn r.get(\"status_code\");";
    assert_eq!(world.put("/api/v1/orgs/acme/functions/sync", json!({ "source": source })).await.status, 200);
    let answer = world.post("/api/v1/orgs/acme/functions/sync/run", json!({})).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let waiting = answer.json();
    assert_eq!(waiting["status"], "waiting");
    let run = waiting["run_id"].as_str().unwrap();
    assert_eq!(answer.header("location"), format!("/api/v1/orgs/acme/runs/{run}"));
    let grant = waiting["grant_id"].as_str().unwrap();
    assert_eq!(world.get(&format!("/api/v1/orgs/acme/grants/{grant}")).await.json()["outcome"], "waiting");
    let callback = world.callback_of(waiting["authorize_url"].as_str().unwrap()).await;
    assert_eq!(world.browse(&callback).await.status, 303);
    let ended = world.run_ended("acme", run).await;
    assert_eq!(ended["status"], "done", "{ended}");
    assert_eq!(ended["output"], json!(["authorized: true"]));
    assert_eq!(ended["value"], 200);
    assert_eq!(ended["calls"][0]["status"], 200);
    assert_eq!(world.get(&format!("/api/v1/orgs/acme/grants/{grant}")).await.json()["outcome"], "authorized");
}
