//! Where a task stands: one of seven states, each with what belongs to it and nothing else.

use serde::{Deserialize, Serialize};

use crate::words::vocabulary;
use crate::{DeviceId, Holder, Timestamp};

vocabulary!(
    /// The seven states, without what belongs to them.
    TaskStateName, "task state" {
        /// Wants a phone.
        Queued = "queued",
        /// A worker is at it.
        Running = "running",
        /// A person stopped it for now.
        Paused = "paused",
        /// It cannot go on yet, and says why.
        Waiting = "waiting",
        /// All was done that there was to do.
        Succeeded = "succeeded",
        /// It cannot be done.
        Failed = "failed",
        /// A person stopped it for good.
        Cancelled = "cancelled",
    }
);

impl TaskStateName {
    /// Whether nothing will ever happen to a task in this state.
    pub const fn is_end(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

vocabulary!(
    /// Why a task cannot go on yet.
    WaitReason, "reason to wait" {
        /// The account rests after a rate limit.
        Backoff = "backoff",
        /// The account rests after several rate limits.
        Cooldown = "cooldown",
        /// The account waits for a person.
        Halted = "halted",
        /// The account's budget is used up.
        Budget = "budget",
        /// It is quiet time.
        QuietHours = "quiet_hours",
        /// The account acted a moment ago.
        Pace = "pace",
        /// No phone has the account, or none that has it can be reached.
        Device = "device",
        /// Another task or worker has the account.
        AccountBusy = "account_busy",
        /// The account's phone is with another account.
        PhoneBusy = "phone_busy",
        /// It is not due yet.
        Schedule = "schedule",
        /// The clock jumped, and a person has to confirm it.
        Clock = "clock",
        /// A person has to look at something.
        Person = "person",
    }
);

impl WaitReason {
    /// Whether it is about the account as a whole, and over as soon as the account may act again.
    pub const fn is_about_account(self) -> bool {
        matches!(self, Self::Backoff | Self::Cooldown | Self::Halted)
    }

    /// Whether only a person ends it, by resuming the task.
    pub const fn needs_person(self) -> bool {
        matches!(self, Self::Person | Self::Clock)
    }
}

/// What a person asked of a running task; honoured after the engagement under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// Stop for now.
    Pause,
    /// Stop for good.
    Cancel,
}

/// Where a task stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum TaskState {
    /// Wants a phone.
    Queued,
    /// A worker is at it.
    Running {
        /// Which.
        worker: Holder,
        /// On which phone.
        device_id: DeviceId,
        /// Since when.
        since: Timestamp,
    },
    /// A person stopped it for now.
    Paused,
    /// It cannot go on yet.
    Waiting {
        /// Why.
        reason: WaitReason,
        /// Until when; `None`: until what it waits for has happened.
        #[serde(default)]
        until: Option<Timestamp>,
    },
    /// All was done that there was to do.
    Succeeded,
    /// It cannot be done.
    Failed {
        /// Why, for a person.
        why: String,
    },
    /// A person stopped it for good.
    Cancelled,
}

impl TaskState {
    /// The state without what belongs to it.
    pub const fn name(&self) -> TaskStateName {
        match self {
            Self::Queued => TaskStateName::Queued,
            Self::Running { .. } => TaskStateName::Running,
            Self::Paused => TaskStateName::Paused,
            Self::Waiting { .. } => TaskStateName::Waiting,
            Self::Succeeded => TaskStateName::Succeeded,
            Self::Failed { .. } => TaskStateName::Failed,
            Self::Cancelled => TaskStateName::Cancelled,
        }
    }

    /// Whether nothing will ever happen to it again.
    pub const fn is_end(&self) -> bool {
        self.name().is_end()
    }
}
