//! `alerts`.

use decorum_core::{Alert, AlertId, AlertKind, Timestamp};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params, params_from_iter};

use super::cell::{self, Cell, cell};
use super::sealed::sealed;
use crate::AlertCursor;
use crate::sqlite::fault::{Fault, Outcome};

sealed!(
    ALERTS,
    "alerts",
    ["id"],
    ["kind", "subject", "message", "raised_at", "closed_at", "closed_by", "evidence"]
);

const COLUMNS: &str = "id, kind, subject, message, raised_at, closed_at, closed_by, evidence";

fn read(row: &Row<'_>) -> Outcome<Alert> {
    let id: AlertId = cell(row, 0)?.exact()?;
    let text = |index| {
        let present = cell(row, index)?.present();
        present.map(Cell::text).transpose().map(|text| text.map(str::to_owned))
    };
    let read = || {
        Ok(Alert {
            id,
            kind: cell(row, 1)?.exact()?,
            subject: cell(row, 2)?.text()?.to_owned(),
            message: cell(row, 3)?.text()?.to_owned(),
            raised_at: cell(row, 4)?.instant()?,
            closed_at: cell(row, 5)?.present().map(Cell::instant).transpose()?,
            closed_by: text(6)?,
            evidence: text(7)?,
        })
    };
    read().map_err(|fault: Fault| fault.of(format_args!("alert {id}")))
}

fn one(conn: &Connection, condition: &str, values: Vec<Value>) -> Outcome<Option<Alert>> {
    let sql = format!("SELECT {COLUMNS} FROM alerts WHERE {condition}");
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    rows.next()?.map(read).transpose()
}

/// The alert with this id.
pub(in crate::sqlite) fn find(conn: &Connection, id: AlertId) -> Outcome<Option<Alert>> {
    one(conn, "id = ?", vec![cell::shown(id)])
}

/// The open alert of this kind about this subject.
pub(in crate::sqlite) fn open_about(
    conn: &Connection,
    kind: AlertKind,
    subject: &str,
) -> Outcome<Option<Alert>> {
    let values = vec![cell::text(kind.as_str()), cell::text(subject)];
    one(conn, "kind = ? AND subject = ? AND closed_at IS NULL", values)
}

/// Writes the alert.
pub(in crate::sqlite) fn save(conn: &Connection, alert: &Alert) -> Outcome<()> {
    ALERTS.put(
        conn,
        &[
            cell::shown(alert.id),
            cell::text(alert.kind.as_str()),
            cell::text(alert.subject.as_str()),
            cell::text(alert.message.as_str()),
            cell::instant(alert.raised_at),
            cell::maybe(alert.closed_at, cell::instant),
            cell::maybe(alert.closed_by.as_deref(), cell::text),
            cell::maybe(alert.evidence.as_deref(), cell::text),
        ],
    )
}

/// The query for a page of alerts, newest first, and its values but for the limit.
pub(in crate::sqlite) fn page_sql(
    open_only: bool,
    after: Option<&AlertCursor>,
) -> (String, Vec<Value>) {
    let index = if open_only { "alerts_open_newest" } else { "alerts_newest" };
    let open = if open_only { "closed_at IS NULL" } else { "TRUE" };
    let (place, values) = match after {
        None => ("TRUE", Vec::new()),
        Some(AlertCursor { raised_at, id }) => {
            ("(raised_at, id) < (?, ?)", vec![cell::instant(*raised_at), cell::shown(id)])
        }
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM alerts INDEXED BY {index} WHERE {open} AND {place}
         ORDER BY raised_at DESC, id DESC LIMIT ?"
    );
    (sql, values)
}

fn collect(conn: &Connection, sql: &str, values: Vec<Value>) -> Outcome<Vec<Alert>> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut alerts = Vec::new();
    while let Some(row) = rows.next()? {
        alerts.push(read(row)?);
    }
    Ok(alerts)
}

/// At most `limit` alerts, newest first.
pub(in crate::sqlite) fn page(
    conn: &Connection,
    open_only: bool,
    after: Option<&AlertCursor>,
    limit: i64,
) -> Outcome<Vec<Alert>> {
    let (sql, mut values) = page_sql(open_only, after);
    values.push(limit.into());
    collect(conn, &sql, values)
}

/// The query for alerts that were closed at an instant or later, the last first.
pub(in crate::sqlite) const CLOSED_SINCE: &str =
    "SELECT id, kind, subject, message, raised_at, closed_at, closed_by, evidence FROM alerts
     WHERE closed_at >= ? ORDER BY closed_at DESC LIMIT ?";

/// At most `limit` alerts that were closed at this instant or later, the last first.
pub(in crate::sqlite) fn closed_since(
    conn: &Connection,
    since: Timestamp,
    limit: i64,
) -> Outcome<Vec<Alert>> {
    collect(conn, CLOSED_SINCE, vec![cell::instant(since), limit.into()])
}

/// Every alert, by id.
pub(in crate::sqlite) fn all(conn: &Connection) -> Outcome<Vec<Alert>> {
    collect(conn, &format!("SELECT {COLUMNS} FROM alerts ORDER BY id"), Vec::new())
}

/// Removes alerts that were closed before this instant, at most `limit`; returns how many.
pub(in crate::sqlite) fn remove_closed_before(
    conn: &Connection,
    before: Timestamp,
    limit: i64,
) -> Outcome<usize> {
    let sql = "DELETE FROM alerts WHERE id IN
        (SELECT id FROM alerts WHERE closed_at < ?1 ORDER BY closed_at LIMIT ?2)";
    Ok(conn.prepare_cached(sql)?.execute(params![before.as_millis(), limit])?)
}
