//! Somebody who reads the log all the time, and notes when an event was certainly on record.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use decorum_core::{AccountId, Breaker, Event, EventId};
use decorum_store::{Store, StoreError, open_store, open_store_read_only};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::{Error, wall_ms};

const EVERY: Duration = Duration::from_millis(250);
const BATCH: usize = 1000;

/// The longest that an account rests by right clocks, with room for those that are a little off.
const LONGEST_REST_MS: i64 = 120_000;

/// An event when it was first seen.
#[derive(Clone, Debug)]
pub(crate) struct Sight {
    pub(crate) event: Event,
    /// On record by then: milliseconds of the Unix epoch by the machine's clock.
    pub(crate) by_ms: i64,
}

/// Everything seen so far.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) first: HashMap<EventId, Sight>,
    /// How accounts stood when they were last looked at.
    states: HashMap<String, Breaker>,
}

/// Looks until it is dropped.
pub(crate) struct Watch {
    seen: Arc<Mutex<Seen>>,
    looking: JoinHandle<()>,
}

impl Watch {
    pub(crate) fn start(address: String, accounts: Vec<AccountId>) -> Self {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let looking = tokio::spawn(look(address, accounts, Arc::clone(&seen)));
        Self { seen, looking }
    }

    pub(crate) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the account does nothing until a person clears it, or rests until a time that only
    /// a wrong clock can have made of it.
    pub(crate) fn is_halted(&self, account: &str) -> bool {
        let soon_ms = wall_ms() + LONGEST_REST_MS;
        match self.seen().states.get(account) {
            Some(Breaker::Halted { .. }) => true,
            Some(Breaker::Backoff { until, .. } | Breaker::Cooldown { until, .. }) => {
                until.as_millis() > soon_ms
            }
            _ => false,
        }
    }

    /// Whether the account rests for longer than it takes to settle.
    pub(crate) fn rests_for_long(&self, account: &str) -> bool {
        let seen = self.seen();
        matches!(seen.states.get(account), Some(Breaker::Halted { .. } | Breaker::Cooldown { .. }))
    }

    /// The account was cleared: what was seen before is no longer so.
    pub(crate) fn is_cleared(&self, account: &str) {
        self.seen().states.remove(account);
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.looking.abort();
    }
}

async fn look(address: String, accounts: Vec<AccountId>, seen: Arc<Mutex<Seen>>) {
    let mut after: HashMap<AccountId, u64> = HashMap::new();
    let mut connected = None;
    loop {
        sleep(EVERY).await;
        // A file that we held open would never be recovered by those who are killed.
        let store = match connected.take() {
            Some(store) => store,
            None => match open(&address).await {
                Ok(store) => store,
                // The store is being disturbed; that is what we are here for.
                Err(_) => continue,
            },
        };
        for account in &accounts {
            let place = after.entry(account.clone()).or_default();
            // An answer that fails is asked for again at the next look.
            drop(look_at(store.as_ref(), account, place, &seen).await);
        }
        if address.starts_with("sqlite:") {
            drop(store.close().await);
        } else {
            connected = Some(store);
        }
    }
}

async fn open(address: &str) -> Result<Arc<dyn Store>, StoreError> {
    if address.starts_with("sqlite:") {
        open_store_read_only(address).await
    } else {
        open_store(address).await
    }
}

async fn look_at(
    store: &dyn Store,
    account: &AccountId,
    after: &mut u64,
    seen: &Mutex<Seen>,
) -> Result<(), StoreError> {
    let batch = store.chain(account, *after, BATCH).await?;
    let by_ms = wall_ms();
    let breaker = store.account(account).await?.account.breaker;
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    // One that cannot be read is found by the judge.
    for event in batch.into_iter().map_while(Result::ok) {
        *after = event.seq;
        seen.first.entry(event.id).or_insert(Sight { event, by_ms });
    }
    seen.states.insert(account.as_str().to_owned(), breaker);
    Ok(())
}

/// Every event of these accounts, in the order of their chains.
pub(crate) async fn read_all(address: &str, accounts: &[AccountId]) -> Result<Vec<Event>, Error> {
    let store = open(address).await?;
    let mut events: Vec<Event> = Vec::new();
    for account in accounts {
        let mut after = 0;
        loop {
            let batch = store.chain(account, after, BATCH).await?;
            let Some(last) = batch.last() else { break };
            after = last
                .as_ref()
                .map(|event| event.seq)
                .map_err(|broken| format!("the log of {account} cannot be read: {broken}"))?;
            for event in batch {
                events.push(event.map_err(|e| format!("the log of {account}: {e}"))?);
            }
        }
    }
    store.close().await?;
    Ok(events)
}

/// Claims in doubt, as text.
pub(crate) async fn doubts(address: &str) -> Result<Vec<String>, Error> {
    let store = open(address).await?;
    let found = store.doubts(None, BATCH).await?;
    store.close().await?;
    Ok(found
        .iter()
        .map(|doubt| {
            let key = &doubt.key;
            format!("{} by {} ({})", key.target_username, key.account_id, key.action)
        })
        .collect())
}
