//! Several connections of a connector, and each user's own: begun, listed, used and given back over HTTP.

use crate::world::World;
use serde_json::{Value, json};

const CONNECTIONS: &str = "/api/v1/orgs/acme/connections";

/// A world whose connector says this of its connections, beside having an `account` that tells whose
/// account it is.
async fn world(connection: &str) -> World {
    let world = World::ready().await;
    let issuer = &world.provider.issuer;
    let account = format!("  account:\n    method: GET\n    url: {issuer}/account\n    effect: read\n");
    let file = world.definition("gcontacts") + &account + connection;
    let released = world.post("/api/v1/connectors", json!({ "definition": file })).await;
    assert_eq!(released.status, 200, "{}", released.text);
    world
}

/// Begins with this body and consents as the person would.
async fn authorize(world: &World, wanted: Value) -> Value {
    let started = world.post(&format!("{CONNECTIONS}/gcontacts/authorize"), wanted).await;
    assert_eq!(started.status, 201, "{}", started.text);
    let link = started.json()["authorize_url"].as_str().unwrap().to_owned();
    world.browse(&world.callback_of(&link).await).await;
    world.get(started.header("location")).await.json()
}

async fn listed(world: &World) -> Vec<Value> {
    world.get(CONNECTIONS).await.json()["connections"].as_array().unwrap().clone()
}

#[tokio::test]
async fn each_user_authorizes_calls_and_gives_back_their_own() {
    let world = world("connection:\n  owner: user\n  identity:\n    api: account\n    path: $.email\n").await;
    let begin = format!("{CONNECTIONS}/gcontacts/authorize");
    let problem = world.post(&begin, json!({})).await.problem(400, "invalid_input");
    assert!(problem["detail"].as_str().unwrap().contains("no user is named"), "{problem}");
    assert!(problem["help"].as_str().unwrap().contains("`user` over HTTP"), "{problem}");
    for (name, user) in
        [("main", "ada@example.com"), ("sales", "ada@example.com"), ("main", "bob@example.com")]
    {
        let grant = authorize(&world, json!({"name": name, "user": user})).await;
        assert_eq!(grant["outcome"], "authorized", "{grant}");
        assert_eq!((&grant["name"], &grant["user"]), (&json!(name), &json!(user)));
    }
    let all = listed(&world).await;
    let keys: Vec<_> =
        all.iter().map(|one| (one["name"].as_str().unwrap(), one["user"].as_str().unwrap())).collect();
    assert_eq!(keys.len(), 3, "{all:?}");
    assert!(keys.contains(&("sales", "ada@example.com")), "{keys:?}");
    assert_eq!(all[0]["account"], "sam@sample.example");
    assert_eq!(all[0]["state"], "active");

    let push = "/api/v1/orgs/acme/invoke/gcontacts.pushcontact";
    let data = json!({"first": "Ada", "last": "Lovelace"});
    let through =
        |connection: &str, user: &str| json!({"data": data, "connection": connection, "user": user});
    world.post(push, json!({"data": data})).await.problem(400, "invalid_input");
    assert_eq!(world.post(push, through("sales", "ada@example.com")).await.json()["status_code"], 201);
    let problem = world.post(push, through("sales", "bob@example.com")).await.problem(409, "not_authorized");
    assert!(problem["help"].as_str().unwrap().contains("--name sales --user bob@example.com"), "{problem}");
    let shown = world.post(&format!("{push}?explain=true"), through("sales", "ada@example.com")).await;
    assert!(shown.json()["request"].as_str().unwrap().contains("***"), "{}", shown.text);

    let given_back = format!("{CONNECTIONS}/gcontacts?name=sales&user=ada@example.com");
    assert_eq!(world.delete(&given_back).await.json()["provider"]["result"], "revoked");
    world.delete(&given_back).await.problem(409, "not_authorized");
    world.delete(&format!("{CONNECTIONS}/gcontacts?nam=sales")).await.problem(400, "invalid_input");
    assert_eq!(listed(&world).await.len(), 2);
}

#[tokio::test]
async fn a_function_runs_on_behalf_of_a_user() {
    let world = world("connection:\n  owner: user\n").await;
    authorize(&world, json!({"user": "ada@example.com"})).await;
    let source = "return invokeConnector(\"gcontacts.contacts\", Map()).get(\"status_code\");";
    world.put("/api/v1/orgs/acme/functions/count", json!({ "source": source })).await;
    let run = "/api/v1/orgs/acme/functions/count/run";
    let ran = world.post(run, json!({"user": "ada@example.com"})).await;
    assert_eq!(ran.status, 200, "{}", ran.text);
    assert_eq!((&ran.json()["value"], &ran.json()["user"]), (&json!(200), &json!("ada@example.com")));
    let problem = world.post(run, json!({})).await.problem(422, "script_fault");
    let said = problem["fault"]["message"].as_str().unwrap();
    assert!(said.contains("each user connects `gcontacts` for themselves"), "{problem}");
    world.post(run, json!({"user": "ada@example.com"})).await;
    world.post(run, json!({"user": ""})).await.problem(400, "invalid_input");
    let problem = world.post(run, json!({"user": "bob@example.com"})).await.problem(422, "script_fault");
    assert!(problem.to_string().contains("bob@example.com"), "{problem}");
}

#[tokio::test]
async fn environment_and_variables_are_chosen_and_shown_and_an_unknown_one_is_named() {
    let world = world(
        "connection:\n  variables:\n    - name: region\n      enum: [eu, us]\n    - name: label\n      optional: true\n  \
         environments:\n    production:\n      variables: {region: eu}\n    sandbox:\n      variables: {region: us}\n  \
         default_environment: production\n",
    )
    .await;
    authorize(&world, json!({})).await;
    let wanted = json!({"name": "try", "environment": "sandbox", "variables": {"label": "mine"}});
    authorize(&world, wanted).await;
    let shown: Vec<_> = listed(&world)
        .await
        .into_iter()
        .map(|one| (one["name"].clone(), one["environment"].clone(), one["variables"].clone()))
        .collect();
    assert!(shown.contains(&(json!("main"), json!("production"), json!({"region": "eu"}))), "{shown:?}");
    let tried = (json!("try"), json!("sandbox"), json!({"region": "us", "label": "mine"}));
    assert!(shown.contains(&tried), "{shown:?}");
    // Again, without saying where: the same place.
    authorize(&world, json!({"name": "try"})).await;
    let again = listed(&world).await.into_iter().find(|one| one["name"] == "try").unwrap();
    assert_eq!((&again["environment"], &again["variables"]["label"]), (&tried.1, &json!("mine")));

    let begin = format!("{CONNECTIONS}/gcontacts/authorize");
    let unknown = json!({"environment": "sandbx"});
    let problem = world.post(&begin, unknown).await.problem(400, "invalid_input");
    assert_eq!(problem["help"], "did you mean `sandbox`?");
    let wrong = json!({"variables": {"region": "mars"}});
    let problem = world.post(&begin, wrong).await.problem(400, "invalid_input");
    assert!(problem["detail"].as_str().unwrap().contains("eu, us"), "{problem}");
    world.post(&begin, json!({"nmae": "x"})).await.problem(400, "invalid_input");
    let for_one = world.post(&begin, json!({"user": "ada@example.com"})).await.problem(400, "invalid_input");
    assert!(for_one["detail"].as_str().unwrap().contains("once for the whole organisation"), "{for_one}");
}

#[tokio::test]
async fn a_consent_that_the_service_does_not_accept_is_told_and_changes_nothing() {
    let world = world("").await;
    authorize(&world, json!({})).await;
    let before = listed(&world).await;
    // The next release asks for less than its test call needs.
    let file = world.definition("gcontacts").replace("[contacts.read, contacts.write]", "[contacts.read]");
    let test = "connection:\n  test:\n    api: pushcontact\n    inputs: {first: Ada, last: Lovelace}\n";
    assert_eq!(world.post("/api/v1/connectors", json!({ "definition": file + test })).await.status, 200);
    let grant = authorize(&world, json!({})).await;
    assert_eq!(grant["outcome"], "failed", "{grant}");
    let reason = grant["reason"].as_str().unwrap();
    assert!(reason.contains("the service does not accept what `gcontacts` holds (status 403)"), "{reason}");
    assert!(reason.contains("does not ask for the scopes that this call needs: contacts.write"), "{reason}");
    assert_eq!(listed(&world).await[0]["connection_id"], before[0]["connection_id"]);
}
