//! `/api/audit/verify`: is the log whole?

use axum::Json;
use axum::extract::State;
use decorum_core::Role;
use decorum_engine::audit::verify;
use schemars::JsonSchema;
use serde::Serialize;

use crate::operation::{ACCOUNT_ID, Operation};
use crate::params::Params;
use crate::problem::{Kind, Problem};
use crate::state::Shared;
use crate::wire::AccountName;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/api/audit/verify", "verifyLog")
            .says("proof", "Follow every chain from its first event", "Also looks at the store for damage. The `hash` of an account is what to write down elsewhere: it proves later that nothing was cut off. With a large log it takes its time.")
            .needs(Role::Viewer)
            .takes([ACCOUNT_ID])
            .answers::<Verdict>(200, "Whether it is intact, and what is not.")
            .refuses([Kind::Overloaded])
            .endless()
            .by(audit),
    ]
}

/// Whether the log is whole.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Audit")]
struct Verdict {
    /// Whether nothing was found.
    intact: bool,
    /// The chains that are whole.
    accounts: Vec<Chain>,
    /// What is not as it should be, a sentence each.
    findings: Vec<String>,
}

/// A chain that is whole.
#[derive(Serialize, JsonSchema)]
struct Chain {
    /// Whose.
    account_id: AccountName,
    /// Events on it, cleaned up ones included.
    events: u64,
    /// The newest hash.
    hash: String,
    /// How many were cleaned up on purpose.
    cleaned: u64,
    /// How many have lost their person on purpose.
    erased: u64,
}

async fn audit(State(shared): State<Shared>, params: Params) -> Result<Json<Verdict>, Problem> {
    let only = params.account()?;
    // It reads everything, so it shares its places with the exports.
    let _place = shared.exports.try_acquire().map_err(|_| {
        Problem::new(Kind::Overloaded, "enough is read from end to end already").after(10)
    })?;
    let store = shared.store();
    let mut findings = store.inspect().await?;
    let mut accounts = Vec::new();
    for view in store.accounts().await? {
        let name = view.account.account_id.clone();
        if only.as_ref().is_some_and(|only| *only != name) {
            continue;
        }
        match verify(store, view.account).await? {
            Ok(whole) => accounts.push(Chain {
                account_id: AccountName(name),
                events: whole.head.seq,
                hash: whole.head.hash.to_string(),
                cleaned: whole.checkpoint.map_or(0, |checkpoint| checkpoint.head.seq),
                erased: whole.erased,
            }),
            Err(broken) => findings.push(format!("{name}: {broken}")),
        }
    }
    Ok(Json(Verdict { intact: findings.is_empty(), accounts, findings }))
}
