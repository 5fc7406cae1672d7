//! Reading the log: pages by filter, and chains in order.
//!
//! A page is found by an index that has the order of time in it; which one, `strands.rs` says, and
//! a hint tells the server, which merges strands itself. Events of one millisecond stand in the
//! order of their `_id`: by account, and within it by number.

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
use crate::strands::{Index, Kinds, Way};
use crate::{Cursor, EventFilter, EventPage, Order, PageRequest, StoreError};

/// So many strands a server merges; of more it reads everything, and sorts it
/// (`internalQueryMaxScansToExplode` is 200 unless somebody changed it).
const STRANDS: usize = 200;

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

/// What is of these kinds, as points of an index: no server would look for "any" in its middle.
fn of_kinds(kinds: &Kinds) -> Document {
    let Kinds { actions, statuses, classes } = kinds;
    let actions: Vec<_> = actions.iter().map(|action| action.as_str()).collect();
    let statuses: Vec<_> = statuses.iter().map(|status| status.as_str()).collect();
    let class = |class: &Option<ErrorClass>| class.map_or(Bson::Null, |c| c.as_str().into());
    let classes: Vec<Bson> = classes.iter().map(class).collect();
    doc! {
        "action": { "$in": actions },
        "status": { "$in": statuses },
        "error_class": { "$in": classes },
    }
}

/// What is asked of the server for a page: once, or for each portion of the kinds, and the index.
pub(super) fn queries(filter: &EventFilter) -> (Index, Vec<Document>) {
    let Way { index, kinds } = Way::of(filter);
    let Some(kinds) = kinds else { return (index, vec![matching(filter)]) };
    let portion = |kinds: &Kinds| {
        let mut query = matching(filter);
        query.extend(of_kinds(kinds));
        query
    };
    (index, kinds.portions(STRANDS).iter().map(portion).collect())
}

/// Where an event stands.
struct Place {
    ts: Bson,
    id: Bson,
}

impl Place {
    fn of(event: &Document) -> Option<Self> {
        Some(Self { ts: event.get("ts")?.clone(), id: event.get("_id")?.clone() })
    }

    /// What stands after it, and it, too, if `itself`.
    fn beyond(self, order: Order, itself: bool) -> Document {
        // The bound on `ts` alone is what the index can use; the rest tells ties apart.
        let (until, beyond) = match order {
            Order::Newest => ("$lte", "$lt"),
            Order::Oldest => ("$gte", "$gt"),
        };
        let at = if itself { until } else { beyond };
        doc! {
            "ts": { until: self.ts.clone() },
            "$or": [{ "ts": { beyond: self.ts } }, { "_id": { at: self.id } }],
        }
    }
}

/// The order of a page, for the server.
pub(super) fn sorted(order: Order) -> Document {
    let direction = match order {
        Order::Newest => -1,
        Order::Oldest => 1,
    };
    doc! { "ts": direction, "_id": direction }
}

/// The same order, here.
fn sort(events: &mut [Document], order: Order) {
    events.sort_by_cached_key(|event| {
        let ts = event.get_datetime("ts").map_or(0, |ts| ts.timestamp_millis());
        (ts, event.get_str("_id").unwrap_or_default().to_owned())
    });
    if order == Order::Newest {
        events.reverse();
    }
}

impl Keeper {
    pub(super) async fn page(
        &self,
        filter: &EventFilter,
        page: &PageRequest,
    ) -> Outcome<EventPage> {
        let (index, queries) = queries(filter);
        let mut bounds = Vec::new();
        if let Some(cursor) = page.after {
            bounds.push(self.place_of(cursor).await?.beyond(page.order, false));
        }
        if Way::of(filter).kinds.is_some() {
            // Strands are not read at one instant. What is written meanwhile could be found in one
            // and missed in another, and a reader who goes on from there would never see it.
            let Some(newest) = self.newest_of(filter.account_id.as_ref()).await? else {
                return Ok(EventPage { items: Vec::new(), next: None });
            };
            bounds.push(newest.beyond(Order::Newest, true));
        }
        // One more than asked for tells whether there is a next page.
        let wanted = page.limit + 1;
        let mut found = Vec::new();
        let parted = queries.len() > 1;
        for query in queries {
            let query = bounds.iter().cloned().chain([query]).collect();
            found.extend(self.read(query, index, page.order, wanted).await?);
        }
        if parted {
            sort(&mut found, page.order);
        }
        let more = found.len() > page.limit;
        let items: Vec<Event> =
            found.iter().take(page.limit).map(event::read).collect::<Outcome<_>>()?;
        let next = if more { items.last().map(|e| Cursor { ts: e.ts, id: e.id }) } else { None };
        Ok(EventPage { items, next })
    }

    async fn read(
        &self,
        query: Vec<Document>,
        index: Index,
        order: Order,
        wanted: usize,
    ) -> Outcome<Vec<Document>> {
        let find = self
            .servers
            .events
            .find(doc! { "$and": query })
            .sort(sorted(order))
            .hint(Hint::Name(index.name().to_owned()))
            .batch_size(u32::try_from(wanted).unwrap_or(u32::MAX))
            .limit(i64::try_from(wanted).unwrap_or(i64::MAX));
        self.servers.collect(find).await
    }

    /// The newest event, of one account or of all.
    async fn newest_of(&self, account: Option<&AccountId>) -> Outcome<Option<Place>> {
        let (filter, index) = match account {
            Some(name) => (doc! { "account_id": name.as_str() }, Index::Account),
            None => (doc! {}, Index::Ts),
        };
        let found = self.read(vec![filter], index, Order::Newest, 1).await?;
        Ok(found.first().and_then(Place::of))
    }

    async fn place_of(&self, cursor: Cursor) -> Outcome<Place> {
        let id = doc! { "id": cursor.id.to_string() };
        let found = self.servers.one(&self.servers.events, id).await?;
        found
            .as_ref()
            .and_then(Place::of)
            .filter(|place| place.ts == fields::instant(cursor.ts))
            .ok_or_else(|| StoreError::BadCursor.into())
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
