//! Doubts, settled by looking.

use decorum_core::{Claim, Finding, Metadata, RefusalReason, Status, outcome::reason};

use super::arrange::{Bench, SECOND, SUCCESS, at_once, claim_id, follow};
use crate::{Committed, StoreError};

/// A claim on `mia` whose holder vanished.
async fn doubt(bench: &mut Bench) -> Claim {
    let claim = bench.claim(follow("mia")).await;
    bench.wait(SECOND * 120);
    assert_eq!(bench.store.lapse(None, &[], bench.now).await.unwrap(), 1);
    assert_eq!(bench.refused(follow("mia")).await, RefusalReason::InDoubt);
    claim
}

async fn look(bench: &Bench, claim: &Claim, finding: Finding) -> Result<Committed, StoreError> {
    let (metadata, stamp) = (Metadata::default(), bench.stamp());
    bench.store.reconcile(&bench.settings, claim.id, finding, metadata, stamp).await
}

pub(crate) async fn seen_done_counts_as_engaged(mut bench: Bench) {
    let claim = doubt(&mut bench).await;
    let settled = look(&bench, &claim, Finding::Done).await.unwrap();
    assert_eq!(settled.event().status, Status::Success);
    assert_eq!(settled.event().reason.as_deref(), Some(reason::RECONCILED_DONE));
    assert_eq!(settled.event().task_id, claim.task_id);
    assert_eq!(bench.refused(follow("mia")).await, RefusalReason::AlreadyEngaged);
    bench.assert_intact().await;
}

pub(crate) async fn a_holder_who_looked_may_repeat_its_report(bench: Bench) {
    let claim = bench.claim(follow("mia")).await;
    let (outcome, why) = Finding::Done.outcome();
    for repeated in [false, true] {
        let mut report = bench.report(claim.id, follow("mia"), outcome);
        report.reason = Some(why.to_owned());
        let answer = bench.store.commit(&bench.settings, report).await.unwrap();
        assert_eq!(matches!(answer, Committed::Repeated(_)), repeated, "{answer:?}");
    }
    assert_eq!(bench.log().await.len(), 1);
    bench.assert_intact().await;
}

pub(crate) async fn seen_undone_frees_the_person_but_not_the_budget(mut bench: Bench) {
    let claim = doubt(&mut bench).await;
    look(&bench, &claim, Finding::NotDone).await.unwrap();
    assert_eq!(bench.anna().await.account.usage.used(follow("mia").action, bench.now).1, 1);
    bench.claim(follow("mia")).await;
    assert!(bench.store.doubts(None, 10).await.unwrap().is_empty());
    bench.assert_intact().await;
}

pub(crate) async fn what_nobody_can_tell_counts_as_engaged(mut bench: Bench) {
    let claim = doubt(&mut bench).await;
    let settled = look(&bench, &claim, Finding::CannotTell).await.unwrap();
    assert_eq!(settled.event().reason.as_deref(), Some(reason::PRESUMED));
    assert_eq!(bench.refused(follow("mia")).await, RefusalReason::AlreadyEngaged);
}

pub(crate) async fn settling_twice_changes_nothing(mut bench: Bench) {
    let claim = doubt(&mut bench).await;
    let first = look(&bench, &claim, Finding::Done).await.unwrap();
    let second = look(&bench, &claim, Finding::NotDone).await.unwrap();
    assert!(matches!(&second, Committed::Repeated(event) if event == first.event()));
    assert_eq!(bench.log().await.len(), 1);
}

pub(crate) async fn the_holders_own_report_wins_if_first(mut bench: Bench) {
    let claim = doubt(&mut bench).await;
    let own = bench.settle(&claim, follow("mia"), SUCCESS).await;
    assert!(matches!(own, Committed::Settled(_)), "in doubt, the claim is still its holder's");
    let looked = look(&bench, &claim, Finding::NotDone).await.unwrap();
    assert!(matches!(&looked, Committed::Repeated(event) if event == own.event()));
    assert_eq!(bench.refused(follow("mia")).await, RefusalReason::AlreadyEngaged);
}

pub(crate) async fn a_live_claim_is_its_holders_to_settle(mut bench: Bench) {
    let claim = bench.claim(follow("mia")).await;
    let answer = look(&bench, &claim, Finding::NotDone).await;
    assert!(
        matches!(answer, Err(StoreError::StillHeld { until, .. }) if until == claim.lease_until)
    );
    assert_eq!(bench.refused(follow("mia")).await, RefusalReason::Claimed);

    bench.wait(SECOND * 120);
    look(&bench, &claim, Finding::NotDone).await.unwrap();

    let unknown = Claim { id: claim_id(), ..claim };
    assert!(matches!(look(&bench, &unknown, Finding::Done).await, Err(StoreError::NoSuchClaim(_))));
}

pub(crate) async fn racing_looks_record_one_event(mut bench: Bench) {
    let claim = doubt(&mut bench).await;
    let said = at_once(16, |n| {
        let (bench, claim) = (bench.clone(), claim.clone());
        let finding = if n % 2 == 0 { Finding::Done } else { Finding::NotDone };
        async move { look(&bench, &claim, finding).await.unwrap() }
    })
    .await;
    assert!(said.windows(2).all(|pair| pair[0].event() == pair[1].event()));
    assert_eq!(bench.log().await.len(), 1);
}
