//! Reading the log: pages by filter, and chains in order.
//!
//! A page is found by an index that has the order of time in it; which one, `strands.rs` says.
//! Events of one millisecond stand in the order they arrived in.

use decorum_core::chain::Break;
use decorum_core::{AccountId, Action, ErrorClass, Event, Status};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, params, params_from_iter};

use super::fault::{Fault, Outcome};
use super::merge;
use super::rows::cell::{self, cell};
use super::rows::event::{COLUMNS, read};
use crate::strands::{Index, Way};
use crate::{Cursor, EventFilter, EventPage, Order, PageRequest, StoreError};

/// Where an event stands: its time, and the order of arrival within it.
pub(super) type Place = (i64, i64);

/// A query in the making.
pub(super) struct Query {
    index: Index,
    conditions: Vec<String>,
    values: Vec<Value>,
}

impl Query {
    /// For what fits, in the order of an index that ends in time after what the filter restricts.
    pub(super) fn matching(filter: &EventFilter, index: Index) -> Self {
        let mut query = Self { index, conditions: Vec::new(), values: Vec::new() };
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

    /// For what of it is of one kind.
    pub(super) fn strand(
        filter: &EventFilter,
        index: Index,
        (action, status, error_class): (Action, Status, Option<ErrorClass>),
    ) -> Self {
        let (action, status) = (Some(action), Some(status));
        let mut query =
            Self::matching(&EventFilter { action, status, error_class, ..filter.clone() }, index);
        if error_class.is_none() {
            query.add("error_class IS NULL", []);
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

    /// Continues after the event that stands there.
    pub(super) fn after(&mut self, order: Order, (ts, row): Place) {
        // The bound on `ts` alone is what the index can use; the rest tells ties apart.
        let condition = match order {
            Order::Newest => "ts <= ? AND (ts < ? OR row < ?)",
            Order::Oldest => "ts >= ? AND (ts > ? OR row > ?)",
        };
        self.add(condition, [ts.into(), ts.into(), row.into()]);
    }

    pub(super) fn sql(&self, columns: &str, order: Order) -> String {
        let direction = match order {
            Order::Newest => "DESC",
            Order::Oldest => "ASC",
        };
        let conditions = match self.conditions.as_slice() {
            [] => "TRUE".to_owned(),
            some => some.join(" AND "),
        };
        format!(
            "SELECT {columns} FROM interactions_events INDEXED BY {} WHERE {conditions}
             ORDER BY ts {direction}, row {direction} LIMIT ?",
            self.index.name()
        )
    }

    /// What its conditions and the limit are bound to.
    pub(super) fn values(&self, limit: usize) -> impl Iterator<Item = Value> {
        let limit = Value::from(i64::try_from(limit).unwrap_or(i64::MAX));
        self.values.iter().cloned().chain([limit])
    }
}

pub(super) fn page(
    conn: &Connection,
    filter: &EventFilter,
    page: &PageRequest,
) -> Outcome<EventPage> {
    let after = page.after.map(|cursor| place_of(conn, cursor)).transpose()?;
    // One more than asked for tells whether there is a next page.
    let wanted = page.limit + 1;
    let way = Way::of(filter);
    let mut items = match &way.kinds {
        None => straight(conn, filter, way.index, after, page.order, wanted)?,
        Some(kinds) => merge::events(conn, filter, way.index, kinds, after, page.order, wanted)?,
    };
    let more = items.len() > page.limit;
    items.truncate(page.limit);
    let last = items.last().filter(|_| more);
    let next = last.map(|event: &Event| Cursor { ts: event.ts, id: event.id });
    Ok(EventPage { items, next })
}

fn place_of(conn: &Connection, cursor: Cursor) -> Outcome<Place> {
    let at = "SELECT ts, row FROM interactions_events WHERE id = ?1";
    let place: Option<Place> = conn
        .prepare_cached(at)?
        .query_row(params![cursor.id.to_string()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    place.filter(|(ts, _)| *ts == cursor.ts.as_millis()).ok_or_else(|| StoreError::BadCursor.into())
}

fn straight(
    conn: &Connection,
    filter: &EventFilter,
    index: Index,
    after: Option<Place>,
    order: Order,
    wanted: usize,
) -> Outcome<Vec<Event>> {
    let mut query = Query::matching(filter, index);
    if let Some(place) = after {
        query.after(order, place);
    }
    let mut statement = conn.prepare_cached(&query.sql(COLUMNS, order))?;
    let mut rows = statement.query(params_from_iter(query.values(wanted)))?;
    let mut events = Vec::with_capacity(wanted);
    while let Some(row) = rows.next()? {
        events.push(event(row)?);
    }
    Ok(events)
}

/// Reads [`COLUMNS`]; what cannot be read is named.
pub(super) fn event(row: &rusqlite::Row<'_>) -> Outcome<Event> {
    read(row).map_err(|fault| name_event(row, fault))
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
