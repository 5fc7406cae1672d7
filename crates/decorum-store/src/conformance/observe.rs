//! Attempts that ended before any claim.

use decorum_core::{Refusal, RefusalReason, Seen, Status};

use super::arrange::{Bench, DAY, NETWORK, PRIVATE, SUCCESS, follow, key, name};
use crate::{OBSERVE_MAX, StoreError};

pub(crate) async fn a_refusal_changes_only_the_log(bench: Bench) {
    bench.engage(follow("mia")).await;
    let before = bench.check(&follow("mia")).await;
    let event = bench.refuse("mia").await;
    assert_eq!((event.status, event.seq), (Status::DedupeHit, 2));
    assert_eq!(event.reason.as_deref(), Some("already_engaged"));
    assert_eq!(bench.check(&follow("mia")).await, before, "the window is as long as before");

    bench.refuse("noa").await;
    bench.claim(follow("noa")).await;
    bench.assert_intact().await;
}

pub(crate) async fn a_private_page_is_left_alone_for_a_week(mut bench: Bench) {
    bench.observe(follow("mia"), Seen::Outcome(PRIVATE)).await;
    assert_eq!(bench.refused(follow("mia")).await, RefusalReason::PrivateAccount);
    bench.wait(DAY * 7);
    bench.claim(follow("mia")).await;
}

pub(crate) async fn what_was_seen_does_not_touch_a_live_claim(bench: Bench) {
    let claim = bench.claim(follow("mia")).await;
    bench.observe(follow("mia"), Seen::Outcome(NETWORK)).await;
    assert_eq!(bench.refused(follow("mia")).await, RefusalReason::Claimed);
    bench.settle(&claim, follow("mia"), SUCCESS).await;
    bench.assert_intact().await;
}

pub(crate) async fn a_thousand_are_one_step_and_no_more_are_taken(bench: Bench) {
    let refusal = Seen::Refused(Refusal::new(RefusalReason::AlreadyEngaged, None));
    let seen = |n: usize| bench.seen(follow(&format!("mia_{n}")), refusal);
    let fits: Vec<_> = (0..OBSERVE_MAX).map(seen).collect();
    let names: Vec<_> = fits.iter().map(|seen| Some(seen.key.target_username.clone())).collect();
    let events = bench.store.observe(&bench.settings, fits).await.unwrap();
    assert!(events.iter().map(|event| event.target_username.clone()).eq(names), "in this order");

    let too_many = (0..=OBSERVE_MAX).map(seen).collect();
    let answer = bench.store.observe(&bench.settings, too_many).await;
    assert!(matches!(answer, Err(StoreError::TooMany { max: OBSERVE_MAX, .. })));
    assert_eq!(bench.log().await.len(), OBSERVE_MAX);
    bench.assert_intact().await;
}

pub(crate) async fn observing_the_same_event_twice_is_observing_it_once(bench: Bench) {
    let seen = bench.seen(follow("mia"), Seen::Outcome(NETWORK));
    let observe = |seen| bench.store.observe(&bench.settings, vec![seen]);
    let first = observe(seen.clone()).await.unwrap();
    let second = observe(seen).await.unwrap();
    assert_eq!(first, second);
    assert_eq!((bench.log().await.len(), bench.anna().await.errors.len()), (1, 1));
}

pub(crate) async fn several_accounts_fit_in_one_step(bench: Bench) {
    let action = follow("mia").action;
    let seen: Vec<_> = (0..30)
        .map(|n| key(["anna", "bert", "cleo"][n % 3], &format!("mia_{n}"), action))
        .map(|key| bench.seen(key, Seen::Outcome(PRIVATE)))
        .collect();
    bench.store.observe(&bench.settings, seen).await.unwrap();
    for view in bench.store.accounts().await.unwrap() {
        assert_eq!(view.account.head.seq, 10, "{}", view.account.account_id);
    }
    assert_eq!(
        bench.store.account(&name("cleo")).await.unwrap().account.newest_event,
        Some(bench.now)
    );
    bench.assert_intact().await;
}
