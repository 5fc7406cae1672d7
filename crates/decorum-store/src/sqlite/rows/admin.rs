//! `admin_log`: what was changed by hand.

use rusqlite::{Connection, params};

use super::cell::{self, Cell, cell};
use super::sealed::sealed;
use crate::AdminEntry;
use crate::sqlite::fault::{Fault, Outcome};

sealed!(ADMIN_LOG, "admin_log", ["n"], ["ts", "who", "what", "subject", "note", "before", "after"]);

/// Appends an entry.
pub(in crate::sqlite) fn append(conn: &Connection, entry: &AdminEntry) -> Outcome<()> {
    let newest = "SELECT max(n) FROM admin_log";
    let newest: Option<i64> = conn.prepare_cached(newest)?.query_row([], |row| row.get(0))?;
    ADMIN_LOG.put(
        conn,
        &[
            (newest.unwrap_or(0) + 1).into(),
            cell::instant(entry.ts),
            cell::text(entry.who.as_str()),
            cell::text(entry.what.as_str()),
            cell::text(entry.subject.as_str()),
            cell::maybe(entry.note.as_deref(), cell::text),
            cell::json(&entry.before)?,
            cell::json(&entry.after)?,
        ],
    )
}

/// The newest entries, newest first.
pub(in crate::sqlite) fn newest(conn: &Connection, limit: usize) -> Outcome<Vec<AdminEntry>> {
    let sql = "SELECT ts, who, what, subject, note, before, after, n FROM admin_log
               ORDER BY n DESC LIMIT ?1";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params![i64::try_from(limit).unwrap_or(i64::MAX)])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        let text = |index| cell(row, index).and_then(Cell::text).map(str::to_owned);
        let entry = || {
            Ok(AdminEntry {
                ts: cell(row, 0)?.instant()?,
                who: text(1)?,
                what: text(2)?,
                subject: text(3)?,
                note: cell(row, 4)?.present().map(Cell::text).transpose()?.map(str::to_owned),
                before: cell(row, 5)?.json()?,
                after: cell(row, 6)?.json()?,
            })
        };
        let n = cell(row, 7)?.integer()?;
        entries.push(
            entry().map_err(|fault: Fault| fault.of(format_args!("entry {n} of admin_log")))?,
        );
    }
    Ok(entries)
}
