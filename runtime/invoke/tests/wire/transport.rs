//! The transport against servers that misbehave on loopback.

use sluis_invoke::{EgressPolicy, HostPort, Http, OutgoingRequest, SendLimits, Transport, TransportError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use url::Url;

/// Reads one request, up to the end of its headers and whatever body came along.
async fn read_request(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = stream.read(&mut buffer).await {
        text.extend_from_slice(&buffer[..length]);
        if text.windows(4).any(|window| window == b"\r\n\r\n") {
            break;
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// A server that answers every request with the same bytes, keeps the connection open for a while
/// and tells what it was sent.
async fn answering(answer: Vec<u8>, then: After) -> (Url, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url =
        Url::parse(&format!("http://{}/path?access_token=canary-query", listener.local_addr().unwrap()))
            .unwrap();
    let (send, receive) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (answer, send) = (answer.clone(), send.clone());
            tokio::spawn(async move {
                let _ = send.send(read_request(&mut stream).await);
                let _ = stream.write_all(&answer).await;
                match then {
                    After::Close => {}
                    After::Hang => tokio::time::sleep(Duration::from_secs(60)).await,
                    After::Drip => {
                        while stream.write_all(b"x").await.is_ok() {
                            tokio::time::sleep(Duration::from_millis(20)).await;
                        }
                    }
                    After::Flood => while stream.write_all(&[b'x'; 65536]).await.is_ok() {},
                }
            });
        }
    });
    (url, receive)
}

#[derive(Clone, Copy)]
enum After {
    Close,
    Hang,
    Drip,
    Flood,
}

fn transport(url: &Url) -> Transport {
    let host = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    Transport::new(EgressPolicy::allowing(vec![HostPort::parse(&host).unwrap()]))
}

fn limits(millis: u64, max_body: usize) -> SendLimits {
    SendLimits { total: Duration::from_millis(millis), max_body, ..SendLimits::default() }
}

fn get(url: &Url) -> OutgoingRequest {
    OutgoingRequest::new(http::Method::GET, url.clone())
}

#[tokio::test]
async fn a_request_goes_out_with_its_length_and_our_name_and_without_referer() {
    let (url, mut requests) = answering(b"HTTP/1.1 204 X\r\n\r\n".to_vec(), After::Close).await;
    let mut request = get(&url);
    request.method = http::Method::POST;
    request.body = "hello".into();
    request.set_secret_header(http::header::AUTHORIZATION, &"Bearer t".into()).unwrap();
    transport(&url).send(request, SendLimits::default()).await.unwrap();
    let sent = requests.recv().await.unwrap().to_lowercase();
    for line in [
        "post /path?access_token=canary-query http/1.1\r\n",
        "content-length: 5\r\n",
        "user-agent: sluis/",
        "authorization: bearer t\r\n",
    ] {
        assert!(sent.contains(line), "{line} in {sent}");
    }
    assert!(!sent.contains("referer") && !sent.contains("transfer-encoding"));
}

#[tokio::test]
async fn a_post_without_body_says_that_it_has_none() {
    let (url, mut requests) = answering(b"HTTP/1.1 204 X\r\n\r\n".to_vec(), After::Close).await;
    let mut request = get(&url);
    request.method = http::Method::POST;
    transport(&url).send(request, SendLimits::default()).await.unwrap();
    assert!(requests.recv().await.unwrap().to_lowercase().contains("content-length: 0\r\n"));
}

#[tokio::test]
async fn an_answer_that_never_ends_is_cut_off_in_time() {
    let cases = [
        (b"".to_vec(), After::Hang),
        (b"HTTP/1.1 200 OK\r\n".to_vec(), After::Drip),
        (b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), After::Drip),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nx".to_vec(), After::Hang),
    ];
    for (answer, then) in cases {
        let (url, _requests) = answering(answer, then).await;
        let started = Instant::now();
        let error = transport(&url).send(get(&url), limits(300, 1 << 20)).await.unwrap_err();
        assert!(
            matches!(error, TransportError::Timeout { after, .. } if after == Duration::from_millis(300)),
            "{error}"
        );
        assert!(started.elapsed() < Duration::from_secs(5));
    }
}

#[tokio::test]
async fn a_body_is_read_up_to_the_limit_and_no_further() {
    let (url, _requests) = answering(b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), After::Flood).await;
    let error = transport(&url).send(get(&url), limits(20_000, 100_000)).await.unwrap_err();
    assert!(matches!(error, TransportError::TooLarge { limit: 100_000, .. }), "{error}");
    let (url, _requests) =
        answering(b"HTTP/1.1 200 OK\r\ncontent-length: 100001\r\n\r\n".to_vec(), After::Hang).await;
    let error = transport(&url).send(get(&url), limits(20_000, 100_000)).await.unwrap_err();
    assert!(matches!(error, TransportError::TooLarge { .. }), "before any of it is read: {error}");
}

#[tokio::test]
async fn a_short_or_garbled_answer_is_an_error_and_never_a_short_success() {
    let cases: [&[u8]; 5] = [
        b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nnope",
        b"",
    ];
    for answer in cases {
        let (url, _requests) = answering(answer.to_vec(), After::Close).await;
        let error = transport(&url).send(get(&url), SendLimits::default()).await.unwrap_err();
        assert!(
            matches!(error, TransportError::BadAnswer { .. } | TransportError::Unreachable { .. }),
            "{}: {error}",
            String::from_utf8_lossy(answer)
        );
        assert!(!format!("{error} {error:?} {}", error.help()).contains("canary"), "{error:?}");
    }
}

#[tokio::test]
async fn a_provider_that_is_down_is_named_without_its_url() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}/?token=canary", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    let error = transport(&url).send(get(&url), SendLimits::default()).await.unwrap_err();
    match &error {
        TransportError::NotConnected { host, why } => {
            assert_eq!(*host, format!("127.0.0.1:{}", url.port().unwrap()));
            assert!(why.to_lowercase().contains("refused"), "{why}");
        }
        other => panic!("{other}"),
    }
    assert!(!format!("{error} {error:?}").contains("canary"));
}
