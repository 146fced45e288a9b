//! Redirects: each hop judged again, nothing secret past the origin, an end to loops.

use crate::loopback::{Server, answer, get, reaching};
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderName};
use http::{HeaderValue, Method};
use sluis_invoke::{
    Followed, HostPort, Http, OutgoingRequest, Redirects, Refusal, SendLimits, Signer, Transport,
    TransportError, follow, follow_signed,
};
use std::time::Duration;
use url::Url;

const FOLLOWING: SendLimits = SendLimits {
    total: Duration::from_secs(30),
    first_byte: Duration::from_secs(30),
    max_body: 1 << 20,
    max_wire: 1 << 20,
    redirects: Redirects::FOLLOWED,
};

async fn following(transport: &Transport, request: OutgoingRequest) -> Result<Followed, TransportError> {
    follow(transport, request, FOLLOWING).await
}

async fn redirecting(status: u16, to: impl Into<String>) -> Server {
    let location = format!("location: {}\r\n", to.into());
    Server::start(move |_| answer(status, &location, "moved")).await
}

async fn arriving() -> Server {
    Server::start(|_| answer(200, "", "here")).await
}

/// A request with everything that must not leave its origin.
fn loaded(method: Method, url: &Url) -> OutgoingRequest {
    let mut request = OutgoingRequest::new(method, url.clone());
    let mut secret = HeaderValue::from_static("canary-marked");
    secret.set_sensitive(true);
    request.headers.insert(HeaderName::from_static("x-marked"), secret);
    request.headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer canary-token"));
    request.headers.insert(COOKIE, HeaderValue::from_static("session=canary-cookie"));
    request.headers.insert(HeaderName::from_static("x-api-key"), HeaderValue::from_static("canary-key"));
    request.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    request.headers.insert(http::header::ACCEPT, HeaderValue::from_static("text/plain"));
    if request.method != Method::GET && request.method != Method::HEAD {
        request.body = r#"{"body":"canary-body"}"#.into();
    }
    request
}

#[tokio::test]
async fn a_redirect_is_an_answer_where_nobody_asked_to_follow() {
    let target = arriving().await;
    let server = redirecting(302, target.url("/there")).await;
    let transport = reaching(&[&server, &target]);
    let followed = follow(&transport, get(&server.url("/")), SendLimits::default()).await.unwrap();
    assert_eq!((followed.answer.status, followed.left), (302, false));
    assert_eq!(target.seen.count(), 0);
}

#[tokio::test]
async fn nothing_secret_goes_past_the_origin() {
    for status in [301, 302, 303, 307, 308] {
        let target = arriving().await;
        let server = redirecting(status, target.url("/there?x=1#part")).await;
        let transport = reaching(&[&server, &target]);
        let followed =
            following(&transport, loaded(Method::GET, &server.url("/?token=canary-query"))).await.unwrap();
        assert_eq!((&followed.answer.body[..], followed.left), (&b"here"[..], true));
        let [sent] = &target.seen.requests()[..] else { panic!("one request") };
        assert!(sent.starts_with("get /there?x=1 http/1.1\r\n"), "{sent}");
        assert!(!sent.contains("canary") && !sent.contains("referer"), "{status}: {sent}");
        assert!(sent.contains("accept: text/plain\r\n"), "what is harmless goes along");
    }
}

#[tokio::test]
async fn on_the_same_origin_a_request_stays_what_it_was() {
    for (status, method, becomes, keeps_body) in [
        (301, Method::POST, "get", false),
        (302, Method::POST, "get", false),
        (303, Method::POST, "get", false),
        (303, Method::DELETE, "get", false),
        (302, Method::PUT, "put", true),
        (307, Method::POST, "post", true),
        (308, Method::PATCH, "patch", true),
        (303, Method::HEAD, "head", false),
        (301, Method::GET, "get", false),
    ] {
        let server = Server::start(move |request| match request.contains(" /there ") {
            true => answer(200, "", ""),
            false => answer(status, "location: ./there\r\n", ""),
        })
        .await;
        let followed =
            following(&reaching(&[&server]), loaded(method.clone(), &server.url("/here"))).await.unwrap();
        assert!(!followed.left);
        let sent = server.seen.requests();
        assert_eq!(sent.len(), 2);
        assert!(sent[1].starts_with(&format!("{becomes} /there ")), "{status} {method}: {}", sent[1]);
        assert_eq!(sent[1].contains("canary-body"), keeps_body, "{status} {method}");
        assert!(sent[1].contains("bearer canary-token") && sent[1].contains("canary-key"));
        let becomes_get = becomes == "get" && method != Method::GET;
        assert_eq!(sent[1].contains("content-type"), !becomes_get, "{status} {method}");
    }
}

#[tokio::test]
async fn a_body_is_not_sent_on_to_another_origin() {
    for (status, method) in
        [(307, Method::POST), (308, Method::POST), (302, Method::PUT), (307, Method::PATCH)]
    {
        let target = arriving().await;
        let server = redirecting(status, target.url("/")).await;
        let error =
            following(&reaching(&[&server, &target]), loaded(method, &server.url("/"))).await.unwrap_err();
        assert!(matches!(&error, TransportError::Redirect { why, .. } if why.contains("body")), "{error}");
        assert_eq!(target.seen.count(), 0);
    }
    // A POST that is to become a GET goes there as a GET without anything.
    let target = arriving().await;
    let server = redirecting(302, target.url("/")).await;
    let followed =
        following(&reaching(&[&server, &target]), loaded(Method::POST, &server.url("/"))).await.unwrap();
    assert!(followed.left && target.seen.requests()[0].starts_with("get / "));
    assert!(!target.seen.requests()[0].contains("canary"));
}

#[tokio::test]
async fn a_redirect_to_a_private_address_is_refused() {
    let canary = arriving().await;
    let port = canary.port;
    for inside in [
        format!("http://127.0.0.1:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("https://[::ffff:127.0.0.1]:{port}/"),
        format!("//localhost:{port}/"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
    ] {
        let server = redirecting(302, inside.clone()).await;
        let error = following(&reaching(&[&server]), get(&server.url("/"))).await.unwrap_err();
        assert!(
            matches!(error, TransportError::Refused(Refusal::NotPublic { .. } | Refusal::OtherPort { .. })),
            "{inside}: {error}"
        );
    }
    for other in ["file:///etc/passwd", "gopher://127.0.0.1/", "data:text/plain,x", "javascript:1"] {
        let server = redirecting(302, other).await;
        let error = following(&reaching(&[&server]), get(&server.url("/"))).await.unwrap_err();
        assert!(matches!(error, TransportError::Refused(_)), "{other}: {error}");
    }
    let server = redirecting(302, format!("http://user:canary@127.0.0.1:{port}/")).await;
    let error = following(&reaching(&[&server, &canary]), get(&server.url("/"))).await.unwrap_err();
    assert!(matches!(error, TransportError::Refused(Refusal::UserInfo { .. })));
    assert!(!error.to_string().contains("canary"));
    assert_eq!(canary.seen.count(), 0);
}

#[tokio::test]
async fn a_call_with_a_credential_is_followed_to_declared_hosts_only() {
    let (declared, other) = (arriving().await, arriving().await);
    let hosts = |server: &Server| vec![HostPort::parse(&format!("127.0.0.1:{}", server.port)).unwrap()];
    let server = redirecting(302, other.url("/")).await;
    let transport = reaching(&[&server, &declared, &other]);
    let mine = [hosts(&server), hosts(&declared)].concat();
    let request = loaded(Method::GET, &server.url("/"));
    let put_on = |request: &OutgoingRequest| Ok(request.clone());
    let signer = Signer { hosts: &mine, put_on: &put_on };
    let error = follow_signed(&transport, request, FOLLOWING, &signer, None).await.unwrap_err();
    assert!(error.message.contains("declares"), "{error:?}");
    assert!(error.help.unwrap().contains("`hosts`"));
    assert_eq!(other.seen.count(), 0);

    let server = redirecting(302, declared.url("/")).await;
    let transport = reaching(&[&server, &declared]);
    let mine = [hosts(&server), hosts(&declared)].concat();
    let request = loaded(Method::GET, &server.url("/"));
    let signer = Signer { hosts: &mine, put_on: &put_on };
    let followed = follow_signed(&transport, request, FOLLOWING, &signer, None).await.unwrap();
    assert!(
        followed.left && !declared.seen.requests()[0].contains("canary"),
        "declared, and yet another origin"
    );
}

#[tokio::test]
async fn each_hop_within_the_origin_is_signed_anew_and_none_past_it() {
    let elsewhere = Server::start(|request| {
        let back = request.split("back=").nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or_default();
        answer(302, &format!("location: http://127.0.0.1:{back}/returned\r\n"), "")
    })
    .await;
    let away = elsewhere.port;
    let server = Server::start(move |request| {
        let port = request
            .split("host: 127.0.0.1:")
            .nth(1)
            .and_then(|rest| rest.split('\r').next())
            .unwrap_or_default();
        match request.split(' ').nth(1) {
            Some("/first") => answer(307, "location: /second?a=1\r\n", ""),
            Some("/second?a=1") => {
                answer(302, &format!("location: http://127.0.0.1:{away}/?back={port}\r\n"), "")
            }
            _ => answer(200, "", "here"),
        }
    })
    .await;
    let hosts: Vec<HostPort> = [&server, &elsewhere]
        .iter()
        .map(|server| HostPort::parse(&format!("127.0.0.1:{}", server.port)).unwrap())
        .collect();
    let put_on = |request: &OutgoingRequest| {
        let mut signed = request.clone();
        assert!(!signed.headers.contains_key("x-signature"), "signed over a signature");
        let target = &request.url[url::Position::BeforePath..];
        let mut value = HeaderValue::from_str(&format!("signed {target}")).unwrap();
        value.set_sensitive(true);
        signed.headers.insert(HeaderName::from_static("x-signature"), value);
        Ok(signed)
    };
    let signer = Signer { hosts: &hosts, put_on: &put_on };
    let transport = reaching(&[&server, &elsewhere]);
    let followed =
        follow_signed(&transport, get(&server.url("/first")), FOLLOWING, &signer, None).await.unwrap();
    assert!(
        followed.left && followed.answer.status == 200,
        "what comes back past another says nothing of the credential"
    );
    let signatures = |server: &Server| -> Vec<Option<String>> {
        let of = |request: &String| {
            request.split("x-signature: ").nth(1).map(|rest| rest.split('\r').next().unwrap().to_owned())
        };
        server.seen.requests().iter().map(of).collect()
    };
    let signed = |target: &str| Some(format!("signed {target}"));
    assert_eq!(signatures(&server), [signed("/first"), signed("/second?a=1"), None]);
    assert_eq!(signatures(&elsewhere), [None]);
}

#[tokio::test]
async fn a_loop_ends_after_five_hops() {
    let server = Server::start(|_| answer(302, "location: /again\r\n", "")).await;
    let error = following(&reaching(&[&server]), get(&server.url("/"))).await.unwrap_err();
    assert!(matches!(&error, TransportError::Redirect { why, .. } if why.contains("loop")), "{error}");
    assert_eq!(server.seen.count(), 6);
    assert!(!error.nothing_was_sent());
}

#[tokio::test]
async fn all_hops_together_have_the_whole_time_and_no_more() {
    let server = Server::start(|_| answer(302, "location: /again\r\n", "")).await;
    let hanging = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = hanging.local_addr().unwrap();
    let first = redirecting(302, format!("http://{address}/")).await;
    let transport = crate::loopback::transport(&[address.to_string(), format!("127.0.0.1:{}", first.port)]);
    let total = Duration::from_millis(400);
    let limits = SendLimits { total, ..FOLLOWING };
    let error = follow(&transport, get(&first.url("/")), limits).await.unwrap_err();
    assert!(matches!(error, TransportError::Timeout { after, .. } if after == total), "{error}");
    drop(server);
}

#[tokio::test]
async fn what_points_nowhere_is_an_answer_and_what_points_everywhere_is_an_error() {
    for (status, headers) in
        [(302, ""), (300, "location: /x\r\n"), (304, "location: /x\r\n"), (201, "location: /x\r\n")]
    {
        let server = Server::start(move |_| answer(status, headers, "")).await;
        let followed = following(&reaching(&[&server]), get(&server.url("/"))).await.unwrap();
        assert_eq!(followed.answer.status, status);
    }
    for headers in ["location: /a\r\nlocation: /b\r\n", "location: http://[\r\n", "location: http://a b/\r\n"]
    {
        let server = Server::start(move |_| answer(302, headers, "")).await;
        let error = following(&reaching(&[&server]), get(&server.url("/"))).await.unwrap_err();
        assert!(matches!(error, TransportError::BadAnswer { .. }), "{headers}: {error}");
    }
}

#[tokio::test]
async fn the_transport_itself_follows_nothing() {
    let target = arriving().await;
    let server = redirecting(302, target.url("/")).await;
    let answer = reaching(&[&server, &target]).send(get(&server.url("/")), FOLLOWING).await.unwrap();
    assert_eq!((answer.status, target.seen.count()), (302, 0));
}
