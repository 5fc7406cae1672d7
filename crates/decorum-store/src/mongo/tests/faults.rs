//! Servers that are gone, slow, full or closed to us: typed errors, bounded waits, and everything
//! as before once they are back.

use std::time::{Duration, Instant};

use decorum_mongod::{Kind, Options, Proxy, Server, in_database, test_uri};

use super::opener;
use crate::conformance::arrange::{Bench, SUCCESS, follow};
use crate::mongo::MongoStore;
use crate::{Store, StoreError};

/// The longest anybody may be kept waiting for an answer, good or bad.
const BOUND: Duration = Duration::from_secs(50);

async fn bounded<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(BOUND, work).await.expect("an answer in bounded time")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_listening_is_said_soon() {
    let asked = Instant::now();
    let opened = bounded(MongoStore::open("mongodb://127.0.0.1:9/decorum")).await.err();
    assert!(
        matches!(&opened, Some(StoreError::Unreachable { place, .. })
        if place == "mongodb://127.0.0.1:9/decorum"),
        "{opened:?}"
    );
    assert!(asked.elapsed() < Duration::from_secs(15), "{:?}", asked.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_is_none_is_said_without_its_password() {
    for address in ["mongodb://eva:geheim@/", "mongodb://eva:geheim@host:port/x", "mongodb://"] {
        let error = MongoStore::open(address).await.err().unwrap();
        assert!(matches!(error, StoreError::BadMongoAddress { .. }), "{error:?}");
        assert!(!error.to_string().contains("geheim"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_and_a_missing_right_are_told_apart_from_trouble() {
    let options = Options { users: true, ..Options::default() };
    let server = Server::standalone(&options).await.unwrap();
    server.create_user("reader", "secret", &[("read", "decorum")]).await.unwrap();
    server.create_user("writer", "secret", &[("readWrite", "decorum")]).await.unwrap();
    let open = async |user, password| {
        let address = in_database(&server.uri_as(user, password), "decorum");
        bounded(MongoStore::open(&address)).await
    };
    for (user, password) in [("writer", "wrong"), ("nobody", "secret"), ("reader", "secret")] {
        let error = open(user, password).await.err().expect("it is refused");
        assert!(matches!(error, StoreError::Denied { .. }), "{user}: {error:?}");
        let said = error.to_string();
        assert!(!said.contains("secret") && said.contains("readWrite"), "{said}");
    }
    let store = open("writer", "secret").await.unwrap();
    assert!(!store.identity().await.unwrap().place.contains("secret"));

    let reader = in_database(&server.uri_as("reader", "secret"), "decorum");
    let reader = MongoStore::open_read_only(&reader).await.unwrap();
    assert!(reader.accounts().await.unwrap().is_empty());
}

/// A bench whose line to the server can be cut.
async fn behind_a_proxy() -> (Bench, Proxy) {
    let uri = test_uri(Kind::Standalone);
    let server = uri.trim_start_matches("mongodb://").trim_end_matches('/').to_owned();
    let proxy = Proxy::start(server).await.unwrap();
    let database = format!("test-{:016x}", fastrand::u64(..));
    let uri = format!("mongodb://{}/?directConnection=true", proxy.address());
    (Bench::new(opener(&in_database(&uri, &database))), proxy)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_is_cut_ends_in_an_error_and_heals_by_itself() {
    let (bench, proxy) = behind_a_proxy().await;
    let claim = bench.claim(follow("mia")).await;
    proxy.cut();
    let request = bench.request(follow("noa"));
    let asked = bounded(bench.store.claim(&bench.settings, request.clone())).await;
    assert!(
        matches!(asked, Err(StoreError::Unreachable { .. } | StoreError::Unknown { .. })),
        "{asked:?}"
    );
    let read = bounded(bench.store.accounts()).await;
    assert!(matches!(read, Err(StoreError::Unreachable { .. })), "{read:?}");

    proxy.heal();
    bench.settle(&claim, follow("mia"), SUCCESS).await;
    bench.ask(request).await.unwrap();
    bench.assert_intact().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_answers_nothing_keeps_nobody_for_ever() {
    let (bench, proxy) = behind_a_proxy().await;
    let claim = bench.claim(follow("mia")).await;
    proxy.stall();
    let report = bench.report(claim.id, follow("mia"), SUCCESS);
    let answer = bounded(bench.store.commit(&bench.settings, report.clone())).await;
    assert!(
        matches!(answer, Err(StoreError::Unreachable { .. } | StoreError::Unknown { .. })),
        "{answer:?}"
    );
    proxy.heal();
    bench.store.commit(&bench.settings, report).await.unwrap();
    assert_eq!(bench.log().await.len(), 1, "what was sent twice is recorded once");
    bench.assert_intact().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_server_is_waited_for() {
    let (bench, proxy) = behind_a_proxy().await;
    proxy.delay(Duration::from_millis(120));
    bench.engage(follow("mia")).await;
    proxy.heal();
    bench.assert_intact().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_new_primary_is_found_and_nothing_acknowledged_is_lost() {
    let mut server = Server::replica_set(3, &Options::default()).await.unwrap();
    let bench = Bench::new(opener(&in_database(&server.uri(), "decorum")));
    let claim = bench.claim(follow("mia")).await;
    let first = server.primary().await.unwrap();
    server.kill(first).unwrap();
    // No error: the wait for the new primary is ours.
    bench.settle(&claim, follow("mia"), SUCCESS).await;
    bench.engage(follow("noa")).await;
    assert_ne!(server.primary().await.unwrap(), first);

    server.restart(first).await.unwrap();
    server.in_step().await.unwrap();
    let second = server.primary().await.unwrap();
    server.pause(second, true).unwrap();
    bench.engage(follow("zoe")).await;
    server.pause(second, false).unwrap();
    assert_eq!(bench.another("worker-2").log().await.len(), 3);
    bench.assert_intact().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_majority_nothing_is_acknowledged() {
    let mut server = Server::replica_set(3, &Options::default()).await.unwrap();
    let bench = Bench::new(opener(&in_database(&server.uri(), "decorum")));
    bench.engage(follow("mia")).await;
    let primary = server.primary().await.unwrap();
    let others: Vec<_> = (0..3).filter(|node| *node != primary).collect();
    for node in &others {
        server.kill(*node).unwrap();
    }
    let request = bench.request(follow("noa"));
    let asked = bounded(bench.store.claim(&bench.settings, request.clone())).await;
    assert!(
        matches!(asked, Err(StoreError::Unreachable { .. } | StoreError::Unknown { .. })),
        "{asked:?}"
    );
    for node in others {
        server.restart(node).await.unwrap();
    }
    server.in_step().await.unwrap();
    bench.ask(request).await.unwrap();
    bench.assert_intact().await;
}
