//! The MongoDB keeper, beside its bare driver making the same writes with the same concerns.
//!
//! The reference takes its indexes from the database the keeper made, and for each engagement makes
//! the writes the keeper makes, one after the other as far as the keeper waits for them: a claim
//! replaces the account and then writes the row, a commit replaces the account and then writes the
//! event and the row. The documents are the keeper's, under names of their own. What the keeper adds
//! is looking before it decides, deciding, and hashing.

use std::sync::Arc;
use std::time::{Duration, Instant};

use decorum_mongod::{Options, Server, in_database};
use decorum_store::open_store;
use futures_util::TryStreamExt as _;
use mongodb::bson::{Document, doc};
use mongodb::options::{Acknowledgment, ClientOptions, WriteConcern};
use mongodb::{Client, Collection, Database, IndexModel};

use crate::book::{Goal, Row, Section, Unit};
use crate::engagement::{Failed, at_once, unhurried};
use crate::scale::Scale;
use crate::{fill, pages};

/// Accounts at the same time.
const TOGETHER: usize = 16;
/// Engagements of one sample, of all accounts together.
const BATCH: usize = 160;

const ABOUT: &str = "A claim and then its outcome, each acknowledged by a majority and in the \
    journal. The reference is the bare driver with the same indexes, which makes the writes the \
    store makes with the same concerns, one after the other as far as the store waits for them; it \
    neither looks before it writes nor decides nor hashes. Before a claim the store asks for the person's \
    row, the suppressions, the lease and what is on record of the claim: on one server, whose writes are \
    quick, these round trips are what is missing to the reference, and with 16 accounts at once they \
    take the processors from the server beside them; on a replica set they hardly count. Data lies on a \
    disk.";

/// Claims and commits on a server alone and on a replica set, their data on a disk.
pub(crate) fn claim_and_commit(scale: &Scale) -> Result<Vec<Section>, Failed> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let options = Options { durable: true, ..Options::default() };
    runtime.block_on(async {
        let mut section = Section::new("Claim and commit (MongoDB)", ABOUT);
        let server = Server::standalone(&options).await?;
        measure(&mut section, scale, &server, "one server").await?;
        drop(server);
        let server = Server::replica_set(3, &options).await?;
        measure(&mut section, scale, &server, "a replica set of three").await?;
        let title = "Claims and commits a second (MongoDB)";
        section.draw_rows("claims-mongodb", title, Unit::PerSecond);
        Ok(vec![section])
    })
}

/// How many events the log has at most that a longer one is compared with.
const SHORT: u64 = 100_000;

/// Pages of a long log beside one of a tenth or less, in which there has to be one of each kind.
pub(crate) fn pages(scale: &Scale) -> Result<Vec<Section>, Failed> {
    let long = scale.mongodb_events;
    let short = scale.of((long / 10).min(SHORT), long / 2);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let options = Options { durable: true, ..Options::default() };
    runtime.block_on(async {
        let server = Server::standalone(&options).await?;
        let small = open_store(&in_database(&server.uri(), "small")).await?;
        fill::fill(&small, short, 1).await?;
        let big = open_store(&in_database(&server.uri(), "big")).await?;
        fill::fill(&big, long, 1).await?;
        let (section, _) = pages::compare(scale, "MongoDB", (&small, short), (&big, long)).await?;
        small.close().await?;
        big.close().await?;
        Ok(vec![section])
    })
}

async fn measure(
    section: &mut Section,
    scale: &Scale,
    server: &Server,
    where_to: &str,
) -> Result<(), Failed> {
    let store = open_store(&in_database(&server.uri(), "ours")).await?;
    let settings = Arc::new(unhurried()?);
    let client = Client::with_options(ClientOptions::parse(server.uri()).await?)?;
    // The keeper's own documents, as it leaves them.
    at_once(&store, &settings, "first_", (1, 2)).await?;
    let ours = client.database("ours");
    let bare = Bare::like(&ours, client.database("bare")).await?;
    for callers in [1, TOGETHER] {
        let each = scale.of(BATCH, TOGETHER) / callers;
        let engagements = u32::try_from(callers * each)?;
        let (mut samples, mut reference) = (Vec::new(), Vec::new());
        for sample in 0..scale.samples(7) {
            let prefix = format!("c{callers}s{sample}_");
            reference.push(bare.run(&prefix, (callers, each)).await? / engagements);
            let started = Instant::now();
            at_once(&store, &settings, &prefix, (callers, each)).await?;
            samples.push(started.elapsed() / engagements);
        }
        let what = match callers {
            1 => format!("{where_to}, one account"),
            many => format!("{where_to}, {many} accounts at once"),
        };
        let row = Row::timed(what, Unit::PerSecond, &samples).beside_timed(&reference);
        section.add(row.goal(Goal::RatioAtLeast(0.85)));
    }
    store.close().await?;
    Ok(())
}

/// The bare driver, and the documents it writes.
#[derive(Clone)]
struct Bare {
    accounts: Collection<Document>,
    latest: Collection<Document>,
    events: Collection<Document>,
    account: Document,
    row: Document,
    event: Document,
}

impl Bare {
    async fn like(ours: &Database, bare: Database) -> Result<Self, Failed> {
        let concern = WriteConcern::builder().w(Acknowledgment::Majority).journal(true).build();
        let options = mongodb::options::CollectionOptions::builder().write_concern(concern).build();
        let collection =
            |name: &str| bare.collection_with_options::<Document>(name, options.clone());
        let (accounts, latest, events) = (
            collection("accounts"),
            collection("interactions_latest"),
            collection("interactions_events"),
        );
        let mut templates = Vec::new();
        for collection in [&accounts, &latest, &events] {
            let theirs = ours.collection::<Document>(collection.name());
            let indexes: Vec<IndexModel> = theirs.list_indexes().await?.try_collect().await?;
            let indexes: Vec<_> =
                indexes.into_iter().filter(|index| index.keys != doc! { "_id": 1 }).collect();
            if !indexes.is_empty() {
                collection.create_indexes(indexes).await?;
            }
            let template = theirs.find_one(doc! {}).sort(doc! { "_id": -1 }).await?;
            templates.push(template.ok_or("the keeper wrote no such document")?);
        }
        let mut templates = templates.into_iter();
        let mut next = || templates.next().unwrap_or_default();
        let (account, row, event) = (next(), next(), next());
        Ok(Self { accounts, latest, events, account, row, event })
    }

    async fn run(&self, prefix: &str, (callers, each): (usize, usize)) -> Result<Duration, Failed> {
        let started = Instant::now();
        let calling: Vec<_> = (0..callers)
            .map(|caller| {
                let (bare, name) = (self.clone(), format!("{prefix}{caller}"));
                tokio::spawn(async move { bare.engage(&name, each).await })
            })
            .collect();
        for caller in calling {
            caller.await??;
        }
        Ok(started.elapsed())
    }

    async fn engage(&self, name: &str, each: usize) -> Result<(), Failed> {
        let mut rev = 0_i64;
        let account = |rev: i64| named(&self.account, name, name, rev);
        self.accounts.insert_one(account(rev)).await?;
        for n in 0..each {
            let key = format!("{name}/{n}");
            for commit in [false, true] {
                let before = doc! { "_id": name, "account_id": name, "rev": rev };
                rev += 1;
                let replaced = self.accounts.replace_one(before, account(rev)).await?;
                if replaced.modified_count != 1 {
                    return Err("the reference lost a race with nobody".into());
                }
                let older = doc! { "_id": &key, "account_id": name, "rev": { "$lt": rev } };
                let mut row = named(&self.row, &key, name, rev);
                row.insert("target_username", &key);
                // A free row, as the template is, names no claim.
                if !commit {
                    row.insert("claim_id", &key);
                }
                let row = self.latest.replace_one(older, row).upsert(true);
                if commit {
                    let mut event = named(&self.event, &key, name, rev);
                    for field in ["id", "claim_id", "target_username"] {
                        event.insert(field, &key);
                    }
                    event.insert("seq", i64::try_from(n)?);
                    let event = self.events.insert_one(event);
                    let (row, event) = tokio::join!(row.into_future(), event.into_future());
                    row?;
                    event?;
                } else {
                    row.await?;
                }
            }
        }
        Ok(())
    }
}

/// The document under another id, of another account.
fn named(template: &Document, id: &str, account: &str, rev: i64) -> Document {
    let mut document = template.clone();
    document.insert("_id", id);
    document.insert("account_id", account);
    if document.contains_key("rev") {
        document.insert("rev", rev);
    }
    document
}
