//! Caps hold whoever asks, however many at once.

use decorum_core::RefusalReason;
use serde_json::json;

use super::arrange::{Bench, HOUR, SECOND, at_once, follow};

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
