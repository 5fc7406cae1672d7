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
    put(conn, newest.unwrap_or(0) + 1, entry)
}

/// Writes an entry under its number.
pub(in crate::sqlite) fn put(conn: &Connection, n: i64, entry: &AdminEntry) -> Outcome<()> {
    ADMIN_LOG.put(
        conn,
        &[
            n.into(),
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
    let mut entries = Vec::new();
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    for_each(conn, limit, |_, entry| {
        entries.push(entry);
        Ok(())
    })?;
    Ok(entries)
}

/// Entries older than number `before`, newest first, and the number the next page is before.
pub(in crate::sqlite) fn page(
    conn: &Connection,
    before: Option<i64>,
    limit: usize,
) -> Outcome<(Vec<AdminEntry>, Option<String>)> {
    let (mut entries, mut last) = (Vec::new(), None);
    // One more than asked for tells whether there is another page.
    let wanted = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    for_each_before(conn, before.unwrap_or(i64::MAX), wanted, |n, entry| {
        if entries.len() < limit {
            entries.push(entry);
            last = Some((n, false));
        } else {
            last = last.map(|(n, _)| (n, true));
        }
        Ok(())
    })?;
    Ok((entries, last.filter(|(_, more)| *more).map(|(n, _)| n.to_string())))
}

/// The newest entry with its number.
pub(in crate::sqlite) fn last(conn: &Connection) -> Outcome<Option<(i64, AdminEntry)>> {
    let mut last = None;
    for_each(conn, 1, |n, entry| {
        last = Some((n, entry));
        Ok(())
    })?;
    Ok(last)
}

/// Shows the newest entries with their numbers, newest first; all of them if `limit` is negative.
pub(in crate::sqlite) fn for_each(
    conn: &Connection,
    limit: i64,
    show: impl FnMut(i64, AdminEntry) -> Outcome<()>,
) -> Outcome<()> {
    for_each_before(conn, i64::MAX, limit, show)
}

fn for_each_before(
    conn: &Connection,
    before: i64,
    limit: i64,
    mut show: impl FnMut(i64, AdminEntry) -> Outcome<()>,
) -> Outcome<()> {
    let sql = "SELECT ts, who, what, subject, note, before, after, n FROM admin_log
               WHERE n < ?1 ORDER BY n DESC LIMIT ?2";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params![before, limit])?;
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
        let entry =
            entry().map_err(|fault: Fault| fault.of(format_args!("entry {n} of admin_log")))?;
        show(n, entry)?;
    }
    Ok(())
}
