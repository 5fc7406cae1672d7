//! How an errand ends, and what is written down then.

use std::sync::Arc;
use std::time::Duration;

use decorum_core::{
    AlertKind, Breaker, DeviceRecord, DeviceState, HaltReason, InFront, RefusalReason, Task,
    TaskError, Timestamp, WaitReason,
};
use decorum_store::StoreError;

use super::errand::Errand;
use crate::run::Ended;
use crate::sabotage::{Protection, is_off};

/// How long what cannot be waited for is left alone before it is tried again.
const AGAIN_AFTER: Duration = Duration::from_hours(1);
/// How long a probe of the account may take before it is asked about again.
const PROBE_AFTER: Duration = Duration::from_secs(30);
/// How often a state is offered to a store that does not take it.
const OFFERS: u32 = 6;

/// How an errand ended.
pub(super) enum End {
    /// All was done.
    Done,
    /// It was asked to: by a person, or because the worker ends.
    Stopped,
    /// It has to wait.
    Waits {
        /// Why.
        reason: WaitReason,
        /// Until when.
        until: Option<Timestamp>,
    },
    /// The phone failed.
    Phone {
        /// What happened.
        why: String,
    },
    /// It cannot be done.
    Failed {
        /// Why.
        why: String,
    },
    /// Somebody else has the account or the phone: not ours to say anything.
    Lost,
    /// The store failed; whoever finds the task takes it up.
    Store {
        /// What happened.
        why: String,
    },
}

impl Errand {
    /// What the end of a run means for the task.
    pub(super) async fn end_of(
        &self,
        ended: Ended,
        evidence: Option<String>,
    ) -> Result<End, StoreError> {
        Ok(match ended {
            Ended::Done => End::Done,
            Ended::Stopped => End::Stopped,
            Ended::Resting { reason, until } => self.rests(reason, until),
            Ended::Busy { .. } => End::Lost,
            Ended::PhoneFailed { why } => {
                self.tell_of_front(&why).await?;
                End::Phone { why }
            }
            Ended::StoreFailed { why } => End::Store { why },
            Ended::PersonNeeded { why } => self.person_needed(&why, evidence).await?,
        })
    }

    fn rests(&self, reason: RefusalReason, until: Option<Timestamp>) -> End {
        let now = self.now();
        let (reason, otherwise) = match reason {
            RefusalReason::AccountHalted => return End::waits(WaitReason::Halted, None),
            RefusalReason::AccountBackoff => (WaitReason::Backoff, PROBE_AFTER),
            RefusalReason::AccountCooldown => (WaitReason::Cooldown, PROBE_AFTER),
            RefusalReason::BudgetHour | RefusalReason::BudgetDay | RefusalReason::FleetBudget => {
                (WaitReason::Budget, AGAIN_AFTER)
            }
            RefusalReason::QuietHours => (WaitReason::QuietHours, AGAIN_AFTER),
            RefusalReason::AccountBusy => (WaitReason::AccountBusy, PROBE_AFTER),
            _ => (WaitReason::Pace, PROBE_AFTER),
        };
        End::waits(reason, Some(until.unwrap_or_else(|| now.plus(otherwise))))
    }

    /// Tells a person, and waits for what they are to do.
    pub(super) async fn person_needed(
        &self,
        why: &str,
        evidence: Option<String>,
    ) -> Result<End, StoreError> {
        if self.guard.watch().trouble().is_some() {
            // The worker tells of it, and starts nothing until it is over.
            return Ok(End::Stopped);
        }
        let account = &self.task.spec.account_id;
        let breaker = self.guard.store().account(account).await?.account.breaker;
        let Breaker::Halted { reason, .. } = breaker else {
            self.crew.raise(AlertKind::QueueStuck, self.task.id.as_str(), why, evidence).await;
            return Ok(End::waits(WaitReason::Person, None));
        };
        self.crew.raise(halting(reason), account.as_str(), why, evidence).await;
        Ok(End::waits(WaitReason::Halted, None))
    }

    /// Tells a person of an account that was halted because it stood in front of ours.
    pub(super) async fn tell_of_front(&self, why: &str) -> Result<(), StoreError> {
        let ours = &self.task.spec.account_id;
        let Some(front) = self.front.account().filter(|front| front != ours) else { return Ok(()) };
        let breaker = self.guard.store().account(&front).await?.account.breaker;
        if let Breaker::Halted { reason, .. } = breaker {
            self.crew.raise(halting(reason), front.as_str(), why, None).await;
        }
        Ok(())
    }

    /// Writes down how it ended, and gives back what was held.
    pub(super) async fn leave(self, end: End) {
        let id = &self.task.id;
        match &end {
            End::Done => tracing::info!(task = %id, "done"),
            End::Stopped => tracing::info!(task = %id, "stopped after the engagement under way"),
            End::Waits { reason, until } => {
                let until = until.map(|until| until.to_string());
                tracing::info!(task = %id, %reason, until, "has to wait");
            }
            End::Phone { why } => tracing::warn!(task = %id, why, "the phone failed"),
            End::Failed { why } => tracing::error!(task = %id, why, "failed"),
            End::Lost => {
                tracing::warn!(task = %id, "the account or the phone passed to somebody else");
            }
            End::Store { why } => tracing::error!(task = %id, why, "the store failed"),
        }
        self.give_up_claims().await;
        self.write_state(&end).await;
        self.write_phone(&end).await;
        for hold in [&self.loan.phone, &self.loan.account] {
            if is_off(Protection::FreePhone) && Arc::ptr_eq(hold, &self.loan.phone) {
                std::mem::forget(Arc::clone(hold));
                continue;
            }
            if let Err(error) = hold.release().await {
                tracing::warn!(task = %id, %error, "a lease could not be given back; it lapses");
            }
        }
        if let End::Failed { why } = &end {
            let message = format!("task {id} cannot be done: {why}");
            self.crew.raise(AlertKind::TaskFailed, id.as_str(), &message, None).await;
        }
        self.crew.wake();
    }

    /// Nobody acts for this errand any more, so what it claimed and could not settle is in doubt from
    /// now on, and need not be waited for: the account's next task looks.
    async fn give_up_claims(&self) {
        let (account, gone) = (&self.task.spec.account_id, [self.guard.holder().clone()]);
        let lapsed = self.guard.store().lapse(Some(account), &gone, self.now()).await;
        match lapsed {
            Ok(0) => {}
            Ok(n) => tracing::warn!(task = %self.task.id, n, "left in doubt"),
            Err(error) => {
                tracing::warn!(task = %self.task.id, %error, "claims wait for their lease");
            }
        }
    }

    fn next(&self, task: Task, end: &End) -> Result<Task, TaskError> {
        let now = self.now();
        match end {
            End::Done => task.finish(now),
            End::Stopped | End::Lost | End::Store { .. } => task.honour(now),
            End::Waits { reason, until } => task.wait(*reason, *until, now),
            End::Phone { .. } => task.wait(WaitReason::Device, None, now),
            End::Failed { why } => task.fail(why, now),
        }
    }

    /// Writes the task's state, as long as the task is ours.
    async fn write_state(&self, end: &End) {
        for offer in 0..OFFERS {
            let problem = match self.offer_state(end).await {
                Ok(()) => return,
                Err(StoreError::Conflict { .. }) => continue,
                Err(error) => error,
            };
            tracing::warn!(task = %self.task.id, error = %problem, "its state is not written");
            // As long as the lease is certainly ours, nobody else takes the task up.
            if !self.loan.account.is_sure() {
                break;
            }
            self.guard.clock().sleep(Duration::from_millis(200) * 2_u32.pow(offer)).await;
        }
        tracing::error!(task = %self.task.id, "its state is not written; it is taken up as left behind");
    }

    async fn offer_state(&self, end: &End) -> Result<(), StoreError> {
        let store = self.guard.store();
        let Some(task) = store.task(&self.task.id).await? else { return Ok(()) };
        if !self.is_ours(&task) {
            return Ok(());
        }
        let rev = task.rev;
        match self.next(task, end) {
            Ok(next) => store.save_task(&next, rev, None, self.now()).await.map(drop),
            Err(error) => {
                tracing::error!(task = %self.task.id, %error, "its state stays as it is");
                Ok(())
            }
        }
    }

    async fn write_phone(&self, end: &End) {
        let phone = &self.phone.device_id;
        let strikes = match end {
            End::Phone { .. } => self.crew.strike(phone),
            _ => self.crew.forgive(phone),
        };
        let store = self.guard.store();
        for _ in 0..OFFERS {
            let phone = match store.device(&self.phone.device_id).await {
                Ok(Some(phone)) => phone,
                // A person removed it.
                Ok(None) => return,
                Err(error) => {
                    tracing::warn!(phone = %self.phone.device_id, %error, "how it is, is not noted");
                    return;
                }
            };
            let leave = match &phone.state {
                // A person took it out of use.
                DeviceState::Disabled => true,
                DeviceState::Busy { task } => *task != self.task.id,
                // Another worker saw that the task had ended before we came here.
                _ => !matches!(end, End::Phone { .. }),
            };
            if leave {
                return;
            }
            let rev = phone.rev;
            let front = self.front.account().map(|account_id| {
                let fence = self.loan.phone.fence();
                InFront { account_id, fence }
            });
            let mut next = DeviceRecord { state: DeviceState::Ready, front, ..phone };
            if let End::Phone { why } = end {
                for _ in 0..strikes {
                    next = next.failed(why, self.now());
                }
            } else {
                next = next.answered(None, self.now());
            }
            if let Some(noted) = self.crew.note_phone(&next, rev).await {
                self.crew.tell_if_lost(&noted).await;
                return;
            }
        }
    }
}

/// The alert for an account that was halted.
const fn halting(reason: HaltReason) -> AlertKind {
    match reason {
        HaltReason::UnknownMessage => AlertKind::UnknownDialog,
        _ => AlertKind::AccountHalted,
    }
}

impl End {
    const fn waits(reason: WaitReason, until: Option<Timestamp>) -> Self {
        Self::Waits { reason, until }
    }
}
