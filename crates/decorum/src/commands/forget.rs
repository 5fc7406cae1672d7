//! `decorum target forget`: erase a person everywhere.

use std::io::IsTerminal;

use decorum_core::{ClaimId, Finding, Metadata, Platform, Username};
use decorum_engine::entropy::{Entropy, SystemEntropy};
use decorum_engine::evidence::Evidence;
use decorum_engine::process;
use decorum_store::{Forgotten, Store, StoreError};
use serde_json::json;

use crate::args::Common;
use crate::console::{complain, count, print, print_json, say};
use crate::exit::{self, Code, Failure};
use crate::place::{self, Access};

/// Claims in doubt on one person that are settled at most: there are fewer accounts than that.
const DOUBTS_MAX: usize = 10_000;

/// Erases a person, whose name is `user`.
pub(super) async fn erase(common: &Common, user: &str, json: bool) -> Result<Code, Failure> {
    let target: Username =
        user.parse().map_err(|e: decorum_core::NameError| Failure::usage(e.to_string()))?;
    let folder = place::evidence_dir(common)?;
    let store = place::open_store(common, Access::Write).await?;
    // What a killed process held is nobody's any more, and need not be waited for.
    let holders = store.claim_holders(None).await?;
    let gone: Vec<_> = holders.into_iter().filter(process::is_gone).collect();
    store.lapse(None, &gone, place::now()).await?;
    // The files first: only the events know which they are.
    let mut evidence = Evidence::of(folder, false);
    evidence.remove_of(store.as_ref(), &target).await?;
    if std::io::stderr().is_terminal() {
        say("erasing; a large store takes about a second per 100 MB");
    }
    let mut forgotten = forget(store.as_ref(), &target).await?;
    store.close().await?;
    let files = evidence.removed();
    forgotten.traces.extend(evidence.left());
    report(&forgotten, files, json)?;
    for trace in &forgotten.traces {
        complain(trace);
    }
    Ok(if forgotten.traces.is_empty() { exit::DONE } else { exit::FAILED })
}

/// Forgets, after settling what is in doubt: whether the person was engaged no longer matters for
/// anything but the count of what was done.
async fn forget(store: &dyn Store, target: &Username) -> Result<Forgotten, Failure> {
    let who = place::who();
    for _ in 0..DOUBTS_MAX {
        match store.forget(Platform::Instagram, target, &who, place::now()).await {
            Err(StoreError::StillInDoubt(claim)) => settle(store, claim).await?,
            ended => return Ok(ended?),
        }
    }
    Err(Failure::new(exit::FAILED, "claims on this person come faster than they can be settled"))
}

async fn settle(store: &dyn Store, claim: ClaimId) -> Result<(), Failure> {
    let entropy: &dyn Entropy = &SystemEntropy;
    let stamp = entropy.stamp(place::now());
    let (settings, nothing) = (place::first_settings()?, Metadata::default());
    store.reconcile(&settings, claim, Finding::CannotTell, nothing, stamp).await?;
    say(&format!("claim {claim} was in doubt; it counts as done now"));
    Ok(())
}

fn report(forgotten: &Forgotten, files: usize, as_json: bool) -> Result<(), Failure> {
    let Forgotten { events, rows, errors, candidates, traces } = forgotten;
    if as_json {
        return print_json(&json!({
            "events": events,
            "rows": rows,
            "errors": errors,
            "candidates": candidates,
            "evidence_files": files,
            "traces": traces,
        }));
    }
    let n = |n: &u64| usize::try_from(*n).unwrap_or(usize::MAX);
    print(format!(
        "forgotten: {} without the person now, {}, {} and {} removed",
        count(n(events), "event", "events"),
        count(n(rows), "dedup row", "dedup rows"),
        count(n(errors), "error text", "error texts"),
        count(files, "file", "files"),
    ))?;
    if *candidates > 0 {
        say(&format!("taken off {}", count(n(candidates), "list of a task", "lists of tasks")));
    }
    say("they stay on the suppression list by a keyed hash: nobody engages them again");
    Ok(())
}
