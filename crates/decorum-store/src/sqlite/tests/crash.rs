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

use super::empty_store;
use crate::conformance::arrange::{Bench, NETWORK, SUCCESS, at_once, follow, key, name};
use crate::sqlite::SqliteStore;
use crate::{EventFilter, Order};

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

const ROUNDS: usize = 400;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "runs as the child of the test below"]
async fn claims_what_it_can() {
    let Some(path) = std::env::var_os(FILE) else { return };
    let mut bench = bench(path.into());
    bench.holder = name(&format!("process-{}", std::process::id()));
    say("ready");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    for round in 0..ROUNDS {
        if bench.try_claim(follow(&format!("mia_{round}"))).await.is_ok() {
            say(&format!("won {round}"));
        }
    }
    say("done");
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_racing_have_one_winner_each() {
    let (open, directory) = empty_store();
    let bench = Bench::new(open);
    let file = directory.path().join("decorum.db");
    let mut racing: Vec<_> = (0..3).map(|_| child("claims_what_it_can", &file)).collect();
    let mut listening = Vec::new();
    for running in &mut racing {
        let mut said = BufReader::new(running.stdout.take().unwrap()).lines();
        while said.next().unwrap().unwrap() != "ready" {}
        listening.push(said);
    }
    for running in &mut racing {
        running.stdin.take().unwrap().write_all(b"go\n").unwrap();
    }
    let mut wins = vec![0; ROUNDS];
    let mut winners = 0;
    for said in listening {
        let mut any = false;
        for line in said.map_while(Result::ok) {
            if let Some(round) = line.strip_prefix("won ") {
                wins[round.parse::<usize>().unwrap()] += 1;
                any = true;
            }
        }
        winners += usize::from(any);
    }
    for mut running in racing {
        assert!(running.wait().unwrap().success());
    }
    assert_eq!(wins, vec![1; ROUNDS]);
    assert!(winners > 1, "only one process ever won; that was no race");
    bench.assert_intact().await;
}
