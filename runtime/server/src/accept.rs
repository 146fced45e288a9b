//! Connections: accepted one after the other, each with a time in which its next request must begin.

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt as _;

/// How long a connection may take for the head of its next request, whether it says nothing or a byte now and
/// then: longer than balancers keep one that they may still use, 60 s with most.
pub const HEAD_WITHIN: Duration = Duration::from_secs(75);

/// Pause when no connection can be accepted, as when all file descriptors are in use: by then some are free.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until `stop` completes; then accepts nothing any more, and ends when what is in flight is answered.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    serve_within(listener, router, stop, HEAD_WITHIN).await;
}

async fn serve_within(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()>,
    head_within: Duration,
) {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(head_within);
    let open = GracefulShutdown::new();
    tokio::pin!(stop);
    loop {
        let (socket, peer) = tokio::select! {
            biased;
            () = &mut stop => break,
            accepted = accept(&listener) => accepted,
        };
        // Small answers go out at once. A socket that cannot be told so is closed already.
        let _ = socket.set_nodelay(true);
        let router = router.clone();
        let service = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            router.clone().oneshot(request)
        });
        let connection = open.watch(builder.serve_connection(TokioIo::new(socket), service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                // A peer that goes away, or says nothing in time.
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
    drop(listener);
    open.shutdown().await;
}

/// The next connection, however long it takes.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_of_the_peer(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Whether only this one connection failed.
fn is_of_the_peer(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionRefused | ConnectionAborted | ConnectionReset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    #[tokio::test]
    async fn a_head_that_never_ends_and_a_connection_that_says_nothing_are_closed() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", get(|| async { "here" }));
        let within = Duration::from_millis(200);
        tokio::spawn(serve_within(listener, router, std::future::pending(), within));
        let mut slow = TcpStream::connect(address).await.unwrap();
        slow.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ").await.unwrap();
        let mut idle = TcpStream::connect(address).await.unwrap();
        let mut kept = TcpStream::connect(address).await.unwrap();
        kept.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let mut said = Vec::new();
        // Each of these reads ends when the server closes the connection.
        kept.read_to_end(&mut said).await.unwrap();
        assert!(said.ends_with(b"here"), "{}", String::from_utf8_lossy(&said));
        for socket in [&mut slow, &mut idle] {
            let mut said = Vec::new();
            socket.read_to_end(&mut said).await.unwrap();
            assert!(!said.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&said));
        }
    }
}
