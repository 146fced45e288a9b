//! Every route with every role, and with another org's ids: exactly what the table says.

use crate::people::Person;
use crate::world::{Answer, World, read};
use serde_json::{Value, json};
use sluis_model::access::{Office, Permission, Role};
use sluis_server::access::table::{Demand, TABLE};
use std::collections::BTreeSet;

/// Somebody who asks, and what the tables say of them.
struct Caller<'w> {
    name: &'static str,
    by: By<'w>,
    above: Vec<Permission>,
    in_acme: Vec<Permission>,
    knows_acme: bool,
}

enum By<'w> {
    Nothing,
    Person(Person<'w>),
    Token(String),
}

impl Caller<'_> {
    async fn ask(&self, world: &World, method: &str, path: &str) -> Answer {
        if let By::Person(person) = &self.by {
            return person.ask(method, path, Some(json!({}))).await;
        }
        let request = world.client.request(method.parse().unwrap(), format!("{}/api/v1{path}", world.base));
        let request = request.header("content-type", "application/json").body("{}");
        let request = match &self.by {
            By::Token(token) => request.bearer_auth(token),
            _ => request,
        };
        read(request.send().await.unwrap()).await
    }
}

/// A path of a pattern that names nothing that exists in `acme`.
fn path_of(pattern: &str) -> String {
    let filled = [
        ("{org}", "acme"),
        ("{user}", "nobody@example.com"),
        ("{namespace}", "nothing"),
        ("{name}", "nothing"),
        ("{prefix}", "slu_zzzzzzzz"),
        ("{api}", "nothing.here"),
        ("{input}", "x"),
        ("{call}", "1.1"),
    ];
    let id = match pattern {
        _ if pattern.contains("/runs/") => "run_00000000000000000000000000",
        _ if pattern.contains("/grants/") => "grn_00000000000000000000000000",
        _ => "dlv_00000000000000000000000000",
    };
    let path = filled.iter().fold(pattern.to_owned(), |path, (name, value)| path.replace(name, value));
    path.replace("{id}", id)
}

fn of_role(role: Role) -> Vec<Permission> {
    role.permissions().to_vec()
}

/// Somebody of each kind.
async fn callers(world: &World) -> Vec<Caller<'_>> {
    let token = async |body: Value| {
        let made = world.post("/api/v1/tokens", body).await.json();
        By::Token(made["secret"].as_str().unwrap().to_owned())
    };
    let somewhere = vec![Permission::ConnectorsRead];
    let mut all =
        vec![Caller { name: "nobody", by: By::Nothing, above: vec![], in_acme: vec![], knows_acme: false }];
    for role in Role::ALL {
        let by = By::Person(world.member("acme", role.as_str()).await);
        all.push(Caller {
            name: role.as_str(),
            by,
            above: somewhere.clone(),
            in_acme: of_role(*role),
            knows_acme: true,
        });
    }
    let rival = By::Person(world.member("rival", "admin").await);
    all.push(Caller {
        name: "admin of rival",
        by: rival,
        above: somewhere,
        in_acme: vec![],
        knows_acme: false,
    });
    for office in Office::ALL {
        let rights = office.permissions().to_vec();
        let knows_acme = rights.contains(&Permission::OrgsRead);
        let by = By::Person(world.officer(office.as_str()).await);
        all.push(Caller { name: office.as_str(), by, above: rights.clone(), in_acme: rights, knows_acme });
    }
    let bound = Permission::of_unscoped_token(true);
    let free = Permission::of_unscoped_token(false);
    let only = vec![Permission::Invoke];
    let made = [
        ("token of acme", json!({ "name": "a", "org": "acme" }), bound.clone(), bound.clone(), true),
        ("token of rival", json!({ "name": "b", "org": "rival" }), bound, vec![], false),
        ("free token", json!({ "name": "c" }), free.clone(), free, true),
        (
            "token to invoke",
            json!({ "name": "d", "org": "acme", "scopes": ["invoke"] }),
            only.clone(),
            only,
            true,
        ),
    ];
    for (name, body, above, in_acme, knows_acme) in made {
        all.push(Caller { name, by: token(body).await, above, in_acme, knows_acme });
    }
    all
}

/// What the gate says; `None` if it lets the request through to its handler.
fn refusal(answer: &Answer) -> Option<(u16, String)> {
    if !matches!(answer.status, 401 | 403 | 404) {
        return None;
    }
    let problem = answer.json();
    let (code, detail) = (problem["code"].as_str().unwrap(), problem["detail"].as_str().unwrap());
    let by_the_gate = match code {
        "unauthenticated" => !detail.starts_with("address and password"),
        "forbidden" => detail.starts_with("this demands"),
        // The handler knows no more than the gate where the org does not exist.
        "org_not_found" => true,
        _ => false,
    };
    by_the_gate.then(|| (answer.status, code.to_owned()))
}

#[tokio::test]
async fn every_route_answers_every_role_as_the_table_says() {
    let world = World::ready().await;
    world.put("/api/v1/orgs/rival", json!({})).await;
    let callers = callers(&world).await;
    let mut probes = 0;
    for (method, pattern, demand) in TABLE {
        // Whoever asked would be signed out, and the next question would be somebody else's.
        if *pattern == "/session" && *method == "DELETE" {
            continue;
        }
        for caller in &callers {
            let in_org = pattern.starts_with("/orgs/{org}");
            let rights = if in_org { &caller.in_acme } else { &caller.above };
            let allowed = match demand {
                Demand::Nothing | Demand::Known => true,
                Demand::May(permission) => rights.contains(permission),
                Demand::Either(one, other) => rights.contains(one) || rights.contains(other),
            };
            let expected = match (demand, &caller.by) {
                (Demand::Nothing, _) => None,
                (_, By::Nothing) => Some((401, "unauthenticated".to_owned())),
                _ if allowed => None,
                _ if in_org && !caller.knows_acme => Some((404, "org_not_found".to_owned())),
                _ => Some((403, "forbidden".to_owned())),
            };
            let answer = caller.ask(&world, method, &path_of(pattern)).await;
            assert_eq!(
                refusal(&answer),
                expected,
                "{} asks {method} {pattern}: {}",
                caller.name,
                answer.text
            );
            probes += 1;
        }
    }
    assert_eq!(probes, (TABLE.len() - 1) * callers.len());
}

#[tokio::test]
async fn another_orgs_ids_are_not_found_in_ones_own() {
    let world = World::ready().await;
    world.put("/api/v1/orgs/rival", json!({})).await;
    let theirs = "/api/v1/orgs/rival";
    world.put(&format!("{theirs}/functions/secret"), json!({ "source": "return 1;" })).await;
    let run = world.post(&format!("{theirs}/functions/secret/run"), json!({})).await.json();
    let run = run["run_id"].as_str().unwrap().to_owned();
    let hook = json!({ "function": "secret", "on": { "webhook": { "preset": "github" } } });
    assert_eq!(world.put(&format!("{theirs}/triggers/theirs"), hook).await.status, 200);
    let started = world.post(&format!("{theirs}/connections/gcontacts/authorize"), json!({})).await.json();
    let grant = started["grant_id"].as_str().unwrap().to_owned();
    let token = world.post("/api/v1/tokens", json!({ "name": "b", "org": "rival" })).await.json();
    let prefix = token["token"]["prefix"].as_str().unwrap().to_owned();
    world.member("rival", "admin").await;
    let admin = world.member("acme", "admin").await;
    let their_user = "members/admin@rival.example";
    for (method, path, body) in [
        ("GET", "functions/secret".to_owned(), None),
        ("POST", "functions/secret/run".to_owned(), Some(json!({}))),
        ("GET", format!("runs/{run}"), None),
        ("POST", format!("runs/{run}/again"), Some(json!({}))),
        ("GET", format!("runs/{run}/open-calls"), None),
        ("POST", format!("runs/{run}/open-calls/1.1"), Some(json!({ "outcome": "not_done" }))),
        ("GET", "triggers/theirs".to_owned(), None),
        ("GET", "triggers/theirs/history".to_owned(), None),
        ("DELETE", "triggers/theirs".to_owned(), None),
        ("POST", "triggers/theirs/address".to_owned(), None),
        ("DELETE", "triggers/theirs/address".to_owned(), None),
        ("POST", "triggers/theirs/pause".to_owned(), None),
        ("POST", "triggers/theirs/test".to_owned(), Some(json!({}))),
        ("PUT", "triggers/theirs/secrets".to_owned(), Some(json!({ "secrets": [] }))),
        ("GET", format!("grants/{grant}"), None),
        ("DELETE", format!("tokens/{prefix}"), None),
        ("PUT", their_user.to_owned(), Some(json!({ "role": "member" }))),
        ("DELETE", their_user.to_owned(), None),
    ] {
        let answer = admin.ask(method, &format!("/orgs/acme/{path}"), body.clone()).await;
        assert!(matches!(answer.status, 400 | 404), "{method} {path}: {} {}", answer.status, answer.text);
        assert!(answer.status == 404 || method == "POST", "{method} {path}: {}", answer.text);
        let there = admin.ask(method, &format!("/orgs/rival/{path}"), body).await;
        there.problem(404, "org_not_found");
    }
    assert_eq!(world.get(&format!("{theirs}/runs/{run}")).await.status, 200, "all of it is still there");
    assert_eq!(
        world.get_with(&format!("{theirs}/functions"), token["secret"].as_str().unwrap()).await.status,
        200
    );
}

#[test]
fn the_table_knows_every_operation_that_is_described_and_no_other() {
    let described: BTreeSet<(String, String)> = crate::openapi::operations()
        .into_iter()
        .map(|(method, pattern, _)| (method, pattern.trim_start_matches("/api/v1").to_owned()))
        .collect();
    let known: BTreeSet<(String, String)> =
        TABLE.iter().map(|(method, pattern, _)| ((*method).to_owned(), (*pattern).to_owned())).collect();
    assert_eq!(described, known);
}
