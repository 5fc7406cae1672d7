//! Builders: one line arranges what a test needs.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::time::Duration;

use decorum_core::engage::{self, Granted, Report, Settled, Situation};
use decorum_core::{
    Account, AccountId, Action, Claim, ClaimId, ClaimRequest, ErrorClass, Event, EventId, Fence,
    Filters, Holder, Imported, Jitter, Key, Latest, Lease, Metadata, Observation, Outcome,
    Platform, Refusal, Salt, Seen, Settings, Source, Stamp, TaskKind, TaskSpec, Timestamp,
    Username,
};
use uuid::Uuid;

pub(crate) const SUCCESS: Outcome = Outcome::Success { presumed: false };
pub(crate) const RELEASED: Outcome = Outcome::Retry(None);
pub(crate) const LIMITED: Outcome = Outcome::Failed(ErrorClass::RateLimited);
pub(crate) const NETWORK: Outcome = Outcome::Failed(ErrorClass::Network);

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const MINUTE: Duration = Duration::from_mins(1);
pub(crate) const HOUR: Duration = Duration::from_hours(1);
pub(crate) const DAY: Duration = Duration::from_hours(24);
pub(crate) const TICK: Duration = Duration::from_millis(1);

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

pub(crate) fn noon() -> Timestamp {
    at("2026-03-02T12:00:00Z")
}

pub(crate) fn account_id(name: &str) -> AccountId {
    name.parse().expect("an account")
}

pub(crate) fn user(name: &str) -> Username {
    name.parse().expect("a username")
}

pub(crate) fn holder(name: &str) -> Holder {
    name.parse().expect("a holder")
}

pub(crate) fn claim_id(n: u128) -> ClaimId {
    ClaimId::from_uuid(Uuid::from_u128(n))
}

pub(crate) fn event_id(n: u128) -> EventId {
    EventId::from_uuid(Uuid::from_u128(n))
}

pub(crate) fn key(target: &str, action: Action) -> Key {
    Key {
        platform: Platform::Instagram,
        account_id: account_id("studio.nord"),
        target_username: user(target),
        action,
    }
}

pub(crate) fn metadata(value: &serde_json::Value) -> Metadata {
    Metadata::new(value).expect("metadata")
}

/// Settings in which nothing but the dedup window stands in the way.
pub(crate) fn free() -> Settings {
    let mut settings = Settings { min_seconds_between_actions: 0, ..Settings::default() };
    for cap in [
        &mut settings.budgets.follow,
        &mut settings.budgets.like,
        &mut settings.budgets.comment,
        &mut settings.budgets.view,
    ] {
        *cap = decorum_core::Cap::default();
    }
    settings
}

/// To follow the followers of mia.
pub(crate) fn spec_of(account: &str) -> TaskSpec {
    TaskSpec {
        kind: TaskKind::Engage,
        account_id: account_id(account),
        actions: vec![Action::Follow],
        source: Source::FollowersOf(user("mia")),
        limit: None,
        comments: Vec::new(),
        dry_run: false,
        priority: 0,
        filters: Filters::default(),
        schedule: None,
        name: None,
    }
}

/// One account and one row, with what surrounds them.
#[derive(Clone, Debug)]
pub(crate) struct Desk {
    pub(crate) settings: Settings,
    pub(crate) account: Account,
    pub(crate) latest: Latest,
    pub(crate) elsewhere: Vec<Latest>,
    pub(crate) suppressed: bool,
    pub(crate) lease: Option<Lease>,
    /// What all accounts have done, if it is known.
    pub(crate) fleet: Option<decorum_core::Usage>,
    pub(crate) now: Timestamp,
    pub(crate) action: Action,
    ids: u128,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self::with(free())
    }

    pub(crate) fn with(settings: Settings) -> Self {
        Self {
            settings,
            account: Account::new(Platform::Instagram, account_id("studio.nord")),
            latest: Latest::default(),
            elsewhere: Vec::new(),
            suppressed: false,
            lease: None,
            fleet: None,
            now: noon(),
            action: Action::Follow,
            ids: 0,
        }
    }

    pub(crate) fn situation(&self) -> Situation<'_> {
        Situation {
            settings: &self.settings,
            account: &self.account,
            latest: &self.latest,
            elsewhere: &self.elsewhere,
            suppressed: self.suppressed,
            account_lease: self.lease.as_ref(),
            fleet: self.fleet.as_ref(),
        }
    }

    pub(crate) fn wait(&mut self, by: Duration) -> &mut Self {
        self.now = self.now.plus(by);
        self
    }

    pub(crate) fn back(&mut self, by: Duration) -> &mut Self {
        self.now = self.now.minus(by);
        self
    }

    /// A row nobody has touched, as for another person.
    pub(crate) fn next_person(&mut self) -> &mut Self {
        self.latest = Latest::default();
        self
    }

    pub(crate) fn check(&self) -> Result<(), Refusal> {
        engage::check(&self.situation(), self.action, self.now)
    }

    pub(crate) fn request(&mut self) -> ClaimRequest {
        self.ids += 1;
        ClaimRequest {
            claim_id: claim_id(self.ids),
            key: key("alice", self.action),
            holder: holder("worker"),
            account_fence: None,
            task_id: None,
            device_id: None,
            metadata: Metadata::default(),
            now: self.now,
        }
    }

    pub(crate) fn ask(&mut self, request: ClaimRequest) -> Result<Claim, Refusal> {
        let Granted { claim, account, latest } = engage::claim(&self.situation(), request)?;
        self.account = account.unwrap_or_else(|| self.account.clone());
        self.latest = latest.unwrap_or_else(|| self.latest.clone());
        Ok(claim)
    }

    pub(crate) fn try_claim(&mut self) -> Result<Claim, Refusal> {
        let request = self.request();
        self.ask(request)
    }

    pub(crate) fn claim(&mut self) -> Claim {
        self.try_claim().expect("a claim")
    }

    pub(crate) fn fenced(&mut self, fence: Fence) -> Result<Claim, Refusal> {
        let request = ClaimRequest { account_fence: Some(fence), ..self.request() };
        self.ask(request)
    }

    pub(crate) fn stamp(&mut self) -> Stamp {
        self.ids += 1;
        Stamp { event_id: event_id(self.ids), salt: Salt([7; 16]), now: self.now }
    }

    pub(crate) fn report(&mut self, claim: &Claim, outcome: Outcome) -> Report {
        Report {
            claim_id: claim.id,
            key: key("alice", self.action),
            outcome,
            reason: None,
            detail: "as seen".to_owned(),
            session_id: None,
            device_id: None,
            latency_ms: Some(1_200),
            metadata: Metadata::default(),
            jitter: Jitter::default(),
            stamp: self.stamp(),
        }
    }

    pub(crate) fn settle(&mut self, report: Report) -> Settled {
        let settled =
            engage::commit(&self.settings, self.account.clone(), self.latest.clone(), report);
        self.account = settled.account.clone();
        self.latest = settled.latest.clone();
        settled
    }

    pub(crate) fn commit(&mut self, claim: &Claim, outcome: Outcome) -> Settled {
        let report = self.report(claim, outcome);
        self.settle(report)
    }

    pub(crate) fn reconcile(&mut self, claim: &Claim, finding: decorum_core::Finding) -> Settled {
        let (outcome, reason) = finding.outcome();
        let report = Report { reason: Some(reason.to_owned()), ..self.report(claim, outcome) };
        self.settle(report)
    }

    /// Claims and commits at once.
    pub(crate) fn engage(&mut self, outcome: Outcome) -> Settled {
        let claim = self.claim();
        self.commit(&claim, outcome)
    }

    pub(crate) fn lapse(&mut self, gone: Option<&Holder>) -> bool {
        let lapsed = self.latest.lapsed(gone, self.now);
        let changed = lapsed.is_some();
        self.latest = lapsed.unwrap_or_else(|| self.latest.clone());
        changed
    }

    pub(crate) fn observe(&mut self, seen: Seen) -> Settled {
        let observation = Observation {
            key: key("alice", self.action),
            seen,
            reason: None,
            detail: "as seen".to_owned(),
            task_id: None,
            device_id: None,
            session_id: None,
            latency_ms: None,
            metadata: Metadata::default(),
            jitter: Jitter::default(),
            stamp: self.stamp(),
        };
        let settled =
            engage::observe(&self.settings, self.account.clone(), self.latest.clone(), observation);
        self.account = settled.account.clone();
        self.latest = settled.latest.clone();
        settled
    }

    /// Puts on record that `alice` was engaged so long ago.
    pub(crate) fn import(&mut self, ago: Duration, outcome: Outcome) -> Event {
        let imported = Imported {
            key: key("alice", self.action),
            outcome,
            reason: None,
            happened_at: self.now.minus(ago),
            metadata: Metadata::default(),
            stamp: self.stamp(),
        };
        let (account, latest) = (self.account.clone(), self.latest.clone());
        let settled = engage::import(&self.settings, account, latest, imported);
        assert!(settled.error.is_none() && !settled.late);
        self.account = settled.account;
        self.latest = settled.latest;
        settled.event
    }
}
