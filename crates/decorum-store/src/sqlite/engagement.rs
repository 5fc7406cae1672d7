//! Check, claim, commit, observe, reconcile: load what a decision looks at, let the core
//! decide, write back what it returns. Each function runs inside one transaction.

use std::collections::HashMap;

use decorum_core::{
    Account, AccountId, Action, ClaimId, ClaimRequest, DedupScope, Event, Finding, Hold, Holder,
    Jitter, Key, Latest, Metadata, Observation, Platform, Refusal, RefusalReason, Report, Seen,
    Settings, Stamp, Timestamp, Username, engage,
};
use rusqlite::Connection;

use super::fault::Outcome;
use super::rows::{account, event, latest, lease, settings, suppression};
use crate::{ClaimVerdict, Committed, Doubt, StoreError};

/// What a decision about one key looks at.
struct Loaded {
    latest: Latest,
    elsewhere: Vec<Latest>,
    suppressed: bool,
}

fn load(conn: &Connection, key: &Key, settings: &Settings) -> Outcome<Loaded> {
    let elsewhere = match settings.dedup_scope {
        DedupScope::Account => Vec::new(),
        DedupScope::Fleet => latest::elsewhere(conn, key)?,
    };
    Ok(Loaded {
        latest: latest::load(conn, key)?,
        elsewhere,
        suppressed: suppression::has(conn, key.platform, &key.target_username)?,
    })
}

impl Loaded {
    fn situation<'a>(
        &'a self,
        settings: &'a Settings,
        account: &'a Account,
        account_lease: Option<&'a decorum_core::Lease>,
    ) -> engage::Situation<'a> {
        let Self { latest, elsewhere, suppressed } = self;
        engage::Situation {
            settings,
            account,
            latest,
            elsewhere,
            suppressed: *suppressed,
            account_lease,
        }
    }
}

pub(super) fn check(
    conn: &Connection,
    first: &Settings,
    account_id: &AccountId,
    action: Action,
    targets: Vec<Username>,
    now: Timestamp,
) -> Outcome<Vec<Result<(), Refusal>>> {
    let settings = settings::in_force(conn, first)?.settings;
    let platform = Platform::Instagram;
    let account = account::load(conn, platform, account_id)?;
    let answer = |target_username| {
        let key = Key { platform, account_id: account_id.clone(), target_username, action };
        let loaded = load(conn, &key, &settings)?;
        Ok(engage::check(&loaded.situation(&settings, &account, None), action, now))
    };
    targets.into_iter().map(answer).collect()
}

pub(super) fn claim(
    conn: &Connection,
    first: &Settings,
    request: ClaimRequest,
) -> Outcome<ClaimVerdict> {
    let (id, key) = (request.claim_id, request.key.clone());
    if let Some(refusal) = used_before(conn, id, &key)? {
        return Ok(ClaimVerdict::Refused(refusal));
    }
    let settings = settings::in_force(conn, first)?.settings;
    let account = account::load(conn, key.platform, &key.account_id)?;
    let lease = lease::of_account(conn, &key.account_id)?;
    let loaded = load(conn, &key, &settings)?;
    match engage::claim(&loaded.situation(&settings, &account, lease.as_ref()), request) {
        Err(refusal) => Ok(ClaimVerdict::Refused(refusal)),
        Ok(granted) => {
            if let Some(account) = &granted.account {
                account::save(conn, account)?;
            }
            if let Some(latest) = &granted.latest {
                latest::save(conn, &key, latest)?;
            }
            Ok(ClaimVerdict::Granted(granted.claim))
        }
    }
}

/// The dedup row remembers only its newest claim. The log remembers them all, so that a claim
/// repeated long after it was settled is not a second one.
fn used_before(conn: &Connection, id: ClaimId, key: &Key) -> Outcome<Option<Refusal>> {
    if let Some((held, _)) = latest::held_by(conn, id)? {
        return if held == *key { Ok(None) } else { Err(StoreError::OtherClaim(id).into()) };
    }
    let Some(event) = event::of_claim(conn, id)?.pop() else { return Ok(None) };
    if is_about(&event, key) {
        Ok(Some(Refusal::new(RefusalReason::ClaimSettled, None)))
    } else {
        Err(StoreError::OtherClaim(id).into())
    }
}

/// Whether the event may be about this key; the name of an erased person is any name.
fn is_about(event: &Event, key: &Key) -> bool {
    event.platform == key.platform
        && event.account_id == key.account_id
        && event.action == key.action
        && event.target_username.as_ref().is_none_or(|t| *t == key.target_username)
}

pub(super) fn commit(conn: &Connection, first: &Settings, report: Report) -> Outcome<Committed> {
    let id = report.claim_id;
    let recorded = event::of_claim(conn, id)?;
    let by_looking = |event: &Event| engage::is_reconciliation(event.reason.as_deref());
    if recorded.iter().any(|event| !is_about(event, &report.key)) {
        return Err(StoreError::OtherClaim(id).into());
    }
    let reconciled = recorded.iter().any(by_looking);
    // A holder that looked for itself reports by looking too; then whatever settled the claim
    // first is the answer.
    let looked = engage::is_reconciliation(report.reason.as_deref());
    if let Some(event) = recorded.into_iter().find(|event| looked || !by_looking(event)) {
        return Ok(Committed::Repeated(event));
    }
    match latest::held_by(conn, id)? {
        Some((key, _)) if key != report.key => return Err(StoreError::OtherClaim(id).into()),
        None if !reconciled => return Err(StoreError::NoSuchClaim(id).into()),
        _ => {}
    }
    let settings = settings::in_force(conn, first)?.settings;
    settle(conn, &settings, report)
}

fn settle(conn: &Connection, settings: &Settings, report: Report) -> Outcome<Committed> {
    let key = report.key.clone();
    let account = account::load(conn, key.platform, &key.account_id)?;
    let before = latest::load(conn, &key)?;
    let settled = engage::commit(settings, account, before.clone(), report);
    account::save(conn, &settled.account)?;
    event::append(conn, &settled.event)?;
    if settled.latest != before {
        latest::save(conn, &key, &settled.latest)?;
    }
    if let Some(error) = &settled.error {
        account::add_error(conn, key.platform, &key.account_id, error)?;
    }
    let event = settled.event;
    Ok(if settled.late { Committed::Late(event) } else { Committed::Settled(event) })
}

pub(super) fn reconcile(
    conn: &Connection,
    first: &Settings,
    id: ClaimId,
    finding: Finding,
    metadata: Metadata,
    stamp: Stamp,
) -> Outcome<Committed> {
    if let Some(event) = event::of_claim(conn, id)?.into_iter().next() {
        return Ok(Committed::Repeated(event));
    }
    let Some((key, latest)) = latest::held_by(conn, id)? else {
        return Err(StoreError::NoSuchClaim(id).into());
    };
    // Its holder may be at it this very moment; what a look shows now can be wrong in a second.
    if let Hold::Claimed(claim) = &latest.hold
        && stamp.now < claim.lease_until
    {
        let (holder, until) = (claim.holder.clone(), claim.lease_until);
        return Err(StoreError::StillHeld { claim: id, holder, until }.into());
    }
    let settings = settings::in_force(conn, first)?.settings;
    let (outcome, reason) = finding.outcome();
    let report = Report {
        claim_id: id,
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
    };
    settle(conn, &settings, report)
}

pub(super) fn observe(
    conn: &Connection,
    first: &Settings,
    observations: Vec<Observation>,
) -> Outcome<Vec<Event>> {
    let settings = settings::in_force(conn, first)?.settings;
    // Hundreds of refusals of one account are one change of its row.
    let mut accounts: HashMap<(Platform, AccountId), Account> = HashMap::new();
    let mut events = Vec::with_capacity(observations.len());
    for seen in observations {
        if let Some(event) = event::find(conn, seen.stamp.event_id)? {
            events.push(event);
            continue;
        }
        let key = seen.key.clone();
        let name = (key.platform, key.account_id.clone());
        let account = match accounts.remove(&name) {
            Some(account) => account,
            None => stored_account(conn, &name)?,
        };
        let before = match seen.seen {
            Seen::Refused(_) => Latest::default(),
            Seen::Outcome(_) => latest::load(conn, &key)?,
        };
        let settled = engage::observe(&settings, account, before.clone(), seen);
        event::append(conn, &settled.event)?;
        if settled.latest != before {
            latest::save(conn, &key, &settled.latest)?;
        }
        if let Some(error) = &settled.error {
            account::add_error(conn, key.platform, &key.account_id, error)?;
        }
        accounts.insert(name, settled.account);
        events.push(settled.event);
    }
    for account in accounts.values() {
        account::save(conn, account)?;
    }
    Ok(events)
}

/// The account, stored if it was not yet: events refer to it.
fn stored_account(conn: &Connection, name: &(Platform, AccountId)) -> Outcome<Account> {
    if let Some(account) = account::find(conn, name.0, &name.1)? {
        return Ok(account);
    }
    let fresh = Account::new(name.0, name.1.clone());
    account::save(conn, &fresh)?;
    Ok(fresh)
}

pub(super) fn lapse(
    conn: &Connection,
    account: Option<&AccountId>,
    gone: &[Holder],
    now: Timestamp,
) -> Outcome<usize> {
    let mut lapsed = 0;
    for (key, latest) in latest::claimed(conn, account)? {
        let holder = latest.claim().and_then(|claim| gone.iter().find(|g| **g == claim.holder));
        if let Some(in_doubt) = latest.lapsed(holder, now) {
            latest::save(conn, &key, &in_doubt)?;
            lapsed += 1;
        }
    }
    Ok(lapsed)
}

pub(super) fn claim_holders(
    conn: &Connection,
    account: Option<&AccountId>,
) -> Outcome<Vec<Holder>> {
    let claimed = latest::claimed(conn, account)?;
    let mut holders: Vec<_> =
        claimed.iter().filter_map(|(_, latest)| Some(latest.claim()?.holder.clone())).collect();
    holders.sort();
    holders.dedup();
    Ok(holders)
}

pub(super) fn doubts(
    conn: &Connection,
    account: Option<&AccountId>,
    limit: usize,
) -> Outcome<Vec<Doubt>> {
    let in_doubt = latest::in_doubt(conn, account, limit)?;
    let doubt = |(key, latest): (Key, Latest)| Some(Doubt { key, claim: latest.claim()?.clone() });
    Ok(in_doubt.into_iter().filter_map(doubt).collect())
}

pub(super) fn find_claim(conn: &Connection, id: ClaimId) -> Outcome<Option<Key>> {
    if let Some((key, _)) = latest::held_by(conn, id)? {
        return Ok(Some(key));
    }
    let key = |event: Event| {
        Some(Key {
            platform: event.platform,
            account_id: event.account_id,
            target_username: event.target_username?,
            action: event.action,
        })
    };
    Ok(event::of_claim(conn, id)?.into_iter().find_map(key))
}
