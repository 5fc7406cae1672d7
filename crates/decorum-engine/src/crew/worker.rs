//! The loop of a worker: look at the queue, start what can be started, take note of what ended.

use std::sync::Arc;
use std::time::Duration;

use decorum_core::{AlertKind, TaskId};
use tokio::task::{Id, JoinSet};

use super::Crew;
use super::dispatch::Desk;
use crate::run::{Stop, StopSwitch};

/// How often the queue is looked at.
const TICK: Duration = Duration::from_secs(1);
/// Open tasks that are read at each look for as long as looks may be a second apart.
const LOOK_AT_EASE: usize = 500;
/// The longest pause between two looks, also after the store failed.
const PAUSE_MAX: Duration = Duration::from_secs(15);

/// The errands of one worker that are under way.
#[derive(Default)]
pub(super) struct Hands {
    errands: JoinSet<()>,
    under_way: Vec<UnderWay>,
}

/// An errand that is under way.
struct UnderWay {
    id: Id,
    task: TaskId,
    switch: Arc<StopSwitch>,
}

impl Hands {
    pub(super) fn busy(&self) -> usize {
        self.under_way.len()
    }

    /// Whether this worker drives the task.
    pub(super) fn have(&self, task: &TaskId) -> bool {
        self.under_way.iter().any(|had| had.task == *task)
    }

    pub(super) fn take(
        &mut self,
        task: TaskId,
        switch: Arc<StopSwitch>,
        errand: impl Future<Output = ()> + Send + 'static,
    ) {
        let handle = self.errands.spawn(errand);
        self.under_way.push(UnderWay { id: handle.id(), task, switch });
    }

    /// Waits until an errand ends; for ever if there is none.
    async fn ended(&mut self) {
        let id = match self.errands.join_next_with_id().await {
            None => return std::future::pending().await,
            Some(Ok((id, ()))) => id,
            Some(Err(error)) => {
                tracing::error!(%error, "an errand broke off; its task is taken up again");
                error.id()
            }
        };
        self.under_way.retain(|over| over.id != id);
    }

    /// Asks all to end after the engagement under way, and waits until they have.
    async fn drain(&mut self) {
        for UnderWay { switch, .. } in &self.under_way {
            switch.stop();
        }
        while !self.under_way.is_empty() {
            self.ended().await;
        }
    }
}

/// The pause to the next look. All open tasks are read at each, so the more there are, the longer:
/// what a worker itself does wakes it anyway.
fn pause_for(open: usize) -> Duration {
    let times = u32::try_from(open / LOOK_AT_EASE).unwrap_or(u32::MAX).saturating_add(1);
    TICK.saturating_mul(times).min(PAUSE_MAX)
}

impl Crew {
    /// Works until it is asked to stop; then lets the engagements under way end, puts their tasks
    /// back into the queue, and gives back what it holds.
    pub async fn work(self: Arc<Self>, stop: &Stop) {
        let mut hands = Hands::default();
        let mut desk = Desk::default();
        let mut pause = TICK;
        tracing::info!(worker = %self.name, slots = self.slots, "at work");
        while !stop.is_asked() {
            match self.round(&mut desk, &mut hands).await {
                Ok(()) => pause = pause_for(desk.open),
                Err(error) => {
                    pause = (pause * 2).min(PAUSE_MAX);
                    tracing::error!(%error, "the queue cannot be looked at; trying again");
                }
            }
            tokio::select! {
                biased;
                () = stop.asked() => {}
                () = hands.ended() => {}
                () = self.wake.notified() => {}
                () = self.guard.clock().sleep(pause) => {}
            }
        }
        tracing::info!(worker = %self.name, under_way = hands.busy(), "ending");
        hands.drain().await;
    }

    /// Nobody is engaged by a clock that was set.
    pub(super) async fn clock_is_right(&self, desk: &Desk) -> bool {
        let subject = &self.name;
        match self.guard.watch().trouble() {
            None => {
                self.calm(&desk.alerts, AlertKind::ClockTrouble, subject).await;
                true
            }
            Some(trouble) => {
                self.raise(AlertKind::ClockTrouble, subject, &trouble.to_string(), None).await;
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_tasks_are_open_the_less_often_they_are_read() {
        assert_eq!(pause_for(0), Duration::from_secs(1));
        assert_eq!(pause_for(499), Duration::from_secs(1));
        assert_eq!(pause_for(2_000), Duration::from_secs(5));
        assert_eq!(pause_for(1_000_000), PAUSE_MAX);
    }
}
