//! The browser comes back: once, and only with what we sent it away with.

use crate::world::{Answer, World, read};
use serde_json::json;

async fn started(world: &World, org: &str, namespace: &str) -> (String, String) {
    let path = format!("/api/v1/orgs/{org}/connections/{namespace}/authorize");
    let answer = world.post(&path, json!({})).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let body = answer.json();
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    assert_eq!(answer.header("location"), format!("/api/v1/orgs/{org}/grants/{}", text("grant_id")));
    (text("authorize_url"), text("grant_id"))
}

fn state_of(authorize_url: &str) -> &str {
    authorize_url.split("state=").nth(1).unwrap().split('&').next().unwrap()
}

fn is_a_page(answer: &Answer) {
    assert!(answer.header("content-type").starts_with("text/html"), "{answer:?}");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    assert!(answer.header("content-security-policy").starts_with("default-src 'none'; style-src 'sha256-"));
    assert!(!answer.text.contains("<script"), "{}", answer.text);
}

/// Follows the redirect of the callback as a browser does.
async fn page_after(world: &World, callback: &str) -> Answer {
    let answer = world.browse(callback).await;
    assert_eq!(answer.status, 303, "{answer:?}");
    let base = reqwest::Url::parse(callback).unwrap();
    let clean = base.join(answer.header("location")).unwrap();
    assert_eq!(clean.query(), None, "neither code nor state goes on: {clean}");
    assert_eq!(answer.text, "");
    world.browse(clean.as_str()).await
}

#[tokio::test]
async fn after_consent_the_browser_lands_on_a_clean_address_and_a_page() {
    let world = World::ready().await;
    let (url, grant) = started(&world, "acme", "gcontacts").await;
    let callback = world.callback_of(&url).await;
    let page = page_after(&world, &callback).await;
    assert_eq!(page.status, 200);
    is_a_page(&page);
    assert!(page.text.contains("gcontacts is connected"), "{}", page.text);
    assert!(page.text.contains("You can close this window"));
    assert_eq!(world.get(&format!("/api/v1/orgs/acme/grants/{grant}")).await.json()["outcome"], "authorized");
}

#[tokio::test]
async fn five_copies_of_one_callback_at_once_give_exactly_one_exchange() {
    let world = World::ready().await;
    let (url, _) = started(&world, "acme", "gcontacts").await;
    let callback = world.callback_of(&url).await;
    let copies: Vec<_> = (0..5)
        .map(|_| {
            tokio::spawn({
                let request = world.with_cookies(world.client.get(&callback));
                async move { read(request.send().await.unwrap()).await }
            })
        })
        .collect();
    let mut statuses = Vec::new();
    for copy in copies {
        let answer = copy.await.unwrap();
        if answer.status != 303 {
            is_a_page(&answer);
            assert!(answer.text.contains("This link cannot be used"), "{}", answer.text);
            assert!(!answer.text.contains(state_of(&callback)), "the query is not echoed");
        }
        statuses.push(answer.status);
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 400, 400, 400, 400]);
    assert_eq!(world.provider.counts().code_exchanges, 1);
    assert_eq!(world.provider.counts().refused, 0, "no second exchange was tried");
    let path = "/api/v1/orgs/acme/invoke/gcontacts.contacts";
    assert_eq!(world.post(path, json!({})).await.json()["status_code"], 200, "the connection is intact");
}

#[tokio::test]
async fn a_person_who_says_no_is_told_so_and_nothing_is_stored() {
    let world = World::ready().await;
    let (link, grant) = started(&world, "acme", "gcontacts").await;
    let url = world.follow(&link).await;
    let said = "%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    let query = format!("error=access_denied&error_description={said}&state={}", state_of(&url));
    let page = page_after(&world, &format!("{}/oauth/callback/acme/gcontacts?{query}", world.base)).await;
    is_a_page(&page);
    assert!(page.text.contains("gcontacts is not connected"), "{}", page.text);
    assert_eq!(world.get(&format!("/api/v1/orgs/acme/grants/{grant}")).await.json()["outcome"], "denied");
    assert_eq!(
        world.get("/api/v1/orgs/acme/connections").await.json(),
        json!({ "connections": [], "next": null })
    );
}

#[tokio::test]
async fn a_code_that_the_provider_refuses_ends_on_a_page_that_says_why() {
    let world = World::ready().await;
    let (link, grant) = started(&world, "acme", "gcontacts").await;
    let url = world.follow(&link).await;
    let query = format!("code=wrong&state={}", state_of(&url));
    let page = page_after(&world, &format!("{}/oauth/callback/acme/gcontacts?{query}", world.base)).await;
    is_a_page(&page);
    assert!(page.text.contains("gcontacts could not be connected"), "{}", page.text);
    assert_eq!(world.get(&format!("/api/v1/orgs/acme/grants/{grant}")).await.json()["outcome"], "failed");
}

#[tokio::test]
async fn a_callback_of_no_attempt_of_ours_is_a_friendly_400_and_sends_nothing() {
    let world = World::ready().await;
    let (link, _) = started(&world, "acme", "gcontacts").await;
    let url = world.follow(&link).await;
    let before = world.provider.requests().len();
    for query in [
        "".to_owned(),
        "?code=abc".to_owned(),
        "?code=abc&state=".to_owned(),
        "?code=abc&state=guessed".to_owned(),
        format!("?code=abc&state={0}&state={0}", state_of(&url)),
        "?%ff%fe=%zz".to_owned(),
    ] {
        let answer = world.browse(&format!("{}/oauth/callback/acme/gcontacts{query}", world.base)).await;
        assert_eq!(answer.status, 400, "{query}: {answer:?}");
        is_a_page(&answer);
        assert!(!answer.text.contains("guessed") && !answer.text.contains("abc"), "{}", answer.text);
    }
    // The state of one connector, brought to the address of another.
    let query = format!("code=abc&state={}", state_of(&url));
    let answer = world.browse(&format!("{}/oauth/callback/acme/other?{query}", world.base)).await;
    assert_eq!(answer.status, 400);
    assert_eq!(world.browse(&format!("{}/oauth/callback/acme/a..b?{query}", world.base)).await.status, 404);
    assert_eq!(world.provider.requests().len(), before, "the provider was not asked");
}

#[tokio::test]
async fn a_link_previewer_that_asks_for_the_head_does_not_use_up_the_code() {
    let world = World::ready().await;
    let (url, _) = started(&world, "acme", "gcontacts").await;
    let callback = world.callback_of(&url).await;
    let head = read(world.client.head(&callback).send().await.unwrap()).await;
    assert_eq!((head.status, head.header("allow")), (405, "GET"));
    assert_eq!(world.browse(&callback).await.status, 303);
}

#[tokio::test]
async fn an_unknown_place_of_rest_is_not_found_and_looks_like_every_other() {
    let world = World::ready().await;
    for path in
        ["acme/grn_00000000000000000000000000", "other/grn_00000000000000000000000000", "acme/x", "<b>/x"]
    {
        let answer = world.browse(&format!("{}/oauth/done/{path}", world.base)).await;
        assert_eq!(answer.status, 404, "{path}");
        is_a_page(&answer);
        assert!(answer.text.contains("This link cannot be used"));
    }
}
