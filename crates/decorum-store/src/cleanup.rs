//! Cleanup: what a step of it did, and what the admin log says of it. What may go is decided by
//! [`decorum_core::retention`].
//!
//! A step is bounded, so that nobody waits long behind it. For each account in turn it
//!
//! 1. reads what follows the checkpoint, at most [`CLEANUP_EVENTS`] + 1 events, and asks
//!    [`decorum_core::retention::removable`]; a chain that does not verify is left alone and named;
//! 2. folds the events that will go into the metrics, as far as they are not;
//! 3. writes the new checkpoint into the account, and the entry into the admin log;
//! 4. removes the events.
//!
//! Tasks that ended, and alerts that were closed, before the same instant go too: first the people of
//! a task, then the task.
//!
//! In this order a keeper without transactions can break off anywhere: events at or below the
//! checkpoint that are still there are what the next step removes first.

use decorum_core::{AccountId, Checkpoint, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

use crate::AdminEntry;

/// Dedup rows that one step of a cleanup removes at most.
pub const CLEANUP_ROWS: usize = 2_000;

/// Events that one step of a cleanup removes at most.
pub const CLEANUP_EVENTS: usize = 1_000;

/// Tasks, candidates of tasks, and closed alerts that one step of a cleanup removes at most.
pub const CLEANUP_TASKS: usize = 2_000;

/// What one step of a cleanup removed, or a dry run would remove in all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cleaned {
    /// Dedup rows that decided nothing any more.
    pub expired_latest: u64,
    /// Events past retention.
    pub events_removed: u64,
    /// Tasks that ended before that, with their people.
    pub tasks_removed: u64,
    /// Whether there is, or may be, more to remove: ask again.
    pub more: bool,
    /// Accounts whose log does not verify. No event of theirs was removed.
    pub broken: Vec<BrokenLog>,
}

/// An account whose log does not verify.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BrokenLog {
    /// Whose.
    pub account_id: AccountId,
    /// What is wrong with it, and where.
    pub problem: String,
}

const WHAT: &str = "log.cleaned";

/// What the admin log says of a checkpoint that moved. `newest` is the newest entry there is. Many
/// steps are one cleanup: if that entry says that the same hand moved the same checkpoint to where
/// it was now, this one takes its place, and the second part says so.
pub(crate) fn entry(
    newest: Option<&AdminEntry>,
    account: &AccountId,
    (before, after): (Option<&Checkpoint>, &Checkpoint),
    who: &str,
    now: Timestamp,
) -> (AdminEntry, bool) {
    let head = |c: Option<&Checkpoint>| match c {
        Some(c) => json!({ "seq": c.head.seq, "hash": c.head.hash }),
        None => Value::Null,
    };
    let mut entry = AdminEntry {
        ts: now,
        who: who.to_owned(),
        what: WHAT.to_owned(),
        subject: account.to_string(),
        note: None,
        before: head(before),
        after: head(Some(after)),
    };
    let goes_on = newest.filter(|newest| {
        newest.what == entry.what
            && newest.subject == entry.subject
            && newest.who == entry.who
            && newest.after == entry.before
    });
    if let Some(newest) = goes_on {
        entry.before = newest.before.clone();
    }
    (entry, goes_on.is_some())
}
