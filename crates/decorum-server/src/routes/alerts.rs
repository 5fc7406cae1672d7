//! `/api/alerts`: what a person has to know.

use axum::Json;
use axum::extract::State;
use decorum_core::{AlertId, Role};
use decorum_store::StoreError;
use schemars::JsonSchema;
use serde::Serialize;

use super::tasks::OPEN;
use crate::gate::Actor;
use crate::operation::{CURSOR, LIMIT, Operation, Param};
use crate::params::{InPath, Params};
use crate::problem::{Kind, Problem};
use crate::state::Shared;
use crate::wire::{AlertShown, Place, Uuid};

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/api/alerts", "listAlerts")
            .says("phones", "Alerts, newest first", "")
            .needs(Role::Viewer)
            .takes([OPEN, CURSOR, LIMIT])
            .answers::<Page>(200, "A page of them.")
            .by(list),
        Operation::post("/api/alerts/{alert_id}/close", "closeAlert")
            .says("phones", "Say that an alert was seen to", "Repeated, it changes nothing.")
            .needs(Role::Operator)
            .takes([Param::path::<Uuid>("alert_id", "The alert.")])
            .answers::<AlertShown>(200, "As it is now.")
            .refuses([Kind::NotFound])
            .by(close),
    ]
}

/// Alerts.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Alerts")]
struct Page {
    /// Newest first.
    items: Vec<AlertShown>,
    /// Where the next page begins; null: this was the last.
    next_cursor: Option<Place>,
}

async fn list(State(shared): State<Shared>, params: Params) -> Result<Json<Page>, Problem> {
    let open = params.word("open", &[("true", true), ("false", false)])?.unwrap_or(false);
    let after = match params.get::<Place>("cursor")? {
        Some(place) => Some(place.0.parse().map_err(|e: StoreError| Problem::from(e))?),
        None => None,
    };
    let found = shared.store().alerts(open, after.as_ref(), params.limit()?).await?;
    Ok(Json(Page {
        items: found.items.into_iter().map(Into::into).collect(),
        next_cursor: found.next.map(|next| Place(next.to_string())),
    }))
}

async fn close(
    State(shared): State<Shared>,
    InPath(Uuid(id)): InPath<Uuid>,
    actor: Actor,
) -> Result<Json<AlertShown>, Problem> {
    let id = AlertId::from_uuid(id);
    Ok(Json(shared.store().close_alert(id, &actor.who(), shared.now()).await?.into()))
}
