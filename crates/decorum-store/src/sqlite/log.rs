//! Reading the log: pages by filter, and chains in order.
//!
//! A page is found by an index that has the order of time in it, so its cost depends neither
//! on how deep it lies nor on how long the log is. Which index is decided here, not by the
//! planner: it has no statistics and must not surprise anybody at a million events. Events of
//! one millisecond stand in the order they arrived in.

use decorum_core::AccountId;
use decorum_core::Event;
use decorum_core::chain::Break;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, params, params_from_iter};

use super::fault::{Fault, Outcome};
use super::rows::cell::{self, cell};
use super::rows::event::{COLUMNS, read};
use crate::{Cursor, EventFilter, EventPage, Order, PageRequest, StoreError};

/// A query in the making.
pub(super) struct Query {
    index: &'static str,
    conditions: Vec<String>,
    values: Vec<Value>,
}

impl Query {
    pub(super) fn matching(filter: &EventFilter) -> Self {
        let mut query = Self { index: index(filter), conditions: Vec::new(), values: Vec::new() };
        let text = |t: &str| Value::Text(t.to_owned());
        let EventFilter {
            account_id,
            target_username,
            action,
            status,
            error_class,
            task_id,
            device_id,
            from,
            to,
        } = filter;
        query.equal("account_id", account_id.as_ref().map(|v| text(v.as_str())));
        query.equal("target_username", target_username.as_ref().map(|v| text(v.as_str())));
        query.equal("action", action.map(|v| text(v.as_str())));
        query.equal("status", status.map(|v| text(v.as_str())));
        query.equal("error_class", error_class.map(|v| text(v.as_str())));
        query.equal("task_id", task_id.as_ref().map(|v| text(v.as_str())));
        query.equal("device_id", device_id.as_ref().map(|v| text(v.as_str())));
        if let Some(from) = from {
            query.add("ts >= ?", [cell::instant(*from)]);
        }
        if let Some(to) = to {
            query.add("ts < ?", [cell::instant(*to)]);
        }
        query
    }

    fn equal(&mut self, column: &str, value: Option<Value>) {
        if let Some(value) = value {
            self.add(&format!("{column} = ?"), [value]);
        }
    }

    fn add<const N: usize>(&mut self, condition: &str, values: [Value; N]) {
        self.conditions.push(condition.to_owned());
        self.values.extend(values);
    }

    /// Continues after the event that stands at this time and place.
    pub(super) fn after(&mut self, order: Order, ts: i64, row: i64) {
        // The bound on `ts` alone is what the index can use; the rest tells ties apart.
        let condition = match order {
            Order::Newest => "ts <= ? AND (ts < ? OR row < ?)",
            Order::Oldest => "ts >= ? AND (ts > ? OR row > ?)",
        };
        self.add(condition, [ts.into(), ts.into(), row.into()]);
    }

    pub(super) fn sql(&self, order: Order) -> String {
        let direction = match order {
            Order::Newest => "DESC",
            Order::Oldest => "ASC",
        };
        let conditions = match self.conditions.as_slice() {
            [] => "TRUE".to_owned(),
            some => some.join(" AND "),
        };
        format!(
            "SELECT {COLUMNS} FROM interactions_events INDEXED BY {} WHERE {conditions}
             ORDER BY ts {direction}, row {direction} LIMIT ?",
            self.index
        )
    }
}

/// The index that leaves the least to be read over. A person and a task have few events, an account
/// and a phone have many, and an action or a status has a great share of all.
const fn index(filter: &EventFilter) -> &'static str {
    let EventFilter {
        account_id,
        target_username,
        action,
        status,
        error_class,
        task_id,
        device_id,
        from: _,
        to: _,
    } = filter;
    match (account_id, target_username, action) {
        (Some(_), Some(_), Some(_)) => "events_key",
        (_, Some(_), _) => "events_target",
        _ if task_id.is_some() => "events_task",
        _ if error_class.is_some() => "events_class",
        (Some(_), ..) => "events_account",
        _ if device_id.is_some() => "events_device",
        _ if status.is_some() => "events_status",
        (_, _, Some(_)) => "events_action",
        _ => "events_ts",
    }
}

pub(super) fn page(
    conn: &Connection,
    filter: &EventFilter,
    page: &PageRequest,
) -> Outcome<EventPage> {
    let mut query = Query::matching(filter);
    if let Some(cursor) = page.after {
        let at = "SELECT ts, row FROM interactions_events WHERE id = ?1";
        let place: Option<(i64, i64)> = conn
            .prepare_cached(at)?
            .query_row(params![cursor.id.to_string()], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        match place {
            Some((ts, row)) if ts == cursor.ts.as_millis() => query.after(page.order, ts, row),
            _ => return Err(StoreError::BadCursor.into()),
        }
    }
    let sql = query.sql(page.order);
    // One more than asked for tells whether there is a next page.
    let limit = i64::try_from(page.limit + 1).unwrap_or(i64::MAX);
    query.values.push(limit.into());
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(query.values))?;
    let mut items = Vec::with_capacity(page.limit);
    while let Some(row) = rows.next()? {
        if items.len() == page.limit {
            let next = items.last().map(|e: &Event| Cursor { ts: e.ts, id: e.id });
            return Ok(EventPage { items, next });
        }
        items.push(read(row).map_err(|fault| name_event(row, fault))?);
    }
    Ok(EventPage { items, next: None })
}

fn name_event(row: &rusqlite::Row<'_>, fault: Fault) -> Fault {
    let id = cell(row, 0).and_then(cell::Cell::text).unwrap_or("without a readable id");
    fault.of(format_args!("event {id}"))
}

pub(super) fn chain(
    conn: &Connection,
    account: &AccountId,
    after_seq: u64,
    limit: usize,
) -> Outcome<Vec<Result<Event, Break>>> {
    let Ok(after_seq) = i64::try_from(after_seq) else { return Ok(Vec::new()) };
    let sql = format!(
        "SELECT {COLUMNS} FROM interactions_events
         WHERE platform = 'instagram' AND account_id = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3"
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(params![account.as_str(), after_seq, limit])?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        match read(row) {
            Ok(event) => events.push(Ok(event)),
            Err(Fault::Damaged(problem)) => {
                let seq = cell(row, 1)?.count()?;
                events.push(Err(Break::Unreadable { seq, problem }));
            }
            Err(other) => return Err(other),
        }
    }
    Ok(events)
}
