//! The round trip of a person's browser, and what the reference is worth that it brings.

use super::backend::Backend;
use super::services::Stage;
use crate::world::{Answer, World};
use serde_json::{Value, json};

const AT: &str = "/proxy/acme/v1/auth/gcontacts/default";

async fn begin(world: &World, query: &str) -> Answer {
    world.browse(&format!("{}{AT}?{query}", world.base)).await
}

/// Goes all the way as a browser does; where it ends up.
async fn walk(stage: &Stage, redirect_url: &str) -> url::Url {
    let begun = begin(&stage.world, &format!("redirect_url={redirect_url}")).await;
    assert_eq!(begun.status, 302, "{}", begun.text);
    let link = begun.header("location").to_owned();
    assert!(link.starts_with(&format!("{}/connect/", stage.world.base)), "{link}");
    let question = stage.world.browse(&link).await;
    assert!(question.text.contains(&stage.backend.own_url), "the page says who asks: {}", question.text);
    let finished = stage.world.browse(&stage.world.callback_of(&link).await).await;
    assert_eq!(finished.status, 303, "{}", finished.text);
    assert_eq!(finished.header("referrer-policy"), "no-referrer");
    finished.header("location").parse().unwrap()
}

fn of_query(url: &url::Url, name: &str) -> String {
    url.query_pairs().find(|(known, _)| known == name).unwrap().1.into_owned()
}

#[tokio::test]
async fn a_browser_comes_back_to_the_backend_with_a_reference_and_no_token() {
    let stage = Stage::new().await;
    stage.allow_backend("long", None).await;
    let back =
        format!("{}/v1.0/authentication_callback/gcontacts/default?token=user.token", stage.backend.own_url);
    // As the backend's page writes it, and percent-encoded.
    let encoded: String = url::form_urlencoded::byte_serialize(back.as_bytes()).collect();
    let mut references = Vec::new();
    for redirect_url in [&back, &encoded] {
        let arrived = walk(&stage, redirect_url).await;
        assert!(
            arrived.as_str().starts_with(&stage.backend.own_url)
                && of_query(&arrived, "token") == "user.token"
        );
        let response = of_query(&arrived, "response");
        let parsed: Value = serde_json::from_str(&response).unwrap();
        assert_eq!(parsed.as_object().unwrap().len(), 1, "{response}");
        references.push(parsed["reference"].as_str().unwrap().to_owned());
        stage.backend.secrets.lock().unwrap().insert("gcontacts/default".to_owned(), response);
    }
    assert_ne!(references[0], references[1]);
    // The org's own connection is as it was: there is none.
    assert_eq!(stage.backend.service_task("gcontacts/contacts", json!({})).await.error().0, "not_authorized");
    let with = json!({ "sluis__connection": "secret:gcontacts/default" });
    assert_eq!(stage.backend.service_task("gcontacts/contacts", with).await.done()["http_status"], 200);
    let by_itself = json!({ "sluis__connection": references[0] });
    assert_eq!(
        stage.backend.service_task("gcontacts/contacts", by_itself.clone()).await.done()["http_status"],
        200
    );
    // Without the key it is worth nothing, for another org neither, and nothing that is listed leads to it.
    let stranger = Backend::new(&stage.world.base, Some("slr_x"), &stage.backend.own_url);
    let (code, _) = stranger.service_task("gcontacts/contacts", by_itself.clone()).await.error();
    assert_eq!(code, "ServiceTaskOperatorReturnedBadStatusError");
    assert_eq!(stage.world.put("/api/v1/orgs/rival", json!({})).await.status, 200);
    let rival = stage.operator_at("rival");
    assert_eq!(rival.service_task("gcontacts/contacts", by_itself).await.error().0, "not_authorized");
    let listed = stage.world.get("/api/v1/orgs/acme/connections").await.text;
    assert!(references.iter().all(|reference| !listed.contains(reference)), "{listed}");
    let guessed = json!({ "sluis__connection": "slr_guessed" });
    assert_eq!(stage.backend.service_task("gcontacts/contacts", guessed).await.error().0, "not_authorized");
}

#[tokio::test]
async fn a_reference_is_given_once() {
    let stage = Stage::new().await;
    stage.allow_backend("long", None).await;
    let begun = begin(&stage.world, &format!("redirect_url={}/cb", stage.backend.own_url)).await;
    let callback = stage.world.callback_of(begun.header("location")).await;
    let first = stage.world.browse(&callback).await;
    assert!(first.header("location").contains("response="), "{first:?}");
    let again = stage.world.browse(&callback).await;
    assert!(again.status >= 400 && !again.text.contains("slr_"), "{again:?}");
}

#[tokio::test]
async fn a_browser_is_sent_to_no_other_place() {
    let stage = Stage::new().await;
    stage.allow_backend("long", None).await;
    let own = stage.backend.own_url.clone();
    let port = own.rsplit(':').next().unwrap().to_owned();
    for other in [
        "https://evil.example/".to_owned(),
        format!("http://127.0.0.1.evil.example:{port}/"),
        format!("{own}@evil.example/"),
        format!("http://127.0.0.1:{port}%5C@evil.example/"),
        format!("http://user@127.0.0.1:{port}/"),
        format!("https://127.0.0.1:{port}/"),
        "//evil.example/".to_owned(),
        "javascript:alert(1)".to_owned(),
        "/v1.0/authentication_callback".to_owned(),
        format!("{own}/%0d%0aSet-Cookie:a=b"),
        format!("{own}/&more=1"),
        String::new(),
    ] {
        let answer = begin(&stage.world, &format!("redirect_url={other}")).await;
        assert!(matches!(answer.status, 400 | 403), "{other}: {answer:?}");
        assert_eq!(answer.header("location"), "", "{other}");
    }
    assert_eq!(begin(&stage.world, "").await.status, 400);
    for (id, text) in [("gcontacts/other", "Auth not found"), ("arena/default", "Auth not found")] {
        let url = format!("{}/proxy/acme/v1/auth/{id}?redirect_url={own}/", stage.world.base);
        let none = stage.world.browse(&url).await;
        assert_eq!((none.status, none.text.as_str()), (404, text));
    }
}

#[tokio::test]
async fn whoever_says_no_stays_here_and_the_backend_hears_nothing() {
    let stage = Stage::new().await;
    stage.allow_backend("long", None).await;
    let begun = begin(&stage.world, &format!("redirect_url={}/cb", stage.backend.own_url)).await;
    let provider = stage.world.follow(begun.header("location")).await;
    let state = url::Url::parse(&provider).unwrap();
    let callback = format!(
        "{}/oauth/callback/acme/gcontacts?error=access_denied&state={}",
        stage.world.base,
        of_query(&state, "state")
    );
    let answer = stage.world.browse(&callback).await;
    assert!(!answer.header("location").contains("/cb"), "{answer:?}");
    assert!(!answer.text.contains("slr_"));
}
