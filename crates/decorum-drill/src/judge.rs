//! The judge: sees every act and every acknowledgement, whoever's, and forgets nothing.
//!
//! It stands where the phone would: whoever was granted a claim acts before it commits, and the
//! judge is told. It shares nothing with the store it judges but the ids it is shown.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use decorum_core::{ClaimId, DedupScope, Event, EventId, Key};
use tokio::sync::Notify;
use tokio::time::timeout;

#[derive(Default)]
struct Seen {
    acts: HashMap<String, ClaimId>,
    twice: Vec<String>,
    acknowledged: HashMap<EventId, Event>,
}

/// What was done and what was promised, of all writers.
pub(crate) struct Judge {
    scope: DedupScope,
    acted: Notify,
    seen: Mutex<Seen>,
}

impl Judge {
    pub(crate) fn new(scope: DedupScope) -> Self {
        Self { scope, acted: Notify::new(), seen: Mutex::default() }
    }

    /// Somebody holds this claim and acts on it.
    pub(crate) fn acts(&self, key: &Key, claim: ClaimId) {
        self.acted.notify_waiters();
        let whom = self.whom(key);
        let mut seen = self.seen();
        if let Some(before) = seen.acts.insert(whom.clone(), claim)
            && before != claim
        {
            seen.twice.push(format!("{whom} was engaged by claim {before} and by claim {claim}"));
        }
    }

    /// Waits until somebody acts, but not for longer than this.
    pub(crate) async fn next_act(&self, at_most: Duration) {
        // Nobody may be able to act just now; then no moment is better than another.
        let _ = timeout(at_most, self.acted.notified()).await;
    }

    /// The store said that this is on record.
    pub(crate) fn is_promised(&self, event: &Event) {
        self.seen().acknowledged.insert(event.id, event.clone());
    }

    /// Who may be engaged only once.
    pub(crate) fn whom(&self, key: &Key) -> String {
        let Key { account_id, target_username, action, .. } = key;
        match self.scope {
            DedupScope::Account => format!("{account_id}/{target_username}/{action}"),
            DedupScope::Fleet => format!("{target_username}/{action}"),
        }
    }

    /// Engagements of somebody who had been engaged.
    pub(crate) fn twice(&self) -> Vec<String> {
        self.seen().twice.clone()
    }

    /// How many events are promised.
    pub(crate) fn promised(&self) -> usize {
        self.seen().acknowledged.len()
    }

    /// Those of the promised events that are not on record as they were promised.
    pub(crate) fn missing(&self, recorded: &HashMap<EventId, Event>) -> Vec<String> {
        let seen = self.seen();
        let broken = seen.acknowledged.values().filter_map(|event| match recorded.get(&event.id) {
            None => Some(format!("event {} is not on record", event.id)),
            Some(found) if found != event => Some(format!("event {} is another one now", event.id)),
            Some(_) => None,
        });
        broken.collect()
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use decorum_core::{AccountId, Action, Platform};
    use uuid::Uuid;

    use super::*;

    fn key(account: &str) -> Key {
        Key {
            platform: Platform::Instagram,
            account_id: account.parse::<AccountId>().unwrap(),
            target_username: "anna".parse().unwrap(),
            action: Action::Follow,
        }
    }

    fn claim() -> ClaimId {
        ClaimId::from_uuid(Uuid::now_v7())
    }

    #[test]
    fn a_second_claim_on_a_person_is_noticed_and_the_same_one_again_is_not() {
        let judge = Judge::new(DedupScope::Account);
        let first = claim();
        judge.acts(&key("studio"), first);
        judge.acts(&key("studio"), first);
        judge.acts(&key("other"), claim());
        assert_eq!(judge.twice(), Vec::<String>::new());

        judge.acts(&key("studio"), claim());

        assert_eq!(judge.twice().len(), 1);
    }

    #[test]
    fn in_fleet_scope_two_accounts_are_one_too_many() {
        let judge = Judge::new(DedupScope::Fleet);
        judge.acts(&key("studio"), claim());

        judge.acts(&key("other"), claim());

        assert_eq!(judge.twice().len(), 1);
    }
}
