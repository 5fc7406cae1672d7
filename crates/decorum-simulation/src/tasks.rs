//! The way from a process to the tasks in the store, and what the judge sees of it there.

use async_trait::async_trait;
use decorum_core::{
    Alert, AlertId, Candidate, CandidateState, Crawl, DeviceId, DeviceRecord, Fence, NewCandidate,
    Progress, Task, TaskId, Timestamp,
};
use decorum_store::{
    AlertCursor, AlertPage, Standing, StoreError, Submission, TaskCursor, TaskFilter, TaskPage,
    TaskStore,
};

use crate::crew;
use crate::store::{Remote, not_modelled};

#[async_trait]
impl TaskStore for Remote {
    async fn submit_task(
        &self,
        task: Submission,
        who: &str,
        now: Timestamp,
    ) -> Result<Task, StoreError> {
        self.ask("submit", |keeper| {
            self.watcher.judge_crew(crew::in_time(&keeper.board, &task));
            keeper.board.submit(&task, who, now)
        })
        .await
    }

    async fn task(&self, id: &TaskId) -> Result<Option<Task>, StoreError> {
        self.ask("task", |keeper| Ok(keeper.board.tasks.get(id).cloned())).await
    }

    async fn tasks(
        &self,
        _: &TaskFilter,
        _: Option<&TaskCursor>,
        _: usize,
    ) -> Result<TaskPage, StoreError> {
        not_modelled()
    }

    async fn open_tasks(&self) -> Result<Vec<Task>, StoreError> {
        self.ask("open tasks", |keeper| Ok(keeper.board.open())).await
    }

    async fn save_task(
        &self,
        task: &Task,
        expected_rev: u64,
        who: Option<&str>,
        now: Timestamp,
    ) -> Result<Task, StoreError> {
        let amid = self.gate.amid();
        self.ask("save task", |keeper| {
            if let Some(deed) = amid {
                crew::by_hand(keeper, &self.watcher, &task.id, deed, self.begin.truth());
            }
            let before = keeper.board.tasks.get(&task.id).cloned();
            let saved = keeper.board.save(task, expected_rev, who, now);
            if let (Some(before), Ok(saved)) = (before, &saved) {
                let process = self.watcher.process(self.process);
                self.watcher.note(self.process, || {
                    format!("task {}: {:?} -> {:?}", task.id, before.state, saved.state)
                });
                self.watcher.judge_crew(crew::changed(keeper, &before, saved, process.as_ref()));
            }
            saved
        })
        .await
    }

    /// Nobody crawls here.
    async fn add_candidates(
        &self,
        _: &TaskId,
        _: Fence,
        _: Vec<NewCandidate>,
        _: Crawl,
    ) -> Result<(Task, u64), StoreError> {
        not_modelled()
    }

    async fn candidates(
        &self,
        id: &TaskId,
        open_only: bool,
        after_ord: u64,
        limit: usize,
    ) -> Result<Vec<Candidate>, StoreError> {
        self.ask("candidates", |keeper| {
            Ok(keeper.board.candidates(id, open_only, after_ord, limit))
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
        self.ask("settle", |keeper| {
            self.watcher.note(self.process, || format!("task {id}: settled {settled:?}"));
            keeper.board.settle(id, fence, &settled, progress)
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
        self.ask("put phone", |keeper| keeper.board.put_phone(device, expected_rev, who, now)).await
    }

    async fn device(&self, id: &DeviceId) -> Result<Option<DeviceRecord>, StoreError> {
        self.ask("phone", |keeper| Ok(keeper.board.phones.get(id).cloned())).await
    }

    async fn devices(&self) -> Result<Vec<DeviceRecord>, StoreError> {
        self.ask("phones", |keeper| Ok(keeper.board.phones.values().cloned().collect())).await
    }

    async fn remove_device(&self, _: &DeviceId, _: &str, _: Timestamp) -> Result<bool, StoreError> {
        not_modelled()
    }

    async fn raise_alert(&self, alert: Alert) -> Result<(Alert, bool), StoreError> {
        self.ask("raise alert", |keeper| Ok(keeper.board.raise(alert))).await
    }

    async fn alerts(
        &self,
        open_only: bool,
        _: Option<&AlertCursor>,
        limit: usize,
    ) -> Result<AlertPage, StoreError> {
        self.ask("alerts", |keeper| {
            Ok(AlertPage { items: keeper.board.alerts(open_only, limit), next: None })
        })
        .await
    }

    async fn standing(&self, _: Timestamp) -> Result<Standing, StoreError> {
        not_modelled()
    }

    async fn close_alert(
        &self,
        id: AlertId,
        who: &str,
        now: Timestamp,
    ) -> Result<Alert, StoreError> {
        self.ask("close alert", |keeper| keeper.board.close(id, who, now)).await
    }
}
