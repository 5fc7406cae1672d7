//! The deduplication policy at the exact instant: refused until one millisecond before the
//! window ends, free at its end.

#![allow(clippy::expect_used, reason = "a test may fail")]

use decorum_core::policy::window_ends;
use decorum_core::{ErrorClass, Outcome, RefusalReason, Settings, Skip};

use crate::support::{DAY, Desk, HOUR, SUCCESS, TICK, free, noon};

/// Every outcome there is, with the days it keeps people from being engaged again and the
/// reason they are refused for.
fn table() -> Vec<(Outcome, Option<(u32, RefusalReason)>)> {
    use RefusalReason::{AlreadyEngaged, PrivateAccount, TargetUnavailable};
    let mut table = vec![
        (SUCCESS, Some((30, AlreadyEngaged))),
        (Outcome::Success { presumed: true }, Some((30, AlreadyEngaged))),
        (Outcome::Skipped(Skip::AlreadyDone), Some((30, AlreadyEngaged))),
        (Outcome::Skipped(Skip::Private), Some((7, PrivateAccount))),
        (Outcome::Skipped(Skip::NothingThere), Some((1, AlreadyEngaged))),
        (Outcome::Skipped(Skip::Other), None),
        (Outcome::Retry(None), None),
    ];
    for class in ErrorClass::ALL {
        table.push((Outcome::Retry(Some(*class)), None));
        let failed = match class {
            ErrorClass::TargetUnavailable => Some((30, TargetUnavailable)),
            ErrorClass::PrivateAccount => Some((7, PrivateAccount)),
            _ => None,
        };
        table.push((Outcome::Failed(*class), failed));
    }
    table
}

#[test]
fn every_outcome_has_its_window() {
    for (outcome, expected) in table() {
        let ends = window_ends(outcome, noon(), &Settings::default());
        assert_eq!(ends, expected.map(|(days, _)| noon().plus(DAY * days)), "{outcome:?}");
    }
}

#[test]
fn the_window_ends_at_the_exact_instant() {
    for (outcome, expected) in table() {
        let mut desk = Desk::new();
        desk.engage(outcome);
        // The account's own state is not what this is about.
        desk.account.breaker = decorum_core::Breaker::Active;
        let Some((days, reason)) = expected else {
            assert_eq!(desk.check(), Ok(()), "{outcome:?}");
            continue;
        };
        let ends = noon().plus(DAY * days);
        for now in [noon(), ends.minus(HOUR), ends.minus(TICK)] {
            desk.now = now;
            let refusal = desk.check().expect_err("within the window");
            assert_eq!((refusal.reason, refusal.retry_at), (reason, Some(ends)), "{outcome:?}");
        }
        desk.now = ends;
        assert_eq!(desk.check(), Ok(()), "{outcome:?}");
        desk.claim();
    }
}

#[test]
fn nothing_there_is_told_from_already_engaged_by_its_reason() {
    for reason in ["no_posts", "no_story"] {
        let mut desk = Desk::new();
        let claim = desk.claim();
        let mut report = desk.report(&claim, Outcome::Skipped(Skip::NothingThere));
        report.reason = Some(reason.to_owned());
        desk.settle(report);
        let refusal = desk.check().expect_err("within the window");
        assert_eq!(refusal.reason, RefusalReason::NothingThere);
        assert_eq!(refusal.retry_at, Some(noon().plus(DAY)));
    }
}

#[test]
fn the_settings_set_the_windows() {
    let settings = Settings { reengagement_days: 2, private_retry_days: 3, ..free() };
    let ends = |outcome| window_ends(outcome, noon(), &settings);
    assert_eq!(ends(SUCCESS), Some(noon().plus(DAY * 2)));
    assert_eq!(ends(Outcome::Skipped(Skip::Private)), Some(noon().plus(DAY * 3)));
}

#[test]
fn a_later_outcome_that_says_less_does_not_shorten_a_window() {
    let mut desk = Desk::new();
    let claim = desk.claim();
    desk.commit(&claim, SUCCESS);
    let until = noon().plus(DAY * 30);
    for outcome in [
        Outcome::Skipped(Skip::Private),
        Outcome::Skipped(Skip::NothingThere),
        Outcome::Failed(ErrorClass::Network),
        Outcome::Retry(None),
    ] {
        desk.wait(HOUR).observe(decorum_core::Seen::Outcome(outcome));
        assert_eq!(desk.check().expect_err("engaged").retry_at, Some(until), "{outcome:?}");
    }
    // One that says as much, later, does extend it.
    desk.wait(HOUR).observe(decorum_core::Seen::Outcome(Outcome::Skipped(Skip::AlreadyDone)));
    assert_eq!(desk.check().expect_err("engaged").retry_at, Some(desk.now.plus(DAY * 30)));
}
