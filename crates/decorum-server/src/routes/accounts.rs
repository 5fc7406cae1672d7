//! `/api/accounts`: who acts, who rests and until when, and a person's hand on them.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use decorum_core::{Account, AccountError, Action, HaltReason, Role, Settings, Timestamp};
use decorum_store::AccountView;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::body::Body;
use crate::gate::Actor;
use crate::operation::{Operation, Param};
use crate::params::InPath;
use crate::problem::{Kind, Problem};
use crate::state::Shared;
use crate::wire::{AccountName, ClassWord, Instant, Note, Place, Uuid};

pub(super) fn operations() -> Vec<Operation> {
    let id = || Param::path::<AccountName>("account_id", "The account.");
    vec![
        Operation::get("/api/accounts/states", "listAccountStates")
            .says("accounts", "Every account: may it act, and if not, why and for how long", "")
            .needs(Role::Viewer)
            .answers::<States>(200, "By name.")
            .by(states),
        Operation::get("/api/accounts", "listAccounts")
            .says(
                "accounts",
                "Every account, with its use of the budgets",
                "The same as the states.",
            )
            .needs(Role::Viewer)
            .answers::<States>(200, "By name.")
            .by(states),
        Operation::get("/api/accounts/{account_id}", "getAccount")
            .says("accounts", "One account", "")
            .needs(Role::Viewer)
            .takes([id()])
            .answers::<AccountState>(200, "Its state.")
            .refuses([Kind::NotFound])
            .by(one),
        Operation::post("/api/accounts/{account_id}/halt", "haltAccount")
            .says(
                "accounts",
                "Stop an account until it is cleared",
                "It may be one that was never used.",
            )
            .needs(Role::Operator)
            .takes([id()])
            .reads::<Said>()
            .answers::<AccountState>(200, "It is halted.")
            .by(halt),
        Operation::post("/api/accounts/{account_id}/clear", "clearAccount")
            .says("accounts", "Make an account active again, after a person has looked", "")
            .needs(Role::Operator)
            .takes([id()])
            .reads::<Said>()
            .answers::<AccountState>(200, "It may act again.")
            .by(clear),
    ]
}

/// Why.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NoteRequest")]
#[serde(deny_unknown_fields)]
struct Said {
    /// What was seen or done, for the admin log.
    note: Note,
}

/// The accounts.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AccountStates")]
struct States {
    /// By name.
    items: Vec<AccountState>,
    /// Always null: there is one page.
    next_cursor: Option<Place>,
}

/// One account.
#[derive(Serialize, JsonSchema)]
pub(super) struct AccountState {
    /// Who.
    account_id: AccountName,
    /// Whether it may act.
    #[schemars(extend("enum" = ["active", "backoff", "cooldown", "halted"]))]
    state: &'static str,
    /// Why not.
    reason: Option<String>,
    /// When the wait ends, for states that wait.
    until: Option<Instant>,
    /// The same as a countdown.
    seconds_left: Option<u64>,
    /// Rate limits in a row.
    consecutive_rate_limits: u32,
    /// Acts in the last hour and day, by action.
    #[schemars(with = "BTreeMap<String, Used>")]
    used: BTreeMap<ActionKey, Used>,
    /// Events on its log.
    events: u64,
    /// How many errors are remembered.
    error_count: usize,
    /// The last hundred, newest first.
    errors: Vec<ErrorShown>,
}

/// An action as the name of a field.
#[derive(PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
struct ActionKey(Action);

/// Acts of one kind.
#[derive(Serialize, JsonSchema)]
struct Used {
    /// In the last hour.
    hour: u32,
    /// In the last day.
    day: u32,
}

/// An entry of the error history.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AccountError")]
struct ErrorShown {
    /// When.
    ts: Instant,
    /// What kind.
    error_class: ClassWord,
    /// What was seen or said.
    detail: String,
    /// The event it belongs to.
    event_id: Option<Uuid>,
}

impl From<AccountError> for ErrorShown {
    fn from(error: AccountError) -> Self {
        Self {
            ts: Instant(error.ts),
            error_class: ClassWord(error.error_class),
            detail: error.detail,
            event_id: error.event_id.map(|id| Uuid(uuid::Uuid::from_bytes(*id.as_bytes()))),
        }
    }
}

pub(super) fn shown(view: AccountView, settings: &Settings, now: Timestamp) -> AccountState {
    let AccountView { account, errors } = view;
    let until = account.breaker.until(now);
    let used = |action: &Action| {
        let (hour, day) = account.usage.used(*action, now);
        (ActionKey(*action), Used { hour, day })
    };
    AccountState {
        state: account.breaker.name(now),
        reason: account.breaker.explained(now, settings),
        until: until.map(Instant),
        seconds_left: until.map(|t| t.left(now).as_secs()),
        consecutive_rate_limits: account.breaker.consecutive(),
        used: Action::ALL.iter().map(used).collect(),
        events: account.head.seq,
        error_count: errors.len(),
        errors: errors.into_iter().map(Into::into).collect(),
        account_id: AccountName(account.account_id),
    }
}

async fn states(State(shared): State<Shared>) -> Result<Json<States>, Problem> {
    let now = shared.now();
    let accounts = shared.store().accounts().await?;
    let settings = shared.guard.settings().await?;
    let items = accounts.into_iter().map(|view| shown(view, &settings, now)).collect();
    Ok(Json(States { items, next_cursor: None }))
}

async fn one(
    State(shared): State<Shared>,
    InPath(AccountName(name)): InPath<AccountName>,
) -> Result<Json<AccountState>, Problem> {
    let view = shared.store().account(&name).await?;
    let known = view.account != Account::new(view.account.platform, name.clone());
    if !known && view.errors.is_empty() {
        return Err(Problem::new(Kind::NotFound, format!("no account {name} was ever used")));
    }
    Ok(Json(shown(view, &shared.guard.settings().await?, shared.now())))
}

async fn halt(
    State(shared): State<Shared>,
    InPath(AccountName(name)): InPath<AccountName>,
    actor: Actor,
    Body(Said { note }): Body<Said>,
) -> Result<Json<AccountState>, Problem> {
    let now = shared.now();
    shared.store().halt(&name, HaltReason::Operator, &note.0, &actor.who(), now).await?;
    let settings = shared.guard.settings().await?;
    Ok(Json(shown(shared.store().account(&name).await?, &settings, now)))
}

async fn clear(
    State(shared): State<Shared>,
    InPath(AccountName(name)): InPath<AccountName>,
    actor: Actor,
    Body(Said { note }): Body<Said>,
) -> Result<Json<AccountState>, Problem> {
    let now = shared.now();
    shared.store().clear(&name, &note.0, &actor.who(), now).await?;
    let settings = shared.guard.settings().await?;
    Ok(Json(shown(shared.store().account(&name).await?, &settings, now)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_a_field() {
        let used = BTreeMap::from([(ActionKey(Action::Follow), Used { hour: 1, day: 2 })]);
        let text = serde_json::to_string(&used).expect("JSON");
        assert_eq!(text, r#"{"follow":{"hour":1,"day":2}}"#);
    }
}
