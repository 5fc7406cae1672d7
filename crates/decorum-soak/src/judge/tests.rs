//! Each broken promise is seen, and what only looks like one is not.

use decorum_core::chain::{Digest, Salt};
use decorum_core::{Action, ErrorClass, Metadata, Platform, Timestamp};
use decorum_sim::Effect;
use uuid::{Builder, Uuid};

use super::*;

const NOON: i64 = 1_800_000_000_000;

/// What there is to judge, arranged by hand.
#[derive(Default)]
struct Case {
    ledger: Ledger,
    events: Vec<Event>,
    seen: HashMap<EventId, Sight>,
    promised: HashMap<EventId, Whom>,
    lifetimes: Vec<Lifetime>,
    clears: Vec<Clear>,
}

fn anna() -> Whom {
    Whom { account: "studio.a".into(), person: "anna".into(), action: Action::Follow }
}

/// A claim made at this instant by its maker's clock.
fn claim(at_ms: i64) -> ClaimId {
    let ms = u64::try_from(at_ms).unwrap();
    let random = Uuid::new_v4().into_bytes();
    let random: [u8; 10] = random[..10].try_into().unwrap();
    ClaimId::from_uuid(Builder::from_unix_timestamp_millis(ms, &random).into_uuid())
}

impl Case {
    fn act(mut self, effect: Effect, at_ms: i64) -> Self {
        let seq = self.ledger.entries.len() as u64 + 1;
        let (session, detail) = (None, None);
        self.ledger.entries.push(Entry { whom: anna(), at_ms, effect, session, detail, seq });
        self
    }

    fn event(mut self, status: Status, reason: Option<&str>, claim: Option<ClaimId>) -> Self {
        let seq = self.events.len() as u64 + 1;
        self.events.push(Event {
            id: EventId::from_uuid(Uuid::new_v4()),
            seq,
            platform: Platform::Instagram,
            account_id: "studio.a".parse().unwrap(),
            target_username: Some("anna".parse().unwrap()),
            target_ref: Digest::ZERO,
            salt: Some(Salt([0; 16])),
            action: Action::Follow,
            status,
            reason: reason.map(ToOwned::to_owned),
            error_class: None,
            task_id: None,
            device_id: None,
            session_id: None,
            claim_id: claim,
            latency_ms: None,
            ts: Timestamp::from_millis(NOON),
            metadata: Metadata::default(),
            prev_hash: Digest::ZERO,
            hash: Digest::ZERO,
        });
        self
    }

    /// A rate limit on somebody else at noon, on record at once.
    fn refused_at_noon(mut self) -> Self {
        self = self.event(Status::Failed, None, Some(claim(NOON)));
        let event = self.events.last_mut().unwrap();
        event.error_class = Some(ErrorClass::RateLimited);
        event.target_username = Some("bert".parse().unwrap());
        let sight = Sight { event: event.clone(), by_ms: NOON + 100 };
        self.seen.insert(event.id, sight);
        self
    }

    fn worker(mut self, shift_ms: i64) -> Self {
        let (from_ms, until_ms) = (NOON - 60_000, NOON + 60_000);
        let account = "studio.a".into();
        self.lifetimes.push(Lifetime { account, shift_ms, from_ms, until_ms });
        self
    }

    fn judged(&self) -> Verdict {
        judge(&Evidence {
            ledger: &self.ledger,
            events: &self.events,
            seen: &self.seen,
            promised: &self.promised,
            lifetimes: &self.lifetimes,
            clears: &self.clears,
            rest_ms: 3_000,
            since_ms: 0,
        })
    }
}

fn violations(verdict: &Verdict) -> [usize; 5] {
    [
        verdict.twice.len(),
        verdict.unrecorded.len(),
        verdict.invented.len(),
        verdict.lost.len(),
        verdict.restless.len(),
    ]
}

#[test]
fn an_effect_with_its_success_is_in_order() {
    let case =
        Case::default().act(Effect::Applied, NOON).event(Status::Success, None, Some(claim(NOON)));
    assert_eq!(violations(&case.judged()), [0; 5]);
}

#[test]
fn a_second_effect_is_seen_whatever_the_log_says() {
    let case = Case::default().act(Effect::Applied, NOON).act(Effect::Requested, NOON + 1).event(
        Status::Success,
        None,
        Some(claim(NOON)),
    );
    let verdict = case.judged();
    assert_eq!(violations(&verdict), [1, 0, 0, 0, 0]);
    assert!(verdict.twice[0].contains("anna by studio.a (follow): 2 effects"), "{verdict:?}");
}

#[test]
fn a_refused_act_before_the_effect_is_not_a_second_one() {
    let case = Case::default()
        .act(Effect::Refused, NOON)
        .act(Effect::Reverted, NOON + 1)
        .act(Effect::Applied, NOON + 2)
        .event(Status::Success, None, Some(claim(NOON)));
    assert_eq!(violations(&case.judged()), [0; 5]);
}

#[test]
fn two_claims_that_both_succeeded_are_seen_and_a_late_commit_of_one_is_not() {
    let one = claim(NOON);
    let late = Case::default()
        .act(Effect::Applied, NOON)
        .event(Status::Success, Some(reason::RECONCILED_DONE), Some(one))
        .event(Status::Success, Some(reason::LATE_COMMIT), Some(one));
    assert_eq!(violations(&late.judged()), [0; 5]);

    let two = late.event(Status::Success, None, Some(claim(NOON)));
    assert_eq!(violations(&two.judged()), [1, 0, 0, 0, 0]);
}

#[test]
fn an_effect_without_a_success_is_seen() {
    let failed =
        Case::default().act(Effect::Applied, NOON).event(Status::Failed, None, Some(claim(NOON)));
    assert_eq!(violations(&failed.judged()), [0, 1, 0, 0, 0]);

    let found_later = failed.event(Status::Skipped, Some(reason::ALREADY_FOLLOWING), None);
    assert_eq!(violations(&found_later.judged()), [0; 5]);
}

#[test]
fn a_success_without_an_effect_is_seen_unless_it_was_presumed_or_taken_back() {
    let success = |why| Case::default().event(Status::Success, why, Some(claim(NOON)));
    assert_eq!(violations(&success(None).judged()), [0, 0, 1, 0, 0]);
    assert_eq!(violations(&success(Some(reason::PRESUMED)).judged()), [0; 5]);
    let reverted = success(None).act(Effect::Reverted, NOON);
    assert_eq!(violations(&reverted.judged()), [0; 5]);
}

#[test]
fn an_event_that_was_on_record_and_is_gone_or_different_is_seen() {
    let mut case =
        Case::default().act(Effect::Applied, NOON).event(Status::Success, None, Some(claim(NOON)));
    let event = case.events[0].clone();
    case.promised.insert(event.id, anna());
    case.seen.insert(event.id, Sight { event: event.clone(), by_ms: NOON });
    assert_eq!(violations(&case.judged()), [0; 5]);

    case.events[0].reason = Some("other".into());
    assert_eq!(violations(&case.judged()), [0, 0, 0, 1, 0]);

    case.events[0] = Event { id: EventId::from_uuid(Uuid::new_v4()), ..event };
    assert_eq!(violations(&case.judged()), [0, 0, 0, 2, 0]);
}

/// Somebody acts a second after the refusal, by a claim made then by a clock that is off by this.
fn act_during_the_rest(clock_ms: i64) -> Case {
    Case::default().refused_at_noon().worker(clock_ms).act(Effect::Applied, NOON + 1_100).event(
        Status::Success,
        None,
        Some(claim(NOON + 1_000 + clock_ms)),
    )
}

#[test]
fn an_act_during_a_rest_is_seen() {
    let verdict = act_during_the_rest(0).judged();
    assert_eq!(violations(&verdict), [0, 0, 0, 0, 1]);
    assert_eq!(verdict.rests_judged, 1);
    assert_eq!(violations(&act_during_the_rest(-30_000).judged())[4], 1);
}

#[test]
fn a_rest_is_over_for_a_clock_that_is_ahead() {
    let verdict = act_during_the_rest(5_000).judged();
    assert_eq!((verdict.restless.len(), verdict.rests_judged), (0, 1));
}

#[test]
fn what_may_have_been_claimed_before_the_refusal_is_no_breach() {
    let verdict = Case::default()
        .refused_at_noon()
        .worker(0)
        .act(Effect::Applied, NOON + 1_100)
        .event(Status::Success, None, Some(claim(NOON + 50)))
        .judged();
    assert_eq!((verdict.restless.len(), verdict.rests_judged), (0, 1));
    // With another worker whose clock is ahead, the same claim may be older.
    assert_eq!(act_during_the_rest(0).worker(1_000).judged().restless.len(), 0);
}

#[test]
fn a_rest_that_a_probe_ended_is_over_for_slow_clocks_too() {
    let probe = |mut case: Case| {
        case = case.worker(0).act(Effect::Applied, NOON + 10_000).event(
            Status::Success,
            None,
            Some(claim(NOON + 9_900)),
        );
        case.ledger.entries.last_mut().unwrap().whom.person = "clara".into();
        case.events.last_mut().unwrap().target_username = Some("clara".parse().unwrap());
        case
    };
    let slow = |case: Case| {
        case.worker(-30_000).act(Effect::Applied, NOON + 11_000).event(
            Status::Success,
            None,
            Some(claim(NOON + 10_900 - 30_000)),
        )
    };
    let refused = || Case::default().refused_at_noon();
    assert_eq!(slow(refused()).judged().restless.len(), 1);
    assert_eq!(slow(probe(refused())).judged().restless.len(), 0);
}

#[test]
fn a_person_ends_a_rest() {
    let mut case = act_during_the_rest(0);
    case.clears.push(Clear { account: "studio.a".into(), at_ms: NOON + 500 });
    assert_eq!(case.judged().restless.len(), 0);
}
