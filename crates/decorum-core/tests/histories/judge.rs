//! The independent judge: a plain list of everything that happened, and what must never be
//! true of such a list. It knows the rules as the design states them, and nothing of how the
//! core keeps its state.

use decorum_core::{
    Cap, Claim, DedupScope, ErrorClass, Event, Jitter, Outcome, Refusal, RefusalReason, Skip,
    Timestamp, chain::Verifier,
};

use crate::choices::Setup;

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// An act may count this much longer against a budget than it must.
const BUDGET_SLACK: i64 = 5 * MINUTE;

/// What must never happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Violation {
    /// A person was to be engaged again within a window.
    WithinWindow,
    /// A second claim while one is open.
    TwoHolders,
    /// A claim on somebody never to be contacted.
    Suppressed,
    /// A claim while the account rests.
    WhileResting,
    /// A claim while the account is halted.
    WhileHalted,
    /// A second act while the probe is under way.
    SecondProbe,
    /// More acts in an hour or a day than allowed.
    OverBudget,
    /// Two acts closer together than allowed.
    TooClose,
    /// A claim in quiet hours.
    Quiet,
    /// A claim on an account that is leased to another.
    Leased,
    /// A fence that did not grow.
    Fence,
    /// A repeated request that was granted anew, or not as before.
    NotIdempotent,
    /// Something settled was not said to be late, or the other way round.
    Lateness,
    /// A number missing or twice in the log.
    Sequence,
    /// The log goes back in time.
    TimeRanBack,
    /// The chain does not verify.
    Chain,
    /// A refusal changed more than the log, or a window became shorter.
    WindowMoved,
    /// An import changed what an engagement of the past has no say in.
    ImportMeddled,
    /// A refusal for a reason that does not hold, or with a wrong instant.
    Unjustified(RefusalReason),
}

type Verdict = Result<(), Violation>;

fn forbid(wrong: bool, violation: Violation) -> Verdict {
    if wrong { Err(violation) } else { Ok(()) }
}

/// Account, target, action.
pub(crate) type Who = (usize, usize, usize);

struct Grant {
    who: Who,
    at: i64,
    lease_until: i64,
    open: bool,
    /// Its holder is known to be gone, or its lease was seen to have run out.
    doubted: bool,
    share: Share,
}

/// Whether a grant counts against the budget.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Share {
    Counts,
    GivenBack,
    /// By a clock that had come so far it counted no more.
    Forgotten,
}

struct Window {
    who: Who,
    until: i64,
}

/// What the judge holds true of an account's patience, from the signals it heard.
#[derive(Default)]
struct Patience {
    halted: bool,
    strikes: u32,
    rest_until: i64,
    cooldown_until: Option<i64>,
    /// When its last cooldown ended, if it has been working up since.
    ramp_since: Option<i64>,
    /// The grant that tries whether the account may act again.
    probe: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Signal {
    Fine,
    SlowDown,
    Person,
    Nothing,
}

fn meaning(class: ErrorClass) -> Signal {
    match class {
        ErrorClass::RateLimited | ErrorClass::ActionBlocked => Signal::SlowDown,
        ErrorClass::Challenge
        | ErrorClass::LoggedOut
        | ErrorClass::AccountSuspended
        | ErrorClass::Unknown => Signal::Person,
        _ => Signal::Nothing,
    }
}

fn signal(outcome: Outcome) -> Signal {
    match outcome {
        Outcome::Success { presumed: false } => Signal::Fine,
        Outcome::Failed(class) | Outcome::Retry(Some(class)) => meaning(class),
        _ => Signal::Nothing,
    }
}

/// What a claimant showed, and what the account's lease said then.
pub(crate) struct LeaseView {
    pub(crate) shown: Option<u64>,
    pub(crate) newest: Option<(u64, Timestamp)>,
}

pub(crate) struct Judge<'a> {
    setup: &'a Setup,
    grants: Vec<Grant>,
    windows: Vec<Window>,
    patience: Vec<Patience>,
    /// Newest event of each account.
    newest: Vec<i64>,
    last_act: Vec<Option<i64>>,
    fences: Vec<(Who, u64)>,
    chains: Vec<Verifier>,
}

impl<'a> Judge<'a> {
    pub(crate) fn new(setup: &'a Setup, chains: Vec<Verifier>) -> Self {
        let n = setup.accounts;
        Self {
            setup,
            grants: Vec::new(),
            windows: Vec::new(),
            patience: (0..n).map(|_| Patience::default()).collect(),
            newest: vec![0; n],
            last_act: vec![None; n],
            fences: Vec::new(),
            chains,
        }
    }

    /// The instant at which a decision for this account is dated, and by which windows are judged.
    /// Whether it rests is judged by the wall clock, however late the newest event is.
    fn as_of(&self, account: usize, wall: Timestamp) -> i64 {
        wall.as_millis().max(self.newest[account])
    }

    /// Whether what happened to `other` matters for `who`.
    fn concerns(&self, who: Who, other: Who) -> bool {
        let same_account = who.0 == other.0 || self.setup.settings.dedup_scope == DedupScope::Fleet;
        same_account && (who.1, who.2) == (other.1, other.2)
    }

    /// What is missing of the whole at `now`, as a fraction, for an account that works up to it.
    fn missing(&self, account: usize, now: i64) -> Option<(i64, i64)> {
        let patience = &self.patience[account];
        let since = patience.cooldown_until.filter(|t| now >= *t).or(patience.ramp_since)?;
        let ramp = i64::from(self.setup.settings.ramp_hours) * HOUR;
        let left = (since + ramp - now).min(ramp);
        (left > 0).then_some((3 * left, 4 * ramp))
    }

    fn cap(&self, who: Who, now: i64) -> Cap {
        let cap = self.setup.settings.budgets.cap(crate::choices::action(who.2));
        let Some((missing, whole)) = self.missing(who.0, now) else { return cap };
        let part = |cap: u32| {
            let lacks = (i64::from(cap) * missing + whole - 1) / whole;
            u32::try_from(i64::from(cap) - lacks).unwrap_or(0).max(cap.min(1))
        };
        Cap { hour: cap.hour.map(part), day: cap.day.map(part) }
    }

    fn acts(&self, who: Who, since: i64) -> u32 {
        self.count(who, since, |grant| grant.share == Share::Counts)
    }

    /// Those too that may have been forgotten.
    fn acts_at_most(&self, who: Who, since: i64) -> u32 {
        self.count(who, since, |grant| grant.share != Share::GivenBack)
    }

    fn count(&self, who: Who, since: i64, counts: impl Fn(&Grant) -> bool) -> u32 {
        let of = |g: &&Grant| (g.who.0, g.who.2) == (who.0, who.2) && g.at > since && counts(g);
        u32::try_from(self.grants.iter().filter(of).count()).unwrap_or(u32::MAX)
    }

    fn is_quiet(&self, at: i64) -> bool {
        let minute = (at % DAY) / MINUTE;
        self.setup.quiet.is_some_and(|(from, to)| {
            let (from, to) = (from.cast_signed(), to.cast_signed());
            if from < to { (from..to).contains(&minute) } else { minute >= from || minute < to }
        })
    }

    fn too_close(&self, account: usize, at: i64, now: i64) -> Option<i64> {
        let mut spacing = i64::from(self.setup.settings.min_seconds_between_actions) * SECOND;
        if let Some((missing, whole)) = self.missing(account, now) {
            spacing = spacing * whole / (whole - missing);
        }
        self.last_act[account].map(|last| last + spacing).filter(|free| at < *free)
    }

    /// A claim was granted that had not been before.
    pub(crate) fn granted(
        &mut self,
        who: Who,
        wall: Timestamp,
        claim: &Claim,
        lease: &LeaseView,
    ) -> Verdict {
        let at = self.as_of(who.0, wall);
        forbid(who.1 + 1 == self.setup.suppressed, Violation::Suppressed)?;
        // A window that its own account has seen end is over for the fleet too, though another
        // account, after a clock was set back, has not come as far.
        let engaged = self
            .windows
            .iter()
            .any(|w| self.concerns(who, w.who) && at.max(self.newest[w.who.0]) < w.until);
        forbid(engaged, Violation::WithinWindow)?;
        let held = self.grants.iter().any(|g| g.open && self.concerns(who, g.who));
        forbid(held, Violation::TwoHolders)?;

        let now = wall.as_millis();
        let patience = &self.patience[who.0];
        forbid(patience.halted, Violation::WhileHalted)?;
        forbid(patience.cooldown_until.is_some_and(|t| now < t), Violation::WhileResting)?;
        if patience.strikes > 0 {
            forbid(patience.probe.is_some(), Violation::SecondProbe)?;
            forbid(now < patience.rest_until, Violation::WhileResting)?;
        }

        let cap = self.cap(who, now);
        let over = |cap: Option<u32>, span| cap.is_some_and(|c| self.acts(who, now - span) >= c);
        forbid(over(cap.hour, HOUR) || over(cap.day, DAY), Violation::OverBudget)?;
        forbid(self.too_close(who.0, at, now).is_some(), Violation::TooClose)?;
        forbid(self.is_quiet(now), Violation::Quiet)?;
        let leased = lease.newest.filter(|(_, until)| wall < *until).map(|(fence, _)| fence);
        forbid(leased.is_some() && leased != lease.shown, Violation::Leased)?;
        forbid(lease.shown.is_some() && leased != lease.shown, Violation::Leased)?;

        let fence = claim.fence.get();
        let grown = self.fences.iter().all(|(key, old)| *key != who || *old < fence);
        forbid(!grown, Violation::Fence)?;
        self.fences.push((who, fence));

        let nth = self.grants.len();
        let patience = &mut self.patience[who.0];
        patience.ramp_since = patience.cooldown_until.take().or(patience.ramp_since);
        if patience.strikes > 0 {
            patience.probe = Some(nth);
        }
        self.last_act[who.0] = self.last_act[who.0].max(Some(at));
        for grant in self.grants.iter_mut().filter(|g| (g.who.0, g.who.2) == (who.0, who.2)) {
            if grant.share == Share::Counts && grant.at + DAY <= now {
                grant.share = Share::Forgotten;
            }
        }
        self.grants.push(Grant {
            who,
            at,
            lease_until: claim.lease_until.as_millis(),
            open: true,
            doubted: false,
            share: Share::Counts,
        });
        Ok(())
    }

    /// A claim asked for again was granted as before.
    pub(crate) fn granted_again(&self, nth: usize, wall: Timestamp) -> Verdict {
        let grant = &self.grants[nth];
        let alive =
            grant.open && !grant.doubted && self.as_of(grant.who.0, wall) < grant.lease_until;
        forbid(!alive, Violation::NotIdempotent)
    }

    /// A claim was refused: the reason must hold, and waiting must be worth it.
    pub(crate) fn refused(
        &self,
        who: Who,
        wall: Timestamp,
        refusal: Refusal,
        lease: &LeaseView,
        asked_before: Option<usize>,
    ) -> Verdict {
        let (at, now) = (self.as_of(who.0, wall), wall.as_millis());
        let retry = refusal.retry_at.map(Timestamp::as_millis);
        let patience = &self.patience[who.0];
        let open = || self.grants.iter().filter(|g| g.open && self.concerns(who, g.who));
        let cap = self.cap(who, now);
        let used_up = |cap: Option<u32>, span| match cap {
            Some(0) => retry.is_none(),
            Some(cap) => {
                let too_many = self.acts_at_most(who, now - span - BUDGET_SLACK) >= cap;
                // At the instant named, the window has room again.
                too_many && retry.is_some_and(|t| now < t && self.acts(who, t - span) < cap)
            }
            None => false,
        };
        let holds = match refusal.reason {
            RefusalReason::Suppressed => who.1 + 1 == self.setup.suppressed && retry.is_none(),
            RefusalReason::AlreadyEngaged
            | RefusalReason::TargetUnavailable
            | RefusalReason::PrivateAccount
            | RefusalReason::NothingThere => self
                .windows
                .iter()
                .any(|w| self.concerns(who, w.who) && at < w.until && retry == Some(w.until)),
            RefusalReason::Claimed => {
                open().any(|g| !g.doubted && at < g.lease_until && retry == Some(g.lease_until))
            }
            RefusalReason::InDoubt => {
                retry.is_none() && open().any(|g| g.doubted || at >= g.lease_until)
            }
            RefusalReason::ClaimSettled => asked_before.is_some_and(|n| !self.grants[n].open),
            // No history has caps of all accounts together.
            RefusalReason::FleetBudget => false,
            RefusalReason::AccountHalted => patience.halted && retry.is_none(),
            RefusalReason::AccountBackoff => {
                patience.strikes > 0
                    && now < patience.rest_until
                    && retry == Some(patience.rest_until)
            }
            RefusalReason::ProbeInFlight => patience.probe.is_some() && retry.is_none(),
            RefusalReason::AccountCooldown => {
                patience.cooldown_until.is_some_and(|t| now < t && retry == Some(t))
            }
            RefusalReason::BudgetHour => used_up(cap.hour, HOUR),
            RefusalReason::BudgetDay => used_up(cap.day, DAY),
            RefusalReason::TooSoon => retry.is_some() && retry == self.too_close(who.0, at, now),
            RefusalReason::QuietHours => {
                self.is_quiet(now) && retry.is_some_and(|t| now < t && !self.is_quiet(t))
            }
            RefusalReason::AccountBusy => {
                let live = lease.newest.filter(|(_, until)| wall < *until).map(|(f, _)| f);
                live != lease.shown
            }
        };
        forbid(!holds, Violation::Unjustified(refusal.reason))
    }

    /// A claim's lease was seen to have run out, or its holder to be gone.
    pub(crate) fn doubted(&mut self, nth: usize) {
        self.grants[nth].doubted = true;
    }

    /// An event was appended. Only one that was `imported` may be dated before another.
    pub(crate) fn logged(&mut self, account: usize, event: &Event, imported: bool) -> Verdict {
        let before = self.chains[account].head();
        forbid(event.seq != before.seq + 1, Violation::Sequence)?;
        let newest = &mut self.newest[account];
        forbid(!imported && event.ts.as_millis() < *newest, Violation::TimeRanBack)?;
        *newest = event.ts.as_millis().max(*newest);
        self.chains[account].next(event).map_err(|_| Violation::Chain)
    }

    /// A claim ended. `reconciled`: somebody looked, instead of the holder saying so.
    pub(crate) fn settled(
        &mut self,
        nth: usize,
        outcome: Outcome,
        event: &Event,
        (late, reconciled): (bool, bool),
        jitter: Jitter,
    ) -> Verdict {
        let grant = &mut self.grants[nth];
        forbid(late == grant.open, Violation::Lateness)?;
        let acted = matches!(outcome, Outcome::Success { .. } | Outcome::Failed(_));
        if grant.open {
            grant.open = false;
            if !acted && !reconciled {
                grant.share = Share::GivenBack;
            }
            // An act cannot be over before it began.
            forbid(event.ts.as_millis() < grant.at, Violation::TimeRanBack)?;
        }
        let who = grant.who;
        if acted {
            let at = Some(event.ts.as_millis());
            self.last_act[who.0] = self.last_act[who.0].max(at);
        }
        if !late || matches!(outcome, Outcome::Success { .. }) {
            self.window(who, outcome, event);
        }
        self.hear(who.0, signal(outcome), Some(nth), event.ts, jitter);
        Ok(())
    }

    /// Something was seen without a claim.
    pub(crate) fn observed(&mut self, who: Who, outcome: Outcome, event: &Event, jitter: Jitter) {
        self.window(who, outcome, event);
        self.hear(who.0, signal(outcome), None, event.ts, jitter);
    }

    /// Something of the past was put on record: it happened when it happened, and teaches
    /// nothing about how the account fares today.
    pub(crate) fn imported(
        &mut self,
        who: Who,
        wall: Timestamp,
        ago: std::time::Duration,
        outcome: Outcome,
        event: &Event,
    ) -> Verdict {
        forbid(event.ts != wall.minus(ago), Violation::ImportMeddled)?;
        self.window(who, outcome, event);
        Ok(())
    }

    /// Trouble outside of any engagement.
    pub(crate) fn troubled(
        &mut self,
        account: usize,
        class: ErrorClass,
        wall: Timestamp,
        jitter: Jitter,
    ) {
        let at = self.as_of(account, wall);
        self.hear(account, meaning(class), None, Timestamp::from_millis(at), jitter);
    }

    pub(crate) fn halted(&mut self, account: usize) {
        self.patience[account].halted = true;
    }

    pub(crate) fn cleared(&mut self, account: usize) {
        self.patience[account] = Patience::default();
    }

    fn window(&mut self, who: Who, outcome: Outcome, event: &Event) {
        let settings = &self.setup.settings;
        let days = match outcome {
            Outcome::Success { .. }
            | Outcome::Skipped(Skip::AlreadyDone)
            | Outcome::Failed(ErrorClass::TargetUnavailable) => settings.reengagement_days,
            Outcome::Skipped(Skip::Private) | Outcome::Failed(ErrorClass::PrivateAccount) => {
                settings.private_retry_days
            }
            Outcome::Skipped(Skip::NothingThere) => 1,
            _ => return,
        };
        self.windows.push(Window { who, until: event.ts.as_millis() + i64::from(days) * DAY });
    }

    fn hear(
        &mut self,
        account: usize,
        signal: Signal,
        grant: Option<usize>,
        at: Timestamp,
        jitter: Jitter,
    ) {
        let at = at.as_millis();
        let settings = &self.setup.settings;
        let ramp = i64::from(settings.ramp_hours) * HOUR;
        let patience = &mut self.patience[account];
        let by_probe = grant.is_some() && patience.probe == grant;
        match signal {
            _ if patience.halted => {}
            Signal::Person => patience.halted = true,
            Signal::SlowDown => {
                let cooldown = at + i64::from(settings.cooldown_minutes) * MINUTE;
                if let Some(until) = patience.cooldown_until
                    && at < until
                {
                    patience.cooldown_until = Some(until.max(cooldown));
                    return;
                }
                patience.ramp_since = patience.cooldown_until.take().or(patience.ramp_since);
                patience.strikes += 1;
                if patience.strikes >= settings.cooldown_after_consecutive {
                    *patience = Patience { cooldown_until: Some(cooldown), ..Patience::default() };
                    return;
                }
                let step = settings.rate_limit_steps
                    [(patience.strikes as usize - 1).min(settings.rate_limit_steps.len() - 1)];
                let rest = decorum_core::breaker::backoff(patience.strikes, settings, jitter);
                let share = settings.backoff_jitter;
                let (least, most) =
                    (f64::from(step) * (1.0 - share), f64::from(step) * (1.0 + share));
                assert!((least - 0.001..=most + 0.001).contains(&rest.as_secs_f64()));
                let until = at + i64::try_from(rest.as_millis()).unwrap_or(i64::MAX);
                // A rest under way is not shortened; one that a probe ended does not count.
                let under_way = if patience.probe.is_some() { 0 } else { patience.rest_until };
                patience.rest_until = until.max(under_way);
                patience.probe = None;
            }
            Signal::Fine if by_probe => {
                let ramp_since = patience.ramp_since.filter(|since| at < since + ramp);
                *patience = Patience { ramp_since, ..Patience::default() };
            }
            Signal::Nothing if by_probe => {
                patience.probe = None;
                patience.rest_until = at;
            }
            Signal::Fine | Signal::Nothing => {
                // One that rests learns nothing by what ends meanwhile.
                if patience.strikes == 0 {
                    patience.ramp_since = patience.ramp_since.filter(|since| at < since + ramp);
                }
            }
        }
    }
}
