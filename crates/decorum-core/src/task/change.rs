//! What can happen to a task: a function each, which returns the task as it is then.
//!
//! ```text
//!            start             finish, fail
//!  Queued ──────────▶ Running ──────────────▶ Succeeded, Failed
//!    ▲  ▲               │ │
//!    │  └── orphaned ───┘ │ wait, or the wish of a person
//!    │ resume, start      ▼
//!    └──────────── Waiting, Paused ─── cancel ──▶ Cancelled
//! ```
//!
//! None of them touches [`Task::rev`]: whoever keeps the task counts.

use super::{CandidateState, Crawl, LAST_NAMES_MAX, Progress, Task, TaskSpec, TaskState};
use super::{TaskStateName, WaitReason, Wish};
use crate::words::vocabulary;
use crate::{DeviceId, Fence, Holder, TaskId, Timestamp};

vocabulary!(
    /// What can happen to a task.
    Change, "change of a task" {
        /// A worker begins.
        Start = "start",
        /// It has to wait.
        Wait = "wait",
        /// Its worker is gone.
        Orphan = "orphan",
        /// Its worker stops because a person asked.
        Honour = "honour",
        /// It is done.
        Finish = "finish",
        /// It cannot be done.
        Fail = "fail",
        /// A person stops it for now.
        Pause = "pause",
        /// A person lets it go on.
        Resume = "resume",
        /// A person stops it for good.
        Cancel = "cancel",
        /// A person moves it in its queue.
        Move = "move",
        /// A scheduled task makes its next copy.
        Copy = "copy",
    }
);

/// Why something cannot happen to a task.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TaskError {
    /// Not in the state it is in.
    #[error("task {task} is {state}; `{change}` is not possible then, only {possible}")]
    NotNow {
        /// Which task.
        task: TaskId,
        /// Its state.
        state: TaskStateName,
        /// What was asked.
        change: Change,
        /// What is possible instead, for the reader.
        possible: &'static str,
    },
    /// A worker that is not its worker any more.
    #[error("task {task} passed to another worker (fence {newest}, not {given})")]
    Overtaken {
        /// Which task.
        task: TaskId,
        /// The fence the worker came with.
        given: Fence,
        /// The task's.
        newest: Fence,
    },
}

const fn possible(state: &TaskState, wish: Option<Wish>, scheduled: bool) -> &'static str {
    match state {
        _ if matches!(wish, Some(Wish::Cancel)) => "cancel: it is being cancelled",
        TaskState::Waiting { .. } if scheduled => "pause, cancel and copy",
        TaskState::Queued | TaskState::Waiting { .. } => {
            "start, wait, fail, pause, cancel and move"
        }
        TaskState::Running { .. } => "wait, finish, fail, pause and cancel",
        TaskState::Paused => "resume, cancel and move",
        TaskState::Succeeded | TaskState::Failed { .. } | TaskState::Cancelled => {
            "nothing; submit it anew"
        }
    }
}

impl Task {
    fn not_now<T>(&self, change: Change) -> Result<T, TaskError> {
        Err(TaskError::NotNow {
            task: self.id.clone(),
            state: self.state.name(),
            change,
            possible: possible(&self.state, self.wish, self.is_scheduled()),
        })
    }

    /// Refuses a worker whose fence is older than the task's.
    ///
    /// # Errors
    /// [`TaskError::Overtaken`].
    pub fn expect_fence(&self, given: Fence) -> Result<(), TaskError> {
        if given < self.fence {
            return Err(TaskError::Overtaken { task: self.id.clone(), given, newest: self.fence });
        }
        Ok(())
    }

    /// Whether `next` may take this task's place: what ended has ended, the fence only grows, and it
    /// stays the same task.
    ///
    /// # Errors
    /// [`TaskError::NotNow`] and [`TaskError::Overtaken`].
    pub fn may_become(&self, next: &Self) -> Result<(), TaskError> {
        self.expect_fence(next.fence)?;
        let same = self.id == next.id
            && self.created_at == next.created_at
            && self.spec.account_id == next.spec.account_id
            && self.copy_of == next.copy_of;
        if !same || self.state.is_end() && self.state != next.state {
            return self.not_now(Change::Move);
        }
        Ok(())
    }

    fn ended(mut self, state: TaskState, now: Timestamp) -> Self {
        self.state = state;
        self.wish = None;
        self.copying = None;
        self.ended_at = Some(now.max(self.created_at));
        self
    }

    /// Wants a phone, or waits until it is due.
    pub(super) fn ready(mut self, now: Timestamp) -> Self {
        self.wish = None;
        self.state = match self.spec.schedule.as_ref().map(|schedule| schedule.next(now)) {
            None => TaskState::Queued,
            Some(Some(until)) => {
                TaskState::Waiting { reason: WaitReason::Schedule, until: Some(until) }
            }
            Some(None) => return self.ended(TaskState::Succeeded, now),
        };
        self
    }

    /// A worker begins, under this fence of the account's lease. A task of a worker that is gone may
    /// be begun by another, whose fence is larger.
    ///
    /// # Errors
    /// [`TaskError::NotNow`] and [`TaskError::Overtaken`].
    pub fn start(
        mut self,
        worker: Holder,
        device_id: DeviceId,
        fence: Fence,
        now: Timestamp,
    ) -> Result<Self, TaskError> {
        self.expect_fence(fence)?;
        let possible = match &self.state {
            TaskState::Queued => true,
            TaskState::Waiting { .. } => !self.is_scheduled(),
            TaskState::Running { .. } => fence > self.fence,
            _ => false,
        };
        if !possible {
            return self.not_now(Change::Start);
        }
        self.state = TaskState::Running { worker, device_id, since: now };
        self.fence = fence;
        self.started_at.get_or_insert(now);
        Ok(self)
    }

    /// It has to wait, for a reason that its worker met or that keeps it from being started. A wish
    /// of a person comes first.
    ///
    /// # Errors
    /// [`TaskError::NotNow`] when it is paused, scheduled or ended.
    pub fn wait(
        mut self,
        reason: WaitReason,
        until: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Self, TaskError> {
        let waits = match &self.state {
            TaskState::Running { .. } if self.wish.is_some() => return self.honour(now),
            TaskState::Queued | TaskState::Running { .. } => true,
            TaskState::Waiting { .. } => !self.is_scheduled(),
            _ => false,
        };
        // Only what has a schedule waits for one: nothing else would ever end that wait.
        if !waits || reason == WaitReason::Schedule {
            return self.not_now(Change::Wait);
        }
        self.state = TaskState::Waiting { reason, until };
        Ok(self)
    }

    /// Its worker stops after the engagement under way, because a person asked, or because the
    /// worker itself has to end: then it goes back to the queue.
    ///
    /// # Errors
    /// [`TaskError::NotNow`] when it is not running.
    pub fn honour(mut self, now: Timestamp) -> Result<Self, TaskError> {
        if !matches!(self.state, TaskState::Running { .. }) {
            return self.not_now(Change::Honour);
        }
        match self.wish.take() {
            Some(Wish::Cancel) => Ok(self.ended(TaskState::Cancelled, now)),
            Some(Wish::Pause) => {
                self.state = TaskState::Paused;
                Ok(self)
            }
            None => {
                self.state = TaskState::Queued;
                Ok(self)
            }
        }
    }

    /// Its worker is gone: it goes back to the queue, or does what a person asked meanwhile.
    ///
    /// # Errors
    /// [`TaskError::NotNow`] when it is not running.
    pub fn orphaned(self, now: Timestamp) -> Result<Self, TaskError> {
        if matches!(self.state, TaskState::Running { .. }) {
            return self.honour(now);
        }
        self.not_now(Change::Orphan)
    }

    /// All was done that there was to do.
    ///
    /// # Errors
    /// [`TaskError::NotNow`] when it is not running.
    pub fn finish(self, now: Timestamp) -> Result<Self, TaskError> {
        if !matches!(self.state, TaskState::Running { .. }) {
            return self.not_now(Change::Finish);
        }
        Ok(self.ended(TaskState::Succeeded, now))
    }

    /// It cannot be done.
    ///
    /// # Errors
    /// [`TaskError::NotNow`] when it is paused or ended.
    pub fn fail(self, why: &str, now: Timestamp) -> Result<Self, TaskError> {
        match self.state {
            TaskState::Queued | TaskState::Waiting { .. } | TaskState::Running { .. } => {
                let why = why.chars().take(2_000).collect();
                Ok(self.ended(TaskState::Failed { why }, now))
            }
            _ => self.not_now(Change::Fail),
        }
    }

    /// A person stops it for now. Repeated, it changes nothing.
    ///
    /// # Errors
    /// [`TaskError::NotNow`] when it ended, or is about to be cancelled.
    pub fn pause(mut self) -> Result<Self, TaskError> {
        match self.state {
            _ if self.wish == Some(Wish::Cancel) => return self.not_now(Change::Pause),
            TaskState::Queued | TaskState::Waiting { .. } => self.state = TaskState::Paused,
            TaskState::Paused => {}
            TaskState::Running { .. } => self.wish = Some(Wish::Pause),
            _ => return self.not_now(Change::Pause),
        }
        Ok(self)
    }

    /// A person lets it go on: a paused one, or a running one that was asked to pause; one that
    /// waits is tried at once. Repeated, it changes nothing.
    ///
    /// # Errors
    /// [`TaskError::NotNow`] when it ended, or is about to be cancelled.
    pub fn resume(mut self, now: Timestamp) -> Result<Self, TaskError> {
        match self.state {
            _ if self.wish == Some(Wish::Cancel) => self.not_now(Change::Resume),
            // Its next time is found once the copy is there.
            TaskState::Paused if self.copying.is_some() => {
                let until = self.copying;
                self.state = TaskState::Waiting { reason: WaitReason::Schedule, until };
                Ok(self)
            }
            TaskState::Paused => Ok(self.ready(now)),
            TaskState::Waiting { .. } if !self.is_scheduled() => Ok(self.ready(now)),
            TaskState::Queued | TaskState::Waiting { .. } => Ok(self),
            TaskState::Running { .. } => {
                self.wish = None;
                Ok(self)
            }
            _ => self.not_now(Change::Resume),
        }
    }

    /// A person stops it for good. Repeated, it changes nothing.
    ///
    /// # Errors
    /// [`TaskError::NotNow`] when it ended otherwise.
    pub fn cancel(mut self, now: Timestamp) -> Result<Self, TaskError> {
        let is_running = matches!(self.state, TaskState::Running { .. });
        match self.state {
            TaskState::Cancelled => Ok(self),
            _ if self.state.is_end() => self.not_now(Change::Cancel),
            // What is under way is brought to an end first: an engagement, or a copy.
            _ if is_running || self.copying.is_some() => {
                self.wish = Some(Wish::Cancel);
                Ok(self)
            }
            _ => Ok(self.ended(TaskState::Cancelled, now)),
        }
    }

    /// A person moves it in its queue: another priority, another place.
    ///
    /// # Errors
    /// [`TaskError::NotNow`] when it ended.
    pub fn moved(mut self, priority: i16, ord: u64) -> Result<Self, TaskError> {
        if self.state.is_end() {
            return self.not_now(Change::Move);
        }
        self.spec.priority = priority;
        self.ord = ord;
        Ok(self)
    }

    /// When its next copy is due; `None`: it makes none, or not now.
    pub fn due_at(&self) -> Option<Timestamp> {
        match self.state {
            TaskState::Waiting { reason: WaitReason::Schedule, until } => until,
            _ => None,
        }
    }

    /// The copy of a scheduled task that is decided on, or due at `now`: its id, the same whoever
    /// makes it, and what it is to do. `None`: there is none to make.
    pub fn due(&self, now: Timestamp) -> Option<(TaskId, TaskSpec)> {
        let due = self.copying.or_else(|| self.due_at().filter(|due| *due <= now))?;
        let id = format!("{}@{}", self.id, due.as_millis()).parse().ok()?;
        Some((id, TaskSpec { schedule: None, ..self.spec.clone() }))
    }

    /// The copy that is due is decided on: from here on whoever sees the task makes it. Repeated, it
    /// changes nothing.
    ///
    /// # Errors
    /// [`TaskError::NotNow`] when it is no scheduled task that waits.
    pub fn begin_copy(mut self) -> Result<Self, TaskError> {
        self.copying = Some(self.copy_at()?);
        Ok(self)
    }

    /// The scheduled task after its copy was made, or left out because the one before is still
    /// open: it waits for the next time after `now`, or has succeeded if there is none. What a person
    /// asked meanwhile comes first.
    ///
    /// # Errors
    /// [`TaskError::NotNow`] when it is no scheduled task that waits or makes a copy.
    pub fn copied(mut self, now: Timestamp) -> Result<Self, TaskError> {
        let due = self.copy_at()?;
        self.copying = None;
        if self.wish == Some(Wish::Cancel) {
            return Ok(self.ended(TaskState::Cancelled, now));
        }
        if self.state == TaskState::Paused {
            return Ok(self);
        }
        // What is due at several times that have passed is done once.
        Ok(self.ready(now.max(due)))
    }

    /// When the copy is due that it is about to make.
    fn copy_at(&self) -> Result<Timestamp, TaskError> {
        let at = self.copying.or_else(|| self.due_at()).filter(|_| self.is_scheduled());
        at.map_or_else(|| self.not_now(Change::Copy), Ok)
    }

    /// With more people on its list, and the place its crawl is at.
    ///
    /// # Errors
    /// [`TaskError::Overtaken`].
    pub fn crawled(
        mut self,
        fence: Fence,
        added: u64,
        mut crawl: Crawl,
    ) -> Result<Self, TaskError> {
        self.expect_fence(fence)?;
        let surplus = crawl.last_names.len().saturating_sub(LAST_NAMES_MAX);
        crawl.last_names.drain(..surplus);
        self.crawl = crawl;
        self.progress = self.progress.grown(added);
        Ok(self)
    }

    /// With what became of some of its people. How many there are is the store's to say.
    ///
    /// # Errors
    /// [`TaskError::Overtaken`].
    pub fn settled(mut self, fence: Fence, progress: Progress) -> Result<Self, TaskError> {
        self.expect_fence(fence)?;
        let candidates = self.progress.candidates;
        let left = candidates.saturating_sub(progress.done);
        self.progress = Progress { candidates, left, ..progress };
        Ok(self)
    }
}

impl CandidateState {
    /// Whether this may take the place of `before`: what is settled is never open again.
    pub const fn may_follow(&self, before: &Self) -> bool {
        before.is_open() || !self.is_open()
    }
}
