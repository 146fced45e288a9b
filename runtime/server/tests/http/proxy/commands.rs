//! What there is, who may know it, and whose it is.

use super::backend::Backend;
use super::services::Stage;
use crate::world::{TOKEN, World, read};
use serde_json::{Value, json};
use sluis_example_provider::Settings;

fn find<'a>(list: &'a [Value], id: &str) -> &'a Value {
    list.iter().find(|one| one["id"] == id).unwrap_or_else(|| panic!("{id} in {list:?}"))
}

#[tokio::test]
async fn apis_are_commands_with_their_inputs_in_order_and_in_the_protocols_types() {
    let stage = Stage::new().await;
    let commands = stage.backend.commands().await.unwrap();
    assert_eq!(
        *find(&commands, "probe/create"),
        json!({ "id": "probe/create", "parameters": [
            { "id": "urgent", "type": "bool", "required": false },
            { "id": "name", "type": "str", "required": true },
            { "id": "count", "type": "any", "required": false },
            { "id": "note", "type": "any", "required": false },
            { "id": "on", "type": "str", "required": false },
            { "id": "more", "type": "any", "required": true },
        ]})
    );
    assert_eq!(find(&commands, "probe/pick")["parameters"][2]["type"], "int");
    // Whatever needs a connection can be told which.
    let connected = find(&commands, "gcontacts/contacts");
    assert_eq!(
        connected["parameters"],
        json!([{ "id": "sluis__connection", "type": "str", "required": false }])
    );
}

#[tokio::test]
async fn what_a_person_can_authorize_in_a_browser_is_listed_and_nothing_else() {
    let stage = Stage::new().await;
    assert_eq!(
        stage.backend.auths().await.unwrap(),
        [json!({ "id": "gcontacts/default", "parameters": [] })]
    );
}

#[tokio::test]
async fn one_url_and_one_key_are_all_that_a_backend_needs() {
    let stage = Stage::new().await;
    let own = stage.backend.key.as_deref();
    let at =
        |path: &str, key: Option<&str>| Backend::new(&format!("{}{path}", stage.world.base), key, "http://b");
    let (root, acme) =
        (at("", own).commands().await.unwrap(), at("/proxy/acme", own).commands().await.unwrap());
    assert_eq!(root, acme);
    assert_eq!(at("/proxy/acme", Some(TOKEN)).commands().await.unwrap(), root);
    assert_eq!(stage.world.put("/api/v1/orgs/rival", json!({})).await.status, 200);
    // A key of one org opens no other, no key opens none, and a key for all must say which it means.
    assert_eq!(at("/proxy/rival", own).commands().await, None);
    assert_eq!(at("/proxy/acme", None).commands().await, None);
    assert_eq!(at("", Some("wrong")).commands().await, None);
    assert_eq!(at("", Some(TOKEN)).commands().await, None);
}

#[tokio::test]
async fn whoever_shows_no_key_is_answered_as_the_protocol_says() {
    let stage = Stage::new().await;
    let world = &stage.world;
    for (method, path) in [
        ("GET", "/v1/commands"),
        ("GET", "/v1/auths"),
        ("POST", "/v1/do/probe/text"),
        ("GET", "/v1/typeahead/probe/create/urgent"),
        ("GET", "/proxy/acme/v1/commands"),
        ("POST", "/proxy/acme/v1/do/probe/text"),
        ("GET", "/proxy/nobody/v1/commands"),
    ] {
        for key in [None, Some("wrong"), Some("")] {
            let mut request = world.client.request(method.parse().unwrap(), format!("{}{path}", world.base));
            if let Some(key) = key {
                request = request.header("Spiff-Connector-Proxy-Api-Key", key);
            }
            let answer = read(request.send().await.unwrap()).await;
            assert_eq!(
                (answer.status, answer.json()),
                (401, json!({ "error": "Unauthorized" })),
                "{method} {path}"
            );
        }
    }
    let two = world.client.get(format!("{}/v1/commands", world.base));
    let two =
        two.header("Spiff-Connector-Proxy-Api-Key", TOKEN).header("Spiff-Connector-Proxy-Api-Key", TOKEN);
    assert_eq!(read(two.send().await.unwrap()).await.status, 401);
}

#[tokio::test]
async fn liveness_is_open_and_a_server_without_a_token_serves_no_proxy() {
    let world = World::new().await;
    for path in ["/liveness", "/v1/liveness", "/proxy/acme/v1/liveness", "/proxy/acme/liveness"] {
        let answer = world.browse(&format!("{}{path}", world.base)).await;
        assert_eq!((answer.status, answer.json()), (200, json!({ "ok": true })), "{path}");
    }
    assert_eq!(world.browse(&format!("{}/proxy/acme", world.base)).await.status, 200);
    let closed = World::with(Settings::default(), false).await;
    assert_eq!(closed.browse(&format!("{}/v1/commands", closed.base)).await.status, 404);
}

#[tokio::test]
async fn a_token_that_was_made_for_an_org_acts_for_no_other() {
    let stage = Stage::new().await;
    let (world, key) = (&stage.world, stage.backend.key.as_deref().unwrap());
    assert_eq!(world.put("/api/v1/orgs/rival", json!({})).await.status, 200);
    assert_eq!(world.get_with("/api/v1/orgs/acme/connections", key).await.status, 200);
    world.get_with("/api/v1/orgs/rival/connections", key).await.problem(404, "org_not_found");
    world.get_with("/api/v1/tokens", key).await.problem(403, "forbidden");
    world.get_with("/api/v1/x", key).await.problem(404, "not_found");
    world.post("/api/v1/tokens", json!({ "name": "x", "org": "nobody" })).await.problem(404, "org_not_found");
}

#[tokio::test]
async fn suggestions_need_the_key_unless_the_org_has_opened_them() {
    let stage = Stage::new().await;
    let world = &stage.world;
    let ask = async |query: &str, key: bool| {
        let request = world.client.get(format!("{}/proxy/acme/v1/typeahead/{query}", world.base));
        let request = if key { request.bearer_auth(TOKEN) } else { request };
        read(request.send().await.unwrap()).await
    };
    let name = json!([{ "value": "Ada", "label": "Ada" }]);
    assert_eq!(ask("probe/create/name?prefix=a&limit=5", true).await.json(), name);
    assert_eq!(ask("probe%2Fcreate%2Fname?prefix=A", true).await.json(), name);
    assert_eq!(ask("probe/create/name?prefix=b", true).await.json(), json!([]));
    assert_eq!(
        ask("probe/create/urgent?limit=1", true).await.json(),
        json!([{ "value": true, "label": "true" }])
    );
    for unknown in ["probe/create/nothing", "probe/nothing/name", "nothing", "a/b/c/d"] {
        assert_eq!(ask(unknown, true).await.status, 404, "{unknown}");
    }
    let ops = json!([{ "value": 1, "label": "ops" }]);
    assert_eq!(ask("probe/pick/channel?prefix=o", true).await.json(), ops);
    assert_eq!(ask("probe/pick/channel?limit=1", true).await.json(), ops);
    let tones = json!([{ "value": "calm", "label": "calm" }, { "value": "cross", "label": "cross" }]);
    assert_eq!(ask("probe/pick/tone?prefix=c", true).await.json(), tones);
    assert_eq!(ask("probe/create/name", false).await.status, 401);
    stage.allow(json!({ "open_typeahead": ["probe/create/name"] })).await;
    assert_eq!(ask("probe/create/name", false).await.json(), name);
    assert_eq!(ask("probe/create/urgent", false).await.status, 401);
}
