//! The deduplication policy: what a past outcome means for the next decision.
//!
//! This table is the whole of it:
//!
//! | outcome | engage again |
//! | --- | --- |
//! | success, presumed, already done, they follow us | after `reengagement_days` |
//! | failed: target unavailable | after `reengagement_days` |
//! | skipped or failed: private | after `private_retry_days` |
//! | skipped: nothing there | after one day |
//! | anything else | as soon as the account's state allows |
//!
//! Windows begin when it happened, also when that was long before it was put on record (an
//! import).

use std::time::Duration;

use crate::{ErrorClass, Outcome, Settings, Skip, Timestamp};

/// One day.
const DAY: Duration = Duration::from_hours(24);

/// A person without a story or post is worth another look after a day: a story lives 24 hours.
const NOTHING_THERE: Duration = DAY;

/// Until when this outcome keeps the person from being engaged again by the same action.
/// `None`: it does not.
pub fn window_ends(outcome: Outcome, at: Timestamp, settings: &Settings) -> Option<Timestamp> {
    let days = |n: u32| Some(at.plus(DAY * n));
    match outcome {
        Outcome::Success { .. }
        | Outcome::Skipped(Skip::AlreadyDone)
        | Outcome::Failed(ErrorClass::TargetUnavailable) => days(settings.reengagement_days),
        Outcome::Skipped(Skip::Private) | Outcome::Failed(ErrorClass::PrivateAccount) => {
            days(settings.private_retry_days)
        }
        Outcome::Skipped(Skip::NothingThere) => Some(at.plus(NOTHING_THERE)),
        Outcome::Skipped(Skip::Other)
        | Outcome::Retry(_)
        | Outcome::Failed(
            ErrorClass::RateLimited
            | ErrorClass::ActionBlocked
            | ErrorClass::Challenge
            | ErrorClass::LoggedOut
            | ErrorClass::AccountSuspended
            | ErrorClass::Network
            | ErrorClass::App
            | ErrorClass::Device
            | ErrorClass::Unknown,
        ) => None,
    }
}
