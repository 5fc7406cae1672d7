//! Tasks, their people, phones and alerts in memory. What becomes of each is decided by what all
//! keepers share ([`decorum_store::keeping`]); here it is loaded and written, at one instant.

use std::collections::BTreeMap;

use decorum_core::{
    Alert, AlertId, Candidate, CandidateState, DeviceId, DeviceRecord, Fence, Progress, Task,
    TaskId, TaskState, Timestamp,
};
use decorum_store::keeping::{self, people};
use decorum_store::{StoreError, Submission};

use crate::protection::{Protection, is_off};

/// See the module's documentation.
#[derive(Debug, Default)]
pub(crate) struct Board {
    pub(crate) tasks: BTreeMap<TaskId, Task>,
    pub(crate) lists: BTreeMap<TaskId, BTreeMap<u64, Candidate>>,
    pub(crate) phones: BTreeMap<DeviceId, DeviceRecord>,
    alerts: BTreeMap<AlertId, Alert>,
}

/// Whether a worker is at it.
pub(crate) const fn runs(task: &Task) -> bool {
    matches!(task.state, TaskState::Running { .. })
}

impl Board {
    fn load(&self, id: &TaskId) -> Result<Task, StoreError> {
        self.tasks.get(id).cloned().ok_or_else(|| StoreError::NoSuchTask(id.clone()))
    }

    /// Every task that has not ended, oldest first.
    pub(crate) fn open(&self) -> Vec<Task> {
        let mut open: Vec<_> = self.tasks.values().filter(|task| task.is_open()).cloned().collect();
        open.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        open
    }

    pub(crate) fn submit(
        &mut self,
        submission: &Submission,
        who: &str,
        now: Timestamp,
    ) -> Result<Task, StoreError> {
        if let Some(there) = self.tasks.get(&submission.id) {
            return Ok(there.clone());
        }
        let account = &submission.spec.account_id;
        let places = self.tasks.values().filter(|task| task.spec.account_id == *account);
        let last = places.map(|task| task.ord).max().unwrap_or_default();
        let (task, _) = keeping::submitted(submission, last, false, (who, now))?;
        let people = people::listed(submission, now, |_| Ok::<_, StoreError>(false))?;
        let task = people::counted(task, &people);
        let people = people.into_iter().map(|candidate| (candidate.ord, candidate)).collect();
        self.lists.insert(task.id.clone(), people);
        self.tasks.insert(task.id.clone(), task.clone());
        Ok(task)
    }

    pub(crate) fn save(
        &mut self,
        new: &Task,
        expected: u64,
        who: Option<&str>,
        now: Timestamp,
    ) -> Result<Task, StoreError> {
        let old = self.load(&new.id)?;
        let mut new = new.clone();
        if is_off(Protection::TaskFence) {
            new.fence = new.fence.max(old.fence);
        }
        let expected = if is_off(Protection::TaskRev) { old.rev } else { expected };
        let Some((new, _)) = keeping::saved(&old, &new, expected, who, now)? else {
            return Ok(old);
        };
        let account = &new.spec.account_id;
        let other = |task: &Task| task.id != new.id && task.spec.account_id == *account;
        if runs(&new) && self.tasks.values().any(|task| runs(task) && other(task)) {
            return Err(StoreError::AlreadyRunning { account: account.clone() });
        }
        self.tasks.insert(new.id.clone(), new.clone());
        Ok(new)
    }

    pub(crate) fn candidates(
        &self,
        id: &TaskId,
        open_only: bool,
        after: u64,
        limit: usize,
    ) -> Vec<Candidate> {
        let list = self.lists.get(id).into_iter().flat_map(BTreeMap::values);
        let wanted = list.filter(|c| c.ord > after && (!open_only || c.state.is_open()));
        wanted.take(limit).cloned().collect()
    }

    pub(crate) fn settle(
        &mut self,
        id: &TaskId,
        fence: Fence,
        settled: &[(u64, CandidateState)],
        progress: Progress,
    ) -> Result<Task, StoreError> {
        people::at_most(settled.len())?;
        let before = self.load(id)?;
        let fence = if is_off(Protection::TaskFence) { fence.max(before.fence) } else { fence };
        let after = before.clone().settled(fence, progress)?;
        let list = self.lists.entry(id.clone()).or_default();
        let there = settled.iter().filter_map(|(ord, _)| list.get(ord).cloned()).collect();
        let changed = people::settled(there, settled);
        if changed.is_empty() && after == before {
            return Ok(before);
        }
        list.extend(changed.into_iter().map(|candidate| (candidate.ord, candidate)));
        let after = keeping::counted(after);
        self.tasks.insert(id.clone(), after.clone());
        Ok(after)
    }

    pub(crate) fn put_phone(
        &mut self,
        new: &DeviceRecord,
        expected: u64,
        who: Option<&str>,
        now: Timestamp,
    ) -> Result<DeviceRecord, StoreError> {
        let old = self.phones.get(&new.device_id);
        let Some((new, _)) = keeping::put(old, new, expected, who, now)? else {
            return Ok(old.unwrap_or(new).clone());
        };
        self.phones.insert(new.device_id.clone(), new.clone());
        Ok(new)
    }

    pub(crate) fn raise(&mut self, new: Alert) -> (Alert, bool) {
        let about = |alert: &&Alert| {
            alert.id == new.id
                || alert.is_open() && alert.kind == new.kind && alert.subject == new.subject
        };
        if let Some(there) = self.alerts.values().find(about) {
            return (there.clone(), false);
        }
        self.alerts.insert(new.id, new.clone());
        (new, true)
    }

    pub(crate) fn alerts(&self, open_only: bool, limit: usize) -> Vec<Alert> {
        let wanted = self.alerts.values().rev().filter(|alert| !open_only || alert.is_open());
        wanted.take(limit).cloned().collect()
    }

    pub(crate) fn close(
        &mut self,
        id: AlertId,
        who: &str,
        now: Timestamp,
    ) -> Result<Alert, StoreError> {
        let old = self.alerts.get(&id).ok_or(StoreError::NoSuchAlert(id))?;
        let Some((new, _)) = keeping::closed(old, who, now) else { return Ok(old.clone()) };
        self.alerts.insert(id, new.clone());
        Ok(new)
    }
}
