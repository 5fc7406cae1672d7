//! `devices`.

use decorum_core::{DeviceId, DeviceRecord};
use rusqlite::{Connection, Row, params};

use super::cell::{self, cell};
use super::sealed::sealed;
use crate::sqlite::fault::{Fault, Outcome};

sealed!(DEVICES, "devices", ["device_id"], ["rev", "document"]);

fn read(row: &Row<'_>) -> Outcome<DeviceRecord> {
    let id = cell(row, 0)?.text()?.to_owned();
    let document = cell(row, 1)?.json();
    document.map_err(|fault: Fault| fault.of(format_args!("phone {id}")))
}

/// The phone with this id.
pub(in crate::sqlite) fn find(conn: &Connection, id: &DeviceId) -> Outcome<Option<DeviceRecord>> {
    let sql = "SELECT device_id, document FROM devices WHERE device_id = ?1";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params![id.as_str()])?;
    rows.next()?.map(read).transpose()
}

/// Every phone, by id.
pub(in crate::sqlite) fn all(conn: &Connection) -> Outcome<Vec<DeviceRecord>> {
    let sql = "SELECT device_id, document FROM devices ORDER BY device_id";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut devices = Vec::new();
    while let Some(row) = rows.next()? {
        devices.push(read(row)?);
    }
    Ok(devices)
}

/// Writes the phone.
pub(in crate::sqlite) fn save(conn: &Connection, device: &DeviceRecord) -> Outcome<()> {
    let id = cell::text(device.device_id.as_str());
    DEVICES.put(conn, &[id, cell::count(device.rev), cell::json(device)?])
}

/// Removes the phone.
pub(in crate::sqlite) fn remove(conn: &Connection, id: &DeviceId) -> Outcome<()> {
    let sql = "DELETE FROM devices WHERE device_id = ?1";
    conn.prepare_cached(sql)?.execute(params![id.as_str()])?;
    Ok(())
}
