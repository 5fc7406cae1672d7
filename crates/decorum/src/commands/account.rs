//! `decorum account`: the state of the accounts, and a person's hand on them.

use decorum_core::{Action, HaltReason, Settings};
use decorum_store::AccountView;
use serde_json::{Value, json};

use crate::args::{AccountAction, Common};
use crate::console::{instant, print, print_json, say, span};
use crate::exit::{self, Code, Failure};
use crate::place::{self, Access};

pub(crate) async fn account(common: &Common, action: AccountAction) -> Result<Code, Failure> {
    match action {
        AccountAction::List { json } => list(common, json).await,
        AccountAction::Halt { account, note } => {
            let account = place::account(&account)?;
            let note = noted(&note)?;
            let store = place::open_store(common, Access::Write).await?;
            let now = place::now();
            store.halt(&account, HaltReason::Operator, note, &place::who(), now).await?;
            store.close().await?;
            say(&format!("{account} is halted until it is cleared"));
            Ok(exit::DONE)
        }
        AccountAction::Clear { account, note } => {
            let account = place::account(&account)?;
            let note = noted(&note)?;
            let store = place::open_store(common, Access::Write).await?;
            store.clear(&account, note, &place::who(), place::now()).await?;
            store.close().await?;
            say(&format!("{account} is active again"));
            Ok(exit::DONE)
        }
    }
}

fn noted(note: &str) -> Result<&str, Failure> {
    let note = note.trim();
    if note.is_empty() {
        return Err(Failure::usage("the note is empty; say why in a few words"));
    }
    Ok(note)
}

async fn list(common: &Common, as_json: bool) -> Result<Code, Failure> {
    let store = place::open_store(common, Access::Read).await?;
    let accounts = store.accounts().await?;
    let settings = store.settings(&place::first_settings()?).await?.settings;
    if as_json {
        let items: Vec<Value> = accounts.iter().map(|view| state(view, &settings)).collect();
        print_json(&json!({ "items": items }))?;
        return Ok(exit::DONE);
    }
    if accounts.is_empty() {
        say("no account has been used yet");
    }
    for view in &accounts {
        let account = &view.account;
        let now = place::now();
        let until = account.breaker.until(now);
        let wait = until.map(|t| format!(" until {} ({} left)", instant(t), span(t.left(now))));
        let why = account.breaker.explained(now, &settings).map(|why| format!(" {why}"));
        print(format!(
            "{:<30} {:<8}{}{}",
            account.account_id,
            account.breaker.name(now),
            wait.unwrap_or_default(),
            why.unwrap_or_default()
        ))?;
    }
    Ok(exit::DONE)
}

/// The state of an account as every interface shows it.
fn state(view: &AccountView, settings: &Settings) -> Value {
    let account = &view.account;
    let now = place::now();
    let until = account.breaker.until(now);
    let used = |action: &Action| {
        let (hour, day) = account.usage.used(*action, now);
        (action.to_string(), json!({ "hour": hour, "day": day }))
    };
    json!({
        "account_id": account.account_id,
        "state": account.breaker.name(now),
        "reason": account.breaker.explained(now, settings),
        "until": until,
        "seconds_left": until.map(|t| t.left(now).as_secs()),
        "consecutive_rate_limits": account.breaker.consecutive(),
        "used": Action::ALL.iter().map(used).collect::<serde_json::Map<_, _>>(),
        "events": account.head.seq,
        "error_count": view.errors.len(),
        "errors": view.errors,
    })
}
