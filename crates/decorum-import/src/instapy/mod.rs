//! `InstaPy`: its database, and the pools in its log folders.
//!
//! The pools say when somebody was followed, the database does not. Where a folder has both,
//! who is in a pool is not taken from the database again: without a time it would count as
//! followed today.

mod database;
mod pool;

use std::collections::HashSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use decorum_core::{AccountId, Username};

use crate::ImportError;
use crate::sink::{Halt, InFile, Sink};
use crate::source::Source;

/// Who is in a pool, by account.
type InPools = HashSet<(AccountId, Username)>;

const DATABASE: &str = "instapy.db";

pub(crate) fn read_path(path: &Path, sink: &mut Sink<'_>) -> Result<(), Halt> {
    let name = path.display().to_string();
    if !path.is_dir() {
        let mut file = File::open(path).map_err(|e| ImportError::unreadable(path, e))?;
        let mut start = Vec::new();
        file.by_ref()
            .take(16)
            .read_to_end(&mut start)
            .map_err(|e| ImportError::unreadable(path, e))?;
        if database::is_one(&start) {
            return database::read(path, &InPools::new(), sink);
        }
        if database::is_journal(&start) {
            let problem = format!("is the journal of a database; give the {DATABASE} itself");
            return Err(ImportError::unexpected(name, problem).into());
        }
        let file = File::open(path).map_err(|e| ImportError::unreadable(path, e))?;
        return one_pool(&name, file, sink);
    }
    let wanted = |file: &str| base(file) == DATABASE || pool::account_of(base(file)).is_some();
    let mut source = Source::open(path, &wanted)?;
    let (databases, pools): (Vec<String>, Vec<String>) =
        source.files().iter().cloned().partition(|file| base(file) == DATABASE);
    if databases.is_empty() && pools.is_empty() {
        let problem = format!(
            "has neither a {DATABASE} nor a pool (NAME_followedPool.csv, \
             NAME_record_all_followed.csv)"
        );
        return Err(source.nothing(&name, &problem).into());
    }
    source.tell_closed(&name, sink)?;
    let mut in_pools = InPools::new();
    for file in &pools {
        let shown = path.join(file).display().to_string();
        // Which are wanted is decided by the name, so there is one.
        let Some(account) = pool::account_of(base(file)) else { continue };
        let pool = InFile::new(&shown);
        source.read(file, |bytes| pool::read(&pool, bytes, &account, &mut in_pools, sink))?;
    }
    for file in &databases {
        database::read(&path.join(file), &in_pools, sink)?;
    }
    Ok(())
}

/// Reads a pool from memory.
pub(crate) fn read_pool_bytes(name: &str, bytes: &[u8], sink: &mut Sink<'_>) -> Result<(), Halt> {
    one_pool(name, bytes, sink)
}

/// Reads a pool that was given by itself: it may have been renamed, so it is of the account that
/// was named with it, if one was.
fn one_pool(name: &str, bytes: impl Read, sink: &mut Sink<'_>) -> Result<(), Halt> {
    let named = match &sink.options.account {
        Some(_) => None,
        None => pool::account_of(base(name)),
    };
    let account = sink.account(name, named)?;
    pool::read(&InFile::new(name), bytes, &account, &mut InPools::new(), sink)
}

fn base(file: &str) -> &str {
    file.rsplit('/').next().unwrap_or_default()
}
