//! Who is at the other end, and who we are. There is no way to switch the first off.

use crate::certificates::{Authority, Greeting, Leaf, NAME, TlsServer, expired};
use crate::loopback::{answer, get, transport};
use sluis_auth::ClientIdentity;
use sluis_invoke::{
    Http, HttpAnswer, OutgoingRequest, PrivateRoots, Redirects, SendLimits, Transport, TransportError, follow,
};
use sluis_model::error::{Failure, Reason};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

fn trusting(server: &TlsServer, authority: &Authority) -> Transport {
    transport(&[format!("{NAME}:{}", server.port)])
        .trusting(PrivateRoots::from_pem(authority.pem().as_bytes()).unwrap())
}

async fn greeted(greeting: Greeting, authority: &Authority) -> (Result<HttpAnswer, TransportError>, usize) {
    let server = TlsServer::start(greeting, |_| answer(200, "", "secure")).await;
    let result =
        trusting(&server, authority).send(get(&server.url("/?t=canary-query")), SendLimits::default()).await;
    (result, server.seen.count())
}

#[tokio::test]
async fn a_private_authority_is_trusted_where_the_operator_names_it() {
    let authority = Authority::new("ours");
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let leaf = authority.signs(NAME, |_| {});
        let (result, requests) = greeted(Greeting::only(version, leaf), &authority).await;
        assert_eq!((&result.unwrap().body[..], requests), (&b"secure"[..], 1));
    }
}

#[tokio::test]
async fn a_server_that_cannot_prove_its_name_is_not_talked_to() {
    let authority = Authority::new("ours");
    let foreign = Authority::new("theirs");
    for (what, leaf, why) in [
        ("self-signed", Leaf::self_signed(), "authority that is not trusted"),
        ("unknown authority", foreign.signs(NAME, |_| {}), "authority that is not trusted"),
        ("expired", authority.signs(NAME, expired), "expired"),
        ("another host", authority.signs("other.test", |_| {}), "another host"),
        ("a name above", authority.signs("test", |_| {}), "another host"),
        ("a wildcard elsewhere", authority.signs("*.other.test", |_| {}), "another host"),
    ] {
        let (result, requests) = greeted(Greeting::with(leaf), &authority).await;
        let error = result.unwrap_err();
        assert!(
            matches!(&error, TransportError::Tls { why: told, .. } if told.contains(why)),
            "{what}: {error:?}"
        );
        assert!(error.nothing_was_sent() && requests == 0, "{what}");
        assert!(!format!("{error} {error:?} {}", error.help()).contains("canary"));
        let failure = Failure::from(error);
        assert_eq!(failure.reason, Reason::Unreachable);
        assert!(failure.help.unwrap().contains("cannot be switched off"), "{what}");
    }
}

#[tokio::test]
async fn the_machines_own_roots_do_not_vouch_for_a_private_authority() {
    let authority = Authority::new("ours");
    let server =
        TlsServer::start(Greeting::with(authority.signs(NAME, |_| {})), |_| answer(200, "", "")).await;
    let transport = transport(&[format!("{NAME}:{}", server.port)]);
    let error = transport.send(get(&server.url("/")), SendLimits::default()).await.unwrap_err();
    assert!(matches!(error, TransportError::Tls { .. }), "{error:?}");
    assert!(error.help().contains("--ca-file"));
    assert_eq!(server.seen.count(), 0);
}

#[test]
fn a_list_of_authorities_is_checked_when_it_is_read() {
    let authority = Authority::new("ours");
    let two = format!("# ours\n{}\n{}", authority.pem(), Authority::new("theirs").pem());
    assert!(PrivateRoots::from_pem(two.as_bytes()).is_ok());
    let key = authority.signs(NAME, |_| {}).key_pem;
    let damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (bad, why) in [
        (String::new(), "no block"),
        ("text".to_owned(), "no block"),
        (damaged.to_owned(), "not a certificate"),
        (format!("{}{damaged}", authority.pem()), "not a certificate"),
        (format!("{}{key}", authority.pem()), "private key"),
        ("-----BEGIN CERTIFICATE-----\nAAAA".to_owned(), ""),
    ] {
        let error = PrivateRoots::from_pem(bad.as_bytes()).unwrap_err();
        assert!(error.why.contains(why), "{error}");
    }
}

/// A server that knows TLS 1.0 or 1.1 alone: its half of the handshake, byte by byte (RFC 4346 §7.4.1.3).
async fn old(minor: u8) -> (TransportError, Vec<u8>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut hello = [0; 4096];
        assert!(stream.read(&mut hello).await.unwrap() > 5 && hello[0] == 22, "a ClientHello");
        let mut answer = vec![22, 3, minor, 0, 42, 2, 0, 0, 38, 3, minor];
        answer.extend([7; 32]); // random
        answer.extend([0, 0xc0, 0x13, 0]); // no session, ECDHE_RSA_WITH_AES_128_CBC_SHA, no compression
        stream.write_all(&answer).await.unwrap();
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
        rest
    });
    let url = url::Url::parse(&format!("https://{NAME}:{port}/?t=canary")).unwrap();
    let transport = transport(&[format!("{NAME}:{port}")]);
    let error = transport.send(get(&url), SendLimits::default()).await.unwrap_err();
    (error, served.await.unwrap())
}

#[tokio::test]
async fn versions_before_1_2_are_refused() {
    for minor in [1, 2] {
        let (error, rest) = old(minor).await;
        assert!(matches!(error, TransportError::Tls { .. }) && error.nothing_was_sent(), "{error:?}");
        assert!(error.help().contains("TLS 1.2"), "{}", error.help());
        assert!(rest.is_empty() || rest[0] == 21, "an alert and nothing else: {rest:?}");
    }
}

#[tokio::test]
async fn an_end_without_notice_is_not_the_end_of_an_answer() {
    let authority = Authority::new("ours");
    let mut greeting = Greeting::with(authority.signs(NAME, |_| {}));
    greeting.ends_abruptly = true;
    // Neither length nor chunks: the end of the connection is the end of the body, if it is announced.
    let server =
        TlsServer::start(greeting, |_| b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhalf of i".to_vec())
            .await;
    let error =
        trusting(&server, &authority).send(get(&server.url("/")), SendLimits::default()).await.unwrap_err();
    assert!(matches!(error, TransportError::BadAnswer { .. }), "{error:?}");
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls_is_named() {
    let server = crate::loopback::Server::start(|_| answer(200, "", "plain")).await;
    let url = url::Url::parse(&format!("https://{NAME}:{}/", server.port)).unwrap();
    let transport = transport(&[format!("{NAME}:{}", server.port)]);
    let limits = SendLimits { total: std::time::Duration::from_secs(3), ..SendLimits::default() };
    let error = transport.send(get(&url), limits).await.unwrap_err();
    assert!(error.to_string().contains(NAME), "{error:?}");
    assert_eq!(server.seen.count(), 0);
}

fn identity(leaf: &Leaf) -> Arc<ClientIdentity> {
    Arc::new(ClientIdentity {
        certificate: leaf.pem.as_str().into(),
        private_key: leaf.key_pem.as_str().into(),
    })
}

fn showing(url: &url::Url, leaf: &Leaf) -> OutgoingRequest {
    OutgoingRequest { identity: Some(identity(leaf)), ..get(url) }
}

/// A server that asks for a certificate of `clients` and answers with the number of the one shown.
async fn asking(ours: &Authority, clients: &Authority) -> TlsServer {
    let greeting = Greeting::asking(clients, ours.signs(NAME, |_| {}));
    TlsServer::start(greeting, |request| answer(200, "", request.lines().next().unwrap())).await
}

#[tokio::test]
async fn a_client_certificate_is_shown_where_it_is_asked_for() {
    let (ours, clients) = (Authority::new("ours"), Authority::new("clients"));
    let server = asking(&ours, &clients).await;
    let transport = trusting(&server, &ours);
    let leaf = clients.signs("client", |_| {});
    let answered = transport.send(showing(&server.url("/"), &leaf), SendLimits::default()).await.unwrap();
    assert!(answered.body.starts_with(b"client ") && &answered.body[..] != b"client 0");

    let refused = [
        ("none", get(&server.url("/"))),
        (
            "one of another authority",
            showing(&server.url("/"), &Authority::new("theirs").signs("client", |_| {})),
        ),
        ("one that has expired", showing(&server.url("/"), &clients.signs("client", expired))),
    ];
    for (what, request) in refused {
        let error = transport.send(request, SendLimits::default()).await.unwrap_err();
        assert!(
            matches!(&error, TransportError::Tls { why, .. } if why.contains("client certificate")),
            "{what}: {error:?}"
        );
    }
    assert_eq!(server.seen.count(), 1);
}

#[tokio::test]
async fn a_server_that_does_not_ask_is_shown_nothing() {
    let authority = Authority::new("ours");
    let server = TlsServer::start(Greeting::with(authority.signs(NAME, |_| {})), |request| {
        answer(200, "", request.lines().next().unwrap())
    })
    .await;
    let request = showing(&server.url("/"), &authority.signs("client", |_| {}));
    let answered = trusting(&server, &authority).send(request, SendLimits::default()).await.unwrap();
    assert_eq!(&answered.body[..], b"client 0");
}

#[tokio::test]
async fn connections_of_two_identities_are_never_mixed() {
    let (ours, clients) = (Authority::new("ours"), Authority::new("clients"));
    let server = asking(&ours, &clients).await;
    let transport = Arc::new(trusting(&server, &ours));
    let leaves: Vec<Arc<ClientIdentity>> =
        (0..4).map(|at| identity(&clients.signs(&format!("client-{at}"), |_| {}))).collect();
    let mut numbers = Vec::new();
    for leaf in &leaves {
        let request = OutgoingRequest { identity: Some(leaf.clone()), ..get(&server.url("/")) };
        numbers.push(transport.send(request, SendLimits::default()).await.unwrap().body);
    }
    assert!(numbers.iter().all(|number| numbers.iter().filter(|other| *other == number).count() == 1));
    let mut calls = tokio::task::JoinSet::new();
    for at in 0..200 {
        let (transport, url) = (transport.clone(), server.url("/"));
        let (leaf, expected) = (leaves[at % 4].clone(), numbers[at % 4].clone());
        calls.spawn(async move {
            let request = OutgoingRequest { identity: Some(leaf), ..get(&url) };
            (transport.send(request, SendLimits::default()).await.unwrap().body, expected)
        });
    }
    while let Some(ended) = calls.join_next().await {
        let (shown, expected) = ended.unwrap();
        assert_eq!(shown, expected);
    }
    let connections = server.seen.connections.load(std::sync::atomic::Ordering::SeqCst);
    assert!(connections < 204, "connections of one identity are used again: {connections}");
}

#[tokio::test]
async fn more_identities_than_are_remembered_are_served_all_the_same() {
    let (ours, clients) = (Authority::new("ours"), Authority::new("clients"));
    let server = asking(&ours, &clients).await;
    let transport = trusting(&server, &ours);
    let first = clients.signs("first", |_| {});
    let number = transport.send(showing(&server.url("/"), &first), SendLimits::default()).await.unwrap().body;
    for at in 0..70 {
        let leaf = clients.signs(&format!("client-{at}"), |_| {});
        transport.send(showing(&server.url("/"), &leaf), SendLimits::default()).await.unwrap();
    }
    let again = transport.send(showing(&server.url("/"), &first), SendLimits::default()).await.unwrap().body;
    assert_eq!(number, again);
}

#[tokio::test]
async fn a_certificate_that_cannot_be_used_is_refused_without_being_told() {
    let authority = Authority::new("ours");
    let server =
        TlsServer::start(Greeting::with(authority.signs(NAME, |_| {})), |_| answer(200, "", "")).await;
    let transport = trusting(&server, &authority);
    let (one, other) = (authority.signs("one", |_| {}), authority.signs("other", |_| {}));
    let bad = "-----BEGIN PRIVATE KEY-----\ncanarycanary\n-----END PRIVATE KEY-----";
    for (certificate, key) in [
        (one.pem.as_str(), other.key_pem.as_str()),
        (one.pem.as_str(), bad),
        (one.pem.as_str(), "canary"),
        ("canary", one.key_pem.as_str()),
        ("", ""),
    ] {
        let identity = ClientIdentity { certificate: certificate.into(), private_key: key.into() };
        let request = OutgoingRequest { identity: Some(Arc::new(identity)), ..get(&server.url("/")) };
        let error = transport.send(request, SendLimits::default()).await.unwrap_err();
        assert!(matches!(error, TransportError::Identity { .. }) && error.nothing_was_sent(), "{error:?}");
        assert!(!format!("{error:?} {error}").contains("canary"));
        assert_eq!(Failure::from(error).reason, Reason::NeedsReauthorization);
    }
    assert_eq!(server.seen.count(), 0);
}

#[tokio::test]
async fn a_client_certificate_stays_on_its_origin() {
    let (ours, clients) = (Authority::new("ours"), Authority::new("clients"));
    let target = TlsServer::start(Greeting::with(ours.signs(NAME, |_| {})), |_| answer(200, "", "")).await;
    let location = format!("location: {}\r\n", target.url("/there"));
    let greeting = Greeting::asking(&clients, ours.signs(NAME, |_| {}));
    let server = TlsServer::start(greeting, move |_| answer(302, &location, "")).await;
    // The other origin asks for a certificate too, and gets none.
    let greeting = Greeting::asking(&clients, ours.signs(NAME, |_| {}));
    let curious = TlsServer::start(greeting, |_| answer(200, "", "")).await;
    let to_curious = format!("location: {}\r\n", curious.url("/there"));
    let greeting = Greeting::asking(&clients, ours.signs(NAME, |_| {}));
    let second = TlsServer::start(greeting, move |_| answer(302, &to_curious, "")).await;
    let open: Vec<String> = [&target, &server, &curious, &second]
        .iter()
        .map(|server| format!("{NAME}:{}", server.port))
        .collect();
    let transport = transport(&open).trusting(PrivateRoots::from_pem(ours.pem().as_bytes()).unwrap());
    let limits = SendLimits { redirects: Redirects::FOLLOWED, ..SendLimits::default() };
    let leaf = clients.signs("client", |_| {});
    assert!(follow(&transport, showing(&server.url("/"), &leaf), limits).await.unwrap().left);
    let error = follow(&transport, showing(&second.url("/"), &leaf), limits).await.unwrap_err();
    assert!(matches!(error, TransportError::Tls { .. }), "{error:?}");
    assert_eq!(curious.seen.count(), 0);
}

#[tokio::test]
async fn https_is_not_followed_to_http() {
    let authority = Authority::new("ours");
    let plain = crate::loopback::Server::start(|_| answer(200, "", "")).await;
    let location = format!("location: {}\r\n", plain.url("/"));
    let server =
        TlsServer::start(Greeting::with(authority.signs(NAME, |_| {})), move |_| answer(302, &location, ""))
            .await;
    let open = [format!("{NAME}:{}", server.port), format!("127.0.0.1:{}", plain.port)];
    let transport = transport(&open).trusting(PrivateRoots::from_pem(authority.pem().as_bytes()).unwrap());
    let limits = SendLimits { redirects: Redirects::FOLLOWED, ..SendLimits::default() };
    let error = follow(&transport, get(&server.url("/")), limits).await.unwrap_err();
    assert!(
        matches!(&error, TransportError::Redirect { why, .. } if why.contains("https to http")),
        "{error}"
    );
    assert_eq!(plain.seen.count(), 0);
}
