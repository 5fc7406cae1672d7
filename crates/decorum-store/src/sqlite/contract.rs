//! The contract, method by method: who runs it, the writer or a reader.

use std::time::Duration;

use async_trait::async_trait;
use decorum_core::{
    Account, AccountId, Action, ClaimId, ClaimRequest, ErrorClass, Event, Fence, Finding,
    HaltReason, Held, Holder, Imported, Jitter, Key, Lease, Metadata, Observation, Platform,
    Refusal, Report, Settings, Stamp, Timestamp, Username, chain::Break,
};

use super::known::Known;
use super::rows::{account, admin, lease, settings, suppression};
use super::{
    SqliteStore, by_hand, cleanup, engagement, forget, import, inspect, log, metrics, schema,
};
use crate::by_hand::{Hand, Intervention};
use crate::metrics::is_long;
use crate::{
    AccountView, AdminEntry, ClaimVerdict, Cleaned, Committed, Doubt, EventFilter, EventPage,
    Forgotten, Identity, Metrics, MetricsQuery, OBSERVE_MAX, PageRequest, SettingsVersion, Store,
    StoreError, Suppressed, Suppression,
};

/// People that are looked up at a glance; more of them would keep others waiting.
const FEW: usize = 32;

fn at_most(what: &'static str, given: usize, max: usize) -> Result<(), StoreError> {
    if given > max { Err(StoreError::TooMany { what, given, max }) } else { Ok(()) }
}

#[async_trait]
impl Store for SqliteStore {
    async fn identity(&self) -> Result<Identity, StoreError> {
        let durability = if self.writable {
            "every change is on disk before it is answered (write-ahead log, synchronous=FULL)"
        } else {
            "opened for reading only"
        };
        Ok(Identity {
            kind: "sqlite".to_owned(),
            place: self.path.display().to_string(),
            schema: schema::VERSION,
            notes: vec![durability.to_owned(), format!("SQLite {}", rusqlite::version())],
        })
    }

    async fn inspect(&self) -> Result<Vec<String>, StoreError> {
        self.read(inspect::inspect).await
    }

    async fn settings(&self, first: &Settings) -> Result<SettingsVersion, StoreError> {
        let first = first.clone();
        self.glance(move |conn| settings::in_force(conn, &first)).await
    }

    async fn put_settings(
        &self,
        settings: &Settings,
        expected: u64,
        who: &str,
        now: Timestamp,
    ) -> Result<SettingsVersion, StoreError> {
        let (settings, who) = (settings.clone(), who.to_owned());
        self.write(move |conn| by_hand::put_settings(conn, settings, expected, &who, now)).await
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
        let few = targets.len() <= FEW;
        let look = move |conn: &_, known: &mut _| {
            engagement::check(conn, known, &settings, &account, action, targets, now)
        };
        if few {
            return self.glances.look(look).await;
        }
        self.read(move |conn| look(conn, &mut Known::default())).await
    }

    async fn claim(
        &self,
        settings: &Settings,
        request: ClaimRequest,
    ) -> Result<ClaimVerdict, StoreError> {
        let settings = settings.clone();
        self.write(move |conn| engagement::claim(conn, &settings, request)).await
    }

    async fn commit(&self, settings: &Settings, report: Report) -> Result<Committed, StoreError> {
        let settings = settings.clone();
        self.write(move |conn| engagement::commit(conn, &settings, report)).await
    }

    async fn observe(
        &self,
        settings: &Settings,
        observations: Vec<Observation>,
    ) -> Result<Vec<Event>, StoreError> {
        at_most("observations", observations.len(), OBSERVE_MAX)?;
        let settings = settings.clone();
        self.write(move |conn| engagement::observe(conn, &settings, observations)).await
    }

    async fn import(
        &self,
        settings: &Settings,
        history: Vec<Imported>,
    ) -> Result<usize, StoreError> {
        at_most("imported engagements", history.len(), OBSERVE_MAX)?;
        let settings = settings.clone();
        let key = forget::random_key(&self.place)?;
        self.write(move |conn| import::import(conn, &settings, key, history)).await
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
        let (first, name, detail) = (settings.clone(), account.clone(), detail.to_owned());
        self.write(move |conn| {
            let settings = settings::in_force(conn, &first)?.settings;
            let mut account = account::load(conn, Platform::Instagram, &name)?;
            let error = account.report(class, &detail, now, &settings, jitter);
            account::save(conn, &account)?;
            account::add_error(conn, account.platform, &name, &error)?;
            Ok(account)
        })
        .await
    }

    async fn lapse(
        &self,
        account: Option<&AccountId>,
        gone: &[Holder],
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let (account, gone) = (account.cloned(), gone.to_vec());
        self.write(move |conn| engagement::lapse(conn, account.as_ref(), &gone, now)).await
    }

    async fn claim_holders(&self, account: Option<&AccountId>) -> Result<Vec<Holder>, StoreError> {
        let account = account.cloned();
        self.read(move |conn| engagement::claim_holders(conn, account.as_ref())).await
    }

    async fn doubts(
        &self,
        account: Option<&AccountId>,
        limit: usize,
    ) -> Result<Vec<Doubt>, StoreError> {
        let account = account.cloned();
        self.read(move |conn| engagement::doubts(conn, account.as_ref(), limit)).await
    }

    async fn reconcile(
        &self,
        settings: &Settings,
        claim: ClaimId,
        finding: Finding,
        metadata: Metadata,
        stamp: Stamp,
    ) -> Result<Committed, StoreError> {
        let settings = settings.clone();
        self.write(move |conn| {
            engagement::reconcile(conn, &settings, claim, finding, metadata, stamp)
        })
        .await
    }

    async fn find_claim(&self, claim: ClaimId) -> Result<Option<Key>, StoreError> {
        self.glance(move |conn| engagement::find_claim(conn, claim)).await
    }

    async fn account(&self, account: &AccountId) -> Result<AccountView, StoreError> {
        let name = account.clone();
        self.glance(move |conn| {
            let account = account::load(conn, Platform::Instagram, &name)?;
            let errors = account::errors(conn, account.platform, &name)?;
            Ok(AccountView { account, errors })
        })
        .await
    }

    async fn accounts(&self) -> Result<Vec<AccountView>, StoreError> {
        self.read(move |conn| {
            let view = |account: Account| {
                let errors = account::errors(conn, account.platform, &account.account_id)?;
                Ok(AccountView { account, errors })
            };
            account::all(conn)?.into_iter().map(view).collect()
        })
        .await
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
        let account = account.clone();
        let halt = Intervention::Halt(reason);
        self.write(move |conn| by_hand::change_account(conn, &account, halt, &hand)).await
    }

    async fn clear(
        &self,
        account: &AccountId,
        note: &str,
        who: &str,
        now: Timestamp,
    ) -> Result<Account, StoreError> {
        let hand = Hand { who: who.to_owned(), note: note.to_owned(), now };
        let account = account.clone();
        let clear = Intervention::Clear;
        self.write(move |conn| by_hand::change_account(conn, &account, clear, &hand)).await
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
        self.write(move |conn| {
            let before = lease::find(conn, &name)?;
            let taken = Lease::acquire(before.as_ref(), &name, &holder, gone.as_ref(), ttl, now);
            if let Ok(lease) = &taken {
                lease::save(conn, lease)?;
            }
            Ok(taken)
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
        let lease_name = name.to_owned();
        self.write(move |conn| {
            let Some(before) = lease::find(conn, &lease_name)? else {
                return Err(StoreError::NoSuchLease(lease_name).into());
            };
            let renewed = before.renew(fence, ttl, now);
            if let Ok(lease) = &renewed {
                lease::save(conn, lease)?;
            }
            Ok(renewed)
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
        self.write(move |conn| match lease::find(conn, &name)? {
            Some(before) => lease::save(conn, &before.released(fence, now)),
            None => Ok(()),
        })
        .await
    }

    async fn suppressions(
        &self,
        after: Option<&Suppressed>,
        limit: usize,
    ) -> Result<Vec<Suppression>, StoreError> {
        let (after, limit) = (after.cloned(), limit.clamp(1, PageRequest::MAX + 1));
        self.read(move |conn| suppression::page(conn, after.as_ref(), limit)).await
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
        self.write(move |conn| {
            by_hand::suppress(conn, platform, &targets, note.as_deref(), &who, now)
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
        self.read(move |conn| log::page(conn, &filter, &page)).await
    }

    async fn chain(
        &self,
        account: &AccountId,
        after_seq: u64,
        limit: usize,
    ) -> Result<Vec<Result<Event, Break>>, StoreError> {
        let account = account.clone();
        self.read(move |conn| log::chain(conn, &account, after_seq, limit)).await
    }

    async fn admin_log(&self, limit: usize) -> Result<Vec<AdminEntry>, StoreError> {
        self.read(move |conn| admin::newest(conn, limit)).await
    }

    async fn admin_page(
        &self,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<AdminEntry>, Option<String>), StoreError> {
        at_most("entries", limit, PageRequest::MAX)?;
        let number = |text: &str| text.parse::<i64>().map_err(|_| StoreError::BadCursor);
        let before = after.map(number).transpose()?;
        self.read(move |conn| admin::page(conn, before, limit.max(1))).await
    }

    async fn cleanup(
        &self,
        settings: &Settings,
        who: &str,
        now: Timestamp,
        dry_run: bool,
    ) -> Result<Cleaned, StoreError> {
        let (settings, who) = (settings.clone(), who.to_owned());
        if dry_run {
            return self.read(move |conn| cleanup::dry_run(conn, &settings, now)).await;
        }
        let rows = self.read(move |conn| cleanup::spent(conn, now)).await?;
        self.write(move |conn| cleanup::step(conn, &settings, rows, &who, now)).await
    }

    async fn forget(
        &self,
        platform: Platform,
        target: &Username,
        who: &str,
        now: Timestamp,
    ) -> Result<Forgotten, StoreError> {
        let (target, who) = (target.clone(), who.to_owned());
        let key = forget::random_key(&self.place)?;
        let erase = move |conn: &_| forget::erase(conn, (platform, &target), key, &who, now);
        let mut forgotten = self.write(erase).await?;
        let place = self.place.clone();
        let overwrite = move |conn: &_| forget::overwrite(conn, &place);
        // The person is erased by now, whatever becomes of the bytes.
        forgotten.traces =
            self.running()?.alone(overwrite).await.unwrap_or_else(|e| vec![forget::trace(&e)]);
        Ok(forgotten)
    }

    async fn metrics(&self, query: &MetricsQuery) -> Result<Metrics, StoreError> {
        let account = query.account_id.clone();
        let tail = || {
            let account = account.clone();
            self.read(move |conn| metrics::tail(conn, account.as_ref()))
        };
        while self.writable && is_long(tail().await?) {
            let account = account.clone();
            // What cannot be written down now is counted all the same, only anew the next time.
            match self.write(move |conn| metrics::fold_some(conn, account.as_ref())).await {
                Ok(folded) if folded > 0 => {}
                ended => {
                    tracing::debug!(?ended, "the counts could not be folded");
                    break;
                }
            }
        }
        let query = query.clone();
        self.read(move |conn| metrics::answer(conn, &query)).await
    }

    async fn close(&self) -> Result<(), StoreError> {
        self.stop().await
    }
}
