//! Caps hold whoever asks, however many at once.

use decorum_core::{Action, RefusalReason};
use serde_json::json;

use super::arrange::{Bench, HOUR, SECOND, at_once, follow, key};
use crate::Committed;

pub(crate) async fn no_crowd_gets_past_a_cap(bench: Bench) {
    let bench = bench.with("budgets.follow.hour", json!(10));
    let clients = [bench.clone(), bench.another("worker-2")];
    let asked = at_once(64, |n| {
        let bench = clients[n % 2].clone();
        async move { bench.try_claim(follow(&format!("mia_{n}"))).await }
    })
    .await;
    assert_eq!(asked.iter().filter(|asked| asked.is_ok()).count(), 10);
    let refused = asked.iter().filter_map(|asked| asked.as_ref().err());
    assert!(refused.into_iter().all(|refusal| refusal.reason == RefusalReason::BudgetHour));
}

/// Many accounts, whose claims no store decides in one place.
pub(crate) async fn no_fleet_gets_past_its_cap(bench: Bench) {
    let bench = bench.with("fleet_budgets.follow.hour", json!(10));
    let clients = [bench.clone(), bench.another("worker-2")];
    let asked = at_once(48, |n| {
        let bench = clients[n % 2].clone();
        let key = key(&format!("anna_{}", n % 12), &format!("mia_{n}"), Action::Follow);
        async move { bench.try_claim(key).await }
    })
    .await;
    assert_eq!(asked.iter().filter(|asked| asked.is_ok()).count(), 10);
    let refused = asked.iter().filter_map(|asked| asked.as_ref().err());
    assert!(refused.into_iter().all(|refusal| refusal.reason == RefusalReason::FleetBudget));

    let like = key("anna_1", "mia_1", Action::Like);
    bench.try_claim(like).await.unwrap();
    let (check, follow) = (&bench.settings, key("anna_new", "noa", Action::Follow));
    let answer = bench
        .store
        .check(check, &follow.account_id, follow.action, &[follow.target_username], bench.now)
        .await
        .unwrap();
    assert_eq!(answer[0].unwrap_err().reason, RefusalReason::FleetBudget);
}

pub(crate) async fn what_a_fleet_gives_back_is_free_again(bench: Bench) {
    let mut bench = bench.with("fleet_budgets", json!({"follow": {"day": 2}}));
    let of = |account, person| key(account, person, Action::Follow);
    let claim = bench.claim(of("anna", "mia")).await;
    bench.engage(of("bert", "noa")).await;
    assert_eq!(bench.refused(of("cleo", "eva")).await, RefusalReason::FleetBudget);
    // Refused again and again, which is not counted.
    assert_eq!(bench.refused(of("cleo", "eva")).await, RefusalReason::FleetBudget);
    let unused = bench.settle(&claim, of("anna", "mia"), decorum_core::Outcome::Retry(None)).await;
    assert!(matches!(unused, Committed::Settled(_)));
    // Told twice, and counted once.
    bench.settle(&claim, of("anna", "mia"), decorum_core::Outcome::Retry(None)).await;
    bench.claim(of("cleo", "eva")).await;
    let refused = bench.try_claim(of("dora", "ida")).await.unwrap_err();
    assert_eq!(refused.reason, RefusalReason::FleetBudget);
    bench.now = refused.retry_at.unwrap();
    bench.claim(of("dora", "ida")).await;
}

/// What was done before the cap was set, or under another one, counts.
pub(crate) async fn a_new_cap_of_a_fleet_counts_what_was_done(bench: Bench) {
    let of = |account, person| key(account, person, Action::Follow);
    bench.engage(of("anna", "mia")).await;
    bench.engage(of("bert", "noa")).await;
    let mut version = 0;
    for (cap, free) in [(2, false), (3, true), (2, false)] {
        let settings = bench.settings.with("fleet_budgets.follow.day", json!(cap)).unwrap();
        let stored = bench.store.put_settings(&settings, version, "eva", bench.now).await.unwrap();
        version = stored.version;
        let person = format!("eva_{version}");
        let asked = bench.try_claim(key("cleo", &person, Action::Follow)).await;
        let refused = asked.err().map(|refusal| refusal.reason);
        assert_eq!(refused, Some(RefusalReason::FleetBudget).filter(|_| !free), "a cap of {cap}");
    }
}

pub(crate) async fn a_cap_opens_again_after_the_hour(bench: Bench) {
    let mut bench = bench.with("budgets.follow.hour", json!(1));
    bench.engage(follow("mia")).await;
    let refused = bench.try_claim(follow("noa")).await.unwrap_err();
    assert_eq!(refused.reason, RefusalReason::BudgetHour);
    bench.wait(HOUR);
    assert_eq!(bench.refused(follow("noa")).await, RefusalReason::BudgetHour);
    bench.now = refused.retry_at.unwrap();
    bench.claim(follow("noa")).await;
}

pub(crate) async fn two_acts_keep_their_distance(bench: Bench) {
    let mut bench = bench.with("min_seconds_between_actions", json!(20));
    bench.claim(follow("mia")).await;
    let refused = bench.try_claim(follow("noa")).await.unwrap_err();
    assert_eq!(refused.reason, RefusalReason::TooSoon);
    assert_eq!(refused.retry_at, Some(bench.now.plus(SECOND * 20)));
    bench.wait(SECOND * 20);
    bench.claim(follow("noa")).await;
}

pub(crate) async fn quiet_hours_refuse(bench: Bench) {
    let quiet = json!({"from": "11:00", "to": "13:00", "time_zone": "UTC"});
    let bench = bench.with("quiet_hours", quiet);
    let refused = bench.try_claim(follow("mia")).await.unwrap_err();
    assert_eq!(refused.reason, RefusalReason::QuietHours);
    assert_eq!(refused.retry_at, Some(bench.now.plus(HOUR)));
}
