//! Health, counts, and the description of everything: what looks after the server itself.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use decorum_core::Role;
use decorum_store::MetricsQuery;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

use crate::docs;
use crate::openapi;
use crate::operation::{Operation, Param};
use crate::params::InPath;
use crate::problem::{Kind, Problem};
use crate::state::Shared;
use crate::wire::{Readable, Word};

fn text(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string" })
}

fn document_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "object" })
}

pub(super) fn operations() -> Vec<Operation> {
    let html = &["text/html"];
    vec![
        Operation::get("/healthz", "isAlive")
            .says("upkeep", "Whether the process answers", "")
            .answers::<Alive>(200, "It does.")
            .by(alive),
        Operation::get("/readyz", "isReady")
            .says(
                "upkeep",
                "Whether work can be done: the store answers and the clock is right",
                "",
            )
            .answers::<Ready>(200, "It can.")
            .refuses([Kind::ClockTrouble])
            .by(ready),
        Operation::get("/metrics", "getPrometheusMetrics")
            .says(
                "upkeep",
                "Counts for Prometheus",
                "No name of a person or an account is in them.",
            )
            .needs(Role::Viewer)
            .answers_as(200, "In the text format.", &["text/plain"], text)
            .by(metrics),
        Operation::get("/api/openapi.json", "getOpenApi")
            .says("upkeep", "This description", "")
            .answers_as(200, "OpenAPI 3.1.", &["application/json"], document_schema)
            .by(openapi_document),
        Operation::get("/docs", "readDocs")
            .says("upkeep", "This description, for a person", "")
            .answers_as(200, "A page.", html, text)
            .by(read),
        Operation::get("/docs/style.css", "readStyle")
            .says("upkeep", "How that page looks", "")
            .answers_as(200, "A style sheet.", &["text/css"], text)
            .by(style),
        Operation::get("/problems/{kind}", "readProblem")
            .says("upkeep", "What a kind of problem means", "")
            .takes([Param {
                schema: kinds,
                ..Param::path::<Word>("kind", "The end of the `type`.")
            }])
            .answers_as(200, "A page.", html, text)
            .refuses([Kind::NotFound])
            .by(problem),
    ]
}

fn kinds(_: &mut SchemaGenerator) -> Schema {
    let slugs: Vec<_> = Kind::ALL.iter().map(|kind| kind.slug()).collect();
    json_schema!({ "type": "string", "enum": slugs })
}

/// The process answers.
#[derive(Serialize, JsonSchema)]
struct Alive {
    /// Always true.
    alive: bool,
    /// Which Decorum.
    version: &'static str,
}

/// Work can be done.
#[derive(Serialize, JsonSchema)]
struct Ready {
    /// Always true; otherwise it is a problem.
    ready: bool,
    /// `sqlite` or `mongodb`.
    store: String,
}

async fn alive() -> Json<Alive> {
    Json(Alive { alive: true, version: env!("CARGO_PKG_VERSION") })
}

async fn ready(State(shared): State<Shared>) -> Result<Json<Ready>, Problem> {
    shared.store().settings(&shared.options.first).await?;
    shared.clock_is_right()?;
    Ok(Json(Ready { ready: true, store: shared.store().identity().await?.kind }))
}

async fn metrics(State(shared): State<Shared>) -> Result<Response, Problem> {
    let mut out = String::new();
    let (store, now) = (shared.store(), shared.now());
    let mut states: BTreeMap<&str, u64> = BTreeMap::new();
    for state in ["active", "backoff", "cooldown", "halted"] {
        states.insert(state, 0);
    }
    for view in store.accounts().await? {
        *states.entry(view.account.breaker.name(now)).or_default() += 1;
    }
    let mut gauge = |name: &str, kind: &str, help: &str, values: &[(String, String)]| {
        writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}").ok();
        for (labels, value) in values {
            writeln!(out, "{name}{labels} {value}").ok();
        }
    };
    let labelled: Vec<_> =
        states.iter().map(|(s, n)| (format!("{{state=\"{s}\"}}"), n.to_string())).collect();
    gauge("decorum_accounts", "gauge", "Accounts by state.", &labelled);
    let counts = store.metrics(&MetricsQuery::default()).await?;
    let by_status: Vec<_> = counts
        .by_status
        .iter()
        .map(|(s, n)| (format!("{{status=\"{s}\"}}"), n.to_string()))
        .collect();
    gauge("decorum_events_total", "counter", "Events on the log, by status.", &by_status);
    let spooled = shared.guard.spool().waiting().await.map(|waiting| waiting.len());
    let spooled = spooled.map_or_else(|_| "NaN".to_owned(), |n| n.to_string());
    let one = |value: String| vec![(String::new(), value)];
    gauge("decorum_spool_waiting", "gauge", "What the store has not taken yet.", &one(spooled));
    let trouble = u8::from(shared.guard.watch().trouble().is_some());
    let help = "1 while the clock cannot be relied on.";
    gauge("decorum_clock_trouble", "gauge", help, &one(trouble.to_string()));
    let clients = shared.feed.listeners();
    gauge("decorum_stream_clients", "gauge", "Clients of /api/stream.", &one(clients.to_string()));
    let cache = shared.guard.cache_use();
    let help = "How often the memory of refusals was asked about somebody.";
    gauge("decorum_refusal_cache_asked_total", "counter", help, &one(cache.asked.to_string()));
    let help = "How often it knew.";
    gauge("decorum_refusal_cache_hits_total", "counter", help, &one(cache.hits.to_string()));
    shared.counts.write(&mut out);
    let media = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, media)], out).into_response())
}

/// The document and the page, made once.
static DESCRIBED: LazyLock<(String, String)> = LazyLock::new(|| {
    let operations = super::all();
    let document = openapi::document(&operations);
    (document.to_string(), docs::page(&operations, &document))
});

async fn openapi_document() -> Response {
    let media = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, media)], DESCRIBED.0.as_str()).into_response()
}

fn page(text: String) -> Response {
    let media = HeaderValue::from_static("text/html; charset=utf-8");
    let policy = HeaderValue::from_static(docs::POLICY);
    ([(header::CONTENT_TYPE, media), (header::CONTENT_SECURITY_POLICY, policy)], text)
        .into_response()
}

async fn read() -> Response {
    page(DESCRIBED.1.clone())
}

async fn style() -> Response {
    let media = HeaderValue::from_static("text/css; charset=utf-8");
    ([(header::CONTENT_TYPE, media)], docs::STYLE).into_response()
}

async fn problem(InPath(Slug(kind)): InPath<Slug>) -> Response {
    page(docs::problem_page(kind))
}

/// A kind of problem in the path.
struct Slug(Kind);

impl Readable for Slug {
    const WHAT: &'static str = "kind of problem";

    fn read(text: &str) -> Result<Self, String> {
        let found = Kind::ALL.iter().copied().find(|kind| kind.slug() == text);
        found.map(Self).ok_or_else(|| "/docs#problems lists all".to_owned())
    }
}
