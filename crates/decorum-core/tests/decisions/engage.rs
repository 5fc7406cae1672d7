//! Check, claim, commit, reconcile: the whole decision.

#![allow(clippy::expect_used, reason = "a test may fail")]

use decorum_core::engage::is_reconciliation;
use decorum_core::{
    Account, Breaker, Cap, ClaimRequest, DedupScope, ErrorClass, Finding, HaltReason, Hold, Latest,
    Lease, Outcome, QuietHours, Refusal, RefusalReason, Report, Seen, Skip, Status, Timestamp,
};
use serde_json::json;

use crate::support::{
    DAY, Desk, HOUR, LIMITED, MINUTE, NETWORK, RELEASED, SECOND, SUCCESS, TICK, claim_id, holder,
    metadata, noon,
};

fn reason(desk: &Desk) -> Option<RefusalReason> {
    desk.check().err().map(|refusal| refusal.reason)
}

/// A desk with every reason to refuse at once; taken away one by one, in the order in which
/// they are told.
#[test]
fn reasons_are_told_in_the_order_of_how_long_they_hold() {
    let mut desk = Desk::new();
    desk.engage(Outcome::Failed(ErrorClass::TargetUnavailable));
    desk.wait(MINUTE);
    let claim = {
        let mut other = desk.clone();
        other.next_person().claim()
    };
    desk.suppressed = true;
    desk.latest.hold = Hold::Claimed(claim.clone());
    desk.account.breaker =
        Breaker::Halted { reason: HaltReason::Operator, detail: String::new(), since: noon() };
    desk.settings.quiet_hours = Some(QuietHours {
        from: "00:00".to_owned(),
        to: "23:00".to_owned(),
        time_zone: "UTC".to_owned(),
    });
    desk.settings.budgets.follow = Cap { hour: Some(1), day: None };
    desk.settings.min_seconds_between_actions = 3_600;
    desk.lease = Lease::acquire(None, "account", &holder("other"), None, HOUR, desk.now).ok();

    assert_eq!(reason(&desk), Some(RefusalReason::Suppressed));
    desk.suppressed = false;
    assert_eq!(reason(&desk), Some(RefusalReason::TargetUnavailable));
    desk.latest.last = None;
    assert_eq!(reason(&desk), Some(RefusalReason::Claimed));
    desk.latest.hold = Hold::InDoubt(claim);
    assert_eq!(reason(&desk), Some(RefusalReason::InDoubt));
    desk.latest.hold = Hold::Free;
    assert_eq!(reason(&desk), Some(RefusalReason::AccountHalted));
    desk.account.breaker = Breaker::Active;
    assert_eq!(reason(&desk), Some(RefusalReason::QuietHours));
    desk.settings.quiet_hours = None;
    assert_eq!(reason(&desk), Some(RefusalReason::BudgetHour));
    desk.settings.budgets.follow = Cap::default();
    assert_eq!(reason(&desk), Some(RefusalReason::TooSoon));
    desk.settings.min_seconds_between_actions = 0;
    assert_eq!(reason(&desk), None, "a lease stops claims, not questions");
    assert_eq!(desk.try_claim().expect_err("leased").reason, RefusalReason::AccountBusy);
    desk.lease = None;
    desk.claim();
}

#[test]
fn a_claim_holds_what_was_asked() {
    let mut desk = Desk::new();
    let request = ClaimRequest {
        task_id: Some("task".parse().expect("a label")),
        device_id: Some("phone".parse().expect("a label")),
        metadata: metadata(&json!({"text": "hello"})),
        ..desk.request()
    };
    let claim = desk.ask(request.clone()).expect("granted");
    assert_eq!((claim.id, &claim.holder), (request.claim_id, &request.holder));
    assert_eq!((claim.claimed_at, claim.lease_until), (desk.now, desk.now.plus(MINUTE * 2)));
    assert_eq!(claim.fence.get(), 1);

    let event = desk.wait(SECOND).commit(&claim, SUCCESS).event;
    assert_eq!(event.task_id, request.task_id);
    assert_eq!(event.device_id, request.device_id);
    assert_eq!(event.metadata, request.metadata);
    assert_eq!((event.claim_id, event.latency_ms), (Some(claim.id), Some(1_200)));
    assert_eq!((event.status, event.ts, event.seq), (Status::Success, desk.now, 1));
}

#[test]
fn what_the_report_adds_wins_over_what_the_claim_said() {
    let mut desk = Desk::new();
    let request = ClaimRequest {
        device_id: Some("phone-1".parse().expect("a label")),
        metadata: metadata(&json!({"a": 1, "b": 1})),
        ..desk.request()
    };
    let claim = desk.ask(request).expect("granted");
    let report = Report {
        device_id: Some("phone-2".parse().expect("a label")),
        metadata: metadata(&json!({"b": 2, "c": 3})),
        ..desk.report(&claim, SUCCESS)
    };
    let event = desk.settle(report).event;
    assert_eq!(event.device_id.expect("a device").as_str(), "phone-2");
    assert_eq!(event.metadata.as_str(), r#"{"a":1,"b":2,"c":3}"#);
}

#[test]
fn asking_twice_is_asking_once() {
    let mut desk = Desk::new();
    let request = desk.request();
    let first = desk.ask(request.clone()).expect("granted");
    let (account, latest) = (desk.account.clone(), desk.latest.clone());
    let later = ClaimRequest { now: desk.now.plus(MINUTE), ..request };
    assert_eq!(desk.ask(later).expect("granted before"), first);
    assert_eq!((&desk.account, &desk.latest), (&account, &latest));
    // Anybody else, meanwhile:
    let refusal = desk.try_claim().expect_err("claimed");
    assert_eq!(refusal, Refusal::new(RefusalReason::Claimed, Some(first.lease_until)));
}

#[test]
fn asking_again_after_the_lease_ran_out_is_in_doubt_as_for_anybody() {
    let mut desk = Desk::new();
    let request = desk.request();
    let claim = desk.ask(request.clone()).expect("granted");
    let again = |now: Timestamp| ClaimRequest { now, ..request.clone() };
    desk.ask(again(claim.lease_until.minus(TICK))).expect("still his");
    let refused = |desk: &mut Desk| desk.ask(again(claim.lease_until)).expect_err("lapsed").reason;
    assert_eq!(refused(&mut desk), RefusalReason::InDoubt);
    desk.now = claim.lease_until;
    assert!(desk.lapse(None));
    assert_eq!(refused(&mut desk), RefusalReason::InDoubt);
}

#[test]
fn a_settled_claim_is_not_granted_again() {
    for outcome in [RELEASED, NETWORK, Outcome::Skipped(Skip::Other)] {
        let mut desk = Desk::new();
        let request = desk.request();
        let claim = desk.ask(request.clone()).expect("granted");
        desk.commit(&claim, outcome);
        let refusal = desk.ask(request).expect_err("settled");
        assert_eq!(refusal, Refusal::new(RefusalReason::ClaimSettled, None));
        desk.claim();
    }
}

#[test]
fn a_lapsed_claim_is_in_doubt_and_never_free_by_itself() {
    let mut desk = Desk::new();
    let claim = desk.claim();
    desk.now = claim.lease_until.minus(TICK);
    assert!(!desk.lapse(None));
    assert!(!desk.lapse(Some(&holder("somebody-else"))));
    desk.now = claim.lease_until;
    assert_eq!(reason(&desk), Some(RefusalReason::InDoubt), "before anybody noticed");
    assert!(desk.lapse(None));
    assert!(!desk.lapse(None), "once");
    desk.wait(DAY * 3_000);
    assert_eq!(reason(&desk), Some(RefusalReason::InDoubt));
}

#[test]
fn a_holder_known_to_be_gone_leaves_a_doubt_at_once() {
    let mut desk = Desk::new();
    desk.claim();
    assert!(desk.lapse(Some(&holder("worker"))));
    assert_eq!(reason(&desk), Some(RefusalReason::InDoubt));
}

#[test]
fn looking_settles_a_doubt() {
    for (finding, status, reason_told, engaged) in [
        (Finding::Done, Status::Success, "reconciled_done", true),
        (Finding::NotDone, Status::Retry, "reconciled_not_done", false),
        (Finding::CannotTell, Status::Success, "presumed", true),
    ] {
        let mut desk = Desk::new();
        let claim = desk.claim();
        desk.wait(HOUR).lapse(None);
        let settled = desk.reconcile(&claim, finding);
        assert!(!settled.late);
        assert_eq!(settled.event.status, status);
        assert_eq!(settled.event.reason.as_deref(), Some(reason_told));
        assert!(is_reconciliation(settled.event.reason.as_deref()));
        assert_eq!(desk.latest.hold, Hold::Free);
        let expected = engaged.then_some(RefusalReason::AlreadyEngaged);
        assert_eq!(reason(&desk), expected, "{finding:?}");
    }
    assert!(!is_reconciliation(None) && !is_reconciliation(Some("late_commit")));
}

#[test]
fn the_holders_own_word_settles_a_doubt_too() {
    let mut desk = Desk::new();
    let claim = desk.claim();
    desk.wait(HOUR).lapse(None);
    let settled = desk.commit(&claim, SUCCESS);
    assert!(!settled.late);
    assert_eq!(reason(&desk), Some(RefusalReason::AlreadyEngaged));
}

#[test]
fn a_late_success_is_recorded_closes_the_window_and_leaves_the_row_to_its_holder() {
    let mut desk = Desk::new();
    let first = desk.claim();
    desk.wait(HOUR).lapse(None);
    desk.reconcile(&first, Finding::NotDone);
    let second = desk.claim();
    assert!(second.fence > first.fence);

    let settled = desk.wait(SECOND).commit(&first, SUCCESS);
    assert!(settled.late);
    assert_eq!(settled.event.reason.as_deref(), Some("late_commit"));
    assert_eq!(settled.event.metadata.as_str(), r#"{"late":true}"#);
    assert_eq!(desk.latest.claim(), Some(&second), "not touched");
    assert_eq!(reason(&desk), Some(RefusalReason::AlreadyEngaged));

    // The second gives its claim back: the window of the first stays.
    let ends = settled.event.ts.plus(DAY * 30);
    desk.wait(SECOND).commit(&second, RELEASED);
    assert_eq!(desk.check().expect_err("engaged").retry_at, Some(ends));
}

#[test]
fn a_late_failure_is_recorded_and_changes_no_row() {
    let mut desk = Desk::new();
    let first = desk.claim();
    desk.wait(HOUR).lapse(None);
    desk.reconcile(&first, Finding::Done);
    let before = desk.latest.clone();
    for outcome in [NETWORK, RELEASED, Outcome::Failed(ErrorClass::TargetUnavailable)] {
        let settled = desk.wait(SECOND).commit(&first, outcome);
        assert!(settled.late);
        assert_eq!(settled.latest, before, "{outcome:?}");
    }
    // What it says of the account still counts.
    desk.commit(&first, Outcome::Failed(ErrorClass::Challenge));
    assert!(matches!(desk.account.breaker, Breaker::Halted { .. }));
}

#[test]
fn a_late_reason_of_its_own_is_kept() {
    let mut desk = Desk::new();
    let claim = desk.claim();
    desk.wait(HOUR).lapse(None);
    desk.reconcile(&claim, Finding::NotDone);
    let mut report = desk.report(&claim, SUCCESS);
    report.reason = Some("unconfirmed".to_owned());
    let event = desk.settle(report).event;
    assert_eq!(event.reason.as_deref(), Some("unconfirmed"));
    assert_eq!(event.metadata.as_str(), r#"{"late":true}"#);
}

#[test]
fn a_refusal_changes_nothing_but_the_log() {
    let mut desk = Desk::new();
    desk.engage(SUCCESS);
    let before = desk.clone();
    let refusal = desk.wait(HOUR).check().expect_err("engaged");
    let settled = desk.observe(Seen::Refused(refusal));

    assert_eq!(settled.event.status, Status::DedupeHit);
    assert_eq!(settled.event.reason.as_deref(), Some("already_engaged"));
    assert_eq!(settled.event.error_class, None);
    assert!(settled.error.is_none());
    assert_eq!(desk.latest, before.latest);
    let expected =
        Account { newest_event: Some(desk.now), head: desk.account.head, ..before.account.clone() };
    assert_eq!(desk.account, expected);
    assert_eq!(desk.account.head.seq, before.account.head.seq + 1);
}

#[test]
fn a_page_that_answers_by_itself_sets_the_row_without_a_claim() {
    for (outcome, reason_told) in [
        (Outcome::Skipped(Skip::AlreadyDone), Some(RefusalReason::AlreadyEngaged)),
        (Outcome::Skipped(Skip::Private), Some(RefusalReason::PrivateAccount)),
        (Outcome::Failed(ErrorClass::TargetUnavailable), Some(RefusalReason::TargetUnavailable)),
        (NETWORK, None),
    ] {
        let mut desk = Desk::new();
        let settled = desk.observe(Seen::Outcome(outcome));
        assert_eq!(settled.event.claim_id, None);
        assert_eq!(reason(&desk), reason_told, "{outcome:?}");
        assert_eq!(desk.account.last_act, None, "nobody acted");
    }
}

#[test]
fn what_a_page_answers_leaves_a_claim_to_its_holder() {
    let mut desk = Desk::new();
    let claim = desk.claim();
    desk.observe(Seen::Outcome(Outcome::Skipped(Skip::Private)));
    assert_eq!(desk.latest.claim(), Some(&claim));
    assert!(!desk.commit(&claim, SUCCESS).late);
    assert_eq!(desk.check().expect_err("engaged").retry_at, Some(noon().plus(DAY * 30)));
}

#[test]
fn in_fleet_scope_what_another_account_did_counts() {
    let mut other = Desk::new();
    other.engage(SUCCESS);
    let engaged = other.latest.clone();
    let held = {
        let mut desk = Desk::new();
        desk.claim();
        desk
    };
    let lapsed = {
        let mut desk = held.clone();
        desk.wait(HOUR).lapse(None);
        desk.latest
    };
    for (row, told) in [
        (engaged, RefusalReason::AlreadyEngaged),
        (held.latest, RefusalReason::Claimed),
        (lapsed, RefusalReason::InDoubt),
    ] {
        let mut desk = Desk::new();
        desk.elsewhere = vec![Latest::default(), row, Latest::default()];
        assert_eq!(reason(&desk), None, "each account for itself");
        desk.settings.dedup_scope = DedupScope::Fleet;
        assert_eq!(reason(&desk), Some(told));
        assert!(desk.try_claim().is_err());
    }
}

#[test]
fn a_clock_set_back_ends_no_wait_and_dates_no_event_before_the_last() {
    let mut desk = Desk::new();
    desk.engage(SUCCESS);
    let engaged_at = desk.now;
    desk.back(DAY * 365);
    assert_eq!(reason(&desk), Some(RefusalReason::AlreadyEngaged));
    let event = desk.next_person().engage(LIMITED).event;
    assert_eq!(event.ts, engaged_at);
    assert_eq!(desk.account.breaker.until(engaged_at), Some(engaged_at.plus(MINUTE)));
    assert_eq!(reason(desk.next_person()), Some(RefusalReason::AccountBackoff));
}

#[test]
fn an_event_of_a_clock_that_ran_ahead_ends_nobodys_wait() {
    let mut desk = Desk::new();
    desk.engage(SUCCESS);
    desk.next_person().engage(LIMITED);
    let rests_until = desk.account.breaker.until(desk.now).unwrap();
    // Somebody else, by a clock that is a day ahead, records that a person is missing.
    let missing = Outcome::Failed(ErrorClass::TargetUnavailable);
    desk.wait(DAY).next_person().observe(Seen::Outcome(missing));
    desk.back(DAY).next_person();
    assert_eq!(desk.check().unwrap_err().retry_at, Some(rests_until));
    assert_eq!(reason(&desk), Some(RefusalReason::AccountBackoff));
}

#[test]
fn a_success_is_never_dated_before_its_claim() {
    let mut desk = Desk::new();
    let claim = desk.claim();
    desk.back(DAY * 10);
    let settled = desk.commit(&claim, SUCCESS);
    assert_eq!(settled.event.ts, claim.claimed_at);
    desk.now = noon().plus(DAY * 30).minus(TICK);
    assert_eq!(reason(&desk), Some(RefusalReason::AlreadyEngaged), "the whole window");
}

#[test]
fn every_event_follows_the_one_before() {
    let mut desk = Desk::new();
    let mut before = desk.account.head;
    for n in 1..=20 {
        let event = desk.next_person().wait(SECOND).engage(NETWORK).event;
        assert_eq!((event.seq, event.prev_hash), (n, before.hash));
        before = desk.account.head;
        assert_eq!((before.seq, before.hash), (n, event.hash));
        assert_eq!(desk.account.newest_event, Some(event.ts));
    }
}

#[test]
fn fences_only_grow_whatever_happens_to_the_row() {
    let mut desk = Desk::new();
    let mut last = 0;
    for outcome in [RELEASED, NETWORK, RELEASED, Outcome::Skipped(Skip::Other)] {
        let claim = desk.claim();
        assert!(claim.fence.get() > last);
        last = claim.fence.get();
        desk.commit(&claim, outcome);
    }
    let claim = desk.claim();
    desk.wait(HOUR).lapse(None);
    desk.reconcile(&claim, Finding::NotDone);
    assert!(desk.claim().fence > claim.fence);
}

#[test]
fn a_commit_of_a_claim_nobody_holds_is_late() {
    let mut desk = Desk::new();
    let claim = desk.claim();
    let mut report = desk.report(&claim, SUCCESS);
    report.claim_id = claim_id(999);
    assert!(desk.settle(report).late);
    assert_eq!(desk.latest.claim(), Some(&claim));
}

#[test]
fn reasons_have_a_word_a_sentence_and_a_side() {
    // What can be lifted by an outcome at any moment is about neither: it must not be remembered.
    let (about_target, passing, about_account) = (
        [
            RefusalReason::Suppressed,
            RefusalReason::AlreadyEngaged,
            RefusalReason::TargetUnavailable,
            RefusalReason::PrivateAccount,
            RefusalReason::NothingThere,
        ],
        [RefusalReason::Claimed, RefusalReason::InDoubt, RefusalReason::ClaimSettled],
        [
            RefusalReason::AccountHalted,
            RefusalReason::AccountBackoff,
            RefusalReason::AccountCooldown,
            RefusalReason::ProbeInFlight,
            RefusalReason::BudgetHour,
            RefusalReason::BudgetDay,
            RefusalReason::TooSoon,
            RefusalReason::QuietHours,
            RefusalReason::AccountBusy,
        ],
    );
    let mut sentences = std::collections::HashSet::new();
    for reason in about_target.into_iter().chain(passing).chain(about_account) {
        assert_eq!(serde_json::to_value(reason).expect("json"), reason.as_str());
        assert_eq!(reason.to_string(), reason.as_str());
        assert_eq!(reason.is_about_target(), about_target.contains(&reason), "{reason}");
        let sentence = reason.explained();
        let waits = sentence.starts_with("must wait: ");
        assert_eq!(waits, about_account.contains(&reason), "{reason}");
        assert!(sentence.contains(' ') && sentences.insert(sentence), "{sentence}");
    }
}
