//! Tasks, their people, phones and alerts: each change is one transaction.

use decorum_core::{
    Alert, AlertId, CandidateState, Crawl, DeviceId, DeviceRecord, Fence, NewCandidate, Platform,
    Progress, Task, TaskId, TaskStateName, Timestamp, Username,
};
use rusqlite::Connection;

use super::fault::Outcome;
use super::rows::suppression::List;
use super::rows::{admin, alert, candidate, device, task};
use crate::tasks::{by_hand, people};
use crate::{
    AlertCursor, AlertPage, CLEANUP_TASKS, Cleaned, Standing, StoreError, Submission, TASKS_MAX,
    TaskCursor, TaskFilter, TaskPage,
};

pub(super) fn submit(
    conn: &Connection,
    submission: &Submission,
    who: &str,
    now: Timestamp,
) -> Outcome<Task> {
    if let Some(there) = task::find(conn, &submission.id)? {
        return Ok(there);
    }
    let last = task::last_place(conn, &submission.spec.account_id)?;
    let erased = List::load(conn)?;
    let platform = Platform::Instagram;
    let source_erased = match submission.spec.source.person() {
        Some(person) => erased.is_forgotten(conn, platform, person)?,
        None => false,
    };
    let (new, entry) = by_hand::submitted(submission, last, source_erased, (who, now))?;
    let candidates =
        people::listed(submission, now, |name| erased.is_forgotten(conn, platform, name))?;
    let new = people::counted(new, &candidates);
    task::save(conn, &new)?;
    candidates.iter().try_for_each(|each| candidate::save(conn, &new.id, each))?;
    entry.map_or(Ok(()), |entry| admin::append(conn, &entry))?;
    Ok(new)
}

pub(super) fn save(
    conn: &Connection,
    new: &Task,
    expected: u64,
    who: Option<&str>,
    now: Timestamp,
) -> Outcome<Task> {
    let old = task::load(conn, &new.id)?;
    let Some((new, entry)) = by_hand::saved(&old, new, expected, who, now)? else {
        return Ok(old);
    };
    let account = &new.spec.account_id;
    if new.state.name() == TaskStateName::Running
        && task::running(conn, account)?.is_some_and(|id| id != new.id.as_str())
    {
        return Err(StoreError::AlreadyRunning { account: account.clone() }.into());
    }
    task::save(conn, &new)?;
    entry.map_or(Ok(()), |entry| admin::append(conn, &entry))?;
    Ok(new)
}

pub(super) fn page(
    conn: &Connection,
    filter: &TaskFilter,
    after: Option<&TaskCursor>,
    limit: usize,
) -> Outcome<TaskPage> {
    let limit = limit.clamp(1, TASKS_MAX);
    let mut items = task::page(conn, filter, after, one_more(limit))?;
    let more = items.len() > limit;
    items.truncate(limit);
    let last = items.last().filter(|_| more);
    let next = last.map(|last| TaskCursor { created_at: last.created_at, id: last.id.clone() });
    Ok(TaskPage { items, next })
}

fn one_more(limit: usize) -> i64 {
    i64::try_from(limit + 1).unwrap_or(i64::MAX)
}

pub(super) fn add_candidates(
    conn: &Connection,
    id: &TaskId,
    fence: Fence,
    new: Vec<NewCandidate>,
    crawl: Crawl,
) -> Outcome<(Task, u64)> {
    people::at_most(new.len())?;
    let task = task::load(conn, id)?;
    task.expect_fence(fence).map_err(StoreError::from)?;
    let list = List::load(conn)?;
    let forgotten = |name: &Username| list.is_forgotten(conn, Platform::Instagram, name);
    let mut kept = Vec::with_capacity(new.len());
    for person in new {
        if !forgotten(&person.username)? {
            kept.push(person);
        }
    }
    let mut crawl = crawl;
    let mut names = Vec::with_capacity(crawl.last_names.len());
    for name in crawl.last_names {
        if !forgotten(&name)? {
            names.push(name);
        }
    }
    crawl.last_names = names;
    let known = candidate::known(conn, id, kept.iter().map(|person| &person.username))?;
    let added = people::added(kept, candidate::last_place(conn, id)?, &known);
    let number = added.len() as u64;
    let task = by_hand::counted(task.crawled(fence, number, crawl).map_err(StoreError::from)?);
    added.iter().try_for_each(|each| candidate::save(conn, id, each))?;
    task::save(conn, &task)?;
    Ok((task, number))
}

pub(super) fn settle_candidates(
    conn: &Connection,
    id: &TaskId,
    fence: Fence,
    settled: &[(u64, CandidateState)],
    progress: Progress,
) -> Outcome<Task> {
    people::at_most(settled.len())?;
    let before = task::load(conn, id)?;
    let after = before.clone().settled(fence, progress).map_err(StoreError::from)?;
    let mut there = Vec::with_capacity(settled.len());
    for (ord, _) in settled {
        there.extend(candidate::find(conn, id, *ord)?);
    }
    let changed = people::settled(there, settled);
    if changed.is_empty() && after == before {
        return Ok(before);
    }
    changed.iter().try_for_each(|each| candidate::save(conn, id, each))?;
    let after = by_hand::counted(after);
    task::save(conn, &after)?;
    Ok(after)
}

pub(super) fn put_device(
    conn: &Connection,
    new: &DeviceRecord,
    expected: u64,
    who: Option<&str>,
    now: Timestamp,
) -> Outcome<DeviceRecord> {
    let old = device::find(conn, &new.device_id)?;
    let Some((new, entry)) = by_hand::put(old.as_ref(), new, expected, who, now)? else {
        return Ok(old.unwrap_or_else(|| new.clone()));
    };
    device::save(conn, &new)?;
    entry.map_or(Ok(()), |entry| admin::append(conn, &entry))?;
    Ok(new)
}

pub(super) fn remove_device(
    conn: &Connection,
    id: &DeviceId,
    who: &str,
    now: Timestamp,
) -> Outcome<bool> {
    let Some(old) = device::find(conn, id)? else { return Ok(false) };
    device::remove(conn, id)?;
    admin::append(conn, &by_hand::removed(&old, who, now))?;
    Ok(true)
}

pub(super) fn raise_alert(conn: &Connection, new: Alert) -> Outcome<(Alert, bool)> {
    if let Some(there) = alert::find(conn, new.id)? {
        return Ok((there, false));
    }
    if let Some(open) = alert::open_about(conn, new.kind, &new.subject)? {
        return Ok((open, false));
    }
    alert::save(conn, &new)?;
    Ok((new, true))
}

pub(super) fn alerts(
    conn: &Connection,
    open_only: bool,
    after: Option<&AlertCursor>,
    limit: usize,
) -> Outcome<AlertPage> {
    let limit = limit.clamp(1, TASKS_MAX);
    let mut items = alert::page(conn, open_only, after, one_more(limit))?;
    let more = items.len() > limit;
    items.truncate(limit);
    let last = items.last().filter(|_| more);
    let next = last.map(|last| AlertCursor { raised_at: last.raised_at, id: last.id });
    Ok(AlertPage { items, next })
}

pub(super) fn standing(conn: &Connection, since: Timestamp) -> Outcome<Standing> {
    let most = i64::try_from(TASKS_MAX).unwrap_or(i64::MAX);
    let mut standing =
        Standing { tasks: task::open(conn)?, alerts: alert::page(conn, true, None, most)? };
    standing.tasks.extend(task::ended_since(conn, since, most)?);
    standing.alerts.extend(alert::closed_since(conn, since, most)?);
    Ok(standing)
}

pub(super) fn close_alert(
    conn: &Connection,
    id: AlertId,
    who: &str,
    now: Timestamp,
) -> Outcome<Alert> {
    let old = alert::find(conn, id)?.ok_or(StoreError::NoSuchAlert(id))?;
    let Some((new, entry)) = by_hand::closed(&old, who, now) else { return Ok(old) };
    alert::save(conn, &new)?;
    admin::append(conn, &entry)?;
    Ok(new)
}

/// Shows every task, by id.
pub(super) fn every_task(
    conn: &Connection,
    mut show: impl FnMut(&Task) -> Outcome<()>,
) -> Outcome<()> {
    let mut after = String::new();
    loop {
        let page = task::by_id(conn, &after, 500)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.id.to_string();
        page.iter().try_for_each(&mut show)?;
    }
}

/// Removes a bounded number of tasks that ended, and alerts that were closed, before this instant.
pub(super) fn clean(conn: &Connection, before: Timestamp, cleaned: &mut Cleaned) -> Outcome<()> {
    let mut left = CLEANUP_TASKS;
    for id in task::ended_before(conn, before, one_more(CLEANUP_TASKS))? {
        left -= candidate::remove(conn, &id, left)?.min(left);
        if left == 0 {
            cleaned.more = true;
            return Ok(());
        }
        task::remove(conn, &id)?;
        left -= 1;
        cleaned.tasks_removed += 1;
        if left == 0 {
            cleaned.more = true;
            return Ok(());
        }
    }
    let limit = i64::try_from(left).unwrap_or(i64::MAX);
    let removed = alert::remove_closed_before(conn, before, limit)?;
    cleaned.more |= removed >= left;
    Ok(())
}
