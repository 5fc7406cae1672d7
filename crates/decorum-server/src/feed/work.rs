//! What changed of tasks and alerts. They are states, not a log: only how they are now is told, and
//! each state at most once.

use std::collections::HashMap;
use std::time::Duration;

use decorum_core::{Alert, AlertId, Task, TaskId, Timestamp};
use decorum_store::{Standing, Store, StoreError};

/// How much earlier than the last look is asked again: the clocks of those who write differ.
const LOOK_BACK: Duration = Duration::from_mins(1);

/// How much later than what ended it is forgotten that it was told.
const REMEMBERED: Duration = Duration::from_mins(5);

/// What of tasks and alerts was seen.
#[derive(Default)]
pub(super) struct Work {
    /// Each task's `rev`, and when it ended.
    tasks: HashMap<TaskId, (u64, Option<Timestamp>)>,
    /// When each alert was closed.
    alerts: HashMap<AlertId, Option<Timestamp>>,
    /// When it was looked at last.
    looked: Option<Timestamp>,
    /// How many tasks were open then.
    open: usize,
}

impl Work {
    /// How many tasks are open, as far as is known.
    pub(super) const fn open(&self) -> usize {
        self.open
    }

    /// What changed since the last look; at the first all that is open, for somebody may have begun
    /// to listen before it.
    pub(super) async fn fresh(
        &mut self,
        store: &dyn Store,
        now: Timestamp,
    ) -> Result<(Vec<Task>, Vec<Alert>), StoreError> {
        let since = self.looked.unwrap_or(now).minus(LOOK_BACK);
        let Standing { tasks, alerts } = store.standing(since).await?;
        self.open = tasks.iter().filter(|task| task.is_open()).count();
        self.looked = Some(now);
        let mut fresh = (Vec::new(), Vec::new());
        for task in tasks {
            let state = (task.rev, task.ended_at);
            // A page that was read while it changed may have it twice, in either order.
            let known = self.tasks.get(&task.id).is_some_and(|(rev, _)| *rev >= task.rev);
            if !known {
                self.tasks.insert(task.id.clone(), state);
                fresh.0.push(task);
            }
        }
        for alert in alerts {
            let known = self.alerts.get(&alert.id);
            if known.is_none_or(|closed| closed.is_none() && alert.closed_at.is_some()) {
                self.alerts.insert(alert.id, alert.closed_at);
                fresh.1.push(alert);
            }
        }
        let keep = now.minus(REMEMBERED);
        self.tasks.retain(|_, (_, ended)| ended.is_none_or(|at| at >= keep));
        self.alerts.retain(|_, closed| closed.is_none_or(|at| at >= keep));
        Ok(fresh)
    }
}
