//! What can go wrong with a server that a test wants.

use std::path::PathBuf;

/// Trouble with a MongoDB server of ours.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no server program.
    #[error(
        "there is no MongoDB server at {}; run `scripts/ensure mongod`, or name one in \
         DECORUM_MONGOD", path.display()
    )]
    NoProgram {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The server ended while it was starting.
    #[error("the MongoDB server on port {port} ended while it was starting: {said}")]
    Ended {
        /// Its port.
        port: u16,
        /// The end of what it said.
        said: String,
    },
    /// It took longer than it may.
    #[error("waited {seconds} s for {what}; {last}")]
    TooSlow {
        /// For what.
        what: String,
        /// How long.
        seconds: u64,
        /// What was seen last.
        last: String,
    },
    /// The node is not running.
    #[error("node {0} is not running; start it with `restart`")]
    Down(usize),
    /// The server refused a command of ours.
    #[error("the MongoDB server did not take a command: {0}")]
    Driver(#[from] mongodb::error::Error),
    /// The machine refused something.
    #[error("{what}: {source}")]
    Machine {
        /// What was tried.
        what: &'static str,
        /// Why not.
        source: std::io::Error,
    },
}

/// Says what was tried, for errors of the machine.
pub(crate) fn cannot<E: Into<std::io::Error>>(what: &'static str) -> impl FnOnce(E) -> Error {
    move |source| Error::Machine { what, source: source.into() }
}
