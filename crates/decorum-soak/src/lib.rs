//! Soak: the whole system as real processes, under faults at random, for as long as asked.
//!
//! [`soak`] starts simulated phones and `decorum run` workers, several to an account, over a real
//! SQLite file or a real MongoDB replica set. A *storm* of about a minute does to them what a
//! seed says: kills, freezes, restarts, partitions, full disks, shifted clocks. Then it is
//! *calm*: whatever is in doubt is settled, and the judge compares what the phones say happened
//! with what the log says, event by event. Storm and calm take turns until the time is over.
//!
//! The judge believes the phones. It reads the log with the store's own reader, and nothing of
//! the code that decides.
//!
//! A seed repeats what is done and about when; it does not repeat how the machine schedules what
//! is done to it. So a folder with every log and ledger is kept when a promise was broken.

mod calm;
mod disk;
mod faults;
mod findings;
mod fleet;
mod gale;
mod judge;
mod ledger;
mod lists;
mod phone;
mod place;
mod process;
mod program;
mod rest;
mod soak;
mod strike;
mod watch;
mod worker;

pub use faults::Fault;
pub use findings::Findings;
pub use fleet::{Fleet, FleetFindings, fleet};
pub use place::Kind;
pub use soak::{Soak, soak};

/// Whatever kept a soak from going on; not what it found.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// The machine's wall clock, in milliseconds of the Unix epoch.
pub(crate) fn wall_ms() -> i64 {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
