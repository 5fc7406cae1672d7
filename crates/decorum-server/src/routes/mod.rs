//! Everything that can be asked, one file a resource.

mod accounts;
mod admin;
mod alerts;
mod audit;
mod check;
mod claims;
mod devices;
mod door;
mod export;
mod log;
mod settings;
mod stream;
mod suppressions;
mod targets;
mod tasks;
mod upkeep;
mod visits;
mod watch;

use crate::operation::Operation;

/// Every operation, in the order of the description.
pub(crate) fn all() -> Vec<Operation> {
    [
        check::operations(),
        claims::operations(),
        log::operations(),
        export::operations(),
        stream::operations(),
        accounts::operations(),
        suppressions::operations(),
        targets::operations(),
        settings::operations(),
        tasks::operations(),
        devices::operations(),
        visits::operations(),
        alerts::operations(),
        audit::operations(),
        admin::operations(),
        upkeep::operations(),
        watch::operations(),
        door::operations(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
