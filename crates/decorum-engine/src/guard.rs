//! The guard: every way into and out of an engagement leads through here.
//!
//! check → claim → (act) → commit. It adds to the store what only a process has: a clock,
//! randomness, a name, and a memory of refusals. A remembered "go ahead" would be worth nothing,
//! so only refusals that lie with the person are remembered, and only for
//! `cache_ttl_seconds`.
//!
//! Fail closed: when the store does not answer, nothing here says yes.

use std::sync::Arc;
use std::time::Duration;

use decorum_core::{
    AccountId, Action, Claim, ClaimId, ClaimRequest, DeviceId, ErrorClass, Event, Fence, Finding,
    Holder, Key, Metadata, Observation, Outcome, Platform, Refusal, Report, Seen, SessionId,
    Settings, TaskId, Timestamp, Username,
};
use decorum_store::{ClaimVerdict, Committed, Store, StoreError};
use moka::sync::Cache;

use crate::clock::Clock;
use crate::entropy::Entropy;

/// Refusals remembered at most; 100,000 take about 20 MB.
const REMEMBERED_MAX: u64 = 50_000;

/// How often something that happened is offered again to a store that does not take it.
const OFFERS_MAX: u32 = 5;

/// Whether the store may take the same thing a moment later.
const fn passes(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Busy { .. }
            | StoreError::Full { .. }
            | StoreError::Unreachable { .. }
            | StoreError::Unknown { .. }
    )
}

/// What surrounds an engagement: the same for all attempts of one run.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// The task.
    pub task_id: Option<TaskId>,
    /// The phone.
    pub device_id: Option<DeviceId>,
    /// The automation session.
    pub session_id: Option<SessionId>,
    /// The fence of the account lease, if one is held.
    pub account_fence: Option<Fence>,
}

/// How an attempt ended, as the automator saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// The outcome.
    pub outcome: Outcome,
    /// A stable word.
    pub reason: Option<&'static str>,
    /// What was seen, for a person.
    pub detail: String,
}

impl Ending {
    /// An ending without a reason of its own.
    pub fn new(outcome: Outcome, detail: impl Into<String>) -> Self {
        Self { outcome, reason: None, detail: detail.into() }
    }

    /// The ending with a stable reason.
    #[must_use]
    pub const fn because(mut self, reason: &'static str) -> Self {
        self.reason = Some(reason);
        self
    }
}

#[derive(Clone, Copy)]
struct Remembered {
    refusal: Refusal,
    until: Timestamp,
}

/// See the module's documentation.
pub struct Guard {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    holder: Holder,
    first: Settings,
    refusals: Cache<Key, Remembered>,
}

impl Guard {
    /// A guard over `store` for one `holder`. `first` are the settings until somebody stores any.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        holder: Holder,
        first: Settings,
    ) -> Self {
        let refusals = Cache::new(REMEMBERED_MAX);
        Self { store, clock, entropy, holder, first, refusals }
    }

    /// The store behind it.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The clock it goes by.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The source of its ids.
    pub fn entropy(&self) -> &dyn Entropy {
        self.entropy.as_ref()
    }

    /// Who it claims for.
    pub const fn holder(&self) -> &Holder {
        &self.holder
    }

    /// The settings in force.
    pub async fn settings(&self) -> Result<Settings, StoreError> {
        Ok(self.store.settings(&self.first).await?.settings)
    }

    /// Whether each person may be engaged now, in order.
    pub async fn check(
        &self,
        account: &AccountId,
        action: Action,
        targets: &[Username],
    ) -> Result<Vec<Result<(), Refusal>>, StoreError> {
        let now = self.clock.now();
        let mut answers: Vec<Option<Result<(), Refusal>>> = targets
            .iter()
            .map(|target| self.remembered(&key(account, target, action), now).map(Err))
            .collect();
        let open = |answers: &[Option<_>]| -> Vec<Username> {
            let asked = targets.iter().zip(answers).filter(|(_, a)| a.is_none());
            asked.map(|(target, _)| target.clone()).collect()
        };
        let unknown = open(&answers);
        if !unknown.is_empty() {
            let settings = self.settings().await?;
            let asked = self.store.check(&settings, account, action, &unknown, now).await?;
            let mut asked = unknown.iter().zip(asked);
            for answer in &mut answers {
                if answer.is_none()
                    && let Some((target, fresh)) = asked.next()
                {
                    if let Err(refusal) = &fresh {
                        self.remember(key(account, target, action), *refusal, now, &settings);
                    }
                    *answer = Some(fresh);
                }
            }
        }
        Ok(answers.into_iter().flatten().collect())
    }

    fn remembered(&self, key: &Key, now: Timestamp) -> Option<Refusal> {
        let found = self.refusals.get(key)?;
        (now < found.until).then_some(found.refusal)
    }

    fn remember(&self, key: Key, refusal: Refusal, now: Timestamp, settings: &Settings) {
        if !refusal.reason.is_about_target() {
            return;
        }
        let ttl = now.plus(settings.cache_ttl());
        let until = refusal.retry_at.map_or(ttl, |t| t.min(ttl));
        self.refusals.insert(key, Remembered { refusal, until });
    }

    /// Claims one engagement, durably, or is refused.
    pub async fn claim(
        &self,
        key: Key,
        context: &Context,
        metadata: Metadata,
    ) -> Result<ClaimVerdict, StoreError> {
        let now = self.clock.now();
        if let Some(refusal) = self.remembered(&key, now) {
            return Ok(ClaimVerdict::Refused(refusal));
        }
        let settings = self.settings().await?;
        let request = ClaimRequest {
            claim_id: self.entropy.claim_id(now),
            key: key.clone(),
            holder: self.holder.clone(),
            account_fence: context.account_fence,
            task_id: context.task_id.clone(),
            device_id: context.device_id.clone(),
            metadata,
            now,
        };
        let verdict = self.store.claim(&settings, request).await?;
        if let ClaimVerdict::Refused(refusal) = &verdict {
            self.remember(key, *refusal, now, &settings);
        }
        Ok(verdict)
    }

    /// Settles a claim with how it ended.
    pub async fn commit(
        &self,
        claim: &Claim,
        key: Key,
        ending: &Ending,
        context: &Context,
        metadata: Metadata,
    ) -> Result<Committed, StoreError> {
        let now = self.clock.now();
        let settings = self.settings().await?;
        let report = Report {
            claim_id: claim.id,
            key,
            outcome: ending.outcome,
            reason: ending.reason.map(ToOwned::to_owned),
            detail: ending.detail.clone(),
            session_id: context.session_id.clone(),
            device_id: context.device_id.clone(),
            latency_ms: u64::try_from(now.left(claim.claimed_at).as_millis()).ok(),
            metadata,
            jitter: self.entropy.jitter(),
            stamp: self.entropy.stamp(now),
        };
        self.patiently(|| self.store.commit(&settings, report.clone())).await
    }

    /// Offers what happened to the store until it takes it, for some seconds: a store that is
    /// busy for a moment must not cost an outcome or a refusal. The same thing is offered each
    /// time, so a store that had taken it answers with what it recorded.
    async fn patiently<T, F>(&self, offer: impl Fn() -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let mut tries = 0;
        loop {
            match offer().await {
                Err(error) if tries < OFFERS_MAX && passes(&error) => {
                    tracing::warn!(%error, "the store did not take what happened; trying again");
                    tries += 1;
                    self.clock.sleep(Duration::from_millis(100) * 2_u32.pow(tries)).await;
                }
                answer => return answer,
            }
        }
    }

    /// Records that people were refused.
    pub async fn record_refusals(
        &self,
        refused: Vec<(Key, Refusal)>,
        context: &Context,
    ) -> Result<(), StoreError> {
        let settings = self.settings().await?;
        let now = self.clock.now();
        let mut refused = refused.into_iter().peekable();
        while refused.peek().is_some() {
            let batch = refused
                .by_ref()
                .take(decorum_store::OBSERVE_MAX)
                .map(|(key, refusal)| {
                    let ending = (None, String::new());
                    self.observation(key, Seen::Refused(refusal), ending, context, now)
                })
                .collect();
            self.store.observe(&settings, batch).await?;
        }
        Ok(())
    }

    /// Records an attempt that ended before any claim.
    pub async fn observe(
        &self,
        key: Key,
        ending: &Ending,
        context: &Context,
        metadata: Metadata,
    ) -> Result<Event, StoreError> {
        let settings = self.settings().await?;
        let now = self.clock.now();
        let why = (ending.reason.map(ToOwned::to_owned), ending.detail.clone());
        let mut seen = self.observation(key, Seen::Outcome(ending.outcome), why, context, now);
        seen.metadata = metadata;
        let events = self.patiently(|| self.store.observe(&settings, vec![seen.clone()])).await?;
        events.into_iter().next().ok_or_else(|| StoreError::Unknown {
            place: "the store".to_owned(),
            problem: "it recorded an attempt without saying where".to_owned(),
        })
    }

    fn observation(
        &self,
        key: Key,
        seen: Seen,
        (reason, detail): (Option<String>, String),
        context: &Context,
        now: Timestamp,
    ) -> Observation {
        Observation {
            key,
            seen,
            reason,
            detail,
            task_id: context.task_id.clone(),
            device_id: context.device_id.clone(),
            session_id: context.session_id.clone(),
            latency_ms: None,
            metadata: Metadata::default(),
            jitter: self.entropy.jitter(),
            stamp: self.entropy.stamp(now),
        }
    }

    /// Settles a claim in doubt by what looking showed.
    pub async fn reconcile(
        &self,
        claim: ClaimId,
        finding: Finding,
        metadata: Metadata,
    ) -> Result<Committed, StoreError> {
        let settings = self.settings().await?;
        let stamp = self.entropy.stamp(self.clock.now());
        self.store.reconcile(&settings, claim, finding, metadata, stamp).await
    }

    /// Notes trouble met outside any engagement.
    pub async fn report_trouble(
        &self,
        account: &AccountId,
        class: ErrorClass,
        detail: &str,
    ) -> Result<(), StoreError> {
        let settings = self.settings().await?;
        let jitter = self.entropy.jitter();
        let now = self.clock.now();
        let offer = || self.store.report_trouble(&settings, account, class, detail, jitter, now);
        self.patiently(offer).await.map(drop)
    }
}

/// The key of an engagement on the one platform there is.
pub fn key(account: &AccountId, target: &Username, action: Action) -> Key {
    Key {
        platform: Platform::Instagram,
        account_id: account.clone(),
        target_username: target.clone(),
        action,
    }
}
