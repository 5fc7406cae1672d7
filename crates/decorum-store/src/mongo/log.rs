//! Reading the log: pages by filter, and chains in order.
//!
//! A page is found by an index that has the order of time in it, so its cost depends neither on
//! how deep it lies nor on how long the log is. Which index is decided here, by a hint. Events of
//! one millisecond stand in the order of their `_id`: by account, and within it by number.

use decorum_core::chain::Break;
use decorum_core::{
    AccountId, Action, DeviceId, ErrorClass, Event, Platform, Status, TaskId, Username,
};
use mongodb::bson::{Bson, Document, doc};
use mongodb::options::Hint;

use super::fault::{Fault, Outcome};
use super::fields;
use super::layout;
use super::rows::{account, event};
use super::step::Keeper;
use crate::{Cursor, EventFilter, EventPage, Order, PageRequest, StoreError};

fn matching(filter: &EventFilter) -> Document {
    let EventFilter {
        account_id,
        target_username,
        action,
        status,
        error_class,
        task_id,
        device_id,
        from,
        to,
    } = filter;
    let mut matching = Document::new();
    let mut equal = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            matching.insert(name, value);
        }
    };
    equal("account_id", account_id.as_ref().map(AccountId::as_str));
    equal("target_username", target_username.as_ref().map(Username::as_str));
    equal("action", action.map(Action::as_str));
    equal("status", status.map(Status::as_str));
    equal("error_class", error_class.map(ErrorClass::as_str));
    equal("task_id", task_id.as_ref().map(TaskId::as_str));
    equal("device_id", device_id.as_ref().map(DeviceId::as_str));
    let mut between = Document::new();
    if let Some(from) = from {
        between.insert("$gte", fields::instant(*from));
    }
    if let Some(to) = to {
        between.insert("$lt", fields::instant(*to));
    }
    if !between.is_empty() {
        matching.insert("ts", between);
    }
    matching
}

/// The index that leaves the least to be read over.
const fn index(filter: &EventFilter) -> &'static str {
    let EventFilter {
        account_id,
        target_username,
        action,
        status,
        error_class,
        task_id,
        device_id,
        ..
    } = filter;
    match (account_id, target_username, action) {
        (Some(_), Some(_), Some(_)) => layout::EVENTS_KEY,
        (_, Some(_), _) => layout::EVENTS_TARGET,
        _ if task_id.is_some() => layout::EVENTS_TASK,
        _ if error_class.is_some() => layout::EVENTS_CLASS,
        (Some(_), ..) => layout::EVENTS_ACCOUNT,
        _ if device_id.is_some() => layout::EVENTS_DEVICE,
        _ if status.is_some() => layout::EVENTS_STATUS,
        (.., Some(_)) => layout::EVENTS_ACTION,
        _ => layout::EVENTS_TS,
    }
}

impl Keeper {
    pub(super) async fn page(
        &self,
        filter: &EventFilter,
        page: &PageRequest,
    ) -> Outcome<EventPage> {
        let mut query = vec![matching(filter)];
        if let Some(cursor) = page.after {
            query.push(self.after(cursor, page.order).await?);
        }
        let direction = match page.order {
            Order::Newest => -1,
            Order::Oldest => 1,
        };
        // One more than asked for tells whether there is a next page.
        let limit = i64::try_from(page.limit + 1).unwrap_or(i64::MAX);
        let find = self
            .servers
            .events
            .find(doc! { "$and": query })
            .sort(doc! { "ts": direction, "_id": direction })
            .hint(Hint::Name(index(filter).to_owned()))
            .batch_size(u32::try_from(page.limit + 1).unwrap_or(u32::MAX))
            .limit(limit);
        let found = self.servers.collect(find).await?;
        let more = found.len() > page.limit;
        let items: Vec<Event> =
            found.iter().take(page.limit).map(event::read).collect::<Outcome<_>>()?;
        let next = if more { items.last().map(|e| Cursor { ts: e.ts, id: e.id }) } else { None };
        Ok(EventPage { items, next })
    }

    /// The condition for what stands after a cursor.
    async fn after(&self, cursor: Cursor, order: Order) -> Outcome<Document> {
        let id = doc! { "id": cursor.id.to_string() };
        let found = self.servers.one(&self.servers.events, id).await?;
        let ts = fields::instant(cursor.ts);
        let Some(place) = found
            .filter(|event| event.get("ts") == Some(&ts))
            .and_then(|event| event.get("_id").cloned())
        else {
            return Err(StoreError::BadCursor.into());
        };
        // The bound on `ts` alone is what the index can use; the rest tells ties apart.
        let (until, beyond) = match order {
            Order::Newest => ("$lte", "$lt"),
            Order::Oldest => ("$gte", "$gt"),
        };
        Ok(doc! {
            "ts": { until: ts.clone() },
            "$or": [{ "ts": { beyond: ts } }, { "_id": { beyond: place } }],
        })
    }

    /// One account's chain, with what its newest step has decided and perhaps not written yet.
    pub(super) async fn chain(
        &self,
        name: &AccountId,
        after_seq: u64,
        limit: usize,
    ) -> Outcome<Vec<Result<Event, Break>>> {
        let platform = Platform::Instagram;
        if after_seq > i64::MAX.cast_unsigned() || limit == 0 {
            return Ok(Vec::new());
        }
        let filter = doc! { "_id": account::id(platform, name) };
        let stored = self.servers.one(&self.servers.accounts, filter).await?;
        let pending = match &stored {
            Some(stored) => account::read(stored)?.pending,
            None => None,
        };
        let query = doc! {
            "platform": platform.as_str(),
            "account_id": name.as_str(),
            "seq": { "$gt": fields::count(after_seq) },
        };
        let find = self
            .servers
            .events
            .find(query)
            .sort(doc! { "seq": 1 })
            .hint(Hint::Name(layout::EVENTS_SEQ.to_owned()))
            .limit(i64::try_from(limit).unwrap_or(i64::MAX));
        let mut events = Vec::new();
        let mut newest = after_seq;
        for found in self.servers.collect(find).await? {
            let seq = match found.get("seq") {
                Some(Bson::Int64(seq)) => seq.cast_unsigned(),
                _ => newest + 1,
            };
            newest = newest.max(seq);
            events.push(match event::read(&found) {
                Ok(event) => Ok(event),
                Err(Fault::Damaged(problem)) => Err(Break::Unreadable { seq, problem }),
                Err(other) => return Err(other),
            });
        }
        if let Some(pending) = pending {
            let unwritten = pending.log()?.into_iter().filter(|event| event.seq > newest);
            let room = limit - events.len();
            events.extend(unwritten.take(room).map(Ok));
        }
        Ok(events)
    }
}
