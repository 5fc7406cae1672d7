//! What only this keeper promises: its file, its crashes, its full disk.

mod cleaned;
mod crash;
mod damage;
mod files;
mod forgotten;
mod full;
mod layout;
mod mount;
mod plans;
mod reading;
mod writing;

use std::sync::Arc;

use tempfile::TempDir;

use super::SqliteStore;
use crate::conformance::arrange::Opener;

/// Opens clients of a store in a directory of its own, which goes with the second part.
pub(super) fn empty_store() -> (Opener, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("decorum.db");
    (Arc::new(move || Arc::new(SqliteStore::open(&path).unwrap())), directory)
}

mod conformance {
    crate::conformance::every_case!(crate::sqlite::tests::empty_store);
}
