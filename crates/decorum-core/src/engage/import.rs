//! Import: what was done before Decorum, or elsewhere, put on record with the time it happened.
//!
//! Invariants, held by the property tests in `tests/histories` beside those of [`super`]:
//! - an import changes the log, and what is remembered of the person, and nothing else: no
//!   budget, breaker, distance between acts or error history, and no claim on the row;
//! - the person is left alone until the window ends that began when it happened, and never for
//!   a shorter time than before the import;
//! - no decision is made as of an earlier time than before the import.

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{Settled, last_of};
use crate::event::{Draft, Stamp};
use crate::outcome::reason;
use crate::{
    Account, EventId, Key, Latest, Metadata, Outcome, Settings, SuppressionKey, Timestamp,
};

/// An engagement that another program, or another store, knows of.
#[derive(Clone, Debug)]
pub struct Imported {
    /// Whom, by whom, how.
    pub key: Key,
    /// How it ended.
    pub outcome: Outcome,
    /// Why, as a stable word; [`reason::IMPORTED`] if nothing else is said.
    pub reason: Option<String>,
    /// When it happened. An instant later than the stamp's counts as that one.
    pub happened_at: Timestamp,
    /// What to keep with the event; says under `imported_from` where it comes from.
    pub metadata: Metadata,
    /// Id, salt and time for the event. The id is [`imported_id`], so that the same engagement
    /// is recognized when it is imported again; the store puts its keyed form in the log
    /// ([`crate::SuppressionKey::event_id`]).
    pub stamp: Stamp,
}

impl Imported {
    /// As it goes on record in the store that has this key.
    #[must_use]
    pub fn keyed(mut self, key: &SuppressionKey) -> Self {
        self.stamp.event_id = key.event_id(self.stamp.event_id);
        self
    }
}

/// What an imported engagement is known by, UUID version 8: the same for the same engagement, whatever
/// file it is read from. `happened_at` counts to the second, because other programs keep no
/// more; `None`: nobody knows when, and one such engagement of a kind is on record at most.
///
/// Whoever guesses the name right can tell by it, so it must not outlive the erasure of the
/// person: it never stands in a log. What does is the store's keyed hash of it.
pub fn imported_id(key: &Key, happened_at: Option<Timestamp>) -> EventId {
    let mut hash = Sha256::new();
    let second = happened_at.map(|t| (t.as_millis() / 1000).to_be_bytes());
    for field in [
        b"decorum import 1".as_slice(),
        key.platform.as_str().as_bytes(),
        key.account_id.as_str().as_bytes(),
        key.target_username.as_str().as_bytes(),
        key.action.as_str().as_bytes(),
        second.as_ref().map_or(&[], <[u8; 8]>::as_slice),
    ] {
        hash.update((field.len() as u64).to_be_bytes());
        hash.update(field);
    }
    let digest = hash.finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    EventId::from_uuid(Uuid::new_v8(bytes))
}

/// Puts an engagement of the past on record: at the end of the chain, dated when it happened.
/// It is the one kind of event that may be dated before the account's event before it.
pub fn import(
    settings: &Settings,
    mut account: Account,
    mut latest: Latest,
    imported: Imported,
) -> Settled {
    let at = imported.happened_at.min(imported.stamp.now);
    let event = Draft {
        key: imported.key,
        status: imported.outcome.status(),
        reason: Some(imported.reason.unwrap_or_else(|| reason::IMPORTED.to_owned())),
        error_class: imported.outcome.error_class(),
        task_id: None,
        device_id: None,
        session_id: None,
        claim_id: None,
        latency_ms: None,
        metadata: imported.metadata,
    }
    .seal(&imported.stamp, at, &mut account.head);
    account.newest_event = Some(account.not_before_newest(at));
    latest.remember(last_of(&event, imported.outcome, settings));
    Settled { account, latest, event, error: None, late: false }
}
