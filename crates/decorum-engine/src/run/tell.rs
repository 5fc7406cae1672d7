//! How a run tells what it does, while it does it.

use async_trait::async_trait;
use decorum_core::{Action, ErrorClass, Refusal, RefusalReason, Status, Timestamp, Username};
use decorum_store::StoreError;

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

/// One planned engagement that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Whom.
    pub target_username: Username,
    /// How.
    pub action: Action,
    /// How it ended; `dedupe_hit`: it was refused.
    pub status: Status,
    /// Why, in a stable word.
    pub reason: Option<String>,
    /// What kind of trouble.
    pub error_class: Option<ErrorClass>,
    /// The refusal, if it was refused.
    pub refusal: Option<Refusal>,
}

impl Settled {
    pub(super) fn refused(target: &Username, action: Action, refusal: Refusal) -> Self {
        Self {
            target_username: target.clone(),
            action,
            status: Status::DedupeHit,
            reason: Some(refusal.reason.as_str().to_owned()),
            error_class: None,
            refusal: Some(refusal),
        }
    }

    pub(super) fn of(engagement: &Engagement) -> Self {
        Self {
            target_username: engagement.target_username.clone(),
            action: engagement.action,
            status: engagement.status,
            reason: engagement.reason.clone(),
            error_class: engagement.error_class,
            refusal: None,
        }
    }
}

/// Who is told.
#[async_trait]
pub trait Tell: Send + Sync {
    /// Takes note.
    fn tell(&self, progress: Progress<'_>);

    /// Takes note, durably, of engagements that are over: what is on record in the log is not on
    /// the list any more. The run claims nobody else, and does not rest or end, before this has
    /// returned; the page of whoever comes next may be opened meanwhile.
    ///
    /// # Errors
    /// What ends the run as a failure of the store.
    async fn settled(&self, _over: Vec<Settled>) -> Result<(), StoreError> {
        Ok(())
    }

    /// Keeps what a person needs to see, and says where.
    fn keep_evidence(&self, name: &str, evidence: &Evidence) -> Option<String>;

    /// Keeps how the phone looks now, in place of how it looked before.
    fn keep_picture(&self, _now: &Evidence) {}
}
