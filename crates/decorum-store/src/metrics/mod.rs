//! Counts over the log that do not read all of it.
//!
//! Events that are on record never change, so they are counted once, into *cells*: one per
//! account, hour (and day), action, status and error class, with a histogram of latencies. A
//! *mark* per account says up to which event its log is counted. An answer adds up day cells for
//! whole days, hour cells for the whole hours around them, the events of the two hours that `from`
//! and `to` cut, and the few events beyond the marks. So it costs as much as there are cells, not
//! as there are events, and recording an event costs nothing more than before.
//!
//! # Folding without transactions
//!
//! Every cell also says up to which event *it* is counted: all events of its account up to
//! `through` that belong to it are in it, and no others. Folding events `(mark, end]` means, in
//! this order:
//!
//! 1. for each cell they belong to: read it, [`Cell::include`] the events, write it whole, on the
//!    condition that its `through` is still what was read (or that it is still not there);
//! 2. raise the mark to `end`, on the condition that it is still lower.
//!
//! `include` skips what a cell has already. So a fold that breaks off anywhere is simply done
//! again, also with another `end`, and of two that race the one whose condition fails stops and
//! leaves it to the other. A reader that loads the marks first, then the cells, then the events
//! beyond the marks, counts exactly whatever happens meanwhile, because it skips by the same rule
//! ([`Tally::beyond`]). Only if the first event beyond a mark is gone by then ([`gapless`] is 0),
//! because it was counted and cleaned up in between, does it have to begin again. A keeper with
//! transactions folds in one and reads in one snapshot; then none of this happens.
//!
//! Nobody folds past a gap: what comes after an event that is missing stays beyond the mark.
//!
//! Events are cleaned up only after they are counted, so the counts stay. What is cleaned up is
//! known by the hour only: a `from` or `to` that cuts such an hour is moved outwards to its edge,
//! and the answer says so in its own `from` and `to`.
//!
//! How often a cached refusal was the answer is known to the process that has the cache, not to
//! the store; it is not in here.

mod answer;
mod cell;
mod histogram;
#[cfg(test)]
mod tests;
mod window;

use std::collections::BTreeMap;

use decorum_core::{AccountId, Event, Platform};

pub use answer::{Latency, Metrics, MetricsQuery, Point};
pub(crate) use answer::{Tally, is_long};
pub use cell::Step;
pub(crate) use cell::{Cell, CellKey, Entry, by_cell, gapless};
pub(crate) use window::{CellRange, Window};

/// Everything that is counted of one account, and up to which event, for copying.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    pub(crate) through: u64,
    pub(crate) cells: BTreeMap<CellKey, Cell>,
}

impl Counts {
    /// Counts the account's events that follow, in order and without gaps. Cells that were counted
    /// further than the rest, because a fold broke off, skip what they have.
    pub(crate) fn include(&mut self, account: (Platform, &AccountId), events: &[Event]) {
        let Some(end) = events.last().map(|event| event.seq) else { return };
        let entries: Vec<_> = events.iter().map(Entry::from).collect();
        for (key, entries) in by_cell(account, &entries) {
            self.cells.entry(key).or_default().include(&entries, end);
        }
        self.through = end;
    }
}

/// Events beyond the marks that an answer reads at most; if there are more, some are folded first.
pub(crate) const TAIL_MAX: u64 = 2_000;

/// Events folded in one step, so that nobody waits long behind it.
pub(crate) const FOLD_STEP: usize = 1_000;

/// The most points a series has: more than a year of hours.
pub const SERIES_MAX: usize = 10_000;
