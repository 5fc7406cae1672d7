//! The circuit breaker, transition by transition.

#![allow(clippy::expect_used, reason = "a test may fail")]

use std::time::Duration;

use decorum_core::breaker::{Rest, backoff};
use decorum_core::{
    Breaker, ClaimId, ErrorClass, Finding, HaltReason, Jitter, Outcome, RefusalReason, Settings,
    Signal, Skip, Timestamp,
};

use crate::support::{
    Desk, LIMITED, MINUTE, NETWORK, RELEASED, SECOND, SUCCESS, TICK, claim_id, noon,
};

const SECONDS: [u64; 4] = [60, 120, 300, 600];

fn after(breaker: Breaker, signal: Signal, claim: Option<ClaimId>, now: Timestamp) -> Breaker {
    let settings = Settings { cooldown_after_consecutive: 100, ..Settings::default() };
    breaker.after(signal, claim, "seen", now, &settings, Jitter::default())
}

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

#[test]
fn each_strike_in_a_row_rests_longer_and_the_last_step_repeats() {
    let mut breaker = Breaker::Active;
    let mut now = noon();
    for (n, step) in SECONDS.into_iter().chain([600, 600]).enumerate() {
        breaker = after(breaker, Signal::RateLimited, None, now);
        let until = now.plus(seconds(step));
        assert_eq!(breaker.until(now), Some(until), "strike {}", n + 1);
        assert_eq!(breaker.consecutive() as usize, n + 1);
        assert_eq!(breaker.name(now), "backoff");
        assert_eq!(breaker.admits(until.minus(TICK)), Err(Rest::Backoff(until)));
        assert_eq!(breaker.admits(until), Ok(()));
        assert_eq!(breaker.name(until), "backoff", "the probe decides");
        assert_eq!(breaker.until(until), None);
        now = until;
    }
}

#[test]
fn jitter_varies_the_rest_by_a_quarter_both_ways_and_no_more() {
    let settings = Settings::default();
    for (n, step) in (1..).zip(SECONDS) {
        let rest = |share| backoff(n, &settings, Jitter::new(share));
        assert_eq!(rest(0.0), seconds(step));
        assert_eq!(rest(-1.0), seconds(step).mul_f64(0.75));
        assert_eq!(rest(1.0), seconds(step).mul_f64(1.25));
        assert_eq!(rest(-9.0), rest(-1.0), "clamped");
        assert_eq!(rest(f64::INFINITY), rest(1.0));
        assert_eq!(rest(f64::NAN), rest(0.0));
    }
    let none = Settings { backoff_jitter: 0.0, ..settings };
    assert_eq!(backoff(1, &none, Jitter::new(1.0)), MINUTE);
    assert_eq!(backoff(u32::MAX, &none, Jitter::new(1.0)), MINUTE * 10);
}

#[test]
fn the_third_strike_brings_the_cooldown_of_45_minutes() {
    let mut desk = Desk::new();
    let mut claims = vec![];
    for _ in 0..3 {
        claims.push(desk.next_person().claim());
    }
    for claim in &claims[..2] {
        desk.commit(claim, LIMITED);
        assert_eq!(desk.account.breaker.name(desk.now), "backoff");
    }
    desk.commit(&claims[2], LIMITED);
    let until = desk.now.plus(MINUTE * 45);
    assert_eq!(desk.account.breaker, Breaker::Cooldown { since: desk.now, until });
    assert_eq!(desk.account.breaker.consecutive(), 0);

    let refusal = desk.next_person().check().expect_err("rests");
    assert_eq!((refusal.reason, refusal.retry_at), (RefusalReason::AccountCooldown, Some(until)));
    desk.now = until.minus(TICK);
    assert!(desk.check().is_err());
    assert_eq!(desk.account.breaker.name(desk.now), "cooldown");
    desk.now = until;
    assert_eq!(desk.account.breaker.name(desk.now), "active");
    // After a cooldown the counts start anew: no probe, and the next strike is the first.
    desk.claim();
    assert_eq!(desk.account.breaker, Breaker::Ramp { since: until });
    let second = desk.next_person().claim();
    desk.commit(&second, LIMITED);
    assert_eq!(desk.account.breaker.consecutive(), 1);
}

#[test]
fn a_strike_in_a_cooldown_starts_it_over_and_never_shortens_it() {
    let mut desk = Desk::new();
    desk.settings.cooldown_after_consecutive = 1;
    let (first, second, third) =
        (desk.claim(), desk.next_person().claim(), desk.next_person().claim());
    desk.commit(&first, LIMITED);
    desk.wait(MINUTE * 10).commit(&second, LIMITED);
    assert_eq!(desk.account.breaker.until(desk.now), Some(desk.now.plus(MINUTE * 45)));
    desk.settings.cooldown_minutes = 1;
    desk.commit(&third, LIMITED);
    assert_eq!(desk.account.breaker.until(desk.now), Some(desk.now.plus(MINUTE * 45)));
}

#[test]
fn a_strike_after_a_cooldown_that_nobody_used_is_the_first() {
    let breaker = Breaker::Cooldown { since: noon(), until: noon().plus(MINUTE) };
    let now = noon().plus(MINUTE);
    let breaker = after(breaker, Signal::RateLimited, None, now);
    assert_eq!((breaker.consecutive(), breaker.until(now)), (1, Some(now.plus(MINUTE))));
}

/// An account whose backoff is over, with its probe under way.
fn probing() -> (Desk, decorum_core::Claim) {
    let mut desk = Desk::new();
    desk.engage(LIMITED);
    desk.wait(MINUTE).next_person();
    let probe = desk.claim();
    assert_eq!(
        desk.account.breaker,
        Breaker::HalfOpen { consecutive: 1, since: desk.now, probe: probe.id, ramp: None }
    );
    (desk, probe)
}

#[test]
fn one_probe_is_let_through_and_nobody_else() {
    let (mut desk, probe) = probing();
    let row = desk.latest.clone();
    let refusal = desk.next_person().try_claim().expect_err("one at a time");
    assert_eq!((refusal.reason, refusal.retry_at), (RefusalReason::ProbeInFlight, None));
    desk.wait(MINUTE * 600);
    assert_eq!(desk.check().expect_err("still").reason, RefusalReason::ProbeInFlight);
    assert_eq!(desk.account.breaker.until(desk.now), None);

    desk.latest = row;
    desk.commit(&probe, SUCCESS);
    assert_eq!(desk.account.breaker, Breaker::Active);
    desk.next_person().claim();
    desk.next_person().claim();
}

#[test]
fn a_probe_that_is_limited_is_the_next_strike() {
    let (mut desk, probe) = probing();
    desk.commit(&probe, LIMITED);
    assert_eq!(desk.account.breaker.consecutive(), 2);
    assert_eq!(desk.account.breaker.until(desk.now), Some(desk.now.plus(MINUTE * 2)));
}

#[test]
fn a_probe_that_says_nothing_leaves_the_next_one_to_try() {
    for outcome in [
        RELEASED,
        NETWORK,
        Outcome::Failed(ErrorClass::TargetUnavailable),
        Outcome::Skipped(Skip::AlreadyDone),
        Outcome::Success { presumed: true },
    ] {
        let (mut desk, probe) = probing();
        desk.commit(&probe, outcome);
        assert_eq!(desk.account.breaker.consecutive(), 1, "{outcome:?}");
        let next = desk.next_person().claim();
        assert!(matches!(
            desk.account.breaker,
            Breaker::HalfOpen { probe, .. } if probe == next.id
        ));
    }
}

#[test]
fn a_probe_that_vanished_is_settled_by_looking() {
    for (finding, strikes) in [(Finding::Done, 0), (Finding::NotDone, 1), (Finding::CannotTell, 1)]
    {
        let (mut desk, probe) = probing();
        desk.wait(MINUTE * 2);
        assert!(desk.lapse(None));
        let row = desk.latest.clone();
        assert_eq!(
            desk.next_person().check().expect_err("unsettled").reason,
            RefusalReason::ProbeInFlight
        );
        desk.latest = row;
        desk.reconcile(&probe, finding);
        assert_eq!(desk.account.breaker.consecutive(), strikes, "{finding:?}");
        desk.next_person().claim();
    }
}

#[test]
fn a_success_that_comes_late_does_not_end_a_backoff() {
    let mut desk = Desk::new();
    let slow = desk.claim();
    let slow_row = desk.latest.clone();
    let limited = desk.next_person().claim();
    desk.commit(&limited, LIMITED);
    let resting = desk.account.breaker.clone();

    desk.latest = slow_row;
    desk.wait(SECOND).commit(&slow, SUCCESS);
    assert_eq!(desk.account.breaker, resting);
}

#[test]
fn somebody_elses_success_does_not_end_a_probe() {
    let mut desk = Desk::new();
    let slow = desk.claim();
    let slow_row = desk.latest.clone();
    desk.next_person().engage(LIMITED);
    desk.wait(MINUTE).next_person();
    let probe = desk.claim();

    desk.latest = slow_row;
    desk.commit(&slow, SUCCESS);
    assert!(matches!(desk.account.breaker, Breaker::HalfOpen { probe: p, .. } if p == probe.id));
}

#[test]
fn a_strike_while_resting_counts_and_never_shortens_the_rest() {
    let until = noon().plus(MINUTE * 60);
    let long = Breaker::Backoff { consecutive: 1, since: noon(), until, ramp: None };
    let now = noon().plus(SECOND);
    let breaker = after(long, Signal::RateLimited, None, now);
    assert_eq!(breaker.consecutive(), 2);
    assert_eq!(breaker.until(now), Some(noon().plus(MINUTE * 60)));
}

fn every_state() -> Vec<Breaker> {
    let (since, until) = (noon(), noon().plus(MINUTE));
    vec![
        Breaker::Active,
        Breaker::Backoff { consecutive: 2, since, until, ramp: None },
        Breaker::Ramp { since },
        Breaker::HalfOpen { consecutive: 2, since, probe: claim_id(9), ramp: None },
        Breaker::Cooldown { since, until },
        Breaker::Halted { reason: HaltReason::Operator, detail: "mine".to_owned(), since },
    ]
}

#[test]
fn a_halt_stops_every_state_and_the_first_halt_stays() {
    for state in every_state() {
        let halted_before = matches!(state, Breaker::Halted { .. });
        for claim in [None, Some(claim_id(9))] {
            let signal = Signal::Halt(HaltReason::Challenge);
            let halted = after(state.clone(), signal, claim, noon());
            let reason = if halted_before { HaltReason::Operator } else { HaltReason::Challenge };
            assert_eq!(halted.admits(Timestamp::MAX), Err(Rest::Halted(reason)));
            assert_eq!(halted.name(Timestamp::MAX), "halted");
            for signal in [Signal::Success, Signal::Neutral, Signal::RateLimited] {
                assert_eq!(after(halted.clone(), signal, claim, noon()), halted);
            }
            assert_eq!(halted.clone().admitted(claim_id(1), Timestamp::MAX), halted);
            assert_eq!(halted.cleared(), Breaker::Active);
        }
    }
}

#[test]
fn a_reason_to_halt_has_one_word_everywhere() {
    for (reason, word) in [
        (HaltReason::Challenge, "challenge"),
        (HaltReason::LoggedOut, "logged_out"),
        (HaltReason::AccountSuspended, "account_suspended"),
        (HaltReason::UnknownMessage, "unknown_message"),
        (HaltReason::Operator, "operator"),
    ] {
        assert_eq!(reason.as_str(), word);
        assert_eq!(reason.to_string(), word);
        assert_eq!(serde_json::to_value(reason).expect("JSON"), word);
    }
}

#[test]
fn a_jitter_that_is_read_is_the_one_that_was_written_and_no_more_than_a_whole() {
    for share in [-1.0, -0.25, 0.0, 0.1, 1.0] {
        let jitter = Jitter::new(share);
        let text = serde_json::to_string(&jitter).expect("JSON");
        assert_eq!(serde_json::from_str::<Jitter>(&text).expect(&text), jitter);
    }
    assert_eq!(serde_json::from_str::<Jitter>("7.5").expect("a number"), Jitter::new(1.0));
}

#[test]
fn clearing_makes_every_state_active() {
    for state in every_state() {
        assert_eq!(state.cleared(), Breaker::Active);
    }
}

#[test]
fn a_neutral_signal_changes_nothing_but_a_probe() {
    for state in every_state() {
        assert_eq!(after(state.clone(), Signal::Neutral, None, noon()), state);
        assert_eq!(after(state.clone(), Signal::Success, Some(claim_id(1)), noon()), state);
    }
}

#[test]
fn admitting_where_nothing_is_due_changes_nothing() {
    for state in every_state() {
        assert_eq!(state.clone().admitted(claim_id(1), noon()), state);
    }
}

#[test]
fn every_error_class_means_exactly_one_thing() {
    for class in ErrorClass::ALL {
        let expected = match class {
            ErrorClass::RateLimited | ErrorClass::ActionBlocked => Signal::RateLimited,
            ErrorClass::Challenge => Signal::Halt(HaltReason::Challenge),
            ErrorClass::LoggedOut => Signal::Halt(HaltReason::LoggedOut),
            ErrorClass::AccountSuspended => Signal::Halt(HaltReason::AccountSuspended),
            ErrorClass::Unknown => Signal::Halt(HaltReason::UnknownMessage),
            ErrorClass::PrivateAccount
            | ErrorClass::TargetUnavailable
            | ErrorClass::Network
            | ErrorClass::App
            | ErrorClass::Device => Signal::Neutral,
        };
        assert_eq!(Signal::from(*class), expected);
        assert_eq!(Signal::from(Outcome::Failed(*class)), expected);
        assert_eq!(Signal::from(Outcome::Retry(Some(*class))), expected);
    }
    assert_eq!(Signal::from(SUCCESS), Signal::Success);
    for outcome in [
        Outcome::Success { presumed: true },
        RELEASED,
        Outcome::Skipped(Skip::AlreadyDone),
        Outcome::Skipped(Skip::Private),
    ] {
        assert_eq!(Signal::from(outcome), Signal::Neutral);
    }
}

#[test]
fn trouble_outside_an_engagement_counts_and_is_remembered() {
    let mut desk = Desk::new();
    let (settings, now) = (desk.settings.clone(), desk.now);
    let error =
        desk.account.report(ErrorClass::LoggedOut, "log in", now, &settings, Jitter::default());
    assert_eq!((error.error_class, error.detail.as_str()), (ErrorClass::LoggedOut, "log in"));
    assert_eq!((error.ts, error.event_id), (now, None));
    let refusal = desk.check().expect_err("halted");
    assert_eq!((refusal.reason, refusal.retry_at), (RefusalReason::AccountHalted, None));
}

#[test]
fn the_error_history_holds_trouble_and_not_what_a_persons_page_said() {
    for class in ErrorClass::ALL {
        let settled = Desk::new().engage(Outcome::Failed(*class));
        let about_target =
            matches!(class, ErrorClass::PrivateAccount | ErrorClass::TargetUnavailable);
        assert_eq!(settled.error.is_none(), about_target, "{class}");
        if let Some(error) = settled.error {
            assert_eq!((error.error_class, error.event_id), (*class, Some(settled.event.id)));
            assert_eq!((error.detail.as_str(), error.ts), ("as seen", settled.event.ts));
        }
    }
    assert!(Desk::new().engage(SUCCESS).error.is_none());
}

#[test]
fn what_is_kept_of_a_text_is_no_longer_than_a_person_reads() {
    let mut desk = Desk::new();
    let claim = desk.claim();
    let mut report = desk.report(&claim, Outcome::Failed(ErrorClass::Unknown));
    report.detail = "ä".repeat(1_000_000);
    let detail = desk.settle(report).error.expect("an error").detail;
    assert!(detail.chars().count() <= 2_001 && detail.ends_with('…'), "{}", detail.len());
    let Breaker::Halted { detail: shown, .. } = &desk.account.breaker else {
        unreachable!("an unknown message halts")
    };
    assert_eq!(*shown, detail);
}

#[test]
fn a_person_is_told_why_in_one_line() {
    let settings = Settings { ramp_hours: 24, ..Settings::default() };
    let (since, until) = (noon(), noon().plus(MINUTE));
    let whole = until.plus(settings.ramp());
    let cooldown = Breaker::Cooldown { since, until };
    let ramp = Breaker::Ramp { since: until };
    let limited = Breaker::Backoff { consecutive: 2, since, until, ramp: None };
    let halted = |detail: &str| Breaker::Halted {
        reason: HaltReason::Challenge,
        since,
        detail: detail.to_owned(),
    };
    let up = Some("works up to its budgets after a cooldown");
    for (breaker, now, told) in [
        (Breaker::Active, since, None),
        (limited, since, Some("rate limited 2 in a row")),
        (cooldown.clone(), since, Some("rate limited too often in a row")),
        (cooldown.clone(), until.minus(TICK), Some("rate limited too often in a row")),
        (cooldown.clone(), until, up),
        (cooldown.clone(), whole.minus(TICK), up),
        (cooldown, whole, None),
        (ramp.clone(), until, up),
        (ramp, whole, None),
        (halted(""), since, Some("challenge")),
        (halted("Confirm\n it's  you"), since, Some("challenge: Confirm it's you")),
    ] {
        let line = breaker.explained(now, &settings);
        assert_eq!(line.as_deref(), told, "{breaker:?} at {now}");
    }
}
