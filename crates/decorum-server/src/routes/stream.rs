//! `/api/stream`: what happens, as it happens (server-sent events), resumed by Last-Event-ID.
//!
//! Everything that happened since the last event a client had is sent before what comes, from five
//! seconds before it on, because two accounts' events may have been committed in another order than
//! their times say. So an event may come twice; it never fails to come. Each has an `id` to tell.
//!
//! Tasks and alerts are states: what comes is how one is now, without an id of its own, so that a
//! client's place is always a place in the log. Whoever comes again is told how every open one is,
//! and every one that ended since that place. A client that has had no event yet is given a place
//! when it is greeted.

use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use decorum_core::{AccountId, EventId, Role, Timestamp};
use decorum_store::{Cursor, EventFilter, Order, PageRequest, Standing};
use futures_util::{StreamExt as _, stream};
use schemars::{Schema, SchemaGenerator, json_schema};
use tokio::sync::{OwnedSemaphorePermit, broadcast, watch};
use tokio::time::Interval;

use crate::feed::Item;
use crate::operation::{ACCOUNT_ID, Operation, Param};
use crate::params::{Params, header as header_of};
use crate::problem::{Kind, Problem};
use crate::state::Shared;
use crate::wire::Place;

/// How long nothing is said at most, so that proxies and clients know the line is up.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// How far before the last event a client had what it may have missed begins.
const OVERLAP: Duration = Duration::from_secs(5);

/// The same for tasks and alerts that ended, which are few and may be told twice.
const WORK_OVERLAP: Duration = Duration::from_mins(1);

fn lines(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string" })
}

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/api/stream", "followEvents")
            .says("log", "What happens, as it happens (server-sent events)", "An `interaction` has an event of the log as its data, a `task` a task and an `alert` an alert, as they are now. After an interruption send the last id in Last-Event-ID: the events since are sent first, then every task and alert that is open or ended since. Something may come twice: the `id` of an event, the `rev` of a task and the `id` of an alert tell.")
            .needs(Role::Viewer)
            .takes([
                Param { says: "Only events and tasks of this account; alerts come in any case.", ..ACCOUNT_ID },
                Param::header::<Place>("Last-Event-ID", "The id of the last event that was seen."),
            ])
            .answers_as(200, "The stream.", &["text/event-stream"], lines)
            .refuses([Kind::Overloaded])
            .endless()
            .by(follow),
    ]
}

/// One client.
struct Client {
    shared: Shared,
    only: Option<AccountId>,
    /// What is still to be sent of the past; `None`: nothing.
    past: Option<PageRequest>,
    past_from: EventFilter,
    /// From when on tasks and alerts that ended are still to be told; `None`: they are news only.
    work_from: Option<Timestamp>,
    /// What was sent of the past, and may come once more as news.
    sent: HashSet<EventId>,
    news: broadcast::Receiver<Arc<Item>>,
    heartbeat: Interval,
    ending: watch::Receiver<bool>,
    /// The greeting, until it was sent.
    greeting: Option<String>,
    _place: OwnedSemaphorePermit,
}

async fn follow(
    State(shared): State<Shared>,
    params: Params,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let only = params.account()?;
    let last = header_of::<Place>(&headers, "last-event-id")?;
    let last = last.map(|Place(text)| text.parse::<Cursor>());
    let last = last.transpose().map_err(|_| {
        let problem = "Last-Event-ID is not the id of an event of this stream";
        Problem::new(Kind::Impossible, problem).at("Last-Event-ID")
    })?;
    let place = Arc::clone(&shared.streams).try_acquire_owned().map_err(|_| {
        Problem::new(Kind::Overloaded, "enough clients follow the log already").after(10)
    })?;
    // Listening begins before the past is read, so that nothing falls in between.
    let news = shared.feed.listen();
    let past =
        last.map(|_| PageRequest { after: None, limit: PageRequest::MAX, order: Order::Oldest });
    let past_from = EventFilter {
        account_id: only.clone(),
        from: last.map(|cursor| cursor.ts.minus(OVERLAP)),
        ..EventFilter::default()
    };
    let mut heartbeat = tokio::time::interval(HEARTBEAT);
    heartbeat.reset();
    // From now on, for whoever has no place yet: something may happen to a task before any event.
    let place_now = Cursor { ts: shared.now(), id: EventId::from_uuid(uuid::Uuid::nil()) };
    let id = last.map_or_else(|| format!("id: {place_now}\n"), |_| String::new());
    let greeting = Some(format!("retry: 2000\n{id}\n"));
    let ending = shared.ending.clone();
    let sent = HashSet::new();
    let client = Client {
        shared,
        only,
        past,
        past_from,
        work_from: last.map(|cursor| cursor.ts.minus(WORK_OVERLAP)),
        sent,
        news,
        heartbeat,
        ending,
        greeting,
        _place: place,
    };
    let body = stream::unfold(client, |mut client| async {
        let text = client.next().await?;
        Some((Ok::<Bytes, Infallible>(text), client))
    });
    let mut response = Response::new(Body::from_stream(body.fuse()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    // A proxy that collects the answer would hold back what happens.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

impl Client {
    /// What is sent next; `None` ends the stream, and the client comes again.
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(greeting) = self.greeting.take() {
            return Some(greeting.into());
        }
        if let Some(page) = self.past.take() {
            return self.page(page).await;
        }
        if let Some(since) = self.work_from.take() {
            return self.work(since).await;
        }
        loop {
            if *self.ending.borrow() {
                return None;
            }
            tokio::select! {
                // A client that is too slow for the ring is let go.
                news = self.news.recv() => {
                    let item = news.ok()?;
                    let told = item.event.is_some_and(|id| self.sent.remove(&id));
                    if !told && item.concerns(self.only.as_ref()) {
                        return Some(Bytes::from(item.text.clone()));
                    }
                }
                _ = self.heartbeat.tick() => return Some(Bytes::from_static(b": still here\n\n")),
                _ = self.ending.changed() => {}
            }
        }
    }

    /// A page of the past.
    async fn page(&mut self, mut page: PageRequest) -> Option<Bytes> {
        let found = match self.shared.store().events(&self.past_from, &page).await {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(%error, "a client cannot be told what it missed; it comes again");
                return None;
            }
        };
        // Only the newest can come once more.
        self.sent = found.items.iter().map(|event| event.id).collect();
        let text: String = found.items.iter().map(|event| Item::event(event).text).collect();
        page.after = found.next;
        self.past = page.after.is_some().then_some(page);
        // Nothing to say is not the end.
        Some(if text.is_empty() { Bytes::from_static(b":\n\n") } else { text.into() })
    }

    /// Tasks and alerts that are open, or ended since then.
    async fn work(&self, since: Timestamp) -> Option<Bytes> {
        let Standing { tasks, alerts } = match self.shared.store().standing(since).await {
            Ok(standing) => standing,
            Err(error) => {
                tracing::warn!(%error, "a client cannot be told what it missed; it comes again");
                return None;
            }
        };
        let items = tasks.into_iter().map(Item::task).chain(alerts.into_iter().map(Item::alert));
        let only = self.only.as_ref();
        let text: String = items.filter(|item| item.concerns(only)).map(|item| item.text).collect();
        Some(if text.is_empty() { Bytes::from_static(b":\n\n") } else { text.into() })
    }
}
