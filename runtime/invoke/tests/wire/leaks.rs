//! No error, in any form, and no line of the log at its most talkative holds a part of a request that
//! data or a secret was filled into, or a part of an answer.

use crate::certificates::{Authority, Greeting, NAME, TlsServer};
use crate::loopback::{Server, answer, transport};
use http::{HeaderName, HeaderValue, Method};
use sluis_invoke::{
    Http, OutgoingRequest, PrivateRoots, Redirects, SendLimits, Transport, TransportError, follow,
};
use sluis_model::error::Failure;
use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;
use tokio::net::TcpListener;
use tracing_subscriber::fmt::MakeWriter;
use url::Url;

/// Stands in every part of a request and of its answer.
const MARK: &str = "qX7vLeak";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Log;

    fn make_writer(&'a self) -> Log {
        self.clone()
    }
}

/// Everything that any crate logs from here on, at the level of every detail.
fn log() -> &'static Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    LOG.get_or_init(|| {
        let log = Log::default();
        let logging =
            tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::TRACE);
        logging.with_ansi(false).with_writer(log.clone()).init();
        log
    })
}

fn marked(url: &Url, method: Method) -> OutgoingRequest {
    let mut url = url.clone();
    url.set_path(&format!("/{MARK}-path"));
    url.set_query(Some(&format!("access_token={MARK}-query")));
    let mut request = OutgoingRequest::new(method, url);
    for name in ["authorization", "cookie", "x-api-key", "accept"] {
        let value = HeaderValue::from_str(&format!("{MARK}-{name}")).unwrap();
        request.headers.insert(HeaderName::from_static(name), value);
    }
    if request.method != Method::GET {
        request.body = format!("{MARK}-body").into();
    }
    request
}

fn marked_answer(status: u16, headers: &str) -> Vec<u8> {
    answer(status, &format!("x-session: {MARK}-answer-header\r\n{headers}"), format!("{MARK}-answer-body"))
}

/// Sends both with and without a body, following redirects, and collects what is said of the failure.
async fn failing(transport: &Transport, url: &Url, limits: SendLimits) -> String {
    let mut said = String::new();
    for method in [Method::GET, Method::POST] {
        let limits = SendLimits { redirects: Redirects::FOLLOWED, ..limits };
        let request = marked(url, method);
        said += &format!("{request:?}");
        let error: TransportError = follow(transport, request, limits).await.unwrap_err();
        said += &format!("{error} {error:?} {error:#?} {}", error.help());
        let failure = Failure::from(error);
        said += &format!("{failure} {failure:?} {}\n", serde_json::to_string(&failure).unwrap());
    }
    said
}

/// Servers that fail, each in another way, as bytes of an answer.
fn bad_answers() -> Vec<Vec<u8>> {
    let mark = |text: &str| text.replace('@', MARK).into_bytes();
    let mut long = format!("HTTP/1.1 200 OK\r\nx-long: {}", "a".repeat(100_000));
    long += &format!("{MARK}\r\nconnection: close\r\n\r\n");
    vec![
        marked_answer(302, &format!("location: http://u:{MARK}@127.0.0.1/{MARK}\r\n")),
        marked_answer(302, &format!("location: http://127.0.0.1:1/{MARK}?{MARK}\r\n")),
        marked_answer(302, &format!("location: /{MARK}?t={MARK}\r\n")),
        marked_answer(302, &format!("location: http://[{MARK}\r\n")),
        marked_answer(302, &format!("location: /{MARK}\r\nlocation: /{MARK}-2\r\n")),
        marked_answer(200, "content-encoding: gzip\r\n"),
        marked_answer(200, &format!("content-encoding: {MARK}\r\n")),
        mark("HTTP/1.1 200 OK\r\nx-a: @\r\ncontent-length: 1000\r\nconnection: close\r\n\r\n@ and no more"),
        mark("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n@\r\n"),
        mark("@ is no HTTP. connection: close"),
        mark("HTTP/1.1 200 OK\r\n@ @: @\r\nconnection: close\r\n\r\n"),
        mark("HTTP/1.1 200 OK\r\ncontent-length: @\r\nconnection: close\r\n\r\n"),
        mark("HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\nconnection: close\r\n\r\n@"),
        mark("connection: close"),
        long.into_bytes(),
    ]
}

#[tokio::test]
async fn no_failure_and_no_log_line_holds_what_was_sent_or_answered() {
    let log = log();
    let mut said = String::new();
    for bytes in bad_answers() {
        let server = Server::start(move |_| bytes.clone()).await;
        let transport = crate::loopback::reaching(&[&server]);
        said += &failing(&transport, &server.url("/"), SendLimits::default()).await;
    }
    let server = Server::start(|_| marked_answer(200, "")).await;
    let reaching = crate::loopback::reaching(&[&server]);
    // Answered, but too large for what is allowed.
    said += &failing(&reaching, &server.url("/"), SendLimits { max_body: 4, ..SendLimits::default() }).await;
    // Not allowed, not there, not in time, not secure.
    said += &failing(&transport(&[]), &server.url("/"), SendLimits::default()).await;
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let url = Url::parse(&format!("http://{gone}/")).unwrap();
    said += &failing(&transport(&[gone.to_string()]), &url, SendLimits::default()).await;
    let hanging = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = hanging.local_addr().unwrap();
    let url = Url::parse(&format!("http://{address}/")).unwrap();
    let limits = SendLimits { total: Duration::from_millis(100), ..SendLimits::default() };
    said += &failing(&transport(&[address.to_string()]), &url, limits).await;
    let authority = Authority::new("ours");
    let secure =
        TlsServer::start(Greeting::with(authority.signs(NAME, |_| {})), |_| marked_answer(200, "")).await;
    let open = [format!("{NAME}:{}", secure.port)];
    said += &failing(&transport(&open), &secure.url("/"), SendLimits::default()).await;
    // And what succeeds is logged in no more detail.
    let trusting = transport(&open).trusting(PrivateRoots::from_pem(authority.pem().as_bytes()).unwrap());
    let answer = trusting.send(marked(&secure.url("/"), Method::POST), SendLimits::default()).await.unwrap();
    assert!(answer.body.starts_with(MARK.as_bytes()));
    said += &format!("{answer:?}");
    reaching.send(marked(&server.url("/"), Method::POST), SendLimits::default()).await.unwrap();

    assert!(said.len() > 10_000 && !said.contains(MARK), "{}", around(&said));
    let logged = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(logged.contains("TRACE") && logged.contains("hyper"), "the log is there to be searched");
    assert!(!logged.contains(MARK), "{}", around(&logged));
}

/// The lines where the mark stands.
fn around(text: &str) -> String {
    text.lines().filter(|line| line.contains(MARK)).take(5).collect::<Vec<_>>().join("\n")
}
