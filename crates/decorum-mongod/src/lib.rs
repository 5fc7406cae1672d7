//! Starts and stops real MongoDB servers on loopback, for tests, benches and drills.
//!
//! A [`Server`] is a standalone server or a replica set of its own, gone when it is dropped.
//! Starting one takes a second or a few, so that most tests share the ones that
//! `scripts/with-mongod` started ([`test_uri`]), each in a database of its own; those that kill
//! or pause a server start their own.

mod error;
mod node;
mod options;
mod place;
mod port;
mod program;
mod proxy;
mod server;
mod set;
mod shared;
mod supervisor;
mod uri;

pub use error::Error;
pub use options::Options;
pub use port::free as free_port;
pub use proxy::Proxy;
pub use server::Server;
pub use shared::{Kind, test_database, test_uri};
pub use uri::in_database;
