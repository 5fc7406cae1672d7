//! Whose file is it? Asked before anything is changed.
//!
//! A file that is not ours is refused without one byte of it, or a file beside it, being
//! touched. Our mark (`application_id`) is written by the first transaction, before the
//! write-ahead log is switched on, so it always stands in the file itself and can be read
//! without locks or recovery.
//!
//! The look goes through SQLite, never through a file handle of our own: closing such a handle
//! would drop the locks that other connections of this process hold on the same file (POSIX).

use std::cmp::Ordering;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode};

use super::connection;
use super::schema::{APPLICATION_ID, VERSION};
use crate::StoreError;

/// What a look at a path showed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// Nothing there, or an empty file: may become ours.
    Vacant,
    /// Written by us.
    Ours,
}

/// The smallest database has one page of the smallest size.
const SMALLEST: u64 = 512;

/// Another process may be in the middle of creating the file; that takes a moment.
const CREATION: Duration = Duration::from_secs(2);

/// Looks at what lies at `path`.
pub(super) fn look(path: &Path) -> Result<Look, StoreError> {
    let patience = Instant::now() + CREATION;
    loop {
        match look_once(path) {
            Err(StoreError::Foreign { .. } | StoreError::Damaged { .. })
                if beside(path, "-journal").exists() && Instant::now() < patience =>
            {
                std::thread::sleep(Duration::from_millis(20));
            }
            seen => return seen,
        }
    }
}

fn look_once(path: &Path) -> Result<Look, StoreError> {
    let foreign = |found: &str| StoreError::Foreign { path: path.into(), found: found.to_owned() };
    let unreachable = |problem: String| StoreError::Unreachable { place: place(path), problem };
    let size = match std::fs::metadata(path) {
        Ok(meta) if meta.is_dir() => return Err(foreign("it is a directory")),
        Ok(meta) if !meta.is_file() => return Err(foreign("it is not an ordinary file")),
        Ok(meta) => meta.len(),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Look::Vacant),
        Err(e) => return Err(unreachable(e.to_string())),
    };
    if size == 0 {
        return Ok(Look::Vacant);
    }
    // SQLite would take a file of a single byte for an empty one.
    if size < SMALLEST {
        return Err(foreign("not an SQLite database"));
    }
    let seen = connection::for_looking(path).and_then(|conn| {
        Ok((
            number(&conn, "PRAGMA application_id")?,
            number(&conn, "PRAGMA user_version")?,
            number(&conn, "SELECT count(*) FROM sqlite_schema"),
        ))
    });
    match seen {
        Ok((APPLICATION_ID, version, _)) if version > i64::from(VERSION) => {
            Err(newer(path, version))
        }
        Ok((APPLICATION_ID, ..)) => Ok(Look::Ours),
        Ok((0, _, Ok(0))) if !beside(path, "-wal").exists() => Ok(Look::Vacant),
        Ok((0, ..)) => Err(foreign("an SQLite database of some other program")),
        Ok((id, ..)) => {
            Err(foreign(&format!("an SQLite database of some other program, application id {id}")))
        }
        Err(e) => match e.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Err(foreign("not an SQLite database")),
            Some(ErrorCode::DatabaseCorrupt) => {
                Err(StoreError::Damaged { place: place(path), problem: e.to_string() })
            }
            _ => Err(unreachable(e.to_string())),
        },
    }
}

/// The error for a layout this program does not know yet.
pub(super) fn newer(path: &Path, version: i64) -> StoreError {
    StoreError::Newer {
        path: path.into(),
        found: u32::try_from(version).unwrap_or(u32::MAX),
        known: VERSION,
    }
}

/// What a person reads of where it is.
pub(super) fn place(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

/// The file that SQLite keeps beside `path` under this ending.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

pub(super) fn number(conn: &Connection, sql: &str) -> rusqlite::Result<i64> {
    conn.query_row(sql, [], |row| row.get(0))
}

/// How a file of ours can be opened for reading where it lies. Reading beside a writer needs
/// a shared index next to the file; where none can be made nobody writes either, and the file
/// may be read as it lies, unless changes are waiting in its log.
pub(super) fn opener(path: &Path) -> Result<super::readers::Opener, StoreError> {
    let probe = |open: super::readers::Opener| {
        open(path).and_then(|conn| number(&conn, "PRAGMA user_version"))
    };
    let version = match probe(connection::for_reading) {
        Ok(version) => version,
        Err(e)
            if !matches!(
                e.sqlite_error_code(),
                Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly)
            ) =>
        {
            return Err(super::fault::translate(&e, &place(path)));
        }
        Err(e) => {
            let waiting = std::fs::metadata(beside(path, "-wal")).is_ok_and(|m| m.len() > 0);
            if waiting {
                let problem = "its newest changes are in the file ending in -wal, which cannot \
                               be read where nothing may be written; copy both files to a \
                               writable place";
                let problem = format!("{problem} ({e})");
                return Err(StoreError::Unreachable { place: place(path), problem });
            }
            let version = probe(connection::as_it_lies)
                .map_err(|e| super::fault::translate(&e, &place(path)))?;
            return of_our_layout(path, version).map(|()| connection::as_it_lies as _);
        }
    };
    of_our_layout(path, version).map(|()| connection::for_reading as _)
}

fn of_our_layout(path: &Path, version: i64) -> Result<(), StoreError> {
    match version.cmp(&i64::from(VERSION)) {
        Ordering::Greater => Err(newer(path, version)),
        Ordering::Less => Err(StoreError::Older {
            path: path.into(),
            found: u32::try_from(version).unwrap_or(0),
            needed: VERSION,
        }),
        Ordering::Equal => Ok(()),
    }
}
