//! The contract for tasks, their candidates, phones and alerts.

pub(crate) mod by_hand;
pub mod people;

use std::fmt;
use std::str::FromStr;

use async_trait::async_trait;
use decorum_core::{
    AccountId, Alert, AlertId, Candidate, CandidateState, Crawl, DeviceId, DeviceRecord, Fence,
    NewCandidate, Progress, Task, TaskId, TaskKind, TaskSpec, TaskStateName, Timestamp, Username,
};
use serde::{Deserialize, Serialize};

use crate::StoreError;

/// Most candidates that are added, settled or read in one step.
pub const CANDIDATES_MAX: usize = 1000;

/// Largest page of tasks and of alerts.
pub const TASKS_MAX: usize = 1000;

/// A task to be submitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// Its id, chosen by whoever submits: the same id again is the same task.
    pub id: TaskId,
    /// What it is to do.
    pub spec: TaskSpec,
    /// Whom, if its source is a list; in this order.
    pub targets: Vec<Username>,
    /// The scheduled task it is a copy of.
    pub copy_of: Option<TaskId>,
}

/// Which tasks; what is `None` or empty does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TaskFilter {
    /// Of this account.
    pub account_id: Option<AccountId>,
    /// In one of these states.
    pub states: Vec<TaskStateName>,
    /// Of this kind.
    pub kind: Option<TaskKind>,
}

impl TaskFilter {
    /// Whether the task is one of them.
    pub fn has(&self, task: &Task) -> bool {
        self.account_id.as_ref().is_none_or(|account| *account == task.spec.account_id)
            && (self.states.is_empty() || self.states.contains(&task.state.name()))
            && self.kind.is_none_or(|kind| kind == task.spec.kind)
    }
}

/// A place in the list of tasks, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskCursor {
    /// When the last task seen was submitted.
    pub created_at: Timestamp,
    /// Its id.
    pub id: TaskId,
}

impl fmt::Display for TaskCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.created_at.as_millis(), self.id)
    }
}

impl FromStr for TaskCursor {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let (at, id) = text.split_once('.').ok_or(StoreError::BadCursor)?;
        let at = at.parse().map(Timestamp::from_millis).map_err(|_| StoreError::BadCursor)?;
        Ok(Self { created_at: at, id: id.parse().map_err(|_| StoreError::BadCursor)? })
    }
}

/// One page of tasks, newest first.
#[derive(Clone, Debug)]
pub struct TaskPage {
    /// The tasks.
    pub items: Vec<Task>,
    /// Where the next page starts; `None`: this was the last.
    pub next: Option<TaskCursor>,
}

/// A place in the list of alerts, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlertCursor {
    /// When the last alert seen was raised.
    pub raised_at: Timestamp,
    /// Its id.
    pub id: AlertId,
}

impl fmt::Display for AlertCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.raised_at.as_millis(), self.id)
    }
}

impl FromStr for AlertCursor {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let (at, id) = text.split_once('.').ok_or(StoreError::BadCursor)?;
        let at = at.parse().map(Timestamp::from_millis).map_err(|_| StoreError::BadCursor)?;
        Ok(Self { raised_at: at, id: id.parse().map_err(|_| StoreError::BadCursor)? })
    }
}

/// One page of alerts, newest first.
#[derive(Clone, Debug)]
pub struct AlertPage {
    /// The alerts.
    pub items: Vec<Alert>,
    /// Where the next page starts; `None`: this was the last.
    pub next: Option<AlertCursor>,
}

/// What may still change of tasks and alerts, and what ended not long ago.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// Tasks that have not ended, oldest first; then those that have, the one that ended last
    /// first.
    pub tasks: Vec<Task>,
    /// Alerts that are open, newest first; then those that were closed, the one closed last first.
    pub alerts: Vec<Alert>,
}

/// Remembers tasks, their candidates, phones and alerts, as atomically and durably as
/// [`crate::Store`] does the rest. What is done by hand is noted in the admin log in the same step.
#[async_trait]
pub trait TaskStore: Send + Sync {
    /// Submits a task, with the people of its list, at the end of its account's queue. Idempotent by
    /// id: one that is there already is returned as it is. A person who was erased takes their place
    /// without a name, refused. Noted as `task.submitted`, but for copies of scheduled tasks.
    ///
    /// # Errors
    /// [`StoreError::BadTask`] when it cannot work.
    async fn submit_task(
        &self,
        task: Submission,
        who: &str,
        now: Timestamp,
    ) -> Result<Task, StoreError>;

    /// The task with this id.
    async fn task(&self, id: &TaskId) -> Result<Option<Task>, StoreError>;

    /// Tasks that match, newest first, at most `limit` (1 to [`TASKS_MAX`]) after `after`.
    async fn tasks(
        &self,
        filter: &TaskFilter,
        after: Option<&TaskCursor>,
        limit: usize,
    ) -> Result<TaskPage, StoreError>;

    /// Every task that has not ended, oldest first. Does not read those that have.
    async fn open_tasks(&self) -> Result<Vec<Task>, StoreError>;

    /// Replaces a task that is still at `expected_rev`. Returns it with its new `rev`. Who asked for
    /// it, if it was a person: then it is noted what it was, `task.paused`, `task.resumed`,
    /// `task.cancelled`, `task.moved` or `task.changed`.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it was changed meanwhile, [`StoreError::AlreadyRunning`] when
    /// another task of its account is running, [`StoreError::NoSuchTask`], and
    /// [`StoreError::StaleFence`] and [`StoreError::TaskState`] as
    /// [`Task::may_become`] says.
    async fn save_task(
        &self,
        task: &Task,
        expected_rev: u64,
        who: Option<&str>,
        now: Timestamp,
    ) -> Result<Task, StoreError>;

    /// Puts people on a task's list who are not on it yet, and notes the place of the crawl, in one
    /// step: people without the place, or the place without the people, are never seen. Each person
    /// is on the list once. People who were erased are left out. Returns the task as it is then,
    /// with a wish that came meanwhile, and how many people were new.
    ///
    /// # Errors
    /// [`StoreError::StaleFence`] when the task has passed to another worker,
    /// [`StoreError::TooMany`] for more than [`CANDIDATES_MAX`], [`StoreError::NoSuchTask`].
    async fn add_candidates(
        &self,
        id: &TaskId,
        fence: Fence,
        people: Vec<NewCandidate>,
        crawl: Crawl,
    ) -> Result<(Task, u64), StoreError>;

    /// People of a task, in order, after this place; at most `limit` (1 to [`CANDIDATES_MAX`]).
    /// `open_only`: those who are still to be engaged.
    async fn candidates(
        &self,
        id: &TaskId,
        open_only: bool,
        after_ord: u64,
        limit: usize,
    ) -> Result<Vec<Candidate>, StoreError>;

    /// Notes what became of people of a task, and how far it is, in one step. Idempotent: what is
    /// settled is not opened again. How many people there are, and how many are left, is counted
    /// here, whatever `progress` says of it. Returns the task as it is then, with a wish that came
    /// meanwhile.
    ///
    /// # Errors
    /// [`StoreError::StaleFence`], [`StoreError::TooMany`] for more than [`CANDIDATES_MAX`],
    /// [`StoreError::NoSuchTask`]. A place where nobody is, is passed over.
    async fn settle_candidates(
        &self,
        id: &TaskId,
        fence: Fence,
        settled: Vec<(u64, CandidateState)>,
        progress: Progress,
    ) -> Result<Task, StoreError>;

    /// Writes a phone that is still at `expected_rev`; 0: it is new. Returns it with its new `rev`.
    /// With `who`, it is noted: `device.added` or `device.changed`.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it was changed, added or removed meanwhile,
    /// [`StoreError::BadDevice`] when it cannot work.
    async fn put_device(
        &self,
        device: &DeviceRecord,
        expected_rev: u64,
        who: Option<&str>,
        now: Timestamp,
    ) -> Result<DeviceRecord, StoreError>;

    /// The phone with this id.
    async fn device(&self, id: &DeviceId) -> Result<Option<DeviceRecord>, StoreError>;

    /// Every phone, by id.
    async fn devices(&self) -> Result<Vec<DeviceRecord>, StoreError>;

    /// Removes a phone, and notes it as `device.removed`. Returns whether it was there.
    async fn remove_device(
        &self,
        id: &DeviceId,
        who: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Raises an alert, unless one of its kind about its subject is open. Returns the one that is
    /// open then, and whether it is new.
    async fn raise_alert(&self, alert: Alert) -> Result<(Alert, bool), StoreError>;

    /// Alerts, newest first, at most `limit` (1 to [`TASKS_MAX`]) after `after`.
    async fn alerts(
        &self,
        open_only: bool,
        after: Option<&AlertCursor>,
        limit: usize,
    ) -> Result<AlertPage, StoreError>;

    /// Tasks and alerts that are open, and those that ended or were closed at this instant or
    /// later: who asks again and again, each time from a little before the last, misses nothing
    /// that ever was. Of what ended at most [`TASKS_MAX`] each, the newest; of open alerts the
    /// newest as many.
    async fn standing(&self, since: Timestamp) -> Result<Standing, StoreError>;

    /// Closes an alert, and notes it as `alert.closed`. Repeated, it changes nothing.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAlert`].
    async fn close_alert(
        &self,
        id: AlertId,
        who: &str,
        now: Timestamp,
    ) -> Result<Alert, StoreError>;
}
