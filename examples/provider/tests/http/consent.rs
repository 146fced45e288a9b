//! The authorization endpoint and the consent page.

use crate::client::*;
use reqwest::Response;
use reqwest::header::{CONTENT_SECURITY_POLICY, COOKIE, LOCATION, SET_COOKIE};
use sluis_example_provider::Settings;

struct Page {
    html: String,
    cookie: String,
    policy: String,
}

impl Page {
    async fn of(response: Response) -> Self {
        assert_eq!(response.status(), 200);
        let header = |name| response.headers()[name].to_str().unwrap().to_owned();
        let cookie = header(SET_COOKIE).split(';').next().unwrap().to_owned();
        let policy = header(CONTENT_SECURITY_POLICY);
        Self { html: response.text().await.unwrap(), cookie, policy }
    }

    fn ticket(&self) -> &str {
        let (_, rest) = self.html.split_once(r#"name="ticket" value=""#).unwrap();
        rest.split_once('"').unwrap().0
    }
}

async fn decide(world: &World, cookie: &str, ticket: &str, answer: &str) -> Response {
    let url = format!("{}/oauth/decide", world.provider.issuer);
    let request = world.form(url, &[("ticket", ticket), ("answer", answer)]);
    request.header(COOKIE, cookie).send().await.unwrap()
}

#[tokio::test]
async fn the_page_names_the_client_and_says_the_scopes_in_words() {
    let world = world_with(Settings { client_name: "<b>Acme</b> & Co".to_owned(), ..settings() }).await;
    let page = Page::of(world.authorize(&request()).await).await;
    assert!(page.html.contains("&#60;b&#62;Acme&#60;/b&#62; &#38; Co"), "{}", page.html);
    assert!(!page.html.contains("<b>Acme"), "the name is escaped");
    assert!(page.html.contains("See the contacts in your address book"));
    assert!(page.html.contains("Sample."));
    assert!(page.policy.contains("frame-ancestors 'none'"), "{}", page.policy);
    assert!(page.policy.ends_with("form-action 'self' http://127.0.0.1:9"), "{}", page.policy);
}

#[tokio::test]
async fn allow_sends_a_code_with_state_and_issuer() {
    let world = world_with(settings()).await;
    let page = Page::of(world.authorize(&request()).await).await;
    let response = decide(&world, &page.cookie, page.ticket(), "allow").await;
    assert_eq!(response.status(), 303);
    let query = sent_back(&response);
    assert_eq!(query["state"], "a state & more");
    assert_eq!(query["iss"], world.provider.issuer);
    assert_eq!(query["tenant"], "1", "the query of the redirect URI stays");
    assert_eq!(world.exchange(&query["code"]).await.0, 200);
    assert_eq!(world.provider.counts().consents, 1);
}

#[tokio::test]
async fn deny_sends_access_denied() {
    let world = world_with(settings()).await;
    let page = Page::of(world.authorize(&request()).await).await;
    let query = sent_back(&decide(&world, &page.cookie, page.ticket(), "deny").await);
    assert_eq!(query["error"], "access_denied");
    assert_eq!(
        (query["state"].as_str(), query["iss"].as_str()),
        ("a state & more", world.provider.issuer.as_str())
    );
    assert!(!query.contains_key("code"));
    assert_eq!(world.provider.counts().denials, 1);
}

#[tokio::test]
async fn an_answer_from_another_browser_or_a_second_time_is_refused() {
    let world = world_with(settings()).await;
    let page = Page::of(world.authorize(&request()).await).await;
    let other = Page::of(world.authorize(&request()).await).await;
    for cookie in ["", other.cookie.as_str()] {
        let response = decide(&world, cookie, page.ticket(), "allow").await;
        assert_eq!(response.status(), 403);
        assert!(!response.headers().contains_key(LOCATION));
    }
    assert_eq!(decide(&world, &page.cookie, page.ticket(), "allow").await.status(), 303);
    assert_eq!(decide(&world, &page.cookie, page.ticket(), "allow").await.status(), 403);
}

#[tokio::test]
async fn two_consent_pages_in_one_browser_both_work() {
    let world = world_with(settings()).await;
    let first = Page::of(world.authorize(&request()).await).await;
    let query = encode(request().iter().map(|(name, value)| (*name, value.as_str())));
    let url = format!("{}?{query}", world.provider.authorize_url());
    let again = world.http.get(url).header(COOKIE, &first.cookie).send().await.unwrap();
    let second = Page::of(again).await;
    assert_eq!(first.cookie, second.cookie);
    assert_eq!(decide(&world, &first.cookie, first.ticket(), "allow").await.status(), 303);
    assert_eq!(decide(&world, &second.cookie, second.ticket(), "allow").await.status(), 303);
}

#[tokio::test]
async fn a_browser_is_not_sent_to_an_address_that_is_not_registered() {
    let world = world().await;
    let almost = [
        "http://127.0.0.1:9/callback",
        "http://127.0.0.1:9/callback?tenant=1&x",
        "http://127.0.0.1:9/callback/?tenant=1",
        "http://localhost:9/callback?tenant=1",
        "http://127.0.0.1:9@evil.example/callback?tenant=1",
        "",
    ];
    for uri in almost {
        let mut request = request();
        request.insert("redirect_uri", uri.to_owned());
        let response = world.authorize(&request).await;
        assert_eq!(response.status(), 400, "{uri}");
        assert!(!response.headers().contains_key(LOCATION), "{uri}");
    }
    let mut request = request();
    request.insert("client_id", "someone else".to_owned());
    assert_eq!(world.authorize(&request).await.status(), 400);
    assert_eq!(world.provider.counts().consents, 0);
}

#[tokio::test]
async fn other_mistakes_go_back_to_the_client() {
    let world = world().await;
    let cases = [
        ("response_type", "token", "unsupported_response_type"),
        ("response_type", "", "invalid_request"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge", "too short", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge_method", "", "invalid_request"),
        ("scope", "contacts.read everything", "invalid_scope"),
    ];
    for (name, value, error) in cases {
        let mut request = request();
        request.insert(name, value.to_owned());
        let query = sent_back(&world.authorize(&request).await);
        assert_eq!(query["error"], error, "{name}={value}");
        assert_eq!(query["iss"], world.provider.issuer);
        assert_eq!(query["state"], "a state & more");
    }
}

#[tokio::test]
async fn every_page_says_that_it_is_a_sample() {
    let world = world_with(settings()).await;
    let pages = [
        world.authorize(&request()).await,
        world.authorize(&Default::default()).await,
        world.http.get(&world.provider.issuer).send().await.unwrap(),
    ];
    for page in pages {
        assert!(page.text().await.unwrap().contains("<strong>Sample.</strong>"));
    }
}
