//! Real servers, started and brought down.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test says what it relies on")]

use std::net::TcpStream;
use std::time::{Duration, Instant};

use decorum_mongod::{Options, Server, in_database};
use mongodb::Client;
use mongodb::bson::{Document, doc};
use mongodb::error::ErrorKind;

async fn count(uri: &str) -> u64 {
    let client = Client::with_uri_str(uri).await.unwrap();
    client
        .default_database()
        .unwrap()
        .collection::<Document>("seen")
        .count_documents(doc! {})
        .await
        .unwrap()
}

async fn insert(uri: &str) -> mongodb::error::Result<()> {
    let client = Client::with_uri_str(uri).await?;
    let seen = client.default_database().unwrap().collection::<Document>("seen");
    seen.insert_one(doc! { "a": 1 }).await.map(drop)
}

fn refuses(address: &str) -> bool {
    TcpStream::connect(address).is_err()
}

#[tokio::test]
async fn a_server_takes_writes_and_is_gone_when_it_is_dropped() {
    let server = Server::standalone(&Options::default()).await.unwrap();
    let uri = in_database(&server.uri(), "log");

    insert(&uri).await.unwrap();

    assert_eq!(count(&uri).await, 1);
    let address = server.address(0);
    drop(server);
    assert!(refuses(&address), "{address} is still there");
}

#[tokio::test]
async fn a_killed_server_comes_back_at_the_same_place_with_what_it_acknowledged() {
    let mut server = Server::standalone(&Options::default()).await.unwrap();
    let uri = in_database(&server.uri(), "log") + "?w=majority&journal=true";
    insert(&uri).await.unwrap();

    server.kill(0).unwrap();
    assert!(refuses(&server.address(0)));
    server.restart(0).await.unwrap();

    assert_eq!(count(&uri).await, 1);
}

#[tokio::test]
async fn a_set_has_another_primary_after_the_first_was_killed_and_takes_it_back() {
    let mut server = Server::replica_set(3, &Options::default()).await.unwrap();
    let uri = in_database(&server.uri(), "log") + "&w=majority&journal=true";
    insert(&uri).await.unwrap();
    let first = server.primary().await.unwrap();

    server.kill(first).unwrap();
    let second = server.primary().await.unwrap();
    insert(&uri).await.unwrap();
    server.restart(first).await.unwrap();
    server.in_step().await.unwrap();

    assert_ne!(first, second);
    assert_eq!(count(&uri).await, 2);
    let handed_over = server.step_down().await.unwrap();
    assert_ne!(server.primary().await.unwrap(), handed_over);
}

#[tokio::test]
async fn a_paused_server_answers_nobody_until_it_goes_on() {
    let server = Server::standalone(&Options::default()).await.unwrap();
    let uri = in_database(&server.uri(), "log");
    insert(&uri).await.unwrap();

    server.pause(0, true).unwrap();
    let waited = tokio::time::timeout(Duration::from_millis(300), count(&uri)).await;
    server.pause(0, false).unwrap();

    assert!(waited.is_err(), "it answered");
    assert_eq!(count(&uri).await, 1);
}

#[tokio::test]
async fn users_may_do_what_they_may() {
    let options = Options { users: true, ..Options::default() };
    let server = Server::replica_set(1, &options).await.unwrap();
    server.create_user("reader", "good", &[("read", "log")]).await.unwrap();
    let as_user = |password| in_database(&server.uri_as("reader", password), "log");

    insert(&in_database(&server.uri(), "log")).await.unwrap();

    assert_eq!(count(&as_user("good")).await, 1);
    let denied = insert(&as_user("good")).await.unwrap_err();
    assert!(matches!(*denied.kind, ErrorKind::Command(ref e) if e.code == 13), "{denied}");
    let unknown = insert(&as_user("wrong")).await.unwrap_err();
    assert!(matches!(*unknown.kind, ErrorKind::Authentication { .. }), "{unknown}");
}

#[tokio::test]
async fn a_server_fails_when_it_is_told_to() {
    let options = Options { fail_points: true, ..Options::default() };
    let server = Server::standalone(&options).await.unwrap();
    let full = doc! {
        "configureFailPoint": "failCommand",
        "mode": { "times": 1 },
        "data": { "failCommands": ["insert"], "errorCode": 14_031 },
    };
    server.client(0).await.unwrap().database("admin").run_command(full).await.unwrap();
    let uri = in_database(&server.uri(), "log");

    let refused = insert(&uri).await.unwrap_err();

    assert!(matches!(*refused.kind, ErrorKind::Command(ref e) if e.code == 14_031), "{refused}");
    insert(&uri).await.unwrap();
}

#[tokio::test]
async fn starting_says_what_is_wrong_with_the_server() {
    let mut server = Server::standalone(&Options::default()).await.unwrap();
    let address = server.address(0);
    server.kill(0).unwrap();
    let squatter = std::net::TcpListener::bind(&address).unwrap();

    let began = Instant::now();
    let error = server.restart(0).await.unwrap_err();

    assert!(error.to_string().contains("Address already in use"), "{error}");
    assert!(began.elapsed() < Duration::from_secs(20));
    drop(squatter);
}
