//! Forgetting a person; see [`crate::Forgotten`]. One transaction erases what is stored, and then
//! the bytes go too: SQLite leaves copies of old rows in pages that were divided or shortened,
//! which only rewriting the file removes, and in its log. That is remembered as due until it is
//! done.

use std::fmt;

use decorum_core::{Account, Key, Latest, Platform, SuppressionKey, Timestamp, Username};
use rusqlite::Connection;

use super::fault::{self, Outcome};
use super::rows::{account, admin, alert, candidate, event, keeper, latest, suppression, task};
use super::tasks::every_task;
use crate::Forgotten;
use crate::forget::{Eraser, obstacle};
use crate::tasks::by_hand::counted;

/// Who, on which platform.
type Person<'a> = (Platform, &'a Username);

/// Erases what is stored of the person. `fresh` becomes the store's key if it has none yet.
pub(super) fn erase(
    conn: &Connection,
    person: Person<'_>,
    fresh: SuppressionKey,
    who: &str,
    now: Timestamp,
) -> Outcome<Forgotten> {
    let rows = latest::of_person(conn, person.0, person.1)?;
    obstacle(rows.iter().map(|(_, row)| row), now)?;
    // What is deleted is overwritten at once, as far as it stands where SQLite knows of it.
    conn.query_row("PRAGMA secure_delete = ON", [], |_| Ok(()))?;
    let erased = erase_rows(conn, person, &rows, fresh, (who, now));
    conn.query_row("PRAGMA secure_delete = OFF", [], |_| Ok(()))?;
    erased
}

fn erase_rows(
    conn: &Connection,
    person: Person<'_>,
    rows: &[(Key, Latest)],
    fresh: SuppressionKey,
    (who, now): (&str, Timestamp),
) -> Outcome<Forgotten> {
    let key = keeper::suppression_key_or(conn, fresh)?;
    let hash = key.hash(person.0, person.1);
    let hidden = suppression::hide(conn, person, &hash, who, now)?;
    let events = event::erase(conn, person.0, person.1)?;
    let mut forgotten = Forgotten { events: events.len() as u64, ..Forgotten::default() };
    let mut eraser = Eraser::new(person.1, &hash, events);
    let accounts = account::all(conn)?;
    forgotten.errors = blank_errors(conn, &accounts, &mut eraser)?;
    let blanked = blank_breakers(conn, accounts, &eraser)?
        + blank_admin_log(conn, &eraser)?
        + blank_tasks(conn, person.1, now)?
        + blank_alerts(conn, &eraser)?;
    forgotten.candidates = candidate::erase(conn, person.1)?;
    for (key, _) in rows {
        latest::remove(conn, key)?;
    }
    forgotten.rows = rows.len() as u64;
    let Forgotten { events, rows, errors, candidates, .. } = forgotten;
    if hidden || events + rows + errors + candidates + blanked > 0 {
        admin::append(conn, &eraser.entry(&forgotten, who, now))?;
        keeper::set_overwrite_due(conn)?;
    }
    Ok(forgotten)
}

fn blank_errors(conn: &Connection, accounts: &[Account], eraser: &mut Eraser<'_>) -> Outcome<u64> {
    let mut blanked = 0;
    for account in accounts {
        let name = (account.platform, &account.account_id);
        for (n, error) in account::numbered_errors(conn, name.0, name.1)? {
            if let Some(error) = eraser.error(&error) {
                account::put_error(conn, name, n, &error)?;
                blanked += 1;
            }
        }
    }
    Ok(blanked)
}

fn blank_breakers(conn: &Connection, accounts: Vec<Account>, eraser: &Eraser<'_>) -> Outcome<u64> {
    let mut blanked = 0;
    for account in accounts {
        if let Some(breaker) = eraser.breaker(&account.breaker) {
            account::save(conn, &Account { breaker, ..account })?;
            blanked += 1;
        }
    }
    Ok(blanked)
}

fn blank_admin_log(conn: &Connection, eraser: &Eraser<'_>) -> Outcome<u64> {
    let mut changed = Vec::new();
    admin::for_each(conn, -1, |n, entry| {
        changed.extend(eraser.admin(&entry).map(|entry| (n, entry)));
        Ok(())
    })?;
    for (n, entry) in &changed {
        admin::put(conn, *n, entry)?;
    }
    Ok(changed.len() as u64)
}

fn blank_tasks(conn: &Connection, person: &Username, now: Timestamp) -> Outcome<u64> {
    let mut blanked = 0;
    every_task(conn, |it| {
        if let Some(kept) = it.without(person, now) {
            task::save(conn, &counted(kept))?;
            blanked += 1;
        }
        Ok(())
    })?;
    Ok(blanked)
}

fn blank_alerts(conn: &Connection, eraser: &Eraser<'_>) -> Outcome<u64> {
    let kept: Vec<_> = alert::all(conn)?.iter().filter_map(|it| eraser.alert(it)).collect();
    kept.iter().try_for_each(|it| alert::save(conn, it))?;
    Ok(kept.len() as u64)
}

/// Rewrites the file without what was erased, and empties the log beside it, if that is due. Says
/// what may be left. Runs outside of any transaction.
pub(super) fn overwrite(conn: &Connection, place: &str) -> Outcome<Vec<String>> {
    let Some(erasure) = keeper::overwrite_due(conn)? else { return Ok(Vec::new()) };
    // A copy of the whole passes through it, and must not do so in memory.
    conn.execute_batch("PRAGMA temp_store = FILE")?;
    let rewritten = conn.execute_batch("VACUUM");
    conn.execute_batch("PRAGMA temp_store = MEMORY")?;
    if let Err(e) = rewritten {
        return Ok(vec![trace(&fault::translate(&e, place))]);
    }
    let busy: bool = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy {
        return Ok(vec![trace(&"somebody was reading all the time")]);
    }
    keeper::set_overwritten(conn, &erasure)?;
    Ok(Vec::new())
}

/// What is left when rewriting the file failed.
pub(super) fn trace(why: &dyn fmt::Display) -> String {
    format!(
        "the records are erased, but copies of old bytes may still lie in free places of the file \
         and its -wal ({why}); ask again to have them overwritten"
    )
}

/// A fresh key, from the operating system.
pub(super) fn random_key(place: &str) -> Result<SuppressionKey, crate::StoreError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|e| crate::StoreError::Unreachable {
        place: place.to_owned(),
        problem: format!("the system gives no random numbers: {e}"),
    })?;
    Ok(SuppressionKey::from_bytes(bytes))
}
