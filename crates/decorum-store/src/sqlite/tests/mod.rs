//! What only this keeper promises: its file, its crashes, its full disk.

use std::sync::Arc;

use tempfile::TempDir;

use super::SqliteStore;
use crate::Store;

/// A store in a directory of its own, which goes when the second part is dropped.
pub(super) fn empty_store() -> (Arc<dyn Store>, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path().join("decorum.db")).unwrap();
    (Arc::new(store), directory)
}

mod conformance {
    crate::conformance::every_case!(crate::sqlite::tests::empty_store);
}
