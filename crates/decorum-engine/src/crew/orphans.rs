//! Taking up the tasks of workers that are gone.
//!
//! Whoever runs a task holds its account. If the account's lease can be had, nobody does: the worker
//! is dead, or was silent for longer than a lease lives. The lease that proves it carries a larger
//! fence, so a worker that only was frozen can neither claim nor take note any more. The task goes
//! back to the queue; what its worker left in doubt is settled by whoever runs the account next.

use std::sync::Arc;

use decorum_core::{Task, TaskState};
use decorum_store::StoreError;

use super::Crew;
use super::worker::Hands;
use crate::lease::Hold;
use crate::process;
use crate::sabotage::{Protection, is_off};

impl Crew {
    /// Puts back into the queue what nobody runs any more.
    pub(super) async fn take_up_orphans(
        &self,
        tasks: &mut [Task],
        hands: &Hands,
    ) -> Result<(), StoreError> {
        if is_off(Protection::TakeUp) {
            return Ok(());
        }
        let holder = process::beside(self.guard.holder(), &format!("{}.orphans", self.name));
        for task in tasks {
            let TaskState::Running { worker, .. } = &task.state else { continue };
            if hands.have(&task.id) {
                continue;
            }
            let name = format!("account:{}", task.spec.account_id);
            let (store, clock) = (Arc::clone(self.guard.store()), Arc::clone(self.guard.clock()));
            let hold = match Hold::take(store, clock, &name, &holder).await? {
                Ok(hold) => Some(hold),
                Err(_) if is_off(Protection::OrphanLease) => None,
                Err(_) => continue,
            };
            let answer = self.put_back(task).await;
            if let Some(hold) = hold {
                hold.release().await?;
            }
            match answer {
                Ok(true) => {
                    tracing::warn!(task = %task.id, %worker, "its worker is gone; back to the queue");
                    if let Some(now) = self.guard.store().task(&task.id).await? {
                        *task = now;
                    }
                }
                Ok(false) | Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Whether it was still running when the lease was had.
    async fn put_back(&self, task: &Task) -> Result<bool, StoreError> {
        let store = self.guard.store();
        let Some(fresh) = store.task(&task.id).await? else { return Ok(false) };
        // It may have been started anew since it was read; whoever did holds the account then.
        if fresh.rev != task.rev && fresh.state != task.state {
            return Ok(false);
        }
        let now = self.guard.clock().now();
        let Ok(queued) = fresh.clone().orphaned(now) else { return Ok(false) };
        store.save_task(&queued, fresh.rev, None, now).await?;
        Ok(true)
    }
}
