//! Many events of a few accounts in one transaction: what observing and importing share.

use std::collections::HashMap;

use decorum_core::engage::Settled;
use decorum_core::{Account, AccountId, Key, Latest, Platform};
use rusqlite::Connection;

use super::fault::Outcome;
use super::rows::suppression::List;
use super::rows::{account, event, latest};

/// The accounts of one step. Hundreds of events of one account are one change of its row.
pub(super) struct Accounts {
    known: HashMap<(Platform, AccountId), Account>,
    list: List,
}

impl Accounts {
    pub(super) fn new(conn: &Connection) -> Outcome<Self> {
        Ok(Self { known: HashMap::new(), list: List::load(conn)? })
    }

    /// The account as the events of this step so far have left it, stored if it was not yet:
    /// events refer to it.
    pub(super) fn take(&mut self, conn: &Connection, key: &Key) -> Outcome<Account> {
        let name = (key.platform, key.account_id.clone());
        if let Some(account) = self.known.remove(&name) {
            return Ok(account);
        }
        if let Some(account) = account::find(conn, name.0, &name.1)? {
            return Ok(account);
        }
        let fresh = Account::new(name.0, name.1);
        account::save(conn, &fresh)?;
        Ok(fresh)
    }

    /// Writes what was settled about `key`, but for its account, which is kept for the next. Of
    /// somebody who was erased only what does not name them.
    pub(super) fn keep(
        &mut self,
        conn: &Connection,
        key: &Key,
        before: &Latest,
        settled: Settled,
    ) -> Outcome<decorum_core::Event> {
        let forgotten = self.list.is_forgotten(conn, key.platform, &key.target_username)?;
        let settled = if forgotten { settled.erased() } else { settled };
        let Settled { account, latest, event, error, .. } = settled;
        event::append(conn, &event)?;
        if latest != *before && !forgotten {
            latest::save(conn, key, &latest)?;
        }
        if let Some(error) = &error {
            account::add_error(conn, key.platform, &key.account_id, error)?;
        }
        self.known.insert((key.platform, key.account_id.clone()), account);
        Ok(event)
    }

    /// Writes the accounts.
    pub(super) fn save(self, conn: &Connection) -> Outcome<()> {
        self.known.values().try_for_each(|account| account::save(conn, account))
    }
}
