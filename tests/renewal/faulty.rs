//! A token endpoint that goes wrong: a proxy before the provider's, and the transport that goes through
//! it. What is to be expected of each fault stands in [`crate::faults`].

use crate::sample;
use async_trait::async_trait;
use sluis_invoke::{Http, HttpAnswer, OutgoingRequest, SendLimits, Transport, TransportError};
use sluis_model::ports::Clock;
use sluis_model::time::Timestamp;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// How long a request is waited for whose answer never comes: nothing is decided by this time, which
/// only has to be shorter than anybody's patience.
const NEVER: Duration = Duration::from_millis(250);
/// More than any token answer may be.
const TOO_MUCH: usize = 2 << 20;
const TEN_YEARS_S: i64 = 10 * 365 * 86_400;

/// What goes wrong with a token request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nobody listens.
    Down,
    /// 503, and the provider hears nothing.
    Busy,
    /// 429 with two minutes of `Retry-After`, and the provider hears nothing.
    SlowDown,
    /// 401 `invalid_client`, and the provider hears nothing.
    ClientRefused,
    /// 307 to the provider itself, which hears nothing unless somebody follows.
    Redirected,
    /// The connection is reset, and the provider hears nothing.
    Reset,
    /// No answer, and the provider hears nothing.
    Silent,
    /// The provider has decided, and the connection is reset.
    Lost,
    /// The provider has decided, and its answer is too late for whoever asked.
    Late,
    /// The provider has decided, and half of an object comes back with a 200.
    Garbage,
    /// The provider has decided, and a web page comes back with a 200.
    WebPage,
    /// The provider has decided, and its answer is cut off.
    CutOff,
    /// The provider has decided, and its answer stops in the middle and never goes on.
    Stalls,
    /// The provider has decided, and an answer without an end comes back.
    Huge,
    /// The provider has decided, and empty tokens come back.
    EmptyTokens,
    /// The provider has decided, and a gateway says 502.
    BadGateway,
    /// The answer comes twice.
    AnsweredTwice,
    /// The request reaches the provider twice, and its second answer comes back.
    DeliveredTwice,
    /// Ten years pass on the wall clock while the provider is asked.
    ClockLeapsAhead,
    /// Two hours are taken back on the wall clock while the provider is asked.
    ClockLeapsBack,
}

impl Fault {
    /// How often the provider hears a request.
    fn heard(self) -> usize {
        match self {
            Fault::Down
            | Fault::Busy
            | Fault::SlowDown
            | Fault::ClientRefused
            | Fault::Redirected
            | Fault::Reset
            | Fault::Silent => 0,
            Fault::DeliveredTwice => 2,
            _ => 1,
        }
    }

    fn has_an_end(self) -> bool {
        !matches!(self, Fault::Silent | Fault::Late | Fault::Stalls)
    }

    fn leap_s(self) -> i64 {
        match self {
            Fault::ClockLeapsAhead => TEN_YEARS_S,
            Fault::ClockLeapsBack => -7200,
            _ => 0,
        }
    }
}

/// A wall clock that a test moves.
pub struct Steered(AtomicI64);

impl Clock for Steered {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

impl Steered {
    /// One that stands still in November 2023.
    pub fn new() -> Self {
        Self(AtomicI64::new(1_700_000_000_000))
    }

    /// Moves it.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

/// The real transport, through the proxy to the token endpoint and straight to the rest.
pub struct Faulty {
    /// Where the proxy listens, as the base of an address.
    pub url: String,
    transport: Transport,
    clock: Arc<Steered>,
    provider: SocketAddr,
    /// The fault, and how many requests it will still spoil.
    coming: Mutex<Option<(Fault, usize)>>,
    /// That of the request under way.
    present: Mutex<Option<Fault>>,
    asked: AtomicUsize,
    /// One permit for each request that the provider has dealt with.
    decided: Semaphore,
    accepting: Mutex<Option<JoinHandle<()>>>,
    /// The port, bound once more: whoever stops to listen can so go on without losing it.
    spare: Mutex<Option<TcpSocket>>,
}

impl Faulty {
    /// A proxy before a provider.
    pub fn before(issuer: &str, clock: Arc<Steered>) -> Arc<Self> {
        let bound = |to: SocketAddr| {
            let socket = TcpSocket::new_v4().unwrap();
            socket.set_reuseaddr(true).unwrap();
            socket.bind(to).unwrap();
            socket
        };
        let first = bound("127.0.0.1:0".parse().unwrap());
        let address = first.local_addr().unwrap();
        let proxy = Arc::new(Self {
            url: format!("http://{address}"),
            transport: sample::transport(),
            clock,
            provider: issuer.trim_start_matches("http://").parse().unwrap(),
            coming: Mutex::default(),
            present: Mutex::default(),
            asked: AtomicUsize::new(0),
            decided: Semaphore::new(0),
            accepting: Mutex::default(),
            spare: Mutex::new(Some(bound(address))),
        });
        proxy.clone().listen(first);
        proxy
    }

    /// Spoils so many of the next requests.
    pub fn spoil(&self, fault: Fault, requests: usize) {
        *self.coming.lock().unwrap() = Some((fault, requests));
    }

    /// All is well again.
    pub fn mend(&self) {
        *self.coming.lock().unwrap() = None;
    }

    /// Token requests that the engine has made.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn listen(self: Arc<Self>, socket: TcpSocket) {
        let listener = socket.listen(64).unwrap();
        let proxy = self.clone();
        *self.accepting.lock().unwrap() = Some(tokio::spawn(proxy.accept(listener)));
    }

    async fn accept(self: Arc<Self>, listener: TcpListener) {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let proxy = self.clone();
            // Whoever asked may have gone away already; that is no concern of the proxy.
            tokio::spawn(async move { drop(proxy.pass_on(stream).await) });
        }
    }

    async fn stop_listening(&self) {
        let accepting = self.accepting.lock().unwrap().take().unwrap();
        accepting.abort();
        assert!(accepting.await.unwrap_err().is_cancelled());
    }

    fn next(&self) -> Option<Fault> {
        let mut coming = self.coming.lock().unwrap();
        let (fault, left) = coming.as_mut()?;
        let fault = *fault;
        *left -= 1;
        if *left == 0 {
            *coming = None;
        }
        Some(fault)
    }

    async fn pass_on(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let request = read_request(&mut stream).await?;
        let fault = *self.present.lock().unwrap();
        let mut answer = Vec::new();
        for _ in 0..fault.map_or(1, Fault::heard) {
            answer = self.ask_provider(&request).await?;
            if fault.is_some() {
                self.decided.add_permits(1);
            }
        }
        let said = match fault {
            Some(Fault::Reset | Fault::Lost) => return stream.set_zero_linger(),
            Some(Fault::Silent | Fault::Late) => Vec::new(),
            Some(fault) => self.spoilt(fault, answer),
            None => answer,
        };
        stream.write_all(&said).await?;
        if fault.is_some_and(|fault| !fault.has_an_end()) {
            // Open until the other side gives up.
            let more = stream.read(&mut [0]).await?;
            debug_assert_eq!(more, 0, "a request has no more to say");
        }
        stream.shutdown().await
    }

    /// What comes back in the place of an answer.
    fn spoilt(&self, fault: Fault, answer: Vec<u8>) -> Vec<u8> {
        let json = "content-type: application/json\r\n";
        let half = r#"{"access_token":"half of an ans"#;
        match fault {
            Fault::Busy => said("503 Service Unavailable", "", "busy"),
            Fault::SlowDown => said("429 Too Many Requests", "retry-after: 120\r\n", ""),
            Fault::ClientRefused => said("401 Unauthorized", json, r#"{"error":"invalid_client"}"#),
            Fault::Redirected => {
                let to = format!("location: http://{}/oauth/token\r\n", self.provider);
                said("307 Temporary Redirect", &to, "")
            }
            Fault::Garbage => said("200 OK", json, half),
            Fault::WebPage => said("200 OK", "content-type: text/html\r\n", "<html>Sign in</html>"),
            Fault::EmptyTokens => {
                let body =
                    r#"{"access_token":"","refresh_token":"","token_type":"Bearer","expires_in":3600}"#;
                said("200 OK", json, body)
            }
            Fault::CutOff | Fault::Stalls => {
                format!("HTTP/1.1 200 OK\r\n{json}content-length: 500\r\n\r\n{half}").into_bytes()
            }
            Fault::Huge => said("200 OK", json, &" ".repeat(TOO_MUCH)),
            Fault::BadGateway => said("502 Bad Gateway", "", "no answer"),
            Fault::AnsweredTwice => answer.repeat(2),
            _ => answer,
        }
    }

    async fn ask_provider(&self, request: &[u8]) -> std::io::Result<Vec<u8>> {
        let mut provider = TcpStream::connect(self.provider).await?;
        provider.write_all(request).await?;
        let mut answer = Vec::new();
        provider.read_to_end(&mut answer).await?;
        Ok(answer)
    }
}

#[async_trait]
impl Http for Faulty {
    async fn send(&self, request: OutgoingRequest, limits: SendLimits) -> Result<HttpAnswer, TransportError> {
        if request.url.path() != "/oauth/token" {
            return self.transport.send(request, limits).await;
        }
        self.asked.fetch_add(1, Ordering::SeqCst);
        let fault = self.next();
        *self.present.lock().unwrap() = fault;
        let Some(fault) = fault else { return self.transport.send(request, limits).await };
        if fault == Fault::Down {
            self.stop_listening().await;
        }
        let total = if fault.has_an_end() { limits.total } else { NEVER };
        let answer = self.transport.send(request, SendLimits { total, ..limits }).await;
        // Whoever gives up must not be quicker than the provider, or the fault would be another.
        self.decided.acquire_many(u32::try_from(fault.heard()).unwrap()).await.unwrap().forget();
        self.clock.advance(fault.leap_s());
        answer
    }
}

impl Faulty {
    /// Listens again after [`Fault::Down`]; once.
    pub fn come_back(self: Arc<Self>) {
        let spare = self.spare.lock().unwrap().take().unwrap();
        self.listen(spare);
    }
}

fn said(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}")
        .into_bytes()
}

/// Reads a request, and makes it one after which the provider closes the connection.
async fn read_request(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut read = Vec::new();
    loop {
        if stream.read_buf(&mut read).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8(read[..end].to_vec()).unwrap().to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        if read.len() == end + 4 + length.parse::<usize>().unwrap() {
            read.splice(end..end, *b"\r\nconnection: close");
            return Ok(read);
        }
    }
}
