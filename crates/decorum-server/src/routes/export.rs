//! `/api/interactions/export`: the log written out, streamed in constant memory: a page is read,
//! sent, and forgotten before the next is read.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use decorum_core::Role;
use decorum_sheet::{Encoder, Format};
use decorum_store::{EventFilter, Order, PageRequest};
use futures_util::{StreamExt as _, stream};
use schemars::{Schema, SchemaGenerator, json_schema};
use tokio::sync::OwnedSemaphorePermit;

use crate::operation::{FILTERS, ORDER, Operation, Param, Within};
use crate::params::Params;
use crate::problem::{Kind, Problem};
use crate::state::Shared;

fn format_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": ["csv", "json", "jsonl"] })
}

const FORMAT: Param = Param {
    name: "format",
    within: Within::Query,
    required: true,
    says: "How to write: csv (safe to open in a spreadsheet), json or jsonl.",
    schema: format_schema,
};

/// A file: text, or whatever a schema cannot say of it.
fn file(_: &mut SchemaGenerator) -> Schema {
    json_schema!({})
}

pub(super) fn operations() -> Vec<Operation> {
    let media = &["text/csv", "application/json", "application/jsonl"];
    vec![
        Operation::get("/api/interactions/export", "exportEvents")
            .says("log", "The log written out", "Streamed; oldest first unless asked otherwise. If the stream breaks off, the file is cut short: `decorum export --resume` goes on in one.")
            .needs(Role::Viewer)
            .takes(FILTERS)
            .takes([FORMAT, ORDER])
            .answers_as(200, "The file.", media, file)
            .refuses([Kind::Overloaded])
            .endless()
            .by(export),
    ]
}

/// An export under way.
struct Writing {
    shared: Shared,
    filter: EventFilter,
    page: PageRequest,
    /// `None` once the end is written.
    encoder: Option<Encoder>,
    _place: OwnedSemaphorePermit,
}

async fn export(State(shared): State<Shared>, params: Params) -> Result<Response, Problem> {
    let formats = [("csv", Format::Csv), ("json", Format::Json), ("jsonl", Format::Jsonl)];
    let format = params.word("format", &formats)?.ok_or_else(|| {
        Problem::new(Kind::InvalidParameter, "`format` must be given: csv, json or jsonl")
            .at("format")
    })?;
    let filter = params.filter()?;
    let order = params.word("order", &[("newest", Order::Newest), ("oldest", Order::Oldest)])?;
    let page =
        PageRequest { after: None, limit: PageRequest::MAX, order: order.unwrap_or(Order::Oldest) };
    let place = Arc::clone(&shared.exports).try_acquire_owned().map_err(|_| {
        Problem::new(Kind::Overloaded, "enough exports are being written already").after(10)
    })?;
    let now = shared.now().to_string();
    let day = now.get(..10).unwrap_or_default();
    let (media, ending) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "csv"),
        Format::Json => ("application/json", "json"),
        Format::Jsonl => ("application/jsonl", "jsonl"),
    };
    let encoder = Some(Encoder::new(format));
    let mut writing = Writing { shared, filter, page, encoder, _place: place };
    // The first page before the head of the answer: a store that is away is still a clean error.
    let first = writing.next().await?;
    let rest = stream::unfold(writing, |mut writing| async {
        let chunk = writing.next().await.transpose()?;
        Some((chunk.map_err(|problem| std::io::Error::other(format!("{problem:?}"))), writing))
    });
    let first = stream::iter(first.map(Ok));
    // What compresses it asks once more after the end.
    let body = Body::from_stream(first.chain(rest).fuse());
    let mut response = Response::new(body);
    let name = format!("attachment; filename=\"decorum-{day}.{ending}\"");
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

impl Writing {
    /// What is written next; `None`: all is.
    async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        let Some(mut encoder) = self.encoder.take() else { return Ok(None) };
        let found = self.shared.store().events(&self.filter, &self.page).await?;
        let broken = |e: std::io::Error| Problem::new(Kind::Internal, e.to_string());
        let mut out = Vec::new();
        encoder.begin(&mut out).map_err(broken)?;
        for event in &found.items {
            encoder.event(event, &mut out).map_err(broken)?;
        }
        self.page.after = found.next;
        if self.page.after.is_some() {
            self.encoder = Some(encoder);
        } else {
            encoder.end(&mut out).map_err(broken)?;
        }
        Ok(Some(out.into()))
    }
}
