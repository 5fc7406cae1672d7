//! The primary of a replica set is struck every few seconds while writers race.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use decorum_core::chain::Verifier;
use decorum_core::{AccountId, DedupScope, Event, EventId, Platform, Settings, Status};
use decorum_mongod::{Options, Server, in_database};
use decorum_store::{Store, open_store};
use serde_json::json;

use crate::Error;
use crate::faults::{Fault, strike};
use crate::findings::{Findings, WriterTally};
use crate::judge::Judge;
use crate::writer::{Race, Writer};

/// Nodes of the set: one may be away at any time.
const NODES: usize = 3;

/// Writers of one account: they race for the same people.
const RACING: usize = 4;

/// Events read at a time.
const BATCH: usize = 1000;

/// How the drill is held.
#[derive(Clone, Debug)]
pub struct Failover {
    /// How long primaries are struck.
    pub lasts: Duration,
    /// From one stroke to the next.
    pub every: Duration,
    /// What befalls them, in turn.
    pub faults: Vec<Fault>,
    /// How many write at the same time.
    pub writers: usize,
    /// `fleet`: the accounts race for the same people too.
    pub scope: DedupScope,
}

/// Holds the drill on a replica set of its own. `progress` is told in a sentence how it goes.
pub async fn failover(
    drill: &Failover,
    progress: impl Fn(&str) + Send + Sync,
) -> Result<Findings, Error> {
    let mut server = Server::replica_set(NODES, &Options::default()).await?;
    let address = in_database(&server.uri(), "decorum");
    let began = Instant::now();
    let settings = Arc::new(unhurried(drill.scope)?);
    let judge = Arc::new(Judge::new(drill.scope));
    let over = Arc::new(AtomicBool::new(false));
    let accounts = drill.writers.div_ceil(RACING);
    let mut races = HashMap::new();
    let mut writing = Vec::new();
    for number in 0..drill.writers {
        let account = number % accounts;
        let race = match drill.scope {
            DedupScope::Account => account,
            DedupScope::Fleet => 0,
        };
        let writer = Writer {
            account: format!("account{account}").parse()?,
            holder: format!("writer{number}").parse()?,
            store: open_store(&address).await?,
            settings: Arc::clone(&settings),
            judge: Arc::clone(&judge),
            race: Arc::clone(races.entry(race).or_insert_with(|| Arc::new(Race::default()))),
            over: Arc::clone(&over),
            tally: WriterTally::default(),
        };
        writing.push(tokio::spawn(writer.run()));
    }
    let said = |struck: usize, at: Duration| {
        let (at, of) = (at.as_secs(), drill.lasts.as_secs());
        progress(&format!("{at} of {of} s: {struck} struck, {} acknowledged", judge.promised()));
    };
    let struck = strike(&mut server, &judge, &drill.faults, drill.every, drill.lasts, said).await;
    over.store(true, Ordering::Relaxed);
    let mut writers = Vec::new();
    for writer in writing {
        writers.push(writer.await??);
    }
    let struck = struck?;
    let lasted = began.elapsed();
    progress("reading all of it back");
    let store = open_store(&address).await?;
    let (recorded, mut damage) = read_back(store.as_ref(), accounts).await?;
    damage.extend(engaged_twice(&judge, &recorded));
    let findings = Findings {
        lasted,
        struck,
        writers,
        acknowledged: judge.promised(),
        recorded: recorded.len(),
        twice: judge.twice(),
        lost: judge.missing(&recorded),
        damage,
    };
    store.close().await?;
    Ok(findings)
}

/// Settings without pace, so that only the store slows the writers down.
fn unhurried(scope: DedupScope) -> Result<Settings, Error> {
    let free = json!({ "hour": null, "day": null });
    let document = json!({
        "min_seconds_between_actions": 0,
        "dedup_scope": scope,
        "budgets": { "follow": free, "like": free, "comment": free, "view": free },
    });
    Ok(Settings::from_json(&document)?)
}

/// Every event on record, and what is wrong with them.
async fn read_back(
    store: &dyn Store,
    accounts: usize,
) -> Result<(HashMap<EventId, Event>, Vec<String>), Error> {
    let mut damage = store.inspect().await?;
    let mut recorded = HashMap::new();
    for account in 0..accounts {
        let name: AccountId = format!("account{account}").parse()?;
        let mut verifier = Verifier::new(Platform::Instagram, name.clone());
        let broken = loop {
            let after = verifier.head().seq;
            let batch = store.chain(&name, after, BATCH).await?;
            let mut broken = None;
            for event in batch {
                let event = event.and_then(|event| verifier.next(&event).map(|()| event));
                match event {
                    Ok(event) => drop(recorded.insert(event.id, event)),
                    Err(found) => broken = broken.or(Some(found)),
                }
            }
            if broken.is_some() || verifier.head().seq == after {
                break broken;
            }
        };
        let head = store.account(&name).await?.account.head;
        let broken = match broken {
            Some(broken) => Some(broken),
            None => verifier.finish(head).err(),
        };
        damage.extend(broken.map(|broken| format!("the log of {name}: {broken}")));
    }
    Ok((recorded, damage))
}

/// People with more than one success on record.
fn engaged_twice(judge: &Judge, recorded: &HashMap<EventId, Event>) -> Vec<String> {
    let mut engaged: HashMap<String, EventId> = HashMap::new();
    let mut twice = Vec::new();
    for event in recorded.values().filter(|event| event.status == Status::Success) {
        let Some(target_username) = event.target_username.clone() else { continue };
        let whom = judge.whom(&decorum_core::Key {
            platform: event.platform,
            account_id: event.account_id.clone(),
            target_username,
            action: event.action,
        });
        if let Some(first) = engaged.insert(whom.clone(), event.id) {
            twice.push(format!("{whom} is engaged twice on record: {first} and {}", event.id));
        }
    }
    twice
}
