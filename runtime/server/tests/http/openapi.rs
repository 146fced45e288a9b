//! The API's description: it is what is served, it is kept as a golden file, and the page shows it.

use crate::world::{World, read};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn document() -> Value {
    serde_json::from_str(&sluis_server::OPENAPI).unwrap()
}

/// Every operation of the document: method, pattern, and a path with examples in its places.
pub fn operations() -> Vec<(String, String, String)> {
    let document = document();
    let mut all = Vec::new();
    for (pattern, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let mut path = pattern.clone();
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                if parameter["in"] != "path" {
                    continue;
                }
                let schema = &parameter["schema"];
                let target = schema["$ref"].as_str().map(|to| document.pointer(&to[1..]).unwrap());
                let example = parameter["example"].as_str().or_else(|| target?["examples"][0].as_str());
                let place = format!("{{{}}}", parameter["name"].as_str().unwrap());
                if path.contains(&place) {
                    path = path.replace(&place, example.unwrap_or_else(|| panic!("{pattern} {place}")));
                }
            }
            all.push((method.to_uppercase(), pattern.clone(), path));
        }
    }
    all
}

#[test]
fn the_document_is_the_golden_file() {
    let file = root().join("spec/api/openapi.json");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&file, sluis_server::OPENAPI.as_str()).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap();
    assert!(
        kept == *sluis_server::OPENAPI,
        "the API has changed: look at the difference after UPDATE_EXPECT=1 cargo test --workspace --test http golden"
    );
}

#[test]
fn every_reference_leads_somewhere_and_every_operation_says_what_it_does() {
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|member| references(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let document = document();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 100, "{}", found.len());
    for target in found {
        assert!(document.pointer(&target[1..]).is_some(), "{target} leads nowhere");
    }
    let mut ids: Vec<&str> = Vec::new();
    for operation in
        document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values())
    {
        ids.push(operation["operationId"].as_str().unwrap());
        assert!(operation["summary"].as_str().is_some_and(|text| text.len() > 5), "{operation}");
        let tag = &operation["tags"][0];
        assert!(document["tags"].as_array().unwrap().iter().any(|known| known["name"] == *tag), "{tag}");
    }
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "operation ids are unique");
}

/// Routes that are no resources of the API: what browsers, probes and workflow backends ask for.
const WITHOUT_DESCRIPTION: &[&str] = &[
    "brought.rs",
    "callback.rs",
    "connect.rs",
    "health.rs",
    "hooks.rs",
    "metrics.rs",
    "reference.rs",
    "proxy",
];

#[test]
fn a_route_of_the_api_cannot_be_registered_without_its_description() {
    let folder = root().join("runtime/server/src/routes");
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if !WITHOUT_DESCRIPTION.contains(&name.as_str()) {
            let text = std::fs::read_to_string(entry.path()).unwrap();
            assert!(!text.contains(".route("), "{name}: register it with `routes!` of utoipa-axum");
        }
    }
}

#[tokio::test]
async fn the_document_is_served_to_everyone_who_reaches_the_api() {
    let world = World::new().await;
    let answer = world.browse(&format!("{}/api/v1/openapi.json", world.base)).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    assert_eq!(answer.text, *sluis_server::OPENAPI);
    let closed = World::with(sluis_example_provider::Settings::default(), false).await;
    assert_eq!(closed.browse(&format!("{}/api/v1/openapi.json", closed.base)).await.status, 404);
}

#[tokio::test]
async fn the_page_holds_every_operation_and_takes_nothing_from_elsewhere() {
    let world = World::new().await;
    let answer = world.browse(&format!("{}/api", world.base)).await;
    assert_eq!(answer.status, 200);
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(policy.contains("script-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
    for (method, pattern, path) in operations() {
        assert!(answer.text.contains(&format!("<code>{pattern}</code>")), "{method} {pattern}");
        assert!(answer.text.contains(&format!("$SLUIS{path}")), "a command for {method} {path}");
    }
    for outside in ["src=", "http://", "https://", "@import", "url("] {
        let found = answer.text.split("<pre").next().unwrap();
        assert!(!found.contains(outside), "{outside}");
    }
}

#[tokio::test]
async fn lists_come_in_pages_that_hold_every_row_once() {
    let world = World::ready().await;
    for name in ["one", "two", "three", "four", "five"] {
        let stored = world
            .put(&format!("/api/v1/orgs/acme/functions/{name}"), serde_json::json!({ "source": "return 1;" }))
            .await;
        assert_eq!(stored.status, 200);
    }
    let mut names: Vec<String> = Vec::new();
    let mut query = "?limit=2".to_owned();
    let mut pages = 0;
    loop {
        let page = world.get(&format!("/api/v1/orgs/acme/functions{query}")).await.json();
        pages += 1;
        names.extend(
            page["functions"].as_array().unwrap().iter().map(|f| f["name"].as_str().unwrap().to_owned()),
        );
        match page["next"].as_str() {
            Some(next) => query = format!("?limit=2&cursor={next}"),
            None => break,
        }
    }
    assert_eq!((pages, names.join(" ").as_str()), (3, "five four one three two"));
    world.get("/api/v1/orgs/acme/functions?limit=0").await.problem(400, "invalid_input");
    world.get("/api/v1/orgs/acme/functions?cursor=x").await.problem(400, "invalid_input");
    world.get("/api/v1/orgs/acme/functions?page=2").await.problem(400, "invalid_input");
}

#[tokio::test]
async fn runs_are_listed_newest_first_by_state_function_and_moment() {
    let world = World::ready().await;
    world.put("/api/v1/orgs/acme/functions/good", serde_json::json!({ "source": "return 1;" })).await;
    world
        .put("/api/v1/orgs/acme/functions/bad", serde_json::json!({ "source": "x = 0; return 1 / x;" }))
        .await;
    let run = async |name: &str| {
        world.post(&format!("/api/v1/orgs/acme/functions/{name}/run"), serde_json::json!({})).await
    };
    let mut began = Vec::new();
    for name in ["good", "bad", "good"] {
        began.push(run(name).await.json()["run_id"].as_str().unwrap().to_owned());
    }
    let list = async |query: &str| {
        let page = world.get(&format!("/api/v1/orgs/acme/runs{query}")).await.json();
        let of = |field: &str| {
            page["runs"]
                .as_array()
                .unwrap()
                .iter()
                .map(|run| run[field].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        (of("run_id"), of("started_at"), page["next"].as_str().map(str::to_owned))
    };
    let (ids, moments, next) = list("").await;
    assert_eq!(next, None);
    assert!(ids.len() == 3 && began.iter().all(|id| ids.contains(id)), "{ids:?}");
    assert!(
        moments.is_sorted_by_key(|at| std::cmp::Reverse(at.parse::<jiff::Timestamp>().unwrap())),
        "{moments:?}"
    );
    assert_eq!(list("?state=failed").await.0, [began[1].clone()]);
    assert_eq!(list("?function=good&state=done").await.0.len(), 2);
    assert_eq!(list("?since=2999-01-01T00:00:00Z").await.0.len(), 0);
    let (first, _, next) = list("?limit=2").await;
    let (second, _, end) = list(&format!("?limit=2&cursor={}", next.unwrap())).await;
    assert_eq!((first, second, end), (ids[..2].to_vec(), ids[2..].to_vec(), None));
    world.get("/api/v1/orgs/acme/runs?state=gone").await.problem(400, "invalid_input");
    let mut request = world.client.get(format!("{}/api/v1/orgs/rival/runs", world.base));
    request = request.header("authorization", format!("Bearer {}", crate::world::TOKEN));
    read(request.send().await.unwrap()).await.problem(404, "org_not_found");
}
