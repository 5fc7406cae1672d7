//! What people change: settings, halted accounts, the suppression list. Each change and its
//! entry in the admin log are one step.

use decorum_core::{Account, AccountId, Platform, Settings, Timestamp, Username};
use rusqlite::Connection;
use serde_json::json;

use super::fault::{Fault, Outcome};
use super::rows::{account, admin, settings, suppression};
use crate::by_hand::{Hand, Intervention, intervene, settings_changed};
use crate::{AdminEntry, SettingsVersion, StoreError};

pub(super) fn put_settings(
    conn: &Connection,
    new: Settings,
    expected: u64,
    who: &str,
    now: Timestamp,
) -> Outcome<SettingsVersion> {
    let old = settings::find(conn)?;
    let found = old.as_ref().map_or(0, |old| old.version);
    if found != expected {
        return Err(StoreError::Conflict { what: "settings", expected, found }.into());
    }
    let new = SettingsVersion { version: found + 1, settings: new };
    settings::save(conn, &new)?;
    let old = old.as_ref().map(|old| &old.settings);
    admin::append(conn, &settings_changed(old, &new.settings, who, now))?;
    Ok(new)
}

pub(super) fn change_account(
    conn: &Connection,
    account_id: &AccountId,
    intervention: Intervention,
    hand: &Hand,
) -> Outcome<Account> {
    let mut account = account::load(conn, Platform::Instagram, account_id)?;
    let entry = intervene(&mut account, intervention, hand)
        .map_err(|e| Fault::Damaged(format!("a breaker has no JSON form: {e}")))?;
    account::save(conn, &account)?;
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
    let list = suppression::List::load(conn)?;
    for target in targets {
        if list.has(conn, platform, target)? {
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
