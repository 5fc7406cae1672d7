//! A keeper in memory, as simple as can be, driven step by step and watched by the judge.
//!
//! A [`Saboteur`] leaves out one protection of the core. It exists to prove that the judge
//! would notice.

use decorum_core::engage::{self, Report, Settled, Situation};
use decorum_core::{
    Account, AccountId, Breaker, Claim, ClaimId, ClaimRequest, DedupScope, EventId, Fence, Finding,
    HaltReason, Hold, Holder, Imported, Jitter, Key, Latest, Lease, Metadata, Observation, Outcome,
    Platform, Refusal, Salt, Seen, Signal, Stamp, Status, Swept, Timestamp, Usage, Username,
    chain::Verifier, retention,
};
use uuid::Uuid;

use crate::choices::{Act, Choices, Clock, Proof, Setup, Step, action};
use crate::judge::{Judge, LeaseView, Violation, Who};

/// 2026-03-01T00:00:00Z.
const START: i64 = 1_772_323_200_000;

/// Which protection is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Saboteur {
    Nobody,
    /// The dedup row is never shown to a claim.
    ForgetsRow,
    /// The rows of the other accounts are never shown.
    ForgetsFleet,
    /// The list of people never to be contacted is not looked at.
    ForgetsSuppression,
    /// The account is always shown as active.
    IgnoresBreaker,
    /// A probe under way is shown as a backoff that is over.
    ForgetsProbe,
    /// The account is shown as if it had done nothing.
    ResetsBudget,
    /// What a reconciled attempt used up is given back.
    RefundsReconciled,
    /// The account is shown as if it had never acted.
    ForgetsLastAct,
    /// After a cooldown the account goes on at full pace.
    IgnoresRamp,
    /// Quiet hours are not in the settings used.
    IgnoresQuiet,
    /// The lease on the account is not shown.
    IgnoresLease,
    /// A claim whose lease ran out is free.
    FreesLapsed,
    /// A claim whose holder vanished can be asked for again.
    RegrantsLapsed,
    /// The row is not written when a claim ends.
    LosesRow,
    /// A refusal counts as an engagement.
    ExtendsOnRefusal,
    /// The account forgets when its newest event was.
    BelievesClock,
    /// Some events are not written.
    LosesEvents,
    /// Some events are changed.
    ChangesEvents,
    /// The fence starts anew when the row is free.
    ResetsFence,
    /// An import is written to the log only.
    ImportsNoRow,
    /// The account takes the time of an import for that of its newest event.
    ImportsClock,
    /// An import replaces whatever the row remembers.
    ImportsBlindly,
    /// An import counts as an act of today.
    ImportsActs,
    /// Rows are cleaned up some days before their window ends.
    SweepsEarly,
    /// Rows are cleaned up whoever holds them.
    SweepsHeld,
    /// What is remembered of rows that were cleaned up is forgotten.
    ForgetsSwept,
}

struct Claimed {
    id: ClaimId,
    who: Who,
    holder: usize,
    claim: Claim,
    /// Its holder has said how it ended.
    told: bool,
    /// Its holder, or somebody who looked, has: the log has an event of it.
    settled: bool,
}

struct World<'a> {
    setup: &'a Setup,
    saboteur: Saboteur,
    judge: Judge<'a>,
    now: Timestamp,
    retry_at: Option<Timestamp>,
    accounts: Vec<Account>,
    leases: Vec<Option<Lease>>,
    names: Vec<Username>,
    rows: Vec<Latest>,
    claims: Vec<Claimed>,
    refused: Option<(Who, Refusal)>,
    ids: u128,
}

/// How many claims were granted and how many refused, for tests that a driver reaches enough.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) granted: u32,
    pub(crate) refused: u32,
    pub(crate) settled: u32,
}

/// Plays a history; the first thing the judge objects to, with the number of the step.
pub(crate) fn play(choices: &Choices, saboteur: Saboteur) -> Result<Tally, (usize, Violation)> {
    let setup = Setup::read(&choices.setup);
    let mut world = World::new(&setup, saboteur);
    let mut tally = Tally::default();
    for (n, step) in choices.steps.iter().enumerate() {
        world.step(&Step::read(*step), &mut tally).map_err(|violation| (n, violation))?;
    }
    Ok(tally)
}

fn holder(n: usize) -> Holder {
    ["worker-a", "worker-b"][n].parse().expect("a holder")
}

impl<'a> World<'a> {
    fn new(setup: &'a Setup, saboteur: Saboteur) -> Self {
        let names = ["one", "two", "three"];
        let ids = names[..setup.accounts].iter().map(|n| n.parse::<AccountId>().expect("a name"));
        let accounts: Vec<_> = ids.map(|id| Account::new(Platform::Instagram, id)).collect();
        let chains =
            accounts.iter().map(|a| Verifier::new(a.platform, a.account_id.clone())).collect();
        let people = ["alice", "bob", "cleo", "dan", "eve", "fay"];
        let start = START + i64::try_from(setup.start_minute).unwrap_or(0) * 60_000;
        Self {
            setup,
            saboteur,
            judge: Judge::new(setup, chains),
            now: Timestamp::from_millis(start),
            retry_at: None,
            leases: vec![None; setup.accounts],
            rows: vec![Latest::default(); setup.accounts * setup.targets * setup.actions],
            names: people[..setup.targets].iter().map(|n| n.parse().expect("a name")).collect(),
            accounts,
            claims: Vec::new(),
            refused: None,
            ids: 0,
        }
    }

    fn who(&self, account: usize, target: usize, action: usize) -> Who {
        (account % self.setup.accounts, target % self.setup.targets, action % self.setup.actions)
    }

    fn row(&self, (account, target, action): Who) -> usize {
        (account * self.setup.targets + target) * self.setup.actions + action
    }

    fn key(&self, (account, target, act): Who) -> Key {
        Key {
            platform: Platform::Instagram,
            account_id: self.accounts[account].account_id.clone(),
            target_username: self.names[target].clone(),
            action: action(act),
        }
    }

    fn id(&mut self) -> Uuid {
        self.ids += 1;
        Uuid::from_u128(self.ids)
    }

    fn stamp(&mut self) -> Stamp {
        let id = self.id();
        Stamp { event_id: EventId::from_uuid(id), salt: Salt(*id.as_bytes()), now: self.now }
    }

    fn step(&mut self, step: &Step, tally: &mut Tally) -> Result<(), Violation> {
        self.now = match step.clock {
            Clock::Stands => self.now,
            Clock::On(by) => self.now.plus(by),
            Clock::Back(by) => self.now.minus(by),
            Clock::ToRetry(by) => {
                self.retry_at.map_or(self.now, |t| Timestamp::from_millis(t.as_millis() + by))
            }
        };
        let jitter = step.jitter;
        match step.act {
            Act::Claim { account, target, action, holder, proof } => {
                let id = ClaimId::from_uuid(self.id());
                let who = self.who(account, target, action);
                self.claim(id, who, holder, proof, None, tally)?;
            }
            Act::ClaimAgain { nth } => {
                if let Some(nth) = nth.checked_rem(self.claims.len()) {
                    let Claimed { id, who, holder, settled, .. } = self.claims[nth];
                    let last = self.rows[self.row(who)].last.as_ref();
                    // The row remembers its last claim; of older ones the keeper's log knows.
                    if !settled || last.is_some_and(|l| l.claim_id == Some(id)) {
                        self.claim(id, who, holder, Proof::None, Some(nth), tally)?;
                    }
                }
            }
            Act::Commit { nth, outcome } => {
                // Mostly those that are still open, newest first.
                let open = || (0..self.claims.len()).rev().filter(|n| !self.claims[*n].told);
                let some = open().nth(nth % 4).or_else(|| open().next());
                if let Some(nth) = some {
                    self.claims[nth].told = true;
                    self.settle(nth, outcome, None, jitter)?;
                    tally.settled += 1;
                }
            }
            Act::Lapse { gone } => self.lapse(gone),
            Act::Sweep => self.sweep(),
            Act::Reconcile { nth, finding } => self.reconcile(nth, finding, jitter)?,
            Act::ObserveRefusal => {
                if let Some((who, refusal)) = self.refused.take() {
                    self.observe(who, Seen::Refused(refusal), jitter)?;
                }
            }
            Act::Observe { account, target, action, outcome } => {
                let who = self.who(account, target, action);
                self.observe(who, Seen::Outcome(outcome), jitter)?;
            }
            Act::Import { account, target, action, outcome, ago } => {
                let who = self.who(account, target, action);
                self.import(who, outcome, ago)?;
            }
            Act::Trouble { account, class } => {
                let account = account % self.setup.accounts;
                self.accounts[account].report(
                    class,
                    "seen",
                    self.now,
                    &self.setup.settings,
                    jitter,
                );
                self.judge.troubled(account, class, self.now, jitter);
            }
            Act::Halt { account } => {
                let account = account % self.setup.accounts;
                let signal = Signal::Halt(HaltReason::Operator);
                let breaker = std::mem::take(&mut self.accounts[account].breaker);
                self.accounts[account].breaker =
                    breaker.after(signal, None, "", self.now, &self.setup.settings, jitter);
                self.judge.halted(account);
            }
            Act::Clear { account } => {
                let account = account % self.setup.accounts;
                let breaker = std::mem::take(&mut self.accounts[account].breaker);
                self.accounts[account].breaker = breaker.cleared();
                self.judge.cleared(account);
            }
            Act::Acquire { .. } | Act::Renew { .. } | Act::Release { .. } => self.lease(step.act),
        }
        Ok(())
    }

    fn lease(&mut self, act: Act) {
        let ttl = std::time::Duration::from_mins(1);
        match act {
            Act::Acquire { account, holder: by, gone } => {
                let lease = &mut self.leases[account % self.setup.accounts];
                let gone = gone.then(|| holder(1 - by));
                let taken = Lease::acquire(
                    lease.as_ref(),
                    "account",
                    &holder(by),
                    gone.as_ref(),
                    ttl,
                    self.now,
                );
                if let Ok(taken) = taken {
                    *lease = Some(taken);
                }
            }
            Act::Renew { account, stale } => {
                let lease = &mut self.leases[account % self.setup.accounts];
                let renewed = lease.as_ref().map(|l| l.renew(shown(l, stale), ttl, self.now));
                if let Some(Ok(renewed)) = renewed {
                    *lease = Some(renewed);
                }
            }
            Act::Release { account, stale } => {
                if let Some(held) = &mut self.leases[account % self.setup.accounts] {
                    *held = held.released(shown(held, stale), self.now);
                }
            }
            _ => {}
        }
    }

    fn claim(
        &mut self,
        id: ClaimId,
        who: Who,
        by: usize,
        proof: Proof,
        again: Option<usize>,
        tally: &mut Tally,
    ) -> Result<(), Violation> {
        let lease = self.leases[who.0].as_ref();
        let fence = match proof {
            Proof::None => None,
            Proof::Current => lease.map(|l| l.fence),
            Proof::Stale => Some(lease.map_or(Fence::new(7), |l| shown(l, true))),
        };
        let view = LeaseView {
            shown: fence.map(Fence::get),
            newest: lease.map(|l| (l.fence.get(), l.until)),
        };
        let request = ClaimRequest {
            claim_id: id,
            key: self.key(who),
            holder: holder(by),
            account_fence: fence,
            task_id: None,
            device_id: None,
            metadata: Metadata::default(),
            now: self.now,
        };
        let fleet = self.setup.settings.dedup_scope == DedupScope::Fleet;
        let others = (0..self.setup.accounts).filter(|a| fleet && *a != who.0);
        let elsewhere: Vec<Latest> =
            others.map(|a| self.rows[self.row((a, who.1, who.2))].clone()).collect();
        let shown = self.shown(who, elsewhere, again);
        let verdict = engage::claim(&shown.situation(self, who), request);
        match (verdict, again) {
            (Ok(granted), Some(nth)) if granted.account.is_none() => {
                self.judge.granted_again(nth, self.now)?;
                if granted.claim != self.claims[nth].claim {
                    return Err(Violation::NotIdempotent);
                }
            }
            (Ok(_), Some(_)) => return Err(Violation::NotIdempotent),
            (Ok(granted), None) => {
                tally.granted += 1;
                self.judge.granted(who, self.now, &granted.claim, &view)?;
                let (Some(account), Some(latest)) = (granted.account, granted.latest) else {
                    return Err(Violation::NotIdempotent);
                };
                self.keep_account(who.0, account);
                let row = self.row(who);
                self.rows[row] = latest;
                self.claims.push(Claimed {
                    id,
                    who,
                    holder: by,
                    claim: granted.claim,
                    told: false,
                    settled: false,
                });
            }
            (Err(refusal), _) => {
                tally.refused += 1;
                self.judge.refused(who, self.now, refusal, &view, again)?;
                self.retry_at = refusal.retry_at.or(self.retry_at);
                self.refused = Some((who, refusal));
            }
        }
        Ok(())
    }

    /// What is shown to a claim: everything, unless somebody meddles.
    fn shown(&self, who: Who, mut elsewhere: Vec<Latest>, again: Option<usize>) -> Shown {
        let mut account = self.accounts[who.0].clone();
        let mut latest = self.rows[self.row(who)].clone();
        let mut lease = self.leases[who.0].clone();
        let mut suppressed = who.1 + 1 == self.setup.suppressed;
        match self.saboteur {
            Saboteur::ForgetsRow => {
                latest = Latest { fence: latest.fence, ..Latest::default() };
            }
            Saboteur::ForgetsFleet => elsewhere.clear(),
            Saboteur::ForgetsSuppression => suppressed = false,
            Saboteur::IgnoresBreaker => account.breaker = Breaker::Active,
            Saboteur::ForgetsProbe => {
                if let Breaker::HalfOpen { consecutive, since, ramp, .. } = account.breaker {
                    account.breaker = Breaker::Backoff { consecutive, since, until: since, ramp };
                }
            }
            Saboteur::ResetsBudget => account.usage = Usage::default(),
            Saboteur::ForgetsLastAct => account.last_act = None,
            Saboteur::IgnoresLease => lease = None,
            Saboteur::ResetsFence if latest.hold == Hold::Free => latest.fence = Fence::default(),
            Saboteur::RegrantsLapsed => {
                if let (Hold::InDoubt(claim), Some(_)) = (&latest.hold, again) {
                    let claim = Claim { lease_until: Timestamp::MAX, ..claim.clone() };
                    latest.hold = Hold::Claimed(claim);
                }
            }
            _ => {}
        }
        let without = |left_out: fn(&mut decorum_core::Settings)| {
            let mut settings = self.setup.settings.clone();
            left_out(&mut settings);
            settings
        };
        let settings = match self.saboteur {
            Saboteur::IgnoresQuiet => Some(without(|settings| settings.quiet_hours = None)),
            Saboteur::IgnoresRamp => Some(without(|settings| settings.ramp_hours = 0)),
            _ => None,
        };
        Shown { account, latest, elsewhere, suppressed, lease, settings }
    }

    /// What a claim changed of the account. A saboteur that showed a false one must not have
    /// its lie stored: only what the claim added.
    fn keep_account(&mut self, nth: usize, granted: Account) {
        let before = &self.accounts[nth];
        self.accounts[nth] = match self.saboteur {
            Saboteur::IgnoresBreaker | Saboteur::ForgetsProbe => {
                Account { breaker: before.breaker.clone(), ..granted }
            }
            _ => granted,
        };
    }

    fn settle(
        &mut self,
        nth: usize,
        outcome: Outcome,
        reason: Option<&str>,
        jitter: Jitter,
    ) -> Result<(), Violation> {
        self.claims[nth].settled = true;
        let Claimed { id, who, ref claim, .. } = self.claims[nth];
        let claimed_at = claim.claimed_at;
        let report = Report {
            claim_id: id,
            key: self.key(who),
            outcome,
            reason: reason.map(ToOwned::to_owned),
            detail: String::new(),
            session_id: None,
            device_id: None,
            latency_ms: None,
            metadata: Metadata::default(),
            jitter,
            stamp: self.stamp(),
        };
        let row = self.row(who);
        let before = self.rows[row].clone();
        let account = self.account_to_settle(who.0);
        let settled = engage::commit(&self.setup.settings, account, before.clone(), report);
        let (event, late) = self.keep(who, &before, settled, false)?;
        let reconciled = reason.is_some();
        if reconciled && self.saboteur == Saboteur::RefundsReconciled {
            self.accounts[who.0].usage.take_back(action(who.2), claimed_at);
        }
        if let Some(event) = event {
            self.judge.settled(nth, outcome, &event, (late, reconciled), jitter)?;
        }
        Ok(())
    }

    fn account_to_settle(&self, nth: usize) -> Account {
        let mut account = self.accounts[nth].clone();
        if self.saboteur == Saboteur::BelievesClock {
            account.newest_event = None;
        }
        account
    }

    fn reconcile(&mut self, nth: usize, finding: Finding, jitter: Jitter) -> Result<(), Violation> {
        let in_doubt = |c: &&Claimed| matches!(&self.rows[self.row(c.who)].hold, Hold::InDoubt(claim) if claim.id == c.id);
        let doubts: Vec<_> = self.claims.iter().filter(in_doubt).map(|c| c.id).collect();
        let Some(id) = nth.checked_rem(doubts.len()).map(|n| doubts[n]) else { return Ok(()) };
        let Some(nth) = self.claims.iter().position(|c| c.id == id) else { return Ok(()) };
        let (outcome, reason) = finding.outcome();
        self.settle(nth, outcome, Some(reason), jitter)
    }

    fn observe(&mut self, who: Who, seen: Seen, jitter: Jitter) -> Result<(), Violation> {
        let observation = Observation {
            key: self.key(who),
            seen,
            reason: None,
            detail: String::new(),
            task_id: None,
            device_id: None,
            session_id: None,
            latency_ms: None,
            metadata: Metadata::default(),
            jitter,
            stamp: self.stamp(),
        };
        let row = self.row(who);
        let before = self.rows[row].clone();
        let account = self.account_to_settle(who.0);
        let known = account.clone();
        let mut settled =
            engage::observe(&self.setup.settings, account, before.clone(), observation);
        if let Seen::Refused(_) = seen {
            if self.saboteur == Saboteur::ExtendsOnRefusal
                && let Some(last) = &mut settled.latest.last
            {
                last.expires_at = Some(settled.event.ts.plus(std::time::Duration::from_hours(48)));
            }
            let after = &settled.account;
            let untouched = settled.latest == before
                && settled.event.status == Status::DedupeHit
                && settled.error.is_none()
                && (&after.breaker, &after.usage, after.last_act)
                    == (&known.breaker, &known.usage, known.last_act);
            if !untouched {
                return Err(Violation::WindowMoved);
            }
        }
        let (event, late) = self.keep(who, &before, settled, false)?;
        if late {
            return Err(Violation::Lateness);
        }
        if let (Some(event), Seen::Outcome(outcome)) = (event, seen) {
            self.judge.observed(who, outcome, &event, jitter);
        }
        Ok(())
    }

    fn import(
        &mut self,
        who: Who,
        outcome: Outcome,
        ago: std::time::Duration,
    ) -> Result<(), Violation> {
        let imported = Imported {
            key: self.key(who),
            outcome,
            reason: None,
            happened_at: self.now.minus(ago),
            metadata: Metadata::default(),
            stamp: self.stamp(),
        };
        let row = self.row(who);
        let before = self.rows[row].clone();
        let known = self.accounts[who.0].clone();
        let settings = &self.setup.settings;
        let mut settled = engage::import(settings, known.clone(), before.clone(), imported);
        match self.saboteur {
            Saboteur::ImportsNoRow => settled.latest = before.clone(),
            Saboteur::ImportsClock => settled.account.newest_event = Some(settled.event.ts),
            Saboteur::ImportsBlindly => {
                let ends = decorum_core::policy::window_ends(outcome, settled.event.ts, settings);
                settled.latest.last = settled.latest.last.map(|mut last| {
                    (last.ts, last.expires_at) = (settled.event.ts, ends);
                    last
                });
            }
            Saboteur::ImportsActs => settled.account.last_act = Some(self.now),
            _ => {}
        }
        let after = &settled.account;
        let untouched = settled.latest.hold == before.hold
            && settled.latest.fence == before.fence
            && settled.error.is_none()
            && !settled.late
            && (&after.breaker, &after.usage, after.last_act)
                == (&known.breaker, &known.usage, known.last_act);
        if !untouched {
            return Err(Violation::ImportMeddled);
        }
        if let (Some(event), _) = self.keep(who, &before, settled, true)? {
            self.judge.imported(who, self.now, ago, outcome, &event)?;
        }
        Ok(())
    }

    /// Stores what a settlement says to store; the event, if it was not lost on the way.
    fn keep(
        &mut self,
        who: Who,
        before: &Latest,
        settled: Settled,
        imported: bool,
    ) -> Result<(Option<decorum_core::Event>, bool), Violation> {
        let Settled { account, latest, mut event, late, .. } = settled;
        let until = |row: &Latest| row.last.as_ref().and_then(|l| l.expires_at);
        if until(before).is_some_and(|t| t > event.ts) && until(&latest) < until(before) {
            return Err(Violation::WindowMoved);
        }
        self.accounts[who.0] = account;
        let row = self.row(who);
        self.rows[row] = match self.saboteur {
            Saboteur::LosesRow => Latest { last: before.last.clone(), ..latest },
            _ => latest,
        };
        match self.saboteur {
            Saboteur::LosesEvents if event.seq % 3 == 2 => return Ok((None, late)),
            Saboteur::ChangesEvents if event.seq % 3 == 2 => event.latency_ms = Some(1),
            _ => {}
        }
        self.judge.logged(who.0, &event, imported)?;
        Ok((Some(event), late))
    }

    /// A cleanup that goes by the newest event of each account, as the judge does: a clock that is
    /// ahead and set back later ends windows early for a cleanup as it does for a claim.
    fn sweep(&mut self) {
        let of_account = self.setup.targets * self.setup.actions;
        for (account, rows) in self.accounts.iter_mut().zip(self.rows.chunks_mut(of_account)) {
            let mut now = account.newest_event.unwrap_or(Timestamp::MIN);
            if self.saboteur == Saboteur::SweepsEarly {
                now = now.plus(std::time::Duration::from_hours(48));
            }
            for row in rows {
                let looked_at = match self.saboteur {
                    Saboteur::SweepsHeld => Latest { hold: Hold::Free, ..row.clone() },
                    _ => row.clone(),
                };
                if retention::is_spent(&looked_at, now) {
                    account.swept = account.swept.with(row);
                    *row = Latest::default();
                }
            }
            if self.saboteur == Saboteur::ForgetsSwept {
                account.swept = Swept::default();
            }
        }
    }

    fn lapse(&mut self, gone: Option<usize>) {
        let gone = gone.map(holder);
        for row in &mut self.rows {
            let Some(lapsed) = row.lapsed(gone.as_ref(), self.now) else { continue };
            if let Some(claim) = lapsed.claim()
                && let Some(nth) = self.claims.iter().position(|c| c.id == claim.id)
            {
                self.judge.doubted(nth);
            }
            *row = match self.saboteur {
                Saboteur::FreesLapsed => Latest { hold: Hold::Free, ..lapsed },
                _ => lapsed,
            };
        }
    }
}

/// The fence of a lease as its holder knows it, or an older one.
fn shown(lease: &Lease, stale: bool) -> Fence {
    if stale { Fence::new(lease.fence.get().saturating_sub(1)) } else { lease.fence }
}

struct Shown {
    account: Account,
    latest: Latest,
    elsewhere: Vec<Latest>,
    suppressed: bool,
    lease: Option<Lease>,
    settings: Option<decorum_core::Settings>,
}

impl Shown {
    fn situation<'s>(&'s self, world: &'s World<'_>, _who: Who) -> Situation<'s> {
        Situation {
            settings: self.settings.as_ref().unwrap_or(&world.setup.settings),
            account: &self.account,
            latest: &self.latest,
            elsewhere: &self.elsewhere,
            suppressed: self.suppressed,
            account_lease: self.lease.as_ref(),
            fleet: None,
        }
    }
}
