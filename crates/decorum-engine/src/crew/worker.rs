//! The loop of a worker: look at the queue, start what can be started, take note of what ended.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use decorum_core::{AlertKind, TaskId};
use tokio::task::{Id, JoinSet};

use super::Crew;
use super::dispatch::Desk;
use crate::run::{Stop, StopSwitch};

/// How often the queue is looked at.
const TICK: Duration = Duration::from_secs(1);
/// The longest pause after the store failed.
const PAUSE_MAX: Duration = Duration::from_secs(15);

/// The errands of one worker that are under way.
#[derive(Default)]
pub(super) struct Hands {
    errands: JoinSet<()>,
    under_way: HashMap<Id, (TaskId, Arc<StopSwitch>)>,
}

impl Hands {
    pub(super) fn busy(&self) -> usize {
        self.under_way.len()
    }

    /// Whether this worker drives the task.
    pub(super) fn have(&self, task: &TaskId) -> bool {
        self.under_way.values().any(|(had, _)| had == task)
    }

    pub(super) fn take(
        &mut self,
        task: TaskId,
        switch: Arc<StopSwitch>,
        errand: impl Future<Output = ()> + Send + 'static,
    ) {
        let handle = self.errands.spawn(errand);
        self.under_way.insert(handle.id(), (task, switch));
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
        self.under_way.remove(&id);
    }

    /// Asks all to end after the engagement under way, and waits until they have.
    async fn drain(&mut self) {
        for (_, switch) in self.under_way.values() {
            switch.stop();
        }
        while !self.under_way.is_empty() {
            self.ended().await;
        }
    }
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
                Ok(()) => pause = TICK,
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
