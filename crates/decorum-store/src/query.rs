//! How the log is asked: one filter everywhere, and pages by keyset.

use std::fmt;
use std::str::FromStr;

use decorum_core::{
    AccountId, Action, DeviceId, ErrorClass, Event, EventId, Status, TaskId, Timestamp, Username,
};
use serde::{Deserialize, Serialize};

use crate::StoreError;

/// Which events; fields that are `None` do not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EventFilter {
    /// Of this account.
    pub account_id: Option<AccountId>,
    /// About this person.
    pub target_username: Option<Username>,
    /// Of this action.
    pub action: Option<Action>,
    /// With this status.
    pub status: Option<Status>,
    /// With this kind of trouble.
    pub error_class: Option<ErrorClass>,
    /// Of this task.
    pub task_id: Option<TaskId>,
    /// On this phone.
    pub device_id: Option<DeviceId>,
    /// At this instant or later.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub to: Option<Timestamp>,
}

/// Newest or oldest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Newest first.
    #[default]
    Newest,
    /// Oldest first.
    Oldest,
}

/// Which page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// After this place; `None`: from the start.
    pub after: Option<Cursor>,
    /// At most this many, 1 to [`PageRequest::MAX`].
    pub limit: usize,
    /// Which way.
    pub order: Order,
}

impl PageRequest {
    /// The largest page.
    pub const MAX: usize = 1000;
}

impl Default for PageRequest {
    fn default() -> Self {
        Self { after: None, limit: 100, order: Order::Newest }
    }
}

/// A place in the log, by time and, within a millisecond, by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The time of the last event seen.
    pub ts: Timestamp,
    /// Its id.
    pub id: EventId,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.ts.as_millis(), self.id)
    }
}

impl FromStr for Cursor {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let (ts, id) = text.split_once('.').ok_or(StoreError::BadCursor)?;
        let ts = ts.parse().map(Timestamp::from_millis).map_err(|_| StoreError::BadCursor)?;
        Ok(Self { ts, id: id.parse().map_err(|_| StoreError::BadCursor)? })
    }
}

/// One page.
#[derive(Clone, Debug)]
pub struct EventPage {
    /// The events.
    pub items: Vec<Event>,
    /// Where the next page starts; `None`: this was the last.
    pub next: Option<Cursor>,
}
