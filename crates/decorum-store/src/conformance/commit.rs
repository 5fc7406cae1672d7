//! Outcomes: event, row, breaker and budget in one step, once.

use decorum_core::{
    ErrorClass, Finding, Metadata, Outcome, RefusalReason, Report, Status, outcome::reason,
};
use serde_json::json;

use super::arrange::{
    Bench, NETWORK, SECOND, SUCCESS, at_once, claim_id, follow, key, metadata, name,
};
use crate::{AccountView, Committed, StoreError};

pub(crate) async fn an_outcome_is_recorded_with_all_it_says(bench: Bench) {
    let claim = bench.claim(follow("mia")).await;
    let metadata = metadata(&json!({"ünï": "cödé 🐝", "path": "C:\\x", "list": [1, 2.5, null]}));
    let outcome = Outcome::Failed(ErrorClass::TargetUnavailable);
    let report = Report {
        reason: Some("page_missing".to_owned()),
        metadata: metadata.clone(),
        ..bench.report(claim.id, follow("mia"), outcome)
    };
    let event = bench.store.commit(&bench.settings, report.clone()).await.unwrap().event().clone();

    assert_eq!(event.id, report.stamp.event_id);
    assert_eq!((event.seq, event.ts), (1, bench.now));
    assert_eq!(event.target_username, Some(name("mia")));
    assert_eq!((event.status, event.error_class), (Status::Failed, outcome.error_class()));
    assert_eq!(event.reason.as_deref(), Some("page_missing"));
    assert_eq!((event.claim_id, event.latency_ms), (Some(claim.id), Some(1_250)));
    assert_eq!((event.task_id.clone(), event.device_id.clone()), (claim.task_id, claim.device_id));
    assert_eq!(event.session_id, Some(name("session-1")));
    assert_eq!(event.metadata, metadata);
    assert_eq!(bench.log().await, [event], "what was answered is what is stored");
    bench.assert_intact().await;
}

pub(crate) async fn reporting_twice_changes_nothing(bench: Bench) {
    let claim = bench.claim(follow("mia")).await;
    let first = bench.settle(&claim, follow("mia"), SUCCESS).await;
    let before = bench.anna().await.account;

    let second = bench.settle(&claim, follow("mia"), NETWORK).await;
    assert!(matches!(&second, Committed::Repeated(event) if event == first.event()), "{second:?}");
    assert_eq!(bench.anna().await.account, before);
    assert_eq!(bench.log().await.len(), 1);
}

pub(crate) async fn racing_reports_record_one_event(bench: Bench) {
    let claim = bench.claim(follow("mia")).await;
    let said = at_once(16, |_| {
        let (bench, claim) = (bench.clone(), claim.clone());
        async move { bench.settle(&claim, follow("mia"), SUCCESS).await }
    })
    .await;
    let settled = said.iter().filter(|s| matches!(s, Committed::Settled(_))).count();
    assert_eq!((settled, bench.log().await.len()), (1, 1));
    assert!(said.windows(2).all(|pair| pair[0].event() == pair[1].event()));
}

pub(crate) async fn an_unknown_claim_is_an_error(bench: Bench) {
    let report = bench.report(claim_id(), follow("mia"), SUCCESS);
    let answer = bench.store.commit(&bench.settings, report).await;
    assert!(matches!(answer, Err(StoreError::NoSuchClaim(_))), "{answer:?}");
    assert!(bench.log().await.is_empty());
}

pub(crate) async fn a_report_about_somebody_else_is_refused(bench: Bench) {
    let claim = bench.claim(follow("mia")).await;
    for wrong in [follow("noa"), key("bert", "mia", follow("mia").action)] {
        let report = bench.report(claim.id, wrong, SUCCESS);
        let answer = bench.store.commit(&bench.settings, report).await;
        assert!(matches!(answer, Err(StoreError::OtherClaim(_))), "{answer:?}");
    }
    bench.settle(&claim, follow("mia"), SUCCESS).await;
    bench.assert_intact().await;
}

/// A claim that lapsed and was seen undone; its holder does not know.
async fn passed_on(bench: &mut Bench) -> decorum_core::Claim {
    let stale = bench.claim(follow("mia")).await;
    bench.wait(SECOND * 120);
    bench.store.lapse(None, &[], bench.now).await.unwrap();
    let (metadata, stamp) = (Metadata::default(), bench.stamp());
    let not_done = Finding::NotDone;
    bench.store.reconcile(&bench.settings, stale.id, not_done, metadata, stamp).await.unwrap();
    stale
}

pub(crate) async fn a_late_report_touches_nobodys_claim(mut bench: Bench) {
    let stale = passed_on(&mut bench).await;
    let fresh = bench.another("worker-2").claim(follow("mia")).await;
    assert!(fresh.fence > stale.fence);

    let late = bench.settle(&stale, follow("mia"), NETWORK).await;
    assert!(matches!(&late, Committed::Late(_)), "{late:?}");
    assert_eq!(late.event().reason.as_deref(), Some(reason::LATE_COMMIT));
    assert_eq!(bench.refused(follow("mia")).await, RefusalReason::Claimed);

    let settled = bench.settle(&fresh, follow("mia"), SUCCESS).await;
    assert!(matches!(settled, Committed::Settled(_)));
    bench.assert_intact().await;
}

pub(crate) async fn a_late_success_still_closes_the_window(mut bench: Bench) {
    let stale = passed_on(&mut bench).await;
    let late = bench.settle(&stale, follow("mia"), SUCCESS).await;
    assert!(matches!(late, Committed::Late(_)));
    assert_eq!(bench.refused(follow("mia")).await, RefusalReason::AlreadyEngaged);
    bench.assert_intact().await;
}

pub(crate) async fn a_claim_given_back_can_be_claimed_at_once(bench: Bench) {
    bench.engage_with(follow("mia"), Outcome::Retry(None)).await;
    let used = bench.anna().await.account.usage.used(follow("mia").action, bench.now);
    assert_eq!(used, (0, 0), "what was not done uses up nothing");
    bench.claim(follow("mia")).await;
}

pub(crate) async fn the_error_history_keeps_the_newest_hundred(bench: Bench) {
    for n in 0..103 {
        let key = follow(&format!("mia_{n}"));
        let claim = bench.claim(key.clone()).await;
        let mut report = bench.report(claim.id, key, NETWORK);
        report.detail = format!("failure {n}");
        bench.store.commit(&bench.settings, report).await.unwrap();
    }
    let AccountView { errors, .. } = bench.anna().await;
    assert_eq!(errors.len(), AccountView::ERRORS_KEPT);
    assert_eq!(
        (errors[0].detail.as_str(), errors[99].detail.as_str()),
        ("failure 102", "failure 3")
    );
    assert_eq!(errors[0].event_id, bench.log().await.last().map(|event| event.id));
    bench.assert_intact().await;
}

pub(crate) async fn the_largest_of_everything_fits(bench: Bench) {
    let label = "x".repeat(decorum_core::ids::LABEL_MAX);
    let filling = "ß".repeat((decorum_core::metadata::METADATA_MAX - 10) / 2);
    let large = metadata(&json!({ "a": filling }));
    assert!(large.as_str().len() > decorum_core::metadata::METADATA_MAX - 8);
    let key = key(&"a".repeat(64), &"m".repeat(30), follow("mia").action);

    let mut request = bench.request(key.clone());
    (request.metadata, request.holder) = (large.clone(), name(&label));
    (request.task_id, request.device_id) = (Some(name(&label)), Some(name(&label)));
    let claim = bench.ask(request).await.unwrap();
    let mut report = bench.report(claim.id, key, Outcome::Failed(ErrorClass::Unknown));
    (report.session_id, report.latency_ms) = (Some(name(&label)), Some(u64::MAX));
    (report.detail, report.reason) = ("é".repeat(100_000), Some(label));
    let event = bench.store.commit(&bench.settings, report).await.unwrap().event().clone();

    assert_eq!(event.metadata, large);
    assert_eq!(event.latency_ms, Some(u64::MAX));
    assert_eq!(bench.log().await, [event]);
    bench.assert_intact().await;
}
