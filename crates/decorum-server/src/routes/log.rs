//! `/api/interactions/events` and `/api/metrics`: the log, read and counted.

use axum::Json;
use axum::extract::State;
use decorum_core::{Event, Role};
use decorum_engine::guard::CacheUse;
use decorum_store::{Metrics, MetricsQuery, Order, Step};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

use crate::operation::{
    ACCOUNT_ID, CURSOR, FILTERS, FROM, LIMIT, ORDER, Operation, Param, TO, Within,
};
use crate::params::Params;
use crate::problem::{Kind, Problem};
use crate::state::Shared;
use crate::wire::{EventSchema, Place};

fn step_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": ["hour", "day"], "default": "day" })
}

const STEP: Param = Param {
    name: "step",
    within: Within::Query,
    required: false,
    says: "How fine the series is.",
    schema: step_schema,
};

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/api/interactions/events", "listEvents")
            .says("log", "Events that match, a page at a time", "By time and id: no gaps and no repeats, however many are added meanwhile.")
            .needs(Role::Viewer)
            .takes(FILTERS)
            .takes([CURSOR, LIMIT, ORDER])
            .answers::<Page>(200, "A page of the log.")
            .by(events),
        Operation::get("/api/metrics", "getMetrics")
            .says("log", "Totals, success rate, latencies and a series", "Success rate is success / (success + failed): what was refused, skipped or given up was not tried to the end.")
            .needs(Role::Viewer)
            .takes([ACCOUNT_ID, FROM, TO, STEP])
            .answers_as(200, "The counts.", &["application/json"], metrics_schema)
            .refuses([Kind::Impossible])
            .by(metrics),
    ]
}

/// A page of the log.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Events")]
pub(super) struct Page {
    /// The events.
    #[schemars(with = "Vec<EventSchema>")]
    pub(super) items: Vec<Event>,
    /// Where the next page begins; null: this was the last.
    pub(super) next_cursor: Option<Place>,
}

async fn events(State(shared): State<Shared>, params: Params) -> Result<Json<Page>, Problem> {
    let (filter, page) = (params.filter()?, params.page(Order::Newest)?);
    let found = shared.store().events(&filter, &page).await?;
    let next_cursor = found.next.map(|next| Place(next.to_string()));
    Ok(Json(Page { items: found.items, next_cursor }))
}

fn metrics_schema(_: &mut SchemaGenerator) -> Schema {
    let counts = || json_schema!({ "type": "object", "additionalProperties": { "type": "integer", "minimum": 0 } });
    let time = || json_schema!({ "type": ["string", "null"], "format": "date-time" });
    let number = || json_schema!({ "type": ["integer", "null"], "minimum": 0 });
    json_schema!({
        "type": "object",
        "required": ["cache", "from", "to", "step", "events", "by_action", "by_status", "by_error_class", "success_rate", "dedupe_hits", "latency", "series"],
        "additionalProperties": false,
        "properties": {
            "cache": {
                "type": "object",
                "description": "What the memory of refusals was good for since this process began, whatever else was asked for: how often it was asked about somebody, how often it knew, and the share.",
                "required": ["asked", "hits", "hit_rate"],
                "additionalProperties": false,
                "properties": {
                    "asked": { "type": "integer", "minimum": 0 },
                    "hits": { "type": "integer", "minimum": 0 },
                    "hit_rate": { "type": ["number", "null"], "minimum": 0, "maximum": 1 },
                },
            },
            "from": time(),
            "to": time(),
            "step": { "type": "string", "enum": ["hour", "day"] },
            "events": { "type": "integer", "minimum": 0 },
            "by_action": counts(),
            "by_status": counts(),
            "by_error_class": counts(),
            "success_rate": { "type": ["number", "null"], "minimum": 0, "maximum": 1 },
            "dedupe_hits": { "type": "integer", "minimum": 0 },
            "latency": {
                "type": "object",
                "required": ["count", "p50_ms", "p90_ms", "p95_ms", "p99_ms", "max_ms"],
                "additionalProperties": false,
                "properties": {
                    "count": { "type": "integer", "minimum": 0 },
                    "p50_ms": number(), "p90_ms": number(), "p95_ms": number(),
                    "p99_ms": number(), "max_ms": number(),
                },
            },
            "series": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["start", "events", "by_action", "by_status"],
                    "additionalProperties": false,
                    "properties": {
                        "start": { "type": "string", "format": "date-time" },
                        "events": { "type": "integer", "minimum": 0 },
                        "by_action": counts(),
                        "by_status": counts(),
                    },
                },
            },
        },
    })
}

/// The counts of the store, and what only this process knows.
#[derive(Serialize)]
struct Counted {
    cache: CacheShown,
    #[serde(flatten)]
    metrics: Metrics,
}

#[derive(Serialize)]
struct CacheShown {
    asked: u64,
    hits: u64,
    hit_rate: Option<f64>,
}

impl From<CacheUse> for CacheShown {
    #[expect(clippy::cast_precision_loss, reason = "a share need not be exact")]
    fn from(CacheUse { asked, hits }: CacheUse) -> Self {
        let hit_rate = (asked > 0).then(|| hits as f64 / asked as f64);
        Self { asked, hits, hit_rate }
    }
}

async fn metrics(State(shared): State<Shared>, params: Params) -> Result<Json<Counted>, Problem> {
    let step = params.word("step", &[("hour", Step::Hour), ("day", Step::Day)])?;
    let query = MetricsQuery {
        account_id: params.account()?,
        from: params.instant("from")?,
        to: params.instant("to")?,
        step: step.unwrap_or_default(),
    };
    let cache = shared.guard.cache_use().into();
    Ok(Json(Counted { cache, metrics: shared.store().metrics(&query).await? }))
}
