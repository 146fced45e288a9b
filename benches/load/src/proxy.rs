//! The bare proxy to compare with: reads the same JSON, makes the same request with a token that it holds in
//! memory, and passes the answer on as it comes. It checks nobody, keeps nothing and opens nothing.

use crate::service::TOKEN;
use anyhow::Result;
use axum::Router;
use axum::body::Body;
use axum::extract::{Json, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use reqwest::StatusCode;
use serde_json::Value;
use tokio::net::TcpListener;

#[derive(Clone)]
struct Proxy {
    client: reqwest::Client,
    service: String,
}

async fn pass(State(proxy): State<Proxy>, Json(asked): Json<Value>) -> Response {
    let id = asked.pointer("/data/id").and_then(Value::as_str).unwrap_or_default();
    let url = format!("http://{}/contacts/{id}", proxy.service);
    match proxy.client.get(url).bearer_auth(TOKEN).send().await {
        Ok(answer) => (answer.status(), Body::from_stream(answer.bytes_stream())).into_response(),
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}

/// Serves until it is killed; the first line it prints is its address.
pub async fn serve(service: String) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(std::time::Duration::from_secs(30))
        .build()?;
    let router = Router::new().route("/invoke", post(pass)).with_state(Proxy { client, service });
    axum::serve(listener, router).await?;
    Ok(())
}
