//! A service on loopback that hands out one list in every way that services do it, and in the ways in
//! which they do it wrong. Nothing is kept but what was asked.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// The running service.
pub struct PagingService {
    /// `127.0.0.1:port`
    pub host: String,
    /// Targets of the requests so far; for posts the body.
    pub asked: Arc<Mutex<Vec<String>>>,
}

type Asked = State<Arc<Mutex<Vec<String>>>>;
type Parameters = Query<HashMap<String, String>>;

impl PagingService {
    /// Starts it on a free port; it ends with the test's runtime.
    pub async fn start() -> Self {
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let router = Router::new()
            .route("/{total}/{style}", get(list))
            .route("/{total}/{style}", post(post_list))
            .with_state(asked.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { host, asked }
    }

    /// The targets of the requests so far, and forgets them.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

/// Rows `from` to before `from + size`, counted from 0, of a list of so many.
fn rows(total: u64, from: u64, size: u64, padding: usize) -> Vec<Value> {
    let row = |n: u64| match padding {
        0 => json!({ "id": n }),
        length => json!({ "id": n, "text": "x".repeat(length) }),
    };
    (from..total.min(from.saturating_add(size))).map(row).collect()
}

async fn list(
    State(asked): Asked,
    Path((total, style)): Path<(u64, String)>,
    Query(given): Parameters,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    asked.lock().unwrap().push(uri.to_string());
    let number = |name: &str| given.get(name).and_then(|text| text.parse::<u64>().ok());
    let size = number("size").unwrap_or(10);
    let padding = number("padding").unwrap_or(0) as usize;
    let host = headers.get("host").unwrap().to_str().unwrap();
    let at = number("at").unwrap_or(0);
    let page = rows(total, at, size, padding);
    let next = at + size;
    let is_more = next < total;
    let more = |query: String| format!("/{total}/{style}?size={size}&padding={padding}&{query}");
    match style.as_str() {
        "link" => {
            let mut answer = Json(page).into_response();
            if is_more {
                let link = format!("<{}>; rel=\"next\", </0/link>; rel=first", more(format!("at={next}")));
                answer.headers_mut().insert("link", HeaderValue::from_str(&link).unwrap());
            }
            answer
        }
        "next_url" => {
            let url = is_more.then(|| format!("http://{host}{}", more(format!("at={next}&key=***"))));
            Json(json!({ "data": page, "_links": { "next": url.map(|href| json!({ "href": href })) } }))
                .into_response()
        }
        "header_url" => {
            let mut answer = Json(page).into_response();
            let url = if is_more { more(format!("at={next}")) } else { String::new() };
            answer.headers_mut().insert("x-next-page", HeaderValue::from_str(&url).unwrap());
            answer
        }
        "elsewhere" => Json(json!({ "data": page, "next": "http://localhost:9/steal" })).into_response(),
        "cursor" => {
            let token = is_more.then(|| format!("t{next}"));
            let at = given.get("token").map_or(0, |token| token.trim_start_matches('t').parse().unwrap());
            let token = if at == 0 { token } else { (at + size < total).then(|| format!("t{}", at + size)) };
            Json(json!({ "items": rows(total, at, size, padding), "meta": { "next": token } }))
                .into_response()
        }
        // The id of the last row is where the next page begins, and a flag says whether there is one.
        "last_id" => {
            let from = number("after").map_or(0, |last| last + 1);
            Json(json!({ "data": rows(total, from, size, padding), "has_more": from + size < total }))
                .into_response()
        }
        "offset" => Json(json!({ "total": total, "list": page })).into_response(),
        "page" => {
            let page = number("page").unwrap();
            let pages = total.div_ceil(size);
            Json(json!({ "pages": pages, "list": rows(total, (page - 1) * size, size, padding) }))
                .into_response()
        }
        // Whatever is asked, it is the first page.
        "deaf" => {
            Json(json!({ "asked": asked.lock().unwrap().len(), "list": rows(total, 0, size, padding) }))
                .into_response()
        }
        // Its third page leads to its second.
        "circle" => {
            let at = given.get("token").map_or(0, |token| token.parse().unwrap());
            let next = if at == 2 { 1 } else { at + 1 };
            Json(json!({ "items": [{ "id": asked.lock().unwrap().len() }], "meta": { "next": next } }))
                .into_response()
        }
        // After its second page it does not know the page.
        "gone" | "broken" => match number("page").unwrap() {
            page if page <= 2 => {
                Json(json!({ "list": rows(total, (page - 1) * size, size, padding) })).into_response()
            }
            _ if style == "gone" => (StatusCode::NOT_FOUND, "no such page").into_response(),
            _ => (StatusCode::TOO_MANY_REQUESTS, "slow down").into_response(),
        },
        "html" => "<html>sign in</html>".into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// GraphQL with `pageInfo`, and a list that goes on at another address.
async fn post_list(
    State(asked): Asked,
    Path((total, style)): Path<(u64, String)>,
    Json(body): Json<Value>,
) -> Response {
    asked.lock().unwrap().push(format!("{style} {body}"));
    let size = 10;
    let text = |value: &Value| value.as_str().map_or(0, |text| text.parse::<u64>().unwrap());
    match style.as_str() {
        "graphql" => {
            let at = text(&body["variables"]["after"]);
            let info = json!({ "hasNextPage": at + size < total, "endCursor": (at + size).to_string() });
            Json(json!({ "data": { "issues": { "nodes": rows(total, at, size, 0), "pageInfo": info } } }))
                .into_response()
        }
        "begin" | "continue" => {
            let at = text(&body["cursor"]);
            Json(json!({
                "entries": rows(total, at, size, 0), "cursor": (at + size).to_string(), "has_more": at + size < total
            }))
            .into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}
