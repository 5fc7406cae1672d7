//! What a run came to.

use std::collections::BTreeMap;

use decorum_core::{
    AccountId, Action, ErrorClass, EventId, Refusal, RefusalReason, Status, TaskId, Timestamp,
    Username,
};
use serde::Serialize;

/// Why a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "ended", rename_all = "snake_case")]
pub enum Ended {
    /// The list is through.
    Done,
    /// It was asked to.
    Stopped,
    /// The account rests, and the run was not to wait.
    Resting {
        /// Why it rests.
        reason: RefusalReason,
        /// Until when, if waiting helps.
        until: Option<Timestamp>,
    },
    /// Another worker holds the account or the phone.
    Busy {
        /// Which of them.
        what: String,
        /// When its lease ends unless it is renewed.
        until: Timestamp,
    },
    /// Only a person can go on.
    PersonNeeded {
        /// Why, and what to do.
        why: String,
    },
    /// The phone cannot be reached, or does not do as it is told.
    PhoneFailed {
        /// What happened.
        why: String,
    },
    /// The store cannot be reached, or cannot write.
    StoreFailed {
        /// What happened.
        why: String,
    },
}

/// One attempt that reached the phone.
#[derive(Clone, Debug, Serialize)]
pub struct Engagement {
    /// On whom.
    pub target_username: Username,
    /// How.
    pub action: Action,
    /// How it ended.
    pub status: Status,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What kind of trouble.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_class: Option<ErrorClass>,
    /// Requests to the phone it took.
    pub round_trips: u64,
    /// From claim to outcome, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<u64>,
    /// Its event; absent in a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<EventId>,
}

/// One refusal.
#[derive(Clone, Debug, Serialize)]
pub struct Refused {
    /// Whom.
    pub target_username: Username,
    /// How.
    pub action: Action,
    /// Why, and until when.
    #[serde(flatten)]
    pub refusal: Refusal,
}

/// What a run came to.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// Who acted.
    pub account_id: AccountId,
    /// Under which task.
    pub task_id: TaskId,
    /// Whether it only looked.
    pub dry_run: bool,
    /// Engagements it was asked for.
    pub planned: usize,
    /// Of these, how many ended how. Attempts that were repeated count once, by their last
    /// status; `dedupe_hit` are the refused.
    pub counts: BTreeMap<Status, usize>,
    /// Planned engagements it did not come to.
    pub left: usize,
    /// Claims of an earlier run that were settled by looking at the phone.
    pub reconciled: usize,
    /// Claims that are in doubt now.
    pub in_doubt: usize,
    /// Outcomes that the store has not taken yet; the next run delivers them first.
    pub spooled: usize,
    /// How it ended.
    #[serde(flatten)]
    pub ended: Ended,
    /// How long it took, in milliseconds.
    pub elapsed_ms: u64,
    /// All requests to the phone.
    pub round_trips: u64,
    /// The largest number of requests a successful engagement took, per action.
    pub round_trips_max: BTreeMap<Action, u64>,
    /// Attempts that reached the phone, in order.
    pub engagements: Vec<Engagement>,
    /// Who was refused, and why.
    pub refused: Vec<Refused>,
}

impl Summary {
    pub(crate) fn new(account_id: AccountId, task_id: TaskId, planned: usize) -> Self {
        Self {
            account_id,
            task_id,
            dry_run: false,
            planned,
            counts: BTreeMap::new(),
            left: planned,
            reconciled: 0,
            in_doubt: 0,
            spooled: 0,
            ended: Ended::Done,
            elapsed_ms: 0,
            round_trips: 0,
            round_trips_max: BTreeMap::new(),
            engagements: Vec::new(),
            refused: Vec::new(),
        }
    }

    /// Takes note of an attempt; `last` says whether the engagement is over with it.
    pub(crate) fn attempt(&mut self, engagement: Engagement, last: bool) {
        if engagement.status == Status::Success {
            let max = self.round_trips_max.entry(engagement.action).or_default();
            *max = engagement.round_trips.max(*max);
        }
        if last {
            self.settle(engagement.status);
        }
        self.engagements.push(engagement);
    }

    pub(crate) fn refuse(&mut self, target: Username, action: Action, refusal: Refusal) {
        self.settle(Status::DedupeHit);
        self.refused.push(Refused { target_username: target, action, refusal });
    }

    fn settle(&mut self, status: Status) {
        *self.counts.entry(status).or_default() += 1;
        self.left = self.left.saturating_sub(1);
    }

    /// How many planned engagements ended with this status.
    pub fn count(&self, status: Status) -> usize {
        self.counts.get(&status).copied().unwrap_or_default()
    }

    /// How many were refused, by reason.
    pub fn refused_by_reason(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for refused in &self.refused {
            *counts.entry(refused.refusal.reason.as_str()).or_default() += 1;
        }
        counts
    }
}
