//! Hard caps of acts per action, hour and day, of an account and of all accounts together.
//!
//! Acts are counted in buckets of five minutes, and a bucket counts until the last instant it
//! could hold has left the window. So no window of 60 minutes (or 24 hours), wherever it
//! starts, ever holds more acts than its cap; the price is that an act may count up to five
//! minutes too long, which errs on the side of restraint.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Action, Cap, Timestamp};

const BUCKET_MS: i64 = 5 * 60 * 1000;
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// Which cap is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// Any 60 minutes.
    Hour,
    /// Any 24 hours.
    Day,
}

/// What an account, or all of them, has done in the last day, per action.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Usage(BTreeMap<Action, BTreeMap<i64, u32>>);

fn bucket(at: Timestamp) -> i64 {
    at.as_millis() / BUCKET_MS
}

/// The first instant at which a bucket no longer counts in a window of this length.
fn counts_until(bucket: i64, window: Duration) -> Timestamp {
    Timestamp::from_millis((bucket + 1) * BUCKET_MS).plus(window)
}

impl Usage {
    /// Counts one act of `at`, and forgets what no window can see any more as of `now`. The two
    /// differ after a clock ran ahead: then what was done at the right time still counts.
    pub fn add(&mut self, action: Action, at: Timestamp, now: Timestamp) {
        let buckets = self.0.entry(action).or_default();
        buckets.retain(|b, _| counts_until(*b, DAY) > now);
        let count = buckets.entry(bucket(at)).or_default();
        *count = count.saturating_add(1);
    }

    /// Counts what another account did.
    pub fn add_all(&mut self, other: &Self) {
        for (action, buckets) in &other.0 {
            let ours = self.0.entry(*action).or_default();
            for (bucket, n) in buckets {
                let count = ours.entry(*bucket).or_default();
                *count = count.saturating_add(*n);
            }
        }
    }

    /// Takes back an act counted at `at` that turned out not to have happened.
    pub fn take_back(&mut self, action: Action, at: Timestamp) {
        if let Some(buckets) = self.0.get_mut(&action)
            && let Some(count) = buckets.get_mut(&bucket(at))
        {
            *count = count.saturating_sub(1);
            if *count == 0 {
                buckets.remove(&bucket(at));
            }
        }
    }

    /// Acts that count in the hour and in the day before `now`.
    pub fn used(&self, action: Action, now: Timestamp) -> (u32, u32) {
        let count = |window| self.live(action, now, window).map(|(_, n)| n).sum();
        (count(HOUR), count(DAY))
    }

    fn live(
        &self,
        action: Action,
        now: Timestamp,
        window: Duration,
    ) -> impl Iterator<Item = (i64, u32)> + '_ {
        let buckets = self.0.get(&action).into_iter().flatten();
        buckets.map(|(b, n)| (*b, *n)).filter(move |(b, _)| counts_until(*b, window) > now)
    }

    /// The cap that forbids one more act now, and when it will allow one; the later of the two
    /// if both forbid. A cap of zero never allows one: [`Timestamp::MAX`].
    pub fn exhausted(
        &self,
        action: Action,
        cap: Cap,
        now: Timestamp,
    ) -> Option<(Window, Timestamp)> {
        let hour = self.full(action, cap.hour, now, HOUR).map(|t| (Window::Hour, t));
        let day = self.full(action, cap.day, now, DAY).map(|t| (Window::Day, t));
        [hour, day].into_iter().flatten().max_by_key(|(_, t)| *t)
    }

    fn full(
        &self,
        action: Action,
        cap: Option<u32>,
        now: Timestamp,
        window: Duration,
    ) -> Option<Timestamp> {
        let cap = cap?;
        if cap == 0 {
            return Some(Timestamp::MAX);
        }
        let used: u32 = self.live(action, now, window).map(|(_, n)| n).sum();
        let mut must_leave = (used + 1).checked_sub(cap).filter(|n| *n > 0)?;
        for (b, n) in self.live(action, now, window) {
            must_leave = must_leave.saturating_sub(n);
            if must_leave == 0 {
                return Some(counts_until(b, window));
            }
        }
        None
    }
}
