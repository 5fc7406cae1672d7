//! How a connection is set up: where durability is decided.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

/// How long to wait for another process before giving up.
pub(super) const BUSY: Duration = Duration::from_secs(5);

/// How often to look whether it is done.
pub(super) const POLL: Duration = Duration::from_millis(1);

/// Statements kept prepared per connection; there are fewer.
const STATEMENTS: usize = 160;

const COMMON: OpenFlags = OpenFlags::SQLITE_OPEN_NO_MUTEX.union(OpenFlags::SQLITE_OPEN_URI);

/// The one connection that writes. The file is known to be ours, or new.
pub(super) fn for_writing(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | COMMON;
    let mut conn = Connection::open_with_flags(uri(path, ""), flags)?;
    common(&mut conn, 4096)?;
    // One sync per commit, of the log; on macOS one that reaches the medium.
    conn.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;
         PRAGMA foreign_keys = ON;",
    )?;
    Ok(conn)
}

/// One of the connections that only read.
pub(super) fn for_reading(path: &Path) -> rusqlite::Result<Connection> {
    let mut conn = read_only(uri(path, ""))?;
    common(&mut conn, 1024)?;
    Ok(conn)
}

/// Reads a file as it lies there, without locks and without creating anything beside it. Sees
/// nothing that is only in the write-ahead log.
pub(super) fn as_it_lies(path: &Path) -> rusqlite::Result<Connection> {
    let mut conn = read_only(uri(path, "?immutable=1"))?;
    common(&mut conn, 1024)?;
    Ok(conn)
}

/// The same for a file that may be shorter than it says, because a full disk kept the log from
/// being carried over; only its first page is to be trusted then.
pub(super) fn for_looking(path: &Path) -> rusqlite::Result<Connection> {
    let conn = read_only(uri(path, "?immutable=1"))?;
    // Nothing can be written here; SQLite skips the comparison of lengths under this name.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA, true)?;
    Ok(conn)
}

fn read_only(uri: String) -> rusqlite::Result<Connection> {
    let conn = Connection::open_with_flags(uri, OpenFlags::SQLITE_OPEN_READ_ONLY | COMMON)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(conn)
}

fn common(conn: &mut Connection, cache_kib: u32) -> rusqlite::Result<()> {
    conn.busy_handler(Some(wait_for_others))?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    conn.execute_batch(&format!(
        "PRAGMA cache_size = -{cache_kib}; PRAGMA temp_store = MEMORY;
         PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
    ))
}

/// Waits a moment, at most [`BUSY`] in all. SQLite's own waits grow to 100 ms, in which a
/// neighbour that writes all the time overtakes again and again.
fn wait_for_others(times: i32) -> bool {
    let waited = POLL.saturating_mul(u32::try_from(times).unwrap_or(u32::MAX));
    std::thread::sleep(POLL);
    waited < BUSY
}

/// Switches to the write-ahead log, for good: the file remembers. Switching needs the file for
/// itself, and does not wait for it by the busy handler.
pub(super) fn use_write_ahead_log(conn: &Connection) -> rusqlite::Result<()> {
    let patience = Instant::now() + BUSY;
    loop {
        let switched = conn.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()));
        match &switched {
            Err(e)
                if e.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && Instant::now() < patience =>
            {
                std::thread::sleep(Duration::from_millis(5));
            }
            _ => return switched,
        }
    }
}

/// The path as a `file:` URI, byte for byte.
fn uri(path: &Path, query: &str) -> String {
    use std::fmt::Write as _;
    let mut uri = "file:".to_owned();
    // A relative path that begins with two slashes would be read as a host.
    if path.is_relative() {
        uri.push_str("./");
    }
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => {
                uri.push(char::from(*byte));
            }
            byte => {
                let _ = write!(uri, "%{byte:02x}");
            }
        }
    }
    uri.push_str(query);
    uri
}
