//! What only this keeper promises, on real servers.

#![allow(clippy::large_futures, reason = "a test's future is polled where it stands")]

pub(super) mod crash;
mod damage;
mod faults;
mod layout;
mod plans;
mod races;
mod tasks;
mod unseen;

use std::sync::Arc;

use decorum_mongod::{Kind, test_database};
use mongodb::Client;
use mongodb::bson::Document;

use super::MongoStore;
use crate::conformance::arrange::{Bench, Opener};

/// A database of its own, dropped at the end.
pub(super) struct Database {
    address: String,
}

impl Database {
    fn on(kind: Kind) -> Self {
        Self { address: test_database(kind) }
    }

    async fn open(&self) -> MongoStore {
        MongoStore::open(&self.address).await.unwrap()
    }

    /// What anybody with the address can do to it.
    async fn by_hand(&self, collection: &str) -> mongodb::Collection<Document> {
        let client = Client::with_uri_str(&self.address).await.unwrap();
        client.default_database().unwrap().collection(collection)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let address = self.address.clone();
        // On a thread of its own: the test's runtime may be ending.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                let client = Client::with_uri_str(&address).await.unwrap();
                client.default_database().unwrap().drop().await.unwrap();
            });
        });
        let _ = dropping.join();
    }
}

/// Opens clients of the store at an address.
fn opener(address: &str) -> Opener {
    let address = address.to_owned();
    Arc::new(move || {
        let address = address.clone();
        let opening = async move { MongoStore::open(&address).await.unwrap() };
        tokio::task::block_in_place(|| {
            Arc::new(tokio::runtime::Handle::current().block_on(opening))
        })
    })
}

/// One client of an empty store on the shared server.
fn bench() -> (Bench, Database) {
    let (open, database) = standalone();
    (Bench::new(open), database)
}

/// One server without replication.
pub(super) fn standalone() -> (Opener, Database) {
    let database = Database::on(Kind::Standalone);
    (opener(&database.address), database)
}

/// Three servers of one set.
pub(super) fn replica_set() -> (Opener, Database) {
    let database = Database::on(Kind::ReplicaSet);
    (opener(&database.address), database)
}

mod on_a_standalone {
    crate::conformance::every_case!(crate::mongo::tests::standalone);
}

mod on_a_replica_set {
    crate::conformance::every_case!(crate::mongo::tests::replica_set);
}
