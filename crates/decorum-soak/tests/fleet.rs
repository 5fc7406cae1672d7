//! A small fleet: phones, accounts and workers as real processes on a real replica set.

#![allow(clippy::unwrap_used, reason = "a test says what it relies on")]
#![allow(clippy::print_stderr, reason = "a failure is repeated by the seed it prints")]

use std::sync::atomic::AtomicBool;

use decorum_soak::{Fleet, fleet};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_engaged_twice_by_a_fleet_that_loses_workers_and_phones() {
    let seed = std::env::var("DECORUM_SEED").ok().and_then(|seed| seed.parse().ok());
    let plan = Fleet::small(seed.unwrap_or_else(|| fastrand::u64(..)));
    eprintln!("DECORUM_SEED={} repeats this", plan.seed);

    let (found, kept) =
        fleet(&plan, &AtomicBool::new(false), |how| eprintln!("{how}")).await.unwrap();

    eprintln!("{found}{kept:?}");
    assert_eq!(found.violations(), Vec::<String>::new(), "{found}");
    assert!(found.effects >= plan.targets / 3, "{found}");
    assert_eq!((found.kills, found.losses), (plan.kills, plan.losses), "{found}");
}
