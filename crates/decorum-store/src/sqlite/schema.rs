//! The layout and how it grows: ordered SQL files, each applied once, in one transaction.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::fault::{Fault, Outcome};
use super::{connection, file};

/// Marks a file as ours: `Deco` in ASCII.
pub(super) const APPLICATION_ID: i64 = 0x4465_636f;

/// Each step takes the layout from its index to the next. Never edit one that was released.
const STEPS: [&str; 5] = [
    include_str!("schema/0001_first.sql"),
    include_str!("schema/0002_maintenance.sql"),
    include_str!("schema/0003_tasks.sql"),
    include_str!("schema/0004_tokens.sql"),
    include_str!("schema/0005_strands.sql"),
];

/// The layout this program writes.
#[expect(clippy::cast_possible_truncation, reason = "there are few steps")]
pub(super) const VERSION: u32 = STEPS.len() as u32;

/// Brings the file to the newest layout; the common case, that it has it, only reads.
pub(super) fn prepare(conn: &mut Connection, path: &Path) -> Outcome<()> {
    let found = file::number(conn, "PRAGMA user_version")?;
    if found > i64::from(VERSION) {
        return Err(file::newer(path, found).into());
    }
    if found < i64::from(VERSION) {
        grow(conn, path)?;
    }
    if conn.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0))? != "wal" {
        connection::use_write_ahead_log(conn)?;
    }
    Ok(())
}

fn grow(conn: &mut Connection, path: &Path) -> Outcome<()> {
    let change = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Somebody else may have been faster.
    let found = file::number(&change, "PRAGMA user_version")?;
    let Ok(found) = u32::try_from(found) else {
        return Err(Fault::Damaged(format!("its layout version is {found}")));
    };
    if found > VERSION {
        return Err(file::newer(path, found.into()).into());
    }
    if found > 0 {
        let file = file::place(path);
        tracing::info!(%file, from = found, to = VERSION, "bringing the layout up to date");
    }
    for step in STEPS.iter().skip(found as usize) {
        change.execute_batch(step)?;
    }
    change.pragma_update(None, "application_id", APPLICATION_ID)?;
    change.pragma_update(None, "user_version", VERSION)?;
    change.commit()?;
    Ok(())
}

/// Every object of the newest layout with its definition, as a new file would have it.
pub(super) fn expected() -> rusqlite::Result<Vec<(String, String)>> {
    let conn = Connection::open_in_memory()?;
    create(&conn)?;
    definitions(&conn)
}

/// Makes the newest layout where nothing is.
pub(super) fn create(conn: &Connection) -> rusqlite::Result<()> {
    STEPS.iter().try_for_each(|step| conn.execute_batch(step))
}

/// Every object of the layout with its definition, by name.
pub(super) fn definitions(conn: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    // Quoted, so that bytes that only look like the text are told from it.
    let sql = "SELECT name, quote(type) || quote(name) || quote(tbl_name) || quote(sql)
               FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%' ORDER BY name";
    let mut statement = conn.prepare(sql)?;
    let found = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    found.collect()
}
