//! Hard caps: no hour and no day, wherever it begins, holds more acts than its cap.

#![allow(clippy::expect_used, reason = "a test may fail")]

use decorum_core::{
    Action, Cap, ErrorClass, Finding, Outcome, RefusalReason, Timestamp, Usage, Window,
};
use proptest::prelude::*;

use crate::support::{DAY, Desk, HOUR, LIMITED, MINUTE, RELEASED, SECOND, SUCCESS, TICK, at, noon};

fn capped(hour: Option<u32>, day: Option<u32>) -> Desk {
    let mut desk = Desk::new();
    desk.settings.budgets.follow = Cap { hour, day };
    desk
}

#[test]
fn the_cap_of_the_hour_holds_until_its_oldest_act_has_left() {
    let mut desk = capped(Some(2), None);
    desk.now = at("2026-03-02T12:03:00Z");
    desk.engage(SUCCESS);
    desk.wait(MINUTE * 10).next_person().engage(SUCCESS);

    let refusal = desk.next_person().try_claim().expect_err("used up");
    let retry_at = refusal.retry_at.expect("an instant");
    assert_eq!(refusal.reason, RefusalReason::BudgetHour);
    let (least, most) = (at("2026-03-02T13:03:00Z"), at("2026-03-02T13:08:00Z"));
    assert!((least..=most).contains(&retry_at), "an hour, and at most five minutes: {retry_at}");
    desk.now = retry_at.minus(TICK);
    assert_eq!(desk.check().expect_err("used up").retry_at, Some(retry_at));
    desk.now = retry_at;
    desk.claim();
    assert_eq!(desk.next_person().check().expect_err("again").reason, RefusalReason::BudgetHour);
}

#[test]
fn the_cap_of_the_day_holds_across_hours() {
    let mut desk = capped(Some(1), Some(3));
    for _ in 0..3 {
        desk.next_person().engage(SUCCESS);
        desk.wait(HOUR * 2);
    }
    let refusal = desk.next_person().try_claim().expect_err("used up");
    assert_eq!(refusal.reason, RefusalReason::BudgetDay);
    let retry_at = refusal.retry_at.expect("an instant");
    assert!((noon().plus(DAY)..=noon().plus(DAY + MINUTE * 5)).contains(&retry_at));
    desk.now = retry_at;
    desk.claim();
}

#[test]
fn a_cap_of_all_accounts_counts_what_any_of_them_did() {
    let mut desk = Desk::new();
    desk.settings.fleet_budgets.follow = Cap { hour: None, day: Some(3) };
    // A cap that nobody counts for is not one to get past.
    assert_eq!(desk.try_claim().expect_err("unknown").reason, RefusalReason::FleetBudget);
    let mut others = Usage::default();
    others.add(Action::Follow, noon(), noon());
    let mut all = others.clone();
    all.add_all(&others);
    desk.fleet = Some(all.clone());
    desk.check().expect("two of three");
    all.add_all(&others);
    desk.fleet = Some(all);
    let refusal = desk.try_claim().expect_err("used up");
    assert_eq!(refusal.reason, RefusalReason::FleetBudget);
    desk.now = refusal.retry_at.expect("an instant");
    assert!(desk.now >= noon().plus(DAY));
    desk.claim();
}

#[test]
fn caps_of_all_accounts_are_none_where_they_are_not_named() {
    let named = serde_json::json!({ "fleet_budgets": { "follow": { "day": 500 } } });
    let settings = decorum_core::Settings::from_json(&named).expect("settings");
    assert_eq!(settings.fleet_budgets.follow, Cap { hour: None, day: Some(500) });
    assert!(settings.fleet_budgets.like.is_none());
    assert_eq!(decorum_core::Settings::default().fleet_budgets, decorum_core::Budgets::NONE);
}

#[test]
fn when_both_are_used_up_the_later_is_told() {
    let mut desk = capped(Some(1), Some(1));
    desk.engage(SUCCESS);
    let refusal = desk.next_person().try_claim().expect_err("used up");
    assert_eq!(refusal.reason, RefusalReason::BudgetDay);
    desk.now = refusal.retry_at.expect("an instant");
    desk.claim();
}

#[test]
fn a_cap_of_zero_never_allows_and_promises_no_instant() {
    for desk in [&mut capped(Some(0), None), &mut capped(None, Some(0))] {
        let refusal = desk.try_claim().expect_err("never");
        assert_eq!(refusal.retry_at, None);
        assert!(matches!(refusal.reason, RefusalReason::BudgetHour | RefusalReason::BudgetDay));
        desk.now = Timestamp::MAX;
        assert!(desk.try_claim().is_err());
    }
}

#[test]
fn no_cap_is_no_cap() {
    let mut desk = capped(None, None);
    for _ in 0..1_000 {
        desk.next_person().claim();
    }
}

#[test]
fn actions_have_their_own_budgets() {
    let mut desk = capped(Some(1), None);
    desk.engage(SUCCESS);
    desk.next_person().action = Action::Like;
    desk.claim();
}

#[test]
fn acts_under_way_count_and_what_was_given_back_does_not() {
    for (outcome, counts) in [
        (SUCCESS, true),
        (LIMITED, true),
        (Outcome::Failed(ErrorClass::Network), true),
        (Outcome::Success { presumed: true }, true),
        (RELEASED, false),
        (Outcome::Retry(Some(ErrorClass::Network)), false),
        (Outcome::Skipped(decorum_core::Skip::AlreadyDone), false),
    ] {
        let mut desk = capped(Some(1), None);
        let claim = desk.claim();
        let row = desk.latest.clone();
        assert!(desk.next_person().try_claim().is_err(), "under way");
        desk.latest = row;
        desk.commit(&claim, outcome);
        desk.account.breaker = decorum_core::Breaker::Active;
        assert_eq!(desk.next_person().try_claim().is_err(), counts, "{outcome:?}");
    }
}

#[test]
fn what_looking_found_undone_stays_used() {
    let mut desk = capped(Some(1), None);
    let claim = desk.claim();
    desk.wait(MINUTE * 3).lapse(None);
    desk.reconcile(&claim, Finding::NotDone);
    let refusal = desk.next_person().try_claim().expect_err("used");
    assert_eq!(refusal.reason, RefusalReason::BudgetHour);
}

#[test]
fn a_clock_set_back_frees_nothing() {
    let mut desk = capped(Some(1), None);
    desk.engage(SUCCESS);
    desk.back(HOUR * 2);
    assert_eq!(desk.next_person().check().expect_err("used").reason, RefusalReason::BudgetHour);
}

#[test]
fn a_lowered_cap_waits_for_as_many_as_are_too_many() {
    let mut usage = Usage::default();
    for n in 0..5 {
        let at = noon().plus(MINUTE * 10 * n);
        usage.add(Action::Like, at, at);
    }
    let now = noon().plus(MINUTE * 45);
    let cap = Cap { hour: Some(2), day: None };
    let (window, retry_at) = usage.exhausted(Action::Like, cap, now).expect("too many");
    assert_eq!(window, Window::Hour);
    assert_eq!(usage.used(Action::Like, retry_at).0, 1, "one below the cap");
    assert!(usage.used(Action::Like, retry_at.minus(TICK)).0 >= 2);
    assert_eq!(usage.exhausted(Action::Like, cap, retry_at), None);
}

#[test]
fn spacing_keeps_acts_apart() {
    let mut desk = Desk::new();
    desk.settings.min_seconds_between_actions = 20;
    let claim = desk.claim();
    let free = desk.now.plus(SECOND * 20);
    let refusal = desk.next_person().try_claim().expect_err("too soon");
    assert_eq!((refusal.reason, refusal.retry_at), (RefusalReason::TooSoon, Some(free)));
    // The act itself may come a while after its claim: then from there.
    desk.latest.hold = decorum_core::Hold::Claimed(claim.clone());
    desk.wait(SECOND * 15).commit(&claim, SUCCESS);
    let free = desk.now.plus(SECOND * 20);
    assert_eq!(desk.next_person().check().expect_err("too soon").retry_at, Some(free));
    desk.now = free.minus(TICK);
    assert!(desk.check().is_err());
    desk.now = free;
    desk.claim();
}

#[test]
fn an_act_counts_until_its_five_minutes_have_left_the_window() {
    let mut usage = Usage::default();
    let late = noon().plus(MINUTE * 5).minus(TICK);
    usage.add(Action::View, noon(), noon());
    usage.add(Action::View, late, late);
    for (window, nth) in [(HOUR, 0), (DAY, 1)] {
        let used = |now| {
            let (hour, day) = usage.used(Action::View, now);
            [hour, day][nth]
        };
        let gone = noon().plus(window + MINUTE * 5);
        assert_eq!(used(gone.minus(TICK)), 2, "both lie in the five minutes from noon");
        assert_eq!(used(gone), 0);
    }
    // It is kept in this form, which every version has to read.
    let kept = serde_json::to_value(&usage).expect("JSON");
    assert_eq!(kept, serde_json::json!({"view": {(noon().as_millis() / 300_000).to_string(): 2}}));
}

#[test]
fn what_no_window_sees_any_more_is_forgotten_with_the_next_act() {
    let gone = noon().plus(DAY + MINUTE * 5);
    for (at, forgotten) in [(gone.minus(TICK), false), (gone, true)] {
        let (mut usage, mut alone) = (Usage::default(), Usage::default());
        usage.add(Action::Like, noon(), noon());
        usage.add(Action::Like, at, at);
        alone.add(Action::Like, at, at);
        assert_eq!(usage == alone, forgotten, "{at}");
    }
}

#[test]
fn one_of_two_acts_of_the_same_minute_is_given_back_and_the_other_stays() {
    let mut usage = Usage::default();
    usage.add(Action::Like, noon(), noon());
    usage.add(Action::Like, noon(), noon());
    usage.take_back(Action::Like, noon());
    assert_eq!(usage.used(Action::Like, noon()), (1, 1));
    usage.take_back(Action::Like, noon());
    usage.take_back(Action::Like, noon());
    assert_eq!(usage.used(Action::Like, noon()), (0, 0), "never below none");
    let mut none = Usage::default();
    none.add(Action::Like, noon(), noon());
    none.take_back(Action::Like, noon());
    assert_eq!(usage, none, "nothing is left of what was given back");
}

proptest! {
    /// Against a naive list of instants, in every sliding hour and day.
    #[test]
    fn no_window_ever_holds_more_than_its_cap(
        hour in proptest::option::of(0..5_u32),
        day in proptest::option::of(0..8_u32),
        waits in proptest::collection::vec(0..7_200_000_i64, 1..60),
    ) {
        let cap_both = Cap { hour, day };
        let mut usage = Usage::default();
        let mut acts: Vec<i64> = Vec::new();
        let mut now = noon().as_millis();
        for wait in waits {
            now += wait;
            let instant = Timestamp::from_millis(now);
            let within = |span: i64| acts.iter().filter(|t| **t > now - span).count();
            match usage.exhausted(Action::View, cap_both, instant) {
                None => {
                    acts.push(now);
                    usage.add(Action::View, instant, instant);
                    for (span, cap) in [(3_600_000, hour), (86_400_000, day)] {
                        let n = acts.iter().filter(|t| **t > now - span).count();
                        prop_assert!(cap.is_none_or(|cap| n <= cap as usize));
                    }
                }
                Some((_, Timestamp::MAX)) => prop_assert!(hour == Some(0) || day == Some(0)),
                Some((window, retry_at)) => {
                    let (span, cap) = match window {
                        Window::Hour => (3_600_000, hour),
                        Window::Day => (86_400_000, day),
                    };
                    // At most five minutes more careful than need be.
                    prop_assert!(within(span + 300_000) >= cap.expect("a cap") as usize);
                    prop_assert!(retry_at > instant);
                    let one_more = usage.exhausted(Action::View, cap_both, retry_at);
                    prop_assert_eq!(one_more, None);
                    let before = usage.exhausted(Action::View, cap_both, retry_at.minus(TICK));
                    prop_assert!(before.is_some());
                }
            }
        }
    }

    #[test]
    fn giving_back_undoes_counting(
        before in proptest::collection::vec(0..90_000_000_i64, 0..20),
        act in 0..90_000_000_i64,
    ) {
        let mut usage = Usage::default();
        let mut sorted = before;
        sorted.sort_unstable();
        for t in sorted.iter().filter(|t| **t <= act) {
            let at = noon().plus(std::time::Duration::from_millis(t.unsigned_abs()));
            usage.add(Action::Follow, at, at);
        }
        let now = noon().plus(std::time::Duration::from_millis(act.unsigned_abs()));
        let used = usage.used(Action::Follow, now);
        usage.add(Action::Follow, now, now);
        prop_assert_eq!(usage.used(Action::Follow, now), (used.0 + 1, used.1 + 1));
        usage.take_back(Action::Follow, now);
        prop_assert_eq!(usage.used(Action::Follow, now), used);
        usage.take_back(Action::Comment, now);
    }
}

#[test]
fn where_all_accounts_together_may_do_nothing_there_is_nothing_to_wait_for() {
    let mut desk = Desk::new();
    desk.fleet = Some(Usage::default());
    for cap in [Cap { hour: Some(0), day: None }, Cap { hour: None, day: Some(0) }] {
        desk.settings.fleet_budgets.follow = cap;
        let refusal = desk.check().expect_err("nothing is allowed");
        assert_eq!((refusal.reason, refusal.retry_at), (RefusalReason::FleetBudget, None));
    }
}
