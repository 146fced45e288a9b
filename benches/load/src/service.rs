//! The service that connectors call: 1 KB of JSON for whoever shows the token.

use anyhow::Result;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, header};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use tokio::net::TcpListener;

/// What callers show.
pub const TOKEN: &str = "a-token-of-the-service";

fn answer(request: &Request<Incoming>, body: &Bytes) -> Response<Full<Bytes>> {
    let known = request
        .headers()
        .get(header::AUTHORIZATION)
        .is_some_and(|shown| shown == "Bearer a-token-of-the-service");
    let mut answer = Response::new(Full::new(if known { body.clone() } else { Bytes::new() }));
    *answer.status_mut() = if known { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
    answer.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    answer
}

/// Serves until it is killed; the first line it prints is its address.
pub async fn serve() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let note = "x".repeat(980);
    let body = Bytes::from(serde_json::json!({ "id": "people/7", "name": "Ada", "note": note }).to_string());
    loop {
        let (socket, _) = listener.accept().await?;
        socket.set_nodelay(true)?;
        let body = body.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| {
                let answer = answer(&request, &body);
                async { Ok::<_, Infallible>(answer) }
            });
            // A caller that goes away is no error.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(socket), service)
                .await;
        });
    }
}
