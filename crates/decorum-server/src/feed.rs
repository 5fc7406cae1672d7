//! What happens, as it happens: one poller reads the store's log for all clients of
//! `/api/stream`.
//!
//! The log is read, not the requests of this process, so what a run or another machine does is in
//! it too. Events of two accounts may be committed in another order than their times say; so what
//! came in the last half minute is looked at again, and each event is sent once.
//!
//! A client is never buffered for: it reads from one ring that all share, and who falls behind it
//! is let go, to come again with Last-Event-ID.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use decorum_core::{Event, EventId, Timestamp};
use decorum_store::{Cursor, EventFilter, Order, PageRequest, Store, StoreError};
use tokio::sync::{broadcast, watch};

/// How often the log is asked.
const EVERY: Duration = Duration::from_millis(500);

/// How far back it is asked again.
const LOOK_BACK: Duration = Duration::from_secs(30);

/// How often it is asked that far back.
const LOOK_BACK_EVERY: u32 = 10;

/// Events in the ring.
const RING: usize = 4096;

/// An event on its way to the clients.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) event: Event,
    /// As it is sent.
    pub(crate) text: String,
}

impl Item {
    pub(crate) fn of(event: Event) -> Self {
        let id = Cursor { ts: event.ts, id: event.id };
        let json = serde_json::to_string(&event).unwrap_or_default();
        let text = format!("id: {id}\nevent: interaction\ndata: {json}\n\n");
        Self { event, text }
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

    /// Polls until the server ends. `now`: when it began.
    pub(crate) async fn poll(
        &self,
        store: &dyn Store,
        now: Timestamp,
        mut ending: watch::Receiver<bool>,
    ) {
        let mut seen = Seen { from: now, ids: HashMap::new() };
        let mut round = 0_u32;
        let mut tick = tokio::time::interval(EVERY);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut first = true;
        while !*ending.borrow() {
            tokio::select! {
                _ = tick.tick() => {}
                _ = ending.changed() => continue,
            }
            round = round.wrapping_add(1);
            let again = first || round.is_multiple_of(LOOK_BACK_EVERY);
            match seen.fresh(store, again).await {
                Ok(events) => {
                    for event in events {
                        // What was there before the server began was nobody's news.
                        if !first || event.ts >= now {
                            // Nobody may be listening.
                            self.ring.send(Arc::new(Item::of(event))).ok();
                        }
                    }
                    first = false;
                }
                Err(error) => tracing::warn!(%error, "the log cannot be followed now"),
            }
        }
    }
}

struct Seen {
    /// Everything before was seen long ago.
    from: Timestamp,
    ids: HashMap<EventId, Timestamp>,
}

impl Seen {
    /// Events not seen before, oldest first.
    async fn fresh(&mut self, store: &dyn Store, again: bool) -> Result<Vec<Event>, StoreError> {
        let newest = self.ids.values().max().copied().unwrap_or(self.from);
        let from = if again { newest.minus(LOOK_BACK) } else { newest };
        let filter = EventFilter { from: Some(from), ..EventFilter::default() };
        let mut page = PageRequest { after: None, limit: PageRequest::MAX, order: Order::Oldest };
        let mut fresh = Vec::new();
        loop {
            let found = store.events(&filter, &page).await?;
            for event in found.items {
                if self.ids.insert(event.id, event.ts).is_none() {
                    fresh.push(event);
                }
            }
            page.after = found.next;
            if page.after.is_none() || fresh.len() >= RING {
                break;
            }
        }
        let newest = self.ids.values().max().copied().unwrap_or(self.from);
        let keep_from = newest.minus(LOOK_BACK * 2);
        self.ids.retain(|_, ts| *ts >= keep_from);
        Ok(fresh)
    }
}
