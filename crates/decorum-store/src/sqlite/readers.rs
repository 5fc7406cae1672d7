//! A few connections that only read, beside the one that writes.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::fault::Outcome;
use crate::StoreError;

/// Reads at the same time; more wait. Each keeps a megabyte of pages.
const READERS: usize = 3;

/// How the file is opened for reading.
pub(super) type Opener = fn(&Path) -> rusqlite::Result<Connection>;

/// Connections are opened when first needed, so that starting stays quick.
pub(super) struct Readers {
    path: PathBuf,
    place: String,
    open: Opener,
    places: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Readers {
    pub(super) fn new(path: &Path, place: &str, open: Opener) -> Self {
        Self {
            path: path.into(),
            place: place.to_owned(),
            open,
            places: Arc::new(Semaphore::new(READERS)),
            idle: Arc::default(),
        }
    }

    /// Runs `work` on one snapshot of the file, away from the caller's runtime threads.
    pub(super) async fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Outcome<T> + Send + 'static,
    {
        let closed = || StoreError::Unreachable {
            place: self.place.clone(),
            problem: "it was closed".to_owned(),
        };
        let turn = self.places.clone().acquire_owned().await.map_err(|_| closed())?;
        let idle = self.idle.clone();
        let (path, open) = (self.path.clone(), self.open);
        let reading = tokio::task::spawn_blocking(move || {
            let kept = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let conn = match kept {
                Some(conn) => conn,
                None => open(&path)?,
            };
            let found = in_snapshot(&conn, work);
            // One that failed may be in any state; the next reader opens a new one.
            if found.is_ok() && conn.is_autocommit() {
                idle.lock().unwrap_or_else(PoisonError::into_inner).push(conn);
            }
            drop(turn);
            found
        });
        match reading.await {
            Ok(found) => found.map_err(|fault| fault.at(&self.place)),
            Err(e) => Err(StoreError::Unreachable {
                place: self.place.clone(),
                problem: format!("reading broke off: {e}"),
            }),
        }
    }

    /// Lets nobody in any more, waits for those inside, and closes all.
    pub(super) async fn close(&self) {
        let all = u32::try_from(READERS).unwrap_or(u32::MAX);
        let inside = self.places.acquire_many(all).await;
        self.places.close();
        drop(inside);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

fn in_snapshot<T>(conn: &Connection, work: impl FnOnce(&Connection) -> Outcome<T>) -> Outcome<T> {
    conn.execute_batch("BEGIN DEFERRED")?;
    let found = work(conn);
    // What was read was read, however the end of it goes: a damaged file can fail here too. A
    // connection that is still inside then is not used again.
    let _ = conn.execute_batch("ROLLBACK");
    found
}
