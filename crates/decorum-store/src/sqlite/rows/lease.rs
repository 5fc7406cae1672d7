//! `leases`.

use decorum_core::{AccountId, Fence, Lease};
use rusqlite::{Connection, Row, params};

use super::cell::{self, cell};
use super::sealed::sealed;
use crate::sqlite::fault::{Fault, Outcome};

sealed!(LEASES, "leases", ["name"], ["holder", "fence", "until"]);

/// The lease of this name, if it was ever taken.
pub(in crate::sqlite) fn find(conn: &Connection, name: &str) -> Outcome<Option<Lease>> {
    let sql = "SELECT name, holder, fence, until FROM leases WHERE name = ?1";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params![name])?;
    rows.next()?.map(read).transpose()
}

fn read(row: &Row<'_>) -> Outcome<Lease> {
    let name = cell(row, 0)?.text()?.to_owned();
    let rest = || {
        Ok(Lease {
            name: name.clone(),
            holder: cell(row, 1)?.exact()?,
            fence: Fence::new(cell(row, 2)?.count()?),
            until: cell(row, 3)?.instant()?,
        })
    };
    rest().map_err(|fault: Fault| fault.of(format_args!("the lease `{name}`")))
}

/// All leases, by name.
pub(in crate::sqlite) fn all(conn: &Connection) -> Outcome<Vec<Lease>> {
    let sql = "SELECT name, holder, fence, until FROM leases ORDER BY name";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut leases = Vec::new();
    while let Some(row) = rows.next()? {
        leases.push(read(row)?);
    }
    Ok(leases)
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
