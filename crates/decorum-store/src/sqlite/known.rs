//! What one decision after the other looks at, as long as nothing was written in between.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use decorum_core::{Account, AccountId, Platform};
use rusqlite::Connection;

use super::fault::Outcome;
use super::rows::suppression::List;
use super::rows::{account, settings};
use crate::SettingsVersion;

/// Accounts that are kept at most.
const ACCOUNTS: usize = 256;

/// Settings, accounts and the key of the suppressions, for one connection that only reads.
///
/// SQLite numbers the states of the file that a connection has seen: as long as the number is the
/// same in a snapshot, nobody has committed anything since, and what was read is what would be read.
#[derive(Default)]
pub(super) struct Known {
    /// `PRAGMA data_version`, which only ever means something to the same connection.
    version: Option<i64>,
    shared: Option<(Option<SettingsVersion>, List)>,
    accounts: HashMap<(Platform, AccountId), Account>,
}

/// What holds for everybody an account may engage.
pub(super) struct Common<'k> {
    /// The stored settings, if anybody stored any.
    pub(super) settings: Option<&'k SettingsVersion>,
    pub(super) list: &'k List,
    pub(super) account: &'k Account,
}

impl Known {
    /// Forgets what may have changed, now that `conn` has begun a snapshot; the snapshot is taken
    /// then.
    pub(super) fn renew(&mut self, conn: &Connection) -> rusqlite::Result<()> {
        let mut version = conn.prepare_cached("PRAGMA data_version")?;
        let version = version.query_row([], |row| row.get(0))?;
        if self.version != Some(version) {
            *self = Self { version: Some(version), ..Self::default() };
        }
        Ok(())
    }

    /// As it is in the snapshot that `conn` is in.
    pub(super) fn common(
        &mut self,
        conn: &Connection,
        platform: Platform,
        account: &AccountId,
    ) -> Outcome<Common<'_>> {
        let (settings, list) = match &mut self.shared {
            Some(shared) => shared,
            unknown => unknown.insert((settings::find(conn)?, List::load_for_many(conn)?)),
        };
        if self.accounts.len() >= ACCOUNTS {
            self.accounts.clear();
        }
        let account = match self.accounts.entry((platform, account.clone())) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(account::load(conn, platform, account)?),
        };
        Ok(Common { settings: settings.as_ref(), list, account })
    }
}
