//! Stopping tasks, letting them go on, and putting them in order.

use decorum_core::{Task, TaskError, TaskId};
use decorum_store::{Store, StoreError};

use super::show::{print_task, state};
use super::{find, named};
use crate::args::{Common, TaskWhich};
use crate::console::print;
use crate::exit::{self, Code, Failure};
use crate::place::{self, Access};

pub(super) async fn pause(common: &Common, args: &TaskWhich) -> Result<Code, Failure> {
    change(common, args, Task::pause).await
}

pub(super) async fn resume(common: &Common, args: &TaskWhich) -> Result<Code, Failure> {
    change(common, args, |task| task.resume(place::now())).await
}

pub(super) async fn cancel(common: &Common, args: &TaskWhich) -> Result<Code, Failure> {
    change(common, args, |task| task.cancel(place::now())).await
}

/// Where a task is moved to.
pub(super) struct Place {
    pub(super) priority: Option<i16>,
    pub(super) before: Option<String>,
    pub(super) first: bool,
}

async fn change(
    common: &Common,
    args: &TaskWhich,
    change: impl Fn(Task) -> Result<Task, TaskError> + Send + Sync,
) -> Result<Code, Failure> {
    let id = named(&args.id)?;
    let store = place::open_store(common, Access::Write).await?;
    let task = apply(store.as_ref(), &id, change).await?;
    store.close().await?;
    told(&task, args.json)
}

fn told(task: &Task, json: bool) -> Result<Code, Failure> {
    if json {
        print_task(task)?;
    } else {
        print(format!("{}  {}", task.id, state(task)))?;
    }
    Ok(exit::DONE)
}

/// Changes a task, however often a worker does meanwhile.
async fn apply(
    store: &dyn Store,
    id: &TaskId,
    change: impl Fn(Task) -> Result<Task, TaskError> + Send + Sync,
) -> Result<Task, Failure> {
    loop {
        let task = find(store, id).await?;
        let rev = task.rev;
        let next = change(task.clone()).map_err(|e| Failure::new(exit::FAILED, e.to_string()))?;
        if next == task {
            return Ok(task);
        }
        match store.save_task(&next, rev, Some(&place::who()), place::now()).await {
            Err(StoreError::Conflict { .. }) => {}
            answer => return Ok(answer?),
        }
    }
}

pub(super) async fn move_to(
    common: &Common,
    id: &str,
    to: Place,
    json: bool,
) -> Result<Code, Failure> {
    let id = named(id)?;
    let before = to.before.as_deref().map(named).transpose()?;
    if to.priority.is_none() && before.is_none() && !to.first {
        return Err(Failure::usage("say where to: --priority N, --before ID or --first"));
    }
    let store = place::open_store(common, Access::Write).await?;
    let task = find(store.as_ref(), &id).await?;
    let priority = match &before {
        // Right before another is at the other's priority.
        Some(other) => {
            let other = find(store.as_ref(), other).await?;
            if other.spec.account_id != task.spec.account_id {
                return Err(Failure::usage(format!(
                    "{} is a task of {}, and {id} is one of {}; each account has a queue of its own",
                    other.id, other.spec.account_id, task.spec.account_id
                )));
            }
            other.spec.priority
        }
        None => to.priority.unwrap_or(task.spec.priority),
    };
    let place = make_room(store.as_ref(), &task, priority, before.as_ref(), to.first).await?;
    let moved = apply(store.as_ref(), &id, |task| task.moved(priority, place)).await?;
    store.close().await?;
    told(&moved, json)
}

/// The place the task is to have; those behind it are moved on by one if need be.
async fn make_room(
    store: &dyn Store,
    task: &Task,
    priority: i16,
    before: Option<&TaskId>,
    first: bool,
) -> Result<u64, Failure> {
    if before.is_none() && !first {
        return Ok(task.ord);
    }
    let mut queue: Vec<Task> = store.open_tasks().await?;
    queue.retain(|other| {
        other.spec.account_id == task.spec.account_id
            && other.spec.priority == priority
            && other.id != task.id
    });
    queue.sort_by_key(|other| (other.ord, other.created_at));
    let at = match before {
        None => 0,
        Some(before) => queue.iter().position(|other| other.id == *before).ok_or_else(|| {
            Failure::new(exit::FAILED, format!("{before} has ended; nothing goes before it"))
        })?,
    };
    let Some(next) = queue.get(at) else { return Ok(task.ord) };
    let place = next.ord;
    // From the last on, so that no two have the same place in between.
    let mut moves = Vec::new();
    for (free, other) in (place.saturating_add(1)..).zip(queue.iter().skip(at)) {
        if other.ord >= free {
            break;
        }
        moves.push((other.id.clone(), free));
    }
    for (id, ord) in moves.into_iter().rev() {
        apply(store, &id, |other| {
            let priority = other.spec.priority;
            other.moved(priority, ord)
        })
        .await?;
    }
    Ok(place)
}
