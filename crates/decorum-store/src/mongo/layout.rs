//! Collections and indexes: made at the start where they are missing, and checked.
//!
//! Every unique index begins with `account_id`, so that the collections can be sharded by it. Two
//! indexes are on an id alone; through a router (`mongos`) they are made without being unique,
//! because shards cannot promise that. Nothing is decided by them: what is decided is decided by
//! the account's document.

use std::collections::HashMap;

use decorum_core::SuppressionKey;
use futures_util::TryStreamExt as _;
use mongodb::bson::{Bson, Document, doc};

use super::fault::{Fault, Outcome, limited};
use super::fields::{self, Fields};
use super::seal::{is_intact, sealed};
use super::servers::Servers;
use crate::strands::Index as Event;
use crate::{Mark, StoreError};

/// The layout this program writes.
pub(super) const VERSION: u32 = 3;

/// Indexes of older layouts, by collection, that only cost: another does what they were for.
const RETIRED: [(&str, &str); 1] = [("interactions_events", "events_action")];

/// The server's clock must not cut a window short: the index that collects expired rows waits this
/// long after the end of their window. What a row decides never depends on whether it is gone.
const TTL_SECONDS: i64 = 24 * 60 * 60;

pub(super) const EVENTS_SEQ: &str = "events_seq";
pub(super) const EVENTS_ID: &str = "events_id";
pub(super) const EVENTS_CLAIM: &str = "events_claim";
pub(super) const LATEST_KEY: &str = "latest_key";
pub(super) const LATEST_EXPIRED: &str = "latest_expired";

/// One index, as the server is asked for it.
struct Index {
    collection: &'static str,
    name: &'static str,
    keys: Document,
    more: Document,
}

impl Index {
    /// As the server is asked for it.
    fn asked(&self) -> Document {
        let mut index = doc! { "name": self.name, "key": self.keys.clone() };
        index.extend(self.more.clone());
        index
    }

    /// Whether the index that was found does what this one is for.
    fn is_like(&self, found: &Document) -> bool {
        let same = |name: &str| match (self.more.get(name), found.get(name)) {
            (None, Some(Bson::Boolean(false)) | None) => true,
            (Some(a), Some(b)) => a == b || number(a).is_some_and(|n| Some(n) == number(b)),
            _ => false,
        };
        let keys = found.get_document("key").is_ok_and(|keys| {
            let pairs = |keys: &Document| -> Vec<(String, Option<i64>)> {
                keys.iter().map(|(name, way)| (name.clone(), number(way))).collect()
            };
            pairs(keys) == pairs(&self.keys)
        });
        keys && ["unique", "partialFilterExpression", "expireAfterSeconds"].into_iter().all(same)
    }
}

fn number(value: &Bson) -> Option<i64> {
    match value {
        Bson::Int32(n) => Some(i64::from(*n)),
        Bson::Int64(n) => Some(*n),
        #[expect(clippy::cast_possible_truncation, reason = "directions and seconds are small")]
        Bson::Double(n) => Some(*n as i64),
        _ => None,
    }
}

const fn index(
    collection: &'static str,
    name: &'static str,
    keys: Document,
    more: Document,
) -> Index {
    Index { collection, name, keys, more }
}

fn unique() -> Document {
    doc! { "unique": true }
}

/// Only of what has the field.
fn with(field: &str) -> Document {
    doc! { "partialFilterExpression": { field: { "$exists": true } } }
}

/// Unique on an id alone, where that can be.
fn alone(mut more: Document, sharded: bool) -> Document {
    if !sharded {
        more.extend(unique());
    }
    more
}

/// Those of events. `sharded`: through a router.
fn indexes_of_events(sharded: bool) -> Vec<Index> {
    let events = "interactions_events";
    // See `strands.rs`.
    let kind = |mut keys: Document| {
        keys.extend(doc! { "action": 1, "status": 1, "error_class": 1, "ts": 1, "_id": 1 });
        keys
    };
    vec![
        index(events, EVENTS_SEQ, doc! { "account_id": 1, "platform": 1, "seq": 1 }, unique()),
        index(events, EVENTS_ID, doc! { "id": 1 }, alone(doc! {}, sharded)),
        index(
            events,
            Event::Key.name(),
            doc! { "account_id": 1, "target_username": 1, "action": 1, "ts": 1, "_id": 1 },
            doc! {},
        ),
        index(events, Event::Ts.name(), doc! { "ts": 1, "_id": 1 }, doc! {}),
        index(events, Event::Status.name(), doc! { "status": 1, "ts": 1, "_id": 1 }, doc! {}),
        index(events, Event::Kind.name(), kind(doc! {}), doc! {}),
        index(events, Event::AccountKind.name(), kind(doc! { "account_id": 1 }), doc! {}),
        index(events, Event::DeviceKind.name(), kind(doc! { "device_id": 1 }), with("device_id")),
        index(
            events,
            Event::AccountDeviceKind.name(),
            kind(doc! { "account_id": 1, "device_id": 1 }),
            with("device_id"),
        ),
        index(events, Event::Account.name(), doc! { "account_id": 1, "ts": 1, "_id": 1 }, doc! {}),
        index(
            events,
            Event::Target.name(),
            doc! { "target_username": 1, "ts": 1, "_id": 1 },
            with("target_username"),
        ),
        index(
            events,
            Event::Task.name(),
            doc! { "task_id": 1, "ts": 1, "_id": 1 },
            with("task_id"),
        ),
        index(
            events,
            Event::Device.name(),
            doc! { "device_id": 1, "ts": 1, "_id": 1 },
            with("device_id"),
        ),
        index(
            events,
            Event::Class.name(),
            doc! { "error_class": 1, "ts": 1, "_id": 1 },
            with("error_class"),
        ),
        index(events, EVENTS_CLAIM, doc! { "claim_id": 1, "seq": 1 }, with("claim_id")),
    ]
}

/// Those of everything else that an account does. `sharded`: through a router.
fn indexes(sharded: bool) -> Vec<Index> {
    let latest = "interactions_latest";
    vec![
        index(
            latest,
            LATEST_KEY,
            doc! { "account_id": 1, "target_username": 1, "action": 1, "platform": 1 },
            unique(),
        ),
        index(latest, "latest_person", doc! { "target_username": 1, "action": 1 }, doc! {}),
        index(latest, "latest_claim", doc! { "claim_id": 1 }, alone(with("claim_id"), sharded)),
        index(
            latest,
            "latest_held",
            doc! { "state": 1, "account_id": 1, "claimed_at": 1 },
            with("claim_id"),
        ),
        index(
            latest,
            LATEST_EXPIRED,
            doc! { "expires_at": 1 },
            doc! {
                "expireAfterSeconds": TTL_SECONDS,
                "partialFilterExpression": { "state": "free" },
            },
        ),
        index("account_errors", "errors_n", doc! { "account_id": 1, "n": -1 }, doc! {}),
        index("metrics", "metrics_time", doc! { "level": 1, "start": 1 }, doc! {}),
        index(
            "metrics",
            "metrics_account",
            doc! { "account_id": 1, "level": 1, "start": 1 },
            doc! {},
        ),
        index("people", "people_target", doc! { "target_username": 1 }, doc! {}),
        index(
            "suppressions",
            "suppressions_target",
            doc! { "target_username": 1 },
            with("target_username"),
        ),
        index("suppressions", "suppressions_unnoted", doc! { "unnoted": 1 }, with("unnoted")),
        index("tokens", "tokens_hash", doc! { "hash": 1 }, alone(doc! {}, sharded)),
    ]
}

/// Those of tasks, their people and alerts.
fn indexes_of_tasks() -> Vec<Index> {
    let (tasks, candidates) = ("tasks", "task_candidates");
    let unique_with = |field: &str| {
        let mut more = with(field);
        more.extend(unique());
        more
    };
    vec![
        index(tasks, "tasks_newest", doc! { "created_at": 1, "_id": 1 }, doc! {}),
        index(tasks, "tasks_account", doc! { "account_id": 1, "created_at": 1, "_id": 1 }, doc! {}),
        index(tasks, "tasks_open", doc! { "open": 1, "created_at": 1, "_id": 1 }, with("open")),
        index(tasks, "tasks_queue", doc! { "account_id": 1, "open": 1, "ord": 1 }, with("open")),
        index(tasks, "tasks_ended", doc! { "ended_at": 1 }, with("ended_at")),
        index(tasks, "tasks_pending", doc! { "pending.rev": 1 }, with("pending.rev")),
        index(tasks, "tasks_running", doc! { "account_id": 1 }, unique_with("running")),
        index(candidates, "candidates_ord", doc! { "task_id": 1, "ord": 1 }, unique()),
        index(
            candidates,
            "candidates_open",
            doc! { "task_id": 1, "ord": 1, "state": 1 },
            doc! { "partialFilterExpression": { "state": "open" } },
        ),
        index(
            candidates,
            "candidates_person",
            doc! { "task_id": 1, "username": 1 },
            unique_with("username"),
        ),
        index(candidates, "candidates_name", doc! { "username": 1 }, with("username")),
        index("alerts", "alerts_newest", doc! { "raised_at": 1, "_id": 1 }, doc! {}),
        index("alerts", "alerts_open", doc! { "kind": 1, "subject": 1 }, unique_with("open")),
        index("alerts", "alerts_closed", doc! { "closed_at": 1 }, with("closed_at")),
        index("alerts", "alerts_entry", doc! { "entry._id": 1 }, with("entry._id")),
    ]
}

/// What is written about the layout itself.
const ID: &str = "layout";

/// The key of the suppressions of erased people, drawn when the database is made.
const KEY: &str = "suppression_key";

/// Says that the database is an unfinished copy.
const MARK: &str = "copied_from";

impl Servers {
    /// The version of the layout that is there, if any.
    pub(super) async fn found_layout(&self) -> Outcome<Option<u32>> {
        let found = self.one(&self.layout, doc! { "_id": ID }).await?;
        let Some(found) = found else { return Ok(None) };
        let version = found.get("version").and_then(number).and_then(|n| u32::try_from(n).ok());
        version.map(Some).ok_or_else(|| Fault::Damaged("its layout has no version".to_owned()))
    }

    /// The key of the suppressions of erased people.
    ///
    /// # Errors
    /// [`Fault::Damaged`] if there is none, although people are on the list who can only be told by
    /// it: then nobody may be engaged.
    pub(super) async fn suppression_key(&self) -> Outcome<SuppressionKey> {
        if let Some(found) = self.one(&self.layout, doc! { "_id": KEY }).await? {
            if !is_intact(&found)? {
                let problem =
                    "the key of erased people (`suppression_key` in `layout`) was changed";
                return Err(Fault::Damaged(problem.to_owned()));
            }
            return Ok(SuppressionKey::from_bytes(
                *Fields(&found).get("key")?.digest()?.as_bytes(),
            ));
        }
        let erased = doc! { "target_hash": { "$exists": true } };
        if self.one(&self.suppressions, erased).await?.is_some() {
            let problem = "the key of erased people (`suppression_key` in `layout`) is missing, so \
                           nobody can tell any more who must never be contacted";
            return Err(Fault::Damaged(problem.to_owned()));
        }
        Ok(SuppressionKey::from_bytes([0; 32]))
    }

    /// Puts a key in place of the one that is there. Only for a store that knows nobody yet.
    pub(super) async fn set_suppression_key(&self, key: &SuppressionKey) -> Outcome<()> {
        let document = sealed(doc! { "_id": KEY, "key": fields::bytes(key.as_bytes()) })?;
        limited(self.layout.replace_one(doc! { "_id": KEY }, document).upsert(true)).await?;
        Ok(())
    }

    async fn draw_key(&self) -> Outcome<()> {
        // Says so if one was lost.
        self.suppression_key().await?;
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|e| {
            Fault::Damaged(format!("the system gives no random numbers for a new store: {e}"))
        })?;
        let document = sealed(doc! { "_id": KEY, "key": fields::bytes(&bytes) })?;
        match limited(self.layout.insert_one(document)).await {
            Err(fault) if !fault.is_duplicate() => Err(fault),
            _ => Ok(()),
        }
    }

    /// The mark of an unfinished copy, if this is one.
    pub(super) async fn mark(&self) -> Outcome<Option<Mark>> {
        let Some(found) = self.newest(&self.layout, doc! { "_id": MARK }).await? else {
            return Ok(None);
        };
        let row = Fields(&found);
        Ok(Some(Mark { from: row.get("from")?.owned()?, run: row.get("run")?.owned()? }))
    }

    pub(super) async fn set_mark(&self, Mark { from, run }: &Mark) -> Outcome<()> {
        let document = doc! { "_id": MARK, "from": from.as_str(), "run": run.as_str() };
        limited(self.layout.replace_one(doc! { "_id": MARK }, document).upsert(true)).await?;
        Ok(())
    }

    /// Refuses what an attempt at copying writes if another has taken over.
    pub(super) async fn expect_mark(&self, ours: &Mark, place: &str) -> Outcome<()> {
        if self.mark().await?.as_ref() == Some(ours) {
            return Ok(());
        }
        Err(StoreError::TakenOver { place: place.to_owned() }.into())
    }

    pub(super) async fn unmark(&self, Mark { run, .. }: &Mark) -> Outcome<()> {
        limited(self.layout.delete_one(doc! { "_id": MARK, "run": run.as_str() })).await?;
        Ok(())
    }

    /// Makes what is missing and checks the rest.
    pub(super) async fn prepare(&self, place: &str, sharded: bool) -> Outcome<()> {
        if let Some(found) = self.found_layout().await?
            && found > VERSION
        {
            let (place, known) = (place.to_owned(), VERSION);
            return Err(StoreError::NewerPlace { place, found, known }.into());
        }
        let mut missing: HashMap<&'static str, Vec<Index>> = HashMap::new();
        let mut there: HashMap<&'static str, Vec<Document>> = HashMap::new();
        let all = [indexes_of_events(sharded), indexes(sharded), indexes_of_tasks()];
        for index in all.into_iter().flatten() {
            if !there.contains_key(index.collection) {
                there.insert(index.collection, self.indexes_of(index.collection).await?);
            }
            let found = there.get(index.collection).into_iter().flatten();
            match found.clone().find(|found| found.get_str("name").ok() == Some(index.name)) {
                Some(found) if index.is_like(found) => {}
                Some(_) => {
                    return Err(Fault::Damaged(format!(
                        "the index `{}` of {} is another one than Decorum makes; drop it, and it \
                         is made anew at the next start",
                        index.name, index.collection
                    )));
                }
                None => missing.entry(index.collection).or_default().push(index),
            }
        }
        for (collection, indexes) in missing {
            let indexes: Vec<_> = indexes.iter().map(Index::asked).collect();
            let create = doc! {
                "createIndexes": collection,
                "indexes": indexes,
                "commitQuorum": "majority",
                "writeConcern": { "w": "majority" },
            };
            self.create(create).await?;
        }
        for (collection, name) in RETIRED {
            let found = there.get(collection).into_iter().flatten();
            if found.clone().any(|found| found.get_str("name").ok() == Some(name)) {
                self.drop_index(collection, name).await?;
            }
        }
        self.draw_key().await?;
        // Whoever knows an older layout only does not open it from here on: it would copy and clean
        // up without what it does not know of.
        let version = doc! { "$max": { "version": VERSION } };
        limited(self.layout.update_one(doc! { "_id": ID }, version).upsert(true)).await?;
        Ok(())
    }

    /// On a large collection this takes longer than any request may; it is waited for.
    async fn create(&self, mut command: Document) -> Outcome<()> {
        let made = self.database.run_command(command.clone()).await.map(|_| ());
        match made.map_err(Fault::from) {
            // A standalone server knows no quorum.
            Err(fault) if fault.is_quorum_unknown() => {
                command.remove("commitQuorum");
                self.database.run_command(command).await?;
                Ok(())
            }
            made => made,
        }
    }

    async fn drop_index(&self, collection: &str, name: &str) -> Outcome<()> {
        let command = doc! { "dropIndexes": collection, "index": name };
        match limited(self.database.run_command(command)).await {
            // Somebody else was faster.
            Err(fault) if fault.is_no_index() => Ok(()),
            dropped => dropped.map(|_| ()),
        }
    }

    async fn indexes_of(&self, collection: &str) -> Outcome<Vec<Document>> {
        let list = doc! { "listIndexes": collection, "cursor": { "batchSize": 1000 } };
        let listing = async {
            self.database.run_cursor_command(list).await?.try_collect::<Vec<Document>>().await
        };
        match limited(listing).await {
            Err(fault) if fault.is_no_collection() => Ok(Vec::new()),
            listed => listed,
        }
    }
}
