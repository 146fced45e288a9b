//! A server on loopback that answers as told and keeps what it was sent.

use async_trait::async_trait;
use sluis_invoke::egress::Lookup;
use sluis_invoke::{EgressPolicy, OutgoingRequest, Transport};
use std::io;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

/// Bytes of the answer to a request, given whole as text.
pub type Answering = Arc<dyn Fn(&str) -> Vec<u8> + Send + Sync>;

/// What a server has seen.
#[derive(Clone, Default)]
pub struct Seen {
    requests: Arc<Mutex<Vec<String>>>,
    pub connections: Arc<AtomicUsize>,
}

impl Seen {
    /// The requests, each whole, in lower case but for the body.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    pub fn count(&self) -> usize {
        self.requests.lock().unwrap().len()
    }
}

/// A server over plain TCP.
pub struct Server {
    pub port: u16,
    pub seen: Seen,
}

impl Server {
    pub async fn start(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, seen) = (listener.local_addr().unwrap().port(), Seen::default());
        let (answer, keeper): (Answering, Seen) = (Arc::new(answer), seen.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                keeper.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, answer.clone(), keeper.clone()));
            }
        });
        Self { port, seen }
    }

    pub fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://127.0.0.1:{}{path}", self.port)).unwrap()
    }
}

/// Answers requests on one connection until the other side has enough, or an answer says `close`.
pub async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: Answering, seen: Seen) {
    while let Some(request) = read_request(&mut stream).await {
        let bytes = answer(&request);
        seen.requests.lock().unwrap().push(request);
        let head = String::from_utf8_lossy(&bytes[..bytes.len().min(2000)]).to_lowercase();
        if stream.write_all(&bytes).await.is_err() || head.contains("connection: close") {
            break;
        }
    }
    let _ = stream.shutdown().await;
}

async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end + 4]).to_lowercase();
            let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split('\r').next());
            let length: usize = length.map_or(0, |digits| digits.parse().unwrap());
            if bytes.len() >= end + 4 + length {
                return Some(head + &String::from_utf8_lossy(&bytes[end + 4..]));
            }
        }
        match stream.read(&mut buffer).await {
            Ok(count @ 1..) => bytes.extend_from_slice(&buffer[..count]),
            _ => return None,
        }
    }
}

/// An answer with a body of known length.
pub fn answer(status: u16, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut bytes =
        format!("HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// Resolves every name as told.
pub struct Names(pub &'static [&'static str]);

#[async_trait]
impl Lookup for Names {
    async fn lookup(&self, _name: &str) -> io::Result<Vec<IpAddr>> {
        Ok(self.0.iter().map(|address| address.parse().unwrap()).collect())
    }
}

/// A transport that may reach these and nothing else inside; every name resolves to this machine.
pub fn transport(open: &[String]) -> Transport {
    Transport::with_lookup(EgressPolicy::opening(open).unwrap(), Arc::new(Names(&["127.0.0.1"])))
}

/// One that may reach these servers.
pub fn reaching(servers: &[&Server]) -> Transport {
    let open: Vec<String> = servers.iter().map(|server| format!("127.0.0.1:{}", server.port)).collect();
    transport(&open)
}

pub fn get(url: &Url) -> OutgoingRequest {
    OutgoingRequest::new(http::Method::GET, url.clone())
}
