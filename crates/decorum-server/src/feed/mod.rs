//! What happens, as it happens: one poller reads the store for all clients of `/api/stream`.
//!
//! The store is read, not the requests of this process, so what a run or another machine does is in
//! it too. Events of two accounts may be committed in another order than their times say; so what
//! came in the last half minute is looked at again, and each event is sent once.
//!
//! A client is never buffered for: it reads from one ring that all share, and who falls behind it
//! is let go, to come again with Last-Event-ID.

mod log;
mod work;

use std::sync::Arc;
use std::time::Duration;

use decorum_core::{AccountId, Alert, Event, EventId, Task, Timestamp};
use decorum_store::{Cursor, Store};
use serde::Serialize;
use tokio::sync::{broadcast, watch};
use tokio::time::{Instant, MissedTickBehavior};

use self::log::Log;
use self::work::Work;
use crate::wire::{AlertShown, TaskShown};

/// How often the log is asked.
const EVERY: Duration = Duration::from_millis(500);

/// How often it is asked for what came late.
const LOOK_BACK_EVERY: u32 = 10;

/// How often tasks and alerts are looked at; each look reads all that are open.
const WORK_EVERY: Duration = Duration::from_millis(500);

/// Open tasks for which the pause is as long again.
const WORK_AT_EASE: usize = 500;

/// The longest pause between two looks.
const WORK_PAUSE_MAX: Duration = Duration::from_secs(15);

/// Messages in the ring.
const RING: usize = 4096;

/// A message on its way to the clients.
#[derive(Debug)]
pub(crate) struct Item {
    /// Which event it is, if it is one.
    pub(crate) event: Option<EventId>,
    /// Whose it is; `None`: everybody's.
    account: Option<AccountId>,
    /// As it is sent.
    pub(crate) text: String,
}

/// A message without an id: after an interruption the client goes on from the event before it.
fn message(kind: &str, data: &impl Serialize) -> String {
    let json = serde_json::to_string(data).unwrap_or_default();
    format!("event: {kind}\ndata: {json}\n\n")
}

impl Item {
    pub(crate) fn event(event: &Event) -> Self {
        let id = Cursor { ts: event.ts, id: event.id };
        let text = format!("id: {id}\n{}", message("interaction", event));
        Self { event: Some(event.id), account: Some(event.account_id.clone()), text }
    }

    pub(crate) fn task(task: Task) -> Self {
        let account = Some(task.spec.account_id.clone());
        Self { event: None, account, text: message("task", &TaskShown(task)) }
    }

    pub(crate) fn alert(alert: Alert) -> Self {
        Self { event: None, account: None, text: message("alert", &AlertShown::from(alert)) }
    }

    /// Whether somebody who follows only this account is to have it.
    pub(crate) fn concerns(&self, only: Option<&AccountId>) -> bool {
        match (only, &self.account) {
            (Some(only), Some(account)) => only == account,
            _ => true,
        }
    }
}

/// See the module's documentation.
pub(crate) struct Feed {
    ring: broadcast::Sender<Arc<Item>>,
}

impl Default for Feed {
    fn default() -> Self {
        Self { ring: broadcast::channel(RING).0 }
    }
}

impl Feed {
    /// What comes from now on.
    pub(crate) fn listen(&self) -> broadcast::Receiver<Arc<Item>> {
        self.ring.subscribe()
    }

    /// How many listen.
    pub(crate) fn listeners(&self) -> usize {
        self.ring.receiver_count()
    }

    fn tell(&self, item: Item) {
        // Nobody may be listening.
        self.ring.send(Arc::new(item)).ok();
    }

    /// Polls until the server ends. `clock` says what time it is.
    pub(crate) async fn poll(
        &self,
        store: &dyn Store,
        clock: impl Fn() -> Timestamp,
        mut ending: watch::Receiver<bool>,
    ) {
        let begun = clock();
        let (mut log, mut work) = (Log::since(begun), Work::default());
        let mut round = 0_u32;
        let mut tick = tokio::time::interval(EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut first = true;
        let mut work_at = Instant::now();
        while !*ending.borrow() {
            tokio::select! {
                _ = tick.tick() => {}
                _ = ending.changed() => continue,
            }
            round = round.wrapping_add(1);
            let again = first || round.is_multiple_of(LOOK_BACK_EVERY);
            match log.fresh(store, again).await {
                Ok(events) => {
                    // What was there before the server began was nobody's news.
                    for event in events.iter().filter(|event| !first || event.ts >= begun) {
                        self.tell(Item::event(event));
                    }
                    first = false;
                }
                Err(error) => tracing::warn!(%error, "the log cannot be followed now"),
            }
            if Instant::now() < work_at {
                continue;
            }
            match work.fresh(store, clock()).await {
                Ok((tasks, alerts)) => {
                    let tasks = tasks.into_iter().map(Item::task);
                    for item in tasks.chain(alerts.into_iter().map(Item::alert)) {
                        self.tell(item);
                    }
                }
                Err(error) => tracing::warn!(%error, "tasks and alerts cannot be followed now"),
            }
            work_at = Instant::now() + pause_for(work.open());
        }
    }
}

/// The pause to the next look at the tasks: all open ones are read at each.
fn pause_for(open: usize) -> Duration {
    let times = u32::try_from(open / WORK_AT_EASE).unwrap_or(u32::MAX);
    WORK_EVERY.saturating_mul(times).min(WORK_PAUSE_MAX)
}
