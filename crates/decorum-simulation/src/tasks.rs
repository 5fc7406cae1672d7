//! Tasks are not simulated: what is played here is engaging.

use async_trait::async_trait;
use decorum_core::{
    Alert, AlertId, Candidate, CandidateState, Crawl, DeviceId, DeviceRecord, Fence, NewCandidate,
    Progress, Task, TaskId, Timestamp,
};
use decorum_store::{
    AlertCursor, AlertPage, Standing, StoreError, Submission, TaskCursor, TaskFilter, TaskPage,
    TaskStore,
};

use crate::store::{Remote, not_modelled};

#[async_trait]
impl TaskStore for Remote {
    async fn submit_task(&self, _: Submission, _: &str, _: Timestamp) -> Result<Task, StoreError> {
        not_modelled()
    }

    async fn task(&self, _: &TaskId) -> Result<Option<Task>, StoreError> {
        not_modelled()
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
        not_modelled()
    }

    async fn save_task(
        &self,
        _: &Task,
        _: u64,
        _: Option<&str>,
        _: Timestamp,
    ) -> Result<Task, StoreError> {
        not_modelled()
    }

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
        _: &TaskId,
        _: bool,
        _: u64,
        _: usize,
    ) -> Result<Vec<Candidate>, StoreError> {
        not_modelled()
    }

    async fn settle_candidates(
        &self,
        _: &TaskId,
        _: Fence,
        _: Vec<(u64, CandidateState)>,
        _: Progress,
    ) -> Result<Task, StoreError> {
        not_modelled()
    }

    async fn put_device(
        &self,
        _: &DeviceRecord,
        _: u64,
        _: Option<&str>,
        _: Timestamp,
    ) -> Result<DeviceRecord, StoreError> {
        not_modelled()
    }

    async fn device(&self, _: &DeviceId) -> Result<Option<DeviceRecord>, StoreError> {
        not_modelled()
    }

    async fn devices(&self) -> Result<Vec<DeviceRecord>, StoreError> {
        not_modelled()
    }

    async fn remove_device(&self, _: &DeviceId, _: &str, _: Timestamp) -> Result<bool, StoreError> {
        not_modelled()
    }

    async fn raise_alert(&self, _: Alert) -> Result<(Alert, bool), StoreError> {
        not_modelled()
    }

    async fn alerts(
        &self,
        _: bool,
        _: Option<&AlertCursor>,
        _: usize,
    ) -> Result<AlertPage, StoreError> {
        not_modelled()
    }

    async fn standing(&self, _: Timestamp) -> Result<Standing, StoreError> {
        not_modelled()
    }

    async fn close_alert(&self, _: AlertId, _: &str, _: Timestamp) -> Result<Alert, StoreError> {
        not_modelled()
    }
}
