//! A workflow backend as the proxy sees it: how it asks, and in which order it reads what is answered.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// The backend's side of the protocol.
pub struct Backend {
    /// The one setting: where its connector proxy is.
    pub proxy_url: String,
    /// Its key, if it has one.
    pub key: Option<String>,
    /// Where it is itself.
    pub own_url: String,
    /// What people have authorized, by `plugin/auth`.
    pub secrets: Arc<Mutex<BTreeMap<String, String>>>,
    client: reqwest::Client,
}

/// How a service task ends.
#[derive(Debug, PartialEq)]
pub enum TaskEnd {
    /// With this result.
    Done(Value),
    /// Not yet: it waits for its callback.
    Waiting,
    /// With an error that a process may catch by its code.
    Error { code: String, message: String, operator: String, status: u16, body: String },
}

impl Backend {
    pub fn new(proxy_url: &str, key: Option<&str>, own_url: &str) -> Self {
        Self {
            proxy_url: proxy_url.to_owned(),
            key: key.map(str::to_owned),
            own_url: own_url.to_owned(),
            secrets: Arc::default(),
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    /// The commands that its editor offers; whatever is no list with status 200 is none.
    pub async fn commands(&self) -> Option<Vec<Value>> {
        self.list("/v1/commands").await
    }

    /// What people may authorize.
    pub async fn auths(&self) -> Option<Vec<Value>> {
        self.list("/v1/auths").await
    }

    async fn list(&self, path: &str) -> Option<Vec<Value>> {
        let answer = self.with_key(self.client.get(format!("{}{path}", self.proxy_url))).send().await.ok()?;
        if answer.status() != 200 {
            return None;
        }
        match serde_json::from_str(&answer.text().await.ok()?).ok()? {
            Value::Array(list) => Some(list),
            _ => None,
        }
    }

    fn with_key(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        let request = request.header("user-agent", "spiffworkflow-backend");
        match &self.key {
            Some(key) => request.header("Spiff-Connector-Proxy-Api-Key", key),
            None => request,
        }
    }

    /// A value as a process writes it: `secret:NAME` is replaced.
    fn evaluated(&self, value: Value) -> Value {
        match value {
            Value::String(text) => match text.strip_prefix("secret:") {
                Some(name) => Value::String(self.secrets.lock().unwrap()[name].clone()),
                None => Value::String(text),
            },
            Value::Object(map) => map.into_iter().map(|(k, v)| (k, self.evaluated(v))).collect(),
            other => other,
        }
    }

    /// Carries out a service task.
    pub async fn service_task(&self, operator: &str, parameters: Value) -> TaskEnd {
        let Value::Object(mut body) = self.evaluated(parameters) else { panic!("parameters are a map") };
        let reserved = json!({
            "spiff__process_instance_id": 42,
            "spiff__process_model_identifier": "misc/notify",
            "spiff__task_id": "6f1c0c2e-0000-4000-8000-000000000000",
            "spiff__task_data": {"amount": 12},
            "spiff__callback_url": format!("{}/v1.0/tasks/42/6f1c0c2e/callback", self.own_url),
        });
        body.extend(reserved.as_object().unwrap().clone());
        let request = self
            .client
            .post(format!("{}/v1/do/{operator}", self.proxy_url))
            .header("content-type", "application/json")
            .body(Value::Object(body).to_string());
        match self.with_key(request).send().await {
            Ok(answer) => {
                let status = answer.status().as_u16();
                read(operator, status, answer.text().await.unwrap())
            }
            Err(error) => TaskEnd::Error {
                code: "ConnectionError".to_owned(),
                message: error.to_string(),
                operator: operator.to_owned(),
                status: 500,
                body: String::new(),
            },
        }
    }
}

/// Reads an answer in the backend's order: JSON or not, logs, version, error, status of the service,
/// status of the proxy, and only then whether it was accepted.
pub fn read(operator: &str, status: u16, text: String) -> TaskEnd {
    let error = |code: String, message: String, body: &str| TaskEnd::Error {
        code,
        message,
        operator: operator.to_owned(),
        status,
        body: body.to_owned(),
    };
    let text = if text.is_empty() { "{}".to_owned() } else { text };
    let Ok(Value::Object(mut parsed)) = serde_json::from_str::<Value>(&text) else {
        return error("ServiceTaskOperatorReturnedInvalidJsonError".to_owned(), text.clone(), &text);
    };
    let mut result = text;
    if let Some(logs) = parsed.get("spiff__logs") {
        assert!(logs.as_array().unwrap().iter().all(Value::is_string), "each log is a line: {logs}");
        if let Some(Value::Object(inner)) = parsed.get("api_response").cloned() {
            result = Value::Object(inner.clone()).to_string();
            parsed = inner;
        }
    }
    if parsed.get("command_response_version").and_then(Value::as_u64).is_some_and(|version| version > 1) {
        let Value::Object(mut response) = parsed["command_response"].clone() else {
            panic!("the result of a task is a map: {parsed:?}")
        };
        response.insert("operator_identifier".to_owned(), operator.into());
        result = Value::Object(response).to_string();
    }
    if let Some(code) = parsed.get("error").and_then(|error| error.get("error_code")) {
        let message = parsed["error"]["message"].as_str().unwrap();
        return error(code.as_str().unwrap().to_owned(), message.to_owned(), &result);
    }
    let upstream = http_status(&parsed);
    if upstream >= 300 {
        let message = format!("Service task received HTTP {upstream}");
        return error(format!("ServiceTaskHttpError{upstream}"), message, &result);
    }
    match status {
        300.. => error("ServiceTaskOperatorReturnedBadStatusError".to_owned(), result.clone(), &result),
        202 => TaskEnd::Waiting,
        _ => TaskEnd::Done(serde_json::from_str(&result).unwrap()),
    }
}

fn http_status(parsed: &Map<String, Value>) -> u64 {
    parsed.get("command_response").and_then(|response| response["http_status"].as_u64()).unwrap_or_default()
}

impl TaskEnd {
    /// The result of a task that is done.
    pub fn done(self) -> Value {
        match self {
            TaskEnd::Done(result) => result,
            other => panic!("{other:?}"),
        }
    }

    /// Code and message of a task that ended with an error.
    pub fn error(self) -> (String, String) {
        match self {
            TaskEnd::Error { code, message, .. } => (code, message),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn the_client_reads_in_the_backends_order() {
    let code = |status, body: Value| read("a/b", status, body.to_string()).error().0;
    let answer = |status: u16| json!({"body": {}, "http_status": status});
    // The error wins over the service's status, that over the proxy's.
    let all = json!({"command_response": answer(404), "command_response_version": 2, "error": {"error_code": "E", "message": "m"}});
    assert_eq!(code(500, all), "E");
    let no_error = json!({"command_response": answer(404), "command_response_version": 2, "error": null});
    assert_eq!(code(500, no_error), "ServiceTaskHttpError404");
    assert_eq!(code(500, json!({})), "ServiceTaskOperatorReturnedBadStatusError");
    assert_eq!(
        read("a/b", 200, "<html>".to_owned()).error().0,
        "ServiceTaskOperatorReturnedInvalidJsonError"
    );
    let accepted = json!({"command_response": answer(202), "command_response_version": 2, "error": null});
    assert_eq!(read("a/b", 202, accepted.to_string()), TaskEnd::Waiting);
}
