//! The leak test: a marked secret goes into every field of every scheme, everything runs against a
//! service that repeats what it is sent, and whatever is printed, kept or answered is searched for the
//! marks in every form.

use super::api::Api;
use super::marks::Marks;
use super::surfaces::{Log, Surfaces};
use super::world::{Seen, World};
use serde_json::{Value, json};
use sluis_auth::{Connects, Field, FieldKind};
use sluis_engine::trial::suite::Selection;
use sluis_engine::{Arrival, EntryPoint, LinkOpened, NewConnection, RunRequest, Through, Trial};
use sluis_model::secret::SecretText;
use std::collections::BTreeMap;

/// Every scheme of the connector schema, with its parameters. `BASE` is the service.
fn schemes() -> Vec<(&'static str, Value)> {
    let oauth2 = |scheme: &str, more: Value| {
        let mut config = json!({"scheme": scheme, "client": "vault:marked", "token_url": "BASE/token",
            "revoke_url": "BASE/fail", "scopes": ["read"]});
        for (key, value) in more.as_object().unwrap() {
            config[key] = value.clone();
        }
        config
    };
    let fields = json!([{"name": "user", "label": "User"}, {"name": "password", "label": "Password"}]);
    let login =
        json!({"url": "BASE/token", "body": {"form": {"user": "${user}", "password": "${password}"}}});
    vec![
        ("none", json!({"scheme": "none"})),
        ("api_key", json!({"scheme": "api_key", "in": "query", "name": "key"})),
        ("api_key", json!({"scheme": "api_key", "in": "cookie", "name": "key"})),
        ("api_key", json!({"scheme": "api_key", "in": "body", "name": "key"})),
        ("api_key", json!({"scheme": "api_key", "name": "X-Api-Key", "prefix": "Token "})),
        (
            "api_keys",
            json!({"scheme": "api_keys", "fields": [{"name": "one", "label": "One"}, {"name": "two", "label": "Two"}],
                "headers": {"X-One": "${one}", "X-Both": "${one}:${two}"}, "query": {"two": "${two}"}}),
        ),
        ("bearer", json!({"scheme": "bearer"})),
        ("basic", json!({"scheme": "basic"})),
        ("digest", json!({"scheme": "digest"})),
        (
            "hmac_signature",
            json!({"scheme": "hmac_signature", "sign": ["${method}", "${path}", "${timestamp}", "${key_id}"],
                "headers": {"X-Signature": "${key_id}:${signature}", "X-Time": "${timestamp}"}}),
        ),
        (
            "aws_sigv4",
            json!({"scheme": "aws_sigv4", "region": "us-east-1", "service": "execute-api", "session_token": true}),
        ),
        ("oauth1", json!({"scheme": "oauth1", "client": "vault:marked"})),
        (
            "oauth1",
            json!({"scheme": "oauth1", "client": "vault:marked", "request_token_url": "BASE/token?form",
                "authorize_url": "BASE/echo", "access_token_url": "BASE/token?form"}),
        ),
        ("mutual_tls", json!({"scheme": "mutual_tls"})),
        (
            "session_login",
            json!({"scheme": "session_login", "fields": fields, "login": login,
                "logout": {"url": "BASE/fail"}}),
        ),
        (
            "two_step_token",
            json!({"scheme": "two_step_token", "fields": fields, "calls": [login], "token": "$.access_token",
                "refresh_token": "$.refresh_token", "expires": {"at": "$.expires_in"},
                "refresh": {"url": "BASE/token", "body": {"form": {"refresh": "${refresh_token}"}}},
                "revoke": {"url": "BASE/fail", "body": {"form": {"token": "${token}"}}}}),
        ),
        (
            "oauth2_authorization_code",
            oauth2("oauth2_authorization_code", json!({"authorize_url": "BASE/echo"})),
        ),
        ("oauth2_client_credentials", oauth2("oauth2_client_credentials", json!({}))),
        ("oauth2_password", oauth2("oauth2_password", json!({}))),
        ("oauth2_jwt_bearer", oauth2("oauth2_jwt_bearer", json!({}))),
        ("oauth2_device_code", oauth2("oauth2_device_code", json!({"device_url": "BASE/token"}))),
        ("oauth2_token_exchange", oauth2("oauth2_token_exchange", json!({}))),
        ("choice", json!({"scheme": "choice", "configs": {"only": {"scheme": "api_key"}}})),
    ]
}

/// A private key whose lines are marked.
pub fn marked_key(marks: &Marks, name: &str) -> String {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap().serialize_pem();
    mark_lines(marks, name, &key);
    key
}

fn mark_lines(marks: &Marks, name: &str, pem: &str) {
    let secret = pem.lines().filter(|line| !line.starts_with('-') && line.len() > 40).skip(2);
    secret.for_each(|line| marks.known(name, line));
}

fn value_for(world: &World, scheme: &str, field: &Field) -> SecretText {
    let name = format!("{scheme} {}", field.name);
    match (field.kind, field.name.as_str()) {
        (FieldKind::Document, "certificate") => {
            let params = rcgen::CertificateParams::new(vec!["client.example".to_owned()]).unwrap();
            let key = rcgen::KeyPair::generate().unwrap();
            params.self_signed(&key).unwrap().pem().into()
        }
        (FieldKind::Document, _) => marked_key(&world.marks, &name).into(),
        // Shown while they are entered, and no secret in themselves: user names, ids of keys.
        (FieldKind::Text, _) => format!("plain-{}", field.name).into(),
        (FieldKind::Secret, _) => world.marks.secret(&name).into(),
    }
}

/// Connects, by whatever way the scheme has. False if nothing came of it.
async fn connect(world: &World, scheme: &str, wanted: &NewConnection, seen: &mut Surfaces) -> bool {
    let form = world.engine.connect_form(wanted).await.unwrap();
    seen.debug("the connect form", &form);
    match form.connects {
        Connects::Freely => true,
        Connects::ByFields => {
            let entered: BTreeMap<String, SecretText> = form
                .fields
                .iter()
                .map(|field| (field.name.clone(), value_for(world, scheme, field)))
                .collect();
            let outcome = world.engine.connect(wanted, entered).await;
            seen.debug("what connecting gave", &outcome);
            outcome.is_ok()
        }
        Connects::ByConsent => consent(world, wanted, seen).await,
        Connects::ByDevice => {
            let outcome = world.engine.start_connection(wanted).await;
            seen.debug("a device authorization", &outcome);
            false
        }
    }
}

async fn consent(world: &World, wanted: &NewConnection, seen: &mut Surfaces) -> bool {
    let started = world.engine.start_connection(wanted).await.unwrap();
    seen.debug("a begun authorization", &started.grant);
    let browser = world.engine.new_browser();
    let token: SecretText = started.authorize_url.path_segments().unwrap().next_back().unwrap().into();
    let opened = world.engine.open_link(&token, &browser).await.unwrap();
    seen.debug("an opened link", &opened);
    let LinkOpened::Ask(question) = opened else { panic!("nobody was asked") };
    // OAuth 1.0a asks for its request token here, and may be refused.
    let to = match world.engine.follow_link(&token, &browser, &question.confirmation).await {
        Ok(url) => url,
        Err(failure) => {
            seen.debug("a link that leads nowhere", &failure);
            return false;
        }
    };
    let given =
        |name: &str| to.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    let code = world.marks.secret("the authorization code");
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    match given("oauth_token") {
        Some(token) => query.extend_pairs([("oauth_token", token), ("oauth_verifier", code)]),
        None => query.extend_pairs([("state", given("state").unwrap()), ("code", code)]),
    };
    let (org, namespace, query) = (&world.org, &wanted.key.connector, query.finish());
    let arrival = Arrival { org, namespace, query: &query, browser: Some(&browser) };
    let outcome = world.engine.finish_authorization(arrival).await;
    seen.debug("a finished authorization", &outcome);
    outcome.is_ok_and(|grant| grant.outcome == sluis_model::grant::GrantOutcome::Authorized)
}

async fn use_it(world: &World, api_server: &Api, namespace: &str, seen: &mut Surfaces) {
    api_server.walk(world, namespace, seen).await;
    let source = format!(
        r#"for each api in {{"echo","fail","refuse"}} {{
            try {{ info invokeConnector("{namespace}." + api, {{"q": "1"}}); }} catch (e) {{ info e; }}
        }}
        info invokeConnector("{namespace}.write", {{"name": "Ada"}});
        info invokeurl [ url: "http://{}/echo" connection: "{namespace}" detailed: true ];
        return isAuthorized("{namespace}");"#,
        world.service.host
    );
    let request = RunRequest { source, ..request(world) };
    let mut observer = Seen::default();
    let end = world.engine.run(request, &mut observer).await;
    seen.debug("the end of a run", &end);
    seen.add("what a run printed", observer.lines.join("\n"));
    seen.add("the wire view of a run", observer.wires.join("\n"));
    if let Ok(end) = end {
        let record = world.engine.run_record(&world.org, &end.run.id).await.unwrap();
        seen.add("the record of a run", serde_json::to_string(&record).unwrap());
    }
    let api = format!("{namespace}.write").parse().unwrap();
    let inputs = json!({"name": "Ada"}).as_object().unwrap().clone();
    seen.debug("explain", &world.engine.explain(&world.org, &api, &inputs, &Through::default()).await);
    seen.debug("an invocation", &world.engine.invoke(&world.org, &api, &inputs).await);
    seen.debug("a line of cURL", &world.engine.curl(&world.org, &api, &inputs, &Through::default()).await);
    try_a_draft(world, namespace, seen).await;
    let connections = world.engine.connections(&world.org).await.unwrap();
    seen.debug("connections", &connections);
    seen.add("connections as JSON", serde_json::to_string(&connections).unwrap());
}

/// A draft of the released connector with a test, tried and recorded on a cassette.
async fn try_a_draft(world: &World, namespace: &str, seen: &mut Surfaces) {
    let release = world.engine.latest_release(&namespace.parse().unwrap()).await.unwrap();
    let mut draft = release.definition;
    let test = json!([{ "name": "all", "inputs": { "q": "1" } }]);
    for key in ["echo", "fail", "refuse"] {
        draft.apis.get_mut(key).unwrap().tests = serde_json::from_value(test.clone()).unwrap();
    }
    let selection = Selection { writes: true, ..Selection::default() };
    match world.engine.test_live(&world.org, &draft, &selection).await {
        Ok((report, cassette)) => {
            assert_eq!(cassette.exchanges.len(), 3, "{report:?}");
            seen.debug("a report", &report);
            seen.add("a cassette", cassette.write());
        }
        Err(failure) => seen.debug("a cassette that was not recorded", &failure),
    }
    let trial = Trial::of(draft, "echo", serde_json::Map::new());
    let tried = world.engine.try_api(&world.org, &trial).await;
    seen.debug("a trial", &tried);
    seen.add("a trial as JSON", serde_json::to_string(&tried.ok()).unwrap());
}

fn request(world: &World) -> RunRequest {
    RunRequest {
        org: world.org.clone(),
        user: None,
        label: "leak.dg".to_owned(),
        function: None,
        source: String::new(),
        entry: EntryPoint::Default,
        args: Vec::new(),
        keep: true,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_of_any_scheme_is_printed_kept_or_answered() {
    let log = Log::of_this_process();
    let world = World::new().await;
    let api = Api::start(world.engine.clone()).await;
    let mut seen = Surfaces::default();
    let mut connected = Vec::new();
    for (number, (scheme, auth)) in schemes().into_iter().enumerate() {
        let namespace = format!("marked{number}");
        let wanted = world.release(&namespace, &auth).await.unwrap_or_else(|why| panic!("{scheme}: {why}"));
        if connect(&world, scheme, &wanted, &mut seen).await {
            connected.push(format!("{scheme} {number}"));
            use_it(&world, &api, &namespace, &mut seen).await;
            // Past the end of every token: the next call renews.
            world.clock.advance(4000);
            use_it(&world, &api, &namespace, &mut seen).await;
        }
        let broken = json!(auth.to_string().replace("BASE/token", "BASE/bad-token"));
        let broken: Value = serde_json::from_str(broken.as_str().unwrap()).unwrap();
        let refused = world.release(&format!("broken{number}"), &broken).await.unwrap();
        connect(&world, scheme, &refused, &mut seen).await;
        if scheme != "none" {
            api.revoke(&namespace, &mut seen).await;
            seen.debug("a revocation", &world.engine.revoke(&world.org, &wanted.key.connector).await);
        }
    }
    super::knocks::use_triggers(&world, &api, &mut seen).await;
    api.end().await;
    seen.folder(world.folder.path(), &["master.key"]);
    seen.add("the log", log.written());
    assert!(log.written().len() > 1000, "the log is written");
    assert!(connected.len() >= 15, "{connected:?}");
    assert!(world.marks.count() > 60, "{}", world.marks.count());
    let finder = world.marks.finder();
    let leaks: Vec<String> = seen
        .all()
        .flat_map(|(place, bytes)| {
            finder.found_in(bytes).into_iter().map(move |mark| format!("{place}: {mark}"))
        })
        .collect();
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));
    println!("{} secrets, {} surfaces: {:?}", world.marks.count(), seen.places().len(), seen.places());
}

#[test]
fn every_scheme_of_the_schema_is_put_to_the_test() {
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/../spec/connector/schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap();
    let names = schema["$defs"]["auth"]["properties"]["scheme"]["enum"].as_array().unwrap();
    let tested: Vec<&str> = schemes().into_iter().map(|(name, _)| name).collect();
    let missing: Vec<&Value> =
        names.iter().filter(|name| !tested.contains(&name.as_str().unwrap())).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
