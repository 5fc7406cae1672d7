//! A task as it is kept.

use serde::{Deserialize, Serialize};

use super::{CandidateState, Source, TaskSpec, TaskState, Wish};
use crate::{Fence, Status, TaskId, Timestamp, Username};

/// Names of a crawl's last rows that are kept, to find its place again.
pub const LAST_NAMES_MAX: usize = 20;

/// How many people, and what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// People on the list so far.
    pub candidates: u64,
    /// Of these, with whom the task is through: the sum of the next four.
    pub done: u64,
    /// Engaged.
    pub engaged: u64,
    /// Not tried, because of what their page showed, or left out by a filter.
    pub skipped: u64,
    /// Tried in vain.
    pub failed: u64,
    /// Refused by our own rules.
    pub refused: u64,
    /// Still to be engaged.
    pub left: u64,
}

impl Progress {
    /// With one more person settled.
    #[must_use]
    pub const fn with(mut self, settled: &CandidateState) -> Self {
        let counter = match settled {
            CandidateState::Open => return self,
            CandidateState::Done { status: Status::Success, .. } => &mut self.engaged,
            CandidateState::Done { status: Status::Skipped, .. }
            | CandidateState::PassedOver { .. } => &mut self.skipped,
            CandidateState::Done { status: Status::DedupeHit, .. }
            | CandidateState::Refused { .. } => &mut self.refused,
            CandidateState::Done { status: Status::Failed | Status::Retry, .. } => &mut self.failed,
        };
        *counter += 1;
        self.done += 1;
        self.left = self.candidates.saturating_sub(self.done);
        self
    }

    /// With more people on the list.
    #[must_use]
    pub const fn grown(mut self, by: u64) -> Self {
        self.candidates += by;
        self.left = self.candidates.saturating_sub(self.done);
        self
    }
}

/// How far a crawl is, and what it takes to find its place again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Crawl {
    /// Whether the end of the list was reached.
    pub finished: bool,
    /// Rows seen, repeated ones included.
    pub seen: u64,
    /// The last rows seen, at most [`LAST_NAMES_MAX`], the newest last.
    pub last_names: Vec<Username>,
    /// How often the list was moved on.
    pub scrolls: u32,
    /// What a person should know.
    pub note: Option<String>,
}

/// A task as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// What is asked for.
    pub spec: TaskSpec,
    /// Where it stands.
    #[serde(flatten)]
    pub state: TaskState,
    /// What a person asked while it runs.
    #[serde(default)]
    pub wish: Option<Wish>,
    /// Its place among those of its account and priority; lower goes first.
    pub ord: u64,
    /// Grows with every change; the store counts.
    pub rev: u64,
    /// When it was submitted.
    pub created_at: Timestamp,
    /// When it was first started.
    #[serde(default)]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default)]
    pub ended_at: Option<Timestamp>,
    /// How far it is.
    pub progress: Progress,
    /// How far its crawl is.
    pub crawl: Crawl,
    /// Of the account's lease under which its last worker held it.
    pub fence: Fence,
    /// The scheduled task it is a copy of.
    #[serde(default)]
    pub copy_of: Option<TaskId>,
    /// Of a scheduled task: the instant at which a copy was due that is decided on and may not be
    /// there yet. Stands here before the copy is submitted, so that it is made by whoever sees this, and
    /// no worker that stood still makes one that others left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copying: Option<Timestamp>,
}

impl Task {
    /// A task that was just submitted, with so many people on its list.
    pub fn new(
        id: TaskId,
        spec: TaskSpec,
        people: u64,
        copy_of: Option<TaskId>,
        ord: u64,
        now: Timestamp,
    ) -> Self {
        let task = Self {
            id,
            spec,
            state: TaskState::Queued,
            wish: None,
            ord,
            rev: 1,
            created_at: now,
            started_at: None,
            ended_at: None,
            progress: Progress::default().grown(people),
            crawl: Crawl::default(),
            fence: Fence::default(),
            copy_of,
            copying: None,
        };
        task.ready(now)
    }

    /// Whether it makes copies instead of running itself.
    pub const fn is_scheduled(&self) -> bool {
        self.spec.schedule.is_some()
    }

    /// Whether something may still happen to it.
    pub const fn is_open(&self) -> bool {
        !self.state.is_end()
    }

    /// Whether people are still to be looked for.
    pub const fn has_to_crawl(&self) -> bool {
        self.spec.source.is_crawled() && !self.crawl.finished
    }

    /// Whether the source of its people was erased.
    pub fn has_lost_source(&self) -> bool {
        self.spec.source == Source::Erased
    }
}
