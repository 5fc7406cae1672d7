//! What all requests share.

use std::sync::Arc;
use std::time::Duration;

use decorum_core::{ClaimId, Key, Timestamp};
use decorum_engine::guard::Guard;
use decorum_engine::lexicon::Lexicon;
use decorum_store::Store;
use moka::sync::Cache;
use tokio::sync::{Semaphore, watch};

use crate::around::RequestIds;
use crate::counts::Counts;
use crate::feed::Feed;
use crate::gate::Doors;
use crate::options::Options;
use crate::problem::{Kind, Problem};

/// Requests worked on at the same time; more are turned away at once.
const AT_ONCE: usize = 512;

/// Exports written at the same time: each reads a page of the log after the other.
const EXPORTS: usize = 16;

/// Open event streams.
pub(crate) const STREAMS: usize = 20_000;

/// Claims whose key is remembered, so that their outcome can be kept while the store is away.
const CLAIMS: u64 = 100_000;

/// The state, cheap to clone.
pub(crate) type Shared = Arc<State>;

pub(crate) struct State {
    pub(crate) guard: Guard,
    pub(crate) lexicon: Arc<Lexicon>,
    pub(crate) options: Options,
    pub(crate) doors: Doors,
    pub(crate) feed: Feed,
    pub(crate) counts: Counts,
    pub(crate) ids: RequestIds,
    pub(crate) requests: Semaphore,
    pub(crate) exports: Arc<Semaphore>,
    pub(crate) streams: Arc<Semaphore>,
    /// Claims made here, and when.
    pub(crate) claims: Cache<ClaimId, (Key, Timestamp)>,
    /// Becomes true when the server ends.
    pub(crate) ending: watch::Receiver<bool>,
}

impl State {
    pub(crate) fn new(
        guard: Guard,
        lexicon: Arc<Lexicon>,
        options: Options,
        ending: watch::Receiver<bool>,
    ) -> Self {
        Self {
            guard,
            lexicon,
            doors: Doors::default(),
            options,
            feed: Feed::default(),
            counts: Counts::default(),
            ids: RequestIds::new(),
            requests: Semaphore::new(AT_ONCE),
            exports: Arc::new(Semaphore::new(EXPORTS)),
            streams: Arc::new(Semaphore::new(STREAMS)),
            claims: Cache::builder()
                .max_capacity(CLAIMS)
                .time_to_live(Duration::from_hours(24))
                .build(),
            ending,
        }
    }

    pub(crate) fn store(&self) -> &dyn Store {
        self.guard.store().as_ref()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.guard.clock().now()
    }

    /// Refuses to decide anything by a clock that was set.
    pub(crate) fn clock_is_right(&self) -> Result<(), Problem> {
        match self.guard.watch().trouble() {
            None => Ok(()),
            Some(trouble) => Err(Problem::new(Kind::ClockTrouble, trouble.to_string()).after(60)),
        }
    }

    /// Has what the spool holds in the store before anything is decided: it may say that the
    /// account must rest.
    pub(crate) async fn nothing_waits(&self) -> Result<(), Problem> {
        self.guard.deliver().await.map(drop).map_err(Problem::from)
    }
}
