//! `suppressions`: people never to be contacted.

use decorum_core::{Platform, Timestamp, Username};
use rusqlite::{Connection, params};

use super::cell;
use super::sealed::sealed;
use crate::sqlite::fault::Outcome;

sealed!(
    SUPPRESSIONS,
    "suppressions",
    ["platform", "target_username"],
    ["note", "added_by", "added_at"]
);

/// Whether the person is on the list.
pub(in crate::sqlite) fn has(
    conn: &Connection,
    platform: Platform,
    target: &Username,
) -> Outcome<bool> {
    let sql = "SELECT 1 FROM suppressions WHERE platform = ?1 AND target_username = ?2";
    Ok(conn.prepare_cached(sql)?.exists(params![platform.as_str(), target.as_str()])?)
}

/// Adds the person.
pub(in crate::sqlite) fn add(
    conn: &Connection,
    (platform, target): (Platform, &Username),
    note: Option<&str>,
    who: &str,
    now: Timestamp,
) -> Outcome<()> {
    SUPPRESSIONS.put(
        conn,
        &[
            cell::text(platform.as_str()),
            cell::text(target.as_str()),
            cell::maybe(note, cell::text),
            cell::text(who),
            cell::instant(now),
        ],
    )
}
