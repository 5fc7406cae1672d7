//! Check, claim, commit, observe, reconcile: load what a decision looks at, let the core
//! decide, write back what it returns. Each function runs inside one transaction.

use decorum_core::{
    Account, AccountId, Action, ClaimId, ClaimRequest, DedupScope, Event, Finding, Holder, Key,
    Latest, Metadata, Observation, Platform, Refusal, Report, Seen, Settings, Stamp, Timestamp,
    Usage, Username, engage,
};
use rusqlite::Connection;

use super::fault::{Fault, Outcome};
use super::known::{Common, Known};
use super::rows::suppression::List;
use super::rows::{account, event, latest, lease, settings};
use super::step::Accounts;
use crate::{ClaimVerdict, Committed, Doubt, StoreError, claims};

/// What a decision about one key looks at.
struct Loaded {
    latest: Latest,
    elsewhere: Vec<Latest>,
    suppressed: bool,
    fleet: Option<Usage>,
}

fn load(conn: &Connection, key: &Key, settings: &Settings, list: &List) -> Outcome<Loaded> {
    let elsewhere = match settings.dedup_scope {
        DedupScope::Account => Vec::new(),
        DedupScope::Fleet => latest::elsewhere(conn, key)?,
    };
    let capped = !settings.fleet_budgets.cap(key.action).is_none();
    let fleet = if capped { Some(account::usage_of_all(conn, key.platform)?) } else { None };
    let latest = latest::load(conn, key)?;
    let suppressed = list.has(conn, key.platform, &key.target_username)?;
    Ok(Loaded { latest, elsewhere, suppressed, fleet })
}

impl Loaded {
    fn situation<'a>(
        &'a self,
        settings: &'a Settings,
        account: &'a Account,
        account_lease: Option<&'a decorum_core::Lease>,
    ) -> engage::Situation<'a> {
        let Self { latest, elsewhere, suppressed, fleet } = self;
        engage::Situation {
            settings,
            account,
            latest,
            elsewhere,
            suppressed: *suppressed,
            account_lease,
            fleet: fleet.as_ref(),
        }
    }
}

pub(super) fn check(
    conn: &Connection,
    known: &mut Known,
    first: &Settings,
    account_id: &AccountId,
    action: Action,
    targets: Vec<Username>,
    now: Timestamp,
) -> Outcome<Vec<Result<(), Refusal>>> {
    let platform = Platform::Instagram;
    let Common { settings, list, account } = known.common(conn, platform, account_id)?;
    let settings = settings.map_or(first, |stored| &stored.settings);
    let answer = |target_username| {
        let key = Key { platform, account_id: account_id.clone(), target_username, action };
        let loaded = load(conn, &key, settings, list)?;
        Ok(engage::check(&loaded.situation(settings, account, None), action, now))
    };
    targets.into_iter().map(answer).collect()
}

pub(super) fn claim(
    conn: &Connection,
    first: &Settings,
    request: ClaimRequest,
) -> Outcome<ClaimVerdict> {
    let (id, key) = (request.claim_id, request.key.clone());
    let held = latest::held_by(conn, id)?.map(|(held, _)| held);
    let recorded = || event::of_claim(conn, id);
    if let Some(refusal) = claims::used_before(id, &key, held.as_ref(), recorded)? {
        return Ok(ClaimVerdict::Refused(refusal));
    }
    let settings = settings::in_force(conn, first)?.settings;
    let account = account::load(conn, key.platform, &key.account_id)?;
    let lease = lease::of_account(conn, &key.account_id)?;
    let loaded = load(conn, &key, &settings, &List::load(conn)?)?;
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

pub(super) fn commit(conn: &Connection, first: &Settings, report: Report) -> Outcome<Committed> {
    let id = report.claim_id;
    let held = || Ok::<_, Fault>(latest::held_by(conn, id)?.map(|(key, _)| key));
    if let Some(event) = claims::reported_before(&report, event::of_claim(conn, id)?, held)? {
        return Ok(Committed::Repeated(event));
    }
    let settings = settings::in_force(conn, first)?.settings;
    settle(conn, &settings, report)
}

fn settle(conn: &Connection, settings: &Settings, report: Report) -> Outcome<Committed> {
    let key = report.key.clone();
    let account = account::load(conn, key.platform, &key.account_id)?;
    let before = latest::load(conn, &key)?;
    let mut settled = engage::commit(settings, account, before.clone(), report);
    let forgotten = List::load(conn)?.is_forgotten(conn, key.platform, &key.target_username)?;
    if forgotten {
        settled = settled.erased();
    }
    account::save(conn, &settled.account)?;
    event::append(conn, &settled.event)?;
    if settled.latest != before && !forgotten {
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
    claims::not_held(&latest, stamp.now)?;
    let settings = settings::in_force(conn, first)?.settings;
    let report = claims::found(id, key, finding, metadata, stamp);
    settle(conn, &settings, report)
}

pub(super) fn observe(
    conn: &Connection,
    first: &Settings,
    observations: Vec<Observation>,
) -> Outcome<Vec<Event>> {
    let settings = settings::in_force(conn, first)?.settings;
    let mut accounts = Accounts::new(conn)?;
    let mut events = Vec::with_capacity(observations.len());
    for seen in observations {
        if let Some(event) = event::find(conn, seen.stamp.event_id)? {
            events.push(event);
            continue;
        }
        let key = seen.key.clone();
        let account = accounts.take(conn, &key)?;
        let before = match seen.seen {
            Seen::Refused(_) => Latest::default(),
            Seen::Outcome(_) => latest::load(conn, &key)?,
        };
        let settled = engage::observe(&settings, account, before.clone(), seen);
        events.push(accounts.keep(conn, &key, &before, settled)?);
    }
    accounts.save(conn)?;
    Ok(events)
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
