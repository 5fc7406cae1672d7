//! `interactions_latest`: the dedup rows.

use decorum_core::{Claim, DeviceId, ErrorClass, Fence, Hold, Key, Last, Latest, Metadata, TaskId};
use mongodb::bson::Document;

use crate::mongo::fault::{Fault, Outcome};
use crate::mongo::fields::{self, Field, Fields, Writing};
use crate::mongo::seal::sealed;

/// The `_id` of the row of this key.
pub(in crate::mongo) fn id(key: &Key) -> String {
    let Key { platform, account_id, target_username, action } = key;
    format!("{platform}/{account_id}/{target_username}/{action}")
}

/// The row as a document, without the number of the step that writes it.
pub(in crate::mongo) fn write(key: &Key, latest: &Latest) -> Outcome<Document> {
    let (last, claim) = (latest.last.as_ref(), latest.claim());
    let state = match latest.hold {
        Hold::Free => "free",
        Hold::Claimed(_) => "claimed",
        Hold::InDoubt(_) => "in_doubt",
    };
    let document = Writing::new()
        .with("_id", id(key))
        .with("platform", key.platform.as_str())
        .with("account_id", key.account_id.as_str())
        .with("target_username", key.target_username.as_str())
        .with("action", key.action.as_str())
        .maybe("last_status", last.map(|l| l.status.as_str()))
        .maybe("last_reason", last.and_then(|l| l.reason.as_deref()))
        .maybe("last_error_class", last.and_then(|l| l.error_class).map(ErrorClass::as_str))
        .maybe("last_ts", last.map(|l| fields::instant(l.ts)))
        .maybe("expires_at", last.and_then(|l| l.expires_at).map(fields::instant))
        .maybe("last_claim_id", last.and_then(|l| l.claim_id).map(|id| id.to_string()))
        .maybe("last_event_id", last.map(|l| l.event_id.to_string()))
        .with("state", state)
        .with("fence", fields::count(latest.fence.get()))
        .maybe("claim_id", claim.map(|c| c.id.to_string()))
        .maybe("holder", claim.map(|c| c.holder.as_str()))
        .maybe("claimed_at", claim.map(|c| fields::instant(c.claimed_at)))
        .maybe("lease_until", claim.map(|c| fields::instant(c.lease_until)))
        .maybe("task_id", claim.and_then(|c| c.task_id.as_ref()).map(TaskId::as_str))
        .maybe("device_id", claim.and_then(|c| c.device_id.as_ref()).map(DeviceId::as_str))
        .maybe("metadata", claim.map(|c| c.metadata.as_str()))
        .done();
    sealed(document)
}

pub(in crate::mongo) fn read(document: &Document) -> Outcome<(Key, Latest)> {
    let row = Fields(document);
    let key = Key {
        platform: row.get("platform")?.exact()?,
        account_id: row.get("account_id")?.exact()?,
        target_username: row.get("target_username")?.exact()?,
        action: row.get("action")?.exact()?,
    };
    match read_rest(row) {
        Ok(latest) => Ok((key, latest)),
        Err(fault) => Err(fault.of(format_args!("the row {}", id(&key)))),
    }
}

fn read_rest(row: Fields<'_>) -> Outcome<Latest> {
    let fence = Fence::new(row.get("fence")?.count()?);
    Ok(Latest { last: read_last(row)?, hold: read_hold(row, fence)?, fence })
}

fn read_last(row: Fields<'_>) -> Outcome<Option<Last>> {
    let Some(status) = row.maybe("last_status") else { return Ok(None) };
    Ok(Some(Last {
        status: status.exact()?,
        reason: row.maybe("last_reason").map(Field::owned).transpose()?,
        error_class: row.maybe("last_error_class").map(Field::exact).transpose()?,
        ts: row.get("last_ts")?.instant()?,
        expires_at: row.maybe("expires_at").map(Field::instant).transpose()?,
        claim_id: row.maybe("last_claim_id").map(Field::exact).transpose()?,
        event_id: row.get("last_event_id")?.exact()?,
    }))
}

fn read_hold(row: Fields<'_>, fence: Fence) -> Outcome<Hold> {
    let state = row.get("state")?.text()?;
    if state == "free" {
        return Ok(Hold::Free);
    }
    let claim = Claim {
        id: row.get("claim_id")?.exact()?,
        holder: row.get("holder")?.exact()?,
        fence,
        claimed_at: row.get("claimed_at")?.instant()?,
        lease_until: row.get("lease_until")?.instant()?,
        task_id: row.maybe("task_id").map(Field::exact).transpose()?,
        device_id: row.maybe("device_id").map(Field::exact).transpose()?,
        metadata: Metadata::from_stored(row.get("metadata")?.owned()?),
    };
    match state {
        "claimed" => Ok(Hold::Claimed(claim)),
        "in_doubt" => Ok(Hold::InDoubt(claim)),
        other => Err(Fault::Damaged(format!("its `state` is `{other}`"))),
    }
}
