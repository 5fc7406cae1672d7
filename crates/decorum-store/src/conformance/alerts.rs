//! Alerts: one trouble is raised once, until somebody saw to it.

use decorum_core::{Alert, AlertId, AlertKind};

use super::arrange::{Bench, SECOND, at_once, event_id, name};
use crate::StoreError;

fn alert_id() -> AlertId {
    name(&event_id().to_string())
}

fn alert(bench: &Bench, kind: AlertKind, subject: &str) -> Alert {
    Alert {
        id: alert_id(),
        kind,
        subject: subject.to_owned(),
        message: "the app asks for a code; enter it on the phone".to_owned(),
        raised_at: bench.now,
        closed_at: None,
        closed_by: None,
        evidence: Some("evidence/1.png".to_owned()),
    }
}

pub(crate) async fn a_trouble_is_raised_once_until_it_is_closed(mut bench: Bench) {
    let first = alert(&bench, AlertKind::AccountHalted, "anna");
    assert_eq!(bench.store.raise_alert(first.clone()).await.unwrap(), (first.clone(), true));
    let second = alert(&bench, AlertKind::AccountHalted, "anna");
    assert_eq!(bench.store.raise_alert(second.clone()).await.unwrap(), (first.clone(), false));
    for other in [(AlertKind::DeviceLost, "anna"), (AlertKind::AccountHalted, "bert")] {
        assert!(bench.store.raise_alert(alert(&bench, other.0, other.1)).await.unwrap().1);
    }
    bench.wait(SECOND);
    let closed = bench.store.close_alert(first.id, "eva", bench.now).await.unwrap();
    assert_eq!(closed.closed_by.as_deref(), Some("eva"));
    bench.wait(SECOND);
    let again = bench.store.close_alert(first.id, "otto", bench.now).await.unwrap();
    assert_eq!(again, closed, "what is closed stays as it is");
    assert!(bench.store.raise_alert(second).await.unwrap().1);
    let log = bench.store.admin_log(10).await.unwrap();
    let what: Vec<_> = log.iter().map(|e| (e.what.as_str(), e.subject.as_str())).collect();
    assert_eq!(what, [("alert.closed", "anna")]);
    let nobody = bench.store.close_alert(alert_id(), "eva", bench.now).await;
    assert!(matches!(nobody, Err(StoreError::NoSuchAlert(_))), "{nobody:?}");
    bench.assert_intact().await;
}

pub(crate) async fn many_raising_one_trouble_raise_it_once(bench: Bench) {
    let crowd = bench.clone();
    let raised = at_once(8, move |n| {
        let bench = crowd.another(&format!("worker-{n}"));
        async move {
            bench.store.raise_alert(alert(&bench, AlertKind::DeviceLost, "phone-1")).await.unwrap()
        }
    })
    .await;
    assert_eq!(raised.iter().filter(|(_, new)| *new).count(), 1);
    assert!(raised.iter().all(|(alert, _)| *alert == raised[0].0));
}

pub(crate) async fn pages_of_alerts_have_no_gaps_and_no_repeats(mut bench: Bench) {
    let mut all = Vec::new();
    for n in 0..17 {
        let alert = alert(&bench, AlertKind::TaskFailed, &format!("task-{n}"));
        all.push(bench.store.raise_alert(alert).await.unwrap().0);
        if n % 3 == 0 {
            bench.wait(SECOND);
        }
    }
    for alert in all.iter_mut().step_by(4) {
        *alert = bench.store.close_alert(alert.id, "eva", bench.now).await.unwrap();
    }
    all.reverse();
    for open_only in [false, true] {
        let wanted: Vec<_> =
            all.iter().filter(|alert| !open_only || alert.is_open()).cloned().collect();
        for limit in [1, 4, 1000] {
            let (mut found, mut after) = (Vec::new(), None);
            loop {
                let page = bench.store.alerts(open_only, after.as_ref(), limit).await.unwrap();
                assert!(page.items.len() <= limit);
                found.extend(page.items);
                after = match page.next {
                    Some(next) => Some(next.to_string().parse().unwrap()),
                    None => break,
                };
            }
            assert_eq!(found, wanted, "by {limit}");
        }
    }
}

pub(crate) async fn what_stands_is_what_is_open_and_what_ended_since(mut bench: Bench) {
    let mut tasks = Vec::new();
    let mut alerts = Vec::new();
    for n in 0..4 {
        tasks.push(bench.submit(&format!("t.{n}"), &["mia"]).await);
        let alert = alert(&bench, AlertKind::TaskFailed, &format!("t.{n}"));
        alerts.push(bench.store.raise_alert(alert).await.unwrap().0);
        bench.wait(SECOND);
    }
    let mut ends = Vec::new();
    for n in [2, 0, 1] {
        bench.wait(SECOND);
        ends.push(bench.now);
        bench.save_by_hand(tasks[n].clone().cancel(bench.now).unwrap()).await;
        bench.store.close_alert(alerts[n].id, "eva", bench.now).await.unwrap();
    }
    for (since, wanted) in [
        (ends[0], &["t.3", "t.1", "t.0", "t.2"][..]),
        (ends[1], &["t.3", "t.1", "t.0"]),
        (ends[2].plus(SECOND), &["t.3"]),
    ] {
        let standing = bench.store.standing(since).await.unwrap();
        let tasks: Vec<_> = standing.tasks.iter().map(|task| task.id.as_str()).collect();
        let alerts: Vec<_> = standing.alerts.iter().map(|alert| alert.subject.as_str()).collect();
        assert_eq!((&tasks[..], &alerts[..]), (wanted, wanted));
    }
}

pub(crate) async fn an_alert_loses_what_it_says_of_a_forgotten_person(bench: Bench) {
    let mut raised = alert(&bench, AlertKind::UnknownDialog, "anna");
    raised.message = "after following mia the app said something new".to_owned();
    bench.store.raise_alert(raised.clone()).await.unwrap();
    let platform = decorum_core::Platform::Instagram;
    bench.store.forget(platform, &name("mia"), "eva", bench.now).await.unwrap();
    let there = bench.store.alerts(true, None, 10).await.unwrap().items;
    assert_eq!(there.len(), 1);
    assert!(!there[0].message.contains("mia"), "{there:?}");
    bench.assert_intact().await;
}
