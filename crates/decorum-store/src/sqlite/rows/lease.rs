//! `leases`.

use decorum_core::{AccountId, Fence, Lease};
use rusqlite::{Connection, params};

use super::cell::{self, cell};
use super::sealed::sealed;
use crate::sqlite::fault::{Fault, Outcome};

sealed!(LEASES, "leases", ["name"], ["holder", "fence", "until"]);

/// The lease of this name, if it was ever taken.
pub(in crate::sqlite) fn find(conn: &Connection, name: &str) -> Outcome<Option<Lease>> {
    let sql = "SELECT name, holder, fence, until FROM leases WHERE name = ?1";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params![name])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let read = || {
        Ok(Lease {
            name: cell(row, 0)?.text()?.to_owned(),
            holder: cell(row, 1)?.exact()?,
            fence: Fence::new(cell(row, 2)?.count()?),
            until: cell(row, 3)?.instant()?,
        })
    };
    read().map(Some).map_err(|fault: Fault| fault.of(format_args!("the lease `{name}`")))
}

/// The lease on an account, if it was ever taken.
pub(in crate::sqlite) fn of_account(
    conn: &Connection,
    account: &AccountId,
) -> Outcome<Option<Lease>> {
    find(conn, &format!("account:{account}"))
}

/// Writes the lease.
pub(in crate::sqlite) fn save(conn: &Connection, lease: &Lease) -> Outcome<()> {
    LEASES.put(
        conn,
        &[
            cell::text(lease.name.as_str()),
            cell::text(lease.holder.as_str()),
            cell::count(lease.fence.get()),
            cell::instant(lease.until),
        ],
    )
}
