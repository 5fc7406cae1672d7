//! Looks at a few rows, on a thread of the asynchronous runtime.
//!
//! Such a look is a few microseconds of reading what memory holds: less than handing it to another
//! thread and being woken by that one. Half of what it costs is taking the snapshot. So the first who
//! asks begins a task that lets everything else that is ready come first, and then looks for all who
//! have asked meanwhile. It never waits for another process while it has the thread, and whatever may take
//! longer is read by [`super::readers`].

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode};
use tokio::sync::oneshot;

use super::connection::{BUSY, POLL};
use super::fault::{self, Outcome};
use super::known::Known;
use super::readers::{self, File};
use crate::StoreError;

/// Looks that share a snapshot at most: bounds for how long a thread of the runtime has nothing
/// else.
const GROUP: usize = 64;

/// Connections kept while nobody looks; each keeps a megabyte of pages.
const KEPT: usize = 16;

/// Connections are opened when first needed, so that starting stays quick.
pub(super) struct Glances(Arc<Shared>);

struct Shared {
    file: Arc<File>,
    line: Mutex<Line>,
}

#[derive(Default)]
struct Line {
    waiting: VecDeque<Box<dyn Work>>,
    /// Whether somebody is about to look for those who wait.
    led: bool,
    /// How many look now.
    looking: usize,
    idle: Vec<Eye>,
    closed: bool,
}

/// A connection, and what its last looks have in common.
struct Eye {
    conn: Connection,
    known: Known,
}

impl Eye {
    fn open(file: &File) -> rusqlite::Result<Self> {
        let conn = file.open()?;
        // Another process is waited for without the thread: see `Leader::lead`.
        conn.busy_timeout(Duration::ZERO)?;
        Ok(Self { conn, known: Known::default() })
    }
}

/// One request as whoever looks sees it.
trait Work: Send {
    /// Does it and keeps the result; whether the connection is as good as before.
    fn run(&mut self, eye: &mut Eye, file: &File) -> bool;
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
    F: FnOnce(&Connection, &mut Known) -> Outcome<T> + Send,
    T: Send,
{
    fn run(&mut self, Eye { conn, known }: &mut Eye, file: &File) -> bool {
        let Some(work) = self.work.take().filter(|_| !self.reply.is_closed()) else { return true };
        let found = file.guarded(|| work(conn, known));
        let is_good = found.is_ok();
        self.found = Some(found);
        is_good
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

type Group = VecDeque<Box<dyn Work>>;

impl Glances {
    pub(super) fn new(file: Arc<File>) -> Self {
        Self(Arc::new(Shared { file, line: Mutex::default() }))
    }

    /// Runs `work` on one snapshot of the file, taken after this was called.
    pub(super) async fn look<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection, &mut Known) -> Outcome<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.ask(Box::new(Request { work: Some(work), found: None, reply }))?;
        answer.await.unwrap_or_else(|_| Err(self.0.file.unreachable("reading broke off")))
    }

    /// Lets a request wait, and has somebody look for all who do, if nobody does yet.
    fn ask(&self, work: Box<dyn Work>) -> Result<(), StoreError> {
        let mut line = self.0.lock();
        if line.closed {
            return Err(self.0.file.unreachable("it was closed"));
        }
        line.waiting.push_back(work);
        let is_led = std::mem::replace(&mut line.led, true);
        drop(line);
        if !is_led {
            tokio::spawn(Leader { shared: Arc::clone(&self.0), is_over: false }.lead());
        }
        Ok(())
    }

    /// Lets nobody in any more, and waits until those are answered who were.
    pub(super) async fn close(&self) {
        self.0.lock().closed = true;
        loop {
            {
                let mut line = self.0.lock();
                if line.waiting.is_empty() && line.looking == 0 {
                    line.idle.clear();
                    return;
                }
            }
            tokio::time::sleep(POLL).await;
        }
    }
}

impl Shared {
    /// Looks for some of those who wait. Another process may have the file for itself: then they
    /// wait on, and this is `false`.
    fn look_for_some(&self, patient: bool) -> bool {
        let (mut group, kept) = {
            let mut line = self.lock();
            line.looking += 1;
            let many = GROUP.min(line.waiting.len());
            (line.waiting.drain(..many).collect::<Group>(), line.idle.pop())
        };
        let (mut kept, mut done) = (kept, Vec::with_capacity(group.len()));
        let mut is_free = true;
        while is_free && !group.is_empty() {
            match self.snapshot(kept.take()) {
                Ok(eye) => kept = look_until_one_fails(eye, &mut group, &mut done, &self.file),
                Err(e) if patient && e.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                    is_free = false;
                }
                Err(e) => {
                    for work in group.drain(..) {
                        work.refuse(fault::translate(&e, &self.file.place));
                    }
                }
            }
        }
        let mut line = self.lock();
        while let Some(work) = group.pop_back() {
            line.waiting.push_front(work);
        }
        let room = line.idle.len() < KEPT && !line.closed;
        line.idle.extend(kept.filter(|_| room));
        drop(line);
        for work in done {
            work.answer();
        }
        self.lock().looking -= 1;
        is_free
    }

    /// A connection in a snapshot that is taken.
    fn snapshot(&self, kept: Option<Eye>) -> rusqlite::Result<Eye> {
        let mut eye = kept.map_or_else(|| Eye::open(&self.file), Ok)?;
        readers::begin(&eye.conn)?;
        eye.known.renew(&eye.conn)?;
        Ok(eye)
    }

    fn lock(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does one after the other until one fails. That may leave the connection in any state, so the
/// next ones get a new one.
fn look_until_one_fails(
    mut eye: Eye,
    group: &mut Group,
    done: &mut Vec<Box<dyn Work>>,
    file: &File,
) -> Option<Eye> {
    let mut well = true;
    while well && let Some(mut work) = group.pop_front() {
        well = work.run(&mut eye, file);
        done.push(work);
    }
    let Eye { conn, known } = eye;
    let conn = readers::end(conn)?;
    well.then_some(Eye { conn, known })
}

/// Who looks for all the others, until nobody waits.
struct Leader {
    shared: Arc<Shared>,
    is_over: bool,
}

impl Leader {
    async fn lead(mut self) {
        let mut since = None;
        while !self.is_over {
            tokio::task::yield_now().await;
            let patient = since.is_none_or(|since: Instant| since.elapsed() < BUSY);
            if self.shared.look_for_some(patient) {
                since = None;
            } else {
                since.get_or_insert_with(Instant::now);
                tokio::time::sleep(POLL).await;
            }
            self.see_who_waits();
        }
    }

    /// Where nobody does, the next who asks begins anew.
    fn see_who_waits(&mut self) {
        let mut line = self.shared.lock();
        self.is_over = line.waiting.is_empty();
        line.led = !self.is_over;
    }
}

impl Drop for Leader {
    /// A runtime that ends gives up its tasks; who waits on another one is not to wait for ever.
    fn drop(&mut self) {
        while !self.is_over {
            self.shared.look_for_some(false);
            self.see_who_waits();
        }
    }
}
