//! The contract for tasks, method by method: who runs it, the writer or a reader.

use async_trait::async_trait;
use decorum_core::{
    Alert, AlertId, Candidate, CandidateState, Crawl, DeviceId, DeviceRecord, Fence, NewCandidate,
    Progress, Task, TaskId, Timestamp,
};

use super::rows::{candidate, device, task};
use super::{SqliteStore, tasks};
use crate::{
    AlertCursor, AlertPage, CANDIDATES_MAX, Standing, StoreError, Submission, TaskCursor,
    TaskFilter, TaskPage, TaskStore,
};

#[async_trait]
impl TaskStore for SqliteStore {
    async fn submit_task(
        &self,
        task: Submission,
        who: &str,
        now: Timestamp,
    ) -> Result<Task, StoreError> {
        let who = who.to_owned();
        self.write(move |conn| tasks::submit(conn, &task, &who, now)).await
    }

    async fn task(&self, id: &TaskId) -> Result<Option<Task>, StoreError> {
        let id = id.clone();
        self.glance(move |conn| task::find(conn, &id)).await
    }

    async fn tasks(
        &self,
        filter: &TaskFilter,
        after: Option<&TaskCursor>,
        limit: usize,
    ) -> Result<TaskPage, StoreError> {
        let (filter, after) = (filter.clone(), after.cloned());
        self.read(move |conn| tasks::page(conn, &filter, after.as_ref(), limit)).await
    }

    async fn open_tasks(&self) -> Result<Vec<Task>, StoreError> {
        self.read(task::open).await
    }

    async fn save_task(
        &self,
        task: &Task,
        expected_rev: u64,
        who: Option<&str>,
        now: Timestamp,
    ) -> Result<Task, StoreError> {
        let (task, who) = (task.clone(), who.map(str::to_owned));
        self.write(move |conn| tasks::save(conn, &task, expected_rev, who.as_deref(), now)).await
    }

    async fn add_candidates(
        &self,
        id: &TaskId,
        fence: Fence,
        people: Vec<NewCandidate>,
        crawl: Crawl,
    ) -> Result<(Task, u64), StoreError> {
        let id = id.clone();
        self.write(move |conn| tasks::add_candidates(conn, &id, fence, people, crawl)).await
    }

    async fn candidates(
        &self,
        id: &TaskId,
        open_only: bool,
        after_ord: u64,
        limit: usize,
    ) -> Result<Vec<Candidate>, StoreError> {
        let (id, limit) = (id.clone(), limit.clamp(1, CANDIDATES_MAX));
        self.read(move |conn| candidate::page(conn, &id, open_only, after_ord, limit)).await
    }

    async fn settle_candidates(
        &self,
        id: &TaskId,
        fence: Fence,
        settled: Vec<(u64, CandidateState)>,
        progress: Progress,
    ) -> Result<Task, StoreError> {
        let id = id.clone();
        self.write(move |conn| tasks::settle_candidates(conn, &id, fence, &settled, progress)).await
    }

    async fn put_device(
        &self,
        device: &DeviceRecord,
        expected_rev: u64,
        who: Option<&str>,
        now: Timestamp,
    ) -> Result<DeviceRecord, StoreError> {
        let (device, who) = (device.clone(), who.map(str::to_owned));
        self.write(move |conn| tasks::put_device(conn, &device, expected_rev, who.as_deref(), now))
            .await
    }

    async fn device(&self, id: &DeviceId) -> Result<Option<DeviceRecord>, StoreError> {
        let id = id.clone();
        self.glance(move |conn| device::find(conn, &id)).await
    }

    async fn devices(&self) -> Result<Vec<DeviceRecord>, StoreError> {
        self.read(device::all).await
    }

    async fn remove_device(
        &self,
        id: &DeviceId,
        who: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (id, who) = (id.clone(), who.to_owned());
        self.write(move |conn| tasks::remove_device(conn, &id, &who, now)).await
    }

    async fn raise_alert(&self, alert: Alert) -> Result<(Alert, bool), StoreError> {
        self.write(move |conn| tasks::raise_alert(conn, alert)).await
    }

    async fn alerts(
        &self,
        open_only: bool,
        after: Option<&AlertCursor>,
        limit: usize,
    ) -> Result<AlertPage, StoreError> {
        let after = after.copied();
        self.read(move |conn| tasks::alerts(conn, open_only, after.as_ref(), limit)).await
    }

    async fn standing(&self, since: Timestamp) -> Result<Standing, StoreError> {
        self.read(move |conn| tasks::standing(conn, since)).await
    }

    async fn close_alert(
        &self,
        id: AlertId,
        who: &str,
        now: Timestamp,
    ) -> Result<Alert, StoreError> {
        let who = who.to_owned();
        self.write(move |conn| tasks::close_alert(conn, id, &who, now)).await
    }
}
