//! Making copies of the tasks that are due by their schedule.
//!
//! The copy's id is made of the task and the instant it was due at, so whoever makes it makes the
//! same one; then the task waits for its next time. A copy that is still open when the next is due
//! makes that one be left out: what was missed is not made up for. Which of both it is to be is
//! written in the task first: a worker that stood still would otherwise make a copy that was left out.

use decorum_core::task::queue;
use decorum_core::{Source, Task, TaskId, TaskSpec, Username};
use decorum_store::{StoreError, Submission};

use super::Crew;
use crate::sabotage::{Protection, is_off};

/// Candidates read at a time.
const PAGE: usize = 1000;
/// Who submits copies, in the admin log.
const BY_SCHEDULE: &str = "schedule";

impl Crew {
    /// Makes the copies that are due, and puts them beside the tasks.
    pub(super) async fn follow_schedules(&self, tasks: &mut Vec<Task>) -> Result<(), StoreError> {
        let store = self.guard.store();
        let now = self.guard.clock().now();
        let due = queue::due(tasks, now).into_iter().map(|due| (due.task.clone(), due.copy));
        for (mut task, copy) in due.collect::<Vec<_>>() {
            if let Some((id, spec)) = copy {
                let Some(decided) = self.decide_copy(&task).await? else { continue };
                task = decided;
                self.submit_copy(&task, id, spec, tasks).await?;
            } else {
                let why = "the one before is still open, or the person it names was erased";
                tracing::warn!(task = %task.id, "the copy that is due is left out: {why}");
            }
            let Ok(next) = task.clone().copied(now) else { continue };
            match store.save_task(&next, task.rev, None, now).await {
                Ok(next) => {
                    tasks.iter_mut().filter(|t| t.id == next.id).for_each(|t| *t = next.clone());
                }
                // Another worker made the same copy, or a person changed the task.
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Writes in the task that its copy is to be made; `None`: the task has changed meanwhile, and is
    /// to be looked at anew.
    async fn decide_copy(&self, task: &Task) -> Result<Option<Task>, StoreError> {
        if task.copying.is_some() || is_off(Protection::DecideCopy) {
            return Ok(Some(task.clone()));
        }
        let Ok(decided) = task.clone().begin_copy() else { return Ok(None) };
        let now = self.guard.clock().now();
        match self.guard.store().save_task(&decided, task.rev, None, now).await {
            Ok(decided) => Ok(Some(decided)),
            Err(StoreError::Conflict { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Submits the copy of a task, and puts it beside the others.
    async fn submit_copy(
        &self,
        task: &Task,
        id: TaskId,
        spec: TaskSpec,
        tasks: &mut Vec<Task>,
    ) -> Result<(), StoreError> {
        let targets = self.list_of(task).await?;
        if task.spec.source == Source::List && targets.is_empty() {
            tracing::warn!(task = %task.id, "everybody on the list was erased");
            return Ok(());
        }
        let copy = Submission { id, spec, targets, copy_of: Some(task.id.clone()) };
        let now = self.guard.clock().now();
        let copy = self.guard.store().submit_task(copy, BY_SCHEDULE, now).await?;
        if copy.is_open() && !tasks.iter().any(|t| t.id == copy.id) {
            tracing::info!(task = %copy.id, "due by its schedule");
            tasks.push(copy);
        }
        Ok(())
    }

    /// The people on a task's own list.
    async fn list_of(&self, task: &Task) -> Result<Vec<Username>, StoreError> {
        let mut names = Vec::new();
        if task.spec.source != Source::List {
            return Ok(names);
        }
        let mut after = 0;
        loop {
            let store = self.guard.store();
            let page = store.candidates(&task.id, false, after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(names) };
            after = last.ord;
            names.extend(page.into_iter().filter_map(|candidate| candidate.username));
        }
    }
}
