//! Claims and commits, as the benchmarks of all keepers make them.

use std::error::Error;
use std::ops::Range;
use std::sync::Arc;

use decorum_core::{
    Action, ClaimId, ClaimRequest, EventId, Jitter, Key, Metadata, Outcome, Platform, Report, Salt,
    Settings, Stamp, Timestamp,
};
use decorum_store::{ClaimVerdict, Store};
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
