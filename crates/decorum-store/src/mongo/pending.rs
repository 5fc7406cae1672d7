//! What a step writes besides its account: carried by the account's own document until it is done.
//!
//! A step is decided by one conditional write of one document, the account's. That document
//! carries everything the step writes elsewhere, so whoever comes next can finish what a process
//! that died in between could not. Finishing is safe to repeat, by anybody, at any later time:
//! - an event or an entry of the admin log is inserted under its id, and being there is success;
//! - a row is written only over one that an older step wrote.

use std::collections::HashMap;

use decorum_core::{AccountError, AccountId, Event, Key, Latest, Platform};
use mongodb::bson::{Bson, Document, doc};

use super::fault::{Fault, Outcome, limited};
use super::fields::{Fields, Writing};
use super::rows::{account, event, latest};
use super::servers::Servers;
use crate::AccountView;

/// Statements of one command: the server takes no more than 100,000, and each has its share of the
/// time a request may take.
const STATEMENTS: usize = 500;

/// What a decision wants written, besides the account itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Change {
    pub(super) events: Vec<Event>,
    pub(super) rows: Vec<(Key, Latest)>,
    pub(super) errors: Vec<AccountError>,
    /// Entries of the admin log, each as its document.
    pub(super) admin: Vec<Document>,
    /// Rows to remove.
    pub(super) gone: Vec<Key>,
}

/// The same as documents, and which step they belong to.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    /// Names the attempt at the step: two attempts at one number differ in it.
    pub(super) step: String,
    /// Number of the step.
    pub(super) rev: i64,
    pub(super) events: Vec<Document>,
    pub(super) rows: Vec<Document>,
    errors: Vec<Document>,
    admin: Vec<Document>,
    gone: Vec<String>,
}

impl Pending {
    /// `errors` is how many errors the account had before.
    pub(super) fn new(
        step: String,
        rev: i64,
        of: (Platform, &AccountId),
        errors: u64,
        change: &Change,
    ) -> Outcome<Self> {
        let mut rows = Vec::with_capacity(change.rows.len());
        for (key, row) in &change.rows {
            let mut row = latest::write(key, row)?;
            row.insert("rev", rev);
            rows.push(row);
        }
        let numbered = (errors + 1..).zip(&change.errors);
        let errors: Outcome<_> =
            numbered.map(|(n, error)| account::write_error(of, n, error)).collect();
        Ok(Self {
            step,
            rev,
            events: change.events.iter().map(event::write).collect(),
            rows,
            errors: errors?,
            admin: change.admin.clone(),
            gone: change.gone.iter().map(latest::id).collect(),
        })
    }

    pub(super) fn write(&self) -> Document {
        let list = |documents: &[Document]| Bson::from(documents.to_vec());
        Writing::new()
            .with("step", self.step.as_str())
            .with("rev", self.rev)
            .with("events", list(&self.events))
            .with("rows", list(&self.rows))
            .with("errors", list(&self.errors))
            .with("admin", list(&self.admin))
            .with("gone", self.gone.clone())
            .done()
    }

    pub(super) fn read(document: &Document) -> Outcome<Self> {
        let row = Fields(document);
        Ok(Self {
            step: row.get("step")?.owned()?,
            rev: row.get("rev")?.integer()?,
            events: row.get("events")?.documents()?,
            rows: row.get("rows")?.documents()?,
            errors: row.get("errors")?.documents()?,
            admin: row.get("admin")?.documents()?,
            gone: row.get("gone")?.texts()?,
        })
    }

    /// The `_id`s of the rows it writes or removes.
    pub(super) fn rewritten(&self) -> impl Iterator<Item = &str> {
        let written = self.rows.iter().filter_map(|row| row.get_str("_id").ok());
        written.chain(self.gone.iter().map(String::as_str))
    }

    /// The events as they will stand in the log.
    pub(super) fn log(&self) -> Outcome<Vec<Event>> {
        self.events.iter().map(event::read).collect()
    }

    /// Bytes, about, that it adds to the account's document.
    pub(super) fn size(&self) -> usize {
        let all = [&self.events, &self.rows, &self.errors, &self.admin];
        let bytes = |document: &Document| document.to_vec().map_or(0, |bytes| bytes.len());
        all.into_iter().flatten().map(bytes).sum()
    }

    /// Writes what the step writes elsewhere, durably.
    pub(super) async fn finish(&self, servers: &Servers) -> Outcome<()> {
        let (events, rows, errors, admin, gone) = tokio::join!(
            self.append_events(servers),
            self.save_rows(servers),
            self.keep_errors(servers),
            self.note(servers),
            self.remove_rows(servers),
        );
        events.and(rows).and(errors).and(admin).and(gone)
    }

    async fn append_events(&self, servers: &Servers) -> Outcome<()> {
        for events in self.events.chunks(STATEMENTS) {
            if insert_new(&servers.events, events).await? {
                continue;
            }
            // Some were there already. That they are these, and not others under the same
            // numbers, is what the chain stands on. One that a majority does not have yet cannot be
            // seen; it is waited for.
            let id = |event: &Document, name| event.get_str(name).unwrap_or_default().to_owned();
            let ids: Vec<_> = events.iter().map(|event| id(event, "_id")).collect();
            let filter = doc! { "_id": { "$in": ids } };
            let there = servers.all(&servers.events, filter, Some(doc! { "id": 1 })).await?;
            let there: HashMap<_, _> = there.iter().map(|e| (id(e, "_id"), id(e, "id"))).collect();
            for event in events {
                match there.get(&id(event, "_id")) {
                    Some(found) if *found == id(event, "id") => {}
                    None => return Err(Fault::Overtaken),
                    Some(_) => {
                        let number = id(event, "_id");
                        return Err(Fault::Damaged(format!(
                            "event {number} is another one than the account remembers"
                        )));
                    }
                }
            }
        }
        Ok(())
    }

    async fn save_rows(&self, servers: &Servers) -> Outcome<()> {
        for rows in self.rows.chunks(STATEMENTS) {
            let update = |row: &Document| {
                let is = |name| row.get(name).cloned().unwrap_or(Bson::Null);
                let older = doc! { "$lt": self.rev };
                doc! {
                    "q": { "_id": is("_id"), "account_id": is("account_id"), "rev": older },
                    "u": row.clone(),
                    "upsert": true,
                }
            };
            let updates: Vec<_> = rows.iter().map(update).collect();
            servers.update(servers.latest.name(), updates).await?;
        }
        Ok(())
    }

    async fn remove_rows(&self, servers: &Servers) -> Outcome<()> {
        for gone in self.gone.chunks(STATEMENTS) {
            let older = doc! { "$lt": self.rev };
            let filter = doc! { "_id": { "$in": gone.to_vec() }, "rev": older };
            limited(servers.latest.delete_many(filter)).await?;
        }
        Ok(())
    }

    /// An entry replaces the one it goes on from.
    async fn note(&self, servers: &Servers) -> Outcome<()> {
        let update = |entry: &Document| {
            let id = entry.get("_id").cloned().unwrap_or(Bson::Null);
            doc! { "q": { "_id": id }, "u": entry.clone(), "upsert": true }
        };
        if self.admin.is_empty() {
            return Ok(());
        }
        servers.update(servers.admin_log.name(), self.admin.iter().map(update).collect()).await?;
        Ok(())
    }

    async fn keep_errors(&self, servers: &Servers) -> Outcome<()> {
        let Some(newest) = self.errors.last() else { return Ok(()) };
        insert(&servers.account_errors, &self.errors).await?;
        let n = Fields(newest).get("n")?.integer()?;
        let kept = i64::try_from(AccountView::ERRORS_KEPT).unwrap_or(i64::MAX);
        let account = newest.get("account_id").cloned().unwrap_or(Bson::Null);
        let platform = newest.get("platform").cloned().unwrap_or(Bson::Null);
        let old = doc! { "account_id": account, "platform": platform, "n": { "$lte": n - kept } };
        limited(servers.account_errors.delete_many(old)).await?;
        Ok(())
    }
}

async fn insert(to: &mongodb::Collection<Document>, documents: &[Document]) -> Outcome<()> {
    if documents.is_empty() {
        return Ok(());
    }
    insert_new(to, documents).await.map(|_| ())
}

/// Inserts those that are not there yet; whether all of them were new.
async fn insert_new(to: &mongodb::Collection<Document>, documents: &[Document]) -> Outcome<bool> {
    let inserted = match documents {
        [one] => limited(to.insert_one(one)).await.map(|_| ()),
        many => limited(to.insert_many(many).ordered(false)).await.map(|_| ()),
    };
    match inserted {
        Ok(()) => Ok(true),
        Err(fault) if fault.is_duplicate() => Ok(false),
        Err(fault) => Err(fault),
    }
}
