//! A few threads that only read, each with a connection of its own, beside the one that writes.
//!
//! What looks at a few rows is a glance, and has a thread for itself: those that wait at the same
//! time share a snapshot, so that taking one and waking a thread is paid once for all of them.
//! Whatever may take longer is read elsewhere, and keeps no glance waiting.

use std::collections::VecDeque;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::fault::{self, Outcome};
use crate::StoreError;

/// Long reads at the same time; more wait. Each keeps a megabyte of pages.
const READERS: usize = 3;

/// Glances that share a snapshot at most: bounds for how long one is held.
const GROUP: usize = 64;

/// How the file is opened for reading.
pub(super) type Opener = fn(&Path) -> rusqlite::Result<Connection>;

/// Threads and connections begin when first needed, so that starting stays quick.
pub(super) struct Readers {
    glances: Pool,
    long: Pool,
}

impl Readers {
    pub(super) fn new(path: &Path, place: &str, open: Opener) -> Self {
        let file = Arc::new(File { path: path.into(), place: place.to_owned(), open });
        Self { glances: Pool::new(Arc::clone(&file), 1, GROUP), long: Pool::new(file, READERS, 1) }
    }

    /// Runs `work` on one snapshot of the file, taken after this was called.
    pub(super) async fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Outcome<T> + Send + 'static,
    {
        self.long.run(work).await
    }

    /// The same for what looks at a few rows and is done.
    pub(super) async fn glance<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Outcome<T> + Send + 'static,
    {
        self.glances.run(work).await
    }

    /// Takes nothing any more, does what waits, and closes all.
    pub(super) async fn close(&self) {
        let threads = self.glances.end().into_iter().chain(self.long.end());
        let threads: Vec<_> = threads.collect();
        // One that broke off has told whoever waited for it.
        let join = move || threads.into_iter().for_each(|thread| drop(thread.join()));
        let _ = tokio::task::spawn_blocking(join).await;
    }
}

struct File {
    path: PathBuf,
    place: String,
    open: Opener,
}

/// Threads that do one thing after the other.
struct Pool {
    file: Arc<File>,
    queue: Arc<Queue>,
    /// Threads at most.
    most: usize,
    /// How many may share a snapshot.
    group: usize,
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
    /// Does it and keeps the result; whether the connection is as good as before.
    fn run(&mut self, conn: &Connection, place: &str) -> bool;
    /// Tells whoever asked.
    fn answer(self: Box<Self>);
    /// Answers that it cannot be done.
    fn refuse(self: Box<Self>, error: StoreError);
}

struct Request<F, T> {
    work: Option<F>,
    found: Option<Result<T, StoreError>>,
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

    fn run(&mut self, conn: &Connection, place: &str) -> bool {
        let Some(work) = self.work.take() else { return true };
        // One that breaks off must not take those behind it along; it has nothing to answer.
        let found = panic::catch_unwind(AssertUnwindSafe(|| work(conn))).ok();
        self.found = found.map(|found| found.map_err(|fault| fault.at(place)));
        matches!(self.found, Some(Ok(_)))
    }

    fn answer(self: Box<Self>) {
        if let Some(found) = self.found {
            // Whoever asked may have gone meanwhile.
            let _ = self.reply.send(found);
        }
    }

    fn refuse(self: Box<Self>, error: StoreError) {
        let _ = self.reply.send(Err(error));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Pool {
    fn new(file: Arc<File>, most: usize, group: usize) -> Self {
        Self { file, queue: Arc::default(), most, group, threads: Mutex::default() }
    }

    async fn run<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Outcome<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.ask(Box::new(Request { work: Some(work), found: None, reply }))?;
        answer.await.unwrap_or_else(|_| Err(self.unreachable("reading broke off")))
    }

    fn ask(&self, work: Box<dyn Work>) -> Result<(), StoreError> {
        let nobody_free = {
            let mut line = lock(&self.queue.line);
            if line.closed {
                return Err(self.unreachable("it was closed"));
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
        if threads.len() >= self.most {
            return;
        }
        let (file, queue, group) = (Arc::clone(&self.file), Arc::clone(&self.queue), self.group);
        let started = thread::Builder::new()
            .name("decorum-read".to_owned())
            .spawn(move || serve(&file, &queue, group));
        match started {
            Ok(thread) => threads.push(thread),
            Err(_) if !threads.is_empty() => {}
            Err(e) => {
                for work in lock(&self.queue.line).waiting.drain(..) {
                    work.refuse(self.unreachable(&format!("no thread to read with: {e}")));
                }
            }
        }
    }

    /// Lets nobody in any more. The threads end once what waits is done.
    fn end(&self) -> Vec<JoinHandle<()>> {
        lock(&self.queue.line).closed = true;
        self.queue.changed.notify_all();
        std::mem::take(&mut *lock(&self.threads))
    }

    fn unreachable(&self, problem: &str) -> StoreError {
        StoreError::Unreachable { place: self.file.place.clone(), problem: problem.to_owned() }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.end();
    }
}

impl Queue {
    /// What one thread does next on one snapshot; nothing once all is over.
    fn take(&self, most: usize) -> Option<VecDeque<Box<dyn Work>>> {
        let mut line = lock(&self.line);
        while line.waiting.is_empty() {
            if line.closed {
                return None;
            }
            line.idle += 1;
            line = self.changed.wait(line).unwrap_or_else(PoisonError::into_inner);
            line.idle -= 1;
        }
        let many = most.min(line.waiting.len());
        Some(line.waiting.drain(..many).collect())
    }
}

fn serve(file: &File, queue: &Queue, most: usize) {
    let mut kept = None;
    while let Some(mut group) = queue.take(most) {
        group.retain(|work| work.is_wanted());
        while !group.is_empty() {
            let conn = match kept.take().map_or_else(|| (file.open)(&file.path), Ok) {
                Ok(conn) => conn,
                Err(e) => {
                    for work in group.drain(..) {
                        work.refuse(fault::translate(&e, &file.place));
                    }
                    break;
                }
            };
            kept = in_snapshot(conn, &mut group, &file.place);
        }
    }
}

/// Does one after the other until one fails. That may leave the connection in any state, so the
/// next ones get a new one.
fn in_snapshot(
    conn: Connection,
    group: &mut VecDeque<Box<dyn Work>>,
    place: &str,
) -> Option<Connection> {
    let begun = conn.prepare_cached("BEGIN DEFERRED").and_then(|mut begin| begin.execute([]));
    if let Err(e) = begun {
        if let Some(first) = group.pop_front() {
            first.refuse(fault::translate(&e, place));
        }
        return None;
    }
    let mut done = Vec::with_capacity(group.len());
    let mut well = true;
    while well && let Some(mut work) = group.pop_front() {
        well = work.run(&conn, place);
        done.push(work);
    }
    // What was read was read, however the end of it goes: a damaged file can fail here too. A
    // connection that is still inside then is not used again.
    let _ = conn.prepare_cached("ROLLBACK").and_then(|mut end| end.execute([]));
    // All at once: whoever is woken finds the others awake.
    for work in done {
        work.answer();
    }
    (well && conn.is_autocommit()).then_some(conn)
}
