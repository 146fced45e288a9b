//! Networks that the operator has opened: as wide as named and no wider. And the environment, which
//! opens nothing.

use crate::loopback::{Names, Server, answer, get};
use sluis_invoke::{EgressPolicy, Http, Reach, Refusal, SendLimits, Transport, TransportError};
use std::process::Command;
use std::sync::Arc;
use url::Url;

fn policy(open: &[&str]) -> EgressPolicy {
    EgressPolicy::opening(open).unwrap()
}

fn judged(policy: &EgressPolicy, url: &str) -> Result<Reach, Refusal> {
    policy.check_url(&Url::parse(url).unwrap())
}

#[test]
fn an_opened_network_is_open_and_its_neighbours_are_not() {
    let policy = policy(&["10.20.0.0/16", "fd12::/32"]);
    for url in [
        "https://10.20.0.1/",
        "http://10.20.255.255/",
        "http://10.20.0.1:8080/",
        "http://0xa140001:8080/",
        "http://[::ffff:10.20.0.1]/",
        "http://[fd12::1]:8443/",
    ] {
        assert_eq!(judged(&policy, url), Ok(Reach::Inside), "{url}");
    }
    for url in [
        "http://10.21.0.1/",
        "http://10.19.255.255/",
        "https://127.0.0.1/",
        "http://[fd13::1]/",
        "http://[64:ff9b::10.20.0.1]/",
        "http://[2002:a14:1::]/",
        "https://169.254.169.254/",
    ] {
        assert!(matches!(judged(&policy, url), Err(Refusal::NotPublic { .. })), "{url}");
    }
    for url in [
        "http://10.20.0.1:22/",
        "http://10.20.0.1:6379/",
        "https://10.20.0.1:5432/",
        "http://[fd12::1]:2375/",
    ] {
        assert!(matches!(judged(&policy, url), Err(Refusal::Port { .. })), "{url}");
    }
    assert!(matches!(judged(&policy, "http://8.8.8.8/"), Err(Refusal::Scheme { .. })));
    assert!(matches!(judged(&policy, "ftp://10.20.0.1/"), Err(Refusal::NotPublic { .. })));
    assert_eq!(judged(&policy, "https://8.8.8.8/"), Ok(Reach::Public));
}

#[test]
fn a_host_and_its_port_open_what_a_network_does_not() {
    let policy = policy(&["10.20.0.0/16", "10.20.0.5:5432", "10.30.0.1:9000"]);
    assert!(judged(&policy, "http://10.20.0.5:5432/").is_ok());
    assert!(judged(&policy, "http://10.20.0.5:8080/").is_ok(), "by its network");
    assert!(matches!(judged(&policy, "http://10.20.0.6:5432/"), Err(Refusal::Port { .. })));
    assert!(matches!(judged(&policy, "http://10.30.0.1:9001/"), Err(Refusal::OtherPort { .. })));
}

#[tokio::test]
async fn a_name_is_inside_if_all_of_its_addresses_are() {
    let server = Server::start(|_| answer(200, "", "inside")).await;
    let send = async |addresses: &'static [&'static str], url: String| {
        let transport = Transport::with_lookup(policy(&["127.0.0.0/8"]), Arc::new(Names(addresses)));
        transport.send(get(&Url::parse(&url).unwrap()), SendLimits::default()).await
    };
    let port = server.port;
    for name in ["erp.example.com", "erp.internal", "erp", "localhost"] {
        let answer = send(&["127.0.0.1"], format!("http://{name}:{port}/")).await.unwrap();
        assert_eq!(&answer.body[..], b"inside", "{name}");
    }
    let reached = server.seen.count();
    for addresses in [&["8.8.8.8"][..], &["127.0.0.1", "8.8.8.8"], &["10.0.0.1"], &["169.254.169.254"]] {
        let error = send(addresses, format!("http://erp.example.com:{port}/")).await.unwrap_err();
        assert!(
            matches!(error, TransportError::Refused(Refusal::NotInside { .. })),
            "{addresses:?}: {error}"
        );
    }
    // Over https a name may be public as well, but never in another network.
    let error =
        send(&["127.0.0.1", "10.0.0.1"], format!("https://erp.example.com:{port}/")).await.unwrap_err();
    assert!(matches!(error, TransportError::Refused(Refusal::NotPublic { .. })), "{error}");
    assert_eq!(server.seen.count(), reached);
}

#[tokio::test]
async fn without_an_opened_network_nothing_is_inside() {
    let server = Server::start(|_| answer(200, "", "")).await;
    let transport = Transport::with_lookup(policy(&["127.0.0.1:1"]), Arc::new(Names(&["127.0.0.1"])));
    for name in ["erp.example.com", "erp.internal", "erp", "localhost"] {
        let url = Url::parse(&format!("http://{name}:{}/", server.port)).unwrap();
        let error = transport.send(get(&url), SendLimits::default()).await.unwrap_err();
        assert!(
            matches!(error, TransportError::Refused(Refusal::NotPublic { .. } | Refusal::Scheme { .. })),
            "{name}: {error}"
        );
    }
    assert_eq!(server.seen.count(), 0);
}

/// Runs in a process of its own, because the environment belongs to a process.
#[test]
fn proxies_in_the_environment_are_not_used() {
    const CHILD: &str = "SLUIS_TEST_PROXY";
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    if let Ok(port) = std::env::var(CHILD) {
        let url = Url::parse(&format!("http://127.0.0.1:{port}/")).unwrap();
        let transport = crate::loopback::transport(&[format!("127.0.0.1:{port}")]);
        let answer = runtime.block_on(transport.send(get(&url), SendLimits::default())).unwrap();
        assert_eq!(&answer.body[..], b"direct");
        return;
    }
    let (server, proxy) = runtime.block_on(async {
        (
            Server::start(|_| answer(200, "", "direct")).await,
            Server::start(|_| answer(200, "", "proxied")).await,
        )
    });
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "inside::proxies_in_the_environment_are_not_used"]);
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        child.env(name, format!("http://127.0.0.1:{}", proxy.port));
    }
    let output = child.env(CHILD, server.port.to_string()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!((server.seen.count(), proxy.seen.count()), (1, 0));
}
