//! The contract for tasks, method by method.

use async_trait::async_trait;
use decorum_core::{
    Alert, AlertId, Candidate, CandidateState, Crawl, DeviceId, DeviceRecord, Fence, NewCandidate,
    Progress, Task, TaskId, Timestamp,
};

use super::MongoStore;
use super::step::patiently;
use super::tasks::Deed;
use crate::tasks::people;
use crate::{
    AlertCursor, AlertPage, CANDIDATES_MAX, Standing, StoreError, Submission, TaskCursor,
    TaskFilter, TaskPage, TaskStore,
};

#[async_trait]
impl TaskStore for MongoStore {
    async fn submit_task(
        &self,
        task: Submission,
        who: &str,
        now: Timestamp,
    ) -> Result<Task, StoreError> {
        let who = who.to_owned();
        self.change(move |keeper| async move {
            let submitted = patiently!(keeper, keeper.submit_task(&task, &who, now))?;
            keeper.catch_up_with_erasing(&task, submitted, now).await
        })
        .await
    }

    async fn task(&self, id: &TaskId) -> Result<Option<Task>, StoreError> {
        let id = id.clone();
        self.run(move |keeper| async move { patiently!(keeper, keeper.task(&id)) }).await
    }

    async fn tasks(
        &self,
        filter: &TaskFilter,
        after: Option<&TaskCursor>,
        limit: usize,
    ) -> Result<TaskPage, StoreError> {
        let (filter, after) = (filter.clone(), after.cloned());
        self.run(move |keeper| async move {
            patiently!(keeper, keeper.task_page(&filter, after.as_ref(), limit))
        })
        .await
    }

    async fn open_tasks(&self) -> Result<Vec<Task>, StoreError> {
        self.run(|keeper| async move { patiently!(keeper, keeper.open_tasks()) }).await
    }

    async fn save_task(
        &self,
        task: &Task,
        expected_rev: u64,
        who: Option<&str>,
        now: Timestamp,
    ) -> Result<Task, StoreError> {
        let (task, who) = (task.clone(), who.map(str::to_owned));
        self.change(move |keeper| async move {
            let who = who.as_deref();
            let deed = Deed::Save { task: &task, expected: expected_rev, who, now };
            keeper.task_step(&task.id, deed).await.map(|(task, _)| task)
        })
        .await
    }

    async fn add_candidates(
        &self,
        id: &TaskId,
        fence: Fence,
        people: Vec<NewCandidate>,
        crawl: Crawl,
    ) -> Result<(Task, u64), StoreError> {
        people::at_most(people.len())?;
        let id = id.clone();
        self.change(move |keeper| async move {
            let deed = Deed::Add { fence, people: &people, crawl: &crawl };
            keeper.task_step(&id, deed).await
        })
        .await
    }

    async fn candidates(
        &self,
        id: &TaskId,
        open_only: bool,
        after_ord: u64,
        limit: usize,
    ) -> Result<Vec<Candidate>, StoreError> {
        let (id, limit) = (id.clone(), limit.clamp(1, CANDIDATES_MAX));
        let after = after_ord.min(i64::MAX.cast_unsigned());
        let writable = self.writable;
        self.run(move |keeper| async move {
            patiently!(keeper, keeper.candidates(&id, open_only, after, limit, writable))
        })
        .await
    }

    async fn settle_candidates(
        &self,
        id: &TaskId,
        fence: Fence,
        settled: Vec<(u64, CandidateState)>,
        progress: Progress,
    ) -> Result<Task, StoreError> {
        people::at_most(settled.len())?;
        let id = id.clone();
        self.change(move |keeper| async move {
            let deed = Deed::Settle { fence, settled: &settled, progress };
            keeper.task_step(&id, deed).await.map(|(task, _)| task)
        })
        .await
    }

    async fn put_device(
        &self,
        device: &DeviceRecord,
        expected_rev: u64,
        who: Option<&str>,
        now: Timestamp,
    ) -> Result<DeviceRecord, StoreError> {
        let (device, who) = (device.clone(), who.map(str::to_owned));
        self.change(move |keeper| async move {
            let (who, mut attempt) = (who.as_deref(), None);
            let expected = expected_rev;
            patiently!(keeper, keeper.put_device(&device, expected, who, now, &mut attempt))
        })
        .await
    }

    async fn device(&self, id: &DeviceId) -> Result<Option<DeviceRecord>, StoreError> {
        let id = id.clone();
        self.run(move |keeper| async move { patiently!(keeper, keeper.device(&id)) }).await
    }

    async fn devices(&self) -> Result<Vec<DeviceRecord>, StoreError> {
        self.run(|keeper| async move { patiently!(keeper, keeper.devices()) }).await
    }

    async fn remove_device(
        &self,
        id: &DeviceId,
        who: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (id, who) = (id.clone(), who.to_owned());
        self.change(move |keeper| async move {
            let mut attempt = None;
            patiently!(keeper, keeper.remove_device(&id, &who, now, &mut attempt))
        })
        .await
    }

    async fn raise_alert(&self, alert: Alert) -> Result<(Alert, bool), StoreError> {
        self.change(move |keeper| async move {
            let mut tried = false;
            patiently!(keeper, keeper.raise_alert(&alert, &mut tried))
        })
        .await
    }

    async fn alerts(
        &self,
        open_only: bool,
        after: Option<&AlertCursor>,
        limit: usize,
    ) -> Result<AlertPage, StoreError> {
        let after = after.copied();
        self.run(move |keeper| async move {
            patiently!(keeper, keeper.alerts(open_only, after.as_ref(), limit))
        })
        .await
    }

    async fn standing(&self, since: Timestamp) -> Result<Standing, StoreError> {
        self.run(move |keeper| async move { patiently!(keeper, keeper.standing(since)) }).await
    }

    async fn close_alert(
        &self,
        id: AlertId,
        who: &str,
        now: Timestamp,
    ) -> Result<Alert, StoreError> {
        let who = who.to_owned();
        self.change(
            move |keeper| async move { patiently!(keeper, keeper.close_alert(id, &who, now)) },
        )
        .await
    }
}
