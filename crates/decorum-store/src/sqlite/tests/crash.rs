//! Real processes, killed without warning or racing each other.
//!
//! The child is this test binary, started on one of the ignored tests below; without its
//! variable in the environment such a test does nothing.

use std::collections::HashSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use decorum_core::{Finding, Metadata, Platform};

use super::empty_store;
use super::forgotten::files_with;
use crate::conformance::arrange::{Bench, DAY, NETWORK, SUCCESS, at_once, follow, key, name};
use crate::sqlite::SqliteStore;
use crate::{EventFilter, MetricsQuery, Order};

const FILE: &str = "DECORUM_TEST_STORE_FILE";

fn child(test: &str, file: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("sqlite::tests::crash::{test}"), "--ignored", "--nocapture"])
        .env(FILE, file)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn bench(path: PathBuf) -> Bench {
    Bench::new(Arc::new(move || Arc::new(SqliteStore::open(&path).unwrap())))
}

/// Says something to the parent, at once.
fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{text}").unwrap();
    out.flush().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "runs as the child of the test below"]
async fn engages_until_killed() {
    let Some(path) = std::env::var_os(FILE) else { return };
    let bench = bench(path.into());
    at_once(6, |n| {
        let bench = bench.clone();
        async move {
            let account = ["anna", "bert", "cleo"][n % 3];
            for round in 0.. {
                let target = format!("p{}_{n}_{round}", std::process::id());
                let key = key(account, &target, follow("mia").action);
                let claim = bench.claim(key.clone()).await;
                say(&format!("claimed {}", claim.id));
                let outcome = if round % 4 == 3 { NETWORK } else { SUCCESS };
                let event = bench.settle(&claim, key, outcome).await.event().id;
                say(&format!("committed {event}"));
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_when_killed() {
    let (open, directory) = empty_store();
    let file = directory.path().join("decorum.db");
    let (mut claimed, mut committed) = (Vec::new(), HashSet::new());
    for round in 0..25 {
        let mut running = child("engages_until_killed", &file);
        let mut said = BufReader::new(running.stdout.take().unwrap()).lines();
        let patience = fastrand::usize(0..150);
        let mut heard = Vec::new();
        while heard.len() < patience {
            let Some(line) = said.next() else { panic!("round {round}: the child ended") };
            heard.push(line.unwrap());
        }
        std::thread::sleep(Duration::from_micros(fastrand::u64(0..3_000)));
        running.kill().unwrap();
        running.wait().unwrap();
        // What it said before it died counts, also what was still in the pipe.
        heard.extend(said.map_while(Result::ok));
        for line in heard {
            match line.split_once(' ') {
                Some(("claimed", id)) if id.len() == 36 => claimed.push(id.parse().unwrap()),
                Some(("committed", id)) if id.len() == 36 => {
                    committed.insert(id.parse().unwrap());
                }
                _ => {}
            }
        }

        let bench = Bench::new(open.clone());
        bench.assert_intact().await;
        let log = bench.all(&EventFilter::default(), Order::Newest, 1000).await;
        let found: HashSet<_> = log.into_iter().map(|event| event.id).collect();
        let lost: Vec<_> = committed.difference(&found).collect();
        assert!(lost.is_empty(), "round {round}: {lost:?}");
        for claim in &claimed {
            let known = bench.store.find_claim(*claim).await.unwrap();
            assert!(known.is_some(), "round {round}: claim {claim} was lost");
        }
    }
    assert!(committed.len() > 100, "too little happened to show anything: {}", committed.len());
}

/// How the people are called that the child below engages and forgets, one after the other.
const FORGOTTEN: &str = "zq7.forget_me";

fn to_forget(process: u32, round: usize) -> String {
    format!("{FORGOTTEN}.{process}.{round}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "runs as the child of the test below"]
async fn cleans_and_forgets_until_killed() {
    let Some(path) = std::env::var_os(FILE) else { return };
    let mut bench = bench(path.into()).keeping(1);
    bench.now = bench.anna().await.account.not_before_newest(bench.now);
    for round in 0.. {
        let process = std::process::id();
        let (account, person) = (format!("a{process}_{round}"), to_forget(process, round));
        bench.refuse_many("anna", 400).await;
        bench.engage(key(&account, &format!("p{round}"), follow("mia").action)).await;
        bench.engage(key(&account, &person, follow("mia").action)).await;
        bench.wait(DAY * 40);
        say("cleaning");
        bench.clean().await;
        let target = name(&person);
        bench.store.forget(Platform::Instagram, &target, "eva", bench.now).await.unwrap();
        bench.store.metrics(&MetricsQuery::default()).await.unwrap();
        say(&format!("forgot {round}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cleanup_or_a_forgetting_that_is_killed_is_done_or_not_begun() {
    let (open, directory) = empty_store();
    let file = directory.path().join("decorum.db");
    let mut forgotten = 0;
    for round in 0..15 {
        let mut running = child("cleans_and_forgets_until_killed", &file);
        let mut said = BufReader::new(running.stdout.take().unwrap()).lines();
        let patience = fastrand::usize(1..6);
        let heard = said.by_ref().map(Result::unwrap).filter(|line| line == "cleaning");
        assert_eq!(heard.take(patience).count(), patience, "round {round}: the child ended");
        std::thread::sleep(Duration::from_micros(fastrand::u64(0..60_000)));
        running.kill().unwrap();
        running.wait().unwrap();
        forgotten += said.map_while(Result::ok).filter(|line| line.starts_with("forgot ")).count();

        let bench = Bench::new(open.clone());
        bench.assert_intact().await;
        let events: u64 =
            bench.store.accounts().await.unwrap().iter().map(|view| view.account.head.seq).sum();
        let counted = bench.store.metrics(&MetricsQuery::default()).await.unwrap().events;
        assert_eq!(counted, events, "round {round}: all that ever happened is counted");
        // Whatever was left half way is finished by asking again.
        bench.store.lapse(None, std::slice::from_ref(&bench.holder), bench.now).await.unwrap();
        for doubt in bench.store.doubts(None, 10).await.unwrap() {
            let (nothing, stamp) = (Metadata::default(), bench.stamp());
            let settled = Finding::CannotTell;
            let settling =
                bench.store.reconcile(&bench.settings, doubt.claim.id, settled, nothing, stamp);
            settling.await.unwrap();
        }
        for n in 0..8 {
            let target = name(&to_forget(running.id(), n));
            bench.store.forget(Platform::Instagram, &target, "eva", bench.now).await.unwrap();
        }
        assert_eq!(files_with(directory.path(), FORGOTTEN), Vec::<String>::new(), "round {round}");
        bench.assert_intact().await;
        bench.store.close().await.unwrap();
    }
    assert!(forgotten > 0, "too little happened to show anything");
}

#[test]
#[ignore = "runs as the child of the test below"]
fn opens_until_killed() {
    let Some(path) = std::env::var_os(FILE) else { return };
    say("opening");
    let _store = SqliteStore::open(path).unwrap();
    say("opened");
    std::thread::sleep(Duration::from_mins(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_killed_while_it_was_made_is_made_again() {
    for round in 0..60 {
        let (open, directory) = empty_store();
        let mut running = child("opens_until_killed", &directory.path().join("decorum.db"));
        let mut said = BufReader::new(running.stdout.take().unwrap()).lines();
        while said.next().unwrap().unwrap() != "opening" {}
        std::thread::sleep(Duration::from_micros(round * 60));
        running.kill().unwrap();
        running.wait().unwrap();
        let bench = Bench::new(open);
        bench.engage(follow("mia")).await;
        bench.assert_intact().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "runs as the child of the test below"]
async fn claims_what_it_is_told() {
    let Some(path) = std::env::var_os(FILE) else { return };
    let mut bench = bench(path.into());
    bench.holder = name(&format!("process-{}", std::process::id()));
    say("ready");
    for target in std::io::stdin().lines() {
        let granted = bench.try_claim(follow(&target.unwrap())).await.is_ok();
        say(if granted { "won" } else { "lost" });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_racing_have_one_winner_each() {
    let (open, directory) = empty_store();
    let file = directory.path().join("decorum.db");
    let mut racing: Vec<_> = (0..3)
        .map(|_| child("claims_what_it_is_told", &file))
        .map(|mut running| {
            let mut said = BufReader::new(running.stdout.take().unwrap()).lines();
            while said.next().unwrap().unwrap() != "ready" {}
            (running.stdin.take().unwrap(), said, running)
        })
        .collect();
    let mut wins = [0; 3];
    for round in 0..400 {
        // Whoever is told first has a head start, so they take turns.
        racing.rotate_left(1);
        wins.rotate_left(1);
        for (told, ..) in &mut racing {
            told.write_all(format!("mia_{round}\n").as_bytes()).unwrap();
        }
        let mut winners = 0;
        for ((_, said, _), wins) in racing.iter_mut().zip(&mut wins) {
            let answer = said.map(Result::unwrap).find(|line| !line.is_empty());
            if answer.as_deref() == Some("won") {
                (winners, *wins) = (winners + 1, *wins + 1);
            }
        }
        assert_eq!(winners, 1, "round {round}");
    }
    for (told, said, mut running) in racing {
        drop(told);
        // It has more to say about itself as it ends, and somebody has to listen.
        said.for_each(drop);
        assert!(running.wait().unwrap().success());
    }
    assert!(wins.iter().all(|wins| *wins > 0), "that was no race: {wins:?}");
    Bench::new(open).assert_intact().await;
}
