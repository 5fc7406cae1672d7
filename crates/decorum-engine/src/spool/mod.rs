//! The spool: what happened and the store has not taken yet, kept by this machine until it does.
//!
//! An act cannot be undone because the store is away, and what the app said to it must not be
//! forgotten: it may have said to stop. So whatever the store does not take at once is put here,
//! durably, and delivered in order before anything else is done, by this process or by the next.
//! Delivering twice is delivering once: outcomes and observations carry their ids. Trouble met
//! outside an engagement does not; twice, it makes the account rest longer.

mod file;

use std::io;

use async_trait::async_trait;
use decorum_core::{AccountId, ErrorClass, Jitter, Observation, Report, Timestamp};
use serde::{Deserialize, Serialize};

pub use file::FileSpool;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// How a claim ended.
    Outcome(Box<Report>),
    /// What was seen without a claim.
    Seen(Box<Observation>),
    /// What the app said outside any engagement.
    Trouble {
        /// To whom.
        account: AccountId,
        /// What kind.
        class: ErrorClass,
        /// Its words.
        detail: String,
        /// Drawn when it was met.
        jitter: Jitter,
        /// When.
        at: Timestamp,
    },
}

/// Where an entry lies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(pub String);

/// What is kept for the store. Everything is durable when it returns `Ok`.
#[async_trait]
pub trait Spool: Send + Sync {
    /// Keeps an entry, behind all that are there.
    ///
    /// # Errors
    /// When it cannot be kept.
    async fn put(&self, entry: &Entry) -> io::Result<Ticket>;

    /// What waits, oldest first.
    ///
    /// # Errors
    /// When an entry cannot be read: nobody can tell then what is missing.
    async fn waiting(&self) -> io::Result<Vec<(Ticket, Entry)>>;

    /// The store has it. An entry that is gone already is as good.
    ///
    /// # Errors
    /// When it cannot be removed.
    async fn delivered(&self, ticket: &Ticket) -> io::Result<()>;

    /// The store will never take it: it is put aside, for a person to look at. An entry that is
    /// gone already is as good.
    ///
    /// # Errors
    /// When it cannot be moved.
    async fn rejected(&self, ticket: &Ticket) -> io::Result<()>;
}
