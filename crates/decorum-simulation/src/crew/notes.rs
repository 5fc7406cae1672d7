//! What must hold whenever a claim is granted for a task, and whenever a task is written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use decorum_core::{Action, ClaimId, Holder, Key, Status, Task, TaskId, TaskState, Username, Wish};
use decorum_store::Submission;

use crate::board::{Board, runs};
use crate::keeper::Keeper;
use crate::phone::lock;
use crate::watcher::Process;

/// A claim that was granted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claimed<'a> {
    pub(crate) id: ClaimId,
    pub(crate) task: Option<&'a TaskId>,
    pub(crate) holder: &'a Holder,
    pub(crate) key: &'a Key,
}

/// For whom a claim was granted.
#[derive(Clone, Debug)]
struct For {
    holder: Holder,
    task: TaskId,
    target: Username,
    action: Action,
}

/// An errand: which worker, on which task.
type Errand = (Holder, TaskId);

/// What each errand has brought to an end.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    claims: Mutex<BTreeMap<ClaimId, For>>,
    over: Mutex<BTreeMap<Errand, BTreeMap<Username, BTreeSet<Action>>>>,
}

impl Notes {
    /// A claim is granted only to the worker that runs the task, on a person who is still open on its
    /// list, and once everybody whom this worker is through with is settled.
    pub(crate) fn claimed(&self, board: &Board, claimed: &Claimed<'_>) -> Result<(), String> {
        let Claimed { id, task, holder, key } = *claimed;
        let whom = &key.target_username;
        let Some(task) = task.and_then(|task| board.tasks.get(task)) else { return Ok(()) };
        match &task.state {
            TaskState::Running { worker, .. } if worker == holder => {}
            TaskState::Running { worker, .. } => {
                return Err(format!(
                    "{holder} claimed {whom} for task {}, which {worker} runs",
                    task.id
                ));
            }
            other => {
                let state = other.name();
                return Err(format!("{whom} was claimed for task {}, which is {state}", task.id));
            }
        }
        let list = board.lists.get(&task.id).into_iter().flat_map(BTreeMap::values);
        let open: BTreeSet<&Username> = list
            .filter(|candidate| candidate.state.is_open())
            .filter_map(|candidate| candidate.username.as_ref())
            .collect();
        if !open.contains(whom) {
            return Err(format!("{whom} was settled in task {}, and was claimed again", task.id));
        }
        let over = lock(&self.over);
        let through = over.get(&(holder.clone(), task.id.clone())).into_iter().flatten();
        for (name, actions) in through {
            let all = task.spec.actions.iter().all(|action| actions.contains(action));
            if all && name != whom && open.contains(name) {
                return Err(format!(
                    "{whom} was claimed before it was noted in task {} that {name} is over",
                    task.id
                ));
            }
        }
        let (holder, task) = (holder.clone(), task.id.clone());
        let (target, action) = (whom.clone(), key.action);
        lock(&self.claims).insert(id, For { holder, task, target, action });
        Ok(())
    }

    /// The store has told its holder that an outcome is on record.
    pub(crate) fn committed(&self, id: ClaimId, status: Status) {
        if status == Status::Retry {
            return;
        }
        let Some(For { holder, task, target, action }) = lock(&self.claims).remove(&id) else {
            return;
        };
        let mut over = lock(&self.over);
        over.entry((holder, task)).or_default().entry(target).or_default().insert(action);
    }
}

/// A worker wrote a task: one of its account runs at most, none is taken from a worker that holds its
/// account, and what a person asked for is not forgotten.
pub(crate) fn changed(
    keeper: &Keeper,
    before: &Task,
    after: &Task,
    process: Option<&Process>,
) -> Result<(), String> {
    let (id, account) = (&after.id, &after.spec.account_id);
    let running = |task: &&Task| runs(task) && task.spec.account_id == *account;
    if keeper.board.tasks.values().filter(running).count() > 1 {
        return Err(format!("two tasks of {account} run at once, {id} is one of them"));
    }
    if let TaskState::Running { worker, .. } = &before.state
        && before.state != after.state
        && !process.is_some_and(|process| process.is(worker))
        && keeper.leases.get(&format!("account:{account}")).is_some_and(|l| l.holder == *worker)
    {
        return Err(format!("task {id} was taken from {worker}, which holds {account}"));
    }
    kept_in_mind(before, after)
}

/// What a person asked for stands in the task before a worker writes it, and is done or still asked
/// for after.
fn kept_in_mind(before: &Task, after: &Task) -> Result<(), String> {
    let id = &after.id;
    if !after.is_open() {
        return Ok(());
    }
    let (was, is) = (before.state.name(), after.state.name());
    let is_paused = after.state == TaskState::Paused;
    let forgotten = match (&before.state, before.wish) {
        (_, Some(Wish::Cancel)) => after.wish != before.wish,
        (_, Some(Wish::Pause)) => after.wish != before.wish && !is_paused,
        (TaskState::Paused, None) => !is_paused,
        (_, None) => is_paused || after.wish.is_some(),
    };
    if forgotten {
        let wishes = (before.wish, after.wish);
        return Err(format!(
            "a worker made {id} {is}, which was {was}, with the wishes {wishes:?}"
        ));
    }
    if (before.spec.priority, before.ord) != (after.spec.priority, after.ord) {
        return Err(format!("a worker moved task {id} back in its queue"));
    }
    Ok(())
}

/// A scheduled task makes the copy that is due as the task is now, and has one open copy at most. One
/// that is there already may be submitted again.
pub(crate) fn in_time(board: &Board, submitted: &Submission) -> Result<(), String> {
    let Some(of) = submitted.copy_of.as_ref().filter(|_| !board.tasks.contains_key(&submitted.id))
    else {
        return Ok(());
    };
    let parent = board.tasks.get(of).filter(|parent| parent.is_open());
    let at = parent.and_then(|parent| parent.copying.or_else(|| parent.due_at()));
    let due = parent.zip(at).and_then(|(parent, at)| parent.due(at));
    if due.is_none_or(|(id, _)| id != submitted.id) {
        return Err(format!("{} comes when it is not due", submitted.id));
    }
    let copy = |task: &Task| task.copy_of.as_ref() == Some(of) && task.is_open();
    if board.tasks.values().any(copy) {
        return Err(format!("two copies of task {of} are open at once"));
    }
    Ok(())
}
