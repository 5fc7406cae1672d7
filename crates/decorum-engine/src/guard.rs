//! The guard: every way into and out of an engagement leads through here.
//!
//! check → claim → (act) → commit. It adds to the store what only a process has: a clock,
//! randomness, a name, a spool, and a memory of refusals. A remembered "go ahead" would be worth nothing,
//! so only refusals that lie with the person are remembered, and only for
//! `cache_ttl_seconds`.
//!
//! Fail closed: when the store does not answer, nothing here says yes. Lose nothing: what happened
//! and the store does not take goes to the [spool](crate::spool).

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use decorum_core::{
    AccountId, Action, Claim, ClaimId, ClaimRequest, DeviceId, ErrorClass, Event, Fence, Finding,
    Holder, Key, Metadata, Observation, Outcome, Platform, Refusal, Report, Seen, SessionId,
    Settings, TaskId, Timestamp, Username,
};
use decorum_store::{ClaimVerdict, Committed, Store, StoreError};
use foldhash::quality::RandomState;
use moka::sync::Cache;

use crate::clock::{self, Clock};
use crate::entropy::Entropy;
use crate::machine::Machine;
use crate::sabotage::{Protection, is_off};
use crate::spool::{Entry, Spool, Ticket};

/// Refusals remembered at most; 100,000 take about 20 MB.
const REMEMBERED_MAX: u64 = 50_000;

/// For how long something that happened is offered again to a store that does not take it. It is in
/// the spool by then; whoever waits for the run has waited long enough.
const OFFER_FOR: Duration = Duration::from_secs(6);

/// How long the store may take over what happened before it is spooled beside.
const SPOOL_AFTER: Duration = Duration::from_millis(500);

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

/// Whether the store has judged, and will not judge otherwise another time.
const fn is_final(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::NoSuchClaim(_) | StoreError::OtherClaim(_) | StoreError::TooMany { .. }
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
    watch: Arc<clock::Watch>,
    spool: Arc<dyn Spool>,
    holder: Holder,
    first: Settings,
    refusals: Cache<Key, Remembered, RandomState>,
    recalled: Arc<Recalled>,
}

/// How often the memory of refusals was asked, and how often it knew.
#[derive(Debug, Default)]
struct Recalled {
    asked: AtomicU64,
    known: AtomicU64,
}

/// What the memory of refusals was good for since the process began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheUse {
    /// How often it was asked about somebody.
    pub asked: u64,
    /// How often it knew that they must be refused, so that the store was not asked.
    pub hits: u64,
}

impl Guard {
    /// A guard over `store` for one `holder` on this machine. `first` are the settings until
    /// somebody stores any.
    pub fn new(store: Arc<dyn Store>, machine: Machine, holder: Holder, first: Settings) -> Self {
        let Machine { clock, entropy, anchor, spool } = machine;
        let watch = Arc::new(clock::Watch::new(clock, anchor));
        let clock: Arc<dyn Clock> = Arc::clone(&watch) as _;
        let refusals =
            Cache::builder().max_capacity(REMEMBERED_MAX).build_with_hasher(RandomState::default());
        let recalled = Arc::default();
        Self { store, clock, entropy, watch, spool, holder, first, refusals, recalled }
    }

    /// The same guard, with the same memory, clock and spool, claiming for another holder: each of
    /// several runs in one process has a name of its own, so that they exclude each other as
    /// processes do, and what one of them leaves behind can be told from what another is at.
    #[must_use]
    pub fn held_by(&self, holder: Holder) -> Self {
        Self {
            store: Arc::clone(&self.store),
            clock: Arc::clone(&self.clock),
            entropy: Arc::clone(&self.entropy),
            watch: Arc::clone(&self.watch),
            spool: Arc::clone(&self.spool),
            holder,
            first: self.first.clone(),
            refusals: self.refusals.clone(),
            recalled: Arc::clone(&self.recalled),
        }
    }

    /// The store behind it.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The clock it goes by: the machine's, or, while that is wrong, its anchor's.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// What notices that the clock was set. Nobody is to be engaged while there is trouble.
    pub fn watch(&self) -> &clock::Watch {
        &self.watch
    }

    /// What the store has not taken yet.
    pub fn spool(&self) -> &dyn Spool {
        self.spool.as_ref()
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
        // Most ask about one person; then there is nothing to put together again.
        if let [target] = targets {
            let refusal = self.remembered(&key(account, target, action), now);
            return match refusal {
                Some(refusal) => Ok(vec![Err(refusal)]),
                None => self.ask(account, action, targets, now).await,
            };
        }
        let recalled: Vec<Option<Refusal>> = targets
            .iter()
            .map(|target| self.remembered(&key(account, target, action), now))
            .collect();
        let asked = targets.iter().zip(&recalled).filter(|(_, refusal)| refusal.is_none());
        let unknown: Vec<Username> = asked.map(|(target, _)| target.clone()).collect();
        if unknown.is_empty() {
            return Ok(recalled.into_iter().map(|refusal| refusal.map_or(Ok(()), Err)).collect());
        }
        let mut fresh = self.ask(account, action, &unknown, now).await?.into_iter();
        let answer = |refusal: Option<Refusal>| refusal.map(Err).or_else(|| fresh.next());
        Ok(recalled.into_iter().filter_map(answer).collect())
    }

    /// Asks the store, and remembers what it refuses.
    async fn ask(
        &self,
        account: &AccountId,
        action: Action,
        targets: &[Username],
        now: Timestamp,
    ) -> Result<Vec<Result<(), Refusal>>, StoreError> {
        let answers = self.store.check(&self.first, account, action, targets, now).await?;
        let ttl = self.ttl(answers.iter().filter_map(|a| a.err().as_ref().copied())).await?;
        for (target, answer) in targets.iter().zip(&answers) {
            if let Err(refusal) = answer {
                self.remember(key(account, target, action), *refusal, now, ttl);
            }
        }
        Ok(answers)
    }

    fn remembered(&self, key: &Key, now: Timestamp) -> Option<Refusal> {
        self.recalled.asked.fetch_add(1, Ordering::Relaxed);
        let found = self.refusals.get(key).filter(|found| now < found.until)?;
        self.recalled.known.fetch_add(1, Ordering::Relaxed);
        Some(found.refusal)
    }

    /// What the memory of refusals was good for so far, in this process.
    pub fn cache_use(&self) -> CacheUse {
        // Read in this order, there are never more hits than questions.
        let hits = self.recalled.known.load(Ordering::Relaxed);
        let asked = self.recalled.asked.load(Ordering::Relaxed).max(hits);
        CacheUse { asked, hits }
    }

    /// For how long refusals are remembered; nobody is asked if there is nothing to remember.
    async fn ttl(
        &self,
        refusals: impl IntoIterator<Item = Refusal>,
    ) -> Result<Duration, StoreError> {
        if refusals.into_iter().any(|refusal| refusal.reason.is_about_target()) {
            return Ok(self.settings().await?.cache_ttl());
        }
        Ok(Duration::ZERO)
    }

    fn remember(&self, key: Key, refusal: Refusal, now: Timestamp, ttl: Duration) {
        if !refusal.reason.is_about_target() {
            return;
        }
        let ttl = now.plus(ttl);
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
        let claim_id = self.entropy.claim_id(self.clock.now());
        self.claim_for(self.holder.clone(), claim_id, key, context, metadata).await
    }

    /// The same for another holder, with an id of the caller's: asking twice with it is asking
    /// once.
    pub async fn claim_for(
        &self,
        holder: Holder,
        claim_id: ClaimId,
        key: Key,
        context: &Context,
        metadata: Metadata,
    ) -> Result<ClaimVerdict, StoreError> {
        let now = self.clock.now();
        if let Some(refusal) = self.remembered(&key, now) {
            return Ok(ClaimVerdict::Refused(refusal));
        }
        let request = ClaimRequest {
            claim_id,
            key: key.clone(),
            holder,
            account_fence: context.account_fence,
            task_id: context.task_id.clone(),
            device_id: context.device_id.clone(),
            metadata,
            now,
        };
        let verdict = self.store.claim(&self.first, request).await?;
        if let ClaimVerdict::Refused(refusal) = &verdict {
            let ttl = self.ttl([*refusal]).await?;
            self.remember(key, *refusal, now, ttl);
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
        self.settle(report).await
    }

    /// Settles a claim by a report that somebody else made up. It reaches the store, or waits in
    /// the spool for it, as with [`Guard::commit`].
    pub async fn settle(&self, report: Report) -> Result<Committed, StoreError> {
        let entry = Entry::Outcome(Box::new(report.clone()));
        self.hand_over(&entry, || self.store.commit(&self.first, report.clone())).await
    }

    /// Offers what happened to the store until it takes it, for some seconds: a store that is
    /// busy for a moment must not cost an outcome or a refusal. The same thing is offered each
    /// time, so a store that had taken it answers with what it recorded. What it does not take
    /// at once is in the spool meanwhile, and stays there if it does not take it at all.
    async fn hand_over<T, F>(&self, entry: &Entry, offer: impl Fn() -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let mut ticket = None;
        let mut tries = 0;
        let since = self.clock.steady();
        let answer = loop {
            let mut attempt = pin!(offer());
            let answer = tokio::select! {
                biased;
                answer = &mut attempt => answer,
                () = self.clock.sleep(SPOOL_AFTER), if ticket.is_none() => {
                    ticket = self.keep(entry).await;
                    attempt.await
                }
            };
            let error = match answer {
                Err(error) if !is_final(&error) => error,
                answer => break answer,
            };
            if ticket.is_none() {
                ticket = self.keep(entry).await;
            }
            if !passes(&error) || self.clock.steady().saturating_sub(since) > OFFER_FOR {
                return Err(error);
            }
            tracing::warn!(%error, "the store did not take what happened; trying again");
            tries += 1;
            self.clock.sleep(Duration::from_millis(100) * 2_u32.pow(tries)).await;
        };
        if let Some(ticket) = ticket
            && let Err(error) = self.spool.delivered(&ticket).await
        {
            // Delivering it again changes nothing.
            tracing::warn!(%error, "what the store has taken stays in the spool");
        }
        answer
    }

    async fn keep(&self, entry: &Entry) -> Option<Ticket> {
        if is_off(Protection::Spool) {
            return None;
        }
        match self.spool.put(entry).await {
            Ok(ticket) => Some(ticket),
            Err(error) => {
                tracing::error!(%error, "what happened can be kept neither in the store nor beside");
                None
            }
        }
    }

    /// Delivers what waits in the spool, in order; returns how much that was. To be called before
    /// anything is decided: what waits may say that the account must rest.
    ///
    /// # Errors
    /// When the store does not take it, or the spool cannot be read: then nobody is to be engaged.
    pub async fn deliver(&self) -> Result<usize, StoreError> {
        let unreadable = |error: std::io::Error| StoreError::Unreachable {
            place: "what waits to be delivered to the store".to_owned(),
            problem: error.to_string(),
        };
        let waiting = self.spool.waiting().await.map_err(unreadable)?;
        let count = waiting.len();
        for (ticket, entry) in waiting {
            match self.offer(entry).await {
                Ok(()) => self.spool.delivered(&ticket).await.map_err(unreadable)?,
                Err(error) if is_final(&error) => {
                    tracing::error!(ticket = ticket.0, %error, "an outcome from the spool is put aside");
                    self.spool.rejected(&ticket).await.map_err(unreadable)?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(count)
    }

    async fn offer(&self, entry: Entry) -> Result<(), StoreError> {
        match entry {
            Entry::Outcome(report) => {
                self.store.commit(&self.first, *report).await?;
            }
            Entry::Seen(seen) => {
                self.store.observe(&self.first, vec![*seen]).await?;
            }
            Entry::Trouble { account, class, detail, jitter, at } => {
                let store = &self.store;
                store.report_trouble(&self.first, &account, class, &detail, jitter, at).await?;
            }
        }
        Ok(())
    }

    /// Records that people were refused.
    pub async fn record_refusals(
        &self,
        refused: Vec<(Key, Refusal)>,
        context: &Context,
    ) -> Result<(), StoreError> {
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
            self.store.observe(&self.first, batch).await?;
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
        let now = self.clock.now();
        let why = (ending.reason.map(ToOwned::to_owned), ending.detail.clone());
        let mut seen = self.observation(key, Seen::Outcome(ending.outcome), why, context, now);
        seen.metadata = metadata;
        let entry = Entry::Seen(Box::new(seen.clone()));
        let offer = || self.store.observe(&self.first, vec![seen.clone()]);
        let events = self.hand_over(&entry, offer).await?;
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
        let stamp = self.entropy.stamp(self.clock.now());
        self.store.reconcile(&self.first, claim, finding, metadata, stamp).await
    }

    /// Notes trouble met outside any engagement.
    pub async fn report_trouble(
        &self,
        account: &AccountId,
        class: ErrorClass,
        detail: &str,
    ) -> Result<(), StoreError> {
        let jitter = self.entropy.jitter();
        let at = self.clock.now();
        let (account, detail) = (account.clone(), detail.to_owned());
        let entry = Entry::Trouble { account, class, detail, jitter, at };
        self.hand_over(&entry, || self.offer(entry.clone())).await
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
