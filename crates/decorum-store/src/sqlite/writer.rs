//! One thread writes; whoever comes while it syncs goes into the next group.
//!
//! A sync is what a durable write costs, and one sync can carry many. The thread takes what has
//! queued up, runs each request in a savepoint of one transaction, commits once, and only then
//! answers anybody. A request that fails is undone by itself and does not hurt the others.
//!
//! What cannot run in a transaction, such as rewriting the file, is run alone between two groups.

use std::thread;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::fault::{self, Fault, Outcome};
use crate::StoreError;

/// Requests that may wait; more wait outside, for a place.
const QUEUE: usize = 1024;

/// Requests that share a sync at most: bounds how long the first of them waits.
const GROUP: usize = 256;

/// The way to the thread.
#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Box<dyn Work>>,
    place: String,
}

/// One request as the thread sees it.
trait Work: Send {
    /// Whether it runs by itself, outside of any transaction.
    fn is_alone(&self) -> bool;
    /// Does it, and keeps the result.
    fn run(&mut self, conn: &Connection) -> Outcome<()>;
    /// Tells whoever asked; `Err` if it came to nothing.
    fn answer(self: Box<Self>, ended: Result<(), StoreError>);
}

struct Request<F, T> {
    alone: bool,
    work: Option<F>,
    done: Option<T>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<F, T> Work for Request<F, T>
where
    F: FnOnce(&Connection) -> Outcome<T> + Send,
    T: Send,
{
    fn is_alone(&self) -> bool {
        self.alone
    }

    fn run(&mut self, conn: &Connection) -> Outcome<()> {
        if let Some(work) = self.work.take() {
            self.done = Some(work(conn)?);
        }
        Ok(())
    }

    fn answer(self: Box<Self>, ended: Result<(), StoreError>) {
        let Self { done, reply, .. } = *self;
        if let Some(answer) = ended.map(|()| done).transpose() {
            // Whoever asked may be gone; what was done stays done.
            let _ = reply.send(answer);
        }
    }
}

impl Writer {
    /// Starts the thread. It ends when the last `Writer` is dropped and all is answered.
    pub(super) fn start(
        conn: Connection,
        place: &str,
    ) -> std::io::Result<(Self, thread::JoinHandle<()>)> {
        let (queue, requests) = mpsc::channel(QUEUE);
        let writer = Self { queue, place: place.to_owned() };
        let place = place.to_owned();
        let thread = thread::Builder::new()
            .name("decorum-store".to_owned())
            .spawn(move || serve(conn, requests, &place))?;
        Ok((writer, thread))
    }

    /// Runs `work` in a transaction; once this returns `Ok` the change is on disk.
    pub(super) async fn write<T, F>(self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Outcome<T> + Send + 'static,
    {
        self.request(false, work).await
    }

    /// Runs `work` outside of any transaction; everybody else waits meanwhile.
    pub(super) async fn alone<T, F>(self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Outcome<T> + Send + 'static,
    {
        self.request(true, work).await
    }

    async fn request<T, F>(self, alone: bool, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Outcome<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let request = Box::new(Request { alone, work: Some(work), done: None, reply });
        let place = self.place.clone();
        if self.queue.send(request).await.is_err() {
            let problem = "its writer has stopped".to_owned();
            return Err(StoreError::Unreachable { place, problem });
        }
        answer.await.unwrap_or_else(|_| {
            let problem = "its writer stopped before it answered".to_owned();
            Err(StoreError::Unknown { place, problem })
        })
    }
}

fn serve(mut conn: Connection, mut requests: mpsc::Receiver<Box<dyn Work>>, place: &str) {
    while let Some(first) = requests.blocking_recv() {
        let mut next = Some(first);
        let mut group = Vec::new();
        while let Some(work) = next.take() {
            if work.is_alone() {
                next = Some(work);
                break;
            }
            group.push(work);
            if group.len() < GROUP {
                next = requests.try_recv().ok();
            }
        }
        if !group.is_empty() {
            commit_together(&mut conn, group, place);
        }
        if let Some(mut work) = next {
            let ended = work.run(&conn).map_err(|fault| fault.at(place));
            work.answer(ended);
        }
    }
    // Leaves nothing but the file itself behind, if nobody else has it open.
    if let Err((_, e)) = conn.close() {
        tracing::warn!(place, error = %e, "the store did not close cleanly; nothing is lost");
    }
}

fn commit_together(conn: &mut Connection, group: Vec<Box<dyn Work>>, place: &str) {
    if let Err(e) = conn.execute_batch("BEGIN IMMEDIATE") {
        for work in group {
            work.answer(Err(fault::translate(&e, place)));
        }
        return;
    }
    let mut ran = Vec::with_capacity(group.len());
    let mut broken = false;
    for mut work in group {
        let ended = if broken { Ok(()) } else { in_savepoint(conn, work.as_mut()) };
        let ended = ended.map_err(|fault| {
            // A full disk or a failing one may take the whole transaction with it.
            broken |= conn.is_autocommit() || is_fatal(&fault);
            fault.at(place)
        });
        ran.push((work, ended));
    }
    let verdict = if broken {
        ran.iter().rev().find_map(|(_, ended)| ended.as_ref().err()).map(again)
    } else {
        conn.execute_batch("COMMIT").err().map(|e| fault::translate_commit(&e, place))
    };
    if !conn.is_autocommit()
        && let Err(e) = conn.execute_batch("ROLLBACK")
    {
        tracing::error!(place, error = %e, "the store could not undo a failed change");
    }
    for (work, ended) in ran {
        work.answer(ended.and_then(|()| verdict.as_ref().map_or(Ok(()), |e| Err(again(e)))));
    }
}

fn in_savepoint(conn: &Connection, work: &mut dyn Work) -> Outcome<()> {
    conn.prepare_cached("SAVEPOINT request")?.execute([])?;
    let ended = work.run(conn);
    if !conn.is_autocommit() {
        if ended.is_err() {
            conn.prepare_cached("ROLLBACK TO request")?.execute([])?;
        }
        conn.prepare_cached("RELEASE request")?.execute([])?;
    }
    ended
}

fn is_fatal(fault: &Fault) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, DiskFull, OutOfMemory, SystemIoFailure};
    let Fault::Sql(error) = fault else { return false };
    matches!(
        error.sqlite_error_code(),
        Some(DatabaseCorrupt | DiskFull | OutOfMemory | SystemIoFailure)
    )
}

/// The same answer for the next of a group that failed as one.
fn again(error: &StoreError) -> StoreError {
    match error {
        StoreError::Full { place } => StoreError::Full { place: place.clone() },
        StoreError::ReadOnly { place } => StoreError::ReadOnly { place: place.clone() },
        StoreError::Busy { place, waited_seconds } => {
            StoreError::Busy { place: place.clone(), waited_seconds: *waited_seconds }
        }
        StoreError::Damaged { place, problem } => {
            StoreError::Damaged { place: place.clone(), problem: problem.clone() }
        }
        StoreError::Unknown { place, problem } => {
            StoreError::Unknown { place: place.clone(), problem: problem.clone() }
        }
        other => {
            StoreError::Unreachable { place: "the store".to_owned(), problem: other.to_string() }
        }
    }
}
