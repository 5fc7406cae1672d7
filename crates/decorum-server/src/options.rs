//! How the server is to be reached, and by whom.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use decorum_core::Settings;
use decorum_engine::crew::Visits;

/// A certificate and its key, as PEM files.
#[derive(Clone, Debug)]
pub struct Tls {
    /// The chain, the server's own certificate first.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// See the module's documentation.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Names the server goes by, besides `localhost` and IP addresses.
    pub hosts: Vec<String>,
    /// Serve HTTPS instead of HTTP.
    pub tls: Option<Tls>,
    /// Ask for a token also on a loopback address, where everybody on this machine is otherwise let
    /// in as an admin.
    pub require_tokens: bool,
    /// Serve the dashboard beside the API.
    pub dashboard: bool,
    /// Hosts that phones may be on, besides this machine: `NAME` or `NAME:PORT`. The server connects
    /// to no other.
    pub device_hosts: Vec<String>,
    /// Where pictures and page sources of events are kept; they go with the events.
    pub evidence: Option<PathBuf>,
    /// How phones are visited for a person; without it nobody looks at them from here.
    pub phones: Option<Arc<Visits>>,
    /// The settings until somebody stores any.
    pub first: Settings,
}

impl Options {
    /// On this address, without TLS.
    pub fn new(listen: SocketAddr, first: Settings) -> Self {
        Self {
            listen,
            hosts: Vec::new(),
            tls: None,
            require_tokens: false,
            dashboard: true,
            device_hosts: Vec::new(),
            evidence: None,
            phones: None,
            first,
        }
    }

    /// Whether everybody who reaches the server is let in.
    pub fn is_open(&self) -> bool {
        self.listen.ip().is_loopback() && !self.require_tokens
    }
}
