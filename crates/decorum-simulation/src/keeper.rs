//! A keeper in memory: it loads, lets the core decide, and writes, at one instant. What real
//! keepers add to that (transactions, disks, servers) has its own tests; what matters here is that
//! the decisions are the real ones.

use std::collections::BTreeMap;

use decorum_core::engage::{self, Situation};
use decorum_core::{
    Account, AccountError, AccountId, Action, Breaker, ClaimId, ClaimRequest, DedupScope, Event,
    EventId, Fence, Finding, Held, Hold, Holder, Jitter, Key, Latest, Lease, Metadata, Observation,
    Platform, Refusal, RefusalReason, Report, Seen, Settings, Stamp, Timestamp, Username,
};
use decorum_store::{ClaimVerdict, Committed, Doubt, StoreError};

use crate::board::Board;
use crate::protection::{Protection, is_off};

/// Everything that is stored.
#[derive(Debug)]
pub(crate) struct Keeper {
    pub(crate) settings: Settings,
    pub(crate) accounts: BTreeMap<AccountId, Account>,
    pub(crate) errors: BTreeMap<AccountId, Vec<AccountError>>,
    pub(crate) rows: BTreeMap<Key, Latest>,
    pub(crate) leases: BTreeMap<String, Lease>,
    pub(crate) log: Vec<Event>,
    pub(crate) board: Board,
    /// Until when each account was told to rest: the judge's own note, which no decision sees.
    pub(crate) rests: BTreeMap<AccountId, Timestamp>,
}

impl Keeper {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            settings,
            accounts: BTreeMap::new(),
            errors: BTreeMap::new(),
            rows: BTreeMap::new(),
            leases: BTreeMap::new(),
            log: Vec::new(),
            board: Board::default(),
            rests: BTreeMap::new(),
        }
    }

    pub(crate) fn account(&self, id: &AccountId) -> Account {
        let fresh = || Account::new(Platform::Instagram, id.clone());
        self.accounts.get(id).cloned().unwrap_or_else(fresh)
    }

    fn shown_account(&self, id: &AccountId) -> Account {
        let mut account = self.account(id);
        if is_off(Protection::Breaker) {
            account.breaker = Breaker::Active;
        }
        account
    }

    fn row(&self, key: &Key) -> Latest {
        self.rows.get(key).cloned().unwrap_or_default()
    }

    fn shown_row(&self, key: &Key, now: Timestamp) -> Latest {
        let mut row = self.row(key);
        if is_off(Protection::DedupRow) {
            row.last = None;
        }
        if is_off(Protection::Doubt) {
            match &row.hold {
                Hold::InDoubt(_) => row.hold = Hold::Free,
                Hold::Claimed(claim) if claim.lease_until <= now => row.hold = Hold::Free,
                _ => {}
            }
        }
        row
    }

    fn elsewhere(&self, key: &Key) -> Vec<Latest> {
        if self.settings.dedup_scope == DedupScope::Account || is_off(Protection::FleetScope) {
            return Vec::new();
        }
        self.rows
            .iter()
            .filter(|(other, _)| {
                other.account_id != key.account_id
                    && other.target_username == key.target_username
                    && other.action == key.action
            })
            .map(|(_, row)| row.clone())
            .collect()
    }

    pub(crate) fn check(
        &self,
        account_id: &AccountId,
        action: Action,
        targets: &[Username],
        now: Timestamp,
    ) -> Vec<Result<(), Refusal>> {
        let account = self.shown_account(account_id);
        let answer = |target: &Username| {
            let key = decorum_engine::guard::key(account_id, target, action);
            let (latest, elsewhere) = (self.shown_row(&key, now), self.elsewhere(&key));
            let situation = Situation {
                settings: &self.settings,
                account: &account,
                latest: &latest,
                elsewhere: &elsewhere,
                suppressed: false,
                account_lease: None,
                fleet: None,
            };
            engage::check(&situation, action, now)
        };
        targets.iter().map(answer).collect()
    }

    fn of_claim(&self, id: ClaimId) -> impl Iterator<Item = &Event> {
        self.log.iter().filter(move |event| event.claim_id == Some(id))
    }

    fn held_by(&self, id: ClaimId) -> Option<&Key> {
        self.rows.iter().find(|(_, row)| row.claim().is_some_and(|c| c.id == id)).map(|(k, _)| k)
    }

    pub(crate) fn claim(&mut self, request: ClaimRequest) -> ClaimVerdict {
        let (key, now) = (request.key.clone(), request.now);
        if self.held_by(request.claim_id).is_none() && self.of_claim(request.claim_id).count() > 0 {
            return ClaimVerdict::Refused(Refusal::new(RefusalReason::ClaimSettled, None));
        }
        let account = self.shown_account(&key.account_id);
        let (latest, elsewhere) = (self.shown_row(&key, now), self.elsewhere(&key));
        let lease = self.leases.get(&format!("account:{}", key.account_id));
        let lease = lease.filter(|_| !is_off(Protection::AccountFence));
        let request = ClaimRequest {
            account_fence: request.account_fence.filter(|_| !is_off(Protection::AccountFence)),
            ..request
        };
        let situation = Situation {
            settings: &self.settings,
            account: &account,
            latest: &latest,
            elsewhere: &elsewhere,
            suppressed: false,
            account_lease: lease,
            fleet: None,
        };
        match engage::claim(&situation, request) {
            Err(refusal) => ClaimVerdict::Refused(refusal),
            Ok(granted) => {
                if is_off(Protection::DurableClaim) {
                    return ClaimVerdict::Granted(granted.claim);
                }
                if let Some(account) = granted.account {
                    self.accounts.insert(key.account_id.clone(), account);
                }
                if let Some(latest) = granted.latest {
                    self.rows.insert(key, latest);
                }
                ClaimVerdict::Granted(granted.claim)
            }
        }
    }

    pub(crate) fn commit(&mut self, report: Report) -> Result<Committed, StoreError> {
        let id = report.claim_id;
        let by_looking = |event: &Event| engage::is_reconciliation(event.reason.as_deref());
        let looked = engage::is_reconciliation(report.reason.as_deref());
        if !is_off(Protection::CommitOnce)
            && let Some(event) = self.of_claim(id).find(|event| looked || !by_looking(event))
        {
            return Ok(Committed::Repeated(event.clone()));
        }
        if self.held_by(id).is_none()
            && self.of_claim(id).count() == 0
            && !is_off(Protection::DurableClaim)
        {
            return Err(StoreError::NoSuchClaim(id));
        }
        Ok(self.settle(report))
    }

    fn settle(&mut self, report: Report) -> Committed {
        let key = report.key.clone();
        let (account, row) = (self.account(&key.account_id), self.row(&key));
        let settled = engage::commit(&self.settings, account, row, report);
        let (event, late) = (settled.event.clone(), settled.late);
        self.keep(key, settled);
        if late { Committed::Late(event) } else { Committed::Settled(event) }
    }

    fn keep(&mut self, key: Key, settled: engage::Settled) {
        let id = key.account_id.clone();
        self.note_rest(&settled.account);
        if let Some(error) = settled.error {
            self.errors.entry(id.clone()).or_default().push(error);
        }
        self.accounts.insert(id, settled.account);
        self.rows.insert(key, settled.latest);
        self.log.push(settled.event);
    }

    fn note_rest(&mut self, account: &Account) {
        let until = match account.breaker {
            Breaker::Backoff { until, .. } | Breaker::Cooldown { until, .. } => until,
            Breaker::Halted { .. } => Timestamp::MAX,
            _ => return,
        };
        let known = self.rests.entry(account.account_id.clone()).or_insert(until);
        *known = until.max(*known);
    }

    pub(crate) fn reconcile(
        &mut self,
        id: ClaimId,
        finding: Finding,
        metadata: Metadata,
        stamp: Stamp,
    ) -> Result<Committed, StoreError> {
        if let Some(event) = self.of_claim(id).next() {
            return Ok(Committed::Repeated(event.clone()));
        }
        let key = self.held_by(id).cloned().ok_or(StoreError::NoSuchClaim(id))?;
        if let Hold::Claimed(claim) = &self.row(&key).hold
            && stamp.now < claim.lease_until
        {
            let (holder, until) = (claim.holder.clone(), claim.lease_until);
            return Err(StoreError::StillHeld { claim: id, holder, until });
        }
        let (outcome, reason) = finding.outcome();
        let reason = Some(reason.to_owned());
        Ok(self.settle(Report {
            claim_id: id,
            key,
            outcome,
            reason,
            detail: String::new(),
            session_id: None,
            device_id: None,
            latency_ms: None,
            metadata,
            jitter: Jitter::default(),
            stamp,
        }))
    }

    pub(crate) fn observe(&mut self, seen: Vec<Observation>) -> Vec<Event> {
        seen.into_iter().map(|seen| self.observe_one(seen)).collect()
    }

    fn observe_one(&mut self, seen: Observation) -> Event {
        let known = |id: EventId| self.log.iter().find(|event| event.id == id).cloned();
        if let Some(event) = known(seen.stamp.event_id) {
            return event;
        }
        let key = seen.key.clone();
        let account = self.account(&key.account_id);
        let is_refusal = matches!(seen.seen, Seen::Refused(_));
        let row = if is_refusal { Latest::default() } else { self.row(&key) };
        let settled = engage::observe(&self.settings, account, row, seen);
        let event = settled.event.clone();
        if is_refusal {
            self.accounts.insert(key.account_id, settled.account);
            self.log.push(settled.event);
        } else {
            self.keep(key, settled);
        }
        event
    }

    pub(crate) fn trouble(
        &mut self,
        id: &AccountId,
        class: decorum_core::ErrorClass,
        detail: &str,
        jitter: Jitter,
        now: Timestamp,
    ) -> Account {
        let mut account = self.account(id);
        let error = account.report(class, detail, now, &self.settings, jitter);
        self.note_rest(&account);
        self.errors.entry(id.clone()).or_default().push(error);
        self.accounts.insert(id.clone(), account.clone());
        account
    }

    pub(crate) fn lapse(
        &mut self,
        account: Option<&AccountId>,
        gone: &[Holder],
        now: Timestamp,
    ) -> usize {
        let mut lapsed = 0;
        for (key, row) in &mut self.rows {
            if account.is_some_and(|account| key.account_id != *account) {
                continue;
            }
            let holder = row.claim().and_then(|claim| gone.iter().find(|g| **g == claim.holder));
            if let Some(in_doubt) = row.lapsed(holder, now) {
                *row = in_doubt;
                lapsed += 1;
            }
        }
        lapsed
    }

    pub(crate) fn holders(&self, account: Option<&AccountId>) -> Vec<Holder> {
        let claimed = self.rows.iter().filter(|(key, row)| {
            account.is_none_or(|a| key.account_id == *a) && matches!(row.hold, Hold::Claimed(_))
        });
        let mut holders: Vec<_> =
            claimed.filter_map(|(_, row)| Some(row.claim()?.holder.clone())).collect();
        holders.sort();
        holders.dedup();
        holders
    }

    pub(crate) fn doubts(&self, account: Option<&AccountId>, limit: usize) -> Vec<Doubt> {
        let mut doubts: Vec<_> = self
            .rows
            .iter()
            .filter(|(key, _)| account.is_none_or(|a| key.account_id == *a))
            .filter_map(|(key, row)| match &row.hold {
                Hold::InDoubt(claim) => Some(Doubt { key: key.clone(), claim: claim.clone() }),
                _ => None,
            })
            .collect();
        doubts.sort_by_key(|doubt| doubt.claim.claimed_at);
        doubts.truncate(limit);
        doubts
    }

    pub(crate) fn clear(&mut self, id: &AccountId) -> Account {
        let mut account = self.account(id);
        account.breaker = std::mem::take(&mut account.breaker).cleared();
        self.rests.remove(id);
        self.accounts.insert(id.clone(), account.clone());
        account
    }

    pub(crate) fn acquire(
        &mut self,
        name: &str,
        holder: &Holder,
        gone: Option<&Holder>,
        ttl: std::time::Duration,
        now: Timestamp,
    ) -> Result<Lease, Held> {
        let lease = Lease::acquire(self.leases.get(name), name, holder, gone, ttl, now)?;
        self.leases.insert(name.to_owned(), lease.clone());
        Ok(lease)
    }

    pub(crate) fn renew(
        &mut self,
        name: &str,
        fence: Fence,
        ttl: std::time::Duration,
        now: Timestamp,
    ) -> Result<Result<Lease, Held>, StoreError> {
        let lease =
            self.leases.get(name).ok_or_else(|| StoreError::NoSuchLease(name.to_owned()))?;
        let renewed = lease.renew(fence, ttl, now);
        if let Ok(lease) = &renewed {
            self.leases.insert(name.to_owned(), lease.clone());
        }
        Ok(renewed)
    }

    pub(crate) fn release(&mut self, name: &str, fence: Fence, now: Timestamp) {
        if let Some(lease) = self.leases.get_mut(name) {
            *lease = lease.released(fence, now);
        }
    }
}
