//! The way from a process to the store: over a gate, and over a line that can be cut.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use decorum_core::{
    Account, AccountId, Action, ClaimId, ClaimRequest, Digest, ErrorClass, Event, Fence, Finding,
    HaltReason, Held, Holder, Imported, Jitter, Key, Lease, Metadata, Observation, Platform,
    Refusal, Report, Settings, Stamp, Timestamp, Username, chain::Break,
};
use decorum_store::{
    AccountView, AdminEntry, ClaimVerdict, Cleaned, Committed, Doubt, EventFilter, EventPage,
    Forgotten, Identity, Metrics, MetricsQuery, PageRequest, SettingsVersion, Store, StoreError,
    Suppressed, Suppression, Token, TokenStore,
};

use crate::crew::Claimed;
use crate::gate::Gate;
use crate::keeper::Keeper;
use crate::machine::Begin;
use crate::phone::lock;
use crate::watcher::Watcher;

/// How long a request waits for an answer that does not come.
const PATIENCE: Duration = Duration::from_secs(8);

/// One process's way to the store.
#[derive(Debug)]
pub(crate) struct Remote {
    pub(crate) keeper: Arc<Mutex<Keeper>>,
    pub(crate) gate: Gate,
    pub(crate) begin: Begin,
    /// When this machine cannot reach the store: seconds from and to.
    pub(crate) cut: Vec<(u32, u32)>,
    pub(crate) watcher: Arc<Watcher>,
    pub(crate) process: usize,
}

fn unreachable() -> StoreError {
    StoreError::Unreachable { place: "the store".to_owned(), problem: "no answer".to_owned() }
}

pub(crate) fn not_modelled<T>() -> Result<T, StoreError> {
    let problem = "this is not simulated";
    Err(StoreError::Unusable { given: "the simulated store".to_owned(), problem })
}

impl Remote {
    fn is_cut(&self) -> bool {
        let now = self.begin.elapsed().as_secs();
        self.cut.iter().any(|(from, to)| u64::from(*from) <= now && now < u64::from(*to))
    }

    pub(crate) async fn ask<T>(
        &self,
        what: &'static str,
        work: impl FnOnce(&mut Keeper) -> Result<T, StoreError> + Send,
    ) -> Result<T, StoreError> {
        self.gate.pass().await.map_err(|_| unreachable())?;
        if self.is_cut() {
            tokio::time::sleep(PATIENCE).await;
            return Err(unreachable());
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
        let answer = work(&mut lock(&self.keeper));
        self.watcher.note(self.process, || {
            let how = match &answer {
                Ok(_) => "done".to_owned(),
                Err(error) => error.to_string(),
            };
            format!("store: {what}: {how}")
        });
        let lost = StoreError::Unknown {
            place: "the store".to_owned(),
            problem: "the answer is lost".to_owned(),
        };
        self.gate.pass().await.map_err(|_| lost)?;
        answer
    }
}

#[async_trait]
impl Store for Remote {
    async fn identity(&self) -> Result<Identity, StoreError> {
        Ok(Identity {
            kind: "simulated".to_owned(),
            place: "the store".to_owned(),
            schema: 1,
            notes: Vec::new(),
        })
    }

    async fn inspect(&self) -> Result<Vec<String>, StoreError> {
        not_modelled()
    }

    async fn settings(&self, _: &Settings) -> Result<SettingsVersion, StoreError> {
        self.ask("settings", |keeper| {
            Ok(SettingsVersion { version: 1, settings: keeper.settings.clone() })
        })
        .await
    }

    async fn put_settings(
        &self,
        _: &Settings,
        _: u64,
        _: &str,
        _: Timestamp,
    ) -> Result<SettingsVersion, StoreError> {
        not_modelled()
    }

    async fn check(
        &self,
        _: &Settings,
        account: &AccountId,
        action: Action,
        targets: &[Username],
        now: Timestamp,
    ) -> Result<Vec<Result<(), Refusal>>, StoreError> {
        self.ask("check", |keeper| Ok(keeper.check(account, action, targets, now))).await
    }

    async fn claim(&self, _: &Settings, request: ClaimRequest) -> Result<ClaimVerdict, StoreError> {
        let (id, key) = (request.claim_id, request.key.clone());
        let holder = request.holder.clone();
        let work = |keeper: &mut Keeper| {
            let task = request.task_id.clone();
            let verdict = keeper.claim(request);
            let lease = keeper.leases.get(&format!("account:{}", key.account_id));
            if matches!(verdict, ClaimVerdict::Granted(_))
                && lease.is_none_or(|lease| lease.holder != holder)
            {
                self.watcher.object(format!(
                    "a claim on {} was granted to {holder}, whose lease had passed on",
                    key.target_username
                ));
            }
            if matches!(verdict, ClaimVerdict::Granted(_)) {
                self.watcher.granted(self.process, id);
                let claimed = Claimed { id, task: task.as_ref(), holder: &holder, key: &key };
                self.watcher.judge_crew(self.watcher.crew.claimed(&keeper.board, &claimed));
            }
            Ok(verdict)
        };
        let verdict = self.ask("claim", work).await?;
        if matches!(verdict, ClaimVerdict::Granted(_)) {
            self.watcher.claimed(self.process, id, &key);
        }
        Ok(verdict)
    }

    async fn commit(&self, _: &Settings, report: Report) -> Result<Committed, StoreError> {
        let (event, claim) = (report.stamp.event_id, report.claim_id);
        self.watcher.reported(self.process, event);
        let answer = self.ask("commit", |keeper| keeper.commit(report)).await;
        if !matches!(answer, Err(StoreError::Unreachable { .. } | StoreError::Unknown { .. })) {
            self.watcher.answered(event);
        }
        if let Ok(committed) = &answer {
            self.watcher.crew.committed(claim, committed.event().status);
        }
        answer
    }

    async fn observe(
        &self,
        _: &Settings,
        observations: Vec<Observation>,
    ) -> Result<Vec<Event>, StoreError> {
        self.ask("observe", |keeper| Ok(keeper.observe(observations))).await
    }

    async fn import(&self, _: &Settings, _: Vec<Imported>) -> Result<usize, StoreError> {
        not_modelled()
    }

    async fn report_trouble(
        &self,
        _: &Settings,
        account: &AccountId,
        class: ErrorClass,
        detail: &str,
        jitter: Jitter,
        now: Timestamp,
    ) -> Result<Account, StoreError> {
        self.ask("trouble", |keeper| Ok(keeper.trouble(account, class, detail, jitter, now))).await
    }

    async fn lapse(
        &self,
        account: Option<&AccountId>,
        gone: &[Holder],
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        self.ask("lapse", |keeper| Ok(keeper.lapse(account, gone, now))).await
    }

    async fn claim_holders(&self, account: Option<&AccountId>) -> Result<Vec<Holder>, StoreError> {
        self.ask("holders", |keeper| Ok(keeper.holders(account))).await
    }

    async fn doubts(
        &self,
        account: Option<&AccountId>,
        limit: usize,
    ) -> Result<Vec<Doubt>, StoreError> {
        self.ask("doubts", |keeper| Ok(keeper.doubts(account, limit))).await
    }

    async fn reconcile(
        &self,
        _: &Settings,
        claim: ClaimId,
        finding: Finding,
        metadata: Metadata,
        stamp: Stamp,
    ) -> Result<Committed, StoreError> {
        self.ask("reconcile", |keeper| {
            let mut claims = keeper.rows.values().filter_map(|row| row.claim());
            if let Some(doubted) = claims.find(|it| it.id == claim) {
                self.watcher.settles(self.process, doubted, finding);
            }
            keeper.reconcile(claim, finding, metadata, stamp)
        })
        .await
    }

    async fn find_claim(&self, _: ClaimId) -> Result<Option<Key>, StoreError> {
        not_modelled()
    }

    async fn account(&self, account: &AccountId) -> Result<AccountView, StoreError> {
        self.ask("account", |keeper| {
            Ok(AccountView { account: keeper.account(account), errors: Vec::new() })
        })
        .await
    }

    async fn accounts(&self) -> Result<Vec<AccountView>, StoreError> {
        not_modelled()
    }

    async fn halt(
        &self,
        _: &AccountId,
        _: HaltReason,
        _: &str,
        _: &str,
        _: Timestamp,
    ) -> Result<Account, StoreError> {
        not_modelled()
    }

    async fn clear(
        &self,
        account: &AccountId,
        _: &str,
        _: &str,
        _: Timestamp,
    ) -> Result<Account, StoreError> {
        self.ask("clear", |keeper| Ok(keeper.clear(account))).await
    }

    async fn acquire_lease(
        &self,
        name: &str,
        holder: &Holder,
        gone: Option<&Holder>,
        ttl: Duration,
        now: Timestamp,
    ) -> Result<Result<Lease, Held>, StoreError> {
        self.ask("acquire", |keeper| {
            let before = keeper.leases.get(name).cloned();
            let lease = keeper.acquire(name, holder, gone, ttl, now);
            if let (Some(before), Ok(_)) = (before, &lease)
                && before.holder != *holder
                && before.is_live(self.watcher.latest())
            {
                self.watcher.object(format!(
                    "{name} was taken from {} by {holder} before the lease ran out",
                    before.holder
                ));
            }
            Ok(lease)
        })
        .await
    }

    async fn renew_lease(
        &self,
        name: &str,
        fence: Fence,
        ttl: Duration,
        now: Timestamp,
    ) -> Result<Result<Lease, Held>, StoreError> {
        self.ask("renew", |keeper| keeper.renew(name, fence, ttl, now)).await
    }

    async fn release_lease(
        &self,
        name: &str,
        fence: Fence,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.ask("release", |keeper| {
            keeper.release(name, fence, now);
            Ok(())
        })
        .await
    }

    async fn suppress(
        &self,
        _: Platform,
        _: &[Username],
        _: Option<&str>,
        _: &str,
        _: Timestamp,
    ) -> Result<usize, StoreError> {
        not_modelled()
    }

    async fn suppressions(
        &self,
        _: Option<&Suppressed>,
        _: usize,
    ) -> Result<Vec<Suppression>, StoreError> {
        not_modelled()
    }

    async fn events(
        &self,
        filter: &EventFilter,
        page: &PageRequest,
    ) -> Result<EventPage, StoreError> {
        // Asked only whether there is one: of this task, about this person, with this outcome.
        self.ask("events", |keeper| {
            let found = keeper.log.iter().rev().filter(|event| {
                filter.account_id.as_ref().is_none_or(|id| *id == event.account_id)
                    && filter.task_id.as_ref().is_none_or(|id| Some(id) == event.task_id.as_ref())
                    && filter.action.is_none_or(|action| action == event.action)
                    && filter.status.is_none_or(|status| status == event.status)
                    && (filter.target_username.is_none()
                        || filter.target_username == event.target_username)
            });
            Ok(EventPage { items: found.take(page.limit).cloned().collect(), next: None })
        })
        .await
    }

    async fn chain(
        &self,
        _: &AccountId,
        _: u64,
        _: usize,
    ) -> Result<Vec<Result<Event, Break>>, StoreError> {
        not_modelled()
    }

    async fn admin_log(&self, _: usize) -> Result<Vec<AdminEntry>, StoreError> {
        not_modelled()
    }

    async fn admin_page(
        &self,
        _: Option<&str>,
        _: usize,
    ) -> Result<(Vec<AdminEntry>, Option<String>), StoreError> {
        not_modelled()
    }

    async fn cleanup(
        &self,
        _: &Settings,
        _: &str,
        _: Timestamp,
        _: bool,
    ) -> Result<Cleaned, StoreError> {
        not_modelled()
    }

    async fn forget(
        &self,
        _: Platform,
        _: &Username,
        _: &str,
        _: Timestamp,
    ) -> Result<Forgotten, StoreError> {
        not_modelled()
    }

    async fn metrics(&self, _: &MetricsQuery) -> Result<Metrics, StoreError> {
        not_modelled()
    }

    async fn close(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Nobody asks over a network here.
#[async_trait]
impl TokenStore for Remote {
    async fn add_token(&self, _: &Token) -> Result<(), StoreError> {
        not_modelled()
    }

    async fn token(&self, _: &Digest) -> Result<Option<Token>, StoreError> {
        not_modelled()
    }

    async fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        not_modelled()
    }

    async fn revoke_token(&self, _: &str, _: &str, _: Timestamp) -> Result<bool, StoreError> {
        not_modelled()
    }

    async fn token_used(&self, _: &str, _: Timestamp) -> Result<(), StoreError> {
        not_modelled()
    }
}
