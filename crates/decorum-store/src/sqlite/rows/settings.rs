//! `settings`: one row, once somebody changed them.

use std::cell::RefCell;

use decorum_core::Settings;
use rusqlite::Connection;

use super::cell::{self, Cell, cell};
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
    let settings = read(cell(row, 1)?).map_err(|fault| fault.of("the settings"))?;
    Ok(Some(SettingsVersion { version, settings }))
}

thread_local! {
    /// The document this thread read last, and what it says. Every decision reads it, and it
    /// changes once in a while.
    static LAST: RefCell<Option<(String, Settings)>> = const { RefCell::new(None) };
}

fn read(document: Cell<'_>) -> Outcome<Settings> {
    let text = document.text()?;
    LAST.with_borrow_mut(|last| {
        if let Some((_, settings)) = last.as_ref().filter(|(read, _)| read == text) {
            return Ok(settings.clone());
        }
        let settings = Settings::from_json(&document.json()?)
            .map_err(|e| Fault::Damaged(format!("what is stored is impossible: {e}")))?;
        *last = Some((text.to_owned(), settings.clone()));
        Ok(settings)
    })
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
