//! `interactions_latest`: the dedup rows.

use decorum_core::{
    AccountId, Claim, ClaimId, Fence, Hold, Key, Last, Latest, Metadata, Platform, Timestamp,
    Username,
};
use rusqlite::types::Value;
use rusqlite::{Connection, Params, Row, params};

use super::cell::{self, Cell, cell};
use super::sealed::sealed;
use crate::sqlite::fault::{Fault, Outcome};

sealed!(
    LATEST,
    "interactions_latest",
    ["platform", "account_id", "target_username", "action"],
    [
        "last_status",
        "last_reason",
        "last_error_class",
        "last_ts",
        "expires_at",
        "last_claim_id",
        "last_event_id",
        "state",
        "fence",
        "claim_id",
        "holder",
        "claimed_at",
        "lease_until",
        "task_id",
        "device_id",
        "metadata",
    ]
);

/// A statement that reads whole rows; made by the compiler, as some are used all the time.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT platform, account_id, target_username, action, last_status, last_reason, ",
            "last_error_class, last_ts, expires_at, last_claim_id, last_event_id, state, fence, ",
            "claim_id, holder, claimed_at, lease_until, task_id, device_id, metadata ",
            "FROM interactions_latest ",
            $rest
        )
    };
}

fn read_key(row: &Row<'_>) -> Outcome<Key> {
    Ok(Key {
        platform: cell(row, 0)?.exact()?,
        account_id: cell(row, 1)?.exact()?,
        target_username: cell(row, 2)?.exact()?,
        action: cell(row, 3)?.exact()?,
    })
}

fn read(row: &Row<'_>) -> Outcome<(Key, Latest)> {
    let key = read_key(row)?;
    let rest = || {
        let fence = Fence::new(cell(row, 12)?.count()?);
        Ok(Latest { last: read_last(row)?, hold: read_hold(row, fence)?, fence })
    };
    match rest() {
        Ok(latest) => Ok((key, latest)),
        Err(fault) => {
            let Key { account_id, target_username, action, .. } = &key;
            let row = format_args!("the row of {account_id}/{target_username}/{action}");
            Err(Fault::of(fault, row))
        }
    }
}

fn read_last(row: &Row<'_>) -> Outcome<Option<Last>> {
    let Some(status) = cell(row, 4)?.present() else { return Ok(None) };
    Ok(Some(Last {
        status: status.exact()?,
        reason: cell(row, 5)?.present().map(Cell::text).transpose()?.map(str::to_owned),
        error_class: cell(row, 6)?.present().map(Cell::exact).transpose()?,
        ts: cell(row, 7)?.instant()?,
        expires_at: cell(row, 8)?.present().map(Cell::instant).transpose()?,
        claim_id: cell(row, 9)?.present().map(Cell::exact).transpose()?,
        event_id: cell(row, 10)?.exact()?,
    }))
}

fn read_hold(row: &Row<'_>, fence: Fence) -> Outcome<Hold> {
    let state = cell(row, 11)?.text()?;
    if state == "free" {
        return Ok(Hold::Free);
    }
    let claim = Claim {
        id: cell(row, 13)?.exact()?,
        holder: cell(row, 14)?.exact()?,
        fence,
        claimed_at: cell(row, 15)?.instant()?,
        lease_until: cell(row, 16)?.instant()?,
        task_id: cell(row, 17)?.present().map(Cell::exact).transpose()?,
        device_id: cell(row, 18)?.present().map(Cell::exact).transpose()?,
        metadata: Metadata::from_stored(cell(row, 19)?.text()?.to_owned()),
    };
    match state {
        "claimed" => Ok(Hold::Claimed(claim)),
        "in_doubt" => Ok(Hold::InDoubt(claim)),
        other => Err(Fault::Damaged(format!("its `state` is `{other}`"))),
    }
}

fn rows(conn: &Connection, select: &str, of: impl Params) -> Outcome<Vec<(Key, Latest)>> {
    let mut statement = conn.prepare_cached(select)?;
    let mut rows = statement.query(of)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// The row of the key, free and without a past if there is none.
pub(in crate::sqlite) fn load(conn: &Connection, key: &Key) -> Outcome<Latest> {
    let select =
        select!("WHERE platform = ?1 AND account_id = ?2 AND target_username = ?3 AND action = ?4");
    let of = params![
        key.platform.as_str(),
        key.account_id.as_str(),
        key.target_username.as_str(),
        key.action.as_str()
    ];
    Ok(rows(conn, select, of)?.pop().map_or_else(Latest::default, |(_, latest)| latest))
}

/// The rows of our other accounts for the same person and action.
pub(in crate::sqlite) fn elsewhere(conn: &Connection, key: &Key) -> Outcome<Vec<Latest>> {
    let select = select!(
        "INDEXED BY latest_person
         WHERE platform = ?1 AND target_username = ?2 AND action = ?3 AND account_id <> ?4"
    );
    let of = params![
        key.platform.as_str(),
        key.target_username.as_str(),
        key.action.as_str(),
        key.account_id.as_str()
    ];
    Ok(rows(conn, select, of)?.into_iter().map(|(_, latest)| latest).collect())
}

/// An account's rows by person and action, after this one.
pub(in crate::sqlite) fn page(
    conn: &Connection,
    account: &AccountId,
    after: Option<&Key>,
    limit: usize,
) -> Outcome<Vec<(Key, Latest)>> {
    let select = select!(
        "WHERE platform = 'instagram' AND account_id = ?1
         AND (target_username, action) > (?2, ?3)
         ORDER BY target_username, action LIMIT ?4"
    );
    let (target, action) =
        after.map_or(("", ""), |key| (key.target_username.as_str(), key.action.as_str()));
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    rows(conn, select, params![account.as_str(), target, action, limit])
}

/// The row that this claim holds.
pub(in crate::sqlite) fn held_by(
    conn: &Connection,
    claim: ClaimId,
) -> Outcome<Option<(Key, Latest)>> {
    let select = select!("INDEXED BY latest_claim WHERE claim_id = ?1");
    Ok(rows(conn, select, params![claim.to_string()])?.pop())
}

/// The rows somebody holds without doubt.
pub(in crate::sqlite) fn claimed(
    conn: &Connection,
    account: Option<&AccountId>,
) -> Outcome<Vec<(Key, Latest)>> {
    let all = select!("INDEXED BY latest_claimed WHERE state = 'claimed'");
    let of_one = select!("INDEXED BY latest_claimed WHERE state = 'claimed' AND account_id = ?1");
    match account {
        Some(account) => rows(conn, of_one, params![account.as_str()]),
        None => rows(conn, all, []),
    }
}

/// The rows in doubt, oldest claim first.
pub(in crate::sqlite) fn in_doubt(
    conn: &Connection,
    account: Option<&AccountId>,
    limit: usize,
) -> Outcome<Vec<(Key, Latest)>> {
    let select = select!(
        "INDEXED BY latest_in_doubt WHERE state = 'in_doubt'
         AND (?1 IS NULL OR account_id = ?1) ORDER BY claimed_at LIMIT ?2"
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    rows(conn, select, params![account.map(AccountId::as_str), limit])
}

/// Writes the row. Its account is stored.
pub(in crate::sqlite) fn save(conn: &Connection, key: &Key, latest: &Latest) -> Outcome<()> {
    let last = latest.last.as_ref();
    let claim = latest.claim();
    let state = match latest.hold {
        Hold::Free => "free",
        Hold::Claimed(_) => "claimed",
        Hold::InDoubt(_) => "in_doubt",
    };
    let values: [Value; 20] = [
        cell::text(key.platform.as_str()),
        cell::text(key.account_id.as_str()),
        cell::text(key.target_username.as_str()),
        cell::text(key.action.as_str()),
        cell::maybe(last, |l| cell::text(l.status.as_str())),
        cell::maybe(last.and_then(|l| l.reason.as_deref()), cell::text),
        cell::maybe(last.and_then(|l| l.error_class), |c| cell::text(c.as_str())),
        cell::maybe(last, |l| cell::instant(l.ts)),
        cell::maybe(last.and_then(|l| l.expires_at), cell::instant),
        cell::maybe(last.and_then(|l| l.claim_id), cell::shown),
        cell::maybe(last, |l| cell::shown(l.event_id)),
        cell::text(state),
        cell::count(latest.fence.get()),
        cell::maybe(claim, |c| cell::shown(c.id)),
        cell::maybe(claim, |c| cell::text(c.holder.as_str())),
        cell::maybe(claim, |c| cell::instant(c.claimed_at)),
        cell::maybe(claim, |c| cell::instant(c.lease_until)),
        cell::maybe(claim.and_then(|c| c.task_id.as_ref()), |t| cell::text(t.as_str())),
        cell::maybe(claim.and_then(|c| c.device_id.as_ref()), |d| cell::text(d.as_str())),
        cell::maybe(claim, |c| cell::text(c.metadata.as_str())),
    ];
    LATEST.put(conn, &values)
}

/// Removes the row; whether there was one.
pub(in crate::sqlite) fn remove(conn: &Connection, key: &Key) -> Outcome<bool> {
    let sql = "DELETE FROM interactions_latest WHERE platform = ?1 AND account_id = ?2
               AND target_username = ?3 AND action = ?4";
    let of = params![
        key.platform.as_str(),
        key.account_id.as_str(),
        key.target_username.as_str(),
        key.action.as_str()
    ];
    Ok(conn.prepare_cached(sql)?.execute(of)? > 0)
}

/// The rows about the person, of all our accounts.
pub(in crate::sqlite) fn of_person(
    conn: &Connection,
    platform: Platform,
    target: &Username,
) -> Outcome<Vec<(Key, Latest)>> {
    let select = select!("INDEXED BY latest_person WHERE platform = ?1 AND target_username = ?2");
    rows(conn, select, params![platform.as_str(), target.as_str()])
}

/// Free rows that expire at or before the one instant, or have no window and an outcome of the
/// other instant or before, or no outcome at all.
const SPENT: &str = "WHERE state = 'free'
    AND (expires_at <= ?1 OR last_ts IS NULL OR (expires_at IS NULL AND last_ts <= ?2))";

/// At most `limit` rows of [`SPENT`]. Rows whose seal does not fit are evidence and not among them.
pub(in crate::sqlite) fn spent(
    conn: &Connection,
    expired: Timestamp,
    windowless: Timestamp,
    limit: usize,
) -> Outcome<Vec<Key>> {
    let mut statement = conn.prepare_cached(&format!("{} {SPENT}", LATEST.all_sql()))?;
    let mut rows = statement.query(params![expired.as_millis(), windowless.as_millis()])?;
    let mut keys = Vec::new();
    while keys.len() < limit
        && let Some(row) = rows.next()?
    {
        if LATEST.fits(row)? {
            keys.push(read_key(row)?);
        }
    }
    Ok(keys)
}

/// How many rows of [`SPENT`] there are.
pub(in crate::sqlite) fn count_spent(
    conn: &Connection,
    expired: Timestamp,
    windowless: Timestamp,
) -> Outcome<u64> {
    let sql = format!("SELECT count(*) FROM interactions_latest {SPENT}");
    let of = params![expired.as_millis(), windowless.as_millis()];
    let count: i64 = conn.query_row(&sql, of, |row| row.get(0))?;
    Ok(count.cast_unsigned())
}
