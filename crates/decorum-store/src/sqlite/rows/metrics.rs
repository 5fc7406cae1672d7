//! `metrics_cells` and `metrics_marks`, and the columns of events that are counted.

use decorum_core::{AccountId, Platform, Timestamp};
use rusqlite::{Connection, Params, Row, params};

use super::cell::{self, Cell as Column, cell};
use super::sealed::sealed;
use crate::metrics::{Cell, CellKey, CellRange, Counts, Entry, Step};
use crate::sqlite::fault::{Fault, Outcome};

sealed!(
    CELLS,
    "metrics_cells",
    ["platform", "account_id", "level", "start", "action", "status", "error_class"],
    ["count", "latency", "through"]
);

sealed!(MARKS, "metrics_marks", ["platform", "account_id"], ["seq"]);

/// How far an account's log is counted.
pub(in crate::sqlite) struct Mark {
    pub(in crate::sqlite) platform: Platform,
    pub(in crate::sqlite) account_id: AccountId,
    /// Counted up to this event.
    pub(in crate::sqlite) seq: u64,
    /// How many there are beyond it.
    pub(in crate::sqlite) tail: u64,
    /// When the last event was that was cleaned up.
    pub(in crate::sqlite) cleaned: Option<Timestamp>,
}

/// The marks of all accounts, or of one.
pub(in crate::sqlite) fn marks(
    conn: &Connection,
    account: Option<&AccountId>,
) -> Outcome<Vec<Mark>> {
    let sql = "SELECT a.platform, a.account_id, coalesce(m.seq, 0),
                 max(a.head_seq - coalesce(m.seq, 0), 0), a.checkpoint_ts
               FROM accounts a LEFT JOIN metrics_marks m
                 ON m.platform = a.platform AND m.account_id = a.account_id
               WHERE ?1 IS NULL OR a.account_id = ?1 ORDER BY a.account_id";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params![account.map(AccountId::as_str)])?;
    let mut marks = Vec::new();
    while let Some(row) = rows.next()? {
        marks.push(Mark {
            platform: cell(row, 0)?.exact()?,
            account_id: cell(row, 1)?.exact()?,
            seq: cell(row, 2)?.count()?,
            tail: cell(row, 3)?.count()?,
            cleaned: cell(row, 4)?.present().map(Column::instant).transpose()?,
        });
    }
    Ok(marks)
}

/// Sets the mark of a stored account.
pub(in crate::sqlite) fn set_mark(
    conn: &Connection,
    (platform, account): (Platform, &AccountId),
    seq: u64,
) -> Outcome<()> {
    let values = [cell::text(platform.as_str()), cell::text(account.as_str()), cell::count(seq)];
    MARKS.put(conn, &values)
}

const SELECT: &str = "SELECT level, start, action, status, error_class, count, latency, through \
                      FROM metrics_cells WHERE platform = ?1 AND account_id = ?2 AND level = ?3";

fn read(row: &Row<'_>, (platform, account): (Platform, &AccountId)) -> Outcome<(CellKey, Cell)> {
    let cells = || {
        let error_class = match cell(row, 4)?.text()? {
            "" => None,
            _ => Some(cell(row, 4)?.exact()?),
        };
        let key = CellKey {
            platform,
            account_id: account.clone(),
            level: cell(row, 0)?.exact()?,
            start: cell(row, 1)?.instant()?,
            action: cell(row, 2)?.exact()?,
            status: cell(row, 3)?.exact()?,
            error_class,
        };
        let count = cell(row, 5)?.count()?;
        let (latency, through) = (cell(row, 6)?.json()?, cell(row, 7)?.count()?);
        Ok((key, Cell { count, latency, through }))
    };
    cells().map_err(|fault: Fault| fault.of(format_args!("a row of metrics_cells ({account})")))
}

/// The account's cells in this range.
pub(in crate::sqlite) fn cells(
    conn: &Connection,
    account: (Platform, &AccountId),
    range: &CellRange,
    mut show: impl FnMut(CellKey, Cell),
) -> Outcome<()> {
    let sql = format!("{SELECT} AND start BETWEEN ?4 AND ?5");
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(params![
        account.0.as_str(),
        account.1.as_str(),
        range.level.as_str(),
        range.first.as_millis(),
        range.last.as_millis(),
    ])?;
    while let Some(row) = rows.next()? {
        let (key, cell) = read(row, account)?;
        show(key, cell);
    }
    Ok(())
}

/// Everything that is counted of an account.
pub(in crate::sqlite) fn counts(
    conn: &Connection,
    account: (Platform, &AccountId),
) -> Outcome<Counts> {
    let mut counts = Counts::default();
    let marks = marks(conn, Some(account.1))?;
    counts.through = marks.iter().find(|m| m.platform == account.0).map_or(0, |m| m.seq);
    for level in Step::ALL {
        let (first, last) = (Timestamp::from_millis(0), Timestamp::MAX);
        let all = CellRange { level, first, last };
        cells(conn, account, &all, |key, cell| drop(counts.cells.insert(key, cell)))?;
    }
    Ok(counts)
}

fn class(key: &CellKey) -> &'static str {
    key.error_class.map_or("", |class| class.as_str())
}

/// The cell, empty if there is none yet.
pub(in crate::sqlite) fn load(conn: &Connection, key: &CellKey) -> Outcome<Cell> {
    let account = (key.platform, &key.account_id);
    let sql =
        format!("{SELECT} AND start = ?4 AND action = ?5 AND status = ?6 AND error_class = ?7");
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(params![
        account.0.as_str(),
        account.1.as_str(),
        key.level.as_str(),
        key.start.as_millis(),
        key.action.as_str(),
        key.status.as_str(),
        class(key),
    ])?;
    match rows.next()? {
        Some(row) => Ok(read(row, account)?.1),
        None => Ok(Cell::default()),
    }
}

/// Writes the cell. Its account is stored.
pub(in crate::sqlite) fn save(conn: &Connection, key: &CellKey, cell: &Cell) -> Outcome<()> {
    CELLS.put(
        conn,
        &[
            cell::text(key.platform.as_str()),
            cell::text(key.account_id.as_str()),
            cell::text(key.level.as_str()),
            cell::instant(key.start),
            cell::text(key.action.as_str()),
            cell::text(key.status.as_str()),
            cell::text(class(key)),
            cell::count(cell.count),
            cell::json(&cell.latency)?,
            cell::count(cell.through),
        ],
    )
}

/// Shows what counting needs of the events that `rest` selects.
pub(in crate::sqlite) fn entries(
    conn: &Connection,
    rest: &str,
    of: impl Params,
    mut show: impl FnMut(Entry),
) -> Outcome<()> {
    let sql = format!(
        "SELECT id, seq, ts, action, status, error_class, latency_ms \
         FROM interactions_events {rest}"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(of)?;
    while let Some(row) = rows.next()? {
        let entry = || {
            Ok(Entry {
                seq: cell(row, 1)?.count()?,
                ts: cell(row, 2)?.instant()?,
                action: cell(row, 3)?.exact()?,
                status: cell(row, 4)?.exact()?,
                error_class: cell(row, 5)?.present().map(Column::exact).transpose()?,
                latency_ms: cell(row, 6)?.present().map(Column::count).transpose()?,
            })
        };
        let id = cell(row, 0)?.text().unwrap_or("without a readable id");
        show(entry().map_err(|fault: Fault| fault.of(format_args!("event {id}")))?);
    }
    Ok(())
}
