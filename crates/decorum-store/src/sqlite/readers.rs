//! A few threads that only read, each with a connection of its own, beside the one that writes: for
//! whatever takes longer than a look at a few rows ([`super::glances`]).

use std::collections::VecDeque;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::fault::{self, Outcome};
use crate::StoreError;

/// Reads at the same time; more wait. Each keeps a megabyte of pages.
const READERS: usize = 3;

/// How the file is opened for reading.
pub(super) type Opener = fn(&Path) -> rusqlite::Result<Connection>;

/// The file, and how to get at it.
pub(super) struct File {
    path: PathBuf,
    pub(super) place: String,
    opener: Opener,
}

impl File {
    pub(super) fn new(path: &Path, place: &str, opener: Opener) -> Self {
        Self { path: path.into(), place: place.to_owned(), opener }
    }

    /// A new connection.
    pub(super) fn open(&self) -> rusqlite::Result<Connection> {
        (self.opener)(&self.path)
    }

    pub(super) fn unreachable(&self, problem: &str) -> StoreError {
        StoreError::Unreachable { place: self.place.clone(), problem: problem.to_owned() }
    }

    /// What comes of a look. One that breaks off has nothing to answer, and must not take its thread
    /// along.
    pub(super) fn guarded<T>(&self, look: impl FnOnce() -> Outcome<T>) -> Result<T, StoreError> {
        match panic::catch_unwind(AssertUnwindSafe(look)) {
            Ok(found) => found.map_err(|fault| fault.at(&self.place)),
            Err(_) => Err(self.unreachable("reading broke off")),
        }
    }
}

/// Threads and their connections begin when first needed, so that starting stays quick.
pub(super) struct Readers {
    file: Arc<File>,
    queue: Arc<Queue>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

#[derive(Default)]
struct Queue {
    line: Mutex<Line>,
    changed: Condvar,
}

#[derive(Default)]
struct Line {
    waiting: VecDeque<Box<dyn Work>>,
    /// Threads that wait for work.
    idle: usize,
    closed: bool,
}

/// One request as a thread sees it.
trait Work: Send {
    /// Whether anybody still waits for the answer.
    fn is_wanted(&self) -> bool;
    /// Does it, tells whoever asked, and gives the connection back if it is as good as before.
    fn run(self: Box<Self>, conn: Connection, file: &File) -> Option<Connection>;
    /// Answers that it cannot be done.
    fn refuse(self: Box<Self>, error: StoreError);
}

struct Request<F, T> {
    work: F,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<F, T> Work for Request<F, T>
where
    F: FnOnce(&Connection) -> Outcome<T> + Send,
    T: Send,
{
    fn is_wanted(&self) -> bool {
        !self.reply.is_closed()
    }

    fn run(self: Box<Self>, conn: Connection, file: &File) -> Option<Connection> {
        let Self { work, reply } = *self;
        if let Err(e) = begin(&conn) {
            let _ = reply.send(Err(fault::translate(&e, &file.place)));
            return None;
        }
        let found = file.guarded(|| work(&conn));
        let conn = end(conn).filter(|_| found.is_ok());
        // Whoever asked may have gone meanwhile.
        let _ = reply.send(found);
        conn
    }

    fn refuse(self: Box<Self>, error: StoreError) {
        let _ = self.reply.send(Err(error));
    }
}

/// Begins a snapshot, which is taken by the first statement that reads.
pub(super) fn begin(conn: &Connection) -> rusqlite::Result<()> {
    conn.prepare_cached("BEGIN DEFERRED")?.execute([]).map(drop)
}

/// Ends a snapshot. What was read was read, however that goes: a damaged file can fail here too. A
/// connection that is still inside then is not used again.
pub(super) fn end(conn: Connection) -> Option<Connection> {
    let _ = conn.prepare_cached("ROLLBACK").and_then(|mut end| end.execute([]));
    conn.is_autocommit().then_some(conn)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Readers {
    pub(super) fn new(file: Arc<File>) -> Self {
        Self { file, queue: Arc::default(), threads: Mutex::default() }
    }

    /// Runs `work` on one snapshot of the file, taken after this was called.
    pub(super) async fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Outcome<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.ask(Box::new(Request { work, reply }))?;
        answer.await.unwrap_or_else(|_| Err(self.file.unreachable("reading broke off")))
    }

    fn ask(&self, work: Box<dyn Work>) -> Result<(), StoreError> {
        let nobody_free = {
            let mut line = lock(&self.queue.line);
            if line.closed {
                return Err(self.file.unreachable("it was closed"));
            }
            line.waiting.push_back(work);
            line.waiting.len() > line.idle
        };
        self.queue.changed.notify_one();
        if nobody_free {
            self.reinforce();
        }
        Ok(())
    }

    /// One thread more, if there may be one. Where none can be started, who waits is told.
    fn reinforce(&self) {
        let mut threads = lock(&self.threads);
        threads.retain(|thread| !thread.is_finished());
        if threads.len() >= READERS {
            return;
        }
        let (file, queue) = (Arc::clone(&self.file), Arc::clone(&self.queue));
        let started = thread::Builder::new()
            .name("decorum-read".to_owned())
            .spawn(move || serve(&file, &queue));
        match started {
            Ok(thread) => threads.push(thread),
            Err(_) if !threads.is_empty() => {}
            Err(e) => {
                for work in lock(&self.queue.line).waiting.drain(..) {
                    work.refuse(self.file.unreachable(&format!("no thread to read with: {e}")));
                }
            }
        }
    }

    /// Takes nothing any more, does what waits, and closes all.
    pub(super) async fn close(&self) {
        let threads = self.end();
        // One that broke off has told whoever waited for it.
        let join = move || threads.into_iter().for_each(|thread| drop(thread.join()));
        let _ = tokio::task::spawn_blocking(join).await;
    }

    /// Lets nobody in any more. The threads end once what waits is done.
    fn end(&self) -> Vec<JoinHandle<()>> {
        lock(&self.queue.line).closed = true;
        self.queue.changed.notify_all();
        std::mem::take(&mut *lock(&self.threads))
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.end();
    }
}

impl Queue {
    /// What one thread does next; nothing once all is over.
    fn take(&self) -> Option<Box<dyn Work>> {
        let mut line = lock(&self.line);
        loop {
            if let Some(work) = line.waiting.pop_front() {
                return Some(work);
            }
            if line.closed {
                return None;
            }
            line.idle += 1;
            line = self.changed.wait(line).unwrap_or_else(PoisonError::into_inner);
            line.idle -= 1;
        }
    }
}

fn serve(file: &File, queue: &Queue) {
    let mut kept = None;
    while let Some(work) = queue.take() {
        if !work.is_wanted() {
            continue;
        }
        match kept.take().map_or_else(|| file.open(), Ok) {
            Ok(conn) => kept = work.run(conn, file),
            Err(e) => work.refuse(fault::translate(&e, &file.place)),
        }
    }
}
