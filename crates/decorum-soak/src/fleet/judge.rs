//! The judge of a fleet. It believes the phones; the log is held against what they say.
//!
//! That no two tasks shared a phone at any instant shows in its ledger: a session belongs to one
//! run, so the acts of two sessions are never interleaved, and each session acts for one account.
//! For an account, the spans between the first and the last act of its sessions do not overlap. The
//! log says which task a session belonged to: never to two.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use decorum_core::{ErrorClass, Event, RefusalReason, Status, Username};

use super::findings::FleetFindings;
use crate::ledger::{Entry, Ledger};

/// What is judged.
pub(super) struct Evidence<'a> {
    /// Each phone's name and ledger.
    pub(super) phones: &'a [(String, Ledger)],
    /// Everything on record, oldest first.
    pub(super) events: &'a [Event],
    /// Whom each account was to engage.
    pub(super) lists: &'a BTreeMap<String, Vec<String>>,
    /// Claims that are in doubt at the end, by account, person and action: not on record yet, and
    /// not forgotten either.
    pub(super) doubts: &'a BTreeSet<(String, String, String)>,
    /// Accounts that are halted at the end.
    pub(super) halted: &'a BTreeSet<String>,
    /// When the last worker was killed, in milliseconds of the Unix epoch.
    pub(super) last_kill_ms: i64,
}

pub(super) fn judge(evidence: &Evidence<'_>, found: &mut FleetFindings) {
    let effects: Vec<&Entry> = evidence
        .phones
        .iter()
        .flat_map(|(_, ledger)| &ledger.entries)
        .filter(|entry| entry.took_effect())
        .collect();
    let all: usize = evidence.phones.iter().map(|(_, ledger)| ledger.entries.len()).sum();
    found.effects = effects.len();
    found.without_effect = all - effects.len();
    found.effects_after_kills =
        effects.iter().filter(|entry| entry.at_ms > evidence.last_kill_ms).count();
    found.events = evidence.events.len();
    let settled =
        |event: &&Event| event.reason.as_deref().is_some_and(|r| r.starts_with("reconciled"));
    found.reconciled = evidence.events.iter().filter(settled).count();
    for (phone, ledger) in evidence.phones {
        found.twice.extend(ledger.undone.iter().map(|what| format!("{phone}: {what}")));
    }
    twice(&effects, found);
    together(evidence, found);
    unlike(evidence, &effects, found);
    restless(evidence, &effects, found);
    blamed(evidence, found);
    forgotten(evidence, &effects, found);
}

fn twice(effects: &[&Entry], found: &mut FleetFindings) {
    let mut by_person: BTreeMap<(&str, String), Vec<String>> = BTreeMap::new();
    for entry in effects {
        let whom = (entry.whom.person.as_str(), entry.whom.action.to_string());
        by_person
            .entry(whom)
            .or_default()
            .push(format!("{} at {}", entry.whom.account, entry.at_ms));
    }
    for ((person, action), by) in by_person {
        if by.len() > 1 {
            found.twice.push(format!("{person} ({action}) by {}", by.join(" and ")));
        }
    }
}

fn together(evidence: &Evidence<'_>, found: &mut FleetFindings) {
    // Per account: first and last act of each session.
    let mut spans: BTreeMap<&str, BTreeMap<&str, (i64, i64)>> = BTreeMap::new();
    for (phone, ledger) in evidence.phones {
        let mut over: BTreeSet<&str> = BTreeSet::new();
        let mut current: Option<(&str, &str)> = None;
        for entry in &ledger.entries {
            let session = entry.session.as_deref().unwrap_or_default();
            let account = entry.whom.account.as_str();
            match current {
                Some((before, for_whom)) if before == session => {
                    if for_whom != account {
                        found.together.push(format!(
                            "session {session} on {phone} acted for {for_whom} and for {account}"
                        ));
                    }
                }
                _ => {
                    if let Some((before, _)) = current {
                        over.insert(before);
                    }
                    if over.contains(session) {
                        found.together.push(format!(
                            "on {phone} session {session} went on after another had begun (line {})",
                            entry.seq
                        ));
                    }
                }
            }
            current = Some((session, account));
            let span = spans.entry(account).or_default().entry(session);
            span.and_modify(|(_, last)| *last = entry.at_ms.max(*last))
                .or_insert((entry.at_ms, entry.at_ms));
        }
    }
    found.sessions = spans.values().map(BTreeMap::len).sum();
    for (account, sessions) in &spans {
        let mut sessions: Vec<_> = sessions.iter().collect();
        sessions.sort_by_key(|(_, span)| **span);
        for pair in sessions.windows(2) {
            if let [(one, (_, ends)), (other, (begins, _))] = pair
                && ends > begins
            {
                found
                    .together
                    .push(format!("{account} acted in sessions {one} and {other} at once"));
            }
        }
    }
    let mut task_of: HashMap<&str, &str> = HashMap::new();
    for event in evidence.events {
        let (Some(session), Some(task)) = (&event.session_id, &event.task_id) else { continue };
        // A doubt is settled by another session than the one that left it.
        if event.claim_id.is_some()
            && event.reason.as_deref().is_some_and(|r| r.starts_with("reconciled"))
        {
            continue;
        }
        let known = task_of.entry(session.as_str()).or_insert_with(|| task.as_str());
        if *known != task.as_str() {
            found.together.push(format!("session {session} belonged to tasks {known} and {task}"));
        }
    }
}

fn unlike(evidence: &Evidence<'_>, effects: &[&Entry], found: &mut FleetFindings) {
    let on_phones: BTreeSet<(String, String, String)> = effects
        .iter()
        .map(|e| (e.whom.account.clone(), e.whom.person.clone(), e.whom.action.to_string()))
        .collect();
    // A success without a claim is a relationship that was there before anybody acted.
    let on_record: BTreeSet<(String, String, String)> = evidence
        .events
        .iter()
        .filter(|e| e.status == Status::Success)
        .filter_map(|e| {
            Some((
                e.account_id.to_string(),
                e.target_username.as_ref()?.to_string(),
                e.action.to_string(),
            ))
        })
        .collect();
    for whom in on_phones.difference(&on_record).filter(|whom| !evidence.doubts.contains(*whom)) {
        let (account, person, action) = whom;
        found.unlike.push(format!("{person} was engaged by {account} ({action}) without a record"));
    }
    for (account, person, action) in on_record.difference(&on_phones) {
        found
            .unlike
            .push(format!("{person} by {account} ({action}) is on record, and never happened"));
    }
}

fn restless(evidence: &Evidence<'_>, effects: &[&Entry], found: &mut FleetFindings) {
    let mut halted_at: BTreeMap<String, i64> = BTreeMap::new();
    for event in evidence.events {
        if matches!(
            event.error_class,
            Some(ErrorClass::Challenge | ErrorClass::LoggedOut | ErrorClass::AccountSuspended)
        ) {
            halted_at.entry(event.account_id.to_string()).or_insert(event.ts.as_millis());
        }
    }
    for entry in effects {
        if halted_at.get(&entry.whom.account).is_some_and(|at| entry.at_ms > *at) {
            found.restless.push(format!("{} at {}", entry.whom, entry.at_ms));
        }
    }
    for account in halted_at.keys() {
        if !evidence.halted.contains(account) {
            found.restless.push(format!("{account} was told to stop and is not halted any more"));
        }
    }
}

/// Who is halted must have been asked for by the platform: these phones only ask in answer to an act.
fn blamed(evidence: &Evidence<'_>, found: &mut FleetFindings) {
    let entries = evidence.phones.iter().flat_map(|(_, ledger)| &ledger.entries);
    let asked: BTreeSet<&str> = entries
        .filter(|entry| entry.detail.as_deref().is_some_and(|why| why.starts_with("challenge")))
        .map(|entry| entry.whom.account.as_str())
        .collect();
    let blamed = evidence.halted.iter().filter(|account| !asked.contains(account.as_str()));
    found.blamed.extend(blamed.cloned());
}

/// Whom nobody engaged, although they were on the list of an account that may act, and the log gives
/// no reason why not. Whoever is in doubt for a halted account waits for a person, as that account does.
fn forgotten(evidence: &Evidence<'_>, effects: &[&Entry], found: &mut FleetFindings) {
    if found.interrupted {
        return;
    }
    let engaged: BTreeSet<&str> = effects.iter().map(|e| e.whom.person.as_str()).collect();
    let is_reason = |event: &&Event| {
        matches!(event.status, Status::Skipped | Status::Failed | Status::Retry)
            || event.reason.as_deref() == Some(RefusalReason::InDoubt.as_str())
    };
    let reasoned: BTreeSet<&str> = evidence
        .events
        .iter()
        .filter(is_reason)
        .filter_map(|e| e.target_username.as_ref().map(Username::as_str))
        .collect();
    for (account, people) in evidence.lists {
        if evidence.halted.contains(account) {
            continue;
        }
        for person in people {
            if !engaged.contains(person.as_str()) && !reasoned.contains(person.as_str()) {
                found.forgotten.push(format!("{person}, on the list of {account}"));
            }
        }
    }
}
