//! Long lists page by page: the mark of the next page goes alone, and is worth something to its org only.

use crate::world::World;
use axum::extract::Query;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use std::collections::HashMap;
use tokio::net::TcpListener;

const ROWS: &str = "/api/v1/orgs/acme/invoke/rows.list";

async fn rows(Query(given): Query<HashMap<String, String>>) -> Json<Value> {
    let number = |name: &str, usual: usize| given.get(name).map_or(usual, |text| text.parse().unwrap());
    let (page, size) = (number("page", 1), number("size", 2));
    let rows: Vec<Value> = (0..5).skip((page - 1) * size).take(size).map(|id| json!({ "id": id })).collect();
    Json(json!({ "rows": rows }))
}

async fn world() -> World {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/rows", get(rows))).await });
    let world = World::allowing(Default::default(), true, std::slice::from_ref(&host)).await;
    let definition = json!({
        "sluis": 1,
        "namespace": "rows",
        "service": { "name": "Rows" },
        "auth": { "scheme": "none" },
        "hosts": [host],
        "apis": { "list": {
            "method": "GET",
            "url": format!("http://{host}/rows"),
            "query": { "page": "${page}", "size": "${size}" },
            "inputs": { "page": { "required": false }, "size": { "required": false } },
            "pagination": {
                "page": { "input": "page" },
                "rows": "rows",
                "page_size": { "input": "size", "default": 2, "at_most": 4 },
                "last_page": "short",
            },
        } },
    });
    let released = world.post("/api/v1/connectors", json!({ "definition": definition })).await;
    assert_eq!(released.status, 200, "{}", released.text);
    for org in ["acme", "rival"] {
        world.put(&format!("/api/v1/orgs/{org}"), json!({})).await;
    }
    world
}

#[tokio::test]
async fn a_list_is_read_to_its_end_by_the_marks_of_its_pages() {
    let world = world().await;
    let mut wanted = json!({ "data": {}, "page": {} });
    let (mut ids, mut pages) = (Vec::new(), 0);
    loop {
        let answer = world.post(ROWS, wanted).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let page = answer.json();
        pages += 1;
        ids.extend(page["rows"].as_array().unwrap().iter().map(|row| row["id"].as_u64().unwrap()));
        match page["next"].as_str() {
            Some(next) => wanted = json!({ "next": next }),
            None => break,
        }
    }
    assert_eq!((pages, ids), (3, vec![0, 1, 2, 3, 4]));
    let large = world.post(ROWS, json!({ "page": { "page_size": 4 } })).await.json();
    assert_eq!(large["rows"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn a_mark_goes_alone_and_counts_for_its_org_and_api_only() {
    let world = world().await;
    let first = world.post(ROWS, json!({ "page": {} })).await.json();
    let next = first["next"].as_str().unwrap();
    world.post(ROWS, json!({ "next": next, "data": {} })).await.problem(400, "invalid_input");
    let theirs = "/api/v1/orgs/rival/invoke/rows.list";
    world.post(theirs, json!({ "next": next })).await.problem(400, "invalid_input");
    let changed = format!("A{}", &next[1..]);
    world.post(ROWS, json!({ "next": changed })).await.problem(400, "invalid_input");
    assert_eq!(world.post(ROWS, json!({ "next": next })).await.status, 200);
}
