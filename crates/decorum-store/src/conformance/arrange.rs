//! Arrangement in one line: a store, a clock that stands still until told, and fresh ids.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use decorum_core::chain::Verifier;
use decorum_core::{
    Action, Claim, ClaimId, ClaimRequest, ErrorClass, Event, EventId, Fence, Holder, Jitter, Key,
    Metadata, Observation, Outcome, Platform, Refusal, RefusalReason, Report, Salt, Seen, Settings,
    Skip, Stamp, Timestamp,
};
use serde_json::json;

use crate::{AccountView, ClaimVerdict, Committed, EventFilter, Order, PageRequest, Store};

/// Noon of some day; far from any edge.
pub(crate) const NOON: Timestamp = Timestamp::from_millis(1_800_014_400_000);

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const HOUR: Duration = Duration::from_hours(1);
pub(crate) const DAY: Duration = Duration::from_hours(24);

/// Ids differ between benches and between processes, so that two can share a store.
static NEXT: AtomicU64 = AtomicU64::new(1);

fn unique() -> [u8; 16] {
    let mut bytes = [0; 16];
    let (number, process) = (NEXT.fetch_add(1, Ordering::Relaxed), std::process::id());
    bytes[..4].copy_from_slice(&process.to_be_bytes());
    // The version and variant of a UUID have their places; the number goes around them.
    (bytes[6], bytes[8]) = (0x70, 0x80);
    bytes[9..].copy_from_slice(&number.to_be_bytes()[1..]);
    bytes
}

pub(crate) fn claim_id() -> ClaimId {
    ClaimId::from_uuid(uuid::Uuid::from_bytes(unique()))
}

pub(crate) fn event_id() -> EventId {
    EventId::from_uuid(uuid::Uuid::from_bytes(unique()))
}

pub(crate) fn name<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

pub(crate) fn key(account: &str, target: &str, action: Action) -> Key {
    Key {
        platform: Platform::Instagram,
        account_id: name(account),
        target_username: name(target),
        action,
    }
}

/// `anna` follows this person.
pub(crate) fn follow(target: &str) -> Key {
    key("anna", target, Action::Follow)
}

pub(crate) fn metadata(value: &serde_json::Value) -> Metadata {
    Metadata::new(value).unwrap()
}

/// Settings under which nothing but the rule under test refuses anybody.
pub(crate) fn generous() -> Settings {
    let cap = json!({"hour": null, "day": null});
    Settings::default()
        .with("budgets", json!({"follow": cap, "like": cap, "comment": cap, "view": cap}))
        .and_then(|s| s.with("min_seconds_between_actions", json!(0)))
        .and_then(|s| s.with("backoff_jitter", json!(0)))
        .unwrap()
}

/// Opens one more client of the same store, which was empty at first.
pub(crate) type Opener = Arc<dyn Fn() -> Arc<dyn Store> + Send + Sync>;

/// One client of a store.
#[derive(Clone)]
pub(crate) struct Bench {
    open: Opener,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) settings: Settings,
    pub(crate) now: Timestamp,
    pub(crate) holder: Holder,
    pub(crate) account_fence: Option<Fence>,
}

impl Bench {
    pub(crate) fn new(open: Opener) -> Self {
        Self {
            store: open(),
            open,
            settings: generous(),
            now: NOON,
            holder: name("worker-1"),
            account_fence: None,
        }
    }

    /// The same store, through a client of its own, for another holder.
    pub(crate) fn another(&self, holder: &str) -> Self {
        Self { store: (self.open)(), holder: name(holder), ..self.clone() }
    }

    pub(crate) fn with(mut self, setting: &str, value: serde_json::Value) -> Self {
        self.settings = self.settings.with(setting, value).unwrap();
        self
    }

    /// Lets time pass.
    pub(crate) fn wait(&mut self, by: Duration) {
        self.now = self.now.plus(by);
    }

    pub(crate) fn stamp(&self) -> Stamp {
        Stamp { event_id: event_id(), salt: Salt(unique()), now: self.now }
    }

    pub(crate) fn request(&self, key: Key) -> ClaimRequest {
        ClaimRequest {
            claim_id: claim_id(),
            key,
            holder: self.holder.clone(),
            account_fence: self.account_fence,
            task_id: Some(name("spring")),
            device_id: Some(name("phone-1")),
            metadata: Metadata::default(),
            now: self.now,
        }
    }

    pub(crate) async fn ask(&self, request: ClaimRequest) -> Result<Claim, Refusal> {
        match self.store.claim(&self.settings, request).await.unwrap() {
            ClaimVerdict::Granted(claim) => Ok(claim),
            ClaimVerdict::Refused(refusal) => Err(refusal),
        }
    }

    pub(crate) async fn try_claim(&self, key: Key) -> Result<Claim, Refusal> {
        self.ask(self.request(key)).await
    }

    pub(crate) async fn claim(&self, key: Key) -> Claim {
        self.try_claim(key).await.unwrap()
    }

    pub(crate) async fn refused(&self, key: Key) -> RefusalReason {
        self.try_claim(key).await.unwrap_err().reason
    }

    pub(crate) fn report(&self, claim: ClaimId, key: Key, outcome: Outcome) -> Report {
        Report {
            claim_id: claim,
            key,
            outcome,
            reason: None,
            detail: "as the phone showed it".to_owned(),
            session_id: Some(name("session-1")),
            device_id: None,
            latency_ms: Some(1_250),
            metadata: Metadata::default(),
            jitter: Jitter::default(),
            stamp: self.stamp(),
        }
    }

    pub(crate) async fn settle(&self, claim: &Claim, key: Key, outcome: Outcome) -> Committed {
        let report = self.report(claim.id, key, outcome);
        self.store.commit(&self.settings, report).await.unwrap()
    }

    /// Claims and settles.
    pub(crate) async fn engage_with(&self, key: Key, outcome: Outcome) -> Event {
        let claim = self.claim(key.clone()).await;
        self.settle(&claim, key, outcome).await.event().clone()
    }

    /// Claims, and succeeds.
    pub(crate) async fn engage(&self, key: Key) -> Event {
        self.engage_with(key, SUCCESS).await
    }

    pub(crate) fn seen(&self, key: Key, seen: Seen) -> Observation {
        Observation {
            key,
            seen,
            reason: None,
            detail: "seen on the page".to_owned(),
            task_id: Some(name("spring")),
            device_id: Some(name("phone-1")),
            session_id: None,
            latency_ms: None,
            metadata: Metadata::default(),
            jitter: Jitter::default(),
            stamp: self.stamp(),
        }
    }

    /// Records one observation.
    pub(crate) async fn observe(&self, key: Key, seen: Seen) -> Event {
        let seen = self.seen(key, seen);
        self.store.observe(&self.settings, vec![seen]).await.unwrap().remove(0)
    }

    /// Records that somebody was refused.
    pub(crate) async fn refuse(&self, target: &str) -> Event {
        let refusal = Refusal::new(RefusalReason::AlreadyEngaged, None);
        self.observe(follow(target), Seen::Refused(refusal)).await
    }

    /// The account `anna`.
    pub(crate) async fn anna(&self) -> AccountView {
        self.store.account(&name("anna")).await.unwrap()
    }

    /// Every event that matches, by pages of the given size.
    pub(crate) async fn all(&self, filter: &EventFilter, order: Order, limit: usize) -> Vec<Event> {
        let mut events = Vec::new();
        let mut page = PageRequest { after: None, limit, order };
        loop {
            let got = self.store.events(filter, &page).await.unwrap();
            assert!(got.items.len() <= limit);
            events.extend(got.items);
            page.after = match got.next {
                // What a client sends back is the text.
                Some(next) => Some(next.to_string().parse().unwrap()),
                None => return events,
            };
        }
    }

    /// The whole log, oldest first.
    pub(crate) async fn log(&self) -> Vec<Event> {
        self.all(&EventFilter::default(), Order::Oldest, 1000).await
    }

    /// Fails unless every chain verifies and the store finds nothing wrong with itself.
    pub(crate) async fn assert_intact(&self) {
        assert_eq!(self.store.inspect().await.unwrap(), Vec::<String>::new());
        for view in self.store.accounts().await.unwrap() {
            let account = view.account;
            let name = account.account_id.clone();
            let cleaned = account.checkpoint.as_ref();
            let mut verifier = Verifier::after(account.platform, name, cleaned);
            loop {
                let after = verifier.head().seq;
                let chain = self.store.chain(&account.account_id, after, 100).await.unwrap();
                if chain.is_empty() {
                    break;
                }
                for event in chain {
                    verifier.next(&event.unwrap()).unwrap();
                }
            }
            verifier.finish(account.head).unwrap();
        }
    }

    /// Whether the key may be engaged, without claiming it.
    pub(crate) async fn check(&self, key: &Key) -> Result<(), Refusal> {
        let targets = [key.target_username.clone()];
        let (account, action) = (&key.account_id, key.action);
        let checked = self.store.check(&self.settings, account, action, &targets, self.now).await;
        checked.unwrap().remove(0)
    }
}

pub(crate) const SUCCESS: Outcome = Outcome::Success { presumed: false };
pub(crate) const RATE_LIMITED: Outcome = Outcome::Failed(ErrorClass::RateLimited);
pub(crate) const NETWORK: Outcome = Outcome::Failed(ErrorClass::Network);
pub(crate) const PRIVATE: Outcome = Outcome::Skipped(Skip::Private);

/// Runs `work` for each of `0..tasks` at the same time, and returns what they said, in order.
pub(crate) async fn at_once<T, F>(tasks: usize, work: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let running: Vec<_> = (0..tasks).map(|n| tokio::spawn(work(n))).collect();
    let mut said = Vec::with_capacity(tasks);
    for task in running {
        said.push(task.await.unwrap());
    }
    said
}
