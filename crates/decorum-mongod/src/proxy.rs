//! A TCP proxy that a drill can cut, stall and slow down.
//!
//! It stands before one server, or before one node: members of a set are known to each other and
//! to the driver by their own addresses, so that whoever goes through a proxy connects to that
//! node alone (`directConnection=true`).

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::Error;
use crate::error::cannot;

/// What is read at a time; an answer that is larger waits more than once.
const CHUNK: usize = 256 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Whole,
    Cut,
    Stalled,
    Slow(Duration),
}

/// Forwards until it is dropped; then every connection through it ends.
pub struct Proxy {
    address: SocketAddr,
    line: watch::Sender<Line>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Listens on a free loopback port, and forwards to `target`, as `127.0.0.1:PORT`.
    pub async fn start(target: impl Into<String>) -> Result<Self, Error> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .map_err(cannot("a proxy found no port"))?;
        let address = listener.local_addr().map_err(cannot("a proxy found no port"))?;
        let (line, state) = watch::channel(Line::Whole);
        let accepting = tokio::spawn(accept(listener, target.into(), state));
        Ok(Self { address, line, accepting })
    }

    /// Where it listens: `127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Ends every connection, and every new one at once.
    pub fn cut(&self) {
        self.line.send_replace(Line::Cut);
    }

    /// Keeps connections open, takes new ones, and lets nothing through. What was sent meanwhile
    /// arrives when it is healed.
    pub fn stall(&self) {
        self.line.send_replace(Line::Stalled);
    }

    /// Lets everything the server says arrive this much later.
    pub fn delay(&self, by: Duration) {
        self.line.send_replace(Line::Slow(by));
    }

    /// Forwards as if nothing had been.
    pub fn heal(&self) {
        self.line.send_replace(Line::Whole);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.cut();
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, target: String, state: watch::Receiver<Line>) {
    loop {
        // One that was gone before it was taken is nobody's trouble.
        let Ok((client, _)) = listener.accept().await else { continue };
        if *state.borrow() != Line::Cut {
            tokio::spawn(forward(client, target.clone(), state.clone()));
        }
    }
}

async fn forward(client: TcpStream, target: String, mut state: watch::Receiver<Line>) {
    let Ok(server) = TcpStream::connect(&target).await else { return };
    if client.set_nodelay(true).and_then(|()| server.set_nodelay(true)).is_err() {
        return;
    }
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let there = pump(from_client, to_server, state.clone(), false);
    let back = pump(from_server, to_client, state.clone(), true);
    let cut = async { state.wait_for(|line| *line == Line::Cut).await.map(drop) };
    // Both ends close when any of these is over.
    tokio::select! {
        _ = cut => {}
        _ = there => {}
        _ = back => {}
    }
}

async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut state: watch::Receiver<Line>,
    slow: bool,
) -> std::io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = from.read(&mut chunk).await?;
        if read == 0 {
            return Ok(());
        }
        let closed = |_| std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        let line = *state.wait_for(|line| *line != Line::Stalled).await.map_err(closed)?;
        match line {
            Line::Slow(by) if slow => sleep(by).await,
            _ => {}
        }
        to.write_all(&chunk[..read]).await?;
    }
}
