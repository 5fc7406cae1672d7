//! What is new on the log.

use std::collections::HashMap;
use std::time::Duration;

use decorum_core::{Event, EventId, Timestamp};
use decorum_store::{EventFilter, Order, PageRequest, Store, StoreError};

use super::RING;

/// How far back it is asked again.
const LOOK_BACK: Duration = Duration::from_secs(30);

/// What of the log was seen.
pub(super) struct Log {
    /// Everything before was seen long ago.
    from: Timestamp,
    ids: HashMap<EventId, Timestamp>,
}

impl Log {
    /// Nothing before `now` is news.
    pub(super) fn since(now: Timestamp) -> Self {
        Self { from: now, ids: HashMap::new() }
    }

    /// Events not seen before, oldest first. `again`: also those that came late.
    pub(super) async fn fresh(
        &mut self,
        store: &dyn Store,
        again: bool,
    ) -> Result<Vec<Event>, StoreError> {
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
