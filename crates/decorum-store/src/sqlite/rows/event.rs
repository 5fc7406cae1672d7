//! `interactions_events`: only ever added to, except that a person may be taken out.

use decorum_core::{ClaimId, Event, EventId, Metadata, Platform, Username};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params, params_from_iter};

use super::cell::{self, Cell, cell};
use crate::sqlite::fault::Outcome;

/// The columns that [`read`] expects, in its order.
pub(in crate::sqlite) const COLUMNS: &str = "id, seq, platform, account_id, target_username, target_ref, target_salt, action, status, \
     reason, error_class, task_id, device_id, session_id, claim_id, latency_ms, ts, metadata, \
     prev_hash, hash";

const INSERT: &str = "INSERT INTO interactions_events (id, seq, platform, account_id, \
     target_username, target_ref, target_salt, action, status, reason, error_class, task_id, \
     device_id, session_id, claim_id, latency_ms, ts, metadata, prev_hash, hash) VALUES \
     (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)";

/// Reads [`COLUMNS`].
pub(in crate::sqlite) fn read(row: &Row<'_>) -> Outcome<Event> {
    Ok(Event {
        id: cell(row, 0)?.exact()?,
        seq: cell(row, 1)?.count()?,
        platform: cell(row, 2)?.exact()?,
        account_id: cell(row, 3)?.exact()?,
        target_username: cell(row, 4)?.present().map(Cell::exact).transpose()?,
        target_ref: cell(row, 5)?.digest()?,
        salt: cell(row, 6)?.present().map(Cell::salt).transpose()?,
        action: cell(row, 7)?.exact()?,
        status: cell(row, 8)?.exact()?,
        reason: cell(row, 9)?.present().map(Cell::text).transpose()?.map(str::to_owned),
        error_class: cell(row, 10)?.present().map(Cell::exact).transpose()?,
        task_id: cell(row, 11)?.present().map(Cell::exact).transpose()?,
        device_id: cell(row, 12)?.present().map(Cell::exact).transpose()?,
        session_id: cell(row, 13)?.present().map(Cell::exact).transpose()?,
        claim_id: cell(row, 14)?.present().map(Cell::exact).transpose()?,
        latency_ms: cell(row, 15)?.present().map(Cell::count).transpose()?,
        ts: cell(row, 16)?.instant()?,
        metadata: Metadata::from_stored(cell(row, 17)?.text()?.to_owned()),
        prev_hash: cell(row, 18)?.digest()?,
        hash: cell(row, 19)?.digest()?,
    })
}

/// Appends the event. Its account is stored.
pub(in crate::sqlite) fn append(conn: &Connection, event: &Event) -> Outcome<()> {
    let values: [Value; 20] = [
        cell::shown(event.id),
        cell::count(event.seq),
        cell::text(event.platform.as_str()),
        cell::text(event.account_id.as_str()),
        cell::maybe(event.target_username.as_ref(), |t| cell::text(t.as_str())),
        cell::blob(event.target_ref.as_bytes()),
        cell::maybe(event.salt, |salt| cell::blob(&salt.0)),
        cell::text(event.action.as_str()),
        cell::text(event.status.as_str()),
        cell::maybe(event.reason.as_deref(), cell::text),
        cell::maybe(event.error_class, |c| cell::text(c.as_str())),
        cell::maybe(event.task_id.as_ref(), |t| cell::text(t.as_str())),
        cell::maybe(event.device_id.as_ref(), |d| cell::text(d.as_str())),
        cell::maybe(event.session_id.as_ref(), |s| cell::text(s.as_str())),
        cell::maybe(event.claim_id, cell::shown),
        cell::maybe(event.latency_ms, cell::count),
        cell::instant(event.ts),
        cell::text(event.metadata.as_str()),
        cell::blob(event.prev_hash.as_bytes()),
        cell::blob(event.hash.as_bytes()),
    ];
    conn.prepare_cached(INSERT)?.execute(params_from_iter(values))?;
    Ok(())
}

/// What was recorded about a claim, in the order it was recorded.
pub(in crate::sqlite) fn of_claim(conn: &Connection, claim: ClaimId) -> Outcome<Vec<Event>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM interactions_events INDEXED BY events_claim
         WHERE claim_id = ?1 ORDER BY row"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(params![claim.to_string()])?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        events.push(read(row)?);
    }
    Ok(events)
}

/// The event with this id.
pub(in crate::sqlite) fn find(conn: &Connection, id: EventId) -> Outcome<Option<Event>> {
    let sql = format!("SELECT {COLUMNS} FROM interactions_events WHERE id = ?1");
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(params![id.to_string()])?;
    rows.next()?.map(read).transpose()
}

/// Whether an event with this id is on record.
pub(in crate::sqlite) fn is_known(conn: &Connection, id: EventId) -> Outcome<bool> {
    let sql = "SELECT 1 FROM interactions_events WHERE id = ?1";
    Ok(conn.prepare_cached(sql)?.exists(params![id.to_string()])?)
}

/// Takes the person out of their events. Returns which they were.
pub(in crate::sqlite) fn erase(
    conn: &Connection,
    platform: Platform,
    target: &Username,
) -> Outcome<Vec<EventId>> {
    let sql = "SELECT id FROM interactions_events INDEXED BY events_target
               WHERE target_username = ?1 AND platform = ?2";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params![target.as_str(), platform.as_str()])?;
    let mut ids: Vec<EventId> = Vec::new();
    while let Some(row) = rows.next()? {
        ids.push(cell(row, 0)?.exact()?);
    }
    let sql = "UPDATE interactions_events SET target_username = NULL, target_salt = NULL,
               metadata = ?2 WHERE id = ?1";
    let mut statement = conn.prepare_cached(sql)?;
    for id in &ids {
        statement.execute(params![id.to_string(), Metadata::default().as_str()])?;
    }
    Ok(ids)
}
