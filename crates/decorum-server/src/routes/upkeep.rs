//! `/api/interactions/cleanup` and `/api/clock`: looking after the store and the machine.

use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use decorum_core::{Role, retention};
use decorum_engine::evidence::Evidence;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::targets::stuck;
use crate::body::Body;
use crate::gate::Actor;
use crate::operation::Operation;
use crate::problem::{Kind, Problem};
use crate::state::{Shared, State as Inner};
use crate::wire::{AccountName, Instant as Time};

/// How long one request goes on removing.
const WHILE: Duration = Duration::from_secs(15);

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::post("/api/interactions/cleanup", "cleanup")
            .says("upkeep", "Remove what decides nothing any more, and events past retention", "Events are kept unless the setting `retention_days` says for how long. A chain that does not verify is left alone and named. `more` says that there is more to remove: ask again.")
            .needs(Role::Admin)
            .reads::<Asked>()
            .answers::<Done>(200, "What was removed, or would be.")
            .refuses([Kind::ClockTrouble])
            .by(cleanup),
        Operation::get("/api/clock", "getClock")
            .says("upkeep", "The clock that every wait is judged by", "")
            .needs(Role::Viewer)
            .answers::<Clock>(200, "What it shows, and what is wrong with it.")
            .by(clock),
        Operation::post("/api/clock/confirm", "confirmClock")
            .says("upkeep", "Say that the clock is right as it is, after it was set", "Nobody is engaged from the moment it was set until then.")
            .needs(Role::Admin)
            .answers::<Clock>(200, "It counts as right from now on.")
            .by(confirm),
    ]
}

/// A cleanup.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "CleanupRequest")]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Count what would be removed, and change nothing.
    #[serde(default)]
    dry_run: bool,
}

/// What became of it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Cleanup")]
struct Done {
    /// Dedup rows that decided nothing any more.
    expired_latest: u64,
    /// Events past retention.
    events_removed: u64,
    /// Pictures and page sources that went with them.
    evidence_files: usize,
    /// Whether there is more to remove: ask again.
    more: bool,
    /// Accounts whose log does not verify. No event of theirs was removed.
    broken: Vec<Broken>,
    /// Evidence that stays, a sentence each.
    evidence_left: Vec<String>,
}

/// An account whose log does not verify.
#[derive(Serialize, JsonSchema)]
struct Broken {
    /// Whose.
    account_id: AccountName,
    /// What is wrong with it, and where.
    problem: String,
}

/// The clock.
#[derive(Serialize, JsonSchema)]
struct Clock {
    /// The time that decisions are made by.
    now: Time,
    /// What is wrong; null: nothing.
    trouble: Option<String>,
}

async fn cleanup(
    State(shared): State<Shared>,
    actor: Actor,
    Body(Asked { dry_run }): Body<Asked>,
) -> Result<Json<Done>, Problem> {
    if !dry_run {
        shared.clock_is_right()?;
    }
    let (store, first) = (shared.store(), &shared.options.first);
    let (begun, now, who) = (Instant::now(), shared.now(), actor.who());
    let settings = store.settings(first).await?.settings;
    let mut evidence = shared.options.evidence.clone().map(|dir| Evidence::of(dir, dry_run));
    // The files first: only the events know which they are.
    if let Some(evidence) = &mut evidence
        && let Some(before) = retention::events_before(&settings, now)
    {
        evidence.remove_before(store, before, |_| true).await.map_err(stuck)?;
    }
    let mut done = store.cleanup(first, &who, now, dry_run).await?;
    while !dry_run && done.more && begun.elapsed() < WHILE {
        let step = store.cleanup(first, &who, now, false).await?;
        done.expired_latest += step.expired_latest;
        done.events_removed += step.events_removed;
        (done.more, done.broken) = (step.more, step.broken);
    }
    let broken = done
        .broken
        .into_iter()
        .map(|b| Broken { account_id: AccountName(b.account_id), problem: b.problem });
    Ok(Json(Done {
        expired_latest: done.expired_latest,
        events_removed: done.events_removed,
        evidence_files: evidence.as_ref().map_or(0, Evidence::removed),
        more: done.more,
        broken: broken.collect(),
        evidence_left: evidence.map(Evidence::left).unwrap_or_default(),
    }))
}

fn read(shared: &Inner) -> Clock {
    let trouble = shared.guard.watch().trouble().map(|trouble| trouble.to_string());
    Clock { now: Time(shared.now()), trouble }
}

async fn clock(State(shared): State<Shared>) -> Json<Clock> {
    Json(read(&shared))
}

async fn confirm(State(shared): State<Shared>, actor: Actor) -> Result<Json<Clock>, Problem> {
    shared
        .guard
        .watch()
        .confirm()
        .map_err(|e| Problem::new(Kind::Internal, format!("that cannot be kept: {e}")))?;
    tracing::warn!(who = actor.who(), "the clock was confirmed");
    Ok(Json(read(&shared)))
}
