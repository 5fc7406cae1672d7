//! Stop means stop, whichever client asks.

use std::time::Duration;

use decorum_core::{Breaker, ErrorClass, Jitter, Outcome, RefusalReason};

use super::arrange::{Bench, RATE_LIMITED, SECOND, SUCCESS, at_once, follow, name};

pub(crate) async fn a_rate_limit_rests_the_account_to_the_exact_instant(mut bench: Bench) {
    bench.engage_with(follow("mia"), RATE_LIMITED).await;
    let mut other = bench.another("worker-2");
    let ends = bench.now.plus(SECOND * 60);

    other.now = ends.minus(Duration::from_millis(1));
    let refused = other.try_claim(follow("noa")).await.unwrap_err();
    assert_eq!((refused.reason, refused.retry_at), (RefusalReason::AccountBackoff, Some(ends)));

    bench.now = ends;
    bench.claim(follow("noa")).await;
}

pub(crate) async fn one_probe_is_let_through_after_a_backoff(mut bench: Bench) {
    bench.engage_with(follow("mia"), RATE_LIMITED).await;
    bench.wait(SECOND * 60);
    let asked = at_once(24, |n| {
        let bench = bench.clone();
        async move { bench.try_claim(follow(&format!("noa_{n}"))).await.map(|claim| (n, claim)) }
    })
    .await;
    let granted: Vec<_> = asked.iter().flatten().collect();
    let [(n, probe)] = granted.as_slice() else { panic!("{granted:?}") };
    let refused = asked.iter().filter_map(|asked| asked.as_ref().err());
    assert!(refused.into_iter().all(|refusal| refusal.reason == RefusalReason::ProbeInFlight));

    bench.settle(probe, follow(&format!("noa_{n}")), SUCCESS).await;
    assert_eq!(bench.anna().await.account.breaker, Breaker::Active);
    bench.claim(follow("zoe")).await;
}

pub(crate) async fn a_probe_that_fails_rests_longer(mut bench: Bench) {
    bench.engage_with(follow("mia"), RATE_LIMITED).await;
    bench.wait(SECOND * 60);
    bench.engage_with(follow("noa"), RATE_LIMITED).await;
    let refused = bench.try_claim(follow("zoe")).await.unwrap_err();
    assert_eq!(refused.retry_at, Some(bench.now.plus(SECOND * 120)));
}

pub(crate) async fn three_in_a_row_cool_down(mut bench: Bench) {
    for (target, wait) in [("mia", 60), ("noa", 120), ("zoe", 0)] {
        bench.engage_with(follow(target), RATE_LIMITED).await;
        bench.wait(SECOND * wait);
    }
    let refused = bench.try_claim(follow("ada")).await.unwrap_err();
    assert_eq!(refused.reason, RefusalReason::AccountCooldown);
    assert_eq!(refused.retry_at, Some(bench.now.plus(SECOND * 45 * 60)));
    bench.wait(SECOND * 45 * 60);
    bench.claim(follow("ada")).await;
    assert_eq!(bench.anna().await.account.breaker.consecutive(), 0);
}

pub(crate) async fn a_challenge_halts_until_a_person_clears_it(mut bench: Bench) {
    bench.engage_with(follow("mia"), Outcome::Failed(ErrorClass::Challenge)).await;
    bench.wait(SECOND * 86_400 * 365);
    assert_eq!(bench.refused(follow("noa")).await, RefusalReason::AccountHalted);

    let cleared = bench.store.clear(&name("anna"), "entered the code", "eva", bench.now).await;
    assert_eq!(cleared.unwrap().breaker, Breaker::Active);
    bench.another("worker-2").claim(follow("noa")).await;
}

pub(crate) async fn trouble_met_outside_an_engagement_counts(bench: Bench) {
    let (anna, jitter) = (name("anna"), Jitter::default());
    let class = ErrorClass::LoggedOut;
    let account = bench
        .store
        .report_trouble(&bench.settings, &anna, class, "a login page", jitter, bench.now)
        .await
        .unwrap();
    assert!(matches!(account.breaker, Breaker::Halted { .. }));
    assert_eq!(bench.refused(follow("mia")).await, RefusalReason::AccountHalted);
    let view = bench.anna().await;
    assert_eq!(view.account, account);
    assert_eq!(
        (view.errors[0].error_class, view.errors[0].detail.as_str()),
        (class, "a login page")
    );
    bench.assert_intact().await;
}
