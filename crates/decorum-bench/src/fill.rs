//! A log of any length, the same every time: what pages and exports are measured on.
//!
//! One event a second, of twenty accounts with a phone for every two of them, in tasks of 500
//! events. A person has about three events; every person, task and hour has as many of them in a
//! long log as in a short one.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use decorum_core::{
    Action, ErrorClass, EventId, Jitter, Key, Metadata, Observation, Outcome, Platform, Refusal,
    RefusalReason, Salt, Seen, Skip, Stamp, Timestamp,
};
use decorum_store::{Cursor, OBSERVE_MAX, Store, open_store};
use futures_util::future::try_join_all;
use uuid::{Builder, Uuid};

use crate::console::Progress;
use crate::engagement::{Failed, unhurried};

/// Changes when the events below do, so that what was kept is made anew.
const RECIPE: u32 = 1;

/// Acting accounts.
pub(crate) const ACCOUNTS: u64 = 20;
const PHONES: u64 = ACCOUNTS / 2;
/// Events of one account's task.
const TASK: u64 = 500;
/// Steps that share a sync of the disk; one thread takes them in turn.
const TOGETHER: usize = 16;

/// When event `n` happened.
pub(crate) fn instant(n: u64) -> Timestamp {
    let second = Duration::from_secs(1);
    let since = second.saturating_mul(u32::try_from(n).unwrap_or(u32::MAX));
    Timestamp::from_millis(1_700_000_000_000).plus(since)
}

fn id(n: u64) -> Uuid {
    let mut random = [0; 10];
    random[2..].copy_from_slice(&n.to_be_bytes());
    let ms = u64::try_from(instant(n).as_millis()).unwrap_or_default();
    Builder::from_unix_timestamp_millis(ms, &random).into_uuid()
}

/// The place of event `n` in the log.
pub(crate) fn cursor(n: u64) -> Cursor {
    Cursor { ts: instant(n), id: EventId::from_uuid(id(n)) }
}

pub(crate) fn account(n: u64) -> String {
    format!("account{:02}", mixed(n) % ACCOUNTS)
}

pub(crate) fn target(n: u64) -> String {
    format!("person{:08}", n / 3)
}

pub(crate) fn phone(account: u64) -> String {
    format!("phone{:02}", account % PHONES)
}

pub(crate) fn task(n: u64) -> String {
    format!("task-{}-{:05}", mixed(n) % ACCOUNTS, n / (TASK * ACCOUNTS))
}

/// Any number out of any number, without a pattern (the finalizer of `SplitMix64`).
const fn mixed(n: u64) -> u64 {
    let mut z = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Event `n`.
fn observation(n: u64) -> Result<Observation, Failed> {
    let action = match mixed(n ^ 1) % 20 {
        0..10 => Action::Follow,
        10..16 => Action::Like,
        16 => Action::Comment,
        _ => Action::View,
    };
    let refused = |reason| Seen::Refused(Refusal::new(reason, None));
    let seen = match mixed(n ^ 2) % 100 {
        0..55 => refused(RefusalReason::AlreadyEngaged),
        55..85 => Seen::Outcome(Outcome::Success { presumed: false }),
        85..90 => Seen::Outcome(Outcome::Skipped(Skip::Private)),
        90..97 => Seen::Outcome(Outcome::Failed(ErrorClass::Network)),
        97..99 => Seen::Outcome(Outcome::Failed(ErrorClass::TargetUnavailable)),
        _ => Seen::Outcome(Outcome::Retry(Some(ErrorClass::App))),
    };
    Ok(Observation {
        key: Key {
            platform: Platform::Instagram,
            account_id: account(n).parse()?,
            target_username: target(n).parse()?,
            action,
        },
        seen,
        reason: None,
        detail: String::new(),
        task_id: Some(task(n).parse()?),
        device_id: Some(phone(mixed(n) % ACCOUNTS).parse()?),
        session_id: None,
        latency_ms: Some(mixed(n ^ 3) % 5_000),
        metadata: Metadata::default(),
        jitter: Jitter::default(),
        stamp: Stamp {
            event_id: EventId::from_uuid(id(n)),
            salt: Salt(u128::from(mixed(n ^ 4)).to_be_bytes()),
            now: instant(n),
        },
    })
}

/// Adds what is missing of the first `events`, by the store's own `observe`, `together` of the
/// largest steps at a time: more than one only where the store takes them in the order they come.
pub(crate) async fn fill(
    store: &Arc<dyn Store>,
    events: u64,
    together: usize,
) -> Result<(), Failed> {
    let settings = unhurried()?;
    let heads = store.accounts().await?.into_iter().map(|view| view.account.head.seq);
    // Steps are recorded whole, and in order.
    let mut next: u64 = heads.sum();
    let mut progress = Progress::of("filling a log, events");
    while next < events {
        let mut steps = Vec::new();
        while next < events && steps.len() < together {
            let end = events.min(next + OBSERVE_MAX as u64);
            let step = (next..end).map(observation).collect::<Result<_, _>>()?;
            steps.push(store.observe(&settings, step));
            next = end;
        }
        try_join_all(steps).await?;
        progress.at(next, events);
    }
    Ok(())
}

/// An SQLite store with the first `events`, kept beside the build for the next time. One that was
/// interrupted goes on.
pub(crate) async fn sqlite(events: u64) -> Result<(Arc<dyn Store>, PathBuf), Failed> {
    let executable = std::env::current_exe()?;
    let target = executable.ancestors().nth(2).unwrap_or(Path::new("."));
    let folder = target.join("bench-data").join(format!("recipe{RECIPE}"));
    std::fs::create_dir_all(&folder)?;
    let file = folder.join(format!("{events}.db"));
    let store = open_store(&format!("sqlite:{}", file.display())).await?;
    fill(&store, events, TOGETHER).await?;
    Ok((store, file))
}
