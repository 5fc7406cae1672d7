//! Claim, commit, reconcile, observe, lapse: the decisions about an account, each a step.

use async_trait::async_trait;
use decorum_core::{
    Account, AccountError, AccountId, ClaimId, ClaimRequest, DedupScope, ErrorClass, Event,
    Finding, Holder, Jitter, Key, Latest, Metadata, Platform, Report, Settings, Stamp, Timestamp,
    engage,
};

use super::fault::{Fault, Outcome};
use super::look::{Look, Want};
use super::pending::Change;
use super::step::{Decide, Decision, Keeper, in_force, version_in_force};
use super::together::{Act, Counted};
use crate::{ClaimVerdict, Committed, StoreError, claims};

pub(super) struct Claim {
    pub(super) first: Settings,
    pub(super) request: ClaimRequest,
    pub(super) counted: Counted,
}

#[async_trait]
impl Decide for Claim {
    type Answer = ClaimVerdict;

    fn account(&self) -> (Platform, &AccountId) {
        (self.request.key.platform, &self.request.key.account_id)
    }

    fn wants(&self) -> Vec<Want> {
        let ClaimRequest { claim_id, key, .. } = &self.request;
        vec![
            Want::Settings,
            Want::Rows(vec![key.clone()]),
            Want::HeldBy(*claim_id),
            Want::OfClaim(*claim_id),
            Want::Suppressed(key.platform, vec![key.target_username.clone()]),
            Want::AccountLease(key.account_id.clone()),
        ]
    }

    fn is_followed_up(&self) -> bool {
        true
    }

    async fn decide(
        &self,
        keeper: &Keeper,
        account: Account,
        look: &Look,
    ) -> Outcome<Decision<ClaimVerdict>> {
        let key = &self.request.key;
        let (id, held) = (self.request.claim_id, look.held()?.map(|(held, _)| held));
        let refusal = claims::used_before(id, key, held.as_ref(), || look.of_claim())?;
        if let Some(refusal) = refusal {
            return Ok(Decision::Answer(ClaimVerdict::Refused(refusal)));
        }
        let (settings, version) = version_in_force(look, &self.first)?;
        let together = if settings.fleet_budgets.cap(key.action).is_none() {
            None
        } else {
            Some(keeper.together_but(version, &self.counted).await?)
        };
        let latest = look.rows()?.remove(key).unwrap_or_default();
        let lease = look.lease()?;
        let reserved = match settings.dedup_scope {
            DedupScope::Account => None,
            DedupScope::Fleet => Some(keeper.who_reserved(key).await?),
        };
        let elsewhere = match reserved {
            Some(_) => keeper.elsewhere(key).await?,
            None => Vec::new(),
        };
        let situation = engage::Situation {
            settings: &settings,
            account: &account,
            latest: &latest,
            elsewhere: &elsewhere,
            suppressed: look.is_suppressed(key.platform, &key.target_username),
            account_lease: lease.as_ref(),
            fleet: together.as_ref().map(|together| &together.usage),
        };
        let granted = match engage::claim(&situation, self.request.clone()) {
            Err(refusal) => {
                keeper.uncount(&self.counted).await;
                return Ok(Decision::Answer(ClaimVerdict::Refused(refusal)));
            }
            Ok(granted) => granted,
        };
        let (fence, at) = (granted.claim.fence, granted.claim.claimed_at);
        let verdict = ClaimVerdict::Granted(granted.claim);
        let (Some(mut account), Some(latest)) = (granted.account, granted.latest) else {
            return Ok(Decision::Answer(verdict));
        };
        // The server collects expired rows by itself, and does not tell. A row made anew goes on after
        // whatever fence it may have had.
        account.swept.fence = account.swept.fence.max(fence);
        if let Some(reserved) = reserved {
            keeper.reserve(key, reserved).await?;
        }
        if let Some(seen) = together {
            keeper.count(seen, &self.counted, key.action, at, self.request.now).await?;
        }
        let change = Change { rows: vec![(key.clone(), latest)], ..Change::default() };
        Ok(Decision::Change(verdict, Box::new(account), change))
    }
}

pub(super) struct Commit {
    pub(super) first: Settings,
    pub(super) report: Report,
    /// Set if the claim is given back unused: what it is counted as.
    pub(super) unused: Counted,
}

#[async_trait]
impl Decide for Commit {
    type Answer = Committed;

    fn account(&self) -> (Platform, &AccountId) {
        (self.report.key.platform, &self.report.key.account_id)
    }

    fn wants(&self) -> Vec<Want> {
        settling(self.report.claim_id, &self.report.key)
    }

    async fn decide(
        &self,
        _: &Keeper,
        account: Account,
        look: &Look,
    ) -> Outcome<Decision<Committed>> {
        let held = || Ok::<_, Fault>(look.held()?.map(|(held, _)| held));
        if let Some(event) = claims::reported_before(&self.report, look.of_claim()?, held)? {
            return Ok(Decision::Answer(Committed::Repeated(event)));
        }
        self.unused.set(unused(&self.first, look, &self.report)?);
        settle(&self.first, account, look, self.report.clone())
    }
}

/// What a claim that this report gives back unused is counted as together with all others.
fn unused(first: &Settings, look: &Look, report: &Report) -> Outcome<Option<Act>> {
    let (settings, version) = version_in_force(look, first)?;
    let action = report.key.action;
    let used = report.outcome.acted() || engage::is_reconciliation(report.reason.as_deref());
    if used || settings.fleet_budgets.cap(action).is_none() {
        return Ok(None);
    }
    let latest = look.rows()?.remove(&report.key).unwrap_or_default();
    let held = latest.claim().filter(|claim| claim.id == report.claim_id);
    Ok(held.map(|claim| Act { version, action, at: claim.claimed_at }))
}

fn settling(claim: ClaimId, key: &Key) -> Vec<Want> {
    vec![
        Want::Settings,
        Want::Rows(vec![key.clone()]),
        Want::HeldBy(claim),
        Want::OfClaim(claim),
        Want::Suppressed(key.platform, vec![key.target_username.clone()]),
    ]
}

fn settle(
    first: &Settings,
    account: Account,
    look: &Look,
    report: Report,
) -> Outcome<Decision<Committed>> {
    let settings = in_force(look, first)?;
    let key = report.key.clone();
    let before = look.rows()?.remove(&key).unwrap_or_default();
    let settled = engage::commit(&settings, account, before.clone(), report);
    let (account, event, late, change) = written(look, settled, key, &before);
    let answer = if late { Committed::Late(event) } else { Committed::Settled(event) };
    Ok(Decision::Change(answer, Box::new(account), change))
}

/// What a settlement writes. About somebody who was erased only what does not name them.
pub(super) fn written(
    look: &Look,
    settled: engage::Settled,
    key: Key,
    before: &Latest,
) -> (Account, Event, bool, Change) {
    let erased = look.is_erased(key.platform, &key.target_username);
    let settled = if erased { settled.erased() } else { settled };
    let mut change = Change {
        events: vec![settled.event.clone()],
        errors: settled.error.into_iter().collect(),
        ..Change::default()
    };
    if !erased && settled.latest != *before {
        change.rows.push((key, settled.latest));
    }
    (settled.account, settled.event, settled.late, change)
}

pub(super) struct Reconcile {
    pub(super) first: Settings,
    pub(super) claim: ClaimId,
    /// What the claim is about, found before.
    pub(super) key: Key,
    pub(super) finding: Finding,
    pub(super) metadata: Metadata,
    pub(super) stamp: Stamp,
}

#[async_trait]
impl Decide for Reconcile {
    type Answer = Committed;

    fn account(&self) -> (Platform, &AccountId) {
        (self.key.platform, &self.key.account_id)
    }

    fn wants(&self) -> Vec<Want> {
        settling(self.claim, &self.key)
    }

    async fn decide(
        &self,
        _: &Keeper,
        account: Account,
        look: &Look,
    ) -> Outcome<Decision<Committed>> {
        if let Some(event) = look.of_claim()?.into_iter().next() {
            return Ok(Decision::Answer(Committed::Repeated(event)));
        }
        let Some((key, latest)) = look.held()? else {
            return Err(StoreError::NoSuchClaim(self.claim).into());
        };
        claims::not_held(&latest, self.stamp.now)?;
        let (metadata, stamp) = (self.metadata.clone(), self.stamp.clone());
        let report = claims::found(self.claim, key, self.finding, metadata, stamp);
        settle(&self.first, account, look, report)
    }
}

/// Trouble met outside any engagement.
pub(super) struct Trouble {
    pub(super) first: Settings,
    pub(super) account: AccountId,
    pub(super) class: ErrorClass,
    pub(super) detail: String,
    pub(super) jitter: Jitter,
    pub(super) now: Timestamp,
}

#[async_trait]
impl Decide for Trouble {
    type Answer = Account;

    fn account(&self) -> (Platform, &AccountId) {
        (Platform::Instagram, &self.account)
    }

    fn wants(&self) -> Vec<Want> {
        vec![Want::Settings]
    }

    async fn decide(
        &self,
        _: &Keeper,
        mut account: Account,
        look: &Look,
    ) -> Outcome<Decision<Account>> {
        let settings = in_force(look, &self.first)?;
        let error: AccountError =
            account.report(self.class, &self.detail, self.now, &settings, self.jitter);
        let change = Change { errors: vec![error], ..Change::default() };
        Ok(Decision::Change(account.clone(), Box::new(account), change))
    }
}

/// Claims of one account that can no longer be trusted.
pub(super) struct Lapse {
    pub(super) platform: Platform,
    pub(super) account: AccountId,
    pub(super) gone: Vec<Holder>,
    pub(super) now: Timestamp,
}

#[async_trait]
impl Decide for Lapse {
    type Answer = usize;

    fn account(&self) -> (Platform, &AccountId) {
        (self.platform, &self.account)
    }

    fn wants(&self) -> Vec<Want> {
        vec![Want::Claimed(self.account.clone())]
    }

    async fn decide(&self, _: &Keeper, account: Account, look: &Look) -> Outcome<Decision<usize>> {
        let mut rows = Vec::new();
        for (key, latest) in look.claimed()? {
            let holder =
                latest.claim().and_then(|claim| self.gone.iter().find(|g| **g == claim.holder));
            if let Some(in_doubt) = latest.lapsed(holder, self.now) {
                rows.push((key, in_doubt));
            }
        }
        if rows.is_empty() {
            return Ok(Decision::Answer(0));
        }
        let lapsed = rows.len();
        let change = Change { rows, ..Change::default() };
        Ok(Decision::Change(lapsed, Box::new(account), change))
    }
}
