//! Check, claim, commit, reconcile: the whole decision, as functions from what is stored to
//! what is to be stored.
//!
//! A keeper loads an [`Account`] and a [`Latest`] row, calls one function here, and writes back
//! what it returns, all in one atomic step. Nothing else decides, so every keeper decides alike.
//!
//! Invariants, held by the property tests in `tests/histories.rs`:
//! - between a claim and its settlement no second claim on the key is granted;
//! - after a success no claim on the key is granted before the window ends;
//! - no claim is granted while the account rests or is halted, and one at a time after a backoff;
//! - no window of an hour or a day holds more acts than its cap, nor, on the ramp after a cooldown,
//!   more than the share of it that has been reached;
//! - every event follows the one before it, in number and by hash, and in time unless it was
//!   imported ([`import`]).

mod import;

use serde::{Deserialize, Serialize};

use crate::account::Lesson;
use crate::breaker::{Jitter, Rest};
use crate::event::{Draft, Stamp};
use crate::{
    Account, AccountError, Claim, ClaimId, DedupScope, DeviceId, ErrorClass, Event, Fence, Hold,
    Holder, Key, Last, Latest, Lease, Metadata, Outcome, Ramp, Refusal, RefusalReason, SessionId,
    Settings, Status, TaskId, Timestamp, Usage, Window, outcome::reason, policy,
};

pub use import::{Imported, import, imported_id};

/// Everything a decision looks at.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// The settings in force.
    pub settings: &'a Settings,
    /// The acting account.
    pub account: &'a Account,
    /// The row of the key.
    pub latest: &'a Latest,
    /// The rows of our other accounts for the same person and action. Looked at only in
    /// `fleet` scope; may be left empty otherwise.
    pub elsewhere: &'a [Latest],
    /// Whether the person is on the suppression list.
    pub suppressed: bool,
    /// The lease on the account, if one was ever taken.
    pub account_lease: Option<&'a Lease>,
    /// What all accounts together have done, this one included. Looked at only where the
    /// settings cap the action for all of them, and then refused without it.
    pub fleet: Option<&'a Usage>,
}

/// A wish to engage.
#[derive(Clone, Debug)]
pub struct ClaimRequest {
    /// Chosen by the claimant; asking twice with the same id is asking once.
    pub claim_id: ClaimId,
    /// Whom, by whom, how.
    pub key: Key,
    /// Who will act.
    pub holder: Holder,
    /// The fence of the account lease the claimant holds, if it holds one.
    pub account_fence: Option<Fence>,
    /// The task it belongs to.
    pub task_id: Option<TaskId>,
    /// The phone it will happen on.
    pub device_id: Option<DeviceId>,
    /// What to remember with the claim.
    pub metadata: Metadata,
    /// The claimant's wall clock.
    pub now: Timestamp,
}

/// A claim granted: what to store.
#[derive(Clone, Debug)]
pub struct Granted {
    /// The claim, for the claimant.
    pub claim: Claim,
    /// The account as it is now; `None` if this claim had been granted before.
    pub account: Option<Account>,
    /// The row as it is now; `None` if this claim had been granted before.
    pub latest: Option<Latest>,
}

/// Whether the engagement may happen at `now`. Reasons that lie with the person come first:
/// they hold longest, whatever state the account is in.
///
/// Whether the account rests is decided by the caller's clock, also where the account has an event
/// of later: of two clocks that differ, the one that shows less ends a wait later. Were the newest
/// event to count as now, one event of a clock that runs ahead would end the account's waits for
/// everybody. Windows of weeks go by the newest event, so that a clock set back by months does not
/// shut people out for as long.
///
/// # Errors
/// The refusal.
pub fn check(s: &Situation<'_>, action: crate::Action, now: Timestamp) -> Result<(), Refusal> {
    check_target(s, s.account.not_before_newest(now))?;
    check_account(s, action, now)
}

fn check_target(s: &Situation<'_>, now: Timestamp) -> Result<(), Refusal> {
    if s.suppressed {
        return Err(Refusal::new(RefusalReason::Suppressed, None));
    }
    let others: &[Latest] = match s.settings.dedup_scope {
        DedupScope::Account => &[],
        DedupScope::Fleet => s.elsewhere,
    };
    // What an earlier outcome established is worth more to the reader than who is at it now.
    for row in std::iter::once(s.latest).chain(others) {
        if let Some(last) = &row.last
            && let Some(until) = last.expires_at
            && now < until
        {
            return Err(Refusal::new(why_engaged(last), Some(until)));
        }
    }
    for row in std::iter::once(s.latest).chain(others) {
        match &row.hold {
            Hold::Claimed(claim) if now < claim.lease_until => {
                return Err(Refusal::new(RefusalReason::Claimed, Some(claim.lease_until)));
            }
            Hold::Claimed(_) | Hold::InDoubt(_) => {
                return Err(Refusal::new(RefusalReason::InDoubt, None));
            }
            Hold::Free => {}
        }
    }
    Ok(())
}

fn why_engaged(last: &Last) -> RefusalReason {
    match (last.status, last.error_class, last.reason.as_deref()) {
        (_, Some(ErrorClass::TargetUnavailable), _) => RefusalReason::TargetUnavailable,
        (_, Some(ErrorClass::PrivateAccount), _) => RefusalReason::PrivateAccount,
        (Status::Skipped, _, Some(reason::NO_POSTS | reason::NO_STORY)) => {
            RefusalReason::NothingThere
        }
        _ => RefusalReason::AlreadyEngaged,
    }
}

fn check_account(s: &Situation<'_>, action: crate::Action, now: Timestamp) -> Result<(), Refusal> {
    s.account.breaker.admits(now).map_err(|rest| match rest {
        Rest::Backoff(until) => Refusal::new(RefusalReason::AccountBackoff, Some(until)),
        Rest::Probing => Refusal::new(RefusalReason::ProbeInFlight, None),
        Rest::Cooldown(until) => Refusal::new(RefusalReason::AccountCooldown, Some(until)),
        Rest::Halted(_) => Refusal::new(RefusalReason::AccountHalted, None),
    })?;
    if let Some(until) = s.settings.quiet_hours.as_ref().and_then(|q| q.quiet_until(now)) {
        return Err(Refusal::new(RefusalReason::QuietHours, Some(until)));
    }
    let ramp = Ramp::at(s.account.breaker.ramp(now), s.settings, now);
    let cap = s.settings.budgets.cap(action);
    let cap = ramp.map_or(cap, |ramp| ramp.of_cap(cap));
    if let Some((window, until)) = s.account.usage.exhausted(action, cap, now) {
        let reason = match window {
            Window::Hour => RefusalReason::BudgetHour,
            Window::Day => RefusalReason::BudgetDay,
        };
        return Err(Refusal::new(reason, Some(until).filter(|t| *t < Timestamp::MAX)));
    }
    let together = s.settings.fleet_budgets.cap(action);
    let used_up = match s.fleet {
        Some(fleet) => fleet.exhausted(action, together, now).map(|(_, until)| until),
        None => Some(Timestamp::MAX).filter(|_| !together.is_none()),
    };
    if let Some(until) = used_up {
        let until = Some(until).filter(|t| *t < Timestamp::MAX);
        return Err(Refusal::new(RefusalReason::FleetBudget, until));
    }
    // But for the distance between two acts, which is a matter of seconds: a clock that was set
    // back by a month does not make the account wait for a month.
    let spacing = s.settings.spacing();
    let spacing = ramp.map_or(spacing, |ramp| ramp.of_spacing(spacing));
    let next = s.account.last_act.map(|t| t.plus(spacing));
    match next {
        Some(next) if s.account.not_before_newest(now) < next => {
            Err(Refusal::new(RefusalReason::TooSoon, Some(next)))
        }
        _ => Ok(()),
    }
}

fn check_lease(lease: Option<&Lease>, proof: Option<Fence>, now: Timestamp) -> Result<(), Refusal> {
    let busy = |lease: &Lease| Refusal::new(RefusalReason::AccountBusy, Some(lease.until));
    match (lease, proof) {
        // With a proof the lease must still be that very one; a lapsed one proves nothing.
        (Some(lease), Some(fence)) if lease.fence != fence || !lease.is_live(now) => {
            Err(busy(lease))
        }
        (None, Some(_)) => Err(Refusal::new(RefusalReason::AccountBusy, None)),
        (Some(lease), None) if lease.is_live(now) => Err(busy(lease)),
        _ => Ok(()),
    }
}

/// Grants or refuses a claim. It counts against the budget from here on, so that acts under
/// way are never more than the cap either.
///
/// The row remembers only the claim it settled last. That an older claim is not granted anew is
/// for the keeper to see to: its log has an event with that claim id, until retention removes it.
///
/// # Errors
/// The refusal; nothing is to be stored then.
pub fn claim(s: &Situation<'_>, request: ClaimRequest) -> Result<Granted, Refusal> {
    let now = s.account.not_before_newest(request.now);
    // Asked again in time is asked once. Once the lease ran out the claimant may have acted and
    // forgotten it, so the answer is that of anybody else: in doubt.
    if let Hold::Claimed(claim) = &s.latest.hold
        && claim.id == request.claim_id
        && now < claim.lease_until
    {
        return Ok(Granted { claim: claim.clone(), account: None, latest: None });
    }
    if s.latest.last.as_ref().is_some_and(|last| last.claim_id == Some(request.claim_id)) {
        return Err(Refusal::new(RefusalReason::ClaimSettled, None));
    }
    check(s, request.key.action, request.now)?;
    // Leases are given out by the wall clock, so they are judged by it too: the instant of the
    // newest event, if later, would make a lease that somebody holds look lapsed.
    check_lease(s.account_lease, request.account_fence, request.now)?;

    // The row may have been cleaned up since its last claim.
    let fence = s.latest.fence.max(s.account.swept.fence).next();
    let claim = Claim {
        id: request.claim_id,
        holder: request.holder,
        fence,
        claimed_at: now,
        lease_until: now.plus(s.settings.claim_lease()),
        task_id: request.task_id,
        device_id: request.device_id,
        metadata: request.metadata,
    };
    let mut account = s.account.clone();
    account.breaker = account.breaker.admitted(claim.id, now);
    account.usage.add(request.key.action, now, request.now);
    account.last_act = Some(now);
    let latest = Latest { last: s.latest.last.clone(), hold: Hold::Claimed(claim.clone()), fence };
    Ok(Granted { claim, account: Some(account), latest: Some(latest) })
}

/// What a claimant, or whoever looked for it, says came of a claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The claim.
    pub claim_id: ClaimId,
    /// Whom, by whom, how.
    pub key: Key,
    /// How it ended.
    pub outcome: Outcome,
    /// Why, as a stable word.
    pub reason: Option<String>,
    /// What was seen, for a person reading the error history.
    pub detail: String,
    /// The automation session.
    pub session_id: Option<SessionId>,
    /// The phone, when it is not the one of the claim.
    pub device_id: Option<DeviceId>,
    /// From claim to outcome, in milliseconds.
    pub latency_ms: Option<u64>,
    /// What to keep with the event, besides what the claim carried.
    pub metadata: Metadata,
    /// Drawn by the caller.
    pub jitter: Jitter,
    /// Id, salt and time for the event.
    pub stamp: Stamp,
}

/// What looking at the phone showed about a claim in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The act had taken effect.
    Done,
    /// It clearly had not.
    NotDone,
    /// Nobody can tell.
    CannotTell,
}

impl Finding {
    /// What it means as an outcome, and the reason that goes with it.
    pub const fn outcome(self) -> (Outcome, &'static str) {
        match self {
            Self::Done => (Outcome::Success { presumed: false }, reason::RECONCILED_DONE),
            Self::NotDone => (Outcome::Retry(None), reason::RECONCILED_NOT_DONE),
            Self::CannotTell => (Outcome::Success { presumed: true }, reason::PRESUMED),
        }
    }
}

/// Whether an event with this reason settled a claim by looking, instead of by its holder.
pub fn is_reconciliation(reason: Option<&str>) -> bool {
    matches!(reason, Some(reason::RECONCILED_DONE | reason::RECONCILED_NOT_DONE | reason::PRESUMED))
}

/// A settlement: what to store.
#[derive(Clone, Debug)]
pub struct Settled {
    /// The account as it is now.
    pub account: Account,
    /// The row as it is now.
    pub latest: Latest,
    /// To append to the log.
    pub event: Event,
    /// To add to the error history.
    pub error: Option<AccountError>,
    /// The claim was no longer the holder's: the event is recorded, the row stayed whose it is.
    pub late: bool,
}

/// Settles a claim. Whoever commits after the row has passed on is `late`: what they did is
/// recorded, and if they did engage the person that still closes the window, but the claim
/// of whoever holds the row now is not touched.
pub fn commit(
    settings: &Settings,
    mut account: Account,
    mut latest: Latest,
    report: Report,
) -> Settled {
    let held = latest.claim().filter(|c| c.id == report.claim_id).cloned();
    // Nor before the claim, should the clock have been set back since: the window must not end
    // early for it.
    let at = account.not_before_newest(report.stamp.now);
    let at = held.as_ref().map_or(at, |claim| at.max(claim.claimed_at));
    let late = held.is_none();
    let reconciled = is_reconciliation(report.reason.as_deref());
    let action = report.key.action;

    if let Some(claim) = &held {
        latest.hold = Hold::Free;
        // What looking found undone was still an attempt; only a claim given back unused
        // returns its share of the budget.
        if !report.outcome.acted() && !reconciled {
            account.usage.take_back(action, claim.claimed_at);
        }
    }
    if report.outcome.acted() {
        account.last_act = account.last_act.max(Some(at));
    }
    let lesson = Lesson {
        outcome: report.outcome,
        claim: Some(report.claim_id),
        detail: &report.detail,
        event_id: report.stamp.event_id,
        at,
    };
    let error = account.learn(&lesson, settings, report.jitter);
    let reason = if late {
        Some(report.reason.unwrap_or_else(|| reason::LATE_COMMIT.to_owned()))
    } else {
        report.reason
    };
    let metadata = match &held {
        Some(claim) => merged(&claim.metadata, report.metadata),
        None => report.metadata,
    };
    let event = Draft {
        key: report.key,
        status: report.outcome.status(),
        reason,
        error_class: report.outcome.error_class(),
        task_id: held.as_ref().and_then(|c| c.task_id.clone()),
        device_id: report.device_id.or_else(|| held.as_ref().and_then(|c| c.device_id.clone())),
        session_id: report.session_id,
        claim_id: Some(report.claim_id),
        latency_ms: report.latency_ms,
        metadata: if late { metadata.with("late", true) } else { metadata },
    }
    .seal(&report.stamp, at, &mut account.head);
    account.newest_event = Some(at);

    let engaged = matches!(report.outcome, Outcome::Success { .. });
    if !late || engaged {
        latest.remember(last_of(&event, report.outcome, settings));
    }
    Settled { account, latest, event, error, late }
}

fn merged(claim: &Metadata, report: Metadata) -> Metadata {
    if *claim == Metadata::default() {
        return report;
    }
    report.to_map().into_iter().fold(claim.clone(), |m, (name, value)| m.with(&name, value))
}

fn last_of(event: &Event, outcome: Outcome, settings: &Settings) -> Last {
    Last {
        status: event.status,
        reason: event.reason.clone(),
        error_class: event.error_class,
        ts: event.ts,
        expires_at: policy::window_ends(outcome, event.ts, settings),
        claim_id: event.claim_id,
        event_id: event.id,
    }
}

/// What was seen or decided without a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// We refused.
    Refused(Refusal),
    /// The page itself answered: private, missing, already following, not reachable.
    Outcome(Outcome),
}

/// An attempt that ended before any claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// Whom, by whom, how.
    pub key: Key,
    /// What was seen.
    pub seen: Seen,
    /// Why, as a stable word; a refusal brings its own.
    pub reason: Option<String>,
    /// What was seen, for a person reading the error history.
    pub detail: String,
    /// The task it belongs to.
    pub task_id: Option<TaskId>,
    /// The phone it happened on.
    pub device_id: Option<DeviceId>,
    /// The automation session.
    pub session_id: Option<SessionId>,
    /// How long it took, in milliseconds.
    pub latency_ms: Option<u64>,
    /// What to keep with the event.
    pub metadata: Metadata,
    /// Drawn by the caller.
    pub jitter: Jitter,
    /// Id, salt and time for the event.
    pub stamp: Stamp,
}

/// Records an attempt that ended before any claim. A refusal changes nothing but the log; an
/// outcome also moves the breaker, and says on the row what came last. A claim on the row stays
/// whose it is.
pub fn observe(
    settings: &Settings,
    mut account: Account,
    mut latest: Latest,
    seen: Observation,
) -> Settled {
    let at = account.not_before_newest(seen.stamp.now);
    let (status, reason, error_class) = match seen.seen {
        Seen::Refused(refusal) => {
            (Status::DedupeHit, Some(refusal.reason.as_str().to_owned()), None)
        }
        Seen::Outcome(outcome) => (outcome.status(), seen.reason, outcome.error_class()),
    };
    let error = match seen.seen {
        Seen::Refused(_) => None,
        Seen::Outcome(outcome) => {
            let event_id = seen.stamp.event_id;
            let lesson = Lesson { outcome, claim: None, detail: &seen.detail, event_id, at };
            account.learn(&lesson, settings, seen.jitter)
        }
    };
    let event = Draft {
        key: seen.key,
        status,
        reason,
        error_class,
        task_id: seen.task_id,
        device_id: seen.device_id,
        session_id: seen.session_id,
        claim_id: None,
        latency_ms: seen.latency_ms,
        metadata: seen.metadata,
    }
    .seal(&seen.stamp, at, &mut account.head);
    account.newest_event = Some(at);
    if let Seen::Outcome(outcome) = seen.seen {
        latest.remember(last_of(&event, outcome, settings));
    }
    Settled { account, latest, event, error, late: false }
}
