//! The readers: what a long read, one that fails and one that breaks off cost those beside it.

use std::sync::mpsc;
use std::time::Duration;

use decorum_core::{
    AccountId, Action, HaltReason, Platform, QuietHours, RefusalReason, Settings, Timestamp,
    Username,
};
use futures_util::future::join_all;
use rusqlite::Connection;
use tempfile::TempDir;

use crate::sqlite::SqliteStore;
use crate::sqlite::fault::{Fault, Outcome};
use crate::{Store as _, StoreError};

/// More than there are threads to read with, and more than share a snapshot.
const MANY: usize = 100;

/// What is not released by then never is.
const PATIENCE: Duration = Duration::from_mins(1);

fn store() -> (SqliteStore, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    (SqliteStore::open(directory.path().join("decorum.db")).unwrap(), directory)
}

fn count(conn: &Connection) -> Outcome<i64> {
    Ok(conn.query_row("SELECT count(*) FROM interactions_events", [], |row| row.get(0))?)
}

#[tokio::test]
async fn no_long_read_keeps_a_glance_waiting() {
    let (store, _directory) = store();
    let mut held = Vec::new();
    let long = (0..MANY).map(|_| {
        let (release, released) = mpsc::channel::<()>();
        held.push(release);
        store.read(move |conn| {
            assert_eq!(released.recv_timeout(PATIENCE), Ok(()));
            count(conn)
        })
    });
    let long = join_all(long);
    let glances = async {
        for _ in 0..MANY {
            assert_eq!(store.glance(count).await.unwrap(), 0);
        }
        for release in &held {
            release.send(()).unwrap();
        }
    };
    let (long, ()) = tokio::join!(long, glances);
    assert!(long.iter().all(|found| matches!(found, Ok(0))), "{long:?}");
}

#[tokio::test]
async fn one_that_goes_wrong_costs_no_other_its_answer() {
    let (store, _directory) = store();
    let glances = (0..MANY).map(|n| {
        store.glance(move |conn| match n % 4 {
            0 => Err(Fault::Damaged("a row".to_owned())),
            1 => Ok(conn.query_row("SELECT nothing FROM nowhere", [], |row| row.get(0))?),
            2 => panic!("a defect"),
            _ => count(conn),
        })
    });
    for (n, found) in join_all(glances).await.into_iter().enumerate() {
        match n % 4 {
            0 => assert!(matches!(found, Err(StoreError::Damaged { .. })), "{found:?}"),
            1 | 2 => assert!(matches!(found, Err(StoreError::Unreachable { .. })), "{found:?}"),
            _ => assert!(matches!(found, Ok(0)), "{found:?}"),
        }
    }
}

#[tokio::test]
async fn what_waits_is_answered_before_the_store_is_closed_and_nothing_after() {
    let (store, _directory) = store();
    let waiting = join_all((0..MANY).map(|_| store.read(count)));
    let (found, closed) = tokio::join!(waiting, store.close());
    closed.unwrap();
    assert!(found.iter().all(|found| matches!(found, Ok(0))), "{found:?}");
    for late in [store.read(count).await, store.glance(count).await] {
        assert!(matches!(late, Err(StoreError::Unreachable { .. })), "{late:?}");
    }
}

#[tokio::test]
async fn a_look_sees_what_was_written_before_it_was_asked_for() {
    let (store, _directory) = store();
    for n in 1..=MANY {
        let written = store.write(move |conn| {
            Ok(conn.execute("INSERT INTO leases VALUES (?1, 'me', 1, 1, 0)", [n.to_string()])?)
        });
        assert_eq!(written.await.unwrap(), 1);
        let leases = |conn: &Connection| {
            Ok(conn.query_row("SELECT count(*) FROM leases", [], |row| row.get::<_, isize>(0))?)
        };
        let (glance, read) = tokio::join!(store.glance(leases), store.read(leases));
        assert_eq!((glance.unwrap(), read.unwrap()), (n.cast_signed(), n.cast_signed()));
    }
}

/// Why `account` may not follow `target`, as this store sees it at noon.
async fn why_not(store: &SqliteStore, account: &str, target: &str) -> Option<RefusalReason> {
    let (account, target): (AccountId, Username) =
        (account.parse().unwrap(), target.parse().unwrap());
    let first = Settings::default();
    let answers = store.check(&first, &account, Action::Follow, &[target], noon()).await.unwrap();
    answers.into_iter().next().unwrap().err().map(|refusal| refusal.reason)
}

fn noon() -> Timestamp {
    "2026-03-02T12:00:00Z".parse().unwrap()
}

#[tokio::test]
async fn what_is_known_of_looks_before_ends_with_whatever_another_process_writes() {
    let (store, directory) = store();
    let other = SqliteStore::open(directory.path().join("decorum.db")).unwrap();
    let (nora, piet) = ("studio.nord".parse().unwrap(), "dmia".parse().unwrap());
    assert_eq!(why_not(&store, "studio.nord", "dmia").await, None);

    other.halt(&nora, HaltReason::Operator, "a look", "test", noon()).await.unwrap();
    assert_eq!(why_not(&store, "studio.nord", "dmia").await, Some(RefusalReason::AccountHalted));
    assert_eq!(why_not(&store, "studio.sued", "dmia").await, None);
    other.clear(&nora, "looked", "test", noon()).await.unwrap();
    assert_eq!(why_not(&store, "studio.nord", "dmia").await, None);

    other.suppress(Platform::Instagram, &[piet], None, "test", noon()).await.unwrap();
    assert_eq!(why_not(&store, "studio.nord", "dmia").await, Some(RefusalReason::Suppressed));
    assert_eq!(why_not(&store, "studio.nord", "lena").await, None);

    let lena = "lena".parse().unwrap();
    other.forget(Platform::Instagram, &lena, "test", noon()).await.unwrap();
    assert_eq!(why_not(&store, "studio.nord", "lena").await, Some(RefusalReason::Suppressed));
    assert_eq!(why_not(&store, "studio.nord", "emil").await, None);

    let [from, to, time_zone] = ["11:00", "13:00", "UTC"].map(str::to_owned);
    let quiet = QuietHours { from, to, time_zone };
    let settings = Settings { quiet_hours: Some(quiet), ..Settings::default() };
    other.put_settings(&settings, 0, "test", noon()).await.unwrap();
    assert_eq!(why_not(&store, "studio.nord", "emil").await, Some(RefusalReason::QuietHours));
}

#[test]
fn who_looked_for_all_may_end_with_its_runtime_and_the_next_is_looked_for() {
    let (store, _directory) = store();
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // Asked for, and never waited for: the runtime ends before anybody has looked.
    runtime().block_on(async {
        let asked = std::pin::pin!(store.glance(count));
        let once = futures_util::future::poll_immediate(asked).await;
        assert!(once.is_none(), "{once:?}");
    });
    let found = runtime().block_on(async {
        tokio::time::timeout(PATIENCE, store.glance(count)).await.expect("an answer")
    });
    assert_eq!(found.unwrap(), 0);
}
