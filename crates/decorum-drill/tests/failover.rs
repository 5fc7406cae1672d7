//! The drill in short, with everything that can befall a primary.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test says what it relies on")]

use std::time::Duration;

use decorum_core::DedupScope;
use decorum_drill::{Failover, Fault, failover};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_engaged_twice_and_nothing_is_lost_while_primaries_die() {
    let drill = Failover {
        lasts: Duration::from_secs(20),
        every: Duration::from_secs(4),
        faults: vec![Fault::Kill, Fault::StepDown, Fault::Kill, Fault::Pause],
        writers: 4,
        scope: DedupScope::Account,
    };

    let findings = failover(&drill, |_| {}).await.unwrap();

    assert_eq!(findings.violations(), Vec::<String>::new(), "{findings}");
    assert!(findings.struck >= 3, "{findings}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drill_that_shows_nothing_does_not_pass() {
    let drill = Failover {
        lasts: Duration::ZERO,
        every: Duration::from_secs(1),
        faults: vec![Fault::Kill],
        writers: 1,
        scope: DedupScope::Fleet,
    };

    let findings = failover(&drill, |_| {}).await.unwrap();

    assert!(findings.violations()[0].contains("nothing was shown"), "{findings}");
}
