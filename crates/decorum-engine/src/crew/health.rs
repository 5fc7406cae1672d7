//! Whether the phones answer.
//!
//! Anybody may ask a phone's server whether it is there: that opens no session and disturbs nobody.
//! A phone that answers is asked again now and then; one that does not, after pauses that grow. A
//! phone that answers but breaks off in every task is not asked for tasks again at once either: each
//! failure in a row doubles the time it is left alone.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use decorum_core::{
    AlertKind, DeviceId, DeviceRecord, DeviceState, Task, TaskId, TaskState, Timestamp,
};
use decorum_store::StoreError;
use tokio::sync::mpsc;

use super::Crew;
use super::dispatch::Desk;

/// How often a phone that answers is asked.
const EVERY: Duration = Duration::from_secs(30);
/// How long it may take to answer.
const WITHIN: Duration = Duration::from_secs(10);
/// Failures in a row after which a person is told.
const LOST_AFTER: u32 = 2;
/// A phone that has answered for so long is steady again.
const STEADY_AFTER: Duration = Duration::from_secs(20);

/// What a worker knows of the phones beyond the registry.
pub(super) struct Health {
    /// Phones that are being asked, and since when.
    asked: BTreeMap<DeviceId, Timestamp>,
    answers: (mpsc::UnboundedSender<DeviceId>, mpsc::UnboundedReceiver<DeviceId>),
    /// Since when a phone is ready, as far as this worker saw.
    ready_since: BTreeMap<DeviceId, Timestamp>,
    now: Timestamp,
}

impl Default for Health {
    fn default() -> Self {
        Self {
            asked: BTreeMap::new(),
            answers: mpsc::unbounded_channel(),
            ready_since: BTreeMap::new(),
            now: Timestamp::MIN,
        }
    }
}

impl Health {
    /// Whether the phone has been ready for a while.
    pub(super) fn is_steady(&self, phone: &DeviceId) -> bool {
        self.ready_since.get(phone).is_some_and(|since| since.plus(STEADY_AFTER) <= self.now)
    }

    fn look(&mut self, phones: &[DeviceRecord], now: Timestamp) {
        self.now = now;
        while let Ok(phone) = self.answers.1.try_recv() {
            self.asked.remove(&phone);
        }
        let ready = |phone: &&DeviceRecord| {
            matches!(phone.state, DeviceState::Ready | DeviceState::Busy { .. })
        };
        self.ready_since = phones
            .iter()
            .filter(ready)
            .map(|phone| {
                let since = self.ready_since.get(&phone.device_id).copied().unwrap_or(now);
                (phone.device_id.clone(), since)
            })
            .collect();
    }

    fn is_due(&self, phone: &DeviceRecord, now: Timestamp) -> bool {
        if self.asked.contains_key(&phone.device_id) {
            return false;
        }
        match &phone.state {
            DeviceState::Disabled | DeviceState::Busy { .. } => false,
            DeviceState::Unknown => true,
            DeviceState::Unreachable { .. } => phone.retry_at().is_none_or(|at| at <= now),
            DeviceState::Ready => phone.checked_at.is_none_or(|at| at.plus(EVERY) <= now),
        }
    }
}

impl Crew {
    /// Asks the phones that are due whether they answer, without waiting for it, and frees those
    /// that a worker left busy when it died.
    pub(super) async fn see_to_phones(
        self: &Arc<Self>,
        desk: &mut Desk,
        phones: &mut [DeviceRecord],
        tasks: &[Task],
    ) {
        let now = self.guard.clock().now();
        for phone in phones.iter_mut() {
            if let DeviceState::Busy { task } = &phone.state
                && !runs_on(tasks, task, &phone.device_id)
            {
                let freed = DeviceRecord { state: DeviceState::Ready, ..phone.clone() };
                let saved = self.guard.store().put_device(&freed, phone.rev, None, now).await;
                if let Ok(freed) = saved {
                    *phone = freed;
                }
            }
        }
        desk.health.look(phones, now);
        for phone in phones.iter().filter(|phone| phone.state != DeviceState::Disabled) {
            if desk.health.is_due(phone, now) {
                desk.health.asked.insert(phone.device_id.clone(), now);
                let (crew, phone) = (Arc::clone(self), phone.clone());
                let answer = desk.health.answers.0.clone();
                tokio::spawn(async move {
                    crew.ask(&phone).await;
                    drop(answer.send(phone.device_id));
                    crew.wake();
                });
            }
        }
    }

    /// Asks a phone whether it answers, and takes note.
    async fn ask(&self, phone: &DeviceRecord) {
        let line = self.lines.line(phone);
        let answer = tokio::time::timeout(WITHIN, line.dial()).await;
        let now = self.guard.clock().now();
        let next = match answer {
            Ok(Ok(device)) => phone.clone().answered(Some(device.describe()), now),
            Ok(Err(error)) => phone.clone().failed(&error.to_string(), now),
            Err(_) => {
                let why = format!("no answer within {} s", WITHIN.as_secs());
                phone.clone().failed(&why, now)
            }
        };
        if let Some(noted) = self.note_phone(&next, phone.rev).await {
            self.tell_if_lost(&noted).await;
        }
    }

    /// Writes down how a phone is, unless somebody else did meanwhile.
    pub(super) async fn note_phone(&self, next: &DeviceRecord, rev: u64) -> Option<DeviceRecord> {
        let now = self.guard.clock().now();
        match self.guard.store().put_device(next, rev, None, now).await {
            Ok(noted) => Some(noted),
            Err(StoreError::Conflict { .. }) => None,
            Err(error) => {
                tracing::warn!(phone = %next.device_id, %error, "how the phone is, is not noted");
                None
            }
        }
    }

    /// Tells a person of a phone that did not answer several times in a row.
    pub(super) async fn tell_if_lost(&self, phone: &DeviceRecord) {
        let DeviceState::Unreachable { why, failures, since } = &phone.state else { return };
        tracing::warn!(phone = %phone.device_id, failures, why, "the phone does not answer");
        if *failures >= LOST_AFTER {
            let message = format!(
                "phone {} does not answer since {since}: {why}. It is tried again by itself; see \
                 `decorum device check {}`",
                phone.device_id, phone.device_id
            );
            self.raise(AlertKind::DeviceLost, phone.device_id.as_str(), &message, None).await;
        }
    }
}

fn runs_on(tasks: &[Task], task: &TaskId, phone: &DeviceId) -> bool {
    tasks.iter().any(|t| {
        t.id == *task
            && matches!(&t.state, TaskState::Running { device_id, .. } if device_id == phone)
    })
}
