//! What a keeper writes for tasks, phones and alerts, and what the admin log says of what people
//! change about them.

use decorum_core::{Alert, DeviceRecord, Task, TaskState, TaskStateName, Timestamp, Wish};
use serde_json::{Value, json};

use super::Submission;
use crate::{AdminEntry, StoreError};

fn entry(
    (who, now): (&str, Timestamp),
    what: &str,
    subject: impl std::fmt::Display,
    before: Value,
    after: Value,
) -> AdminEntry {
    let (who, what, subject) = (who.to_owned(), what.to_owned(), format!("{subject}"));
    AdminEntry { ts: now, who, what, subject, note: None, before, after }
}

/// The task that is submitted, behind all that have a place up to `last`, and its entry in the log.
/// `source_erased`: whether the person was erased from whom its people are to come; neither says their
/// name then.
///
/// # Errors
/// [`StoreError::BadTask`].
pub fn submitted(
    submission: &Submission,
    last: u64,
    source_erased: bool,
    (who, now): (&str, Timestamp),
) -> Result<(Task, Option<AdminEntry>), StoreError> {
    let Submission { id, spec, targets, copy_of } = submission;
    spec.check().and_then(|()| spec.check_with(targets, id)).map_err(StoreError::BadTask)?;
    let (id, people) = (id.clone(), targets.len() as u64);
    let mut task =
        Task::new(id, spec.clone(), people, copy_of.clone(), last.saturating_add(1), now);
    if let Some(person) = spec.source.person().filter(|_| source_erased) {
        task = task.without(person, now).unwrap_or(task);
    }
    let spec = &task.spec;
    let after = json!({
        "kind": spec.kind, "account_id": spec.account_id, "actions": spec.actions,
        "source": spec.source, "people": people, "limit": spec.limit, "dry_run": spec.dry_run,
        "schedule": spec.schedule,
    });
    let noted = copy_of
        .is_none()
        .then(|| entry((who, now), "task.submitted", &task.id, Value::Null, after));
    Ok((task, noted))
}

fn shown(task: &Task) -> Value {
    json!({
        "state": task.state.name(), "wish": task.wish, "priority": task.spec.priority,
        "ord": task.ord,
    })
}

/// What a person did to the task, by what became of it.
fn deed(old: &Task, new: &Task) -> &'static str {
    let cancelled =
        |task: &Task| task.state == TaskState::Cancelled || task.wish == Some(Wish::Cancel);
    let paused = |task: &Task| task.state == TaskState::Paused || task.wish == Some(Wish::Pause);
    if cancelled(new) && !cancelled(old) {
        "task.cancelled"
    } else if paused(new) && !paused(old) {
        "task.paused"
    } else if paused(old) && !paused(new) || waits(old) && new.state == TaskState::Queued {
        "task.resumed"
    } else if (old.spec.priority, old.ord) != (new.spec.priority, new.ord) {
        "task.moved"
    } else {
        "task.changed"
    }
}

fn waits(task: &Task) -> bool {
    task.state.name() == TaskStateName::Waiting
}

/// A task or phone to be written, with its entry in the log; `None`: it is as it is to be.
pub type Written<T> = Option<(T, Option<AdminEntry>)>;

/// The task that takes the place of `old`.
///
/// # Errors
/// As [`super::TaskStore::save_task`].
pub fn saved(
    old: &Task,
    new: &Task,
    expected: u64,
    who: Option<&str>,
    now: Timestamp,
) -> Result<Written<Task>, StoreError> {
    if old.rev != expected {
        return Err(StoreError::Conflict { what: "task", expected, found: old.rev });
    }
    old.may_become(new)?;
    let new = Task { rev: old.rev, ..new.clone() };
    if new == *old {
        return Ok(None);
    }
    let noted = who.map(|who| entry((who, now), deed(old, &new), &new.id, shown(old), shown(&new)));
    Ok(Some((counted(new), noted)))
}

/// The task after one more change.
pub fn counted(task: Task) -> Task {
    Task { rev: task.rev.saturating_add(1), ..task }
}

/// The phone that takes the place of `old`.
///
/// # Errors
/// As [`super::TaskStore::put_device`].
pub fn put(
    old: Option<&DeviceRecord>,
    new: &DeviceRecord,
    expected: u64,
    who: Option<&str>,
    now: Timestamp,
) -> Result<Written<DeviceRecord>, StoreError> {
    new.check().map_err(StoreError::BadDevice)?;
    let found = old.map_or(0, |old| old.rev);
    if found != expected {
        return Err(StoreError::Conflict { what: "phone", expected, found });
    }
    let new = DeviceRecord { rev: found, ..new.clone() };
    if old == Some(&new) {
        return Ok(None);
    }
    let what = if old.is_some() { "device.changed" } else { "device.added" };
    let before = old.map_or(Value::Null, described);
    let noted = who.map(|who| entry((who, now), what, &new.device_id, before, described(&new)));
    let rev = found.saturating_add(1);
    Ok(Some((DeviceRecord { rev, ..new }, noted)))
}

fn described(device: &DeviceRecord) -> Value {
    let DeviceRecord { url, udid, account_ids, state, .. } = device;
    json!({
        "url": without_password(url), "udid": udid, "account_ids": account_ids,
        "state": state.name(),
    })
}

/// The address without what may be a user and password in it.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return String::new() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

/// What the log says of a phone that was removed.
pub fn removed(device: &DeviceRecord, who: &str, now: Timestamp) -> AdminEntry {
    entry((who, now), "device.removed", &device.device_id, described(device), Value::Null)
}

/// The alert as it is once closed, with its entry in the log; `None`: it was closed before.
pub fn closed(old: &Alert, who: &str, now: Timestamp) -> Option<(Alert, AdminEntry)> {
    if !old.is_open() {
        return None;
    }
    let shown = |alert: &Alert| json!({ "kind": alert.kind, "closed_at": alert.closed_at });
    let new = old.clone().closed(who, now);
    let noted = entry((who, now), "alert.closed", &old.subject, shown(old), shown(&new));
    Some((new, noted))
}
