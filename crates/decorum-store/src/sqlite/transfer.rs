//! Being copied, and copied into.

use async_trait::async_trait;
use decorum_core::{AccountId, Key, Latest, Lease, Platform, SuppressionKey, Task, TaskId};
use rusqlite::{Connection, params};

use super::SqliteStore;
use super::fault::Outcome;
use super::rows::{
    account, admin, alert, candidate, device, event, keeper, latest, lease, metrics, settings,
    suppression, task,
};
use crate::{AccountView, Counts, Mark, Record, SettingsVersion, StoreError, Transfer};

#[async_trait]
impl Transfer for SqliteStore {
    fn address(&self) -> String {
        let path = self.path.canonicalize().unwrap_or_else(|_| self.path.clone());
        super::file::place(&path)
    }

    async fn mark(&self) -> Result<Option<Mark>, StoreError> {
        self.read(keeper::mark).await
    }

    async fn set_mark(&self, mark: &Mark) -> Result<(), StoreError> {
        let mark = mark.clone();
        self.write(move |conn| keeper::set_mark(conn, &mark)).await
    }

    async fn unmark(&self, mark: &Mark) -> Result<(), StoreError> {
        self.write_copy(mark, keeper::unmark).await
    }

    async fn is_empty(&self) -> Result<bool, StoreError> {
        self.read(|conn| {
            let sql = "SELECT EXISTS (SELECT 1 FROM accounts)
                OR EXISTS (SELECT 1 FROM settings) OR EXISTS (SELECT 1 FROM leases)
                OR EXISTS (SELECT 1 FROM suppressions) OR EXISTS (SELECT 1 FROM admin_log)
                OR EXISTS (SELECT 1 FROM suppressions_hashed) OR EXISTS (SELECT 1 FROM tasks)
                OR EXISTS (SELECT 1 FROM devices) OR EXISTS (SELECT 1 FROM alerts)";
            let used: bool = conn.query_row(sql, [], |row| row.get(0))?;
            Ok(!used)
        })
        .await
    }

    async fn newest_event(&self, account: &AccountId) -> Result<u64, StoreError> {
        let account = account.clone();
        self.read(move |conn| {
            let sql = "SELECT max(seq) FROM interactions_events
                       WHERE platform = 'instagram' AND account_id = ?1";
            let newest: Option<i64> =
                conn.query_row(sql, params![account.as_str()], |row| row.get(0))?;
            Ok(newest.unwrap_or(0).cast_unsigned())
        })
        .await
    }

    async fn stored_settings(&self) -> Result<Option<SettingsVersion>, StoreError> {
        self.read(settings::find).await
    }

    async fn suppression_key(&self) -> Result<Option<SuppressionKey>, StoreError> {
        self.read(keeper::suppression_key).await
    }

    async fn rows(
        &self,
        account: &AccountId,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<(Key, Latest)>, StoreError> {
        let (account, after) = (account.clone(), after.cloned());
        self.read(move |conn| latest::page(conn, &account, after.as_ref(), limit)).await
    }

    async fn counts(&self, account: &AccountId) -> Result<Counts, StoreError> {
        let account = account.clone();
        self.read(move |conn| metrics::counts(conn, (Platform::Instagram, &account))).await
    }

    async fn leases(&self) -> Result<Vec<Lease>, StoreError> {
        self.read(lease::all).await
    }

    async fn tasks_by_id(
        &self,
        after: Option<&TaskId>,
        limit: usize,
    ) -> Result<Vec<Task>, StoreError> {
        let after = after.map_or_else(String::new, ToString::to_string);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.read(move |conn| task::by_id(conn, &after, limit)).await
    }

    async fn take_in(&self, mark: &Mark, records: Vec<Record>) -> Result<(), StoreError> {
        let take_in =
            move |conn: &Connection| records.iter().try_for_each(|record| take_in(conn, record));
        self.write_copy(mark, take_in).await
    }

    async fn remove_events(
        &self,
        mark: &Mark,
        account: &AccountId,
        through: u64,
    ) -> Result<(), StoreError> {
        let account = account.clone();
        self.write_copy(mark, move |conn| {
            let sql = "DELETE FROM interactions_events
                       WHERE platform = 'instagram' AND account_id = ?1 AND seq <= ?2";
            let through = i64::try_from(through).unwrap_or(i64::MAX);
            if conn.execute(sql, params![account.as_str(), through])? > 0 {
                keeper::set_overwrite_due(conn)?;
            }
            Ok(())
        })
        .await
    }

    async fn clear_all_but_events(&self, mark: &Mark) -> Result<(), StoreError> {
        self.write_copy(mark, |conn| {
            let mut removed = 0;
            for table in [
                "interactions_latest",
                "settings",
                "leases",
                "suppressions",
                "suppressions_hashed",
                "admin_log",
                "metrics_cells",
                "metrics_marks",
                "task_candidates",
                "tasks",
                "devices",
                "alerts",
            ] {
                removed += conn.execute(&format!("DELETE FROM {table}"), [])?;
            }
            // Somebody may be erased by now whose name stood here.
            if removed > 0 {
                keeper::set_overwrite_due(conn)?;
            }
            Ok(())
        })
        .await
    }
}

impl SqliteStore {
    /// Writes what belongs to this attempt at copying, unless another has taken over.
    async fn write_copy(
        &self,
        mark: &Mark,
        work: impl FnOnce(&Connection) -> Outcome<()> + Send + 'static,
    ) -> Result<(), StoreError> {
        let (mark, place) = (mark.clone(), self.place.clone());
        self.write(move |conn| {
            keeper::expect_mark(conn, &mark, &place)?;
            work(conn)
        })
        .await
    }
}

fn take_in(conn: &Connection, record: &Record) -> Outcome<()> {
    match record {
        Record::Account(view) => take_in_account(conn, view),
        Record::Event(event) => event::append(conn, event),
        Record::Row(row) => latest::save(conn, &row.0, &row.1),
        Record::Settings(stored) => settings::save(conn, stored),
        Record::Counts(counts) => {
            let (platform, account, counts) = counts.as_ref();
            for (key, cell) in &counts.cells {
                metrics::save(conn, key, cell)?;
            }
            metrics::set_mark(conn, (*platform, account), counts.through)
        }
        Record::Suppression(entry) => suppression::put(conn, entry),
        Record::Key(key) => keeper::set_suppression_key(conn, key),
        Record::Lease(lease) => lease::save(conn, lease),
        Record::Task(it) => task::save(conn, it),
        Record::Candidate(it) => candidate::save(conn, &it.0, &it.1),
        Record::Device(it) => device::save(conn, it),
        Record::Alert(it) => alert::save(conn, it),
        Record::Admin(entry) => admin::append(conn, entry),
    }
}

fn take_in_account(conn: &Connection, view: &AccountView) -> Outcome<()> {
    let AccountView { account, errors } = view;
    let (platform, name) = (account.platform, &account.account_id);
    account::save(conn, account)?;
    let sql = "DELETE FROM account_errors WHERE platform = ?1 AND account_id = ?2";
    conn.execute(sql, params![platform.as_str(), name.as_str()])?;
    errors.iter().rev().try_for_each(|error| account::add_error(conn, platform, name, error))
}
