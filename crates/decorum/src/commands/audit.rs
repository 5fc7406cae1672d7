//! `decorum audit verify`: follow every chain from its first event.

use decorum_core::chain::Verifier;
use decorum_core::{AccountId, Head, Platform};
use decorum_store::Store;
use serde_json::json;

use crate::args::{AuditAction, Common};
use crate::console::{count, print, print_json};
use crate::exit::{self, Code, Failure};
use crate::place::{self, Access};

/// Events read at a time.
const BATCH: usize = 1000;

pub(crate) async fn audit(common: &Common, action: AuditAction) -> Result<Code, Failure> {
    let AuditAction::Verify { account, json } = action;
    let only = account.as_deref().map(place::account).transpose()?;
    let store = place::open_store(common, Access::Read).await?;
    let mut findings = store.inspect().await?;
    let mut accounts = Vec::new();
    for view in store.accounts().await? {
        let name = view.account.account_id;
        if only.as_ref().is_some_and(|only| *only != name) {
            continue;
        }
        match verify(store.as_ref(), &name, view.account.head).await? {
            Ok(head) => accounts.push((name, head)),
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
            .map(
                |(name, head)| json!({ "account_id": name, "events": head.seq, "hash": head.hash }),
            )
            .collect();
        print_json(&json!({ "intact": intact, "accounts": heads, "findings": findings }))?;
    } else {
        for (name, head) in &accounts {
            // The hash is what to write down elsewhere: it proves later that nothing was cut off.
            print(format!(
                "intact {name}: {}, newest hash {}",
                count(usize::try_from(head.seq).unwrap_or(usize::MAX), "event", "events"),
                head.hash
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

/// Follows one chain to its end; the inner error is where it breaks.
pub(super) async fn verify(
    store: &dyn Store,
    account: &AccountId,
    expected: Head,
) -> Result<Result<Head, decorum_core::chain::Break>, Failure> {
    let mut verifier = Verifier::new(Platform::Instagram, account.clone());
    let mut expected = expected;
    loop {
        let batch = store.chain(account, verifier.head().seq, BATCH).await?;
        let last = batch.len() < BATCH;
        for event in batch {
            if let Err(broken) = event.and_then(|event| verifier.next(&event)) {
                return Ok(Err(broken));
            }
        }
        if last && verifier.head().seq > expected.seq {
            // A run goes on meanwhile: compare with what the account remembers by now.
            let now = store.account(account).await?.account.head;
            if now.seq > expected.seq {
                expected = now;
                continue;
            }
        }
        if last {
            return Ok(verifier.finish(expected));
        }
    }
}
