//! From an address, as people write it after `--store`, to a store.

use std::path::PathBuf;
use std::sync::Arc;

use crate::{SqliteStore, Store, StoreError};

/// Opens the store at `address`, such as `sqlite:/var/lib/decorum/decorum.db`. Asynchronous for
/// the keepers that have a network to cross; a file is open within a millisecond.
///
/// # Errors
/// An address that is not one, and whatever keeps the store from being opened.
pub async fn open_store(address: &str) -> Result<Arc<dyn Store>, StoreError> {
    Ok(Arc::new(SqliteStore::open(sqlite_path(address)?)?))
}

/// Opens the store at `address` for reading only.
///
/// # Errors
/// An address that is not one, and whatever keeps the store from being opened.
pub async fn open_store_read_only(address: &str) -> Result<Arc<dyn Store>, StoreError> {
    Ok(Arc::new(SqliteStore::open_read_only(sqlite_path(address)?)?))
}

fn sqlite_path(address: &str) -> Result<PathBuf, StoreError> {
    if address.starts_with("mongodb://") || address.starts_with("mongodb+srv://") {
        let problem = "MongoDB is not in this version yet; use sqlite:PATH";
        // What follows may hold a password.
        return Err(StoreError::Unusable { given: "mongodb://…".to_owned(), problem });
    }
    let bad = || StoreError::BadAddress { given: address.chars().take(200).collect() };
    let path = address.strip_prefix("sqlite:").ok_or_else(bad)?;
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.contains(":memory:") {
        let problem = "what is only in memory is lost with the process, and so are the people \
                       it kept from being engaged twice; give a path";
        return Err(StoreError::Unusable { given: address.to_owned(), problem });
    }
    if path.is_empty() || path.contains('\0') {
        return Err(bad());
    }
    Ok(path.into())
}
