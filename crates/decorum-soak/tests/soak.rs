//! The soak in short, over both stores, with everything that can befall a process.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test says what it relies on")]
#![allow(clippy::print_stderr, reason = "a failure is repeated by the seed it prints")]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use decorum_soak::{Fault, Findings, Kind, Soak, soak};

fn over(store: Kind, seconds: u64) -> Soak {
    let seed = std::env::var("DECORUM_SEED").ok().and_then(|seed| seed.parse().ok());
    Soak {
        store,
        lasts: Duration::from_secs(seconds),
        settles: Soak::SETTLES,
        seed: seed.unwrap_or_else(|| fastrand::u64(..)),
        workers: 6,
        faults: Fault::ALL.to_vec(),
        binary: None,
        keep: None,
    }
}

async fn found(plan: &Soak) -> Findings {
    eprintln!("DECORUM_SEED={} repeats this", plan.seed);
    let (findings, kept) =
        soak(plan, &AtomicBool::new(false), |how| eprintln!("{how}")).await.unwrap();
    eprintln!("{findings}{kept:?}");
    findings
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_sqlite_nobody_is_engaged_twice_and_the_log_equals_the_ledgers() {
    let findings = found(&over(Kind::Sqlite, 25)).await;

    assert_eq!(findings.violations(), Vec::<String>::new(), "{findings}");
    assert!(findings.count(Fault::Kill) >= 10, "{findings}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_mongodb_nobody_is_engaged_twice_and_the_log_equals_the_ledgers() {
    let findings = found(&over(Kind::Mongodb, 30)).await;

    assert_eq!(findings.violations(), Vec::<String>::new(), "{findings}");
    assert!(findings.count(Fault::Kill) >= 10, "{findings}");
    assert!(findings.count(Fault::Primary) >= 1, "{findings}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_soak_that_shows_nothing_does_not_pass() {
    let findings = found(&Soak { faults: Vec::new(), ..over(Kind::Sqlite, 1) }).await;

    assert!(findings.violations().iter().any(|v| v.contains("nothing was shown")), "{findings}");
}

/// A `decorum` whose workers do not know of each other: each has a store of its own.
fn without_a_common_store(folder: &Path) -> PathBuf {
    let real = match std::env::var_os("DECORUM_BIN").filter(|named| !named.is_empty()) {
        Some(named) => PathBuf::from(named),
        None => std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join("decorum"),
    };
    // An account that its store halted is cleared at once, and what its phone asks is answered: a
    // person would not know of that store.
    let script = format!(
        r#"#!/bin/bash
if [ "$1" = run ]; then
    for word in "$@"; do [[ $word != http://* ]] || at=${{word#http://}}; done
    if exec 3<>"/dev/tcp/${{at%:*}}/${{at##*:}}"; then
        printf 'POST /sim/clear HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nContent-Length: 0\r\n\r\n' "$at" >&3
        cat <&3 >/dev/null
        exec 3>&-
    fi 2>/dev/null
    export DECORUM_STORE="sqlite:$DECORUM_DATA_DIR/own.db"
    '{0}' settings set min_seconds_between_actions=0 >/dev/null
    '{0}' account clear "$3" --note "in its own store" >/dev/null
fi
exec '{0}' "$@"
"#,
        real.display()
    );
    let path = folder.join("decorum");
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    path
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_that_do_not_know_of_each_other_are_found_out() {
    let mut violations = Vec::new();
    let is_found = |violations: &[String], what| violations.iter().any(|it| it.starts_with(what));
    // A busy machine may be too slow for two of them to come to one person in so short a time.
    for _ in 0..4 {
        let folder = tempfile::tempdir().unwrap();
        let plan = Soak {
            binary: Some(without_a_common_store(folder.path())),
            faults: Vec::new(),
            // What such workers leave behind may never settle, and need not.
            settles: Duration::from_secs(10),
            keep: Some(folder.path().join("kept")),
            ..over(Kind::Sqlite, 15)
        };
        violations.extend(found(&plan).await.violations());
        if is_found(&violations, "engaged twice") {
            break;
        }
    }

    assert!(is_found(&violations, "engaged twice"), "{violations:?}");
    assert!(is_found(&violations, "not on record"), "{violations:?}");
}
