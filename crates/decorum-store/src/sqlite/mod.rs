//! The embedded keeper: one SQLite file.
//!
//! Invariants:
//! - nothing is answered before it is on disk (write-ahead log, `synchronous = FULL`);
//! - one thread writes, and many requests share one sync ([`writer`]);
//! - readers see whole transactions and never wait for the writer ([`readers`], [`glances`]);
//! - a file that is not ours is not touched ([`file`]).

mod by_hand;
mod cleanup;
mod connection;
mod contract;
mod engagement;
mod fault;
mod file;
mod forget;
mod glances;
mod import;
mod inspect;
mod known;
mod log;
mod merge;
mod metrics;
mod readers;
mod rows;
mod schema;
mod step;
mod task_contract;
mod tasks;
#[cfg(test)]
mod tests;
mod tokens;
mod transfer;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;

use crate::StoreError;
use fault::{Fault, Outcome};
use file::Look;
use glances::Glances;
use readers::{File, Opener, Readers};
use writer::Writer;

/// A store in one SQLite file. Several processes may have the same file open.
pub struct SqliteStore {
    path: PathBuf,
    place: String,
    glances: Glances,
    readers: Readers,
    /// `None`: opened for reading only, or closed.
    writer: Mutex<Option<Running>>,
    writable: bool,
}

struct Running {
    writer: Writer,
    thread: JoinHandle<()>,
}

impl SqliteStore {
    /// Opens the file at `path`, or creates it; its directory must exist.
    ///
    /// # Errors
    /// [`StoreError::Foreign`] and [`StoreError::Newer`] for a file that is not ours to write,
    /// of which nothing was changed then; [`StoreError::ReadOnly`], [`StoreError::Full`],
    /// [`StoreError::Damaged`] and [`StoreError::Unreachable`] as they say.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_by(path.as_ref(), refuse_half_copied)
    }

    /// The same, also for a file into which a copy was begun.
    pub(crate) fn open_for_copy(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_by(path.as_ref(), |_, _| Ok(()))
    }

    fn open_by(
        path: &Path,
        check: fn(&Connection, &str) -> Result<(), StoreError>,
    ) -> Result<Self, StoreError> {
        let place = file::place(path);
        file::look(path)?;
        let conn = bring_up_to_date(path)?;
        check(&conn, &place)?;
        let (writer, thread) = Writer::start(conn, &place).map_err(|e| {
            let problem = format!("no thread to write with: {e}");
            StoreError::Unreachable { place: place.clone(), problem }
        })?;
        let (glances, readers) = ways_to_read(path, &place, connection::for_reading);
        Ok(Self {
            glances,
            readers,
            writer: Mutex::new(Some(Running { writer, thread })),
            writable: true,
            path: path.into(),
            place,
        })
    }

    /// Opens the file at `path` for reading only, also where nothing may be written. Whatever
    /// would change it ends in [`StoreError::ReadOnly`]. Only an older layout is brought up to date.
    ///
    /// # Errors
    /// As [`SqliteStore::open`]; a file that is not there is [`StoreError::Unreachable`], and one
    /// of an older layout that may not be written is [`StoreError::Older`].
    pub fn open_read_only(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let place = file::place(path);
        if file::look(path)? == Look::Vacant {
            let problem = "there is no such store yet".to_owned();
            return Err(StoreError::Unreachable { place, problem });
        }
        let open = match file::opener(path) {
            Err(older @ StoreError::Older { .. }) => {
                bring_up_to_date(path).map_err(|error| match error {
                    StoreError::ReadOnly { .. } => older,
                    other => other,
                })?;
                file::opener(path)?
            }
            open => open?,
        };
        let conn = open(path).map_err(|e| cannot_open(&e, path))?;
        refuse_half_copied(&conn, &place)?;
        drop(conn);
        let (glances, readers) = ways_to_read(path, &place, open);
        Ok(Self {
            glances,
            readers,
            writer: Mutex::new(None),
            writable: false,
            path: path.into(),
            place,
        })
    }

    async fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Outcome<T> + Send + 'static,
    {
        self.readers.read(work).await
    }

    /// The same for what looks at a few rows and is done.
    async fn glance<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Outcome<T> + Send + 'static,
    {
        self.glances.look(|conn, _| work(conn)).await
    }

    async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Outcome<T> + Send + 'static,
    {
        self.running()?.write(work).await
    }

    /// The way to the writer, if this store may be written.
    fn running(&self) -> Result<Writer, StoreError> {
        let place = self.place.clone();
        if !self.writable {
            return Err(StoreError::ReadOnly { place });
        }
        let running = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let closed = || StoreError::Unreachable { place, problem: "it was closed".to_owned() };
        running.as_ref().map(|running| running.writer.clone()).ok_or_else(closed)
    }

    async fn stop(&self) -> Result<(), StoreError> {
        self.glances.close().await;
        self.readers.close().await;
        let running = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Running { writer, thread }) = running else { return Ok(()) };
        drop(writer);
        let ended = tokio::task::spawn_blocking(move || thread.join()).await;
        match ended {
            Ok(Ok(())) => Ok(()),
            _ => Err(StoreError::Unknown {
                place: self.place.clone(),
                problem: "its writer broke off".to_owned(),
            }),
        }
    }
}

fn ways_to_read(path: &Path, place: &str, opener: Opener) -> (Glances, Readers) {
    let file = Arc::new(File::new(path, place, opener));
    (Glances::new(Arc::clone(&file)), Readers::new(file))
}

/// A connection that may write the file, which has the newest layout then.
fn bring_up_to_date(path: &Path) -> Result<Connection, StoreError> {
    let place = file::place(path);
    let mut conn = connection::for_writing(path).map_err(|e| cannot_open(&e, path))?;
    if conn.is_readonly("main").map_err(|e| fault::translate(&e, &place))? {
        return Err(StoreError::ReadOnly { place });
    }
    schema::prepare(&mut conn, path).map_err(|fault| match fault {
        Fault::Sql(e) => cannot_open(&e, path),
        other => other.at(&place),
    })?;
    Ok(conn)
}

fn refuse_half_copied(conn: &Connection, place: &str) -> Result<(), StoreError> {
    match rows::keeper::mark(conn).map_err(|fault| fault.at(place))? {
        None => Ok(()),
        Some(crate::Mark { from, .. }) => {
            Err(StoreError::HalfCopied { place: place.to_owned(), from })
        }
    }
}

/// SQLite says only "unable to open"; the file system knows more.
fn cannot_open(error: &rusqlite::Error, path: &Path) -> StoreError {
    let place = file::place(path);
    if error.sqlite_error_code() != Some(rusqlite::ErrorCode::CannotOpen) {
        return fault::translate(error, &place);
    }
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let problem = match std::fs::metadata(directory) {
        Err(e) => format!("the directory {}: {e}", directory.display()),
        Ok(meta) if !meta.is_dir() => format!("{} is not a directory", directory.display()),
        // The directory is there; the file, or its log, cannot be made in it.
        Ok(_) => return StoreError::ReadOnly { place },
    };
    StoreError::Unreachable { place, problem }
}
