//! From an address, as people write it after `--store`, to a store.

use std::path::PathBuf;
use std::sync::Arc;

use crate::{MongoStore, SqliteStore, Store, StoreError, Transfer};

/// Opens the store at `address`, such as `sqlite:/var/lib/decorum/decorum.db` or
/// `mongodb://db1,db2,db3/decorum?replicaSet=rs0`.
///
/// # Errors
/// An address that is not one, and whatever keeps the store from being opened.
pub async fn open_store(address: &str) -> Result<Arc<dyn Store>, StoreError> {
    if is_mongodb(address) {
        return Ok(Arc::new(MongoStore::open(address).await?));
    }
    Ok(Arc::new(SqliteStore::open(file(address)?)?))
}

/// Opens the store at `address` for reading only.
///
/// # Errors
/// An address that is not one, and whatever keeps the store from being opened.
pub async fn open_store_read_only(address: &str) -> Result<Arc<dyn Store>, StoreError> {
    if is_mongodb(address) {
        return Ok(Arc::new(MongoStore::open_read_only(address).await?));
    }
    Ok(Arc::new(SqliteStore::open_read_only(file(address)?)?))
}

/// Opens the store at `address` to copy it, or to copy another into it, which may have been begun
/// before.
///
/// # Errors
/// As [`open_store`].
pub async fn open_for_copy(address: &str) -> Result<Arc<dyn Transfer>, StoreError> {
    if is_mongodb(address) {
        return Ok(Arc::new(MongoStore::open_for_copy(address).await?));
    }
    Ok(Arc::new(SqliteStore::open_for_copy(file(address)?)?))
}

/// The file of the store at `address`; `None`: it is on a server. `sqlite:FILE` and
/// `sqlite://FILE` name the same one. It may not be there yet.
///
/// # Errors
/// An address that is not one.
pub fn sqlite_path(address: &str) -> Result<Option<PathBuf>, StoreError> {
    if is_mongodb(address) { Ok(None) } else { file(address).map(Some) }
}

fn is_mongodb(address: &str) -> bool {
    address.starts_with("mongodb://") || address.starts_with("mongodb+srv://")
}

fn file(address: &str) -> Result<PathBuf, StoreError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_name_the_same_file() {
        for (address, path) in [
            ("sqlite:decorum.db", "decorum.db"),
            ("sqlite://decorum.db", "decorum.db"),
            ("sqlite:/var/lib/decorum.db", "/var/lib/decorum.db"),
            ("sqlite:///var/lib/decorum.db", "/var/lib/decorum.db"),
        ] {
            let found = sqlite_path(address).expect("an address");
            assert_eq!(found.as_deref(), Some(std::path::Path::new(path)), "{address}");
        }
        for address in ["mongodb://db1/decorum", "mongodb+srv://db/decorum"] {
            assert_eq!(sqlite_path(address).expect("an address"), None, "{address}");
        }
        for address in ["", "decorum.db", "sqlite:", "sqlite://", "sqlite::memory:", "sqlite:a\0b"]
        {
            assert!(sqlite_path(address).is_err(), "{address:?}");
        }
    }
}
