//! The judge, part two: once all is quiet, the log and the platform must tell the same story.

use std::collections::BTreeMap;

use decorum_core::engage::is_reconciliation;
use decorum_core::{
    AccountId, Action, ClaimId, Event, Hold, Platform as Site, Status, chain::Verifier,
    outcome::reason,
};

use crate::keeper::Keeper;
use crate::platform::Platform;

/// Whom, by whom, how; by numbers.
type Who = (usize, usize, Action);

/// Compares them, engagement by engagement.
pub(crate) fn log_and_ledger(
    keeper: &Keeper,
    platform: &Platform,
    accounts: &[AccountId],
) -> Result<(), String> {
    for account in accounts {
        let mut verifier = Verifier::new(Site::Instagram, account.clone());
        for event in keeper.log.iter().filter(|event| event.account_id == *account) {
            verifier.next(event).map_err(|e| format!("the chain of {account} is broken: {e}"))?;
        }
        let head = keeper.account(account).head;
        verifier.finish(head).map_err(|e| format!("the chain of {account}: {e}"))?;
    }
    for (key, row) in &keeper.rows {
        if row.hold != Hold::Free {
            return Err(format!("{} {} is left held", key.action, key.target_username));
        }
    }
    once_reported(&keeper.log)?;
    let mut effects: BTreeMap<Who, usize> = BTreeMap::new();
    for act in platform.acts.iter().filter(|act| act.reaction.is_effect()) {
        *effects.entry((act.account, act.target, act.action)).or_default() += 1;
    }
    let mut successes: BTreeMap<Who, Vec<&Event>> = BTreeMap::new();
    for event in keeper.log.iter().filter(|event| event.status == Status::Success) {
        let account = accounts.iter().position(|a| *a == event.account_id);
        let name = event.target_username.as_ref();
        let target = platform.names.iter().position(|n| Some(n) == name);
        if let (Some(account), Some(target)) = (account, target) {
            successes.entry((account, target, event.action)).or_default().push(event);
        }
    }
    for (who, count) in &effects {
        let told = |(account, target, action): &Who| {
            let account = accounts.get(*account).map_or("?", |a| a.as_str());
            let target = platform.names.get(*target).map_or("?", |n| n.as_str());
            format!("{action} {target} as {account}")
        };
        if *count > 1 {
            return Err(format!("{} happened {count} times", told(who)));
        }
        if !successes.contains_key(who) {
            return Err(format!("{} happened, and the log does not know", told(who)));
        }
    }
    for ((account, target, action), events) in &successes {
        let happened = effects.contains_key(&(*account, *target, *action));
        if let Some(event) = events.iter().find(|event| !happened && !is_presumed(event)) {
            return Err(format!("event {} says that it happened, and it did not", event.seq));
        }
        let mut claims: Vec<Option<ClaimId>> = events.iter().map(|event| event.claim_id).collect();
        claims.dedup();
        if claims.len() > 1 {
            let at: Vec<u64> = events.iter().map(|event| event.seq).collect();
            return Err(format!("events {at:?} are two engagements of one person"));
        }
    }
    Ok(())
}

/// Each claim was reported by its holder once at most, and once at most by looking.
fn once_reported(log: &[Event]) -> Result<(), String> {
    let mut seen = BTreeMap::new();
    for event in log {
        let Some(claim) = event.claim_id else { continue };
        let by_looking = is_reconciliation(event.reason.as_deref());
        if let Some(before) = seen.insert((claim, by_looking), event.seq) {
            return Err(format!("events {before} and {} report one claim", event.seq));
        }
    }
    Ok(())
}

fn is_presumed(event: &Event) -> bool {
    matches!(event.reason.as_deref(), Some(reason::PRESUMED | reason::UNCONFIRMED))
}
