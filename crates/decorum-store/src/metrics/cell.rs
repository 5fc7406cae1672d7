//! What one kind of event amounts to in one hour or day of one account.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use decorum_core::{AccountId, Action, ErrorClass, Event, Platform, Status, Timestamp, WordError};
use serde::{Deserialize, Serialize};

use super::histogram::Histogram;

/// By the hour or by the day, in UTC.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// By the hour.
    Hour,
    /// By the day.
    #[default]
    Day,
}

impl Step {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Hour, Self::Day];

    /// The stable text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    /// How long it is, in milliseconds.
    pub(crate) const fn millis(self) -> i64 {
        match self {
            Self::Hour => 3_600_000,
            Self::Day => 86_400_000,
        }
    }

    /// The beginning of the hour or day in which `ts` is.
    #[must_use]
    pub const fn start(self, ts: Timestamp) -> Timestamp {
        Timestamp::from_millis(ts.as_millis() - ts.as_millis() % self.millis())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Step {
    type Err = WordError;

    fn from_str(text: &str) -> Result<Self, WordError> {
        let found = text.trim();
        Self::ALL.into_iter().find(|s| s.as_str() == found).ok_or_else(|| WordError {
            what: "step",
            found: found.chars().take(40).collect(),
            known: "hour, day".to_owned(),
        })
    }
}

/// What counting needs of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) seq: u64,
    pub(crate) ts: Timestamp,
    pub(crate) action: Action,
    pub(crate) status: Status,
    pub(crate) error_class: Option<ErrorClass>,
    pub(crate) latency_ms: Option<u64>,
}

impl From<&Event> for Entry {
    fn from(event: &Event) -> Self {
        Self {
            seq: event.seq,
            ts: event.ts,
            action: event.action,
            status: event.status,
            error_class: event.error_class,
            latency_ms: event.latency_ms,
        }
    }
}

/// Which cell.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CellKey {
    pub(crate) platform: Platform,
    pub(crate) account_id: AccountId,
    pub(crate) level: Step,
    /// Beginning of the hour or day.
    pub(crate) start: Timestamp,
    pub(crate) action: Action,
    pub(crate) status: Status,
    pub(crate) error_class: Option<ErrorClass>,
}

impl CellKey {
    pub(crate) fn of(
        (platform, account_id): (Platform, &AccountId),
        level: Step,
        entry: &Entry,
    ) -> Self {
        Self {
            platform,
            account_id: account_id.clone(),
            level,
            start: level.start(entry.ts),
            action: entry.action,
            status: entry.status,
            error_class: entry.error_class,
        }
    }
}

/// What is counted in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    /// How many events.
    pub(crate) count: u64,
    /// The latencies of those that have one, in milliseconds.
    pub(crate) latency: Histogram,
    /// All events of the account up to this number that belong here are counted, and no others.
    pub(crate) through: u64,
}

impl Cell {
    /// Counts those of `entries` that are not counted yet. They are all that belong here of the
    /// account's events from somewhere at or before `self.through` up to `end`.
    pub(crate) fn include(&mut self, entries: &[Entry], end: u64) {
        for entry in entries.iter().filter(|entry| entry.seq > self.through) {
            self.count += 1;
            if let Some(ms) = entry.latency_ms {
                self.latency.add(ms);
            }
        }
        self.through = self.through.max(end);
    }
}

/// The cells these entries of one account belong to, hours and days, each with its entries in
/// order.
pub(crate) fn by_cell(
    account: (Platform, &AccountId),
    entries: &[Entry],
) -> BTreeMap<CellKey, Vec<Entry>> {
    let mut cells: BTreeMap<CellKey, Vec<Entry>> = BTreeMap::new();
    for entry in entries {
        for level in Step::ALL {
            cells.entry(CellKey::of(account, level, entry)).or_default().push(*entry);
        }
    }
    cells
}

/// How many of `entries`, read after the mark `after`, follow it and each other without a gap. Only
/// those may be folded: a cell counts all events up to a number, or it counts wrong.
pub(crate) fn gapless(after: u64, entries: &[Entry]) -> usize {
    entries.iter().zip(after + 1..).take_while(|(entry, seq)| entry.seq == *seq).count()
}
