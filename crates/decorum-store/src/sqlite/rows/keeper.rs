//! `keeper`: what the keeper has to remember for itself.

use decorum_core::SuppressionKey;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, params};

use super::cell::{self, cell};
use super::sealed::sealed;
use crate::sqlite::fault::{Fault, Outcome};
use crate::{Mark, StoreError};

sealed!(KEEPER, "keeper", ["name"], ["value"]);

const KEY: &str = "suppression_key";
const OVERWRITE_DUE: &str = "overwrite_due";
const COPIED_FROM: &str = "copied_from";

fn find<T>(
    conn: &Connection,
    name: &str,
    read: impl FnOnce(cell::Cell<'_>) -> Outcome<T>,
) -> Outcome<Option<T>> {
    let mut statement =
        conn.prepare_cached("SELECT name, value, seal FROM keeper WHERE name = ?1")?;
    let mut rows = statement.query(params![name])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let seal = KEEPER.seal([row.get_ref(0)?, row.get_ref(1)?]);
    let fits = row.get_ref(2)? == ValueRef::Integer(seal);
    let value = cell(row, 1).and_then(read);
    let value = value.map_err(|fault| fault.of(format_args!("`{name}` of keeper")))?;
    if fits {
        Ok(Some(value))
    } else {
        Err(Fault::Damaged(format!("keeper {name}: its seal does not fit")))
    }
}

/// The key of the suppressions without names, once one was needed. With a wrong key everybody on
/// that list could be contacted, so this is one row whose seal is always looked at.
pub(in crate::sqlite) fn suppression_key(conn: &Connection) -> Outcome<Option<SuppressionKey>> {
    find(conn, KEY, |value| value.bytes().map(SuppressionKey::from_bytes))
}

/// The key; `fresh` becomes it if there is none yet.
pub(in crate::sqlite) fn suppression_key_or(
    conn: &Connection,
    fresh: SuppressionKey,
) -> Outcome<SuppressionKey> {
    if let Some(key) = suppression_key(conn)? {
        return Ok(key);
    }
    set_suppression_key(conn, &fresh)?;
    Ok(fresh)
}

pub(in crate::sqlite) fn set_suppression_key(
    conn: &Connection,
    key: &SuppressionKey,
) -> Outcome<()> {
    KEEPER.put(conn, &[cell::text(KEY), cell::blob(key.as_bytes())])
}

/// Which erasure it was last whose bytes may still stand in free places of the file; `None`: there
/// are none left.
pub(in crate::sqlite) fn overwrite_due(conn: &Connection) -> Outcome<Option<Box<[u8]>>> {
    find(conn, OVERWRITE_DUE, |value| value.blob().map(Vec::into_boxed_slice))
}

/// Notes an erasure, under a name that no other has.
pub(in crate::sqlite) fn set_overwrite_due(conn: &Connection) -> Outcome<()> {
    let erasure: Vec<u8> = conn.query_row("SELECT randomblob(16)", [], |row| row.get(0))?;
    KEEPER.put(conn, &[cell::text(OVERWRITE_DUE), cell::blob(&erasure)])
}

/// Nothing is left of that erasure, nor of those before. One that came since stays due.
pub(in crate::sqlite) fn set_overwritten(conn: &Connection, erasure: &[u8]) -> Outcome<()> {
    let sql = "DELETE FROM keeper WHERE name = ?1 AND value = ?2";
    conn.execute(sql, params![OVERWRITE_DUE, erasure])?;
    Ok(())
}

/// The mark of an unfinished copy, if this is one.
pub(in crate::sqlite) fn mark(conn: &Connection) -> Outcome<Option<Mark>> {
    find(conn, COPIED_FROM, |value| {
        serde_json::from_slice(&value.blob()?)
            .map_err(|e| Fault::Damaged(format!("the mark of a copy cannot be read: {e}")))
    })
}

/// Refuses what an attempt at copying writes if another has taken over.
pub(in crate::sqlite) fn expect_mark(conn: &Connection, ours: &Mark, place: &str) -> Outcome<()> {
    if mark(conn)?.as_ref() == Some(ours) {
        return Ok(());
    }
    Err(StoreError::TakenOver { place: place.to_owned() }.into())
}

pub(in crate::sqlite) fn set_mark(conn: &Connection, mark: &Mark) -> Outcome<()> {
    let mark = serde_json::to_vec(mark)
        .map_err(|e| Fault::Damaged(format!("the mark of a copy has no JSON form: {e}")))?;
    KEEPER.put(conn, &[cell::text(COPIED_FROM), cell::blob(&mark)])
}

pub(in crate::sqlite) fn unmark(conn: &Connection) -> Outcome<()> {
    conn.execute("DELETE FROM keeper WHERE name = ?1", params![COPIED_FROM])?;
    Ok(())
}
