//! What a person has to know: one open alert for each kind of trouble and what it is about.

use serde::{Deserialize, Serialize};

use crate::words::vocabulary;
use crate::{AlertId, Timestamp};

vocabulary!(
    /// What kind of trouble.
    AlertKind, "kind of alert" {
        /// An account waits for a person.
        AccountHalted = "account_halted",
        /// The app said something nobody taught us.
        UnknownDialog = "unknown_dialog",
        /// A phone does not answer.
        DeviceLost = "device_lost",
        /// Tasks wait, and nothing goes on.
        QueueStuck = "queue_stuck",
        /// The clock jumped.
        ClockTrouble = "clock_trouble",
        /// A task cannot be done.
        TaskFailed = "task_failed",
    }
);

/// What a person has to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Chosen by whoever raises it.
    pub id: AlertId,
    /// What kind of trouble.
    pub kind: AlertKind,
    /// The account, phone or task it is about.
    pub subject: String,
    /// What happened and what to do, for a person.
    pub message: String,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// When it was closed.
    #[serde(default)]
    pub closed_at: Option<Timestamp>,
    /// Who closed it.
    #[serde(default)]
    pub closed_by: Option<String>,
    /// Where a screenshot or page source was kept.
    #[serde(default)]
    pub evidence: Option<String>,
}

impl Alert {
    /// Whether it is still to be seen to.
    pub const fn is_open(&self) -> bool {
        self.closed_at.is_none()
    }

    /// Seen to. What is closed stays as it is.
    #[must_use]
    pub fn closed(self, who: &str, now: Timestamp) -> Self {
        if !self.is_open() {
            return self;
        }
        Self { closed_at: Some(now.max(self.raised_at)), closed_by: Some(who.to_owned()), ..self }
    }
}
