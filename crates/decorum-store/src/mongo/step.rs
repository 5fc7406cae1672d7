//! The step: how a decision becomes one atomic change without transactions.
//!
//! Everything that is decided about an account is decided by a conditional write of its one
//! document, which counts its steps in `rev`:
//!
//! ```text
//! look     read the account at rev n, then rows, settings, lease, … (one round trip)
//! finish   if the account carries a pending write that may not have been made, make it first
//! decide   a pure function of decorum-core
//! write    replace the account where rev is still n, by n + 1, with what else is to be
//!          written as its `pending`: this is the moment the step happens
//! finish   write events, rows, errors
//! answer
//! ```
//!
//! - Two that decide at once: one's write finds `rev` moved on; it looks and decides again.
//! - A crash before `write`: nothing happened. After it: the step happened, and whoever steps
//!   next on this account finishes it before looking at anything.
//! - A primary that was just elected may show less than was acknowledged. What the newest step wrote
//!   is taken from the account, which carries it; and an answer that changes nothing is given only
//!   if a linearizable read says that `rev` is still what was seen.
//! - An answer that is lost: the step looks again, and knows its own attempt by its name. If others
//!   have stepped since, deciding again is safe, because every step is idempotent by the id of
//!   its claim or event.
//! - What a step looked at and wrote stands as long as `rev` does. So the next step of the same process
//!   begins with it, and asks only for what is missing: for the outcome of a claim nothing. If others
//!   have stepped meanwhile, its write finds `rev` moved on; an answer that changes nothing asks
//!   whether it has. After some seconds everything is looked at anew: of settings that were written
//!   by somebody who died before moving `rev`, nobody would hear otherwise.
//! - Whatever a decision reads besides its account (settings, suppressions, the lease) is changed
//!   by steps that then move the `rev` of the accounts concerned ([`Keeper::fence_off`]). So no
//!   decision based on the old is written once the change was acknowledged.
//!
//! A step needs no transaction, so it works on a standalone server, on a replica set, and on shards
//! by `account_id`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use decorum_core::{Account, AccountId, Platform, Settings, SuppressionKey};
use mongodb::bson::doc;
use mongodb::bson::oid::ObjectId;

use super::fault::{Fault, Outcome, limited};
use super::fields::Fields;
use super::look::{Known, Look, Want};
use super::pending::{Change, Pending};
use super::rows::account::{self, Stored};
use super::servers::Servers;
use crate::StoreError;

/// How long a step is tried before its caller is told that it did not work: longer than a replica
/// set takes to choose a new primary.
const PATIENCE: Duration = Duration::from_secs(30);

/// The same for the first connection.
const OPENING: Duration = Duration::from_secs(5);

/// The longest pause between two attempts.
const PAUSE: Duration = Duration::from_millis(500);

/// Bytes a step may write elsewhere: the account's document carries them, and the server takes
/// documents of 16 MiB.
const PENDING_MAX: usize = 12 * 1024 * 1024;

/// Bytes a step may have written elsewhere to be kept in mind, for each account.
const KNOWN_MAX: usize = 16 * 1024;

/// How long an account that others stepped on is taken to be shared with them.
const SHARED: Duration = Duration::from_secs(5);

/// Accounts tidied by one command.
const TIDIED: usize = 500;

/// What was decided.
pub(super) enum Decision<T> {
    /// Nothing changes.
    Answer(T),
    /// This account, and what else is to be written.
    Change(T, Box<Account>, Change),
}

/// A decision about one account.
#[async_trait]
pub(super) trait Decide: Send + Sync {
    /// What the caller is told.
    type Answer: Send;

    /// Whose step it is.
    fn account(&self) -> (Platform, &AccountId);

    /// What to look at besides the account.
    fn wants(&self) -> Vec<Want>;

    /// Whether the next step of the account is likely to look at the same.
    fn is_followed_up(&self) -> bool {
        false
    }

    /// Decides, from what was seen. Called again when somebody else was faster.
    async fn decide(
        &self,
        keeper: &Keeper,
        account: Account,
        look: &Look,
    ) -> Outcome<Decision<Self::Answer>>;
}

/// The servers, and what this process knows of the steps it made.
pub(super) struct Keeper {
    pub(super) servers: Servers,
    pub(super) place: String,
    writable: bool,
    /// The key of the suppressions of erased people.
    pub(super) key: SuppressionKey,
    /// Newest step of each account of which this process knows that all of it was written.
    finished: Mutex<HashMap<String, i64>>,
    /// What this process knows of each account since its newest step.
    known: Mutex<HashMap<String, Known>>,
    /// Accounts that others step on as well, and until when nothing is kept in mind of them.
    shared: Mutex<HashMap<String, Instant>>,
    /// Steps of one account take turns within this process; only other processes are raced.
    turns: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

/// Attempts at a step whose answers were lost: their names, and what to tell if it turns out that
/// they were made.
type Lost<T> = Vec<(String, T)>;

/// Tries again what may pass, for a bounded time.
pub(super) struct Patience {
    until: Instant,
    pause: Duration,
}

impl Patience {
    pub(super) fn new() -> Self {
        Self { until: Instant::now() + PATIENCE, pause: Duration::from_millis(5) }
    }

    /// For the first connection: a person waits, and a wrong host name will not pass.
    pub(super) fn for_opening() -> Self {
        Self { until: Instant::now() + OPENING, pause: Duration::from_millis(50) }
    }

    /// Waits a moment; `false`: there was enough waiting.
    pub(super) async fn wait(&mut self) -> bool {
        if Instant::now() >= self.until {
            return false;
        }
        // Two that got into each other's way should not do so again.
        tokio::time::sleep(self.pause.mul_f64(fastrand::f64() + 0.5)).await;
        self.pause = (self.pause * 2).min(PAUSE);
        true
    }

    /// After losing a race: soon, because the winner is done.
    pub(super) async fn wait_for_winner(&self) -> bool {
        tokio::time::sleep(Duration::from_micros(fastrand::u64(0..2_000))).await;
        Instant::now() < self.until
    }
}

impl Keeper {
    pub(super) fn new(
        servers: Servers,
        place: String,
        key: SuppressionKey,
        writable: bool,
    ) -> Self {
        Self {
            servers,
            place,
            writable,
            key,
            finished: Mutex::default(),
            known: Mutex::default(),
            shared: Mutex::default(),
            turns: Mutex::default(),
        }
    }

    /// Runs a step to its end.
    pub(super) async fn step<D: Decide>(&self, step: D) -> Result<D::Answer, StoreError> {
        let (platform, name) = step.account();
        let mut patience = Patience::new();
        let turn = self.turn(platform, name);
        let Ok(_turn) = tokio::time::timeout_at(patience.until.into(), turn.lock()).await else {
            let waited_seconds = PATIENCE.as_secs();
            return Err(StoreError::Busy { place: self.place.clone(), waited_seconds });
        };
        let mut lost = Lost::new();
        loop {
            let fault = match self.attempt(&step, &mut lost).await {
                Ok(Some(answer)) => return Ok(answer),
                Ok(None) if patience.wait_for_winner().await => continue,
                Ok(None) => Fault::Overtaken,
                Err(fault) if fault.is_passing() && patience.wait().await => {
                    let (place, problem) = (&self.place, fault.problem());
                    tracing::debug!(place, problem, "trying again");
                    continue;
                }
                Err(fault) => fault,
            };
            return Err(if fault.is_passing() && !lost.is_empty() {
                let (place, problem) = (self.place.clone(), fault.problem());
                StoreError::Unknown { place, problem }
            } else {
                fault.at(&self.place)
            });
        }
    }

    /// One attempt; `None`: somebody else was faster.
    async fn attempt<D: Decide>(
        &self,
        step: &D,
        lost: &mut Lost<D::Answer>,
    ) -> Outcome<Option<D::Answer>> {
        let (platform, name) = step.account();
        let wants = step.wants();
        let known = match self.recall(platform, name) {
            Some(known) => self.servers.look_on(known, &wants, &self.key).await?,
            None => None,
        };
        let was_known = known.is_some();
        let mut look = match known {
            Some(look) => look,
            None => self.servers.look(platform, name, &wants, &self.key).await?,
        };
        let stored = match &look.account {
            Some(stored) => stored.clone(),
            None => Stored::fresh(platform, name.clone()),
        };
        if let Some(pending) = &stored.pending {
            let was_finished = self.is_finished(platform, name, pending.rev);
            if !was_finished {
                pending.finish(&self.servers).await?;
                self.set_finished(platform, name, pending.rev);
            }
            if let Some(ours) = lost.iter().position(|(attempt, _)| *attempt == pending.step) {
                return Ok(Some(lost.swap_remove(ours).1));
            }
            if !was_finished {
                // What was looked at may be older than what was just written.
                return Ok(None);
            }
            look = look.with(&wants, pending);
        }
        let (answer, account, change) = match step.decide(self, stored.account.clone(), &look).await
        {
            Ok(Decision::Change(answer, account, change)) => (answer, *account, change),
            Ok(Decision::Answer(answer)) => {
                return Ok(self.is_newest(&look, &stored).await?.then_some(answer));
            }
            // What is said to a caller must be true of the newest step, too.
            Err(Fault::Store(error)) if self.is_newest(&look, &stored).await? => {
                return Err(error.into());
            }
            Err(Fault::Store(_)) => return Ok(None),
            Err(fault) => return Err(fault),
        };
        if look.account.is_none() {
            // So that there is something whose `rev` others can move.
            self.introduce(&stored).await?;
            return Ok(None);
        }
        let rev = stored.rev + 1;
        let attempt = ObjectId::new().to_hex();
        let pending = Pending::new(attempt.clone(), rev, (platform, name), stored.errors, &change)?;
        if pending.size() > PENDING_MAX {
            let (given, max) = (pending.size() >> 20, PENDING_MAX >> 20);
            return Err(StoreError::TooMany { what: "MiB of events", given, max }.into());
        }
        let new = Stored {
            errors: stored.errors + change.errors.len() as u64,
            account,
            rev,
            pending: Some(pending.clone()),
        };
        // From here on, until the answer is known, nobody can tell whether the step was made.
        lost.push((attempt, answer));
        if !self.write(&new, stored.rev).await? {
            lost.pop();
            if was_known {
                self.share(platform, name);
            }
            return Ok(None);
        }
        pending.finish(&self.servers).await?;
        self.set_finished(platform, name, rev);
        if pending.size() <= KNOWN_MAX {
            let mut again = wants;
            again.retain(|want| step.is_followed_up() || *want == Want::Settings);
            self.remember(platform, name, Known::after(look, again, new));
        }
        Ok(lost.pop().map(|(_, answer)| answer))
    }

    /// What this process knows of the account, which may be over. It is recalled once: whoever tries
    /// again wants to know how it is now.
    fn recall(&self, platform: Platform, name: &AccountId) -> Option<Known> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.remove(&account::id(platform, name)).filter(Known::is_fresh)
    }

    fn remember(&self, platform: Platform, name: &AccountId, new: Known) {
        let id = account::id(platform, name);
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        if shared.get(&id).is_some_and(|until| Instant::now() < *until) {
            return;
        }
        shared.remove(&id);
        drop(shared);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(id, new);
    }

    /// Somebody else has stepped on the account, and may do so again: then what is kept in mind of it
    /// costs a write in vain.
    fn share(&self, platform: Platform, name: &AccountId) {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        shared.insert(account::id(platform, name), Instant::now() + SHARED);
    }

    fn turn(&self, platform: Platform, name: &AccountId) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(turns.entry(account::id(platform, name)).or_default())
    }

    async fn introduce(&self, fresh: &Stored) -> Outcome<()> {
        match limited(self.servers.accounts.insert_one(fresh.write()?)).await {
            Err(fault) if !fault.is_duplicate() => Err(fault),
            _ => Ok(()),
        }
    }

    /// Whether what was looked at is the account's newest step. Asked before an answer that changes
    /// nothing: a change finds out by itself.
    async fn is_newest(&self, look: &Look, stored: &Stored) -> Outcome<bool> {
        let Account { platform, account_id, .. } = &stored.account;
        let id = account::id(*platform, account_id);
        let filter = doc! { "_id": id, "account_id": account_id.as_str() };
        let newest = self.servers.newest(&self.servers.accounts, filter).await?;
        let rev = newest.map(|newest| Fields(&newest).get("rev")?.integer()).transpose()?;
        Ok(rev == look.account.as_ref().map(|stored| stored.rev))
    }

    /// Replaces the account if its newest step is still `rev`.
    async fn write(&self, new: &Stored, rev: i64) -> Outcome<bool> {
        let Account { platform, account_id, .. } = &new.account;
        let id = account::id(*platform, account_id);
        let filter = doc! { "_id": id, "account_id": account_id.as_str(), "rev": rev };
        let replaced = limited(self.servers.accounts.replace_one(filter, new.write()?)).await?;
        Ok(replaced.matched_count == 1)
    }

    fn is_finished(&self, platform: Platform, name: &AccountId, rev: i64) -> bool {
        let finished = self.finished.lock().unwrap_or_else(PoisonError::into_inner);
        finished.get(&account::id(platform, name)).is_some_and(|known| *known >= rev)
    }

    fn set_finished(&self, platform: Platform, name: &AccountId, rev: i64) {
        let mut finished = self.finished.lock().unwrap_or_else(PoisonError::into_inner);
        let known = finished.entry(account::id(platform, name)).or_insert(rev);
        *known = rev.max(*known);
    }

    /// Makes every decision under way on these accounts be decided again, because something they
    /// looked at besides the account was changed. `None`: on all.
    pub(super) async fn fence_off(&self, account: Option<(Platform, &AccountId)>) -> Outcome<()> {
        let rev = doc! { "$inc": { "rev": 1_i64 } };
        match account {
            Some((platform, name)) => {
                let id = account::id(platform, name);
                let filter = doc! { "_id": id, "account_id": name.as_str() };
                limited(self.servers.accounts.update_one(filter, rev)).await?;
            }
            None => {
                limited(self.servers.accounts.update_many(doc! {}, rev)).await?;
            }
        }
        Ok(())
    }

    /// Writes what the account carries, known to be written or not: then it is shown.
    pub(super) async fn write_again(&self, stored: &Stored) -> Outcome<()> {
        let Account { platform, account_id, .. } = &stored.account;
        if self.writable
            && let Some(pending) = &stored.pending
        {
            pending.finish(&self.servers).await?;
            self.set_finished(*platform, account_id, pending.rev);
        }
        Ok(())
    }

    /// Finishes what a process that died could not. A store opened for reading leaves it to others.
    pub(super) async fn finish(&self, stored: &Stored) -> Outcome<()> {
        let Account { platform, account_id, .. } = &stored.account;
        if self.writable
            && let Some(pending) = &stored.pending
            && !self.is_finished(*platform, account_id, pending.rev)
        {
            pending.finish(&self.servers).await?;
            self.set_finished(*platform, account_id, pending.rev);
        }
        Ok(())
    }

    /// The same for every account.
    pub(super) async fn finish_all(&self) -> Outcome<()> {
        for stored in self.accounts().await? {
            self.finish(&stored).await?;
        }
        Ok(())
    }

    /// Lets go of what accounts carry and is known to be written, so that what is taken from the log
    /// afterwards is missed.
    pub(super) async fn tidy(&self) -> Outcome<()> {
        let known: Vec<_> = {
            let finished = self.finished.lock().unwrap_or_else(PoisonError::into_inner);
            finished.iter().map(|(id, rev)| (id.clone(), *rev)).collect()
        };
        for part in known.chunks(TIDIED) {
            let update = |(id, rev): &(String, i64)| {
                doc! {
                    "q": { "_id": id, "pending.rev": { "$lte": rev } },
                    "u": { "$unset": { "pending": "" } },
                }
            };
            let updates = part.iter().map(update).collect();
            self.servers.update(self.servers.accounts.name(), updates).await?;
        }
        Ok(())
    }

    /// Every account, by name.
    pub(super) async fn accounts(&self) -> Outcome<Vec<Stored>> {
        let mut accounts = self.servers.all(&self.servers.accounts, doc! {}, None).await?;
        accounts.sort_by(|a, b| a.get_str("_id").ok().cmp(&b.get_str("_id").ok()));
        accounts.iter().map(account::read).collect()
    }
}

/// Awaits `$request`, made anew each time, until it ends well or in something that does not pass.
/// Only for what is safe to repeat.
macro_rules! patiently {
    ($keeper:expr, $request:expr) => {{
        let mut patience = $crate::mongo::step::Patience::new();
        loop {
            match $request.await {
                Ok(done) => break Ok(done),
                Err(fault) if fault.is_passing() && patience.wait().await => {}
                Err(fault) => break Err(fault.at($keeper.place.as_ref())),
            }
        }
    }};
}
pub(super) use patiently;

/// The stored settings, or the caller's while there are none.
/// The same, and the version of what is stored, 0 if nothing is.
pub(super) fn version_in_force(look: &Look, first: &Settings) -> Outcome<(Settings, u64)> {
    let stored = look.settings()?;
    Ok(stored.map_or_else(|| (first.clone(), 0), |stored| (stored.settings, stored.version)))
}

pub(super) fn in_force(look: &Look, first: &Settings) -> Outcome<Settings> {
    Ok(look.settings()?.map_or_else(|| first.clone(), |stored| stored.settings))
}
