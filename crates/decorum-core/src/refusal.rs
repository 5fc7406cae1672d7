//! Why an engagement is refused, and when asking again may help.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// The stable reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalReason {
    /// On the suppression list: never.
    Suppressed,
    /// Engaged within the window.
    AlreadyEngaged,
    /// Did not exist when last looked at.
    TargetUnavailable,
    /// Was private when last looked at.
    PrivateAccount,
    /// Had nothing to act on when last looked at.
    NothingThere,
    /// Somebody is at it right now.
    Claimed,
    /// Nobody knows yet whether it was done.
    InDoubt,
    /// This very claim has been settled already.
    ClaimSettled,
    /// The account waits for a person.
    AccountHalted,
    /// The account rests after a rate limit.
    AccountBackoff,
    /// The account rests after several rate limits.
    AccountCooldown,
    /// The one probe after a backoff is under way.
    ProbeInFlight,
    /// The hour's cap is used up.
    BudgetHour,
    /// The day's cap is used up.
    BudgetDay,
    /// A cap of all accounts together is used up.
    FleetBudget,
    /// The last act is too recent.
    TooSoon,
    /// It is quiet time.
    QuietHours,
    /// Another worker holds the account.
    AccountBusy,
}

impl RefusalReason {
    /// The stable text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Suppressed => "suppressed",
            Self::AlreadyEngaged => "already_engaged",
            Self::TargetUnavailable => "target_unavailable",
            Self::PrivateAccount => "private_account",
            Self::NothingThere => "nothing_there",
            Self::Claimed => "claimed",
            Self::InDoubt => "in_doubt",
            Self::ClaimSettled => "claim_settled",
            Self::AccountHalted => "account_halted",
            Self::AccountBackoff => "account_backoff",
            Self::AccountCooldown => "account_cooldown",
            Self::ProbeInFlight => "probe_in_flight",
            Self::BudgetHour => "budget_hour",
            Self::BudgetDay => "budget_day",
            Self::FleetBudget => "fleet_budget",
            Self::TooSoon => "too_soon",
            Self::QuietHours => "quiet_hours",
            Self::AccountBusy => "account_busy",
        }
    }

    /// A sentence part for a person, to follow the name of who is refused.
    pub const fn explained(self) -> &'static str {
        match self {
            Self::Suppressed => "is on the suppression list",
            Self::AlreadyEngaged => "was engaged before",
            Self::TargetUnavailable => "did not exist when last looked at",
            Self::PrivateAccount => "was private when last looked at",
            Self::NothingThere => "had nothing to act on when last looked at",
            Self::Claimed => "is being engaged right now",
            Self::InDoubt => "may have been engaged already; that is not settled yet",
            Self::ClaimSettled => "had this very claim settled already",
            Self::AccountHalted => "must wait: the account is halted until a person clears it",
            Self::AccountBackoff => "must wait: the account rests after a rate limit",
            Self::AccountCooldown => "must wait: the account cools down",
            Self::ProbeInFlight => "must wait: the account tries whether it may act again",
            Self::BudgetHour => "must wait: the account's budget for the hour is used up",
            Self::BudgetDay => "must wait: the account's budget for the day is used up",
            Self::FleetBudget => "must wait: the budget of all accounts together is used up",
            Self::TooSoon => "must wait: the account acted a moment ago",
            Self::QuietHours => "must wait: it is quiet time",
            Self::AccountBusy => "must wait: another worker holds the account",
        }
    }

    /// Whether it is about the person rather than the state of the account. Such a refusal
    /// stays true until it expires or is lifted, and may be remembered.
    pub const fn is_about_target(self) -> bool {
        matches!(
            self,
            Self::Suppressed
                | Self::AlreadyEngaged
                | Self::TargetUnavailable
                | Self::PrivateAccount
                | Self::NothingThere
        )
    }
}

impl fmt::Display for RefusalReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A no, with its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{reason}")]
pub struct Refusal {
    /// Why.
    pub reason: RefusalReason,
    /// When asking again may help; `None`: not by waiting.
    pub retry_at: Option<Timestamp>,
}

impl Refusal {
    /// A refusal that holds until `retry_at`.
    pub const fn new(reason: RefusalReason, retry_at: Option<Timestamp>) -> Self {
        Self { reason, retry_at }
    }
}
