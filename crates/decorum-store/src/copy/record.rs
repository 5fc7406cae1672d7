//! What is copied, one at a time.

use std::fmt;
use std::str::FromStr;

use decorum_core::{
    AccountId, Alert, Candidate, DeviceRecord, Digest, Event, Key, Latest, Lease, Platform,
    SuppressionKey, Task, TaskId, Timestamp, Username,
};
use serde::{Deserialize, Serialize};

use crate::{AccountView, AdminEntry, Counts, SettingsVersion, StoreError};

/// One thing a store remembers, as it is stored.
#[derive(Clone, Debug)]
pub enum Record {
    /// An account with its error history.
    Account(Box<AccountView>),
    /// An event. Its account is stored.
    Event(Box<Event>),
    /// A dedup row. Its account is stored.
    Row(Box<(Key, Latest)>),
    /// The settings that somebody stored.
    Settings(Box<SettingsVersion>),
    /// What is counted of an account. The account is stored.
    Counts(Box<(Platform, AccountId, Counts)>),
    /// Somebody never to be contacted.
    Suppression(Suppression),
    /// What tells erased people on that list.
    Key(SuppressionKey),
    /// A lease, live or not.
    Lease(Lease),
    /// A task.
    Task(Box<Task>),
    /// Somebody on the list of a task, which is stored.
    Candidate(Box<(TaskId, Candidate)>),
    /// A phone.
    Device(Box<DeviceRecord>),
    /// An alert.
    Alert(Box<Alert>),
    /// A change by hand.
    Admin(Box<AdminEntry>),
}

/// Who is not to be contacted: by name, or by what is left of somebody erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Suppressed {
    /// By name.
    Named(Username),
    /// By keyed hash.
    Erased(Digest),
}

/// As a place in the list, for a cursor.
impl fmt::Display for Suppressed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => write!(f, "name.{name}"),
            Self::Erased(hash) => write!(f, "hash.{hash}"),
        }
    }
}

impl FromStr for Suppressed {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        match text.split_once('.') {
            Some(("name", name)) => {
                name.parse().map(Self::Named).map_err(|_| StoreError::BadCursor)
            }
            Some(("hash", hash)) => {
                hash.parse().map(Self::Erased).map_err(|_| StoreError::BadCursor)
            }
            _ => Err(StoreError::BadCursor),
        }
    }
}

/// An entry of the suppression list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// Where.
    pub platform: Platform,
    /// Who.
    pub who: Suppressed,
    /// Why, if somebody said.
    pub note: Option<String>,
    /// By whom it was added.
    pub added_by: String,
    /// Since when.
    pub added_at: Timestamp,
}

/// Says that a store is an unfinished copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Which store is being copied.
    pub from: String,
    /// Which attempt at it writes: one that was taken over by another stops.
    pub run: String,
}
