//! Where requests may not go: every spelling of an inside address, refused before anything is sent.

use async_trait::async_trait;
use sluis_invoke::egress::Lookup;
use sluis_invoke::{
    EgressPolicy, HostPort, Http, OutgoingRequest, Reach, Refusal, SendLimits, Transport, TransportError,
};
use sluis_model::error::{Failure, Reason};
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

/// A loopback listener that counts who connects.
async fn canary() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, seen) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
    let counter = seen.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
        }
    });
    (port, seen)
}

struct Names(&'static [&'static str]);

#[async_trait]
impl Lookup for Names {
    async fn lookup(&self, _name: &str) -> io::Result<Vec<IpAddr>> {
        Ok(self.0.iter().map(|address| address.parse().unwrap()).collect())
    }
}

fn get(url: &str) -> OutgoingRequest {
    OutgoingRequest::new(http::Method::GET, Url::parse(url).unwrap())
}

/// Spellings of hosts that lead inside, or would if they were believed.
const INSIDE: &[&str] = &[
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0x7F.0.0.0x1",
    "017700000001",
    "0177.0.0.1",
    "0177.1",
    "127.0.0.1.",
    "0",
    "0.0.0.0",
    "00",
    "0x0",
    "0.",
    "127.0.0.01",
    "１２７.０.０.１",
    "127。0。0。1",
    "①②⑦.⓪.⓪.①",
    "%31%32%37.0.0.1",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "a.localhost",
    "metadata.google.internal",
    "metadata.google.internal.",
    "METADATA.Google.Internal",
    "metadata",
    "instance-data",
    "kubernetes",
    "router.lan",
    "nas.home.arpa",
    "host.docker.internal",
    "127.0.0.1。",
    "0x7f.0x0.0x0.0x1",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[fd20:ce::254]",
    "[fe80::a9fe:a9fe]",
    "169.254.170.2",
    "printer.local",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::127.0.0.1]",
    "[::7f00:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:7f00:1]",
    "[::ffff:10.0.0.1]",
    "[::ffff:169.254.169.254]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::a00:1]",
    "[64:ff9b:1::1]",
    "[2002:7f00:1::]",
    "[2002:a00:1::1]",
    "[2001:0:7f00:1::]",
    "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[2001:db8::1]",
    "[100::1]",
    "[2001:2::1]",
    "[5f00::1]",
    "10.0.0.1",
    "10.1",
    "167772161",
    "012.0.0.1",
    "0xa.0.0.1",
    "100.64.0.1",
    "100.127.255.254",
    "100.100.100.200",
    "169.254.169.254",
    "169.254.43518",
    "2852039166",
    "0xA9FEA9FE",
    "0251.0376.0251.0376",
    "168.63.129.16",
    "172.16.0.1",
    "172.31.255.254",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "192.168.257",
    "198.18.0.1",
    "198.19.255.254",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "4294967295",
];

/// Spellings that are no URL, for which there is nothing to connect to.
const NO_URL: &[&str] = &[
    "[fe80::1%25eth0]",
    "[fe80::1%eth0]",
    "[::1%25lo]",
    "[::1%0]",
    "[v1.fe80::a]",
    "[::1",
    "::1",
    "[::ffff:127.0.0.1.]",
    "[::ffff:0177.0.0.1]",
    "[127.0.0.1]",
    "256.0.0.1",
    "127.0.0.256",
    "0x100000000",
    "4294967296",
    "1.2.3.4.5",
    "0x7f.0.0.0.1",
    "09.0.0.1",
    "127.0.0.1%00",
    "127.0.0.1%20",
    "127.0.0.1%2f",
    "local host",
    "a^b",
];

#[test]
fn what_no_standard_reads_as_a_host_is_no_url() {
    for host in NO_URL {
        for url in [format!("https://{host}/"), format!("http://{host}:8080/")] {
            assert!(Url::parse(&url).is_err(), "{url}");
        }
    }
}

#[tokio::test]
async fn no_spelling_of_an_inside_address_is_connected_to() {
    let (port, seen) = canary().await;
    let transport = Transport::new(EgressPolicy::strict());
    assert!(INSIDE.len() >= 80);
    for host in INSIDE {
        for url in
            [format!("http://{host}:{port}/"), format!("https://{host}:{port}/"), format!("https://{host}/")]
        {
            // What is no URL at all cannot be sent either.
            let Ok(url) = Url::parse(&url) else { panic!("{url} should be read as a URL") };
            let error = transport
                .send(OutgoingRequest::new(http::Method::GET, url.clone()), SendLimits::default())
                .await;
            match error {
                Err(TransportError::Refused(Refusal::NotPublic { .. })) => {}
                other => panic!("{url}: {other:?}"),
            }
        }
    }
    assert_eq!(seen.load(Ordering::SeqCst), 0, "nothing may have connected");
}

#[tokio::test]
async fn one_private_address_among_those_of_a_name_refuses_it() {
    let (port, seen) = canary().await;
    for addresses in [
        &["127.0.0.1"][..],
        &["8.8.8.8", "127.0.0.1"],
        &["127.0.0.1", "8.8.8.8"],
        &["::ffff:127.0.0.1"],
        &["2606:4700::1", "fd00::1"],
        &["0.0.0.0"],
        &["169.254.169.254"],
    ] {
        let transport = Transport::with_lookup(EgressPolicy::strict(), Arc::new(Names(addresses)));
        let error =
            transport.send(get(&format!("https://rebind.example:{port}/")), SendLimits::default()).await;
        let error = error.unwrap_err();
        assert_eq!(
            error,
            TransportError::Refused(Refusal::NotPublic { host: "rebind.example".into() }),
            "{addresses:?}"
        );
        let failure = Failure::from(error);
        assert_eq!(failure.reason, Reason::Forbidden);
        assert!(failure.help.unwrap().contains("the operator"));
    }
    assert_eq!(seen.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn the_checked_address_is_the_one_connected_to() {
    struct Changing(AtomicUsize);
    #[async_trait]
    impl Lookup for Changing {
        async fn lookup(&self, _name: &str) -> io::Result<Vec<IpAddr>> {
            let first = self.0.fetch_add(1, Ordering::SeqCst) == 0;
            // 192.0.2.1 would be refused; the second answer is the one that must never be asked for.
            Ok(vec![if first { "127.0.0.1" } else { "192.0.2.1" }.parse().unwrap()])
        }
    }
    let (port, seen) = canary().await;
    let lookup = Arc::new(Changing(AtomicUsize::new(0)));
    let allow = vec![HostPort::parse(&format!("service.test:{port}")).unwrap()];
    let transport = Transport::with_lookup(EgressPolicy::allowing(allow), lookup.clone());
    let answer =
        transport.send(get(&format!("http://service.test:{port}/")), SendLimits::default()).await.unwrap();
    assert_eq!(answer.status, 204);
    assert_eq!(lookup.0.load(Ordering::SeqCst), 1, "a name is looked up once for a connection");
    assert_eq!(seen.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_exception_is_exact() {
    let (port, seen) = canary().await;
    let (other_port, other_seen) = canary().await;
    let allow = vec![HostPort::parse(&format!("127.0.0.1:{port}")).unwrap()];
    let transport = Transport::new(EgressPolicy::allowing(allow));
    let send = |url: String| transport.send(get(&url), SendLimits::default());
    assert_eq!(send(format!("http://127.0.0.1:{port}/")).await.unwrap().status, 204);
    assert!(matches!(
        send(format!("http://127.0.0.1:{other_port}/")).await,
        Err(TransportError::Refused(Refusal::OtherPort { .. }))
    ));
    for host in ["127.0.0.2", "localhost", "[::1]", "[::ffff:127.0.0.1]"] {
        let error = send(format!("http://{host}:{port}/")).await.unwrap_err();
        assert!(matches!(error, TransportError::Refused(Refusal::NotPublic { .. })), "{host}: {error}");
    }
    assert_eq!((seen.load(Ordering::SeqCst), other_seen.load(Ordering::SeqCst)), (1, 0));
}

#[test]
fn schemes_ports_and_user_info_are_judged() {
    let strict = EgressPolicy::strict();
    let check = |url: &str| strict.check_url(&Url::parse(url).unwrap());
    for url in
        ["https://api.example/", "https://api.example:443/", "https://api.example:8443/", "https://8.8.8.8/"]
    {
        assert_eq!(check(url), Ok(Reach::Public), "{url}");
    }
    for url in [
        "http://api.example/",
        "ftp://api.example/",
        "gopher://api.example/",
        "ws://api.example/",
        "http://8.8.8.8/",
    ] {
        assert!(matches!(check(url), Err(Refusal::Scheme { .. })), "{url}");
    }
    for url in ["file:///etc/passwd", "data:text/plain,x", "unix:/var/run/docker.sock", "javascript:1"] {
        assert_eq!(check(url), Err(Refusal::NoHost), "{url}");
    }
    for port in [1, 22, 25, 80, 1023, 2375, 3306, 5432, 6379, 9200, 11211, 27017] {
        assert!(
            matches!(check(&format!("https://api.example:{port}/")), Err(Refusal::Port { .. })),
            "{port}"
        );
    }
    for url in ["https://u@api.example/", "https://u:p@api.example/", "https://:p@api.example/"] {
        let refusal = check(url).unwrap_err();
        assert!(matches!(refusal, Refusal::UserInfo { .. }), "{url}");
        assert!(!refusal.to_string().contains('@'));
    }
}
