//! Tasks: what an account is to do, in which order, and how far it is.
//!
//! A task is one wish of a person ("follow the followers of anna, at most 200"), a list of
//! [`Candidate`]s, and a [`TaskState`]. Nothing here runs anything: [`Task`] has a function for each
//! thing that can happen to it, which returns the task as it is then or says why it cannot be, and
//! [`queue::choose`] says which task goes to which phone next.
//!
//! Invariants:
//! - a task that ended never changes its state again;
//! - what is asked of a running task waits as its [`Wish`] until the engagement under way is over;
//! - a worker whose fence is older than the task's changes nothing;
//! - a scheduled task never runs itself: it makes a copy for each time it is due, one at a time.

mod candidate;
mod change;
mod cron;
mod erasing;
mod filters;
pub mod queue;
mod record;
mod schedule;
mod source;
mod spec;
mod state;

pub use candidate::{Candidate, CandidateState, NewCandidate};
pub use change::{Change as TaskChange, TaskError};
pub use cron::Cron;
pub use filters::{FilterReason, Filters, ProfileFacts};
pub use record::{Crawl, LAST_NAMES_MAX, Progress, Task};
pub use schedule::Schedule;
pub use source::{Hashtag, HashtagError, Source};
pub use spec::{COMMENT_MAX, SpecError, TARGETS_MAX, TaskKind, TaskSpec};
pub use state::{TaskState, TaskStateName, WaitReason, Wish};
