//! One entry of the log.

use serde::{Deserialize, Serialize};

use crate::chain::{self, Digest, Head, Salt};
use crate::{
    AccountId, Action, ClaimId, DeviceId, ErrorClass, EventId, Metadata, Platform, SessionId,
    Status, TaskId, Timestamp, Username,
};

/// What an engagement is about; at most one may happen in a window.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// Where.
    pub platform: Platform,
    /// Who acts.
    pub account_id: AccountId,
    /// On whom.
    pub target_username: Username,
    /// How.
    pub action: Action,
}

/// An attempt, refusals included, sealed into its account's chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Event {
    /// Unique id: UUID version 7; version 8 if it was imported.
    pub id: EventId,
    /// Number within the account's chain, from 1, without gaps.
    pub seq: u64,
    /// Where.
    pub platform: Platform,
    /// Who acted.
    pub account_id: AccountId,
    /// On whom; `None` once the person was erased.
    pub target_username: Option<Username>,
    /// Salted commitment to `target_username` and `metadata`; survives erasure.
    pub target_ref: Digest,
    /// The salt of `target_ref`; not shown, erased with the person.
    #[serde(skip)]
    pub salt: Option<Salt>,
    /// How.
    pub action: Action,
    /// How it ended.
    pub status: Status,
    /// Why, as a stable word.
    pub reason: Option<String>,
    /// What kind of trouble.
    pub error_class: Option<ErrorClass>,
    /// The task it belonged to.
    pub task_id: Option<TaskId>,
    /// The phone it happened on.
    pub device_id: Option<DeviceId>,
    /// The automation session.
    pub session_id: Option<SessionId>,
    /// The claim it settles; `None` if nothing was claimed.
    pub claim_id: Option<ClaimId>,
    /// From claim to outcome, in milliseconds.
    pub latency_ms: Option<u64>,
    /// When; never earlier than the account's event before, unless it was imported: then when
    /// it happened, which may be long before.
    pub ts: Timestamp,
    /// What the caller added.
    pub metadata: Metadata,
    /// Hash of the account's event before.
    pub prev_hash: Digest,
    /// Hash of this event.
    pub hash: Digest,
}

/// What an event needs that the decision itself does not: drawn or known by the caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Id for the event: UUID version 7, or [`crate::SuppressionKey::event_id`].
    pub event_id: EventId,
    /// Sixteen random bytes.
    pub salt: Salt,
    /// The caller's wall clock.
    pub now: Timestamp,
}

/// The fields of an event that are not about its place in the chain.
pub(crate) struct Draft {
    pub(crate) key: Key,
    pub(crate) status: Status,
    pub(crate) reason: Option<String>,
    pub(crate) error_class: Option<ErrorClass>,
    pub(crate) task_id: Option<TaskId>,
    pub(crate) device_id: Option<DeviceId>,
    pub(crate) session_id: Option<SessionId>,
    pub(crate) claim_id: Option<ClaimId>,
    pub(crate) latency_ms: Option<u64>,
    pub(crate) metadata: Metadata,
}

impl Draft {
    /// Puts the draft at the end of the chain that stands at `head`.
    pub(crate) fn seal(self, stamp: &Stamp, ts: Timestamp, head: &mut Head) -> Event {
        let target_ref = chain::target_ref(&stamp.salt, &self.key.target_username, &self.metadata);
        let mut event = Event {
            id: stamp.event_id,
            seq: head.seq + 1,
            platform: self.key.platform,
            account_id: self.key.account_id,
            target_username: Some(self.key.target_username),
            target_ref,
            salt: Some(stamp.salt),
            action: self.key.action,
            status: self.status,
            reason: self.reason,
            error_class: self.error_class,
            task_id: self.task_id,
            device_id: self.device_id,
            session_id: self.session_id,
            claim_id: self.claim_id,
            latency_ms: self.latency_ms,
            ts,
            metadata: self.metadata,
            prev_hash: head.hash,
            hash: Digest::ZERO,
        };
        event.hash = chain::event_hash(&event);
        *head = Head { seq: event.seq, hash: event.hash };
        event
    }
}
