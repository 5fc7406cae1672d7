//! What all accounts together have done, where the settings cap it.
//!
//! An account's acts are counted in its own document, and no write spans two documents. So where an
//! action is capped for all of them, a claim is counted in one more document before it is written:
//!
//! ```text
//! look     read the count at rev n
//! decide   with it
//! count    write it where it is still n, by n + 1; somebody else was faster: decide again
//! write    the account
//! ```
//!
//! A crash between the last two leaves an act counted that was never made, which errs on the side
//! of restraint, for a day.
//!
//! Each version of the settings has a count of its own. It begins with what the accounts' documents
//! say once no decision by older settings is written any more ([`Keeper::fence_off`]); and none by
//! these is written without a count.

use std::sync::{Arc, Mutex, PoisonError};

use decorum_core::{Action, Timestamp, Usage};
use mongodb::bson::{Bson, Document, doc};

use super::fault::{Fault, Outcome, limited};
use super::fields::{self, Fields, Writing};
use super::seal::{is_intact, sealed};
use super::step::Keeper;

/// How often a count is written before it stays too high.
const GIVING_BACK: usize = 5;

/// The count as it was read.
pub(super) struct Together {
    version: u64,
    /// Number of its newest change.
    rev: i64,
    pub(super) usage: Usage,
}

/// What a claim in the making, or one that is settled, is counted as.
#[derive(Clone, Default)]
pub(super) struct Counted(Arc<Mutex<Option<Act>>>);

/// An act in a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Act {
    /// Of which version of the settings.
    pub(super) version: u64,
    pub(super) action: Action,
    pub(super) at: Timestamp,
}

impl Counted {
    pub(super) fn get(&self) -> Option<Act> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set(&self, act: Option<Act>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = act;
    }
}

fn id(version: u64) -> Bson {
    fields::count(version)
}

fn read(document: &Document) -> Outcome<Together> {
    if !is_intact(document)? {
        let problem = "the count of all accounts' acts (`fleet_usage`) was changed by hand; remove \
                       the document, and it is made anew";
        return Err(Fault::Damaged(problem.to_owned()));
    }
    let row = Fields(document);
    Ok(Together {
        version: row.get("_id")?.count()?,
        rev: row.get("rev")?.integer()?,
        usage: row.get("usage")?.structure()?,
    })
}

impl Together {
    fn write(&self) -> Outcome<Document> {
        sealed(
            Writing::new()
                .with("_id", id(self.version))
                .with("rev", self.rev)
                .with("usage", fields::structure(&self.usage)?)
                .done(),
        )
    }
}

impl Keeper {
    /// What all accounts have done, under this version of the settings.
    pub(super) async fn together(&self, version: u64) -> Outcome<Together> {
        match self.found(version).await? {
            Some(found) => Ok(found),
            None => self.added_up(version).await,
        }
    }

    async fn found(&self, version: u64) -> Outcome<Option<Together>> {
        let counts = &self.servers.fleet_usage;
        let found = self.servers.one(counts, doc! { "_id": id(version) }).await?;
        found.as_ref().map(read).transpose()
    }

    /// Begins the count of a version of the settings. This moves the `rev` of the account whose
    /// decision is being made, too: it is made again, and then the count is there.
    async fn begin(&self, version: u64) -> Outcome<Together> {
        self.fence_off(None).await?;
        let begun = self.added_up(version).await?;
        let counts = &self.servers.fleet_usage;
        match limited(counts.insert_one(begun.write()?)).await {
            Ok(_) => {}
            Err(fault) if fault.is_duplicate() => return Err(Fault::Overtaken),
            Err(fault) => return Err(fault),
        }
        // Counts of older settings decide nothing any more.
        limited(counts.delete_many(doc! { "_id": { "$lt": id(version) } })).await?;
        Ok(begun)
    }

    async fn added_up(&self, version: u64) -> Outcome<Together> {
        let mut usage = Usage::default();
        let only = Some(doc! { "usage": 1 });
        for account in self.servers.all(&self.servers.accounts, doc! {}, only).await? {
            usage.add_all(&Fields(&account).get("usage")?.structure()?);
        }
        Ok(Together { version, rev: 1, usage })
    }

    /// The same to count a claim in, without what that is counted as already.
    pub(super) async fn together_but(&self, version: u64, counted: &Counted) -> Outcome<Together> {
        let mut together = match self.found(version).await? {
            Some(found) => found,
            None => self.begin(version).await?,
        };
        if let Some(act) = counted.get().filter(|act| act.version == version) {
            together.usage.take_back(act.action, act.at);
        }
        Ok(together)
    }

    /// Counts a claim that is about to be written, once. An error that passes: somebody else came
    /// in between; decide again.
    pub(super) async fn count(
        &self,
        mut seen: Together,
        counted: &Counted,
        action: Action,
        at: Timestamp,
        now: Timestamp,
    ) -> Outcome<()> {
        let version = seen.version;
        if counted.get().is_some_and(|act| act.version == version) {
            return Ok(());
        }
        seen.usage.add(action, at, now);
        if !self.replace(seen).await? {
            return Err(Fault::Overtaken);
        }
        counted.set(Some(Act { version, action, at }));
        Ok(())
    }

    /// Takes back an act that did not happen. If that cannot be written now, it stays counted for
    /// a day; nobody need be refused an answer for it.
    pub(super) async fn uncount(&self, counted: &Counted) {
        let Some(act) = counted.get() else { return };
        counted.set(None);
        let action = act.action;
        for _ in 0..GIVING_BACK {
            match self.try_to_uncount(act).await {
                Ok(true) => return,
                Ok(false) => {}
                Err(fault) => {
                    let problem = fault.problem();
                    tracing::warn!(%action, %problem, "an act that did not happen stays counted");
                    return;
                }
            }
        }
        tracing::warn!(%action, "an act that did not happen stays counted: too many count at once");
    }

    async fn try_to_uncount(&self, Act { version, action, at }: Act) -> Outcome<bool> {
        let Some(mut together) = self.found(version).await? else { return Ok(true) };
        together.usage.take_back(action, at);
        self.replace(together).await
    }

    /// Whether it was still as it was read.
    async fn replace(&self, mut seen: Together) -> Outcome<bool> {
        let counts = &self.servers.fleet_usage;
        let before = seen.rev;
        seen.rev += 1;
        let document = seen.write()?;
        let filter = doc! { "_id": id(seen.version), "rev": before };
        Ok(limited(counts.replace_one(filter, document)).await?.matched_count == 1)
    }
}
