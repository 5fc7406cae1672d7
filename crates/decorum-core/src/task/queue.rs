//! Which task goes to which phone next, and why the others wait.
//!
//! For each account its tasks by priority, then by place; one running task an account, one account
//! a phone. Across accounts, the higher priority and then the older task chooses its phone first.
//! The same situation always gives the same answer, whoever asks.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::{Task, TaskSpec, TaskState, WaitReason};
use crate::device::{DeviceRecord, DeviceState};
use crate::{AccountId, DeviceId, TaskId, Timestamp};

/// What is known when tasks are given out.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// Every open task.
    pub tasks: &'a [Task],
    /// Every phone.
    pub devices: &'a [DeviceRecord],
    /// Accounts that may not act, why, and until when.
    pub resting: &'a BTreeMap<AccountId, (WaitReason, Option<Timestamp>)>,
    /// Accounts that somebody holds, running tasks apart.
    pub busy_accounts: &'a BTreeSet<AccountId>,
    /// Phones that somebody holds, running tasks apart.
    pub busy_devices: &'a BTreeSet<DeviceId>,
    /// When.
    pub now: Timestamp,
}

/// A task goes to a phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Which task.
    pub task: TaskId,
    /// Its account.
    pub account: AccountId,
    /// To which phone.
    pub device: DeviceId,
}

/// Why a task has to wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Which task.
    pub task: TaskId,
    /// Why.
    pub reason: WaitReason,
    /// Until when, if that is known.
    pub until: Option<Timestamp>,
}

/// What is to be done next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Tasks to be started, the most urgent first.
    pub start: Vec<Assignment>,
    /// Tasks that would start but for the reason given. Those that wait for the same reason already
    /// are not named again.
    pub wait: Vec<Reason>,
}

/// Says which tasks to start on which phones, and why the others have to wait.
pub fn choose(situation: &Situation<'_>) -> Choice {
    let mut accounts = situation.busy_accounts.clone();
    let mut devices = situation.busy_devices.clone();
    for task in situation.tasks {
        if let TaskState::Running { device_id, .. } = &task.state {
            accounts.insert(task.spec.account_id.clone());
            devices.insert(device_id.clone());
        }
    }
    let mut choice = Choice::default();
    for task in in_order(situation) {
        let account = &task.spec.account_id;
        let found = match situation.resting.get(account) {
            Some((reason, until)) => Err((*reason, *until)),
            None if accounts.contains(account) => Err((WaitReason::AccountBusy, None)),
            None => phone_for(account, situation.devices, &devices),
        };
        match found {
            Ok(device) => {
                accounts.insert(account.clone());
                devices.insert(device.device_id.clone());
                choice.start.push(Assignment {
                    task: task.id.clone(),
                    account: account.clone(),
                    device: device.device_id.clone(),
                });
            }
            Err((reason, until)) => {
                if task.state != (TaskState::Waiting { reason, until }) {
                    choice.wait.push(Reason { task: task.id.clone(), reason, until });
                }
            }
        }
    }
    choice
}

/// A scheduled task that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due<'a> {
    /// Which.
    pub task: &'a Task,
    /// The copy to submit: its id and what it is to do; `None`: this time is left out, because the one
    /// before is still open, or because the person is erased whose people it was to find.
    pub copy: Option<(TaskId, TaskSpec)>,
}

/// Scheduled tasks of which a copy is due, among all that are open. [`Task::begin_copy`] is to be saved
/// before the copy is submitted, and [`Task::copied`] once it is, or is left out. One that was decided on
/// is made, whatever became of the one before; submitted again, it changes nothing.
pub fn due(tasks: &[Task], now: Timestamp) -> Vec<Due<'_>> {
    let due = |task| {
        let copy = Task::due(task, now)?;
        let before = |it: &Task| it.copy_of.as_ref() == Some(&task.id) && it.id != copy.0;
        let is_made = match task.copying {
            Some(_) => task.spec.check().is_ok(),
            None => !tasks.iter().any(before),
        };
        Some(Due { task, copy: is_made.then_some(copy) })
    };
    tasks.iter().filter_map(due).collect()
}

/// Those that want a phone at this moment, the most urgent first.
fn in_order<'a>(situation: &Situation<'a>) -> Vec<&'a Task> {
    let wants = |task: &&Task| match &task.state {
        TaskState::Queued => true,
        TaskState::Waiting { reason, until } => match reason {
            reason if reason.needs_person() => false,
            // The account is as free as it is, whatever it was told to wait for.
            reason if reason.is_about_account() => true,
            _ => until.is_none_or(|until| until <= situation.now),
        },
        _ => false,
    };
    // What is due by a schedule is its copies.
    let mut tasks: Vec<_> =
        situation.tasks.iter().filter(|task| !task.is_scheduled()).filter(wants).collect();
    tasks.sort_by_key(|task| {
        (Reverse(task.spec.priority), task.ord, task.created_at, task.id.clone())
    });
    tasks
}

/// The free phone with the fewest accounts, so that the others stay free for those who need them.
fn phone_for<'a>(
    account: &AccountId,
    all: &'a [DeviceRecord],
    taken: &BTreeSet<DeviceId>,
) -> Result<&'a DeviceRecord, (WaitReason, Option<Timestamp>)> {
    let with_account = || all.iter().filter(|device| device.account_ids.contains(account));
    let usable = |device: &&DeviceRecord| {
        matches!(device.state, DeviceState::Unknown | DeviceState::Ready | DeviceState::Busy { .. })
    };
    let free = |device: &&DeviceRecord| {
        !matches!(device.state, DeviceState::Busy { .. }) && !taken.contains(&device.device_id)
    };
    let known = |device: &&DeviceRecord| device.state != DeviceState::Unknown;
    let best = with_account()
        .filter(usable)
        .filter(free)
        .min_by_key(|device| (!known(device), device.account_ids.len(), device.device_id.clone()));
    if let Some(device) = best {
        return Ok(device);
    }
    if with_account().any(|device| usable(&device)) {
        return Err((WaitReason::PhoneBusy, None));
    }
    let until = with_account().filter_map(DeviceRecord::retry_at).min();
    Err((WaitReason::Device, until))
}
