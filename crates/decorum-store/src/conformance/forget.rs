//! A forgotten person is nowhere, is never engaged again, and leaves a log that verifies.

use decorum_core::{
    ErrorClass, Finding, HaltReason, Metadata, Platform, Refusal, RefusalReason, Seen, Username,
};
use serde_json::json;

use super::arrange::{Bench, DAY, HOUR, NETWORK, SUCCESS, at_once, follow, key, metadata, name};
use super::import::past;
use crate::{Committed, EventFilter, Forgotten, Order, StoreError};

impl Bench {
    async fn forget(&self, target: &str) -> Forgotten {
        self.try_forget(target).await.unwrap()
    }

    async fn try_forget(&self, target: &str) -> Result<Forgotten, StoreError> {
        let target: Username = name(target);
        self.store.forget(Platform::Instagram, &target, "eva", self.now).await
    }

    async fn suppress(&self, target: &str, note: Option<&str>) -> usize {
        let targets = [name(target)];
        let added = self.store.suppress(Platform::Instagram, &targets, note, "eva", self.now);
        added.await.unwrap()
    }

    /// Everything the store can be made to say, as one text.
    async fn all_it_says(&self) -> String {
        let log = self.log().await;
        let accounts = self.store.accounts().await.unwrap();
        let admin = self.store.admin_log(1_000).await.unwrap();
        let doubts = self.store.doubts(None, 1_000).await.unwrap();
        format!("{log:?}\n{accounts:?}\n{admin:?}\n{doubts:?}").to_lowercase()
    }
}

/// A name that nothing else could contain.
const ODD: &str = "zq_odd.name7";

/// Engages, fails, is refused, is talked about: the person is everywhere they can be.
async fn known(bench: &mut Bench) {
    for account in ["anna", "bert"] {
        for action in [follow(ODD).action, decorum_core::Action::Like] {
            let key = key(account, ODD, action);
            let claim = bench.claim(key.clone()).await;
            let mut report = bench.report(claim.id, key, SUCCESS);
            report.metadata = metadata(&json!({ "said": format!("hello {ODD}") }));
            bench.store.commit(&bench.settings, report).await.unwrap();
        }
    }
    let comment = key("anna", ODD, decorum_core::Action::Comment);
    let claim = bench.claim(comment.clone()).await;
    let mut report = bench.report(claim.id, comment, NETWORK);
    report.detail = "their face, unnamed".to_owned();
    bench.store.commit(&bench.settings, report).await.unwrap();
    let refusal = Refusal::new(RefusalReason::AlreadyEngaged, None);
    bench.observe(follow(ODD), Seen::Refused(refusal)).await;
    let (anna, bert) = (name("anna"), name("bert"));
    let detail = format!("the page of @{} says no", ODD.to_uppercase());
    let (settings, now) = (&bench.settings, bench.now);
    bench
        .store
        .report_trouble(
            settings,
            &anna,
            ErrorClass::Network,
            &detail,
            decorum_core::Jitter::default(),
            now,
        )
        .await
        .unwrap();
    let note = format!("{ODD} complained");
    bench.store.halt(&bert, HaltReason::Operator, &note, "eva", now).await.unwrap();
    bench.suppress(ODD, Some("asked us not to")).await;
    bench.engage(follow("mia")).await;
    bench.wait(HOUR);
}

pub(crate) async fn a_forgotten_person_is_nowhere(mut bench: Bench) {
    known(&mut bench).await;
    assert!(bench.all_it_says().await.contains(ODD));
    let heads: Vec<_> =
        bench.store.accounts().await.unwrap().into_iter().map(|v| v.account.head).collect();

    let forgotten = bench.forget(ODD).await;

    // Of the failure and of the trouble; the halt has no entry in an error history.
    assert_eq!((forgotten.events, forgotten.rows, forgotten.errors), (6, 5, 2));
    let said = bench.all_it_says().await;
    assert!(!said.contains(ODD), "{said}");
    assert!(!said.contains("their face"), "what was said at an erased event: {said}");
    assert!(!said.contains("asked us not to"), "{said}");
    bench.assert_intact().await;
    let log = bench.log().await;
    assert_eq!(log.len(), 7);
    let erased = log.iter().filter(|e| e.is_erased());
    assert_eq!(erased.filter(|e| e.salt.is_none() && e.metadata == Metadata::default()).count(), 6);
    let now: Vec<_> =
        bench.store.accounts().await.unwrap().into_iter().map(|v| v.account.head).collect();
    assert_eq!(now, heads);
    let filter = EventFilter { target_username: Some(name(ODD)), ..EventFilter::default() };
    assert_eq!(bench.all(&filter, Order::Oldest, 10).await, vec![]);
}

pub(crate) async fn a_forgotten_person_is_never_engaged(mut bench: Bench) {
    bench.engage(follow(ODD)).await;
    bench.forget(ODD).await;
    bench.wait(DAY * 3_000);
    for account in ["anna", "cleo"] {
        let key = key(account, ODD, follow(ODD).action);
        assert_eq!(bench.check(&key).await.unwrap_err().reason, RefusalReason::Suppressed);
        assert_eq!(bench.refused(key).await, RefusalReason::Suppressed);
    }
    assert_eq!(bench.another("worker-2").refused(follow(ODD)).await, RefusalReason::Suppressed);
    assert_eq!(bench.suppress(ODD, None).await, 0, "they are on the list");
    assert!(!bench.all_it_says().await.contains(ODD));
    bench.claim(follow("zq_odd.name8")).await;
}

pub(crate) async fn somebody_never_heard_of_can_be_forgotten(bench: Bench) {
    assert_eq!(bench.forget(ODD).await, Forgotten::default());
    assert_eq!(bench.refused(follow(ODD)).await, RefusalReason::Suppressed);
    let noted = bench.store.admin_log(10).await.unwrap();
    assert_eq!(noted.len(), 1);
    assert_eq!(noted[0].what, "target.forgotten");
    bench.assert_intact().await;
}

pub(crate) async fn forgetting_is_noted_without_the_name(mut bench: Bench) {
    known(&mut bench).await;
    bench.forget(ODD).await;
    let noted = bench.store.admin_log(10).await.unwrap();
    let entry = &noted[0];
    assert_eq!((entry.what.as_str(), entry.who.as_str()), ("target.forgotten", "eva"));
    assert_eq!(entry.after, json!({ "events": 6, "rows": 5, "errors": 2, "candidates": 0 }));
    let pseudonym = entry.subject.as_str();
    assert!(pseudonym.len() == 12 && pseudonym.chars().all(|c| c.is_ascii_hexdigit()));
    // The entry that put them on the list is theirs still.
    let listed = noted.iter().find(|e| e.what == "suppression.added").unwrap();
    assert_eq!(listed.subject, pseudonym);
}

pub(crate) async fn forgetting_twice_is_forgetting_once(mut bench: Bench) {
    known(&mut bench).await;
    bench.forget(ODD).await;
    let before = bench.all_it_says().await;
    bench.wait(HOUR);
    assert_eq!(bench.forget(ODD).await, Forgotten::default());
    assert_eq!(bench.another("worker-2").forget(ODD).await, Forgotten::default());
    assert_eq!(bench.all_it_says().await, before);
}

pub(crate) async fn what_comes_later_is_recorded_without_the_name(bench: Bench) {
    bench.forget(ODD).await;
    let refusal = Refusal::new(RefusalReason::Suppressed, None);
    let mut seen = bench.seen(follow(ODD), Seen::Refused(refusal));
    seen.metadata = metadata(&json!({ "list": format!("friends of {ODD}") }));
    let event = bench.store.observe(&bench.settings, vec![seen.clone()]).await.unwrap().remove(0);
    assert!(event.is_erased());
    let again = bench.store.observe(&bench.settings, vec![seen]).await.unwrap().remove(0);
    assert_eq!(again, event);
    // A page that was looked at before they were forgotten, told of after.
    let outcome = Seen::Outcome(NETWORK);
    bench.observe(follow(ODD), outcome).await;
    assert!(!bench.all_it_says().await.contains(ODD));
    assert_eq!(bench.log().await.len(), 2);
    bench.assert_intact().await;
    assert_eq!(bench.forget(ODD).await, Forgotten::default());
}

pub(crate) async fn nobody_is_forgotten_while_somebody_acts_on_them(bench: Bench) {
    bench.engage(follow(ODD)).await;
    let key = key("bert", ODD, follow(ODD).action);
    let claim = bench.claim(key.clone()).await;
    let error = bench.try_forget(ODD).await.unwrap_err();
    assert!(matches!(error, StoreError::StillHeld { claim: id, .. } if id == claim.id), "{error}");
    assert!(bench.all_it_says().await.contains(ODD), "nothing was erased");
    bench.settle(&claim, key, SUCCESS).await;
    assert_eq!(bench.forget(ODD).await.events, 2);
    bench.assert_intact().await;
}

pub(crate) async fn a_claim_in_doubt_is_settled_first(mut bench: Bench) {
    let claim = bench.claim(follow(ODD)).await;
    bench.wait(HOUR);
    // Also before anybody swept it.
    for _ in 0..2 {
        let error = bench.try_forget(ODD).await.unwrap_err();
        assert!(matches!(error, StoreError::StillInDoubt(id) if id == claim.id), "{error}");
        bench.store.lapse(None, &[], bench.now).await.unwrap();
    }
    let (settings, stamp) = (&bench.settings, bench.stamp());
    bench
        .store
        .reconcile(settings, claim.id, Finding::CannotTell, Metadata::default(), stamp)
        .await
        .unwrap();
    let forgotten = bench.forget(ODD).await;
    assert_eq!((forgotten.events, forgotten.rows), (1, 1));
    assert!(!bench.all_it_says().await.contains(ODD));

    // The holder comes back after all: on record, without the name.
    let mut report = bench.report(claim.id, follow(ODD), SUCCESS);
    report.detail = format!("{ODD} followed");
    let late = bench.store.commit(&bench.settings, report.clone()).await.unwrap();
    assert!(matches!(&late, Committed::Late(event) if event.is_erased()), "{late:?}");
    let again = bench.store.commit(&bench.settings, report).await.unwrap();
    assert!(matches!(again, Committed::Repeated(_)), "{again:?}");
    assert!(!bench.all_it_says().await.contains(ODD));
    assert_eq!(bench.refused(follow(ODD)).await, RefusalReason::Suppressed);
    bench.assert_intact().await;
}

pub(crate) async fn only_that_person_is_forgotten(mut bench: Bench) {
    known(&mut bench).await;
    let others = ["zq_odd.name77", "zq_odd", "name7", "xzq_odd.name7"];
    for other in others {
        bench.engage(follow(other)).await;
        bench.suppress(other, Some("a note")).await;
        let note = format!("{other} complained");
        bench
            .store
            .halt(&name("cleo"), HaltReason::Operator, &note, "eva", bench.now)
            .await
            .unwrap();
        bench.store.clear(&name("cleo"), &note, "eva", bench.now).await.unwrap();
    }
    bench.forget(ODD).await;
    let log = bench.log().await;
    for other in others {
        assert!(log.iter().any(|e| e.target_username == Some(name(other))), "{other}");
        let note = format!("{other} complained");
        let admin = bench.store.admin_log(100).await.unwrap();
        assert_eq!(admin.iter().filter(|e| e.note.as_deref() == Some(note.as_str())).count(), 2);
        assert_eq!(admin.iter().filter(|e| e.subject == other).count(), 1);
    }
    assert_eq!(bench.refused(follow("mia")).await, RefusalReason::AlreadyEngaged);
    bench.assert_intact().await;
}

pub(crate) async fn an_account_of_that_name_keeps_it(bench: Bench) {
    // Somebody who is a target of one account and an account of ours.
    bench.engage(follow("bert")).await;
    bench.engage(key("bert", "mia", follow("mia").action)).await;
    bench.store.halt(&name("bert"), HaltReason::Operator, "rest", "eva", bench.now).await.unwrap();
    bench.forget("bert").await;
    let noted = bench.store.admin_log(10).await.unwrap();
    let halted = noted.iter().find(|e| e.what == "account.halted").unwrap();
    assert_eq!((halted.subject.as_str(), halted.note.as_deref()), ("bert", Some("rest")));
    assert_eq!(bench.store.account(&name("bert")).await.unwrap().account.head.seq, 1);
    bench.assert_intact().await;
}

pub(crate) async fn racing_to_forget_erases_once(bench: Bench) {
    for n in 0..20 {
        let account = format!("account{n}");
        bench.engage(key(&account, ODD, follow(ODD).action)).await;
    }
    let ended = at_once(4, |n| {
        let bench = bench.another(&format!("worker-{n}"));
        async move { bench.forget(ODD).await.events }
    })
    .await;
    assert_eq!(ended.iter().sum::<u64>(), 20, "{ended:?}");
    let noted = bench.store.admin_log(10).await.unwrap();
    assert_eq!(noted.len(), 1, "{noted:?}");
    bench.assert_intact().await;
}

pub(crate) async fn forgetting_and_claiming_at_once_leaves_no_name(bench: Bench) {
    for round in 0..50 {
        let target = format!("{ODD}.{round}");
        let ended = at_once(2, |n| {
            let (bench, target) = (bench.another(&format!("worker-{n}")), target.clone());
            async move {
                if n == 0 {
                    return bench.try_forget(&target).await.is_ok();
                }
                let Ok(claim) = bench.try_claim(follow(&target)).await else { return false };
                bench.settle(&claim, follow(&target), SUCCESS).await;
                true
            }
        })
        .await;
        if !ended[0] {
            bench.forget(&target).await;
        }
        assert!(!bench.all_it_says().await.contains(&target), "round {round}: {ended:?}");
    }
    bench.assert_intact().await;
}

pub(crate) async fn a_forgotten_person_survives_a_cleanup(bench: Bench) {
    let mut bench = bench.keeping(30);
    bench.engage(follow(ODD)).await;
    bench.engage(follow("mia")).await;
    bench.forget(ODD).await;
    bench.assert_intact().await;
    bench.wait(DAY * 31);
    assert_eq!(bench.clean().await, (1, 1));
    assert_eq!(bench.refused(follow(ODD)).await, RefusalReason::Suppressed);
    bench.assert_intact().await;
}

pub(crate) async fn imported_history_of_a_forgotten_person_has_no_name(bench: Bench) {
    bench.forget(ODD).await;
    let history = vec![past(&bench, follow(ODD), bench.now.minus(DAY))];
    assert_eq!(bench.store.import(&bench.settings, history.clone()).await.unwrap(), 1);
    assert_eq!(bench.store.import(&bench.settings, history).await.unwrap(), 0);
    assert!(!bench.all_it_says().await.contains(ODD));
    assert_eq!(bench.refused(follow(ODD)).await, RefusalReason::Suppressed);
    assert_eq!(bench.forget(ODD).await, Forgotten::default());
    bench.assert_intact().await;
}
