//! `/api/admin-log`: who changed what by hand, as it was and as it is.

use axum::Json;
use axum::extract::State;
use decorum_core::Role;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::operation::{CURSOR, LIMIT, Operation};
use crate::params::Params;
use crate::problem::Problem;
use crate::state::Shared;
use crate::wire::{Instant, Place};

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/api/admin-log", "listChanges")
            .says("proof", "Changes made by hand, newest first", "")
            .needs(Role::Viewer)
            .takes([CURSOR, LIMIT])
            .answers::<Page>(200, "A page of them.")
            .by(page),
    ]
}

/// Changes.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Changes")]
struct Page {
    /// Newest first.
    items: Vec<Entry>,
    /// Where the next page begins; null: this was the last.
    next_cursor: Option<Place>,
}

/// One change.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Change")]
struct Entry {
    /// When.
    ts: Instant,
    /// Who: `api:TOKEN`, `cli:USER`.
    who: String,
    /// What, such as `settings.changed`.
    what: String,
    /// On what.
    subject: String,
    /// Why.
    note: Option<String>,
    /// As it was.
    #[schemars(schema_with = "crate::wire::anything")]
    before: Value,
    /// As it is.
    #[schemars(schema_with = "crate::wire::anything")]
    after: Value,
}

async fn page(State(shared): State<Shared>, params: Params) -> Result<Json<Page>, Problem> {
    let after = params.get::<Place>("cursor")?;
    let after = after.as_ref().map(|place| place.0.as_str());
    let (entries, next) = shared.store().admin_page(after, params.limit()?).await?;
    let items = entries.into_iter().map(|e| Entry {
        ts: Instant(e.ts),
        who: e.who,
        what: e.what,
        subject: e.subject,
        note: e.note,
        before: e.before,
        after: e.after,
    });
    Ok(Json(Page { items: items.collect(), next_cursor: next.map(Place) }))
}
