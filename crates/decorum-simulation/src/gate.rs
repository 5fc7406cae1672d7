//! Every way out of a simulated process leads through its gate, on the way out and on the way
//! back. Between two awaits nothing can happen to it, so a gate at each of them reaches every
//! point at which it can die, freeze, or lose an answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::faults::{Blow, Deed, Fault};

/// A call did not go well: the line broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Broken;

/// The blows a worker will meet, by the number of the passage at which it meets them. They belong
/// to the worker, not to one of its processes: numbers go on when it is started again.
#[derive(Debug, Default)]
pub(crate) struct Passages {
    count: u32,
    blows: HashMap<u32, Blow>,
    /// How many changes of tasks it sent, and what a person does while one is on its way.
    changes: u32,
    amid: HashMap<u32, Deed>,
}

impl Passages {
    /// What comes over this worker.
    pub(crate) fn of(faults: &[Fault], worker: usize) -> Self {
        let mut passages = Self::default();
        for fault in faults {
            match *fault {
                Fault::Blow { worker: whose, passage, blow } if whose == worker => {
                    passages.blows.insert(passage, blow);
                }
                Fault::Amid { worker: whose, change, deed } if whose == worker => {
                    passages.amid.insert(change, deed);
                }
                _ => {}
            }
        }
        passages
    }

    /// How many passages there were.
    pub(crate) const fn count(&self) -> u32 {
        self.count
    }

    /// From here on nothing strikes any more.
    pub(crate) fn calm(&mut self) {
        self.blows.clear();
        self.amid.clear();
    }
}

#[derive(Debug)]
struct State {
    alive: bool,
    frozen_until: Option<Instant>,
}

/// One process.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    passages: Arc<Mutex<Passages>>,
    state: Arc<Mutex<State>>,
    died: watch::Sender<bool>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Gate {
    /// A process that has just been started.
    pub(crate) fn open(passages: Arc<Mutex<Passages>>) -> Self {
        let state = State { alive: true, frozen_until: None };
        Self { passages, state: Arc::new(Mutex::new(state)), died: watch::Sender::new(false) }
    }

    /// Waits until the process is dead.
    pub(crate) async fn death(&self) {
        let mut died = self.died.subscribe();
        let _ = died.wait_for(|died| *died).await;
    }

    /// Kills the process, from outside.
    pub(crate) fn kill(&self) {
        lock(&self.state).alive = false;
        self.died.send_replace(true);
    }

    /// Whether the process lives.
    pub(crate) fn is_alive(&self) -> bool {
        lock(&self.state).alive
    }

    /// Whether it stands still.
    pub(crate) fn is_frozen(&self) -> bool {
        lock(&self.state).frozen_until.is_some_and(|until| Instant::now() < until)
    }

    /// What a person does to the task while this change of it is on its way.
    pub(crate) fn amid(&self) -> Option<Deed> {
        let mut passages = lock(&self.passages);
        let n = passages.changes;
        passages.changes += 1;
        passages.amid.remove(&n)
    }

    /// Passes, or dies, freezes or loses what was on its way here.
    pub(crate) async fn pass(&self) -> Result<(), Broken> {
        let blow = {
            let mut passages = lock(&self.passages);
            let n = passages.count;
            passages.count += 1;
            passages.blows.get(&n).copied()
        };
        let alive = lock(&self.state).alive;
        if alive {
            match blow {
                Some(Blow::Crash) => self.kill(),
                Some(Blow::Freeze(seconds)) => {
                    let until = Instant::now() + Duration::from_secs(u64::from(seconds));
                    // A short one inside a long one thaws nobody: a process stands still as a whole.
                    let mut state = lock(&self.state);
                    state.frozen_until = state.frozen_until.max(Some(until));
                }
                Some(Blow::Slow(seconds)) => {
                    tokio::time::sleep(Duration::from_secs(u64::from(seconds))).await;
                }
                Some(Blow::Break) | None => {}
            }
        }
        loop {
            let (alive, frozen) = {
                let state = lock(&self.state);
                (state.alive, state.frozen_until)
            };
            if !alive {
                // Nothing a dead process was about to do is ever done.
                std::future::pending::<()>().await;
            }
            match frozen {
                Some(until) if Instant::now() < until => tokio::time::sleep_until(until).await,
                _ => break,
            }
        }
        if blow == Some(Blow::Break) { Err(Broken) } else { Ok(()) }
    }
}
