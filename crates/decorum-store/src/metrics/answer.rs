//! What is asked, what is answered, and how the answer adds up.

use std::collections::BTreeMap;

use decorum_core::{AccountId, Action, ErrorClass, Platform, Status, Timestamp};
use serde::{Deserialize, Serialize};

use super::cell::{Cell, CellKey, Entry, Step};
use super::histogram::Histogram;
use super::window::Window;
use super::{SERIES_MAX, TAIL_MAX};
use crate::StoreError;

/// Which events to count; fields that are `None` do not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MetricsQuery {
    /// Of this account.
    pub account_id: Option<AccountId>,
    /// At this instant or later.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub to: Option<Timestamp>,
    /// How fine the series is.
    pub step: Step,
}

/// The counts. Every action, status and error class is there, with 0 if it never happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Metrics {
    /// What was counted begins here. Earlier than asked only where the log was cleaned up: then
    /// at the full hour.
    pub from: Option<Timestamp>,
    /// What was counted ends before this. Later than asked only where the log was cleaned up.
    pub to: Option<Timestamp>,
    /// How fine the series is.
    pub step: Step,
    /// All events.
    pub events: u64,
    /// By what was done.
    pub by_action: BTreeMap<Action, u64>,
    /// By how it ended.
    pub by_status: BTreeMap<Status, u64>,
    /// By what kind of trouble; events without any are not in here.
    pub by_error_class: BTreeMap<ErrorClass, u64>,
    /// Successes among what was tried to the end, from 0 to 1: `success / (success + failed)`.
    /// What we refused, skipped or gave up before the act was not tried. `None`: nothing was.
    pub success_rate: Option<f64>,
    /// How often we refused somebody ourselves.
    pub dedupe_hits: u64,
    /// From claim to outcome, of those events that say how long it took.
    pub latency: Latency,
    /// One point for each hour or day in which something happened, in order.
    pub series: Vec<Point>,
}

/// Percentiles of latencies, by nearest rank, in milliseconds. Each is within 1/32 (3.2 %) of the
/// exact one, and the maximum is exact. `None`: there was no latency to measure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Latency {
    /// How many events say how long they took.
    pub count: u64,
    /// Half took no longer.
    pub p50_ms: Option<u64>,
    /// Nine in ten took no longer.
    pub p90_ms: Option<u64>,
    /// 95 % took no longer.
    pub p95_ms: Option<u64>,
    /// 99 % took no longer.
    pub p99_ms: Option<u64>,
    /// The longest.
    pub max_ms: Option<u64>,
}

/// One hour or day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Point {
    /// When it begins, in UTC. The first and last may lie only partly in what was asked.
    pub start: Timestamp,
    /// All events.
    pub events: u64,
    /// By what was done.
    pub by_action: BTreeMap<Action, u64>,
    /// By how it ended.
    pub by_status: BTreeMap<Status, u64>,
}

fn none<W: Copy + Ord>(words: &[W]) -> BTreeMap<W, u64> {
    words.iter().map(|word| (*word, 0)).collect()
}

/// An answer in the making.
pub(crate) struct Tally {
    window: Window,
    step: Step,
    cells: BTreeMap<CellKey, Cell>,
    edges: Vec<Entry>,
}

impl Tally {
    pub(crate) fn new(window: Window, step: Step) -> Self {
        Self { window, step, cells: BTreeMap::new(), edges: Vec::new() }
    }

    /// A cell of [`Window::cells`].
    pub(crate) fn cell(&mut self, key: CellKey, cell: Cell) {
        self.cells.insert(key, cell);
    }

    /// An event beyond its account's mark, after all cells are in, in order of number.
    pub(crate) fn beyond(&mut self, account: (Platform, &AccountId), entry: Entry) {
        if let Some(level) = self.window.level(entry.ts) {
            let cell = self.cells.entry(CellKey::of(account, level, &entry)).or_default();
            cell.include(&[entry], entry.seq);
        }
    }

    /// An event of [`Window::edges`], whether it is beyond a mark or not.
    pub(crate) fn edge(&mut self, entry: Entry) {
        self.edges.push(entry);
    }

    /// The answer.
    ///
    /// # Errors
    /// [`StoreError::TooMany`] when the series would have more than [`SERIES_MAX`] points.
    pub(crate) fn finish(self) -> Result<Metrics, StoreError> {
        let mut sum = Sum::new(self.step);
        for (key, cell) in &self.cells {
            sum.add(key.start, (key.action, key.status, key.error_class), cell.count);
            sum.latency.merge(&cell.latency);
        }
        for entry in self.edges {
            sum.add(entry.ts, (entry.action, entry.status, entry.error_class), 1);
            if let Some(ms) = entry.latency_ms {
                sum.latency.add(ms);
            }
        }
        sum.metrics(&self.window)
    }
}

/// Whether so many events beyond the marks are to be folded before an answer.
pub(crate) const fn is_long(tail: u64) -> bool {
    tail > TAIL_MAX
}

struct Sum {
    step: Step,
    by_error_class: BTreeMap<ErrorClass, u64>,
    latency: Histogram,
    series: BTreeMap<Timestamp, Point>,
}

impl Sum {
    fn new(step: Step) -> Self {
        Self {
            step,
            by_error_class: none(ErrorClass::ALL),
            latency: Histogram::default(),
            series: BTreeMap::new(),
        }
    }

    fn add(
        &mut self,
        ts: Timestamp,
        (action, status, class): (Action, Status, Option<ErrorClass>),
        n: u64,
    ) {
        if n == 0 {
            return;
        }
        let start = self.step.start(ts);
        let point = self.series.entry(start).or_insert_with(|| Point {
            start,
            events: 0,
            by_action: none(Action::ALL),
            by_status: none(Status::ALL),
        });
        point.events += n;
        *point.by_action.entry(action).or_default() += n;
        *point.by_status.entry(status).or_default() += n;
        if let Some(class) = class {
            *self.by_error_class.entry(class).or_default() += n;
        }
    }

    fn metrics(self, window: &Window) -> Result<Metrics, StoreError> {
        if self.series.len() > SERIES_MAX {
            let what = match self.step {
                Step::Hour => "hours",
                Step::Day => "days",
            };
            return Err(StoreError::TooMany { what, given: self.series.len(), max: SERIES_MAX });
        }
        let (mut by_action, mut by_status) = (none(Action::ALL), none(Status::ALL));
        for point in self.series.values() {
            for (action, n) in &point.by_action {
                *by_action.entry(*action).or_default() += n;
            }
            for (status, n) in &point.by_status {
                *by_status.entry(*status).or_default() += n;
            }
        }
        let of = |status| by_status.get(&status).copied().unwrap_or(0);
        let (success, failed) = (of(Status::Success), of(Status::Failed));
        let percentile = |percent| self.latency.percentile(percent);
        Ok(Metrics {
            from: window.from,
            to: window.to,
            step: self.step,
            events: by_status.values().sum(),
            success_rate: rate(success, success + failed),
            dedupe_hits: of(Status::DedupeHit),
            by_action,
            by_status,
            by_error_class: self.by_error_class,
            latency: Latency {
                count: self.latency.count(),
                p50_ms: percentile(50),
                p90_ms: percentile(90),
                p95_ms: percentile(95),
                p99_ms: percentile(99),
                max_ms: self.latency.max(),
            },
            series: self.series.into_values().collect(),
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share needs no more than a double has")]
fn rate(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
