//! People: invited, signed in, given roles, shut out.

use crate::world::{Answer, World, read};
use serde_json::{Value, json};

pub const PASSWORD: &str = "correct horse battery";

/// A person's browser: a cookie, and the origin that its pages have.
pub struct Person<'w> {
    pub world: &'w World,
    pub cookie: String,
}

impl Person<'_> {
    pub async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let method: reqwest::Method = method.parse().unwrap();
        let mut request = self.world.client.request(method, format!("{}/api/v1{path}", self.world.base));
        request = request.header("cookie", &self.cookie).header("origin", &self.world.base);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        read(request.send().await.unwrap()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, None).await
    }
}

impl World {
    /// Somebody who has accepted an invitation, made at `path` with `wanted`.
    pub async fn invited(&self, path: &str, wanted: Value) -> Person<'_> {
        let made = self.post(path, wanted).await;
        assert_eq!((made.status, made.header("cache-control")), (201, "no-store"), "{}", made.text);
        let accepted = json!({ "invitation": made.json()["invitation"], "password": PASSWORD });
        let answer = self.open_post("/invitations/accept", accepted).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        self.person(&answer)
    }

    pub async fn member(&self, org: &str, role: &str) -> Person<'_> {
        let wanted = json!({ "user": format!("{role}@{org}.example"), "role": role });
        self.invited(&format!("/api/v1/orgs/{org}/invitations"), wanted).await
    }

    pub async fn officer(&self, office: &str) -> Person<'_> {
        let wanted = json!({ "user": format!("{office}@sluis.example"), "offices": [office] });
        self.invited("/api/v1/users", wanted).await
    }

    /// A browser with the cookie of an answer.
    pub fn person(&self, answer: &Answer) -> Person<'_> {
        let line = answer.header("set-cookie");
        assert!(line.contains("; HttpOnly; SameSite=Lax"), "{line}");
        Person { world: self, cookie: line.split(';').next().unwrap().to_owned() }
    }

    /// As somebody whom nobody knows yet.
    pub async fn open_post(&self, path: &str, body: Value) -> Answer {
        let request = self.client.post(format!("{}/api/v1{path}", self.base));
        let request = request.header("content-type", "application/json").body(body.to_string());
        read(request.send().await.unwrap()).await
    }

    pub async fn sign_in(&self, user: &str, password: &str) -> Answer {
        self.open_post("/session", json!({ "user": user, "password": password })).await
    }
}

#[tokio::test]
async fn somebody_who_was_invited_signs_in_and_out() {
    let world = World::ready().await;
    let ada = world.member("acme", "author").await;
    let known = ada.get("/session").await.json();
    assert_eq!(known["user"], "author@acme.example");
    assert_eq!(known["orgs"][0]["role"], "author");
    assert!(known["orgs"][0]["permissions"].as_array().unwrap().contains(&json!("functions.write")));
    assert_eq!(ada.get("/orgs/acme/functions").await.status, 200);
    assert_eq!(ada.get("/orgs").await.json()["orgs"].as_array().unwrap().len(), 1);

    let again = world.sign_in("Author@ACME.example", PASSWORD).await;
    assert_eq!(again.status, 200, "addresses are compared without case: {}", again.text);
    let elsewhere = world.person(&again);
    assert_ne!(ada.cookie, elsewhere.cookie);
    let left = ada.ask("DELETE", "/session", None).await;
    assert_eq!(left.status, 204);
    assert!(left.header("set-cookie").contains("Max-Age=0"));
    ada.get("/session").await.problem(401, "unauthenticated");
    assert_eq!(elsewhere.get("/session").await.status, 200, "another browser stays signed in");
}

#[tokio::test]
async fn an_invitation_is_good_once_and_for_nobody_who_has_another_password() {
    let world = World::ready().await;
    world.member("acme", "member").await;
    world.put("/api/v1/orgs/rival", json!({})).await;
    let wanted = json!({ "user": "member@acme.example", "role": "admin" });
    let made = world.post("/api/v1/orgs/rival/invitations", wanted).await.json();
    let accept = async |password: &str| {
        let given = json!({ "invitation": made["invitation"], "password": password });
        world.open_post("/invitations/accept", given).await
    };
    accept("not the password of this account").await.problem(401, "unauthenticated");
    let joined = accept(PASSWORD).await;
    assert_eq!(joined.json()["orgs"].as_array().unwrap().len(), 2, "{}", joined.text);
    accept(PASSWORD).await.problem(404, "not_found");
    let weak = world.post("/api/v1/users", json!({ "user": "eve@sluis.example" })).await.json();
    let given = json!({ "invitation": weak["invitation"], "password": "short" });
    world.open_post("/invitations/accept", given).await.problem(400, "invalid_input");
    world.post("/api/v1/users", json!({ "user": "nobody" })).await.problem(400, "invalid_input");
}

#[tokio::test]
async fn guessing_is_slowed_down_whether_or_not_somebody_has_the_address() {
    let world = World::ready().await;
    world.member("acme", "member").await;
    for user in ["member@acme.example", "nobody@acme.example"] {
        for _ in 0..5 {
            let refused = world.sign_in(user, "wrong wrong wrong").await;
            let problem = refused.problem(401, "unauthenticated");
            assert_eq!(problem["detail"], "address and password do not fit together");
            assert_eq!(refused.header("www-authenticate"), r#"Bearer realm="sluis""#);
        }
        world.sign_in(user, PASSWORD).await.problem(429, "rate_limited");
    }
}

#[tokio::test]
async fn a_new_password_ends_every_session_and_a_forgotten_one_is_chosen_anew() {
    let world = World::ready().await;
    let ada = world.member("acme", "member").await;
    let wanted = "another horse battery";
    let change = json!({ "present": PASSWORD, "wanted": wanted });
    let changed = ada.ask("PUT", "/session/password", Some(change)).await;
    let new = world.person(&changed);
    ada.get("/session").await.problem(401, "unauthenticated");
    assert_eq!(new.get("/session").await.status, 200);
    world.sign_in("member@acme.example", PASSWORD).await.problem(401, "unauthenticated");
    let reset = world.post("/api/v1/users/member@acme.example/password-reset", json!({})).await.json();
    let given = json!({ "invitation": reset["invitation"], "password": PASSWORD });
    assert_eq!(world.open_post("/invitations/accept", given).await.status, 200);
    new.get("/session").await.problem(401, "unauthenticated");
    assert_eq!(world.sign_in("member@acme.example", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn whoever_is_removed_or_ended_is_refused_with_the_next_request_and_so_are_their_tokens() {
    let world = World::ready().await;
    let admin = world.member("acme", "admin").await;
    let made = admin.ask("POST", "/orgs/acme/tokens", Some(json!({ "name": "ci" }))).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let token = made.json()["secret"].as_str().unwrap().to_owned();
    assert_eq!(made.json()["token"]["owner"], "admin@acme.example");
    let functions = "/api/v1/orgs/acme/functions";
    assert_eq!(world.get_with(functions, &token).await.status, 200);
    assert_eq!(world.put(&format!("{functions}/f"), json!({ "source": "return 1;" })).await.status, 200);
    for (name, user) in [("theirs", json!("admin@acme.example")), ("nobodys", Value::Null)] {
        let trigger = json!({ "function": "f", "user": user, "on": { "schedule": { "every": "1h" } } });
        assert_eq!(world.put(&format!("/api/v1/orgs/acme/triggers/{name}"), trigger).await.status, 200);
    }
    let last = admin.ask("DELETE", "/orgs/acme/members/admin@acme.example", None).await;
    assert!(last.problem(409, "conflict")["detail"].as_str().unwrap().contains("the last admin"));
    let other = json!({ "user": "grace@acme.example", "role": "admin" });
    let grace = world.invited("/api/v1/orgs/acme/invitations", other).await;
    let removed = grace.ask("DELETE", "/orgs/acme/members/admin@acme.example", None).await;
    assert_eq!(removed.status, 200, "{}", removed.text);
    admin.get("/orgs/acme/functions").await.problem(404, "org_not_found");
    world.get_with(functions, &token).await.problem(403, "forbidden");
    for (name, paused) in [("theirs", true), ("nobodys", false)] {
        assert_eq!(world.get(&format!("/api/v1/orgs/acme/triggers/{name}")).await.json()["paused"], paused);
    }

    assert_eq!(grace.get("/orgs/acme/functions").await.status, 200);
    let end = world.client.patch(format!("{}/api/v1/users/grace@acme.example", world.base));
    assert_eq!(world.send_json(end, json!({ "active": false })).await.status, 200);
    grace.get("/session").await.problem(401, "unauthenticated");
    world.sign_in("grace@acme.example", PASSWORD).await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_role_can_be_changed_and_counts_at_once() {
    let world = World::ready().await;
    let admin = world.member("acme", "admin").await;
    let ada = world.member("acme", "auditor").await;
    let store = || ada.ask("PUT", "/orgs/acme/functions/f", Some(json!({ "source": "return 1;" })));
    store().await.problem(403, "forbidden");
    let role = json!({ "role": "author" });
    assert_eq!(admin.ask("PUT", "/orgs/acme/members/auditor@acme.example", Some(role)).await.status, 200);
    assert_eq!(store().await.status, 200);
    let king =
        admin.ask("PUT", "/orgs/acme/members/auditor@acme.example", Some(json!({ "role": "king" }))).await;
    king.problem(400, "invalid_input");
}

#[tokio::test]
async fn an_invitation_changes_nobody_who_belongs_to_the_org_already() {
    let world = World::ready().await;
    let invite = async |role: &str| {
        let wanted = json!({ "user": "admin@acme.example", "role": role });
        world.post("/api/v1/orgs/acme/invitations", wanted).await
    };
    let older = invite("auditor").await.json();
    let admin = world.member("acme", "admin").await;
    invite("auditor").await.problem(409, "conflict");
    let given = json!({ "invitation": older["invitation"], "password": PASSWORD });
    world.open_post("/invitations/accept", given).await.problem(409, "conflict");
    let members = admin.get("/orgs/acme/members").await.json();
    assert_eq!(members["members"][0]["role"], "admin", "the last admin is one still: {members}");
}

#[tokio::test]
async fn a_page_of_another_origin_can_neither_act_nor_sign_in() {
    let world = World::ready().await;
    let ada = world.member("acme", "author").await;
    let put = |origin: Option<&'static str>| {
        let request = world.client.put(format!("{}/api/v1/orgs/acme/functions/f", world.base));
        let request = request.header("cookie", &ada.cookie).header("content-type", "application/json");
        let request = request.body(json!({ "source": "return 1;" }).to_string());
        match origin {
            Some(origin) => request.header("origin", origin),
            None => request,
        }
    };
    for origin in [None, Some("null"), Some("https://evil.example")] {
        read(put(origin).send().await.unwrap()).await.problem(403, "cross_origin");
    }
    let login =
        world.client.post(format!("{}/api/v1/session", world.base)).header("origin", "https://evil.example");
    let login = login.header("content-type", "application/json");
    let login = login.body(json!({ "user": "author@acme.example", "password": PASSWORD }).to_string());
    let refused = read(login.send().await.unwrap()).await;
    refused.problem(403, "cross_origin");
    assert_eq!(refused.header("set-cookie"), "");
}

#[tokio::test]
async fn a_person_acts_for_themselves_and_only_an_admin_for_others() {
    let world = World::ready().await;
    let member = world.member("acme", "member").await;
    let admin = world.member("acme", "admin").await;
    let call = |user: &str| json!({ "data": {}, "user": user });
    let api = "/orgs/acme/invoke/gcontacts.contacts";
    let refused = member.ask("POST", api, Some(call("ada@acme.example"))).await;
    assert!(refused.problem(403, "forbidden")["detail"].as_str().unwrap().contains("ada@acme.example"));
    member.ask("POST", api, Some(json!({}))).await.problem(409, "not_authorized");
    admin.ask("POST", api, Some(call("ada@acme.example"))).await.problem(409, "not_authorized");
    let authorize = "/orgs/acme/connections/gcontacts/authorize";
    member.ask("POST", authorize, Some(json!({}))).await.problem(403, "forbidden");
    assert_eq!(admin.ask("POST", authorize, Some(json!({}))).await.status, 201);
}

#[tokio::test]
async fn a_token_of_an_org_is_not_stronger_than_whoever_makes_it() {
    let world = World::ready().await;
    let admin = world.member("acme", "admin").await;
    let make = |body: Value| admin.ask("POST", "/orgs/acme/tokens", Some(body));
    make(json!({ "name": "x", "scopes": ["keys.rotate"] })).await.problem(403, "forbidden");
    make(json!({ "name": "x", "scopes": ["invok"] })).await.problem(400, "invalid_input");
    let made = make(json!({ "name": "calls", "scopes": ["invoke"] })).await.json();
    let token = made["secret"].as_str().unwrap();
    world.get_with("/api/v1/orgs/acme/functions", token).await.problem(403, "forbidden");
    let budget = "/api/v1/orgs/acme/budget/gcontacts.contacts";
    assert_ne!(world.get_with(budget, token).await.status, 403);
    let prefix = made["token"]["prefix"].as_str().unwrap();
    assert_eq!(admin.ask("DELETE", &format!("/orgs/acme/tokens/{prefix}"), None).await.status, 200);
    world.get_with(budget, token).await.problem(401, "unauthenticated");
}
