//! Drafts that are tried before they are released: with whose credential, to which hosts, and what is
//! recorded of it.

use axum::Router;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use axum::routing::any;
use serde_json::{Value, json};
use sluis_engine::trial::suite::{Outcome, Selection, drift, test_replayed};
use sluis_engine::{Engine, EngineBuilder, EnteredCredential, NewConnection, Opened, Overrides, Trial};
use sluis_invoke::cassette::Cassette;
use sluis_invoke::{EgressPolicy, HostPort, Transport};
use sluis_model::connection::ConnectionKey;
use sluis_model::connector::ConnectorDefinition;
use sluis_model::error::Reason;
use sluis_model::id::OrgId;
use sluis_vault::{KeySource, SystemRandomness, Vault};
use std::collections::BTreeMap;
use std::sync::Arc;
use url::Url;

const KEY: &str = "c4nary-key-0815";

/// Says what it was sent, its credential included, and sets a cookie.
async fn echo(headers: HeaderMap, request: Request) -> impl IntoResponse {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let known = headers.get("x-api-key").is_some_and(|value| value == KEY);
    let headers: BTreeMap<String, String> = headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()))
        .collect();
    let answer = json!({
        "method": parts.method.as_str(), "target": parts.uri.to_string(), "headers": headers,
        "body": String::from_utf8_lossy(&body), "known": known, "total": 5,
    });
    ([("set-cookie", format!("sid={KEY}")), ("x-request-key", KEY.to_owned())], axum::Json(answer))
}

struct Pets {
    engine: Engine,
    org: OrgId,
    host: String,
    _folder: tempfile::TempDir,
}

impl Pets {
    async fn new() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let router = Router::new().fallback(any(echo));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let folder = tempfile::tempdir().unwrap();
        let store = sluis_store::open(&folder.path().join("sluis.redb")).await.unwrap();
        let key = KeySource::File(folder.path().join("master.key"));
        let (vault, _) = Vault::unlock(store.as_ref(), &key, Arc::new(SystemRandomness)).await.unwrap();
        let transport = Transport::new(EgressPolicy::allowing(vec![HostPort::parse(&host).unwrap()]));
        let opened = Opened { store, vault: Arc::new(vault) };
        let url = Url::parse("http://127.0.0.1:8080").unwrap();
        let engine = EngineBuilder::new(Arc::new(opened), Arc::new(transport), url).build();
        let org: OrgId = "acme".parse().unwrap();
        engine.ensure_org(&org).await.unwrap();
        Self { engine, org, host, _folder: folder }
    }

    fn definition(&self, change: impl FnOnce(&mut Value)) -> ConnectorDefinition {
        let url = |path: &str| format!("http://{}/{path}", self.host);
        let mut file = json!({
            "sluis": 1, "namespace": "pets", "service": { "name": "Pets" },
            "auth": { "scheme": "api_key", "name": "X-Api-Key" }, "hosts": [self.host],
            "connection": { "variables": [{ "name": "shelf", "default": "a" }] },
            "apis": {
                "list": {
                    "method": "GET", "url": url("${shelf}/pets"), "query": { "limit": "${limit}" }, "effect": "read",
                    "inputs": { "limit": { "type": "number", "required": false } },
                    "tests": [
                        { "name": "two", "inputs": { "limit": 2 },
                          "expect": { "value": { "known": true }, "shape": { "target": "text", "total": "number" } } },
                        { "name": "wrong", "expect": { "value": { "total": 6 } } },
                    ],
                },
                "add": { "method": "POST", "url": url("pets"), "body": { "json": { "name": "${name}" } },
                         "tests": [{ "name": "Rex", "inputs": { "name": "Rex" } }] },
            },
        });
        change(&mut file);
        serde_json::from_value(file).unwrap()
    }

    /// Releases it and enters the key.
    async fn connected() -> Self {
        let pets = Self::new().await;
        pets.engine.release(pets.definition(|_| {}), Default::default()).await.unwrap();
        let key = ConnectionKey::main(&pets.org, &"pets".parse().unwrap());
        let entered = BTreeMap::from([("api_key".to_owned(), KEY.into())]);
        pets.engine.connect(&NewConnection::of(key), entered).await.unwrap();
        pets
    }

    async fn refused(&self, trial: Trial) -> Reason {
        self.engine.try_api(&self.org, &trial).await.unwrap_err().reason
    }
}

fn trial(definition: ConnectorDefinition, api: &str) -> Trial {
    Trial::of(definition, api, json!({ "name": "Tom" }).as_object().unwrap().clone())
}

#[tokio::test]
async fn a_draft_is_called_through_the_connection_with_what_was_overridden() {
    let pets = Pets::connected().await;
    let draft = pets.definition(|file| {
        let other =
            json!({ "method": "PUT", "url": format!("http://{}/new", pets.host), "body": { "json": {} } });
        file["apis"]["new"] = other;
    });
    let overrides: Overrides = serde_json::from_value(json!({
        "path": "/elsewhere", "query": { "q": "ä b" }, "headers": { "X-Extra": "1" }, "body": { "a": [1] },
    }))
    .unwrap();
    let answer = pets.engine.try_api(&pets.org, &Trial { overrides, ..trial(draft, "new") }).await.unwrap();
    let came: Value = serde_json::from_str(&answer.response).unwrap();
    assert_eq!((&came["known"], &came["method"]), (&json!(true), &json!("PUT")));
    assert_eq!((&came["target"], &came["body"]), (&json!("/elsewhere?q=%C3%A4+b"), &json!("{\"a\":[1]}")));
    assert_eq!(came["headers"]["x-extra"], "1");
    assert_eq!(came["headers"]["x-api-key"], "***", "the service repeats the key, and it is starred");
    assert!(answer.request.starts_with("PUT /elsewhere?q=%C3%A4+b HTTP/1.1"), "{}", answer.request);
    assert!(answer.curl.contains("--header 'X-Api-Key: ***'"), "{}", answer.curl);
    assert_eq!(answer.unused, ["name"]);
    let all = serde_json::to_string(&answer).unwrap();
    assert!(!all.contains(KEY) && !all.contains("set-cookie"), "{all}");
}

#[tokio::test]
async fn a_draft_cannot_send_the_credential_to_where_it_was_not_authorized_for() {
    let pets = Pets::connected().await;
    let elsewhere = pets.definition(|file| {
        file["hosts"] = json!([pets.host, "evil.example"]);
        file["apis"]["list"]["url"] = json!("https://evil.example/pets");
    });
    assert_eq!(pets.refused(trial(elsewhere, "list")).await, Reason::Forbidden);
    // A host of the draft is enough, even if this API does not call it: a redirect might.
    let wider = pets.definition(|file| file["hosts"] = json!([pets.host, "evil.example"]));
    assert_eq!(pets.refused(trial(wider, "list")).await, Reason::Forbidden);
    let session = pets.definition(|file| {
        file["auth"] = json!({ "scheme": "oauth2_client_credentials", "client": "vault:x", "token_url": "https://evil.example/t" });
    });
    assert_eq!(pets.refused(trial(session, "list")).await, Reason::Forbidden);
    let broken = pets.definition(|file| file["apis"]["list"]["url"] = json!("http://other.example/pets"));
    assert_eq!(pets.refused(trial(broken, "list")).await, Reason::InvalidDefinition);
}

#[tokio::test]
async fn a_connector_that_was_never_released_is_tried_with_an_entered_credential() {
    let pets = Pets::new().await;
    let draft = pets.definition(|_| {});
    assert_eq!(pets.refused(trial(draft.clone(), "list")).await, Reason::NotAuthorized);
    let fields = BTreeMap::from([("api_key".to_owned(), KEY.into())]);
    let entered = Some(EnteredCredential { auth: None, fields });
    let answer = pets
        .engine
        .try_api(&pets.org, &Trial { entered: entered.clone(), ..trial(draft.clone(), "list") })
        .await
        .unwrap();
    assert!(answer.response.contains("\"known\":true"), "{}", answer.response);
    assert!(!format!("{answer:?}").contains(KEY));
    let shelf = BTreeMap::from([("shelf".to_owned(), "b".to_owned())]);
    let on_b = Trial { entered: entered.clone(), variables: shelf, ..trial(draft.clone(), "list") };
    let answer = pets.engine.try_api(&pets.org, &on_b).await.unwrap();
    assert!(answer.response.contains("\"target\":\"/b/pets\""), "{}", answer.response);
    let unknown = BTreeMap::from([("shelve".to_owned(), "b".to_owned())]);
    assert_eq!(
        pets.refused(Trial { entered, variables: unknown, ..trial(draft.clone(), "list") }).await,
        Reason::InvalidInput
    );
    let none = Some(EnteredCredential::default());
    assert_eq!(pets.refused(Trial { entered: none, ..trial(draft, "list") }).await, Reason::InvalidInput);
    // A client that is kept for somebody else is not lent to a draft.
    let client = pets.definition(|file| {
        file["auth"] = json!({ "scheme": "oauth2_client_credentials", "client": "vault:x", "token_url": "https://evil.example/t" });
    });
    assert_eq!(
        pets.refused(Trial { entered: Some(EnteredCredential::default()), ..trial(client, "list") }).await,
        Reason::Forbidden
    );
}

#[tokio::test]
async fn tests_run_live_are_recorded_without_secrets_and_replayed_without_a_service() {
    let pets = Pets::connected().await;
    let draft = pets.definition(|_| {});
    let (report, cassette) = pets.engine.test_live(&pets.org, &draft, &Selection::default()).await.unwrap();
    let outcomes = |report: &sluis_engine::trial::suite::Report| {
        report.tests.iter().map(|t| (t.api.clone(), t.name.clone(), t.outcome)).collect::<Vec<_>>()
    };
    let named = |api: &str, name: &str, outcome| (api.to_owned(), name.to_owned(), outcome);
    use Outcome::{Failed, Passed, Skipped};
    assert_eq!(
        outcomes(&report),
        [named("add", "Rex", Skipped), named("list", "two", Passed), named("list", "wrong", Failed)]
    );
    assert_eq!(report.tests[2].faults, ["total: expected 6, actual 5"]);
    let text = cassette.write();
    for hidden in [KEY, "set-cookie", "sid="] {
        assert!(!text.contains(hidden), "{hidden} in {text}");
    }
    assert_eq!(cassette.variables["shelf"], "a");

    let writes = Selection { writes: true, ..Selection::default() };
    let (all, whole) = pets.engine.test_live(&pets.org, &draft, &writes).await.unwrap();
    assert_eq!((all.count(Passed), whole.exchanges.len()), (2, 3));
    let replayed =
        test_replayed(&draft, &Selection::default(), Cassette::read(&whole.write()).unwrap()).await.unwrap();
    assert_eq!(outcomes(&replayed), outcomes(&all));

    let another = pets.definition(|file| file["apis"]["list"]["tests"][0]["inputs"]["limit"] = json!(3));
    let replayed = test_replayed(&another, &Selection::default(), cassette.clone()).await.unwrap();
    let told = &replayed.tests[1].faults[0];
    assert!(told.contains("query: sent with limit=3, recorded without"), "{told}");

    let mut before = cassette.clone();
    let changed = text.replace("\"total\": 5", "\"total\": \"5\"");
    assert_eq!(drift(&before, &before), [""; 0]);
    before = Cassette::read(&changed).unwrap();
    assert!(
        drift(&before, &cassette).contains(&"list: two: total became number and was text".to_owned()),
        "{:?}",
        drift(&before, &cassette)
    );
}

#[tokio::test]
async fn a_release_keeps_what_differs_from_the_one_before() {
    let pets = Pets::connected().await;
    let wider = pets.definition(|file| file["hosts"] = json!([pets.host, "more.example"]));
    let release = pets.engine.release(wider, Default::default()).await.unwrap();
    assert_eq!(release.number, 2);
    assert!(release.changes.iter().any(|change| change.admin && change.what.contains("more.example")));
    let kept = pets.engine.release_of(&"pets".parse().unwrap(), 2).await.unwrap();
    assert_eq!(kept.changes, release.changes);
    let connection = Trial::of(kept.definition, "list", serde_json::Map::new());
    assert_eq!(pets.refused(connection).await, Reason::NeedsReauthorization);
}
