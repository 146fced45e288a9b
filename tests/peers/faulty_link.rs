//! A line between a client and a server on loopback that is slow or broken in the way a test asks for. It
//! knows nothing of what goes over it.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What is wrong with the way from the server back to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Toxic {
    /// Nothing.
    Clean,
    /// Whatever comes is late by so much.
    Latency(Duration),
    /// Nothing ever comes, and the connection stays.
    Silent,
    /// The connection is reset as soon as something would come.
    ResetPeer,
    /// One byte at a time, with a pause after each.
    Sliced(Duration),
    /// So many bytes come, then the connection ends.
    LimitData(usize),
    /// So many bytes come in a second.
    Bandwidth(usize),
}

/// The line. It ends when this is dropped.
pub struct FaultyLink {
    address: SocketAddr,
    toxic: Arc<Mutex<Toxic>>,
    open: watch::Receiver<usize>,
    task: JoinHandle<()>,
}

impl Drop for FaultyLink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl FaultyLink {
    /// A clean line to a server, given as host and port.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn to(server: &str) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let toxic = Arc::new(Mutex::new(Toxic::Clean));
        let (count, open) = watch::channel(0);
        let (server, of_task) = (server.to_owned(), toxic.clone());
        let task = tokio::spawn(async move {
            // Connections end with the line.
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let (server, toxic, count) = (server.clone(), of_task.clone(), count.clone());
                connections.spawn(async move {
                    count.send_modify(|count| *count += 1);
                    // That one side is gone is what this is for.
                    let _ = carry(client, &server, &toxic).await;
                    count.send_modify(|count| *count -= 1);
                });
            }
        });
        Ok(Self { address, toxic, open, task })
    }

    /// Host and port of this end of it, as URLs write them.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// From now on this is wrong with it, on open connections as well.
    pub fn set(&self, toxic: Toxic) {
        if let Ok(mut held) = self.toxic.lock() {
            *held = toxic;
        }
    }

    /// Waits until at most so many connections are open.
    ///
    /// # Errors
    /// When that does not come about in time; how many are open.
    pub async fn at_most_open(&self, limit: usize, within: Duration) -> Result<(), usize> {
        let mut open = self.open.clone();
        let waited = tokio::time::timeout(within, open.wait_for(|count| *count <= limit)).await;
        waited.map(drop).map_err(|_| *self.open.borrow())
    }
}

async fn carry(client: TcpStream, server: &str, toxic: &Mutex<Toxic>) -> io::Result<()> {
    client.set_nodelay(true)?;
    let (from_server, mut to_server) = TcpStream::connect(server).await?.into_split();
    let (mut from_client, to_client) = client.into_split();
    // Either side's end is the end of both, as it is where a line is cut.
    tokio::select! {
        done = tokio::io::copy(&mut from_client, &mut to_server) => done.map(drop),
        done = back(from_server, to_client, toxic) => done,
    }
}

async fn back(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, toxic: &Mutex<Toxic>) -> io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let length = from.read(&mut buffer).await?;
        let chunk = buffer.get(..length).unwrap_or_default();
        if chunk.is_empty() {
            return Ok(());
        }
        let now = toxic.lock().map_or(Toxic::Clean, |held| *held);
        match now {
            Toxic::Clean => to.write_all(chunk).await?,
            Toxic::Latency(late) => {
                tokio::time::sleep(late).await;
                to.write_all(chunk).await?;
            }
            // The server may close; the line stays until the client has had enough.
            Toxic::Silent => std::future::pending().await,
            Toxic::ResetPeer => {
                // With no time to linger, closing sends RST instead of FIN.
                return to.as_ref().set_zero_linger();
            }
            Toxic::Sliced(pause) => slowly(&mut to, chunk, 1, pause).await?,
            Toxic::Bandwidth(per_second) => {
                let part = per_second.div_ceil(10).max(1);
                slowly(&mut to, chunk, part, Duration::from_millis(100)).await?;
            }
            Toxic::LimitData(limit) => {
                return to.write_all(chunk.get(..limit).unwrap_or(chunk)).await;
            }
        }
    }
}

async fn slowly(to: &mut OwnedWriteHalf, chunk: &[u8], part: usize, pause: Duration) -> io::Result<()> {
    for slice in chunk.chunks(part) {
        to.write_all(slice).await?;
        // Even the shortest sleep lasts a millisecond.
        match pause.is_zero() {
            true => tokio::task::yield_now().await,
            false => tokio::time::sleep(pause).await,
        }
    }
    Ok(())
}
