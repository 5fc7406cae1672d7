//! An event of the log, as a schema. The event itself is sent as [`decorum_core::Event`] writes it;
//! a test holds the two together.

use schemars::JsonSchema;
use serde::Serialize;

use super::{AccountName, ActionWord, ClassWord, Instant, Person, StatusWord, Uuid};

/// An attempt, refusals included, sealed into its account's hash chain.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Event", extend("additionalProperties" = false))]
pub(crate) struct EventSchema {
    /// Unique id.
    id: Uuid,
    /// Number within the account's chain, from 1, without gaps.
    seq: u64,
    /// Where.
    platform: String,
    /// Who acted.
    account_id: AccountName,
    /// On whom; null once the person was erased.
    target_username: Option<Person>,
    /// Salted commitment to the person's name and the metadata; survives erasure.
    target_ref: String,
    /// How.
    action: ActionWord,
    /// How it ended.
    status: StatusWord,
    /// Why, as a stable word.
    reason: Option<String>,
    /// What kind of trouble.
    error_class: Option<ClassWord>,
    /// The task it belonged to.
    task_id: Option<String>,
    /// The phone it happened on.
    device_id: Option<String>,
    /// The automation session.
    session_id: Option<String>,
    /// The claim it settles; null if nothing was claimed.
    claim_id: Option<Uuid>,
    /// From claim to outcome, in milliseconds.
    latency_ms: Option<u64>,
    /// When.
    ts: Instant,
    /// What the caller added.
    metadata: serde_json::Map<String, serde_json::Value>,
    /// Hash of the account's event before.
    prev_hash: String,
    /// Hash of this event.
    hash: String,
}
