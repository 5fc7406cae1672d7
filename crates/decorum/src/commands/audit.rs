//! `decorum audit verify`: follow every chain from its first event, or from what was cleaned up.

use decorum_core::Checkpoint;
use decorum_engine::audit::{Whole, verify};
use serde_json::json;

use crate::args::{AuditAction, Common};
use crate::console::{count, instant, print, print_json};
use crate::exit::{self, Code, Failure};
use crate::place::{self, Access};

pub(crate) async fn audit(common: &Common, action: AuditAction) -> Result<Code, Failure> {
    let AuditAction::Verify { account, json } = action;
    let only = account.as_deref().map(place::account).transpose()?;
    let store = place::open_store(common, Access::Read).await?;
    let mut findings = store.inspect().await?;
    let mut accounts = Vec::new();
    for view in store.accounts().await? {
        let name = view.account.account_id.clone();
        if only.as_ref().is_some_and(|only| *only != name) {
            continue;
        }
        match verify(store.as_ref(), view.account).await? {
            Ok(whole) => accounts.push((name, whole)),
            Err(broken) => findings.push(format!("{name}: {broken}")),
        }
    }
    if let Some(only) = &only
        && findings.is_empty()
        && accounts.is_empty()
    {
        return Err(Failure::usage(format!("no account {only} is known to this store")));
    }
    let intact = findings.is_empty();
    if json {
        let heads: Vec<_> = accounts
            .iter()
            .map(|(name, whole)| {
                json!({
                    "account_id": name,
                    "events": whole.head.seq,
                    "hash": whole.head.hash,
                    "checkpoint": whole.checkpoint,
                    "erased": whole.erased,
                })
            })
            .collect();
        print_json(&json!({ "intact": intact, "accounts": heads, "findings": findings }))?;
    } else {
        for (name, whole) in &accounts {
            let head = whole.head;
            // The hash is what to write down elsewhere: it proves later that nothing was cut off.
            print(format!(
                "intact {name}: {}, newest hash {}{}",
                count(usize::try_from(head.seq).unwrap_or(usize::MAX), "event", "events"),
                head.hash,
                on_purpose(whole)
            ))?;
        }
        for finding in &findings {
            print(format!("BROKEN {finding}"))?;
        }
        if intact && accounts.is_empty() {
            print("intact: the log is empty")?;
        }
    }
    Ok(if intact { exit::DONE } else { exit::AUDIT_BROKEN })
}

/// What is missing on purpose, for a person.
fn on_purpose(whole: &Whole) -> String {
    let cleaned = whole.checkpoint.map(|Checkpoint { head, ts }| {
        let events = match head.seq {
            1 => "event 1 was".to_owned(),
            n => format!("events 1 to {n} were"),
        };
        format!("; {events} cleaned up on purpose, the newest of them of {}", instant(ts))
    });
    let erased = match whole.erased {
        0 => String::new(),
        1 => "; 1 event has lost its person on purpose".to_owned(),
        n => format!("; {n} events have lost their person on purpose"),
    };
    cleaned.unwrap_or_default() + &erased
}
