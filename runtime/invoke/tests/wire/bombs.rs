//! Answers that are more than they seem: bombs, layers, floods of headers, and many at a time.

use crate::loopback::{Server, answer, get, reaching};
use flate2::Compression;
use flate2::write::GzEncoder;
use sluis_invoke::{Http, Oversize, SendLimits, TransportError};
use std::io::Write;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

fn gzip(chunks: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    for chunk in chunks {
        encoder.write_all(&chunk).unwrap();
    }
    encoder.finish().unwrap()
}

/// 512 MiB of zeros in half a megabyte.
fn bomb() -> Vec<u8> {
    gzip((0..512).map(|_| vec![0; 1 << 20]))
}

fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) as u8
    })
    .take(length)
    .collect()
}

async fn sent_packed(coding: &str, body: Vec<u8>, limits: SendLimits) -> Result<Vec<u8>, TransportError> {
    let headers = format!("content-encoding: {coding}\r\nconnection: close\r\n");
    let server = Server::start(move |_| answer(200, &headers, &body)).await;
    let read = reaching(&[&server]).send(get(&server.url("/")), limits).await?;
    assert!(!read.headers.contains_key("content-encoding") && !read.headers.contains_key("content-length"));
    Ok(read.body.to_vec())
}

#[tokio::test]
async fn a_packed_body_is_unpacked() {
    let text = noise(3_000_000);
    let one = gzip([text.clone()]);
    assert!(sent_packed("gzip", one.clone(), SendLimits::default()).await.unwrap() == text);
    let two = [one, gzip([b"and more".to_vec()])].concat();
    assert!(sent_packed("x-gzip", two, SendLimits::default()).await.unwrap().ends_with(b"and more"));
    assert_eq!(
        sent_packed("gzip", Vec::new(), SendLimits::default()).await.unwrap(),
        b"",
        "no body is not packed"
    );
    // Uniform, as a list of like rows is, and yet no bomb.
    let rows = "{\"name\":\"\",\"age\":0,\"tags\":[]},".repeat(60_000).into_bytes();
    assert!(sent_packed("gzip", gzip([rows.clone()]), SendLimits::default()).await.unwrap() == rows);
}

#[tokio::test]
async fn a_packed_body_that_ends_early_or_is_damaged_is_an_error() {
    let whole = gzip([noise(50_000)]);
    let mut flipped = whole.clone();
    let at = flipped.len() - 6;
    flipped[at] ^= 1;
    for (what, body) in [
        ("half", whole[..whole.len() / 2].to_vec()),
        ("without its last byte", whole[..whole.len() - 1].to_vec()),
        ("without its sum", whole[..whole.len() - 8].to_vec()),
        ("header alone", whole[..10].to_vec()),
        ("one byte", whole[..1].to_vec()),
        ("another sum", flipped),
        ("rubbish behind it", [whole.clone(), b"rubbish".to_vec()].concat()),
        ("no gzip", b"plain".to_vec()),
    ] {
        let error = sent_packed("gzip", body, SendLimits::default()).await.unwrap_err();
        assert!(matches!(error, TransportError::BadAnswer { .. }), "{what}: {error}");
    }
}

#[tokio::test]
async fn layers_and_codings_nobody_asked_for_are_refused() {
    let twice = gzip([gzip([b"x".to_vec()])]);
    for coding in ["gzip, gzip", "br", "deflate", "zstd", "gzip, br", "compress"] {
        let error = sent_packed(coding, twice.clone(), SendLimits::default()).await.unwrap_err();
        assert!(
            matches!(&error, TransportError::BadAnswer { why, .. } if why.contains("packed")),
            "{coding}: {error}"
        );
    }
}

#[tokio::test]
async fn both_sizes_and_the_growth_have_limits() {
    let limits = |max_body, max_wire| SendLimits { max_body, max_wire, ..SendLimits::default() };
    let what = async |body: Vec<u8>, limits| match sent_packed("gzip", body, limits).await {
        Err(TransportError::TooLarge { what, .. }) => what,
        other => panic!("{other:?}"),
    };
    assert_eq!(what(gzip([noise(20_000)]), limits(10_000, 1 << 20)).await, Oversize::Body);
    assert_eq!(what(gzip([noise(20_000)]), limits(1 << 20, 10_000)).await, Oversize::Wire);
    assert_eq!(what(gzip([vec![0; 6 << 20]]), limits(10 << 20, 10 << 20)).await, Oversize::Growth);
    // Blocks that hold nothing never reach the limit of what they unpack to.
    let mut empty = gzip([]);
    empty.truncate(10);
    empty.extend([0, 0, 0, 0xff, 0xff].repeat(100_000));
    assert_eq!(what(empty, limits(10 << 20, 100_000)).await, Oversize::Wire);
}

/// Peak of the memory of this process, in KiB.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

/// Runs in a process of its own: memory is counted by process, and other tests run beside this one.
#[test]
fn a_bomb_costs_less_than_20_mib() {
    const CHILD: &str = "SLUIS_TEST_BOMB";
    if let Ok(path) = std::env::var(CHILD) {
        let body = std::fs::read(path).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let server = Server::start(move |_| answer(200, "content-encoding: gzip\r\n", &body)).await;
            let small = Server::start(|_| answer(200, "", "small")).await;
            let transport = reaching(&[&server, &small]);
            transport.send(get(&small.url("/")), SendLimits::default()).await.unwrap();
            let before = peak().unwrap();
            for _ in 0..3 {
                let error = transport.send(get(&server.url("/")), SendLimits::default()).await.unwrap_err();
                assert!(matches!(error, TransportError::TooLarge { .. }), "{error}");
            }
            println!("grown by {} KiB", peak().unwrap() - before);
        });
        return;
    }
    if peak().is_none() {
        return; // no such file on this system
    }
    let body = bomb();
    assert!(body.len() < 600 << 10, "{}", body.len());
    let folder = std::env::temp_dir().join(format!("sluis-bomb-{}", std::process::id()));
    std::fs::write(&folder, body).unwrap();
    let name = "bombs::a_bomb_costs_less_than_20_mib";
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(CHILD, &folder)
        .output()
        .unwrap();
    std::fs::remove_file(&folder).unwrap();
    let text = String::from_utf8_lossy(&child.stdout).into_owned();
    assert!(child.status.success(), "{text}{}", String::from_utf8_lossy(&child.stderr));
    let grown = text.split("grown by ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
    assert!(grown.parse::<u64>().unwrap() < 20 << 10, "{grown} KiB");
}

#[tokio::test]
async fn headers_are_limited_in_number_and_in_size() {
    let many: String = (0..200).map(|at| format!("x-{at}: a\r\n")).collect();
    let server = Server::start(move |_| answer(200, &many, "")).await;
    reaching(&[&server]).send(get(&server.url("/")), SendLimits::default()).await.unwrap_err();
    let large: String = (0..50).map(|at| format!("x-{at}: {}\r\n", "a".repeat(2_000))).collect();
    let server = Server::start(move |_| answer(200, &large, "")).await;
    let error = reaching(&[&server]).send(get(&server.url("/")), SendLimits::default()).await.unwrap_err();
    assert!(matches!(error, TransportError::TooLarge { what: Oversize::Headers, .. }), "{error}");
}

#[tokio::test]
async fn the_first_byte_has_a_time_of_its_own() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let transport = crate::loopback::transport(&[address.to_string()]);
    let first_byte = Duration::from_millis(200);
    let limits = SendLimits { first_byte, ..SendLimits::default() };
    let url = url::Url::parse(&format!("http://{address}/")).unwrap();
    let error = transport.send(get(&url), limits).await.unwrap_err();
    assert!(matches!(error, TransportError::Timeout { after, .. } if after == first_byte), "{error}");
    assert!(error.to_string().contains("did not begin its answer within 0.2 s"), "{error}");
}

#[tokio::test]
async fn a_slow_host_holds_up_its_own_callers_only() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let slow = listener.local_addr().unwrap();
    let (connected, released) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (told, wait) = (connected.clone(), released.clone());
    tokio::spawn(async move {
        use tokio::io::AsyncWriteExt;
        let (mut stream, _) = listener.accept().await.unwrap();
        told.notify_one();
        wait.notified().await;
        stream.write_all(&answer(200, "", "late")).await.unwrap();
    });
    let quick = Server::start(|_| answer(200, "", "")).await;
    let open = [slow.to_string(), format!("127.0.0.1:{}", quick.port)];
    let transport = Arc::new(crate::loopback::transport(&open).at_a_time(1));
    let url = url::Url::parse(&format!("http://{slow}/")).unwrap();
    let first = {
        let (transport, url) = (transport.clone(), url.clone());
        tokio::spawn(async move { transport.send(get(&url), SendLimits::default()).await })
    };
    connected.notified().await;
    let short = SendLimits { total: Duration::from_millis(100), ..SendLimits::default() };
    let error = transport.send(get(&url), short).await.unwrap_err();
    assert!(matches!(error, TransportError::Busy { limit: 1, .. }) && error.nothing_was_sent(), "{error}");
    assert_eq!(transport.send(get(&quick.url("/")), SendLimits::default()).await.unwrap().status, 200);
    released.notify_one();
    assert_eq!(&first.await.unwrap().unwrap().body[..], b"late");
}
