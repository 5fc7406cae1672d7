//! Forgetting a person: what of the texts around the log goes with them. What becomes of events,
//! rows and the suppression list is decided by [`decorum_core::erasure`].
//!
//! A keeper, atomically or in an order in which it can be done again from the start:
//!
//! 1. refuses while [`obstacle`] finds a claim;
//! 2. draws the store's [`decorum_core::SuppressionKey`] if it has none, and puts the keyed hash on
//!    the list, so that the person is suppressed before anything of them goes;
//! 3. erases their events ([`decorum_core::Event::erased`]), and blanks the texts by [`Eraser`];
//! 4. takes their name off the lists of tasks, blanks what tasks and alerts say of them, and cancels
//!    tasks that cannot go on without them ([`decorum_core::Task::without`]);
//! 5. removes their dedup rows and the readable suppression;
//! 6. notes it in the admin log, unless there was nothing to do.
//!
//! From then on an attempt on that name is recorded without it ([`decorum_core::engage::Settled::erased`]).

use std::collections::HashSet;

use decorum_core::erasure::{self, ERASED, Obstacle, mentions};
use decorum_core::{AccountError, Alert, Breaker, Digest, EventId, Latest, Timestamp, Username};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{AdminEntry, StoreError};

/// What was erased of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Forgotten {
    /// Events that named them.
    pub events: u64,
    /// Dedup rows about them.
    pub rows: u64,
    /// Entries of error histories that spoke of them.
    pub errors: u64,
    /// Lists of tasks they were on.
    pub candidates: u64,
    /// Where traces of the name may be left that this store could not reach, a sentence each.
    /// Empty: there are none.
    pub traces: Vec<String>,
}

/// What keeps a person with these rows from being forgotten, if anything.
///
/// # Errors
/// [`StoreError::StillHeld`] and [`StoreError::StillInDoubt`].
pub(crate) fn obstacle<'a>(
    rows: impl IntoIterator<Item = &'a Latest>,
    now: Timestamp,
) -> Result<(), StoreError> {
    match erasure::obstacle(rows, now) {
        None => Ok(()),
        Some(Obstacle::Held(claim)) => Err(StoreError::StillHeld {
            claim: claim.id,
            holder: claim.holder,
            until: claim.lease_until,
        }),
        Some(Obstacle::InDoubt(claim)) => Err(StoreError::StillInDoubt(claim.id)),
    }
}

/// Blanks texts that speak of one person.
pub(crate) struct Eraser<'a> {
    person: &'a Username,
    pseudonym: String,
    events: HashSet<EventId>,
    /// Texts blanked so far: what was said at an erased event may stand elsewhere too.
    said: HashSet<String>,
}

impl<'a> Eraser<'a> {
    /// For this person, whose erased events are `events`.
    pub(crate) fn new(
        person: &'a Username,
        hash: &Digest,
        events: impl IntoIterator<Item = EventId>,
    ) -> Self {
        Self {
            person,
            pseudonym: erasure::pseudonym(hash),
            events: events.into_iter().collect(),
            said: HashSet::new(),
        }
    }

    fn is_theirs(&self, text: &str) -> bool {
        self.said.contains(text) || mentions(text, self.person)
    }

    /// The entry of an error history as it is to be kept; `None`: as it is. All of these come
    /// before any breaker or admin entry.
    pub(crate) fn error(&mut self, error: &AccountError) -> Option<AccountError> {
        let belongs = error.event_id.is_some_and(|id| self.events.contains(&id));
        if error.detail == ERASED || !(belongs || mentions(&error.detail, self.person)) {
            return None;
        }
        if !error.detail.is_empty() {
            self.said.insert(error.detail.clone());
        }
        Some(AccountError { detail: ERASED.to_owned(), ..error.clone() })
    }

    /// The breaker as it is to be kept; `None`: as it is.
    pub(crate) fn breaker(&self, breaker: &Breaker) -> Option<Breaker> {
        let Breaker::Halted { reason, detail, since } = breaker else { return None };
        self.is_theirs(detail).then(|| Breaker::Halted {
            reason: *reason,
            detail: ERASED.to_owned(),
            since: *since,
        })
    }

    /// The entry of the admin log as it is to be kept; `None`: as it is. Of an entry about the
    /// person the note goes, whatever it says, and the pseudonym takes the place of the name.
    pub(crate) fn admin(&self, entry: &AdminEntry) -> Option<AdminEntry> {
        let about_people = ["suppression.", "target."].iter().any(|w| entry.what.starts_with(w));
        let theirs = about_people && entry.subject == self.person.as_str();
        let mut kept = entry.clone();
        if theirs {
            kept.subject.clone_from(&self.pseudonym);
        }
        if let Some(note) = &mut kept.note
            && (theirs || self.is_theirs(note))
        {
            ERASED.clone_into(note);
        }
        self.blank(&mut kept.before);
        self.blank(&mut kept.after);
        (kept != *entry).then_some(kept)
    }

    fn blank(&self, value: &mut Value) {
        match value {
            Value::String(text) if self.is_theirs(text) => ERASED.clone_into(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.blank(item)),
            Value::Object(fields) => fields.values_mut().for_each(|field| self.blank(field)),
            _ => {}
        }
    }

    /// The alert as it is to be kept; `None`: as it is.
    pub(crate) fn alert(&self, alert: &Alert) -> Option<Alert> {
        // What it is about is ours, an account, phone or task, even if a person has the same name.
        let theirs = alert.message != ERASED && self.is_theirs(&alert.message);
        theirs.then(|| Alert { message: ERASED.to_owned(), ..alert.clone() })
    }

    /// What the admin log says of it.
    pub(crate) fn entry(&self, forgotten: &Forgotten, who: &str, now: Timestamp) -> AdminEntry {
        let Forgotten { events, rows, errors, candidates, .. } = forgotten;
        AdminEntry {
            ts: now,
            who: who.to_owned(),
            what: "target.forgotten".to_owned(),
            subject: self.pseudonym.clone(),
            note: None,
            before: Value::Null,
            after: json!({
                "events": events, "rows": rows, "errors": errors, "candidates": candidates,
            }),
        }
    }
}
