//! Outcomes from the three fields callers write.

#![allow(clippy::expect_used, reason = "a test may fail")]

use decorum_core::outcome::reason;
use decorum_core::{ErrorClass, Outcome, OutcomeError, Skip, Status};

fn read(
    status: Status,
    reason: Option<&str>,
    class: Option<ErrorClass>,
) -> Result<Outcome, OutcomeError> {
    Outcome::from_fields(status, reason, class)
}

#[test]
fn a_success_is_presumed_only_if_it_says_so() {
    let success = |reason| read(Status::Success, reason, None);
    assert_eq!(success(None), Ok(Outcome::Success { presumed: false }));
    assert_eq!(success(Some("fine")), Ok(Outcome::Success { presumed: false }));
    for presumed in [reason::PRESUMED, reason::UNCONFIRMED] {
        assert_eq!(success(Some(presumed)), Ok(Outcome::Success { presumed: true }));
    }
}

#[test]
fn a_skip_is_known_by_its_reason() {
    for (reason, skip) in [
        (Some("already_following"), Skip::AlreadyDone),
        (Some("already_requested"), Skip::AlreadyDone),
        (Some("already_liked"), Skip::AlreadyDone),
        (Some("follows_you"), Skip::AlreadyDone),
        (Some("private_account"), Skip::Private),
        (Some("private"), Skip::Private),
        (Some("no_posts"), Skip::NothingThere),
        (Some("no_story"), Skip::NothingThere),
        (Some("it rained"), Skip::Other),
        (None, Skip::Other),
    ] {
        assert_eq!(read(Status::Skipped, reason, None), Ok(Outcome::Skipped(skip)), "{reason:?}");
    }
    let private = read(Status::Skipped, None, Some(ErrorClass::PrivateAccount));
    assert_eq!(private, Ok(Outcome::Skipped(Skip::Private)));
}

#[test]
fn a_skip_over_what_the_platform_said_keeps_what_it_said() {
    for class in [
        ErrorClass::RateLimited,
        ErrorClass::ActionBlocked,
        ErrorClass::Challenge,
        ErrorClass::LoggedOut,
        ErrorClass::AccountSuspended,
    ] {
        let outcome = read(Status::Skipped, Some("it said no"), Some(class));
        assert_eq!(outcome, Ok(Outcome::Retry(Some(class))), "{class}");
    }
    let missing = read(Status::Skipped, None, Some(ErrorClass::TargetUnavailable));
    assert_eq!(missing, Ok(Outcome::Failed(ErrorClass::TargetUnavailable)));
    for class in [ErrorClass::Network, ErrorClass::App, ErrorClass::Device, ErrorClass::Unknown] {
        let outcome = read(Status::Skipped, None, Some(class));
        assert_eq!(outcome, Ok(Outcome::Skipped(Skip::Other)), "{class}");
    }
}

#[test]
fn failures_have_a_class_and_retries_may() {
    assert_eq!(read(Status::Failed, Some("x"), None), Err(OutcomeError::NoClass));
    assert_eq!(read(Status::Retry, None, None), Ok(Outcome::Retry(None)));
    for class in ErrorClass::ALL {
        assert_eq!(read(Status::Failed, None, Some(*class)), Ok(Outcome::Failed(*class)));
        assert_eq!(read(Status::Retry, None, Some(*class)), Ok(Outcome::Retry(Some(*class))));
    }
    assert_eq!(read(Status::DedupeHit, None, None), Err(OutcomeError::DedupeHit));
}

#[test]
fn the_fields_of_an_outcome_read_back_as_the_outcome() {
    let mut outcomes = vec![Outcome::Success { presumed: false }, Outcome::Retry(None)];
    for class in ErrorClass::ALL {
        outcomes.extend([Outcome::Failed(*class), Outcome::Retry(Some(*class))]);
    }
    for outcome in outcomes {
        assert_eq!(read(outcome.status(), None, outcome.error_class()), Ok(outcome));
    }
    assert_eq!(Outcome::Skipped(Skip::Private).error_class(), Some(ErrorClass::PrivateAccount));
    assert!(Outcome::Failed(ErrorClass::Network).acted(), "it may have reached the platform");
    assert!(!Outcome::Retry(Some(ErrorClass::Network)).acted());
}
