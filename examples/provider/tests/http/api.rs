//! The contacts API, the account, and what the provider remembers of the requests.

use crate::client::*;
use reqwest::header::{AUTHORIZATION, WWW_AUTHENTICATE};

const CONTACTS: &str = "/people/v1/contacts";
const ADA: &str = r#"{"names": [{"givenName": "Ada", "familyName": "Lovelace"}],
    "emailAddresses": [{"value": "ada@example.com"}]}"#;

#[tokio::test]
async fn a_contact_is_created_listed_read_and_deleted() {
    let world = world().await;
    let (token, _) = world.tokens(BOTH_SCOPES).await;
    let (status, made) = answer(world.call("POST", CONTACTS, &token, ADA).await).await;
    assert_eq!((status, text(&made, "resourceName").as_str()), (201, "contacts/1"));
    assert_eq!(world.provider.contacts()[0].names[0].given_name.as_deref(), Some("Ada"));

    let (_, listed) = answer(world.call("GET", CONTACTS, &token, "").await).await;
    assert_eq!((listed["totalItems"].as_u64(), &listed["contacts"][0]), (Some(1), &made));
    let one = format!("{CONTACTS}/1");
    assert_eq!(answer(world.call("GET", &one, &token, "").await).await, (200, made));
    assert_eq!(world.call("DELETE", &one, &token, "").await.status(), 204);
    for method in ["GET", "DELETE"] {
        assert_eq!(answer(world.call(method, &one, &token, "").await).await.0, 404);
    }
}

#[tokio::test]
async fn a_listing_is_read_page_by_page() {
    let world = world().await;
    let (token, _) = world.tokens(BOTH_SCOPES).await;
    for _ in 0..3 {
        assert_eq!(world.call("POST", CONTACTS, &token, ADA).await.status(), 201);
    }
    let (_, first) = answer(world.call("GET", &format!("{CONTACTS}?pageSize=2"), &token, "").await).await;
    let next = format!("{CONTACTS}?pageSize=2&pageToken={}", text(&first, "nextPageToken"));
    let (_, last) = answer(world.call("GET", &next, &token, "").await).await;
    assert_eq!(last["contacts"].as_array().map(Vec::len), Some(1));
    assert!(last.get("nextPageToken").is_none());
    for wrong in ["pageSize=0", "pageSize=many", "pageToken=x"] {
        assert_eq!(world.call("GET", &format!("{CONTACTS}?{wrong}"), &token, "").await.status(), 400);
    }
}

#[tokio::test]
async fn a_wrong_contact_is_refused_with_the_paths_of_its_fields() {
    let world = world().await;
    let (token, _) = world.tokens(BOTH_SCOPES).await;
    let wrong = r#"{"names": [{"givenName": "Ada"}], "emailAddresses": [{"value": "nowhere"}]}"#;
    let (status, body) = answer(world.call("POST", CONTACTS, &token, wrong).await).await;
    assert_eq!((status, text(&body["error"], "status").as_str()), (400, "INVALID_ARGUMENT"));
    assert_eq!(text(&body["error"]["fields"][0], "field"), "emailAddresses[0].value");
    assert!(world.provider.contacts().is_empty());
}

#[tokio::test]
async fn a_missing_and_a_bad_token_are_told_apart() {
    let world = world().await;
    let url = format!("{}{CONTACTS}", world.provider.issuer);
    let none = world.http.get(&url).send().await.unwrap();
    assert_eq!(
        (none.status().as_u16(), none.headers()[WWW_AUTHENTICATE].to_str().unwrap()),
        (401, r#"Bearer realm="contacts""#)
    );
    let basic = world.http.get(&url).header(AUTHORIZATION, basic()).send().await.unwrap();
    assert_eq!(basic.status(), 401);
    let bad = world.call("GET", CONTACTS, "guessed", "").await;
    assert_eq!(bad.status(), 401);
    assert!(bad.headers()[WWW_AUTHENTICATE].to_str().unwrap().contains(r#"error="invalid_token""#));
}

#[tokio::test]
async fn a_token_does_only_what_its_scopes_say() {
    let world = world().await;
    let (reader, _) = world.tokens("contacts.read").await;
    let (writer, _) = world.tokens("contacts.write").await;
    let refused = world.call("POST", CONTACTS, &reader, ADA).await;
    assert_eq!(refused.status(), 403);
    let challenge = refused.headers()[WWW_AUTHENTICATE].to_str().unwrap();
    assert!(challenge.contains(r#"error="insufficient_scope", scope="contacts.write""#), "{challenge}");
    assert_eq!(world.call("GET", CONTACTS, &writer, "").await.status(), 403);
    assert_eq!(world.call("POST", CONTACTS, &writer, ADA).await.status(), 201);
    assert_eq!(world.call("DELETE", &format!("{CONTACTS}/1"), &reader, "").await.status(), 403);
    let (_, account) = answer(world.call("GET", "/account", &reader, "").await).await;
    assert_eq!(account["scopes"][0], "contacts.read");
    assert_eq!(text(&account, "name"), "Sam Sample");
}

#[tokio::test]
async fn the_provider_shows_what_it_saw_without_secrets() {
    let world = world().await;
    let (access, refresh) = world.tokens(BOTH_SCOPES).await;
    let (_, renewed) = world.refresh(&refresh).await;
    let token = text(&renewed, "access_token");
    assert_eq!(world.call("POST", CONTACTS, &token, ADA).await.status(), 201);
    let seen = world.provider.requests();
    let post = seen.iter().find(|request| request.path == CONTACTS).unwrap();
    assert_eq!((post.method.as_str(), post.status, post.body.as_str()), ("POST", 201, ADA));
    assert_eq!(post.header("Authorization"), Some("Bearer ***"));
    let all = format!("{seen:?}");
    for secret in [access.as_str(), refresh.as_str(), token.as_str(), VERIFIER] {
        assert!(!all.contains(secret), "{all}");
    }
}

#[tokio::test]
async fn a_body_without_end_is_cut_off() {
    let world = world().await;
    let (token, _) = world.tokens(BOTH_SCOPES).await;
    let huge = " ".repeat(1024 * 1024 + 1);
    assert_eq!(world.call("POST", CONTACTS, &token, &huge).await.status(), 413);
}

#[tokio::test]
async fn the_home_page_shows_the_contacts_escaped() {
    let world = world().await;
    let (token, _) = world.tokens(BOTH_SCOPES).await;
    let body = r#"{"names": [{"givenName": "<script>alert(1)</script>"}]}"#;
    assert_eq!(world.call("POST", CONTACTS, &token, body).await.status(), 201);
    let html = world.http.get(&world.provider.issuer).send().await.unwrap().text().await.unwrap();
    assert!(html.contains("&#60;script&#62;alert(1)") && !html.contains("<script"), "{html}");
}

#[tokio::test]
async fn a_stopped_provider_takes_no_more_calls() {
    let world = world().await;
    let url = world.provider.issuer.clone();
    world.provider.shutdown().await;
    assert!(world.http.get(url).send().await.is_err());
}
