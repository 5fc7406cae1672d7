//! Claims and commits, as the benchmarks of all keepers make them.

use std::error::Error;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use decorum_core::{
    Action, ClaimId, ClaimRequest, EventId, Jitter, Key, Metadata, Outcome, Platform, Report, Salt,
    Settings, Stamp, Timestamp,
};
use decorum_engine::clock::Clock;
use decorum_engine::guard::{Context, Ending, Guard, key};
use decorum_engine::machine::Machine;
use decorum_engine::process;
use decorum_store::{ClaimVerdict, Store, open_store};
use uuid::Uuid;

/// Whatever keeps a benchmark from its end.
pub(crate) type Failed = Box<dyn Error + Send + Sync>;

/// When everything happens: the same instant, as nothing here depends on time.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// Settings without pace, so that only the store is measured.
pub(crate) fn unhurried() -> Result<Settings, Failed> {
    let free = "{\"hour\":null,\"day\":null}";
    let document = format!(
        "{{\"min_seconds_between_actions\":0,\"budgets\":{{\"follow\":{free},\"like\":{free},\
         \"comment\":{free},\"view\":{free}}}}}"
    );
    Ok(Settings::from_json(&serde_json::from_str(&document)?)?)
}

/// One account engages one person after the other.
pub(crate) async fn engage(
    store: &Arc<dyn Store>,
    settings: &Settings,
    prefix: &str,
    people: Range<usize>,
) -> Result<(), Failed> {
    for i in people {
        let key = Key {
            platform: Platform::Instagram,
            account_id: format!("{prefix}account").parse()?,
            target_username: format!("{prefix}{i}").parse()?,
            action: Action::Follow,
        };
        let request = ClaimRequest {
            claim_id: ClaimId::from_uuid(Uuid::now_v7()),
            key: key.clone(),
            holder: "bench".parse()?,
            account_fence: None,
            task_id: None,
            device_id: None,
            metadata: Metadata::default(),
            now: NOW,
        };
        let ClaimVerdict::Granted(claim) = store.claim(settings, request).await? else {
            return Err("a claim was refused that nothing speaks against".into());
        };
        let report = Report {
            claim_id: claim.id,
            key,
            outcome: Outcome::Success { presumed: false },
            reason: None,
            detail: String::new(),
            session_id: None,
            device_id: None,
            latency_ms: Some(1),
            metadata: Metadata::default(),
            jitter: Jitter::default(),
            stamp: Stamp {
                event_id: EventId::from_uuid(Uuid::now_v7()),
                salt: Salt(fastrand::u128(..).to_be_bytes()),
                now: NOW,
            },
        };
        store.commit(settings, report).await?;
    }
    Ok(())
}

/// As many accounts as `callers` engage `each` at the same time. The names of the accounts are
/// `{prefix}{caller}_account`.
pub(crate) async fn at_once(
    store: &Arc<dyn Store>,
    settings: &Arc<Settings>,
    prefix: &str,
    (callers, each): (usize, usize),
) -> Result<(), Failed> {
    let calling: Vec<_> = (0..callers)
        .map(|caller| {
            let (store, settings) = (Arc::clone(store), Arc::clone(settings));
            let prefix = format!("{prefix}{caller}_");
            tokio::spawn(async move { engage(&store, &settings, &prefix, 0..each).await })
        })
        .collect();
    for caller in calling {
        caller.await??;
    }
    Ok(())
}

/// The guard of this process over a store in `dir`, without pace unless the store has settings.
pub(crate) async fn guard(dir: &Path) -> Result<Guard, Failed> {
    let store = open_store(&format!("sqlite:{}", dir.join("decorum.db").display())).await?;
    guard_of(dir, store).await
}

/// A guard over an SQLite store in `dir`, by this clock.
pub(crate) async fn guard_by(dir: &Path, clock: Arc<dyn Clock>) -> Result<Guard, Failed> {
    let store = open_store(&format!("sqlite:{}", dir.join("decorum.db").display())).await?;
    let machine = Machine { clock, ..Machine::this(dir, &store.identity().await?.place) };
    Ok(Guard::new(store, machine, process::this_process("bench"), unhurried()?))
}

/// A guard over this store, which remembers nobody yet.
pub(crate) async fn guard_of(dir: &Path, store: Arc<dyn Store>) -> Result<Guard, Failed> {
    let machine = Machine::this(dir, &store.identity().await?.place);
    Ok(Guard::new(store, machine, process::this_process("bench"), unhurried()?))
}

/// An account engages a person, as of now.
pub(crate) async fn engage_by(guard: &Guard, account: &str, target: &str) -> Result<(), Failed> {
    let about = key(&account.parse()?, &target.parse()?, Action::Follow);
    let context = Context::default();
    let verdict = guard.claim(about.clone(), &context, Metadata::default()).await?;
    let ClaimVerdict::Granted(claim) = verdict else {
        return Err("a claim was refused that nothing speaks against".into());
    };
    let ending = Ending::new(Outcome::Success { presumed: false }, "");
    guard.commit(&claim, about, &ending, &context, Metadata::default()).await?;
    Ok(())
}
