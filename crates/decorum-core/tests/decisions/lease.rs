//! Leases: one holder at a time, and a fence that only grows.

#![allow(clippy::expect_used, reason = "a test may fail")]

use decorum_core::{Fence, Held, Holder, Lease, RefusalReason, Timestamp};

use crate::support::{Desk, HOUR, MINUTE, SECOND, SUCCESS, TICK, holder, noon};

fn acquire(before: Option<&Lease>, by: &str, now: Timestamp) -> Result<Lease, Held> {
    Lease::acquire(before, "account:studio.nord", &holder(by), None, MINUTE, now)
}

#[test]
fn a_fence_is_a_number_that_only_grows() {
    let fence = Fence::new(41);
    assert_eq!((fence.get(), fence.next().get()), (41, 42));
    assert_eq!(fence.to_string(), "41");
    assert!(fence < fence.next());
    assert_eq!(Fence::new(u64::MAX).next(), Fence::new(u64::MAX), "it never begins anew");
}

#[test]
fn a_live_lease_keeps_others_out_until_it_ends() {
    let lease = acquire(None, "a", noon()).expect("free");
    assert_eq!((lease.fence, lease.until), (Fence::new(1), noon().plus(MINUTE)));
    let Held(held) = acquire(Some(&lease), "b", noon().plus(MINUTE).minus(TICK)).expect_err("held");
    assert_eq!(held, lease);
    let error = Held(held).to_string();
    assert!(error.contains("account:studio.nord") && error.contains("by a"), "{error}");

    let next = acquire(Some(&lease), "b", noon().plus(MINUTE)).expect("lapsed");
    assert_eq!((next.fence, &next.holder), (Fence::new(2), &holder("b")));
}

#[test]
fn ones_own_live_lease_is_extended_under_the_same_fence() {
    let lease = acquire(None, "a", noon()).expect("free");
    let again = acquire(Some(&lease), "a", noon().plus(SECOND)).expect("mine");
    assert_eq!((again.fence, again.until), (lease.fence, noon().plus(MINUTE + SECOND)));
    // Once it lapsed, others may have acted: a new fence.
    let later = acquire(Some(&lease), "a", noon().plus(HOUR)).expect("lapsed");
    assert_eq!(later.fence, Fence::new(2));
}

#[test]
fn a_holder_known_to_be_gone_is_not_waited_for() {
    let lease = acquire(None, "a", noon()).expect("free");
    let take = |gone: &Holder| {
        Lease::acquire(Some(&lease), &lease.name, &holder("b"), Some(gone), MINUTE, noon())
    };
    assert!(take(&holder("c")).is_err(), "somebody else is gone");
    assert_eq!(take(&holder("a")).expect("taken").fence, Fence::new(2));
}

#[test]
fn renewing_needs_the_newest_fence() {
    let first = acquire(None, "a", noon()).expect("free");
    let renewed = first.renew(first.fence, MINUTE, noon().plus(SECOND)).expect("mine");
    assert_eq!((renewed.fence, renewed.until), (first.fence, noon().plus(MINUTE + SECOND)));
    let second = acquire(Some(&first), "b", noon().plus(HOUR)).expect("lapsed");
    let Held(held) = second.renew(first.fence, MINUTE, noon().plus(HOUR)).expect_err("lost");
    assert_eq!(held, second);
    assert!(second.renew(Fence::new(3), MINUTE, noon()).is_err(), "a fence nobody got");
}

#[test]
fn giving_back_ends_it_and_keeps_the_fence() {
    let lease = acquire(None, "a", noon()).expect("free");
    let released = lease.released(lease.fence, noon().plus(SECOND));
    assert!(!released.is_live(noon().plus(SECOND)));
    let next = acquire(Some(&released), "b", noon().plus(SECOND)).expect("given back");
    assert_eq!(next.fence, Fence::new(2));
    assert_eq!(next.released(lease.fence, noon()), next, "not mine any more");
    // Giving back what lapsed long ago does not make it last longer.
    assert_eq!(lease.released(lease.fence, noon().plus(HOUR)).until, lease.until);
}

#[test]
fn the_account_lease_guards_its_claims() {
    let mut desk = Desk::new();
    let lease = acquire(None, "a", desk.now).expect("free");
    desk.lease = Some(lease.clone());
    let busy = |refused: Result<_, decorum_core::Refusal>| {
        let refusal = refused.expect_err("busy");
        assert_eq!(refusal.reason, RefusalReason::AccountBusy);
        refusal.retry_at
    };
    assert_eq!(busy(desk.try_claim()), Some(lease.until), "no proof");
    busy(desk.fenced(Fence::new(0)));
    busy(desk.fenced(Fence::new(2)));
    desk.fenced(lease.fence).expect("mine");

    desk.next_person().now = lease.until;
    busy(desk.fenced(lease.fence));
    desk.try_claim().expect("nobody's any more");

    desk.lease = None;
    assert_eq!(busy(desk.next_person().fenced(Fence::new(1))), None, "a proof of nothing");
}

#[test]
fn a_clock_set_back_does_not_make_a_live_lease_look_lapsed() {
    let mut desk = Desk::new();
    desk.wait(HOUR).engage(SUCCESS);
    // The newest event is an hour ahead of the wall clock that gives out the lease.
    desk.back(HOUR).next_person();
    desk.lease = Some(acquire(None, "a", desk.now).expect("free"));
    let refusal = desk.try_claim().expect_err("it is somebody's");
    assert_eq!(refusal.reason, RefusalReason::AccountBusy);
    desk.fenced(Fence::new(1)).expect("its holder may");
}
