//! Stopping: no new connections, and what is in flight is finished.

use crate::world::World;
use serde_json::json;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[tokio::test]
async fn a_request_in_flight_is_finished_and_then_the_server_ends() {
    let mut world = World::ready().await;
    // A request is in flight once the server asks for its body (RFC 9110 §10.1.1).
    let host = world.base.strip_prefix("http://").unwrap().to_owned();
    let body = json!({ "source": "return 1;" }).to_string();
    let mut connection = TcpStream::connect(&host).await.unwrap();
    let head = format!(
        "PUT /api/v1/orgs/acme/functions/late HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n",
        crate::world::TOKEN,
        body.len()
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut asked = [0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
    connection.read_exact(&mut asked).await.unwrap();
    assert!(asked.starts_with(b"HTTP/1.1 100"), "{}", String::from_utf8_lossy(&asked));
    drop(world.stop.take());
    let accepts_nothing = async {
        while TcpStream::connect(&host).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), accepts_nothing).await.expect("nothing new is accepted");
    assert!(!world.server.is_finished(), "the server waits for what is in flight");
    connection.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let ended = tokio::time::timeout(Duration::from_secs(5), &mut world.server).await;
    ended.expect("the server ends at once").unwrap().unwrap();
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_up_the_stop() {
    let mut world = World::ready().await;
    assert_eq!(world.get("/healthz").await.status, 200, "a kept-alive connection is open");
    drop(world.stop.take());
    let ended = tokio::time::timeout(Duration::from_secs(5), &mut world.server).await;
    ended.expect("the server ends at once").unwrap().unwrap();
}
