//! What must hold of tasks and phones while time goes by, and once all is quiet.

use std::collections::{BTreeMap, BTreeSet};

use decorum_core::{
    Candidate, CandidateState, Holder, Progress, Status, Task, TaskId, TaskState, Timestamp,
    Username,
};

use crate::board::runs;
use crate::keeper::Keeper;

/// The longest that the task of a dead worker may stay its own, in seconds in which some other
/// worker could have taken it up: a lease of 30 s, and a minute for who is slow to look.
const TAKEN_UP_WITHIN: u64 = 90;

/// The longest that a phone may be held without a task that runs, in seconds: a start, or an end
/// that the store does not take.
const HELD_WITHIN: u64 = 90;

/// What is watched while time goes by.
#[derive(Debug, Default)]
pub(super) struct Monitor {
    /// Tasks of dead workers, and for how many seconds somebody could have taken them up.
    left: BTreeMap<TaskId, (Holder, u64)>,
    /// Phones that are held for no task that runs, and for how many seconds.
    idle: BTreeMap<String, (Holder, u64)>,
}

/// How it is at this moment.
pub(super) struct Moment<'a> {
    pub(super) keeper: &'a Keeper,
    pub(super) now: Timestamp,
    /// Seconds since the one before.
    pub(super) step: u64,
    /// Whether some worker lives, moves, and reaches the store.
    pub(super) somebody_is_well: bool,
}

impl Monitor {
    pub(super) fn look(
        &mut self,
        moment: &Moment<'_>,
        is_dead: impl Fn(&Holder) -> bool,
    ) -> Result<(), String> {
        self.tasks_of_the_dead(moment, is_dead)?;
        self.idle_phones(moment)
    }

    fn tasks_of_the_dead(
        &mut self,
        moment: &Moment<'_>,
        is_dead: impl Fn(&Holder) -> bool,
    ) -> Result<(), String> {
        let mut left = BTreeMap::new();
        for task in moment.keeper.board.tasks.values() {
            let TaskState::Running { worker, .. } = &task.state else { continue };
            if !is_dead(worker) {
                continue;
            }
            let known = self.left.remove(&task.id).filter(|(holder, _)| holder == worker);
            let mut seconds = known.map_or(0, |(_, seconds)| seconds);
            seconds += if moment.somebody_is_well { moment.step } else { 0 };
            if seconds > TAKEN_UP_WITHIN {
                return Err(format!("nobody takes up task {}, whose {worker} is dead", task.id));
            }
            left.insert(task.id.clone(), (worker.clone(), seconds));
        }
        self.left = left;
        Ok(())
    }

    fn idle_phones(&mut self, moment: &Moment<'_>) -> Result<(), String> {
        let Moment { keeper, now, step, .. } = moment;
        let mut idle = BTreeMap::new();
        let phones = keeper.leases.values().filter(|lease| lease.name.starts_with("device:"));
        for lease in phones.filter(|lease| lease.is_live(*now)) {
            let runs = |task: &Task| matches!(&task.state, TaskState::Running { worker, .. } if *worker == lease.holder);
            if keeper.board.tasks.values().any(runs) {
                continue;
            }
            let known = self.idle.remove(&lease.name).filter(|(holder, _)| *holder == lease.holder);
            let seconds = known.map_or(0, |(_, seconds)| seconds) + step;
            if seconds > HELD_WITHIN {
                return Err(format!("{} is held by {} for nothing", lease.name, lease.holder));
            }
            idle.insert(lease.name.clone(), (lease.holder.clone(), seconds));
        }
        self.idle = idle;
        Ok(())
    }
}

/// Every task has ended; its progress is what its list says; its list is what the log says; and one
/// that succeeded has left out nobody.
pub(super) fn lists_and_log(keeper: &Keeper) -> Result<(), String> {
    for task in keeper.board.tasks.values() {
        let id = &task.id;
        if task.is_open() || runs(task) {
            return Err(format!("task {id} has not ended: {:?}", task.state));
        }
        let Some(list) = keeper.board.lists.get(id) else { continue };
        let counted = list
            .values()
            .fold(Progress::default().grown(list.len() as u64), |sum, c| sum.with(&c.state));
        if counted != task.progress {
            return Err(format!("task {id} says {:?}, its list says {counted:?}", task.progress));
        }
        let limit_reached =
            task.spec.limit.is_some_and(|limit| task.progress.done >= u64::from(limit));
        let succeeded = task.state == TaskState::Succeeded && !task.is_scheduled();
        if let Some(left_out) = list.values().find(|c| c.state.is_open())
            && succeeded
            && !limit_reached
        {
            return Err(format!("task {id} succeeded without {:?}", left_out.username));
        }
        as_the_log_says(keeper, task, list.values())?;
    }
    Ok(())
}

fn as_the_log_says<'a>(
    keeper: &Keeper,
    task: &Task,
    list: impl Iterator<Item = &'a Candidate>,
) -> Result<(), String> {
    let id = &task.id;
    let success = keeper.log.iter().filter(|event| {
        event.status == Status::Success && event.account_id == task.spec.account_id
    });
    let names = |of_task: bool| -> BTreeSet<&Username> {
        let ours = |event: &&decorum_core::Event| !of_task || event.task_id.as_ref() == Some(id);
        success.clone().filter(ours).filter_map(|event| event.target_username.as_ref()).collect()
    };
    let (by_account, by_task) = (names(false), names(true));
    for candidate in list {
        let Some(name) = &candidate.username else { continue };
        let engaged =
            matches!(candidate.state, CandidateState::Done { status: Status::Success, .. });
        if engaged && !by_account.contains(name) {
            return Err(format!("task {id} says that {name} was engaged, and the log does not"));
        }
        // One that was cancelled takes note of nothing that is found out later.
        let noted = engaged || candidate.state.is_open();
        if by_task.contains(name) && !noted {
            return Err(format!(
                "the log says that {name} was engaged for task {id}, which says {:?}",
                candidate.state
            ));
        }
    }
    Ok(())
}
