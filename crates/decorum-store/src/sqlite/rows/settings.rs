//! `settings`: one row, once somebody changed them.

use decorum_core::Settings;
use rusqlite::Connection;

use super::cell::{self, cell};
use super::sealed::sealed;
use crate::SettingsVersion;
use crate::sqlite::fault::{Fault, Outcome};

sealed!(SETTINGS, "settings", ["id"], ["version", "document"]);

/// The stored settings, if anybody stored any.
pub(in crate::sqlite) fn find(conn: &Connection) -> Outcome<Option<SettingsVersion>> {
    let mut statement = conn.prepare_cached("SELECT version, document FROM settings")?;
    let mut rows = statement.query([])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let version = cell(row, 0)?.count()?;
    let document = cell(row, 1)?.json().map_err(|fault: Fault| fault.of("the settings"))?;
    let settings = Settings::from_json(&document)
        .map_err(|e| Fault::Damaged(format!("the stored settings are impossible: {e}")))?;
    Ok(Some(SettingsVersion { version, settings }))
}

/// Those that decide: the stored ones, so that a change reaches every process at once.
pub(in crate::sqlite) fn in_force(conn: &Connection, first: &Settings) -> Outcome<SettingsVersion> {
    let stored = find(conn)?;
    Ok(stored.unwrap_or_else(|| SettingsVersion { version: 0, settings: first.clone() }))
}

/// Writes them.
pub(in crate::sqlite) fn save(conn: &Connection, new: &SettingsVersion) -> Outcome<()> {
    let document = cell::json(&new.settings)?;
    SETTINGS.put(conn, &[1_i64.into(), cell::count(new.version), document])
}
