//! Being copied, and copied into.

use async_trait::async_trait;
use decorum_core::{AccountId, Digest, Key, Latest, Lease, Platform, SuppressionKey, Task, TaskId};
use mongodb::Collection;
use mongodb::bson::{Document, doc};

use super::MongoStore;
use super::fault::{Outcome, limited};
use super::fields::Fields;
use super::metrics;
use super::rows::account::{self, Stored};
use super::rows::{
    admin, alert, candidate, device, event, latest, lease, settings, suppression, task,
};
use super::step::{Keeper, patiently};
use crate::{Counts, Mark, Record, SettingsVersion, StoreError, Suppressed, Suppression, Transfer};

#[async_trait]
impl Transfer for MongoStore {
    fn address(&self) -> String {
        self.keeper.place.clone()
    }

    async fn mark(&self) -> Result<Option<Mark>, StoreError> {
        self.run(|keeper| async move { patiently!(keeper, keeper.servers.mark()) }).await
    }

    async fn set_mark(&self, mark: &Mark) -> Result<(), StoreError> {
        let mark = mark.clone();
        self.change(move |keeper| async move { patiently!(keeper, keeper.servers.set_mark(&mark)) })
            .await
    }

    async fn unmark(&self, mark: &Mark) -> Result<(), StoreError> {
        let mark = mark.clone();
        self.change(move |keeper| async move {
            patiently!(keeper, keeper.servers.expect_mark(&mark, &keeper.place))?;
            patiently!(keeper, keeper.servers.unmark(&mark))
        })
        .await
    }

    async fn is_empty(&self) -> Result<bool, StoreError> {
        self.run(|keeper| async move { patiently!(keeper, keeper.is_empty()) }).await
    }

    async fn newest_event(&self, account: &AccountId) -> Result<u64, StoreError> {
        let account = account.clone();
        self.run(move |keeper| async move { patiently!(keeper, keeper.newest_event(&account)) })
            .await
    }

    async fn stored_settings(&self) -> Result<Option<SettingsVersion>, StoreError> {
        self.run(|keeper| async move {
            let stored = patiently!(keeper, keeper.stored_settings())?;
            stored.as_ref().map(settings::read).transpose().map_err(|f| f.at(&keeper.place))
        })
        .await
    }

    async fn suppression_key(&self) -> Result<Option<SuppressionKey>, StoreError> {
        self.run(|keeper| async move { patiently!(keeper, keeper.servers.suppression_key()) })
            .await
            .map(Some)
    }

    async fn rows(
        &self,
        account: &AccountId,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<(Key, Latest)>, StoreError> {
        let (account, after) = (account.clone(), after.cloned());
        self.run(move |keeper| async move {
            patiently!(keeper, keeper.rows(&account, after.as_ref(), limit))
        })
        .await
    }

    async fn counts(&self, account: &AccountId) -> Result<Counts, StoreError> {
        let account = account.clone();
        self.run(move |keeper| async move { patiently!(keeper, keeper.counts(&account)) }).await
    }

    async fn leases(&self) -> Result<Vec<Lease>, StoreError> {
        self.run(|keeper| async move { patiently!(keeper, keeper.leases()) }).await
    }

    async fn tasks_by_id(
        &self,
        after: Option<&TaskId>,
        limit: usize,
    ) -> Result<Vec<Task>, StoreError> {
        let after = after.map_or_else(String::new, ToString::to_string);
        self.run(move |keeper| async move {
            patiently!(keeper, keeper.tasks_by_id(&after, signed(limit)))
        })
        .await
    }

    async fn take_in(&self, mark: &Mark, records: Vec<Record>) -> Result<(), StoreError> {
        let mark = mark.clone();
        self.change(move |keeper| async move {
            patiently!(keeper, keeper.servers.expect_mark(&mark, &keeper.place))?;
            patiently!(keeper, keeper.take_in(&records))
        })
        .await
    }

    async fn remove_events(
        &self,
        mark: &Mark,
        account: &AccountId,
        through: u64,
    ) -> Result<(), StoreError> {
        let (mark, account) = (mark.clone(), account.clone());
        self.change(move |keeper| async move {
            patiently!(keeper, keeper.servers.expect_mark(&mark, &keeper.place))?;
            patiently!(keeper, keeper.remove_through((Platform::Instagram, &account), through))
        })
        .await
    }

    async fn clear_all_but_events(&self, mark: &Mark) -> Result<(), StoreError> {
        let mark = mark.clone();
        self.change(move |keeper| async move {
            patiently!(keeper, keeper.servers.expect_mark(&mark, &keeper.place))?;
            patiently!(keeper, keeper.clear_all_but_events())
        })
        .await
    }
}

impl Keeper {
    fn all_but_events(&self) -> [&Collection<Document>; 13] {
        let servers = &self.servers;
        [
            &servers.latest,
            &servers.account_errors,
            &servers.settings,
            &servers.leases,
            &servers.suppressions,
            &servers.admin_log,
            &servers.people,
            &servers.metrics,
            &servers.metrics_marks,
            &servers.task_candidates,
            &servers.tasks,
            &servers.devices,
            &servers.alerts,
        ]
    }

    async fn is_empty(&self) -> Outcome<bool> {
        for collection in self.all_but_events().into_iter().chain([&self.servers.accounts]) {
            if self.servers.one(collection, doc! {}).await?.is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn newest_event(&self, account: &AccountId) -> Outcome<u64> {
        let of = doc! { "account_id": account.as_str(), "platform": Platform::Instagram.as_str() };
        let newest = self.servers.events.find(of).sort(doc! { "seq": -1 }).limit(1);
        let found = self.servers.collect(newest).await?;
        found.first().map_or(Ok(0), |event| Fields(event).get("seq")?.count())
    }

    pub(super) async fn suppressions(
        &self,
        after: Option<&Suppressed>,
        limit: usize,
    ) -> Outcome<Vec<Suppression>> {
        let erased = |hash: &Digest| suppression::erased_id(Platform::Instagram, hash);
        let mut found = Vec::new();
        if !matches!(after, Some(Suppressed::Erased(_))) {
            let name = match after {
                Some(Suppressed::Named(name)) => name.as_str(),
                _ => "",
            };
            let filter = doc! { "target_username": { "$gt": name } };
            let find = self.servers.suppressions.find(filter);
            let find = find.sort(doc! { "target_username": 1 });
            found = self.servers.collect(find.limit(signed(limit))).await?;
        }
        if found.len() < limit {
            let beyond = match after {
                Some(Suppressed::Erased(hash)) => erased(hash),
                _ => String::new(),
            };
            let filter = doc! { "_id": { "$gt": beyond }, "target_hash": { "$exists": true } };
            let find = self.servers.suppressions.find(filter).sort(doc! { "_id": 1 });
            let room = limit - found.len();
            found.extend(self.servers.collect(find.limit(signed(room))).await?);
        }
        found.iter().map(suppression::read).collect()
    }

    async fn rows(
        &self,
        account: &AccountId,
        after: Option<&Key>,
        limit: usize,
    ) -> Outcome<Vec<(Key, Latest)>> {
        let mut filter =
            doc! { "account_id": account.as_str(), "platform": Platform::Instagram.as_str() };
        if let Some(Key { target_username, action, .. }) = after {
            let (target, action) = (target_username.as_str(), action.as_str());
            filter.insert("target_username", doc! { "$gte": target });
            let beyond = doc! { "target_username": { "$gt": target } };
            filter.insert("$or", vec![beyond, doc! { "action": { "$gt": action } }]);
        }
        let find = self.servers.latest.find(filter);
        let find = find.sort(doc! { "account_id": 1, "target_username": 1, "action": 1 });
        let found = self.servers.collect(find.limit(signed(limit))).await?;
        found.iter().map(latest::read).collect()
    }

    async fn leases(&self) -> Outcome<Vec<Lease>> {
        let find = self.servers.leases.find(doc! {}).sort(doc! { "_id": 1 });
        self.servers.collect(find).await?.iter().map(lease::read).collect()
    }

    /// Safe to repeat, but for entries of the admin log; those are cleared before an attempt.
    async fn take_in(&self, records: &[Record]) -> Outcome<()> {
        let mut replaced: Vec<(&Collection<Document>, Vec<Document>)> = Vec::new();
        let mut keep = |collection, document: Document| match replaced.last_mut() {
            Some((last, documents)) if last.name() == Collection::name(collection) => {
                documents.push(document);
            }
            _ => replaced.push((collection, vec![document])),
        };
        let servers = &self.servers;
        for record in records {
            match record {
                Record::Account(view) => {
                    let of = (view.account.platform, &view.account.account_id);
                    let errors = view.errors.len() as u64;
                    let account = view.account.clone();
                    let stored = Stored { account, errors, rev: 1, pending: None };
                    keep(&servers.accounts, stored.write()?);
                    for (n, error) in (1..).zip(view.errors.iter().rev()) {
                        keep(&servers.account_errors, account::write_error(of, n, error)?);
                    }
                }
                Record::Event(event) => keep(&servers.events, event::write(event)),
                Record::Row(row) => {
                    let mut document = latest::write(&row.0, &row.1)?;
                    document.insert("rev", 0_i64);
                    keep(&servers.latest, document);
                }
                Record::Settings(stored) => {
                    keep(&servers.settings, settings::write_alone(stored)?);
                }
                Record::Counts(counts) => {
                    let (platform, account, counts) = counts.as_ref();
                    for (key, cell) in &counts.cells {
                        keep(&servers.metrics, metrics::write(key, cell)?);
                    }
                    let of = (*platform, account);
                    keep(&servers.metrics_marks, metrics::write_mark(of, counts.through));
                }
                Record::Suppression(entry) => {
                    keep(&servers.suppressions, suppression::write_entry(entry)?);
                }
                Record::Key(key) => servers.set_suppression_key(key).await?,
                Record::Lease(lease) => keep(&servers.leases, lease::write(lease)?),
                Record::Task(it) => keep(&servers.tasks, task::write_alone(it)?),
                Record::Candidate(it) => {
                    keep(&servers.task_candidates, candidate::write(&it.0, &it.1, 0)?);
                }
                Record::Device(it) => keep(&servers.devices, device::write(it)?),
                Record::Alert(it) => keep(&servers.alerts, alert::write(it)?),
                Record::Admin(entry) => keep(&servers.admin_log, admin::write(entry)?),
            }
        }
        for (collection, documents) in replaced {
            let put = |document: &Document| {
                let mut place = doc! { "_id": document.get("_id").cloned() };
                // What the collection may be sharded by.
                for name in ["account_id", "task_id"] {
                    if let Some(value) = document.get(name) {
                        place.insert(name, value.clone());
                    }
                }
                doc! { "q": place, "u": document.clone(), "upsert": true }
            };
            servers.update(collection.name(), documents.iter().map(put).collect()).await?;
        }
        Ok(())
    }

    async fn clear_all_but_events(&self) -> Outcome<()> {
        for collection in self.all_but_events() {
            if collection.name() != self.servers.account_errors.name() {
                limited(collection.delete_many(doc! {})).await?;
            }
        }
        Ok(())
    }
}

fn signed(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
