//! What may be cleaned up: dedup rows that decide nothing any more, and the oldest events.
//!
//! Invariants:
//! - a row that somebody holds, without doubt or in doubt, stays;
//! - a row whose window has not ended stays;
//! - the newest event of an account stays, and so does every event after one that is not old;
//! - nothing is removed from a chain that does not verify: it would take the proof with it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::chain::{Break, Checkpoint, Verifier};
use crate::{Account, Event, Fence, Hold, Latest, Settings, Timestamp};

/// How long a row without a window is kept: it will soon be tried again, and removing it just to
/// write it anew helps nobody.
const WINDOWLESS: Duration = Duration::from_hours(24);

/// Whether the row decides nothing any more at `now`: free, and either its window has ended, or
/// its outcome opened none and is a day old, or it has no past at all.
pub fn is_spent(row: &Latest, now: Timestamp) -> bool {
    if row.hold != Hold::Free {
        return false;
    }
    row.last.as_ref().is_none_or(|last| match last.expires_at {
        Some(until) => until <= now,
        None => last.ts.plus(WINDOWLESS) <= now,
    })
}

/// The same as bounds, for keepers that search by them: free rows that expire at or before the
/// first, and free rows without a window whose outcome is of the second or before.
pub fn spent_before(now: Timestamp) -> (Timestamp, Timestamp) {
    (now, now.minus(WINDOWLESS))
}

/// What an account remembers of its dedup rows that were cleaned up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Swept {
    /// The newest outcome that a removed row told of, and so the newest success whose row may be
    /// gone. A success on record that is newer, and has no row, is an alarm.
    pub success: Option<Timestamp>,
    /// The largest fence a removed row had. A row made anew goes on after it, so that fences only
    /// grow.
    pub fence: Fence,
}

impl Swept {
    /// Whether no row was ever removed.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// With one more row removed.
    #[must_use]
    pub fn with(self, row: &Latest) -> Self {
        // Whatever came last, there may have been a success before it.
        Self {
            success: self.success.max(row.last.as_ref().map(|last| last.ts)),
            fence: self.fence.max(row.fence),
        }
    }
}

/// Events before this instant may be cleaned up; `None`: all are kept.
pub fn events_before(settings: &Settings, now: Timestamp) -> Option<Timestamp> {
    let days = settings.retention_days?;
    Some(now.minus(Duration::from_hours(24) * days))
}

/// The beginning of a chain that may be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prefix {
    /// What takes its place.
    pub checkpoint: Checkpoint,
    /// How many events it has.
    pub events: u64,
}

/// How much of `next` may be removed: the longest prefix whose events all are older than `before`.
/// `next` is what follows the account's checkpoint, in order and without gaps, as far as it was
/// read. The last of it always stays: it is what proves that the one before was not replaced.
///
/// # Errors
/// The first thing found wrong with the chain, up to the event that stays. Nothing is to be
/// removed then.
pub fn removable(
    account: &Account,
    next: &[Result<Event, Break>],
    before: Timestamp,
) -> Result<Option<Prefix>, Break> {
    let name = account.account_id.clone();
    let mut verifier = Verifier::after(account.platform, name, account.checkpoint.as_ref());
    let mut newest = account.checkpoint.map_or(Timestamp::MIN, |c| c.ts);
    let mut candidate = None;
    let mut prefix: Option<Prefix> = None;
    for event in next {
        let event = event.as_ref().map_err(Clone::clone)?;
        verifier.next(event)?;
        if let Some(checkpoint) = candidate.take() {
            let events = prefix.map_or(0, |p| p.events) + 1;
            prefix = Some(Prefix { checkpoint, events });
        }
        if event.ts >= before || event.seq >= account.head.seq {
            break;
        }
        newest = newest.max(event.ts);
        candidate = Some(Checkpoint { head: verifier.head(), ts: newest });
    }
    Ok(prefix)
}
