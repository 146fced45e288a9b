//! The link that a person opens: what it shows, what it sets, who may go on.

use crate::world::{Answer, World, read};
use serde_json::json;

async fn link(world: &World) -> String {
    let answer = world.post("/api/v1/orgs/acme/connections/gcontacts/authorize", json!({})).await;
    answer.json()["authorize_url"].as_str().unwrap().to_owned()
}

fn confirmation(page: &Answer) -> &str {
    page.text.split("name=\"confirmation\" value=\"").nth(1).unwrap().split('"').next().unwrap()
}

/// Presses the button with whatever a browser would send along.
async fn press(world: &World, link: &str, cookie: &str, site: &str, confirmation: &str) -> Answer {
    let form = format!("confirmation={confirmation}");
    let request = world.client.post(link).header("content-type", "application/x-www-form-urlencoded");
    let request = request.header("cookie", cookie).header("sec-fetch-site", site);
    read(request.body(form).send().await.unwrap()).await
}

#[tokio::test]
async fn the_page_says_who_asks_for_what_and_carries_nothing_from_elsewhere() {
    let world = World::ready().await;
    let link = link(&world).await;
    assert!(link.starts_with(&format!("{}/connect/", world.base)), "{link}");
    let page = world.browse(&link).await;
    assert_eq!(page.status, 200);
    for told in ["acme", "gcontacts", "contacts.read, contacts.write", "over the HTTP API", "Continue to"] {
        assert!(page.text.contains(told), "{told} in {}", page.text);
    }
    assert!(!page.text.contains("<script") && !page.text.contains("http"), "{}", page.text);
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert_eq!(page.header("cache-control"), "no-store");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self'"), "{policy}");
    let cookie = page.header("set-cookie");
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");
}

#[tokio::test]
async fn a_browser_that_is_known_keeps_its_cookie() {
    let world = World::ready().await;
    let first = world.browse(&link(&world).await).await;
    assert!(!first.header("set-cookie").is_empty());
    let second = world.browse(&link(&world).await).await;
    assert_eq!(second.header("set-cookie"), "");
}

#[tokio::test]
async fn only_the_page_of_this_browser_leads_on() {
    let world = World::ready().await;
    let link = link(&world).await;
    let page = world.browse(&link).await;
    let cookie = world.cookie.lock().unwrap().clone();
    let good = confirmation(&page);
    let other = format!("sluis_browser={}", "a".repeat(43));
    let forged = [
        ("", "same-origin", good),
        (other.as_str(), "same-origin", good),
        (cookie.as_str(), "cross-site", good),
        (cookie.as_str(), "same-site", good),
        (cookie.as_str(), "same-origin", ""),
        (cookie.as_str(), "same-origin", "AAAA"),
    ];
    for (cookie, site, confirmation) in forged {
        let refused = press(&world, &link, cookie, site, confirmation).await;
        assert_eq!(refused.status, 400, "{cookie} {site} {confirmation}: {refused:?}");
    }
    let through = press(&world, &link, &cookie, "same-origin", good).await;
    assert_eq!(through.status, 303, "{through:?}");
    assert!(through.header("location").starts_with(&world.provider.authorize_url()), "{through:?}");
    assert!(through.header("location").contains("redirect_uri="), "{through:?}");
}

#[tokio::test]
async fn looking_at_a_link_uses_nothing_up() {
    let world = World::ready().await;
    let link = link(&world).await;
    for _ in 0..3 {
        // A previewer keeps no cookies.
        assert_eq!(read(world.client.get(&link).send().await.unwrap()).await.status, 200);
    }
    assert_eq!(read(world.client.head(&link).send().await.unwrap()).await.status, 405);
    assert!(world.follow(&link).await.starts_with(&world.provider.authorize_url()));
}

#[tokio::test]
async fn a_second_browser_is_told_that_another_has_begun() {
    let world = World::ready().await;
    let link = link(&world).await;
    world.follow(&link).await;
    let refused = read(world.client.get(&link).send().await.unwrap()).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text.contains("another browser"), "{}", refused.text);
    let unknown = world.browse(&format!("{}/connect/unknown", world.base)).await;
    assert_eq!(unknown.status, 400);
}

#[tokio::test]
async fn a_callback_in_another_browser_is_refused_and_the_right_one_may_still_finish() {
    let world = World::ready().await;
    let callback = world.callback_of(&link(&world).await).await;
    let stranger = read(world.client.get(&callback).send().await.unwrap()).await;
    assert_eq!(stranger.status, 400);
    assert!(stranger.text.contains("another browser"), "{}", stranger.text);
    assert_eq!(world.provider.counts().code_exchanges, 0);
    assert_eq!(world.browse(&callback).await.status, 303);
}

#[tokio::test]
async fn whoever_waits_for_an_attempt_hears_of_it_at_once() {
    let world = World::ready().await;
    let started = world.post("/api/v1/orgs/acme/connections/gcontacts/authorize", json!({})).await.json();
    let path = format!("/api/v1/orgs/acme/grants/{}?wait=30", started["grant_id"].as_str().unwrap());
    let callback = world.callback_of(started["authorize_url"].as_str().unwrap()).await;
    let (waited, came_back) = tokio::join!(world.get(&path), world.browse(&callback));
    assert_eq!(came_back.status, 303);
    assert_eq!(waited.json()["outcome"], "authorized");
    let path = format!("{}/api/v1/orgs/acme/grants", world.base);
    assert_eq!(world.browse(&path).await.status, 401);
}

#[tokio::test]
async fn the_redirect_uri_of_before_says_which_one_to_register() {
    let world = World::ready().await;
    let page = world.browse(&format!("{}/oauth/callback/gcontacts?code=c&state=s", world.base)).await;
    assert_eq!(page.status, 410);
    assert!(page.text.contains("/oauth/callback/ORGANISATION/gcontacts"), "{}", page.text);
}
