//! The contract, method by method.

use std::time::Duration;

use async_trait::async_trait;
use decorum_core::{
    Account, AccountId, Action, ClaimId, ClaimRequest, ErrorClass, Event, Fence, Finding,
    HaltReason, Held, Holder, Imported, Jitter, Key, Lease, Metadata, Observation, Platform,
    Refusal, Report, Settings, Stamp, Timestamp, Username, chain::Break,
};

use mongodb::bson::oid::ObjectId;

use super::by_hand::ChangeAccount;
use super::engagement::{Claim, Commit, Lapse, Reconcile, Trouble};
use super::held::About;
use super::record::Entry;
use super::step::patiently;
use super::together::Counted;
use super::{MongoStore, layout};
use crate::by_hand::{Hand, Intervention};
use crate::{
    AccountView, AdminEntry, ClaimVerdict, Cleaned, Committed, Doubt, EventFilter, EventPage,
    Forgotten, Identity, Metrics, MetricsQuery, OBSERVE_MAX, PageRequest, SettingsVersion, Store,
    StoreError, Suppressed, Suppression,
};

fn at_most(what: &'static str, given: usize, max: usize) -> Result<(), StoreError> {
    if given > max { Err(StoreError::TooMany { what, given, max }) } else { Ok(()) }
}

/// People asked about in one request.
const CHECKED: usize = 2000;

#[async_trait]
impl Store for MongoStore {
    async fn identity(&self) -> Result<Identity, StoreError> {
        let kind = match (&self.servers.set, self.servers.router) {
            (_, true) => "a router to shards".to_owned(),
            (Some(set), false) => format!("replica set {set}"),
            (None, false) => "a server without replication: if its disk is lost, all is".to_owned(),
        };
        let durability = if self.writable {
            "every change is in the journals of a majority before it is answered"
        } else {
            "opened for reading only"
        };
        Ok(Identity {
            kind: "mongodb".to_owned(),
            place: self.keeper.place.clone(),
            schema: layout::VERSION,
            notes: vec![durability.to_owned(), kind, format!("MongoDB {}", self.servers.version)],
        })
    }

    async fn inspect(&self) -> Result<Vec<String>, StoreError> {
        let writable = self.writable;
        self.run(move |keeper| async move {
            if writable {
                patiently!(keeper, keeper.tidy())?;
            }
            patiently!(keeper, keeper.inspect())
        })
        .await
    }

    async fn settings(&self, first: &Settings) -> Result<SettingsVersion, StoreError> {
        let first = first.clone();
        self.run(move |keeper| async move { patiently!(keeper, keeper.settings(&first)) }).await
    }

    async fn put_settings(
        &self,
        settings: &Settings,
        expected: u64,
        who: &str,
        now: Timestamp,
    ) -> Result<SettingsVersion, StoreError> {
        let (settings, who) = (settings.clone(), who.to_owned());
        self.change(move |keeper| async move {
            keeper.put_settings(&settings, expected, &who, now).await
        })
        .await
    }

    async fn check(
        &self,
        settings: &Settings,
        account: &AccountId,
        action: Action,
        targets: &[Username],
        now: Timestamp,
    ) -> Result<Vec<Result<(), Refusal>>, StoreError> {
        let (settings, account, targets) = (settings.clone(), account.clone(), targets.to_vec());
        self.run(move |keeper| async move {
            let mut answers = Vec::with_capacity(targets.len());
            for targets in targets.chunks(CHECKED) {
                answers.extend(patiently!(
                    keeper,
                    keeper.check(&settings, &account, action, targets, now)
                )?);
            }
            Ok(answers)
        })
        .await
    }

    async fn claim(
        &self,
        settings: &Settings,
        request: ClaimRequest,
    ) -> Result<ClaimVerdict, StoreError> {
        let first = settings.clone();
        let counted = Counted::default();
        self.change(
            move |keeper| async move { keeper.step(Claim { first, request, counted }).await },
        )
        .await
    }

    async fn commit(&self, settings: &Settings, report: Report) -> Result<Committed, StoreError> {
        let first = settings.clone();
        self.change(move |keeper| async move {
            let unused = Counted::default();
            let step = Commit { first, report, unused: unused.clone() };
            let committed = keeper.step(step).await?;
            if matches!(committed, Committed::Settled(_)) {
                keeper.uncount(&unused).await;
            }
            Ok(committed)
        })
        .await
    }

    async fn observe(
        &self,
        settings: &Settings,
        observations: Vec<Observation>,
    ) -> Result<Vec<Event>, StoreError> {
        at_most("observations", observations.len(), OBSERVE_MAX)?;
        let entries = observations.into_iter().map(Entry::Seen).collect();
        let first = settings.clone();
        let recorded =
            self.change(move |keeper| async move { keeper.record(first, entries).await }).await?;
        Ok(recorded.into_iter().map(|(event, _)| event).collect())
    }

    async fn import(
        &self,
        settings: &Settings,
        history: Vec<Imported>,
    ) -> Result<usize, StoreError> {
        at_most("engagements of the past", history.len(), OBSERVE_MAX)?;
        let first = settings.clone();
        let recorded = self
            .change(move |keeper| async move {
                let entries =
                    history.into_iter().map(|past| Entry::Past(past.keyed(&keeper.key))).collect();
                keeper.record(first, entries).await
            })
            .await?;
        Ok(recorded.iter().filter(|(_, new)| *new).count())
    }

    async fn cleanup(
        &self,
        settings: &Settings,
        who: &str,
        now: Timestamp,
        dry_run: bool,
    ) -> Result<Cleaned, StoreError> {
        let (first, who) = (settings.clone(), who.to_owned());
        if dry_run {
            return self
                .run(move |keeper| async move { keeper.would_clean(&first, now).await })
                .await;
        }
        self.change(move |keeper| async move { keeper.clean(&first, &who, now).await }).await
    }

    async fn forget(
        &self,
        platform: Platform,
        target: &Username,
        who: &str,
        now: Timestamp,
    ) -> Result<Forgotten, StoreError> {
        let (target, who) = (target.clone(), who.to_owned());
        self.change(move |keeper| async move { keeper.forget(platform, &target, &who, now).await })
            .await
    }

    async fn metrics(&self, query: &MetricsQuery) -> Result<Metrics, StoreError> {
        let (query, writable) = (query.clone(), self.writable);
        self.run(move |keeper| async move { keeper.metrics(&query, writable).await }).await
    }

    async fn report_trouble(
        &self,
        settings: &Settings,
        account: &AccountId,
        class: ErrorClass,
        detail: &str,
        jitter: Jitter,
        now: Timestamp,
    ) -> Result<Account, StoreError> {
        let (first, account, detail) = (settings.clone(), account.clone(), detail.to_owned());
        let trouble = Trouble { first, account, class, detail, jitter, now };
        self.change(move |keeper| async move { keeper.step(trouble).await }).await
    }

    async fn lapse(
        &self,
        account: Option<&AccountId>,
        gone: &[Holder],
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let (only, gone) = (account.cloned(), gone.to_vec());
        self.change(move |keeper| async move {
            let held = patiently!(keeper, keeper.claimed(only.as_ref()))?;
            let mut accounts: Vec<_> = held
                .into_iter()
                .filter(|(_, row)| {
                    row.claim().is_some_and(|claim| {
                        now >= claim.lease_until || gone.contains(&claim.holder)
                    })
                })
                .map(|(key, _)| (key.platform, key.account_id))
                .collect();
            accounts.sort();
            accounts.dedup();
            let mut lapsed = 0;
            for (platform, account) in accounts {
                let gone = gone.clone();
                lapsed += keeper.step(Lapse { platform, account, gone, now }).await?;
            }
            Ok(lapsed)
        })
        .await
    }

    async fn claim_holders(&self, account: Option<&AccountId>) -> Result<Vec<Holder>, StoreError> {
        let only = account.cloned();
        self.run(move |keeper| async move {
            let held = patiently!(keeper, keeper.claimed(only.as_ref()))?;
            let mut holders: Vec<_> = held
                .iter()
                .filter_map(|(_, row)| row.claim().map(|claim| claim.holder.clone()))
                .collect();
            holders.sort();
            holders.dedup();
            Ok(holders)
        })
        .await
    }

    async fn doubts(
        &self,
        account: Option<&AccountId>,
        limit: usize,
    ) -> Result<Vec<Doubt>, StoreError> {
        let only = account.cloned();
        self.run(
            move |keeper| async move { patiently!(keeper, keeper.doubts(only.as_ref(), limit)) },
        )
        .await
    }

    async fn reconcile(
        &self,
        settings: &Settings,
        claim: ClaimId,
        finding: Finding,
        metadata: Metadata,
        stamp: Stamp,
    ) -> Result<Committed, StoreError> {
        let first = settings.clone();
        self.change(move |keeper| async move {
            let Some(key) = patiently!(keeper, keeper.about(claim))? else {
                return Err(StoreError::NoSuchClaim(claim));
            };
            match key {
                About::Held(key) => {
                    keeper.step(Reconcile { first, claim, key, finding, metadata, stamp }).await
                }
                About::Recorded(event) => Ok(Committed::Repeated(*event)),
            }
        })
        .await
    }

    async fn find_claim(&self, claim: ClaimId) -> Result<Option<Key>, StoreError> {
        self.run(move |keeper| async move {
            let about = patiently!(keeper, keeper.about(claim))?;
            Ok(about.and_then(|about| match about {
                About::Held(key) => Some(key),
                About::Recorded(event) => Some(Key {
                    platform: event.platform,
                    account_id: event.account_id,
                    target_username: event.target_username?,
                    action: event.action,
                }),
            }))
        })
        .await
    }

    async fn account(&self, account: &AccountId) -> Result<AccountView, StoreError> {
        let name = account.clone();
        self.run(move |keeper| async move { patiently!(keeper, keeper.account_view(&name)) }).await
    }

    async fn accounts(&self) -> Result<Vec<AccountView>, StoreError> {
        self.run(|keeper| async move { patiently!(keeper, keeper.account_views()) }).await
    }

    async fn halt(
        &self,
        account: &AccountId,
        reason: HaltReason,
        note: &str,
        who: &str,
        now: Timestamp,
    ) -> Result<Account, StoreError> {
        let hand = Hand { who: who.to_owned(), note: note.to_owned(), now };
        let (account, intervention) = (account.clone(), Intervention::Halt(reason));
        let change = ChangeAccount { account, intervention, hand };
        self.change(move |keeper| async move { keeper.step(change).await }).await
    }

    async fn clear(
        &self,
        account: &AccountId,
        note: &str,
        who: &str,
        now: Timestamp,
    ) -> Result<Account, StoreError> {
        let hand = Hand { who: who.to_owned(), note: note.to_owned(), now };
        let (account, intervention) = (account.clone(), Intervention::Clear);
        let change = ChangeAccount { account, intervention, hand };
        self.change(move |keeper| async move { keeper.step(change).await }).await
    }

    async fn acquire_lease(
        &self,
        name: &str,
        holder: &Holder,
        gone: Option<&Holder>,
        ttl: Duration,
        now: Timestamp,
    ) -> Result<Result<Lease, Held>, StoreError> {
        let (name, holder, gone) = (name.to_owned(), holder.clone(), gone.cloned());
        self.change(move |keeper| async move {
            let gone = gone.as_ref();
            patiently!(keeper, keeper.acquire_lease(&name, &holder, gone, ttl, now))
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
        let name = name.to_owned();
        self.change(move |keeper| async move {
            patiently!(keeper, keeper.renew_lease(&name, fence, ttl, now))
        })
        .await
    }

    async fn release_lease(
        &self,
        name: &str,
        fence: Fence,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let name = name.to_owned();
        self.change(move |keeper| async move {
            patiently!(keeper, keeper.release_lease(&name, fence, now))
        })
        .await
    }

    async fn suppressions(
        &self,
        after: Option<&Suppressed>,
        limit: usize,
    ) -> Result<Vec<Suppression>, StoreError> {
        let (after, limit) = (after.cloned(), limit.clamp(1, PageRequest::MAX + 1));
        self.run(move |keeper| async move {
            patiently!(keeper, keeper.suppressions(after.as_ref(), limit))
        })
        .await
    }

    async fn suppress(
        &self,
        platform: Platform,
        targets: &[Username],
        note: Option<&str>,
        who: &str,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let (targets, note, who) = (targets.to_vec(), note.map(str::to_owned), who.to_owned());
        self.change(move |keeper| async move {
            let note = note.as_deref();
            patiently!(keeper, keeper.suppress(platform, &targets, note, &who, now))
        })
        .await
    }

    async fn events(
        &self,
        filter: &EventFilter,
        page: &PageRequest,
    ) -> Result<EventPage, StoreError> {
        at_most("events", page.limit, PageRequest::MAX)?;
        let filter = filter.clone();
        let page = PageRequest { limit: page.limit.max(1), ..page.clone() };
        self.run(move |keeper| async move { patiently!(keeper, keeper.page(&filter, &page)) }).await
    }

    async fn chain(
        &self,
        account: &AccountId,
        after_seq: u64,
        limit: usize,
    ) -> Result<Vec<Result<Event, Break>>, StoreError> {
        let name = account.clone();
        self.run(
            move |keeper| async move { patiently!(keeper, keeper.chain(&name, after_seq, limit)) },
        )
        .await
    }

    async fn admin_log(&self, limit: usize) -> Result<Vec<AdminEntry>, StoreError> {
        self.run(move |keeper| async move { patiently!(keeper, keeper.admin_log(limit)) }).await
    }

    async fn admin_page(
        &self,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<AdminEntry>, Option<String>), StoreError> {
        at_most("entries", limit, PageRequest::MAX)?;
        let place = |text: &str| ObjectId::parse_str(text).map_err(|_| StoreError::BadCursor);
        let before = after.map(place).transpose()?;
        self.run(move |keeper| async move {
            patiently!(keeper, keeper.admin_page(before, limit.max(1)))
        })
        .await
    }

    async fn close(&self) -> Result<(), StoreError> {
        self.stop().await
    }
}
