//! `instapy.db`: its table `followRestriction` has everybody who was ever followed, and how
//! often, but not when. What it knows of likes and comments names posts, not people.

use std::path::Path;

use decorum_core::{AccountId, Action, Metadata};
use rusqlite::{Connection, OpenFlags};

use super::InPools;
use crate::sink::{DONE, Found, Halt, InFile, Sink};
use crate::{ImportError, LeftOut, Place, Spot};

const TABLE: &str = "followRestriction";

/// Whether a file that begins so is a database of SQLite.
pub(super) fn is_one(start: &[u8]) -> bool {
    start == b"SQLite format 3\0"
}

/// Whether a file that begins so is what `SQLite` keeps beside a database while it is written.
pub(super) fn is_journal(start: &[u8]) -> bool {
    const ROLLBACK: &[u8] = &[0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
    const AHEAD: &[u8] = &[0x37, 0x7f, 0x06];
    start.starts_with(ROLLBACK) || start.starts_with(AHEAD)
}

pub(super) fn read(path: &Path, in_pools: &InPools, sink: &mut Sink<'_>) -> Result<(), Halt> {
    let file = InFile::new(&path.display().to_string());
    let sql = |e: rusqlite::Error| damage(&file, file.whole(), &e);
    let conn = open(path).map_err(sql)?;
    // SQLite takes what is missing of the last page for zeros.
    let page: u32 = conn.query_row("PRAGMA page_size", [], |row| row.get(0)).map_err(sql)?;
    let length = std::fs::metadata(path).map_err(|e| ImportError::unreadable(path, e))?.len();
    if page == 0 || !length.is_multiple_of(page.into()) {
        return Err(ImportError::damaged(file.whole(), "it ends in the middle of a page").into());
    }
    let check: String =
        conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(sql)?;
    if check != "ok" {
        return Err(ImportError::damaged(file.whole(), check).into());
    }
    for table in ["profiles", TABLE] {
        if !is_table(&conn, table).map_err(sql)? {
            let problem = format!("has no table {table}; give the {} of InstaPy", super::DATABASE);
            return Err(ImportError::unexpected(file.name(), problem).into());
        }
    }
    let query = format!(
        "SELECT f.rowid, p.name, f.username, f.times FROM {TABLE} f
         LEFT JOIN profiles p ON p.id = f.profile_id ORDER BY f.rowid"
    );
    let mut statement = conn.prepare(&query).map_err(sql)?;
    let mut rows = statement.query([]).map_err(sql)?;
    let mut last = file.whole();
    loop {
        let row = match rows.next() {
            Ok(Some(row)) => row,
            Ok(None) => return Ok(()),
            Err(e) => return Err(damage(&file, last, &e).into()),
        };
        let place = file.at(Spot::Row(TABLE, row.get(0).map_err(sql)?));
        last = place.clone();
        let read = || {
            let (account, name) = (row.get::<_, Option<String>>(1)?, row.get::<_, String>(2)?);
            Ok((account, name, row.get::<_, Option<i64>>(3)?))
        };
        let (account, name, times) = read().map_err(|e| damage(&file, place.clone(), &e))?;
        followed(account.as_deref(), &name, times, place, in_pools, sink)?;
    }
}

fn followed(
    profile: Option<&str>,
    name: &str,
    times: Option<i64>,
    place: Place,
    in_pools: &InPools,
    sink: &mut Sink<'_>,
) -> Result<(), Halt> {
    let account = match profile.map(str::parse::<AccountId>) {
        Some(Ok(account)) => account,
        Some(Err(error)) => return sink.bad(error.to_string(), place),
        None => return sink.bad("no profile has its number", place),
    };
    if sink.options.account.as_ref().is_some_and(|only| *only != account) {
        return sink.left_out(LeftOut::OtherAccount, place);
    }
    if times.is_some_and(|times| times < 1) {
        return sink.left_out(LeftOut::NotDone, place);
    }
    if let Ok(person) = name.parse()
        && in_pools.contains(&(account.clone(), person))
    {
        return sink.left_out(LeftOut::InPool, place);
    }
    let found = Found {
        account_id: account,
        names: &[name],
        action: Action::Follow,
        outcome: DONE,
        reason: None,
        happened_at: None,
        metadata: Metadata::default(),
    };
    sink.found(found, place).map(drop)
}

/// Opens it so that not one byte of it, or beside it, is changed, and so that nothing in it is
/// run: a database may bring views and triggers of its own.
fn open(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON")?;
    Ok(conn)
}

fn is_table(conn: &Connection, name: &str) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE";
    conn.prepare(sql)?.exists([name])
}

fn damage(file: &InFile, place: Place, error: &rusqlite::Error) -> ImportError {
    use rusqlite::ErrorCode::{CannotOpen, DatabaseBusy, DatabaseLocked, NotADatabase, ReadOnly};
    match error.sqlite_error_code() {
        // Nothing is written here, so it is the undoing of a write that is not allowed.
        Some(ReadOnly) => {
            let problem = "was being written when InstaPy or the machine was stopped, and the \
                           file ending in -journal beside it must be applied first: start \
                           InstaPy once, or open it with sqlite3";
            ImportError::unexpected(file.name(), problem)
        }
        Some(CannotOpen | DatabaseBusy | DatabaseLocked) => {
            let problem = format!("cannot be opened ({error}); end InstaPy first");
            ImportError::unexpected(file.name(), problem)
        }
        Some(NotADatabase) => ImportError::unexpected(file.name(), "is no database of SQLite"),
        _ => ImportError::damaged(place, error.to_string()),
    }
}
