//! What is remembered of an acting account between its engagements.

use serde::{Deserialize, Serialize};

use crate::chain::{Checkpoint, Head};
use crate::retention::Swept;
use crate::{
    AccountId, Breaker, ClaimId, ErrorClass, EventId, Outcome, Platform, Settings, Signal,
    Timestamp, Usage, breaker::Jitter,
};

/// The most that is kept of what was seen, in characters: enough for any message, and not the
/// source of a whole page.
const DETAIL_MAX: usize = 2_000;

/// One acting account. Only the functions of [`crate::engage`] change it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Where.
    pub platform: Platform,
    /// Who.
    pub account_id: AccountId,
    /// Whether it may act.
    pub breaker: Breaker,
    /// What it did in the last day.
    pub usage: Usage,
    /// When it last acted, or was let through to act.
    pub last_act: Option<Timestamp>,
    /// Instant of its newest event: no decision is made as of an earlier time.
    pub newest_event: Option<Timestamp>,
    /// The end of its chain.
    pub head: Head,
    /// Where its chain begins, once its oldest events were cleaned up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<Checkpoint>,
    /// What is remembered of its dedup rows that were cleaned up.
    #[serde(default, skip_serializing_if = "Swept::is_nothing")]
    pub swept: Swept,
}

/// An entry of an account's error history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountError {
    /// When.
    pub ts: Timestamp,
    /// What kind.
    pub error_class: ErrorClass,
    /// What was seen or said, for a person.
    pub detail: String,
    /// The event it belongs to, if it has one.
    pub event_id: Option<EventId>,
}

/// What an attempt taught about its account.
pub(crate) struct Lesson<'a> {
    pub(crate) outcome: Outcome,
    pub(crate) claim: Option<ClaimId>,
    pub(crate) detail: &'a str,
    pub(crate) event_id: EventId,
    pub(crate) at: Timestamp,
}

impl Account {
    /// An account nobody has heard of before.
    pub fn new(platform: Platform, account_id: AccountId) -> Self {
        Self {
            platform,
            account_id,
            breaker: Breaker::Active,
            usage: Usage::default(),
            last_act: None,
            newest_event: None,
            head: Head::default(),
            checkpoint: None,
            swept: Swept::default(),
        }
    }

    /// `now`, unless the newest event is later: then that. A clock that was set back cannot
    /// end a wait early, nor can it date an event before its predecessor. Only what is imported
    /// is dated in the past, and that does not make the newest event an older one.
    pub fn not_before_newest(&self, now: Timestamp) -> Timestamp {
        self.newest_event.map_or(now, |newest| newest.max(now))
    }

    /// Moves the breaker, and says what belongs into the error history.
    pub(crate) fn learn(
        &mut self,
        lesson: &Lesson<'_>,
        settings: &Settings,
        jitter: Jitter,
    ) -> Option<AccountError> {
        let Lesson { outcome, claim, detail, event_id, at } = *lesson;
        let detail = clipped(detail);
        let breaker = std::mem::take(&mut self.breaker);
        self.breaker = breaker.after(outcome.into(), claim, &detail, at, settings, jitter);
        let error_class = outcome.error_class()?;
        // A private or missing person says nothing about the account.
        let about_target =
            matches!(error_class, ErrorClass::PrivateAccount | ErrorClass::TargetUnavailable);
        (!about_target).then_some(AccountError {
            ts: at,
            error_class,
            detail,
            event_id: Some(event_id),
        })
    }

    /// Takes note of trouble met outside any engagement, such as a login screen at the start.
    pub fn report(
        &mut self,
        error_class: ErrorClass,
        detail: &str,
        now: Timestamp,
        settings: &Settings,
        jitter: Jitter,
    ) -> AccountError {
        let at = self.not_before_newest(now);
        let detail = clipped(detail);
        let breaker = std::mem::take(&mut self.breaker);
        self.breaker =
            breaker.after(Signal::from(error_class), None, &detail, at, settings, jitter);
        AccountError { ts: at, error_class, detail, event_id: None }
    }
}

fn clipped(detail: &str) -> String {
    match detail.char_indices().nth(DETAIL_MAX) {
        Some((end, _)) => format!("{}…", detail.get(..end).unwrap_or_default()),
        None => detail.to_owned(),
    }
}
