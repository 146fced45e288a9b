//! Callers: each has one connection and sends its next request when the last one is answered.

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use hdrhistogram::Histogram;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, header};
use hyper_util::rt::TokioIo;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

/// A request that is sent again and again.
#[derive(Debug, Clone)]
pub struct Question {
    /// Host and port.
    pub address: String,
    /// Its method.
    pub method: &'static str,
    /// Path and query.
    pub path: String,
    /// What is shown as a bearer token.
    pub token: String,
    /// JSON.
    pub body: String,
}

/// What came of asking for a while.
pub struct Answered {
    /// Microseconds of each answer.
    pub times: Histogram<u64>,
    /// How long all of it took.
    pub took: Duration,
}

impl Answered {
    /// Answers a second.
    pub fn rate(&self) -> f64 {
        self.times.len() as f64 / self.took.as_secs_f64()
    }

    /// Milliseconds that this share of the answers stayed below.
    pub fn at(&self, share: f64) -> f64 {
        self.times.value_at_quantile(share) as f64 / 1_000.0
    }
}

/// One connection of a caller.
pub struct Caller {
    sender: SendRequest<Full<Bytes>>,
}

impl Caller {
    /// Connects.
    pub async fn connect(address: &str) -> Result<Self> {
        let socket = TcpStream::connect(address).await.with_context(|| address.to_owned())?;
        socket.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(socket)).await?;
        tokio::spawn(connection);
        Ok(Self { sender })
    }

    /// Asks once; how long the answer took. Everything but 200 is an error.
    pub async fn ask(&mut self, question: &Question) -> Result<Duration> {
        let request = Request::builder()
            .method(question.method)
            .uri(&question.path)
            .header(header::HOST, &question.address)
            .header(header::AUTHORIZATION, format!("Bearer {}", question.token))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(question.body.clone())))?;
        let begun = Instant::now();
        self.sender.ready().await?;
        let answer = self.sender.send_request(request).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        if status != 200 {
            bail!("{} {}: {status} {}", question.method, question.path, String::from_utf8_lossy(&body));
        }
        Ok(begun.elapsed())
    }
}

/// Asks with many callers at once for a while, after half a second that does not count.
pub async fn for_a_while(question: &Question, callers: usize, seconds: u64) -> Result<Answered> {
    let question = Arc::new(question.clone());
    let counted_from = Instant::now() + Duration::from_millis(500);
    let until = counted_from + Duration::from_secs(seconds);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..callers {
        let question = question.clone();
        tasks.spawn(async move {
            let mut caller = Caller::connect(&question.address).await?;
            let mut times = Histogram::<u64>::new(3)?;
            while Instant::now() < until {
                let took = caller.ask(&question).await?;
                if Instant::now() >= counted_from {
                    times.record(u64::try_from(took.as_micros())?)?;
                }
            }
            anyhow::Ok(times)
        });
    }
    let mut times = Histogram::<u64>::new(3)?;
    while let Some(done) = tasks.join_next().await {
        times.add(done??)?;
    }
    Ok(Answered { times, took: counted_from.elapsed() })
}
