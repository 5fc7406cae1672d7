//! `/api/check`: may these people be engaged now? Reads only, and promises nothing.

use axum::Json;
use axum::extract::State;
use decorum_core::{Action, Refusal, RefusalReason, Role, Username};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::body::Body;
use crate::operation::{Operation, Param};
use crate::params::Params;
use crate::problem::{Kind, Problem};
use crate::state::Shared;
use crate::wire::{AccountName, ActionWord, Instant, People, Person};

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/api/check", "checkOne")
            .says("engage", "May this person be engaged now", "Reads only; a yes is true at that moment and promises nothing. Make a claim before acting.")
            .needs(Role::Viewer)
            .takes([
                Param::query::<AccountName>("account_id", "Who would act.").required(),
                Param::query::<Person>("target_username", "On whom.").required(),
                Param::query::<ActionWord>("action", "How.").required(),
            ])
            .answers::<Answer>(200, "Whether, and if not, why and until when.")
            .refuses([Kind::ClockTrouble])
            .by(one),
        Operation::post("/api/check", "checkMany")
            .says("engage", "May these people be engaged now", "Up to 10,000 at once, answered in the same order.")
            .needs(Role::Viewer)
            .reads::<Asked>()
            .answers::<Answers>(200, "One answer each, in the order asked.")
            .refuses([Kind::ClockTrouble])
            .by(many),
    ]
}

/// One answer.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Check")]
struct Answer {
    /// Whether the person may be engaged now.
    engage: bool,
    /// Why not.
    reason: Option<&'static str>,
    /// When asking again may help.
    retry_at: Option<Instant>,
}

/// Many people for one account and action.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "CheckRequest")]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Who would act.
    account_id: AccountName,
    /// How.
    action: ActionWord,
    /// On whom.
    targets: People,
}

/// Their answers.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Checks")]
struct Answers {
    /// In the order asked.
    items: Vec<Named>,
}

/// One of them.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CheckOfPerson")]
pub(super) struct Named {
    /// The name as it is compared.
    target_username: Person,
    /// Whether the person may be engaged now.
    engage: bool,
    /// Why not.
    reason: Option<&'static str>,
    /// When asking again may help.
    retry_at: Option<Instant>,
}

impl From<Result<(), Refusal>> for Answer {
    fn from(answer: Result<(), Refusal>) -> Self {
        let refusal = answer.err();
        Self {
            engage: refusal.is_none(),
            reason: refusal.map(|r| RefusalReason::as_str(r.reason)),
            retry_at: refusal.and_then(|r| r.retry_at).map(Instant),
        }
    }
}

async fn one(State(shared): State<Shared>, params: Params) -> Result<Json<Answer>, Problem> {
    let missing = |name: &'static str| {
        move || Problem::new(Kind::InvalidParameter, format!("`{name}` must be given")).at(name)
    };
    let account = params.account()?.ok_or_else(missing("account_id"))?;
    let target = params.get::<Person>("target_username")?.ok_or_else(missing("target_username"))?;
    let action = params.get::<ActionWord>("action")?.ok_or_else(missing("action"))?;
    let answers = ask(&shared, &account, action.0, &[target.0]).await?;
    let answer = answers.into_iter().next();
    let answer = answer.ok_or_else(|| Problem::new(Kind::Internal, "nobody answered"))?;
    Ok(Json(answer.into()))
}

async fn many(
    State(shared): State<Shared>,
    Body(asked): Body<Asked>,
) -> Result<Json<Answers>, Problem> {
    let targets = asked.targets.0;
    let answers = ask(&shared, &asked.account_id.0, asked.action.0, &targets).await?;
    let items = targets.into_iter().zip(answers).map(|(target, answer)| {
        let Answer { engage, reason, retry_at } = answer.into();
        Named { target_username: Person(target), engage, reason, retry_at }
    });
    Ok(Json(Answers { items: items.collect() }))
}

async fn ask(
    shared: &Shared,
    account: &decorum_core::AccountId,
    action: Action,
    targets: &[Username],
) -> Result<Vec<Result<(), Refusal>>, Problem> {
    shared.clock_is_right()?;
    Ok(shared.guard.check(account, action, targets).await?)
}
