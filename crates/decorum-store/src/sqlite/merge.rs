//! A page merged from strands: rows of the log of one kind each, in the order of time.
//!
//! Only the index is read until it is known which events the page has. An empty strand costs one
//! look; the others are read ahead by little at first, and by more where more is needed.

use std::collections::{BinaryHeap, VecDeque};

use decorum_core::{Action, ErrorClass, Event, Status};
use rusqlite::{Connection, params, params_from_iter};

use super::fault::Outcome;
use super::log::{self, Place, Query};
use super::rows::event::COLUMNS;
use crate::strands::{Index, Kinds};
use crate::{EventFilter, Order};

/// How many places of a strand are read at first.
const AHEAD: usize = 4;

/// The next `wanted` events of these kinds after a place.
pub(super) fn events(
    conn: &Connection,
    filter: &EventFilter,
    index: Index,
    kinds: &Kinds,
    after: Option<Place>,
    order: Order,
    wanted: usize,
) -> Outcome<Vec<Event>> {
    let mut strands: Vec<_> = kinds
        .each()
        .map(|kind| Strand {
            filter,
            index,
            kind,
            order,
            after,
            ahead: AHEAD,
            ready: VecDeque::new(),
        })
        .collect();
    // The first of each strand; the largest key is the next event.
    let mut first = BinaryHeap::with_capacity(strands.len());
    for (n, strand) in strands.iter_mut().enumerate() {
        if let Some(place) = strand.next(conn)? {
            first.push((key(order, place), n));
        }
    }
    let sql = format!("SELECT {COLUMNS} FROM interactions_events WHERE row = ?1");
    let mut at = conn.prepare_cached(&sql)?;
    let mut events = Vec::with_capacity(wanted);
    while events.len() < wanted
        && let Some(((ts, row), n)) = first.pop()
    {
        let (_, row) = key(order, (ts, row));
        let mut rows = at.query(params![row])?;
        if let Some(found) = rows.next()? {
            events.push(log::event(found)?);
        }
        if let Some(strand) = strands.get_mut(n)
            && let Some(place) = strand.next(conn)?
        {
            first.push((key(order, place), n));
        }
    }
    Ok(events)
}

/// Larger the sooner a place comes; its own inverse.
const fn key(order: Order, (ts, row): Place) -> Place {
    match order {
        Order::Newest => (ts, row),
        Order::Oldest => (ts.saturating_neg(), row.saturating_neg()),
    }
}

struct Strand<'a> {
    filter: &'a EventFilter,
    index: Index,
    kind: (Action, Status, Option<ErrorClass>),
    order: Order,
    /// Up to where it was read.
    after: Option<Place>,
    /// How many places are read next; none if it has ended.
    ahead: usize,
    ready: VecDeque<Place>,
}

impl Strand<'_> {
    fn next(&mut self, conn: &Connection) -> Outcome<Option<Place>> {
        if self.ready.is_empty() && self.ahead > 0 {
            self.read_ahead(conn)?;
        }
        Ok(self.ready.pop_front())
    }

    fn read_ahead(&mut self, conn: &Connection) -> Outcome<()> {
        let mut query = Query::strand(self.filter, self.index, self.kind);
        if let Some(place) = self.after {
            query.after(self.order, place);
        }
        let mut statement = conn.prepare_cached(&query.sql("ts, row", self.order))?;
        let mut rows = statement.query(params_from_iter(query.values(self.ahead)))?;
        while let Some(row) = rows.next()? {
            self.ready.push_back((row.get(0)?, row.get(1)?));
        }
        self.after = self.ready.back().copied().or(self.after);
        self.ahead = if self.ready.len() < self.ahead { 0 } else { self.ahead.saturating_mul(4) };
        Ok(())
    }
}
