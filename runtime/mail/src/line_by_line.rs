//! A connection that hands on one line at a time, so that what a server sends behind its answer to STARTTLS
//! is not kept as if it had come encrypted: whoever sits on the network could else answer in the server's
//! name (RFC 3207 §6). Whatever is left over goes to the TLS handshake, which it breaks.

use lettre::transport::smtp::client::AsyncTokioStream;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Bytes that are taken from the connection at once.
const AT_ONCE: usize = 4096;

/// The connection, and what was read of it and not handed on.
#[derive(Debug)]
pub(crate) struct LineByLine<S = TcpStream> {
    stream: S,
    rest: Vec<u8>,
}

impl<S> LineByLine<S> {
    /// Over a connection of which nothing was read.
    pub(crate) fn over(stream: S) -> Self {
        Self { stream, rest: Vec::new() }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for LineByLine<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let Self { stream, rest } = self.get_mut();
        if rest.is_empty() {
            let mut space = [0_u8; AT_ONCE];
            let mut read = ReadBuf::new(&mut space);
            ready!(Pin::new(stream).poll_read(cx, &mut read))?;
            rest.extend_from_slice(read.filled());
        }
        let line = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |end| end + 1);
        let count = line.min(out.remaining());
        let handed: Vec<u8> = rest.drain(..count).collect();
        out.put_slice(&handed);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for LineByLine<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

impl AsyncTokioStream for LineByLine<TcpStream> {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt as _;

    #[tokio::test]
    async fn one_read_gives_one_line_and_the_rest_is_kept_for_the_next() {
        let mut stream = LineByLine::over(&b"220 ready\r\n250-evil\r\n250 x"[..]);
        let mut space = [0_u8; 64];
        for line in ["220 ready\r\n", "250-evil\r\n", "250 x", ""] {
            let count = stream.read(&mut space).await.unwrap();
            assert_eq!(&space[..count], line.as_bytes());
        }
        let mut stream = LineByLine::over(&b"220 ready\r\n"[..]);
        let mut small = [0_u8; 4];
        assert_eq!(stream.read(&mut small).await.unwrap(), 4);
        assert_eq!(&small, b"220 ");
    }
}
