//! A stand-in for the service behind `examples/connectors/zoho-crm`: it keeps records in memory and
//! answers in that service's shapes. It also keeps every request that is made of it.

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Json, Router};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Arrived {
    pub method: String,
    pub target: String,
    pub content_type: String,
    pub body: Vec<u8>,
}

/// What the server keeps.
#[derive(Default)]
pub struct Kept {
    pub arrived: Vec<Arrived>,
    pub records: BTreeMap<(String, String), Map<String, Value>>,
    next: u64,
}

/// The running server.
pub struct StandIn {
    /// `127.0.0.1:port`
    pub host: String,
    pub kept: Arc<Mutex<Kept>>,
}

impl StandIn {
    /// Starts it on a free port; it ends with the test's runtime.
    pub async fn start() -> Self {
        let kept = Arc::<Mutex<Kept>>::default();
        let router = Router::new()
            .route("/echo", any(echo))
            .route("/bytes", any(bytes))
            .route("/crm/v8/settings/variables/{name}", any(variable))
            .route("/crm/v8/{*path}", any(records))
            .with_state(kept.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { host, kept }
    }

    /// The requests so far.
    pub fn arrived(&self) -> Vec<Arrived> {
        self.kept.lock().unwrap().arrived.clone()
    }
}

fn keep(kept: &Mutex<Kept>, method: &Method, uri: &Uri, headers: &HeaderMap, body: &Bytes) {
    let content_type = headers.get("content-type").map(|value| value.to_str().unwrap().to_owned());
    kept.lock().unwrap().arrived.push(Arrived {
        method: method.to_string(),
        target: uri.to_string(),
        content_type: content_type.unwrap_or_default(),
        body: body.to_vec(),
    });
}

type Shared = State<Arc<Mutex<Kept>>>;

async fn echo(State(kept): Shared, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    keep(&kept, &method, &uri, &headers, &body);
    let x = headers.get("x-one").map(|value| value.to_str().unwrap().to_owned());
    Json(json!({
        "method": method.as_str(), "query": uri.query(), "x": x, "body": String::from_utf8_lossy(&body)
    }))
    .into_response()
}

/// Bytes that are no text, under the content type that the query asks for.
async fn bytes(State(kept): Shared, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    keep(&kept, &method, &uri, &headers, &body);
    let (content_type, content): (&str, &[u8]) = match uri.query() {
        Some("latin") => ("text/plain", b"gr\xfc\xdfe"),
        Some("json") => ("application/json", b"{\"a\":1}"),
        _ => ("application/pdf", b"%PDF-1.7\n\x00\xff\xfe"),
    };
    (
        [("content-type", content_type), ("content-disposition", "attachment; filename=\"invoice.pdf\"")],
        content.to_vec(),
    )
        .into_response()
}

async fn variable(
    State(kept): Shared,
    Path(name): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    keep(&kept, &method, &uri, &headers, &Bytes::new());
    Json(json!({"variables": [{"api_name": name, "value": format!("value of {name}")}]})).into_response()
}

fn written(id: &str) -> Response {
    Json(json!({"data": [{
        "code": "SUCCESS", "status": "success", "message": "done", "details": {"id": id}
    }]}))
    .into_response()
}

fn refused(code: &str, message: &str) -> Response {
    let row =
        json!({"code": code, "status": "error", "message": message, "details": {"api_name": "Last_Name"}});
    (StatusCode::BAD_REQUEST, Json(json!({"data": [row]}))).into_response()
}

fn list(rows: Vec<Value>) -> Response {
    match rows.is_empty() {
        true => StatusCode::NO_CONTENT.into_response(),
        false => Json(json!({"data": rows, "info": {"more_records": false}})).into_response(),
    }
}

async fn records(
    State(kept): Shared,
    Path(path): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    keep(&kept, &method, &uri, &headers, &body);
    let mut kept = kept.lock().unwrap();
    let sent: Value = serde_json::from_slice(&body).unwrap_or_default();
    let fields = || sent["data"][0].as_object().cloned().unwrap_or_default();
    let parts: Vec<&str> = path.split('/').collect();
    match (method.as_str(), parts.as_slice()) {
        ("GET", [module, "search"]) => list(kept.found(module, &query["criteria"])),
        ("GET", [module]) => list(kept.all(module)),
        ("GET", [module, id]) => match kept.records.get(&(module.to_string(), id.to_string())) {
            Some(record) => list(vec![Value::Object(record.clone())]),
            None => (
                StatusCode::BAD_REQUEST,
                Json(json!({"code": "INVALID_DATA", "status": "error", "message": "the id given seems to be invalid"})),
            )
                .into_response(),
        },
        ("GET", [_, id, related]) => list(kept.related(related, id)),
        ("POST", ["Leads", id, "actions", "convert"]) => written(id),
        ("POST", [_, id, "Attachments"]) => written(id),
        ("POST", [module] | [module, "upsert"]) => {
            if !fields().contains_key("Last_Name") && *module == "Contacts" {
                return refused("MANDATORY_NOT_FOUND", "required field not found");
            }
            let id = kept.add(module, fields());
            written(&id)
        }
        ("PUT", [module, id]) => {
            let Some(record) = kept.records.get_mut(&(module.to_string(), id.to_string())) else {
                return refused("INVALID_DATA", "the id given seems to be invalid");
            };
            record.extend(fields());
            written(id)
        }
        ("DELETE", [module, id]) => {
            kept.records.remove(&(module.to_string(), id.to_string()));
            written(id)
        }
        _ => (StatusCode::NOT_FOUND, Json(json!({"code": "INVALID_URL_PATTERN"}))).into_response(),
    }
}

impl Kept {
    /// Adds a record; its id.
    pub fn add(&mut self, module: &str, mut fields: Map<String, Value>) -> String {
        self.next += 1;
        let id = (4_000_000_012_300 + self.next).to_string();
        fields.insert("id".into(), id.clone().into());
        self.records.insert((module.to_owned(), id.clone()), fields);
        id
    }

    fn all(&self, module: &str) -> Vec<Value> {
        let of = self.records.iter().filter(|((known, _), _)| known == module);
        of.map(|(_, record)| Value::Object(record.clone())).collect()
    }

    /// `(Email:equals:x)`
    fn found(&self, module: &str, criteria: &str) -> Vec<Value> {
        let parts: Vec<&str> = criteria.trim_matches(['(', ')']).split(':').collect();
        let [field, "equals", wanted] = parts.as_slice() else { return Vec::new() };
        self.all(module).into_iter().filter(|record| record[*field] == *wanted).collect()
    }

    fn related(&self, module: &str, to: &str) -> Vec<Value> {
        self.all(module).into_iter().filter(|record| record["Account_Name"]["id"] == to).collect()
    }
}
