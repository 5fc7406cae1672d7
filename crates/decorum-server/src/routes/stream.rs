//! `/api/stream`: events as they happen (server-sent events), resumed by Last-Event-ID.
//!
//! Everything that happened since the last event a client had is sent before what comes, from five
//! seconds before it on, because two accounts' events may have been committed in another order than
//! their times say. So an event may come twice; it never fails to come. Each has an `id` to tell.

use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use decorum_core::{AccountId, EventId, Role};
use decorum_store::{Cursor, EventFilter, Order, PageRequest};
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

fn lines(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string" })
}

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/api/stream", "followEvents")
            .says("log", "Events as they happen (server-sent events)", "Each is an `interaction` with the event as its data. After an interruption send the id of the last one in Last-Event-ID: what came since is sent first. An event may come twice; its `id` tells.")
            .needs(Role::Viewer)
            .takes([
                ACCOUNT_ID,
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
    /// What was sent of the past, and may come once more as news.
    sent: HashSet<EventId>,
    news: broadcast::Receiver<Arc<Item>>,
    heartbeat: Interval,
    ending: watch::Receiver<bool>,
    greeted: bool,
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
    let ending = shared.ending.clone();
    let sent = HashSet::new();
    let client = Client {
        shared,
        only,
        past,
        past_from,
        sent,
        news,
        heartbeat,
        ending,
        greeted: false,
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
        if !std::mem::replace(&mut self.greeted, true) {
            return Some(Bytes::from_static(b"retry: 2000\n\n"));
        }
        if let Some(page) = self.past.take() {
            return self.page(page).await;
        }
        loop {
            if *self.ending.borrow() {
                return None;
            }
            tokio::select! {
                // A client that is too slow for the ring is let go.
                news = self.news.recv() => {
                    let item = news.ok()?;
                    let wanted = self.only.as_ref().is_none_or(|a| *a == item.event.account_id);
                    if wanted && !self.sent.remove(&item.event.id) {
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
        let text: String = found.items.into_iter().map(|event| Item::of(event).text).collect();
        page.after = found.next;
        self.past = page.after.is_some().then_some(page);
        // Nothing to say is not the end.
        Some(if text.is_empty() { Bytes::from_static(b":\n\n") } else { text.into() })
    }
}
