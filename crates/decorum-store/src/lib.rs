//! Where Decorum remembers: the store contract and its keepers.
//!
//! [`Store`] is cut by *decisions*, not by tables: a keeper loads what a decision of
//! [`decorum_core::engage`] looks at, calls it, and writes back what it returns in one atomic,
//! durable step. How it makes the step atomic (a transaction, a conditional write) is its own
//! affair; what is decided never is.

mod address;
mod by_hand;
mod claims;
mod cleanup;
#[cfg(test)]
mod conformance;
mod copy;
mod error;
mod forget;
mod metrics;
mod mongo;
mod query;
mod sqlite;
mod store;
mod strands;
mod tasks;
mod tokens;

pub use address::{open_for_copy, open_store, open_store_read_only, sqlite_path};
pub use cleanup::{BrokenLog, CLEANUP_EVENTS, CLEANUP_ROWS, CLEANUP_TASKS, Cleaned};
pub use copy::{
    Copied, CopyError, Mark, Progress, Record, Stage, Suppressed, Suppression, Transfer, copy,
};
pub use error::StoreError;
pub use forget::Forgotten;
pub use metrics::{Counts, Latency, Metrics, MetricsQuery, Point, SERIES_MAX, Step};
pub use mongo::MongoStore;
pub use query::{Cursor, EventFilter, EventPage, Order, PageRequest};
pub use sqlite::SqliteStore;
pub use store::{
    AccountView, AdminEntry, ClaimVerdict, Committed, Doubt, Identity, SettingsVersion, Store,
};
pub use tasks::{
    AlertCursor, AlertPage, CANDIDATES_MAX, Standing, Submission, TASKS_MAX, TaskCursor,
    TaskFilter, TaskPage, TaskStore,
};
pub use tokens::{TOKEN_NAME_MAX, TOKENS_MAX, Token, TokenStore};

/// What every keeper writes for tasks, phones and alerts, decided without a store: for those that are
/// in this crate, and for a model of one in a simulation.
pub mod keeping {
    pub use crate::tasks::by_hand::{Written, closed, counted, put, removed, saved, submitted};
    pub use crate::tasks::people;
}

/// Most observations, or engagements of the past, that are recorded in one step.
pub const OBSERVE_MAX: usize = 1000;
