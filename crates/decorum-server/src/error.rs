//! Why the server does not start.

use std::net::SocketAddr;
use std::path::PathBuf;

use decorum_store::StoreError;

/// See the module's documentation.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address cannot be listened on.
    #[error("{address} cannot be listened on: {problem}; choose another with --listen")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the system said.
        problem: std::io::Error,
    },
    /// It could be reached by others, and nobody could be told from anybody else.
    #[error(
        "{address} can be reached from other machines, and there is no token to tell them apart; \
         make one first: decorum token create --role admin"
    )]
    NoTokens {
        /// Where.
        address: SocketAddr,
    },
    /// The certificate or its key cannot be used.
    #[error("{} cannot be used for TLS: {problem}", file.display())]
    Tls {
        /// Which file.
        file: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The store does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}
