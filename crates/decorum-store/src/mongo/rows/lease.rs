//! `leases`: exclusive, expiring rights. They stay after they ended, so that fences only grow.

use decorum_core::{AccountId, Fence, Lease};
use mongodb::bson::Document;

use crate::mongo::fault::Outcome;
use crate::mongo::fields::{self, Fields, Writing};
use crate::mongo::seal::sealed;

/// What the lease on an account is called.
pub(in crate::mongo) fn of_account(account: &AccountId) -> String {
    format!("{ACCOUNT}{account}")
}

/// How the names of leases on accounts begin.
pub(in crate::mongo) const ACCOUNT: &str = "account:";

pub(in crate::mongo) fn write(lease: &Lease) -> Outcome<Document> {
    let document = Writing::new()
        .with("_id", lease.name.as_str())
        .with("holder", lease.holder.as_str())
        .with("fence", fields::count(lease.fence.get()))
        .with("until", fields::instant(lease.until))
        .done();
    sealed(document)
}

pub(in crate::mongo) fn read(document: &Document) -> Outcome<Lease> {
    let row = Fields(document);
    let read = || {
        Ok(Lease {
            name: row.get("_id")?.owned()?,
            holder: row.get("holder")?.exact()?,
            fence: Fence::new(row.get("fence")?.count()?),
            until: row.get("until")?.instant()?,
        })
    };
    let name = document.get_str("_id").unwrap_or("without a name");
    read().map_err(|fault: crate::mongo::fault::Fault| fault.of(format_args!("lease {name}")))
}
