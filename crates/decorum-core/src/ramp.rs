//! How an account that was told to stop begins again: slowly.
//!
//! A cooldown says that the platform's patience was used up. Going on at once at full pace would use it up
//! again, so for `ramp_hours` after it the caps begin at a quarter and grow with time, and the
//! distance between two acts begins at four times the usual and shrinks. Restraint is the only
//! purpose; the share is our choice, no platform says one.

use std::time::Duration;

use crate::{Cap, Settings, Timestamp};

/// The share of a budget with which a ramp begins is one in this many.
const BEGINS_AT: u64 = 4;

/// How far an account is on its ramp: the part `of` which `done` milliseconds have gone by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ramp {
    done: u64,
    of: u64,
}

impl Ramp {
    /// The ramp that began at `since`; `None` once it is over, or if there is none.
    pub fn at(since: Option<Timestamp>, settings: &Settings, now: Timestamp) -> Option<Self> {
        let since = since?;
        let of = u64::try_from(settings.ramp().as_millis()).unwrap_or(u64::MAX);
        // A clock that was set back begins it anew.
        let done = u64::try_from(now.left(since).as_millis()).unwrap_or(u64::MAX);
        (done < of).then_some(Self { done, of })
    }

    /// A cap as far as it goes now: at least 1, unless it is 0.
    pub fn of_cap(self, cap: Cap) -> Cap {
        let part = |cap: u32| {
            let (gone, whole) = self.share();
            let now = u128::from(cap) * gone / whole;
            u32::try_from(now).unwrap_or(cap).max(cap.min(1))
        };
        Cap { hour: cap.hour.map(part), day: cap.day.map(part) }
    }

    /// The distance between two acts as it is now.
    pub fn of_spacing(self, spacing: Duration) -> Duration {
        let (gone, whole) = self.share();
        let ms = spacing.as_millis() * whole / gone;
        Duration::from_millis(u64::try_from(ms).unwrap_or(u64::MAX))
    }

    /// The share of the whole, as a fraction: a quarter at the beginning, all at the end.
    fn share(self) -> (u128, u128) {
        let (done, of) = (u128::from(self.done), u128::from(self.of));
        let parts = u128::from(BEGINS_AT);
        (of + (parts - 1) * done, parts * of)
    }
}
