//! After a cooldown an account works up to its budgets.

#![allow(clippy::expect_used, reason = "a test may fail")]

use std::time::Duration;

use decorum_core::{Action, Breaker, Cap, Ramp, RefusalReason, Settings};
use proptest::prelude::*;

use crate::support::{DAY, Desk, HOUR, LIMITED, MINUTE, SECOND, SUCCESS, TICK, noon};

/// An account that came out of a cooldown this moment, with so many follows an hour.
fn back(hour: Option<u32>) -> Desk {
    let mut desk = Desk::new();
    desk.settings.cooldown_after_consecutive = 1;
    desk.engage(LIMITED);
    desk.settings.budgets.follow = Cap { hour, day: None };
    // The act that was refused no longer counts.
    desk.settings.cooldown_minutes = 45;
    desk.account.breaker = Breaker::Cooldown { since: desk.now, until: desk.now.plus(HOUR * 2) };
    desk.wait(HOUR * 2);
    desk
}

fn acts_until_refused(desk: &mut Desk) -> u32 {
    let mut acts = 0;
    while desk.next_person().check().is_ok() {
        desk.engage(SUCCESS);
        acts += 1;
        assert!(acts < 1000, "nothing ever ends what the account does");
    }
    assert_eq!(desk.check().expect_err("used up").reason, RefusalReason::BudgetHour);
    acts
}

#[test]
fn caps_begin_at_a_quarter_and_are_whole_after_a_day() {
    for (hours, acts) in [(0, 5), (8, 10), (16, 15), (24, 20), (100, 20)] {
        let mut desk = back(Some(20));
        desk.wait(HOUR * hours);
        assert_eq!(acts_until_refused(&mut desk), acts, "{hours} hours after the cooldown");
    }
}

#[test]
fn it_ends_to_the_millisecond_and_is_forgotten_by_the_next_success() {
    let mut desk = back(Some(20));
    let since = desk.now;
    desk.engage(SUCCESS);
    assert_eq!(desk.account.breaker, Breaker::Ramp { since });
    assert_eq!(desk.account.breaker.name(desk.now), "active");
    desk.now = since.plus(DAY).minus(TICK);
    assert!(Ramp::at(desk.account.breaker.ramp(desk.now), &desk.settings, desk.now).is_some());
    desk.now = since.plus(DAY);
    assert_eq!(Ramp::at(desk.account.breaker.ramp(desk.now), &desk.settings, desk.now), None);
    desk.next_person().engage(SUCCESS);
    assert_eq!(desk.account.breaker, Breaker::Active);
}

#[test]
fn the_distance_between_two_acts_begins_at_four_times_the_usual() {
    for (hours, distance) in [(0, 80), (8, 40), (24, 20)] {
        let mut desk = back(None);
        desk.settings.min_seconds_between_actions = 20;
        desk.wait(HOUR * hours).engage(SUCCESS);
        let refusal = desk.next_person().check().expect_err("too soon");
        assert_eq!(refusal.reason, RefusalReason::TooSoon);
        assert_eq!(refusal.retry_at, Some(desk.now.plus(SECOND * distance)));
        desk.wait(SECOND * distance).engage(SUCCESS);
    }
}

#[test]
fn a_backoff_on_the_ramp_does_not_end_it() {
    let mut desk = back(Some(20));
    let since = desk.now;
    desk.settings.cooldown_after_consecutive = 3;
    desk.next_person().engage(LIMITED);
    assert_eq!(desk.account.breaker.consecutive(), 1, "the counts start anew");
    desk.wait(MINUTE).next_person().engage(SUCCESS);
    assert_eq!(desk.account.breaker, Breaker::Ramp { since });
}

#[test]
fn a_person_who_clears_the_account_ends_it() {
    let desk = back(Some(20));
    assert_eq!(desk.account.breaker.clone().cleared(), Breaker::Active);
}

#[test]
fn without_hours_there_is_none() {
    let mut desk = back(Some(20));
    desk.settings.ramp_hours = 0;
    assert_eq!(acts_until_refused(&mut desk), 20);
    assert_eq!(desk.account.breaker, Breaker::Active);
}

#[test]
fn a_cap_that_allows_anything_allows_one() {
    for cap in 1..=4 {
        assert_eq!(acts_until_refused(&mut back(Some(cap))), 1);
    }
    let mut closed = back(Some(0));
    assert!(closed.next_person().check().is_err());
    let mut other = back(Some(20));
    other.action = Action::Like;
    assert_eq!(other.next_person().check(), Ok(()), "no cap is no cap on the ramp either");
}

proptest! {
    #[test]
    fn it_only_grows_and_never_beyond_the_cap(
        hours in 1_u32..=720,
        cap in any::<u32>(),
        spacing in 0_u64..86_400,
        mut moments in proptest::collection::vec(0_u64..720 * 3_600_000, 2),
    ) {
        moments.sort_unstable();
        let settings = Settings { ramp_hours: hours, ..Settings::default() };
        let whole = Cap { hour: Some(cap), day: None };
        let usual = Duration::from_secs(spacing);
        let at = |ms| {
            let ramp = Ramp::at(Some(noon()), &settings, noon().plus(Duration::from_millis(ms)));
            ramp.map_or((cap, usual), |r| {
                (r.of_cap(whole).hour.expect("a cap"), r.of_spacing(usual))
            })
        };
        let ((cap_before, far), (cap_after, near)) = (at(moments[0]), at(moments[1]));
        prop_assert!(cap / 4 <= cap_before && cap_before <= cap_after && cap_after <= cap);
        prop_assert!(usual <= near && near <= far && far <= usual * 4);
    }
}

#[test]
fn what_is_over_is_not_given_as_a_reason() {
    let (settings, since) = (Settings::default(), noon());
    let over = since.plus(settings.ramp());
    for breaker in
        [Breaker::Ramp { since }, Breaker::Cooldown { since: since.minus(HOUR), until: since }]
    {
        let just_before = over.minus(Duration::from_millis(1));
        let why = breaker.explained(just_before, &settings).expect("a reason");
        assert!(why.starts_with("works up"), "{why}");
        // Nothing happened since, so the state is still the same.
        assert_eq!(breaker.explained(over, &settings), None, "{breaker:?}");
    }
}
