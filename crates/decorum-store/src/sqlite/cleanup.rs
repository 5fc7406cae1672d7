//! Cleanup; see [`crate::Cleaned`] for its steps. Candidates are looked for beside the writer; the
//! writer looks at each again before it removes it.

use std::collections::BTreeMap;

use decorum_core::{
    Account, AccountId, Key, Platform, Settings, Timestamp,
    retention::{self, Prefix},
};
use rusqlite::{Connection, params};

use super::fault::Outcome;
use super::rows::{account, admin, latest, settings, task};
use super::{log, metrics, tasks};
use crate::cleanup;
use crate::{BrokenLog, CLEANUP_EVENTS, CLEANUP_ROWS, Cleaned};

/// Dedup rows that decide nothing any more; as many as one step removes.
pub(super) fn spent(conn: &Connection, now: Timestamp) -> Outcome<Vec<Key>> {
    let (expired, windowless) = retention::spent_before(now);
    latest::spent(conn, expired, windowless, CLEANUP_ROWS)
}

/// Removes those of `rows` that are still spent, and a bounded number of events.
pub(super) fn step(
    conn: &Connection,
    first: &Settings,
    rows: Vec<Key>,
    who: &str,
    now: Timestamp,
) -> Outcome<Cleaned> {
    let settings = settings::in_force(conn, first)?.settings;
    let mut cleaned = Cleaned::default();
    let full = rows.len() >= CLEANUP_ROWS;
    cleaned.expired_latest = sweep(conn, rows, now)?;
    // A step that removed nothing is the last one, or nobody would ever stop asking.
    cleaned.more = full && cleaned.expired_latest > 0;
    let Some(before) = retention::events_before(&settings, now) else { return Ok(cleaned) };
    let mut left = CLEANUP_EVENTS;
    for account in account::all(conn)? {
        if left == 0 {
            break;
        }
        let name = account.account_id.clone();
        match old_events(conn, account, before, left, (who, now))? {
            Ok(removed) => {
                left -= removed.min(left);
                cleaned.events_removed += removed as u64;
            }
            Err(problem) => cleaned.broken.push(BrokenLog { account_id: name, problem }),
        }
    }
    cleaned.more |= left == 0;
    tasks::clean(conn, before, &mut cleaned)?;
    Ok(cleaned)
}

fn sweep(conn: &Connection, rows: Vec<Key>, now: Timestamp) -> Outcome<u64> {
    let mut removed = 0;
    let mut accounts: BTreeMap<(Platform, AccountId), Account> = BTreeMap::new();
    for key in rows {
        let row = latest::load(conn, &key)?;
        if !retention::is_spent(&row, now) || !latest::remove(conn, &key)? {
            continue;
        }
        removed += 1;
        let name = (key.platform, key.account_id.clone());
        let mut account = match accounts.remove(&name) {
            Some(account) => account,
            None => account::load(conn, key.platform, &key.account_id)?,
        };
        account.swept = account.swept.with(&row);
        accounts.insert(name, account);
    }
    accounts.values().try_for_each(|account| account::save(conn, account))?;
    Ok(removed)
}

/// Removes at most `limit` of the account's oldest events; the inner error says why not.
fn old_events(
    conn: &Connection,
    mut account: Account,
    before: Timestamp,
    limit: usize,
    (who, now): (&str, Timestamp),
) -> Outcome<Result<usize, String>> {
    let platform = account.platform;
    let after = account.checkpoint.map_or(0, |c| c.head.seq);
    // Most accounts have nothing old: one event tells.
    let first = log::chain(conn, &account.account_id, after, 1)?;
    if first.iter().flatten().all(|event| event.ts >= before) && first.iter().all(Result::is_ok) {
        return Ok(Ok(0));
    }
    let next = log::chain(conn, &account.account_id, after, limit + 1)?;
    let Prefix { checkpoint, events } = match retention::removable(&account, &next, before) {
        Ok(Some(prefix)) => prefix,
        Ok(None) => return Ok(Ok(0)),
        Err(broken) => return Ok(Err(broken.to_string())),
    };
    let removed = usize::try_from(events).unwrap_or(usize::MAX);
    let entries: Vec<_> = next.iter().take(removed).flatten().map(Into::into).collect();
    metrics::fold_before_removal(conn, (platform, &account.account_id), &entries)?;
    let newest = admin::last(conn)?;
    let (entry, goes_on) = cleanup::entry(
        newest.as_ref().map(|(_, entry)| entry),
        &account.account_id,
        (account.checkpoint.as_ref(), &checkpoint),
        who,
        now,
    );
    match newest {
        Some((n, _)) if goes_on => admin::put(conn, n, &entry)?,
        _ => admin::append(conn, &entry)?,
    }
    account.checkpoint = Some(checkpoint);
    account::save(conn, &account)?;
    let sql = "DELETE FROM interactions_events
               WHERE platform = ?1 AND account_id = ?2 AND seq > ?3 AND seq <= ?4";
    conn.prepare_cached(sql)?.execute(params![
        platform.as_str(),
        account.account_id.as_str(),
        after.cast_signed(),
        checkpoint.head.seq.cast_signed()
    ])?;
    Ok(Ok(removed))
}

/// Counts what all steps together would remove.
pub(super) fn dry_run(conn: &Connection, first: &Settings, now: Timestamp) -> Outcome<Cleaned> {
    let settings = settings::in_force(conn, first)?.settings;
    let (expired, windowless) = retention::spent_before(now);
    let mut cleaned = Cleaned {
        expired_latest: latest::count_spent(conn, expired, windowless)?,
        ..Cleaned::default()
    };
    if let Some(before) = retention::events_before(&settings, now) {
        // The first that is not old, or else the newest, keeps all that follow it.
        let sql = "SELECT sum(kept - 1 - cleaned) FROM (SELECT coalesce(a.checkpoint_seq, 0) AS
              cleaned, coalesce((SELECT e.seq FROM interactions_events e
                WHERE e.platform = a.platform AND e.account_id = a.account_id
                  AND e.seq > coalesce(a.checkpoint_seq, 0)
                  AND (e.ts >= ?1 OR e.seq >= a.head_seq) ORDER BY e.seq LIMIT 1), 0) AS kept
            FROM accounts a) WHERE kept > 0";
        let removed: Option<i64> =
            conn.query_row(sql, params![before.as_millis()], |row| row.get(0))?;
        let removed = removed.unwrap_or(0);
        cleaned.events_removed = removed.cast_unsigned();
        cleaned.tasks_removed = task::count_ended_before(conn, before)?;
    }
    Ok(cleaned)
}
