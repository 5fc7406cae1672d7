//! `/api/suppressions`: people who must never be contacted.

use axum::Json;
use axum::extract::State;
use decorum_core::{Action, Platform, RefusalReason, Role, Username};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::body::Body;
use crate::gate::Actor;
use crate::operation::{Operation, Param};
use crate::params::InPath;
use crate::problem::Problem;
use crate::state::{Shared, State as Inner};
use crate::wire::{Note, People, Person};

pub(super) fn operations() -> Vec<Operation> {
    vec![
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
