//! `decorum audit verify`: follow every chain from its first event, or from what was cleaned up.

use decorum_core::chain::{Break, Verifier};
use decorum_core::{Account, Checkpoint, Head};
use decorum_store::Store;
use serde_json::json;

use crate::args::{AuditAction, Common};
use crate::console::{count, instant, print, print_json};
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

/// A chain that is whole.
pub(super) struct Whole {
    /// Where it ends.
    pub(super) head: Head,
    /// What took the place of its oldest events, if they were cleaned up.
    pub(super) checkpoint: Option<Checkpoint>,
    /// How many of the events that are there lost their person on purpose.
    pub(super) erased: u64,
}

/// Follows one chain from where it begins to its end; the inner error is where it breaks.
pub(super) async fn verify(
    store: &dyn Store,
    account: Account,
) -> Result<Result<Whole, Break>, Failure> {
    let mut account = account;
    loop {
        let broken = match follow(store, &mut account).await? {
            Ok(whole) => return Ok(Ok(whole)),
            Err(broken) => broken,
        };
        // Somebody may be cleaning up meanwhile: what is gone then is gone on purpose.
        let now = store.account(&account.account_id).await?.account;
        if now.checkpoint == account.checkpoint {
            return Ok(Err(broken));
        }
        account = now;
    }
}

async fn follow(store: &dyn Store, account: &mut Account) -> Result<Result<Whole, Break>, Failure> {
    let (name, checkpoint) = (account.account_id.clone(), account.checkpoint);
    let mut verifier = Verifier::after(account.platform, name.clone(), checkpoint.as_ref());
    let mut erased = 0;
    loop {
        let batch = store.chain(&name, verifier.head().seq, BATCH).await?;
        let last = batch.len() < BATCH;
        for event in batch {
            let next = event.and_then(|event| verifier.next(&event).map(|()| event.is_erased()));
            match next {
                Ok(is_erased) => erased += u64::from(is_erased),
                Err(broken) => return Ok(Err(broken)),
            }
        }
        if last && verifier.head().seq > account.head.seq {
            // A run goes on meanwhile: compare with what the account remembers by now.
            let now = store.account(&name).await?.account.head;
            if now.seq > account.head.seq {
                account.head = now;
                continue;
            }
        }
        if last {
            let ended = verifier.finish(account.head);
            return Ok(ended.map(|head| Whole { head, checkpoint, erased }));
        }
    }
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
