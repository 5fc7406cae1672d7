//! The keeper for fleets: a MongoDB database, shared by any number of machines.
//!
//! Invariants:
//! - nothing is answered before a majority has it in its journals ([`servers`]);
//! - a decision is one conditional write of one document, without transactions ([`step`]);
//! - two accounts never claim one person in `fleet` scope ([`fleet`]);
//! - every wait has an end ([`fault`], [`step`]).

mod accounts;
mod by_hand;
mod check;
mod cleanup;
mod contract;
mod engagement;
mod fault;
mod fields;
mod fleet;
mod forget;
mod held;
mod inspect;
mod layout;
mod lease;
mod log;
mod look;
mod metrics;
mod pending;
mod record;
mod rows;
mod seal;
mod servers;
mod step;
mod task_contract;
mod tasks;
#[cfg(test)]
mod tests;
mod together;
mod tokens;
mod transfer;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mongodb::bson::{Document, doc};
use tokio::sync::Semaphore;

use crate::{Mark, StoreError};
use fault::{Fault, limited};
use servers::{Address, Servers};
use step::{Keeper, Patience, patiently};

/// Requests at the same time; more wait. Also how [`MongoStore::stop`] knows that all have ended.
const PLACES: u32 = 256;

/// A store in a MongoDB database. Any number of processes on any number of machines may use it.
pub struct MongoStore {
    keeper: Arc<Keeper>,
    servers: ServerFacts,
    writable: bool,
    open: AtomicBool,
    places: Arc<Semaphore>,
}

/// Whom errors are about while there is no keeper yet.
struct Waiting<'a> {
    place: &'a str,
}

/// What the servers say of themselves.
struct ServerFacts {
    version: String,
    set: Option<String>,
    router: bool,
}

impl MongoStore {
    /// Connects to the servers at `address`, `mongodb://HOST[:PORT][,…]/DATABASE`, and makes the
    /// collections and indexes that are missing.
    ///
    /// # Errors
    /// [`StoreError::BadMongoAddress`], [`StoreError::Unreachable`] and [`StoreError::Denied`] as
    /// they say; [`StoreError::NewerPlace`] for a database written by a newer Decorum.
    pub async fn open(address: &str) -> Result<Self, StoreError> {
        let store = Self::open_for_copy(address).await?;
        store.refuse_half_copied().await?;
        Ok(store)
    }

    /// The same, also for a database into which a copy was begun.
    pub(crate) async fn open_for_copy(address: &str) -> Result<Self, StoreError> {
        let (servers, place, facts) = Self::connect(address).await?;
        let waiting = Waiting { place: &place };
        patiently!(waiting, servers.prepare(&place, facts.router))?;
        let key = patiently!(waiting, servers.suppression_key())?;
        let store = Self::new(Keeper::new(servers, place, key, true), facts, true);
        let keeper = &store.keeper;
        patiently!(keeper, keeper.servers.catch_up())?;
        patiently!(keeper, keeper.finish_all())?;
        patiently!(keeper, keeper.note_all())?;
        patiently!(keeper, keeper.finish_tasks())?;
        patiently!(keeper, keeper.finish_devices())?;
        patiently!(keeper, keeper.finish_alerts())?;
        Ok(store)
    }

    /// Connects for reading only. Whatever would change the store ends in
    /// [`StoreError::ReadOnly`]; only a database of an older layout gets what is missing, because
    /// it is read by that.
    ///
    /// # Errors
    /// As [`MongoStore::open`].
    pub async fn open_read_only(address: &str) -> Result<Self, StoreError> {
        let (servers, place, facts) = Self::connect(address).await?;
        let waiting = Waiting { place: &place };
        match patiently!(waiting, servers.found_layout())? {
            Some(found) if found > layout::VERSION => {
                Err(StoreError::NewerPlace { place, found, known: layout::VERSION })
            }
            // A database nobody wrote to yet answers as an empty one.
            found => {
                if found.is_some_and(|found| found < layout::VERSION) {
                    patiently!(waiting, servers.prepare(&place, facts.router))?;
                }
                let key = patiently!(waiting, servers.suppression_key())?;
                let store = Self::new(Keeper::new(servers, place, key, false), facts, false);
                store.refuse_half_copied().await?;
                Ok(store)
            }
        }
    }

    async fn refuse_half_copied(&self) -> Result<(), StoreError> {
        match patiently!(self.keeper, self.keeper.servers.mark())? {
            None => Ok(()),
            Some(Mark { from, .. }) => {
                Err(StoreError::HalfCopied { place: self.keeper.place.clone(), from })
            }
        }
    }

    fn new(keeper: Keeper, servers: ServerFacts, writable: bool) -> Self {
        Self {
            keeper: Arc::new(keeper),
            servers,
            writable,
            open: AtomicBool::new(true),
            places: Arc::new(Semaphore::new(PLACES as usize)),
        }
    }

    async fn connect(address: &str) -> Result<(Servers, String, ServerFacts), StoreError> {
        let address = Address::parse(address).await?;
        let mut servers = Servers::connect(&address)?;
        let mut patience = Patience::for_opening();
        let hello = loop {
            match limited(servers.database.run_command(doc! { "hello": 1 })).await {
                Ok(hello) => break hello,
                Err(fault) if fault.is_passing() && patience.wait().await => {}
                Err(fault) => return Err(fault.at(&address.place)),
            }
        };
        let build = limited(servers.database.run_command(doc! { "buildInfo": 1 }))
            .await
            .map_err(|fault: Fault| fault.at(&address.place))?;
        let text = |document: &Document, name| document.get_str(name).map(str::to_owned).ok();
        let facts = ServerFacts {
            version: text(&build, "version").unwrap_or_else(|| "unknown".to_owned()),
            set: text(&hello, "setName"),
            router: hello.get_str("msg").ok() == Some("isdbgrid"),
        };
        servers.replicated = facts.set.is_some() || facts.router;
        Ok((servers, address.place, facts))
    }

    /// Runs `work` to its end, also if the caller stops waiting for it.
    async fn run<T, F>(&self, work: impl FnOnce(Arc<Keeper>) -> F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        let place = self.keeper.place.clone();
        let closed = || StoreError::Unreachable {
            place: place.clone(),
            problem: "it was closed".to_owned(),
        };
        if !self.open.load(Ordering::Acquire) {
            return Err(closed());
        }
        let turn = self.places.clone().acquire_owned().await.map_err(|_| closed())?;
        let work = work(Arc::clone(&self.keeper));
        let running = tokio::spawn(async move {
            let done = work.await;
            drop(turn);
            done
        });
        running.await.unwrap_or_else(|e| {
            let problem = format!("the request broke off: {e}");
            Err(StoreError::Unknown { place, problem })
        })
    }

    /// The same for what changes the store.
    async fn change<T, F>(&self, work: impl FnOnce(Arc<Keeper>) -> F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        if self.writable {
            self.run(work).await
        } else {
            Err(StoreError::ReadOnly { place: self.keeper.place.clone() })
        }
    }

    /// Lets nobody in any more, and waits for those inside.
    async fn stop(&self) -> Result<(), StoreError> {
        if !self.open.swap(false, Ordering::AcqRel) {
            return Ok(());
        }
        let inside = self.places.acquire_many(PLACES).await;
        self.places.close();
        drop(inside);
        if self.writable
            && let Err(fault) = self.keeper.tidy().await
        {
            let (place, problem) = (&self.keeper.place, fault.problem());
            tracing::debug!(place, problem, "left to the next to tidy up; nothing is lost");
        }
        self.keeper.servers.client.clone().shutdown().await;
        Ok(())
    }
}
