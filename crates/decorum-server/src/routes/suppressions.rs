//! `/api/suppressions`: people who must never be contacted.

use axum::Json;
use axum::extract::State;
use decorum_core::{Action, Platform, RefusalReason, Role, Username};
use decorum_store::{Suppressed as Listed, Suppression};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::body::Body;
use crate::gate::Actor;
use crate::operation::{CURSOR, LIMIT, Operation, Param};
use crate::params::{InPath, Params};
use crate::problem::Problem;
use crate::state::{Shared, State as Inner};
use crate::wire::{Instant, Note, People, Person, Place};

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/api/suppressions", "listSuppressions")
            .says(
                "people",
                "Everybody who must never be contacted",
                "Those with a name first, by name; then those who were erased, of whom there is only a keyed hash.",
            )
            .needs(Role::Viewer)
            .takes([CURSOR, LIMIT])
            .answers::<Page>(200, "A page of them.")
            .by(list),
        Operation::post("/api/suppressions", "suppress")
            .says(
                "people",
                "Never contact these people",
                "It cannot be taken back here. Adding somebody twice is adding them once.",
            )
            .needs(Role::Operator)
            .reads::<Asked>()
            .answers::<Added>(200, "They are on the list.")
            .by(add),
        Operation::get("/api/suppressions/{target_username}", "isSuppressed")
            .says(
                "people",
                "Whether a person must never be contacted",
                "Also of those who were erased, whose name the list does not have.",
            )
            .needs(Role::Viewer)
            .takes([Param::path::<Person>("target_username", "The person.")])
            .answers::<Suppressed>(200, "Whether.")
            .by(one),
    ]
}

/// People.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "SuppressRequest")]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Who.
    targets: People,
    /// Why, for the admin log.
    #[serde(default)]
    note: Option<Note>,
}

/// A page of the list.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Suppressions")]
struct Page {
    /// Those with a name first.
    items: Vec<Entry>,
    /// Where the next page begins; null: this was the last.
    next_cursor: Option<Place>,
}

/// Somebody who must never be contacted.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Suppression")]
struct Entry {
    /// Who; null: they were erased.
    target_username: Option<Person>,
    /// What is left of somebody who was erased: a keyed hash of their name, of which the admin log
    /// shows the first twelve digits.
    target_hash: Option<String>,
    /// Why, if somebody said.
    note: Option<String>,
    /// By whom they were put on the list.
    added_by: String,
    /// Since when they are on it.
    added_at: Instant,
}

impl From<Suppression> for Entry {
    fn from(entry: Suppression) -> Self {
        let (target_username, target_hash) = match entry.who {
            Listed::Named(name) => (Some(Person(name)), None),
            Listed::Erased(hash) => (None, Some(hash.to_string())),
        };
        let Suppression { note, added_by, added_at, .. } = entry;
        Self { target_username, target_hash, note, added_by, added_at: Instant(added_at) }
    }
}

/// How many are new.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SuppressAnswer")]
struct Added {
    /// Who were not on the list before.
    added: usize,
}

/// Whether somebody is on the list.
#[derive(Serialize, JsonSchema)]
struct Suppressed {
    /// The name as it is compared.
    target_username: Person,
    /// Whether they must never be contacted.
    suppressed: bool,
}

async fn list(State(shared): State<Shared>, params: Params) -> Result<Json<Page>, Problem> {
    let after = match params.get::<Place>("cursor")? {
        Some(place) => Some(place.0.parse::<Listed>()?),
        None => None,
    };
    let limit = params.limit()?;
    // One more than asked for tells whether there are more.
    let mut found = shared.store().suppressions(after.as_ref(), limit + 1).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| more);
    let next_cursor = last.map(|entry| Place(entry.who.to_string()));
    Ok(Json(Page { items: found.into_iter().map(Into::into).collect(), next_cursor }))
}

async fn add(
    State(shared): State<Shared>,
    actor: Actor,
    Body(Asked { targets, note }): Body<Asked>,
) -> Result<Json<Added>, Problem> {
    let note = note.as_ref().map(|note| note.0.as_str());
    let (store, now) = (shared.store(), shared.now());
    let added = store.suppress(Platform::Instagram, &targets.0, note, &actor.who(), now).await?;
    Ok(Json(Added { added }))
}

async fn one(
    State(shared): State<Shared>,
    InPath(Person(person)): InPath<Person>,
) -> Result<Json<Suppressed>, Problem> {
    let suppressed = is_suppressed(&shared, &person).await?;
    Ok(Json(Suppressed { target_username: Person(person), suppressed }))
}

/// Whether the person is on the list. It comes first of all refusals, whoever asks.
pub(super) async fn is_suppressed(shared: &Inner, person: &Username) -> Result<bool, Problem> {
    let anybody = "anybody".parse().map_err(|e: decorum_core::NameError| {
        Problem::new(crate::problem::Kind::Internal, e.to_string())
    })?;
    let (first, now) = (&shared.options.first, shared.now());
    let asked = std::slice::from_ref(person);
    let answers = shared.store().check(first, &anybody, Action::Follow, asked, now).await?;
    Ok(answers.iter().any(|a| a.is_err_and(|r| r.reason == RefusalReason::Suppressed)))
}
