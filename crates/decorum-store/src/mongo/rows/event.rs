//! `interactions_events`: only ever added to.

use decorum_core::{
    AccountId, DeviceId, ErrorClass, Event, Metadata, Platform, SessionId, TaskId, Username,
};
use mongodb::bson::Document;

use crate::mongo::fault::Outcome;
use crate::mongo::fields::{self, Field, Fields, Writing};

/// The `_id` of the event with this number: by it two events never have one number, and events of
/// one millisecond stand in the order of their chain.
pub(in crate::mongo) fn id(platform: Platform, account: &AccountId, seq: u64) -> String {
    format!("{platform}/{account}/{seq:012}")
}

pub(in crate::mongo) fn write(event: &Event) -> Document {
    Writing::new()
        .with("_id", id(event.platform, &event.account_id, event.seq))
        .with("id", event.id.to_string())
        .with("seq", fields::count(event.seq))
        .with("platform", event.platform.as_str())
        .with("account_id", event.account_id.as_str())
        .maybe("target_username", event.target_username.as_ref().map(Username::as_str))
        .with("target_ref", fields::bytes(event.target_ref.as_bytes()))
        .maybe("target_salt", event.salt.map(|salt| fields::bytes(&salt.0)))
        .with("action", event.action.as_str())
        .with("status", event.status.as_str())
        .maybe("reason", event.reason.as_deref())
        .maybe("error_class", event.error_class.map(ErrorClass::as_str))
        .maybe("task_id", event.task_id.as_ref().map(TaskId::as_str))
        .maybe("device_id", event.device_id.as_ref().map(DeviceId::as_str))
        .maybe("session_id", event.session_id.as_ref().map(SessionId::as_str))
        .maybe("claim_id", event.claim_id.map(|c| c.to_string()))
        .maybe("latency_ms", event.latency_ms.map(fields::count))
        .with("ts", fields::instant(event.ts))
        .with("metadata", event.metadata.as_str())
        .with("prev_hash", fields::bytes(event.prev_hash.as_bytes()))
        .with("hash", fields::bytes(event.hash.as_bytes()))
        .done()
}

pub(in crate::mongo) fn read(document: &Document) -> Outcome<Event> {
    let id = document.get_str("id").unwrap_or("without a readable id");
    read_fields(Fields(document)).map_err(|fault| fault.of(format_args!("event {id}")))
}

fn read_fields(row: Fields<'_>) -> Outcome<Event> {
    Ok(Event {
        id: row.get("id")?.exact()?,
        seq: row.get("seq")?.count()?,
        platform: row.get("platform")?.exact()?,
        account_id: row.get("account_id")?.exact()?,
        target_username: row.maybe("target_username").map(Field::exact).transpose()?,
        target_ref: row.get("target_ref")?.digest()?,
        salt: row.maybe("target_salt").map(Field::salt).transpose()?,
        action: row.get("action")?.exact()?,
        status: row.get("status")?.exact()?,
        reason: row.maybe("reason").map(Field::owned).transpose()?,
        error_class: row.maybe("error_class").map(Field::exact).transpose()?,
        task_id: row.maybe("task_id").map(Field::exact).transpose()?,
        device_id: row.maybe("device_id").map(Field::exact).transpose()?,
        session_id: row.maybe("session_id").map(Field::exact).transpose()?,
        claim_id: row.maybe("claim_id").map(Field::exact).transpose()?,
        latency_ms: row.maybe("latency_ms").map(Field::count).transpose()?,
        ts: row.get("ts")?.instant()?,
        metadata: Metadata::from_stored(row.get("metadata")?.owned()?),
        prev_hash: row.get("prev_hash")?.digest()?,
        hash: row.get("hash")?.digest()?,
    })
}
