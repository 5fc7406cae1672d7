//! Where Decorum remembers: the store contract and its keepers.
//!
//! [`Store`] is cut by *decisions*, not by tables: a keeper loads what a decision of
//! [`decorum_core::engage`] looks at, calls it, and writes back what it returns in one atomic,
//! durable step. How it makes the step atomic (a transaction, a conditional write) is its own
//! affair; what is decided never is.

mod address;
#[cfg(test)]
mod conformance;
mod error;
mod query;
mod sqlite;
mod store;

pub use address::{open_store, open_store_read_only};
pub use error::StoreError;
pub use query::{Cursor, EventFilter, EventPage, Order, PageRequest};
pub use sqlite::SqliteStore;
pub use store::{
    AccountView, AdminEntry, ClaimVerdict, Committed, Doubt, Identity, SettingsVersion, Store,
};

/// Most observations that are recorded in one step.
pub const OBSERVE_MAX: usize = 1000;
