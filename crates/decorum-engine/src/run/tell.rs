//! How a run tells what it does, while it does it.

use decorum_core::{RefusalReason, Timestamp};

use super::summary::{Engagement, Refused};
use crate::automator::Evidence;

/// Something worth telling.
#[derive(Clone, Debug)]
pub enum Progress<'a> {
    /// The list was checked: so many are left to engage, so many were refused right away.
    Checked {
        /// Still to do.
        open: usize,
        /// Refused.
        refused: usize,
    },
    /// The phone answers and acts for the right account.
    Connected {
        /// The phone, in a few words.
        device: String,
    },
    /// A claim of an earlier run was settled by looking.
    Reconciled {
        /// Whom.
        target: &'a str,
        /// What was found, in a word.
        found: &'static str,
    },
    /// An attempt ended.
    Attempted {
        /// The attempt.
        engagement: &'a Engagement,
        /// What was seen, for a person.
        detail: &'a str,
        /// Whether the engagement is over with it.
        last: bool,
    },
    /// Somebody was refused at their turn.
    Refused(&'a Refused),
    /// The account waits.
    Waiting {
        /// For what.
        reason: RefusalReason,
        /// Until when; `None`: until something changes.
        until: Option<Timestamp>,
    },
    /// The wait is over.
    Resumed,
    /// The phone failed; it is tried again.
    PhoneTrouble {
        /// What happened.
        why: String,
    },
}

/// Who is told.
pub trait Tell: Send + Sync {
    /// Takes note.
    fn tell(&self, progress: Progress<'_>);

    /// Keeps what a person needs to see, and says where.
    fn keep_evidence(&self, name: &str, evidence: &Evidence) -> Option<String>;
}
