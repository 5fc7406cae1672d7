//! Drills: what Decorum stands on is broken on purpose, and what came of it is counted.
//!
//! [`failover`]: the primary of a replica set is killed again and again under writers that race
//! for the same people. The promises that it holds the store to are "never twice" and "nothing
//! acknowledged is lost", and that every writer goes on by itself.

mod failover;
mod faults;
mod findings;
mod judge;
mod writer;

pub use failover::{Failover, failover};
pub use faults::Fault;
pub use findings::{Findings, WriterTally};

/// Whatever kept a drill from being held; not what it found.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
