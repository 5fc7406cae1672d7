//! Import: history that other programs kept, as one step.

use decorum_core::{Imported, Settings, SuppressionKey, engage};
use rusqlite::Connection;

use super::fault::Outcome;
use super::rows::{event, keeper, latest, settings};
use super::step::Accounts;

/// Appends what is not on record yet; returns how many that were. `fresh` becomes the store's key
/// if it has none yet.
pub(super) fn import(
    conn: &Connection,
    first: &Settings,
    fresh: SuppressionKey,
    history: Vec<Imported>,
) -> Outcome<usize> {
    let settings = settings::in_force(conn, first)?.settings;
    let mut accounts = Accounts::new(conn)?;
    let mut new = 0;
    let secret = keeper::suppression_key_or(conn, fresh)?;
    for imported in history.into_iter().map(|imported| imported.keyed(&secret)) {
        if event::is_known(conn, imported.stamp.event_id)? {
            continue;
        }
        let key = imported.key.clone();
        let account = accounts.take(conn, &key)?;
        let before = latest::load(conn, &key)?;
        let settled = engage::import(&settings, account, before.clone(), imported);
        accounts.keep(conn, &key, &before, settled)?;
        new += 1;
    }
    accounts.save(conn)?;
    Ok(new)
}
