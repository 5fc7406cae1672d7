//! The judge: what the phones say happened against what the log says, event by event.

use std::collections::{BTreeMap, HashMap, HashSet};

use decorum_core::{ClaimId, ErrorClass, Event, EventId, Status, outcome::reason};

use crate::ledger::{Entry, Ledger, Whom};
use crate::rest::{self, Clear, Lifetime};
use crate::watch::Sight;

/// What is judged.
pub(crate) struct Evidence<'a> {
    pub(crate) ledger: &'a Ledger,
    /// Of all accounts, each chain in order.
    pub(crate) events: &'a [Event],
    /// When events were certainly on record.
    pub(crate) seen: &'a HashMap<EventId, Sight>,
    /// Events that a worker said were on record.
    pub(crate) promised: &'a HashMap<EventId, Whom>,
    pub(crate) lifetimes: &'a [Lifetime],
    pub(crate) clears: &'a [Clear],
    /// The shortest rest after a rate limit, in milliseconds.
    pub(crate) rest_ms: i64,
    /// Rests that were seen earlier have been judged before.
    pub(crate) since_ms: i64,
}

/// What the judge found. Each list is empty if the promise was kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct Verdict {
    /// People engaged more than once.
    pub(crate) twice: Vec<String>,
    /// Effects of which the log knows nothing.
    pub(crate) unrecorded: Vec<String>,
    /// Successes on record of which no phone knows.
    pub(crate) invented: Vec<String>,
    /// Events that were on record and are not, or are different.
    pub(crate) lost: Vec<String>,
    /// Acts while the account was to rest.
    pub(crate) restless: Vec<String>,
    /// Acts that were held against a rest.
    pub(crate) rests_judged: usize,
    /// Acts that took effect.
    pub(crate) effects: usize,
    /// Acts that were refused, or taken back by the app.
    pub(crate) without_effect: usize,
    /// Events on record.
    pub(crate) events: usize,
    /// Successes among them.
    pub(crate) successes: usize,
    /// Successes that nobody could see, presumed by caution.
    pub(crate) presumed: usize,
    /// Doubts that were settled by looking.
    pub(crate) reconciled: usize,
    /// Outcomes that came after their claim had passed to somebody else.
    pub(crate) late: usize,
}

impl Verdict {
    /// This one, and one on another log.
    pub(crate) fn and(mut self, other: Self) -> Self {
        for (all, more) in [
            (&mut self.twice, other.twice),
            (&mut self.unrecorded, other.unrecorded),
            (&mut self.invented, other.invented),
            (&mut self.lost, other.lost),
            (&mut self.restless, other.restless),
        ] {
            all.extend(more);
        }
        for (sum, more) in [
            (&mut self.rests_judged, other.rests_judged),
            (&mut self.effects, other.effects),
            (&mut self.without_effect, other.without_effect),
            (&mut self.events, other.events),
            (&mut self.successes, other.successes),
            (&mut self.presumed, other.presumed),
            (&mut self.reconciled, other.reconciled),
            (&mut self.late, other.late),
        ] {
            *sum += more;
        }
        self
    }
}

pub(crate) fn judge(evidence: &Evidence<'_>) -> Verdict {
    let by_whom = Tables::of(evidence);
    let mut verdict = count(evidence);
    verdict.twice = twice(evidence, &by_whom);
    verdict.unrecorded = unrecorded(&by_whom);
    verdict.invented = invented(&by_whom);
    verdict.lost = lost(evidence);
    let rests = rest::judge(evidence);
    verdict.restless = rests.broken;
    verdict.rests_judged = rests.judged;
    verdict
}

/// Ledger and log, by what may happen only once.
struct Tables<'a> {
    acts: BTreeMap<Whom, Vec<&'a Entry>>,
    events: BTreeMap<Whom, Vec<&'a Event>>,
}

impl<'a> Tables<'a> {
    fn of(evidence: &Evidence<'a>) -> Self {
        let mut tables = Self { acts: BTreeMap::new(), events: BTreeMap::new() };
        for entry in &evidence.ledger.entries {
            tables.acts.entry(entry.whom.clone()).or_default().push(entry);
        }
        for event in evidence.events {
            if let Some(whom) = whom(event) {
                tables.events.entry(whom).or_default().push(event);
            }
        }
        tables
    }
}

/// Whom an event is about.
pub(crate) fn whom(event: &Event) -> Option<Whom> {
    Some(Whom {
        account: event.account_id.as_str().to_owned(),
        person: event.target_username.as_ref()?.as_str().to_owned(),
        action: event.action,
    })
}

fn is_presumed(event: &Event) -> bool {
    matches!(event.reason.as_deref(), Some(reason::PRESUMED | reason::UNCONFIRMED))
}

/// Whether the event says that the page showed the act as done before it was tried.
fn is_already_done(event: &Event) -> bool {
    event.status == Status::Skipped
        && matches!(
            event.reason.as_deref(),
            Some(reason::ALREADY_FOLLOWING | reason::ALREADY_REQUESTED | reason::ALREADY_LIKED)
        )
}

fn count(evidence: &Evidence<'_>) -> Verdict {
    let effects = evidence.ledger.entries.iter().filter(|entry| entry.took_effect()).count();
    let events = evidence.events;
    let number = |of: &dyn Fn(&Event) -> bool| events.iter().filter(|event| of(event)).count();
    Verdict {
        effects,
        without_effect: evidence.ledger.entries.len() - effects,
        events: events.len(),
        successes: number(&|event| event.status == Status::Success),
        presumed: number(&|event| event.status == Status::Success && is_presumed(event)),
        reconciled: number(&|event| {
            decorum_core::engage::is_reconciliation(event.reason.as_deref())
        }),
        late: number(&|event| {
            event.metadata.to_map().get("late") == Some(&serde_json::Value::Bool(true))
        }),
        ..Verdict::default()
    }
}

/// Everything in a soak lies within one re-engagement window.
fn twice(evidence: &Evidence<'_>, tables: &Tables<'_>) -> Vec<String> {
    let mut found: Vec<String> =
        evidence.ledger.undone.iter().map(|act| format!("tapped again: {act}")).collect();
    for (whom, acts) in &tables.acts {
        let effects: Vec<_> = acts.iter().filter(|act| act.took_effect()).collect();
        if effects.len() > 1 {
            let lines: Vec<_> =
                effects.iter().map(|act| format!("line {} at {}", act.seq, act.at_ms)).collect();
            found.push(format!(
                "{whom}: {} effects ({}); on record: {}",
                effects.len(),
                lines.join(", "),
                story(tables.events.get(whom))
            ));
        }
    }
    for (whom, events) in &tables.events {
        let claims: HashSet<Option<ClaimId>> = events
            .iter()
            .filter(|event| event.status == Status::Success)
            .map(|event| event.claim_id)
            .collect();
        if claims.len() > 1 {
            found.push(format!(
                "{whom}: success of {} claims on record: {}",
                claims.len(),
                story(Some(events))
            ));
        }
    }
    found
}

fn unrecorded(tables: &Tables<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for (whom, acts) in &tables.acts {
        let Some(effect) = acts.iter().find(|act| act.took_effect()) else { continue };
        let events = tables.events.get(whom);
        let known = events
            .into_iter()
            .flatten()
            .any(|event| event.status == Status::Success || is_already_done(event));
        if !known {
            found.push(format!(
                "{whom}: took effect at {} (line {}), on record: {}",
                effect.at_ms,
                effect.seq,
                story(events)
            ));
        }
    }
    found
}

fn invented(tables: &Tables<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for (whom, events) in &tables.events {
        let acts = tables.acts.get(whom).map_or(&[][..], Vec::as_slice);
        // One that the app took back later had been seen done all the same.
        let happened =
            acts.iter().any(|act| act.took_effect() || act.effect == decorum_sim::Effect::Reverted);
        let claimed = events.iter().find(|event| {
            (event.status == Status::Success && !is_presumed(event)) || is_already_done(event)
        });
        if let Some(event) = claimed.filter(|_| !happened) {
            found.push(format!(
                "{whom}: event {} says done, and no phone knows of it; on record: {}",
                event.id,
                story(Some(events))
            ));
        }
    }
    found
}

fn lost(evidence: &Evidence<'_>) -> Vec<String> {
    let on_record: HashMap<EventId, &Event> =
        evidence.events.iter().map(|event| (event.id, event)).collect();
    let mut found = Vec::new();
    for (id, sight) in evidence.seen {
        match on_record.get(id) {
            None => found.push(format!("event {id} was on record and is not any more")),
            Some(event) if **event != sight.event => {
                found.push(format!("event {id} is another one now"));
            }
            Some(_) => {}
        }
    }
    for (id, whom) in evidence.promised {
        match on_record.get(id) {
            None => found.push(format!("event {id} ({whom}) was promised and is not on record")),
            Some(event) if self::whom(event).as_ref() != Some(whom) => {
                found.push(format!("event {id} was promised about {whom} and is another one"));
            }
            Some(_) => {}
        }
    }
    found
}

/// What is on record, in a line.
pub(crate) fn story(events: Option<&Vec<&Event>>) -> String {
    let told: Vec<String> = events
        .into_iter()
        .flatten()
        .map(|event| {
            let claim = event.claim_id.map_or_else(|| "-".to_owned(), |id| id.to_string());
            let session = event.session_id.as_ref().map_or("-", |id| id.as_str());
            format!(
                "[{} #{} {} {}/{} claim {claim} session {session}]",
                event.ts,
                event.seq,
                event.id,
                event.status,
                event
                    .reason
                    .as_deref()
                    .or(event.error_class.map(ErrorClass::as_str))
                    .unwrap_or("-"),
            )
        })
        .collect();
    if told.is_empty() { "nothing".to_owned() } else { told.join(" ") }
}

#[cfg(test)]
mod tests;
