//! The one door through which an act reaches a person: faults decide, the ledger records.

use crate::error::{Code, Failure, fail};
use crate::faults::Faults;
use crate::ledger::{Effect, Ledger, LedgerEntry};
use crate::scenario::Act;

/// Faults and ledger of a phone, and the session that acts.
#[derive(Debug)]
pub(crate) struct Effects {
    pub(crate) faults: Faults,
    pub(crate) ledger: Ledger,
    pub(crate) session: Option<String>,
}

/// One act, before anybody decided about it.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    pub(crate) account: String,
    pub(crate) act: Act,
    pub(crate) target: String,
    pub(crate) detail: Option<String>,
}

impl Effects {
    /// Writes down what became of an act. Durable when it returns.
    pub(crate) fn record(
        &mut self,
        attempt: &Attempt,
        effect: Effect,
        why: Option<&str>,
        now: i64,
    ) -> Result<(), Failure> {
        let detail = match (attempt.detail.as_deref(), why) {
            (Some(detail), Some(why)) => Some(format!("{why}; {detail}")),
            (one, other) => one.or(other).map(str::to_owned),
        };
        let entry = LedgerEntry {
            seq: 0,
            ts: instant_text(now),
            account_id: attempt.account.clone(),
            target_username: attempt.target.clone(),
            action: attempt.act,
            effect,
            session_id: self.session.clone(),
            detail,
        };
        self.ledger
            .append(entry)
            .map_err(|error| fail(Code::Unknown, format!("the ledger cannot be written: {error}")))
    }
}

/// RFC 3339 in UTC with milliseconds.
pub(crate) fn instant_text(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms)
        .map_or_else(|_| String::new(), |instant| format!("{instant:.3}"))
}
