//! What every keeper asks about a claim's id before the core decides. The dedup row remembers only
//! its newest claim; the log remembers them all, so that a claim repeated long after it was settled
//! is not a second one.

use decorum_core::{
    ClaimId, Event, Finding, Hold, Jitter, Key, Latest, Metadata, Refusal, RefusalReason, Report,
    Stamp, Timestamp, engage,
};

use crate::StoreError;

/// Why a claim with this id is not to be granted on `key`, whatever else speaks for it. `held` is
/// what the claim holds now; `recorded`, asked for only if need be, what is on record about it.
///
/// # Errors
/// [`StoreError::OtherClaim`] when the id was used for something else.
pub(crate) fn used_before<E: From<StoreError>>(
    id: ClaimId,
    key: &Key,
    held: Option<&Key>,
    recorded: impl FnOnce() -> Result<Vec<Event>, E>,
) -> Result<Option<Refusal>, E> {
    if let Some(held) = held {
        return if held == key { Ok(None) } else { Err(StoreError::OtherClaim(id).into()) };
    }
    match recorded()?.last() {
        None => Ok(None),
        Some(event) if is_about(event, key) => {
            Ok(Some(Refusal::new(RefusalReason::ClaimSettled, None)))
        }
        Some(_) => Err(StoreError::OtherClaim(id).into()),
    }
}

/// The event that answers a report, if its claim's outcome is on record; `None`: it may be settled.
///
/// # Errors
/// [`StoreError::OtherClaim`] when the claim is about something else, [`StoreError::NoSuchClaim`]
/// when it was never made.
pub(crate) fn reported_before<E: From<StoreError>>(
    report: &Report,
    recorded: Vec<Event>,
    held: impl FnOnce() -> Result<Option<Key>, E>,
) -> Result<Option<Event>, E> {
    let id = report.claim_id;
    if recorded.iter().any(|event| !is_about(event, &report.key)) {
        return Err(StoreError::OtherClaim(id).into());
    }
    let by_looking = |event: &Event| engage::is_reconciliation(event.reason.as_deref());
    let reconciled = recorded.iter().any(by_looking);
    // A holder that looked for itself reports by looking too; then whatever settled the claim
    // first is the answer.
    let looked = engage::is_reconciliation(report.reason.as_deref());
    if let Some(event) = recorded.into_iter().find(|event| looked || !by_looking(event)) {
        return Ok(Some(event));
    }
    match held()? {
        Some(held) if held != report.key => Err(StoreError::OtherClaim(id).into()),
        None if !reconciled => Err(StoreError::NoSuchClaim(id).into()),
        _ => Ok(None),
    }
}

/// Whether the event may be about this key; the name of an erased person is any name.
fn is_about(event: &Event, key: &Key) -> bool {
    event.platform == key.platform
        && event.account_id == key.account_id
        && event.action == key.action
        && event.target_username.as_ref().is_none_or(|t| *t == key.target_username)
}

/// Nobody but its holder settles a claim that is live: the holder may be at it this very moment,
/// and what a look shows now can be wrong in a second.
///
/// # Errors
/// [`StoreError::StillHeld`].
pub(crate) fn not_held(row: &Latest, now: Timestamp) -> Result<(), StoreError> {
    match &row.hold {
        Hold::Claimed(claim) if now < claim.lease_until => Err(StoreError::StillHeld {
            claim: claim.id,
            holder: claim.holder.clone(),
            until: claim.lease_until,
        }),
        _ => Ok(()),
    }
}

/// What looking showed, as a report.
pub(crate) fn found(
    claim_id: ClaimId,
    key: Key,
    finding: Finding,
    metadata: Metadata,
    stamp: Stamp,
) -> Report {
    let (outcome, reason) = finding.outcome();
    Report {
        claim_id,
        key,
        outcome,
        reason: Some(reason.to_owned()),
        detail: String::new(),
        session_id: None,
        device_id: None,
        latency_ms: None,
        metadata,
        jitter: Jitter::default(),
        stamp,
    }
}
