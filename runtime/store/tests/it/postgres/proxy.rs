//! A network between store and server that loses what it is told to lose.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::{Notify, Semaphore, watch};

/// What the network does with the next question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    /// The server gets it and answers, and the answer is cut off. Once.
    LoseAnswer,
    /// The sender is cut off, and the server gets it only when the test says so. Once.
    Detain,
    /// Nothing is passed on, and nobody is told.
    Silence,
}

struct State {
    fault: watch::Sender<Fault>,
    refuses: AtomicBool,
    let_go: Semaphore,
    delivered: Notify,
}

/// A running proxy; it ends with the runtime of the test.
pub(super) struct Proxy {
    pub address: SocketAddr,
    state: Arc<State>,
}

impl Proxy {
    pub(super) async fn start(socket: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            fault: watch::Sender::new(Fault::None),
            refuses: AtomicBool::new(false),
            let_go: Semaphore::new(0),
            delivered: Notify::new(),
        });
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if !shared.refuses.load(Ordering::SeqCst) {
                    let server = UnixStream::connect(&socket).await.unwrap();
                    tokio::spawn(carry(client, server, Arc::clone(&shared)));
                }
            }
        });
        Self { address, state }
    }

    pub(super) fn url(&self, database: &str) -> String {
        format!("postgres://sluis@{}/{database}?sslmode=disable", self.address)
    }

    pub(super) fn set(&self, fault: Fault) {
        self.state.fault.send_replace(fault);
    }

    /// Whether new connections are cut off at once.
    pub(super) fn refuse(&self, refuses: bool) {
        self.state.refuses.store(refuses, Ordering::SeqCst);
    }

    /// Gives the server what was detained, and waits until it has answered.
    pub(super) async fn deliver(&self) {
        self.state.let_go.add_permits(1);
        self.state.delivered.notified().await;
    }
}

impl State {
    /// Takes a fault that happens once.
    fn take(&self, wanted: Fault) -> bool {
        self.fault.send_if_modified(|fault| {
            let hit = *fault == wanted;
            if hit {
                *fault = Fault::None;
            }
            hit
        })
    }
}

async fn carry(mut client: TcpStream, mut server: UnixStream, state: Arc<State>) {
    let (mut up, mut down) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let mut faults = state.fault.subscribe();
    loop {
        if faults.wait_for(|fault| *fault != Fault::Silence).await.is_err() {
            return;
        }
        tokio::select! {
            read = client.read(&mut up) => {
                let Ok(length @ 1..) = read else { return };
                if state.take(Fault::Detain) {
                    drop(client);
                    state.let_go.acquire().await.unwrap().forget();
                    server.write_all(&up[..length]).await.unwrap();
                    assert_ne!(server.read(&mut down).await.unwrap(), 0);
                    state.delivered.notify_one();
                    return;
                }
                if *faults.borrow() == Fault::Silence {
                    faults.wait_for(|fault| *fault != Fault::Silence).await.unwrap();
                }
                if server.write_all(&up[..length]).await.is_err() {
                    return;
                }
            }
            read = server.read(&mut down) => {
                let Ok(length @ 1..) = read else { return };
                if state.take(Fault::LoseAnswer) || client.write_all(&down[..length]).await.is_err() {
                    return;
                }
            }
        }
    }
}
