//! Whether anybody acted for an account that was to rest.
//!
//! A rest is judged by the clock of whoever acts, as Decorum does: a worker whose clock is ahead
//! ends it early, and that is the fault's doing. The clock stands in the claim's id, a UUID of
//! version 7 made at the instant that decides. What it was in true time follows from the shifts
//! of the workers that ran then. Where more than one reading is possible, the act is held against
//! the rest only if it breaks it in all of them.

use std::collections::HashMap;

use decorum_core::{ClaimId, ErrorClass, Event, SessionId};

use crate::judge::{Evidence, whom};
use crate::ledger::{Entry, Whom};

/// A claim is made, and its id before it, this long before or after what we know of its worker.
const SLACK_MS: i64 = 1_000;

/// How long after a refusal acts are held against it, in milliseconds.
const HORIZON_MS: i64 = 20_000;

/// How long before an event was first seen a clear may already have come after it.
const UNSEEN_MS: i64 = 20_000;

/// When a worker ran, and how wrong its clock was.
#[derive(Clone, Debug)]
pub(crate) struct Lifetime {
    pub(crate) account: String,
    pub(crate) shift_ms: i64,
    pub(crate) from_ms: i64,
    pub(crate) until_ms: i64,
}

/// A person cleared an account: whatever it rested for is over.
#[derive(Clone, Debug)]
pub(crate) struct Clear {
    pub(crate) account: String,
    pub(crate) at_ms: i64,
}

/// Acts that were held against a rest, and those that broke one.
#[derive(Default)]
pub(crate) struct Rests {
    pub(crate) judged: usize,
    pub(crate) broken: Vec<String>,
}

/// What a claim is to a rest, read in one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    /// It may have been made before the refusal was on record.
    Before,
    /// By the clock of whoever made it, the rest was over.
    Over,
    /// It broke the rest.
    Broken,
}

/// A refusal on record, and what it means.
struct Rest<'a> {
    event: &'a Event,
    /// On record by then, in true time.
    by_ms: i64,
    /// Until when, by the clock of the log; `i64::MAX`: until a person clears it.
    until_ms: i64,
}

/// Judges the rests that were first seen since `evidence.since_ms`.
pub(crate) fn judge(evidence: &Evidence<'_>) -> Rests {
    let tables = Tables::of(evidence);
    let mut rests = Rests::default();
    for event in evidence.events {
        let Some(rest) = rest(event, evidence) else { continue };
        for act in tables.acts_during(&rest) {
            if was_cleared(act, &rest, evidence) {
                continue;
            }
            let mut readings = Vec::new();
            for claim in tables.claims_of(act) {
                tables.read(claim, act, &rest, &mut readings);
            }
            rests.judged += usize::from(!readings.is_empty());
            // It probed whether the account may act again; what comes next is another story.
            if readings.contains(&Reading::Over) {
                break;
            }
            if !readings.is_empty() && readings.iter().all(|reading| *reading == Reading::Broken) {
                rests.broken.push(format!(
                    "{} at {}, although event {} ({}, {}) was on record by {}",
                    act.whom,
                    act.at_ms,
                    event.id,
                    event.ts,
                    event.error_class.map_or("-", ErrorClass::as_str),
                    rest.by_ms,
                ));
            }
        }
    }
    rests
}

fn rest<'a>(event: &'a Event, evidence: &Evidence<'_>) -> Option<Rest<'a>> {
    let until_ms = match event.error_class? {
        ErrorClass::RateLimited | ErrorClass::ActionBlocked => {
            event.ts.as_millis() + evidence.rest_ms
        }
        ErrorClass::Challenge
        | ErrorClass::LoggedOut
        | ErrorClass::AccountSuspended
        | ErrorClass::Unknown => i64::MAX,
        _ => return None,
    };
    let by_ms = evidence.seen.get(&event.id)?.by_ms;
    (by_ms >= evidence.since_ms).then_some(Rest { event, by_ms, until_ms })
}

/// Whether a person may have ended the rest before the act.
fn was_cleared(act: &Entry, rest: &Rest<'_>, evidence: &Evidence<'_>) -> bool {
    evidence.clears.iter().any(|clear| {
        clear.account == act.whom.account
            && clear.at_ms > rest.by_ms - UNSEEN_MS
            && clear.at_ms < act.at_ms
    })
}

/// Ledger, log and workers, by account.
#[derive(Default)]
struct Tables<'a> {
    /// Acts in the order of time.
    acts: HashMap<&'a str, Vec<&'a Entry>>,
    claims: HashMap<Whom, Vec<&'a Event>>,
    lives: HashMap<&'a str, Vec<&'a Lifetime>>,
}

impl<'a> Tables<'a> {
    fn of(evidence: &Evidence<'a>) -> Self {
        let mut tables = Self::default();
        for event in evidence.events {
            if let Some(whom) = whom(event).filter(|_| event.claim_id.is_some()) {
                tables.claims.entry(whom).or_default().push(event);
            }
        }
        for act in &evidence.ledger.entries {
            tables.acts.entry(&act.whom.account).or_default().push(act);
        }
        for acts in tables.acts.values_mut() {
            acts.sort_by_key(|act| act.at_ms);
        }
        let recent = |life: &&Lifetime| life.until_ms > evidence.since_ms - UNSEEN_MS;
        for life in evidence.lifetimes.iter().filter(recent) {
            tables.lives.entry(&life.account).or_default().push(life);
        }
        tables
    }

    /// Acts of the account since the refusal was on record, for a while.
    fn acts_during(&self, rest: &Rest<'_>) -> &[&'a Entry] {
        let acts = self.acts.get(rest.event.account_id.as_str()).map_or(&[][..], Vec::as_slice);
        let from = acts.partition_point(|act| act.at_ms <= rest.by_ms);
        let to = acts.partition_point(|act| act.at_ms < rest.by_ms + HORIZON_MS);
        acts.get(from..to).unwrap_or_default()
    }

    /// The claims that the act may have been made under: those of its session, if one says so.
    fn claims_of(&self, act: &Entry) -> Vec<&'a Event> {
        let all = self.claims.get(&act.whom).cloned().unwrap_or_default();
        let same = |event: &&&Event| {
            let session = event.session_id.as_ref().map(SessionId::as_str);
            session.is_some() && session == act.session.as_deref()
        };
        let of_session: Vec<_> = all.iter().filter(same).copied().collect();
        if of_session.is_empty() { all } else { of_session }
    }

    /// Adds every possible reading of when the act was claimed.
    fn read(&self, claim: &Event, act: &Entry, rest: &Rest<'_>, readings: &mut Vec<Reading>) {
        let Some(clock_ms) = claim.claim_id.map(made_at_ms) else { return };
        for life in self.lives.get(act.whom.account.as_str()).into_iter().flatten() {
            let true_ms = clock_ms - life.shift_ms;
            let possible = true_ms > life.from_ms - SLACK_MS
                && true_ms < life.until_ms + SLACK_MS
                && true_ms < act.at_ms + SLACK_MS;
            if possible {
                readings.push(if true_ms <= rest.by_ms {
                    Reading::Before
                } else if clock_ms >= rest.until_ms {
                    Reading::Over
                } else {
                    Reading::Broken
                });
            }
        }
    }
}

/// The instant in an id of version 7.
fn made_at_ms(claim: ClaimId) -> i64 {
    claim.as_bytes().iter().take(6).fold(0, |ms, byte| ms << 8 | i64::from(*byte))
}
