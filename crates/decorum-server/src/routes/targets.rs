//! `/api/targets`: everything that is known of a person, and erasing it.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use decorum_core::{Action, Event, Finding, Metadata, Platform, RefusalReason, Role};
use decorum_engine::evidence::Evidence;
use decorum_engine::process;
use decorum_store::{EventFilter, Forgotten, Order, StoreError};
use schemars::JsonSchema;
use serde::Serialize;

use super::suppressions::is_suppressed;
use crate::gate::Actor;
use crate::operation::{CURSOR, LIMIT, Operation, Param};
use crate::params::{InPath, Params};
use crate::problem::{Kind, Problem};
use crate::state::Shared;
use crate::wire::{AccountName, ActionWord, EventSchema, Instant, Person, Place};

/// Claims in doubt on one person that are settled at most in one request.
const DOUBTS_MAX: usize = 100;

pub(super) fn operations() -> Vec<Operation> {
    let id = || Param::path::<Person>("target_username", "The person.");
    vec![
        Operation::get("/api/targets/{target_username}", "getTarget")
            .says("people", "Everything that is known of a person", "Whether they are on the suppression list, a page of their events, and for each account on that page whether it may engage them now.")
            .needs(Role::Viewer)
            .takes([id(), CURSOR, LIMIT])
            .answers::<Known>(200, "What is known.")
            .by(known),
        Operation::delete("/api/targets/{target_username}", "forgetTarget")
            .says("people", "Erase a person everywhere", "Name, salt and metadata of their events, their dedup rows, the texts and pictures that speak of them. They stay suppressed by a keyed hash: nobody engages them again. It cannot be undone.")
            .needs(Role::Admin)
            .takes([id()])
            .answers::<Erased>(200, "They are erased.")
            .refuses([Kind::Conflict])
            .by(forget),
    ]
}

/// A person.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Target")]
struct Known {
    /// The name as it is compared.
    target_username: Person,
    /// Whether they must never be contacted.
    suppressed: bool,
    /// For each account on this page and each action: may it engage them now?
    accounts: Vec<May>,
    /// Their events, newest first.
    #[schemars(with = "Vec<EventSchema>")]
    events: Vec<Event>,
    /// Where the next page begins; null: this was the last.
    next_cursor: Option<Place>,
}

/// What an account may do.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TargetCheck")]
struct May {
    /// Who.
    account_id: AccountName,
    /// How.
    action: ActionWord,
    /// Whether.
    engage: bool,
    /// Why not.
    reason: Option<&'static str>,
    /// When asking again may help.
    retry_at: Option<Instant>,
}

/// What was erased.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Forgotten")]
struct Erased {
    /// Events that named them.
    events: u64,
    /// Dedup rows about them.
    rows: u64,
    /// Entries of error histories that spoke of them.
    errors: u64,
    /// Lists of tasks they were on.
    candidates: u64,
    /// Pictures and page sources.
    evidence_files: usize,
    /// Where traces may be left that could not be reached, a sentence each.
    traces: Vec<String>,
}

async fn known(
    State(shared): State<Shared>,
    InPath(Person(person)): InPath<Person>,
    params: Params,
) -> Result<Json<Known>, Problem> {
    let filter = EventFilter { target_username: Some(person.clone()), ..EventFilter::default() };
    let page = params.page(Order::Newest)?;
    let found = shared.store().events(&filter, &page).await?;
    let names: BTreeSet<_> = found.items.iter().map(|e| e.account_id.clone()).collect();
    let (first, now) = (&shared.options.first, shared.now());
    let asked = std::slice::from_ref(&person);
    let mut accounts = Vec::new();
    for name in names {
        for action in Action::ALL {
            let answers = shared.store().check(first, &name, *action, asked, now).await?;
            let refusal = answers.first().and_then(|answer| answer.err());
            accounts.push(May {
                account_id: AccountName(name.clone()),
                action: ActionWord(*action),
                engage: refusal.is_none(),
                reason: refusal.map(|r| RefusalReason::as_str(r.reason)),
                retry_at: refusal.and_then(|r| r.retry_at).map(Instant),
            });
        }
    }
    Ok(Json(Known {
        suppressed: is_suppressed(&shared, &person).await?,
        target_username: Person(person),
        accounts,
        events: found.items,
        next_cursor: found.next.map(|next| Place(next.to_string())),
    }))
}

async fn forget(
    State(shared): State<Shared>,
    InPath(Person(person)): InPath<Person>,
    actor: Actor,
) -> Result<Json<Erased>, Problem> {
    let store = shared.store();
    // What a killed process held is nobody's any more, and need not be waited for.
    let holders = store.claim_holders(None).await?;
    let gone: Vec<_> = holders.into_iter().filter(process::is_gone).collect();
    store.lapse(None, &gone, shared.now()).await?;
    // The files first: only the events know which they are.
    let mut evidence = shared.options.evidence.clone().map(|dir| Evidence::of(dir, false));
    if let Some(evidence) = &mut evidence {
        evidence.remove_of(store, &person).await.map_err(stuck)?;
    }
    let mut doubts = 0;
    let Forgotten { events, rows, errors, candidates, mut traces } = loop {
        let (who, now) = (actor.who(), shared.now());
        match store.forget(Platform::Instagram, &person, &who, now).await {
            // Whether the person was engaged no longer matters for anything but the count.
            Err(StoreError::StillInDoubt(claim)) if doubts < DOUBTS_MAX => {
                doubts += 1;
                let nothing = Metadata::default();
                shared.guard.reconcile(claim, Finding::CannotTell, nothing).await?;
            }
            ended => break ended?,
        }
    };
    shared.claims.invalidate_all();
    let evidence_files = evidence.as_ref().map_or(0, Evidence::removed);
    traces.extend(evidence.map(Evidence::left).unwrap_or_default());
    Ok(Json(Erased { events, rows, errors, candidates, evidence_files, traces }))
}

/// Evidence that could not be removed keeps the rest from being removed as well: only the events
/// know which files they are.
pub(super) fn stuck(error: decorum_engine::evidence::EvidenceError) -> Problem {
    match error {
        decorum_engine::evidence::EvidenceError::Store(error) => error.into(),
        stuck @ decorum_engine::evidence::EvidenceError::Stuck { .. } => {
            Problem::new(Kind::Internal, stuck.to_string())
        }
    }
}
