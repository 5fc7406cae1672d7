//! What people change: settings, halted accounts, the suppression list. Each change and its
//! entry in the admin log are one step.

use decorum_core::{
    Account, AccountId, HaltReason, Jitter, Platform, Settings, Signal, Timestamp, Username,
};
use rusqlite::Connection;
use serde_json::{Map, Value, json};

use super::fault::{Fault, Outcome};
use super::rows::{account, admin, settings, suppression};
use crate::{AdminEntry, SettingsVersion, StoreError};

pub(super) fn put_settings(
    conn: &Connection,
    new: Settings,
    expected: u64,
    who: String,
    now: Timestamp,
) -> Outcome<SettingsVersion> {
    let old = settings::find(conn)?;
    let found = old.as_ref().map_or(0, |old| old.version);
    if found != expected {
        return Err(StoreError::Conflict { what: "settings", expected, found }.into());
    }
    let new = SettingsVersion { version: found + 1, settings: new };
    settings::save(conn, &new)?;
    let (before, after) =
        difference(&old.map_or(Value::Null, |old| old.settings.to_json()), &new.settings.to_json());
    let subject = match &after {
        Value::Object(changed) => changed.keys().cloned().collect::<Vec<_>>().join(", "),
        _ => String::new(),
    };
    let what = "settings.changed".to_owned();
    admin::append(conn, &AdminEntry { ts: now, who, what, subject, note: None, before, after })?;
    Ok(new)
}

/// The fields that differ, as they were and as they are. Before the first change there is no
/// document, so all of the first one is new.
fn difference(old: &Value, new: &Value) -> (Value, Value) {
    let (Value::Object(old), Value::Object(new)) = (old, new) else {
        return (old.clone(), new.clone());
    };
    let changed = |this: &Map<String, Value>, that: &Map<String, Value>| {
        let changed = this.iter().filter(|(name, value)| that.get(*name) != Some(*value));
        Value::Object(changed.map(|(name, value)| (name.clone(), value.clone())).collect())
    };
    (changed(old, new), changed(new, old))
}

/// Who does it, when, and what they say about it.
pub(super) struct Hand {
    pub(super) who: String,
    pub(super) note: String,
    pub(super) now: Timestamp,
}

pub(super) fn halt(
    conn: &Connection,
    account_id: &AccountId,
    reason: HaltReason,
    hand: Hand,
) -> Outcome<Account> {
    change_breaker(conn, account_id, "account.halted", hand, |account, at, note| {
        let breaker = std::mem::take(&mut account.breaker);
        let signal = Signal::Halt(reason);
        // Settings and jitter matter to rate limits only.
        let (settings, jitter) = (Settings::default(), Jitter::default());
        account.breaker = breaker.after(signal, None, note, at, &settings, jitter);
    })
}

pub(super) fn clear(conn: &Connection, account_id: &AccountId, hand: Hand) -> Outcome<Account> {
    change_breaker(conn, account_id, "account.cleared", hand, |account, _, _| {
        account.breaker = std::mem::take(&mut account.breaker).cleared();
    })
}

fn change_breaker(
    conn: &Connection,
    account_id: &AccountId,
    what: &str,
    hand: Hand,
    change: impl FnOnce(&mut Account, Timestamp, &str),
) -> Outcome<Account> {
    let mut account = account::load(conn, Platform::Instagram, account_id)?;
    let state = |account: &Account| {
        serde_json::to_value(&account.breaker)
            .map_err(|e| Fault::Damaged(format!("a breaker has no JSON form: {e}")))
    };
    let before = state(&account)?;
    let at = account.not_before_newest(hand.now);
    change(&mut account, at, &hand.note);
    account::save(conn, &account)?;
    let entry = AdminEntry {
        ts: hand.now,
        who: hand.who,
        what: what.to_owned(),
        subject: account_id.to_string(),
        note: Some(hand.note),
        before,
        after: state(&account)?,
    };
    admin::append(conn, &entry)?;
    Ok(account)
}

pub(super) fn suppress(
    conn: &Connection,
    platform: Platform,
    targets: &[Username],
    note: Option<&str>,
    who: &str,
    now: Timestamp,
) -> Outcome<usize> {
    let mut added = 0;
    for target in targets {
        if suppression::has(conn, platform, target)? {
            continue;
        }
        suppression::add(conn, (platform, target), note, who, now)?;
        let entry = AdminEntry {
            ts: now,
            who: who.to_owned(),
            what: "suppression.added".to_owned(),
            subject: target.to_string(),
            note: note.map(str::to_owned),
            before: json!(false),
            after: json!(true),
        };
        admin::append(conn, &entry)?;
        added += 1;
    }
    Ok(added)
}
