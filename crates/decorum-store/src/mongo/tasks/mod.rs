//! Tasks and their people: each change is one conditional write of the task's document.
//!
//! The task's document counts its steps in `rev` and carries what a step writes elsewhere, people of
//! the list and an entry of the admin log, as an account's does (see [`super::step`]):
//!
//! ```text
//! look     read the task as it is now (linearizable)
//! finish   what it carries that may not have been written
//! decide   by a function of decorum-core
//! write    replace the task where rev is still what was read: the moment the step happens
//! finish   write the people and the entry, and take them off the task
//! answer
//! ```
//!
//! A crash before `write` changed nothing; after it, whoever looks at the task next finishes.

pub(super) mod alerts;
mod clean;
mod deed;
pub(super) mod devices;
mod forget;
pub(super) mod pending;
mod read;

use decorum_core::{Platform, Task, TaskId, Timestamp, Username};
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{Bson, Document, doc};

use super::fault::{Fault, Outcome, limited};
use super::fields;
use super::rows::task::{self, FENCED, PENDING, Stored};
use super::rows::{admin, suppression};
use super::step::{Keeper, Patience, patiently};
use crate::tasks::{by_hand, people};
use crate::{StoreError, Submission};
pub(super) use deed::Deed;
use pending::Pending;

impl Keeper {
    /// The task as it is now, with nothing left to be finished about it.
    async fn look_at_task(&self, id: &TaskId) -> Outcome<Option<Stored>> {
        let found = self.servers.newest(&self.servers.tasks, doc! { "_id": id.as_str() }).await?;
        let Some(stored) = found.as_ref().map(task::read).transpose()? else { return Ok(None) };
        if let Some(pending) = &stored.pending {
            self.finish_task(&stored.task, pending).await?;
        }
        Ok(Some(stored))
    }

    /// Writes what the task carries, and takes it off.
    pub(super) async fn finish_task(&self, task: &Task, pending: &Pending) -> Outcome<()> {
        pending.finish(&self.servers, task).await?;
        let place = doc! {
            "_id": task.id.as_str(),
            "account_id": task.spec.account_id.as_str(),
            "rev": fields::count(task.rev),
        };
        let unset = doc! { "$unset": { PENDING: "" } };
        limited(self.servers.tasks.update_one(place, unset)).await?;
        Ok(())
    }

    /// Finishes what processes that died could not.
    pub(super) async fn finish_tasks(&self) -> Outcome<()> {
        let carrying = doc! { "pending.rev": { "$exists": true } };
        for found in self.servers.all(&self.servers.tasks, carrying, None).await? {
            let Stored { task, pending, .. } = task::read(&found)?;
            if let Some(pending) = pending {
                self.finish_task(&task, &pending).await?;
            }
        }
        Ok(())
    }

    /// Whether the person was erased.
    pub(super) async fn is_erased(&self, person: &Username) -> Outcome<bool> {
        let hash = self.key.hash(Platform::Instagram, person);
        let id = doc! { "_id": suppression::erased_id(Platform::Instagram, &hash) };
        Ok(self.servers.one(&self.servers.suppressions, id).await?.is_some())
    }

    /// Those of them who were erased.
    async fn erased_of(&self, people: &[Username]) -> Outcome<std::collections::HashSet<Username>> {
        let platform = Platform::Instagram;
        let mut erased = std::collections::HashSet::new();
        if self
            .servers
            .one(&self.servers.suppressions, doc! { "target_hash": { "$exists": true } })
            .await?
            .is_none()
        {
            return Ok(erased);
        }
        for part in people.chunks(1_000) {
            let id =
                |name: &Username| suppression::erased_id(platform, &self.key.hash(platform, name));
            let ids: Vec<_> = part.iter().map(id).collect();
            let filter = doc! { "_id": { "$in": ids } };
            let only = Some(doc! { "_id": 1 });
            let found = self.servers.all(&self.servers.suppressions, filter, only).await?;
            let found: std::collections::HashSet<_> =
                found.iter().filter_map(|entry| entry.get_str("_id").ok()).collect();
            erased.extend(part.iter().filter(|name| found.contains(id(name).as_str())).cloned());
        }
        Ok(erased)
    }

    /// Submits a task. Safe to repeat: its id is its name.
    pub(super) async fn submit_task(
        &self,
        submission: &Submission,
        who: &str,
        now: Timestamp,
    ) -> Outcome<Task> {
        if let Some(there) = self.look_at_task(&submission.id).await? {
            return Ok(there.task);
        }
        let account = &submission.spec.account_id;
        let open = doc! { "account_id": account.as_str(), task::OPEN: true };
        let last = self.servers.tasks.find(open).sort(doc! { "ord": -1 }).limit(1);
        let last = self.servers.collect(last).await?;
        let last = last.first().map_or(Ok(0), |last| fields::Fields(last).get("ord")?.count())?;
        let source_erased = match submission.spec.source.person() {
            Some(person) => self.is_erased(person).await?,
            None => false,
        };
        let (new, entry) = by_hand::submitted(submission, last, source_erased, (who, now))?;
        let erased = self.erased_of(&submission.targets).await?;
        let listed = people::listed(submission, now, |name| Ok::<_, Fault>(erased.contains(name)))?;
        let new = people::counted(new, &listed);
        let entry = entry.as_ref().map(admin::write).transpose()?;
        let pending = Pending::of_list(&listed, entry);
        let document = task::write(&new, &ObjectId::new().to_hex(), &pending)?;
        match limited(self.servers.tasks.insert_one(document)).await {
            Ok(_) => {}
            // Somebody was faster, or it was us and the answer was lost.
            Err(fault) if fault.is_duplicate() => return Err(Fault::Overtaken),
            Err(fault) => return Err(fault),
        }
        self.finish_task(&new, &pending).await?;
        Ok(new)
    }

    /// Erases from a task that was just submitted who was erased while it was.
    pub(super) async fn catch_up_with_erasing(
        &self,
        submission: &Submission,
        task: Task,
        now: Timestamp,
    ) -> Result<Task, StoreError> {
        let mut named = submission.targets.clone();
        named.extend(submission.spec.source.person().cloned());
        let erased = patiently!(self, self.erased_of(&named))?;
        let mut task = task;
        for person in &erased {
            task = self.task_step(&task.id, Deed::Erase { person, now }).await?.0;
        }
        Ok(task)
    }

    /// Makes every step of a task that was decided before be decided again.
    pub(super) async fn fence_off_tasks(&self) -> Outcome<()> {
        let fence = doc! { "$set": { FENCED: ObjectId::new() } };
        limited(self.servers.tasks.update_many(doc! { task::OPEN: true }, fence)).await.map(drop)
    }

    /// Runs a step of a task to its end.
    pub(super) async fn task_step(
        &self,
        id: &TaskId,
        deed: Deed<'_>,
    ) -> Result<(Task, u64), StoreError> {
        let mut patience = Patience::new();
        let mut lost: Vec<(String, Task, u64)> = Vec::new();
        loop {
            let fault = match self.attempt_task(id, &deed, &mut lost).await {
                Ok(done) => return Ok(done),
                Err(fault) => fault,
            };
            let again = match fault {
                Fault::Overtaken => patience.wait_for_winner().await,
                _ => fault.is_passing() && patience.wait().await,
            };
            if !again {
                let (place, problem) = (self.place.clone(), fault.problem());
                return Err(if fault.is_passing() && !lost.is_empty() {
                    StoreError::Unknown { place, problem }
                } else {
                    fault.at(&self.place)
                });
            }
        }
    }

    async fn attempt_task(
        &self,
        id: &TaskId,
        deed: &Deed<'_>,
        lost: &mut Vec<(String, Task, u64)>,
    ) -> Outcome<(Task, u64)> {
        let stored = self.look_at_task(id).await?;
        let stored = stored.ok_or_else(|| StoreError::NoSuchTask(id.clone()))?;
        let ours = lost.iter().position(|(step, ..)| stored.step.as_ref() == Some(step));
        if let Some(ours) = ours {
            let (_, task, number) = lost.swap_remove(ours);
            return Ok((task, number));
        }
        let before = stored.task;
        let Some(made) = deed.decide(self, &before).await? else { return Ok((before, 0)) };
        let entry = made.entry.as_ref().map(admin::write).transpose()?;
        let pending = Pending::of_step(&made.task, &made.changed, entry)?;
        let step = ObjectId::new().to_hex();
        let document = task::write(&made.task, &step, &pending)?;
        lost.push((step, made.task.clone(), made.number));
        self.replace_task(&before, stored.fenced, document).await.inspect_err(|fault| {
            if !matches!(fault, Fault::Mongo(_) | Fault::Silent) {
                lost.pop();
            }
        })?;
        if !pending.is_nothing() {
            self.finish_task(&made.task, &pending).await?;
        }
        Ok((made.task, made.number))
    }

    /// Replaces the task if it still is as it was `before`.
    async fn replace_task(&self, before: &Task, fenced: Bson, document: Document) -> Outcome<()> {
        let place = doc! {
            "_id": before.id.as_str(),
            "account_id": before.spec.account_id.as_str(),
            "rev": fields::count(before.rev),
            FENCED: fenced,
        };
        match limited(self.servers.tasks.replace_one(place, document)).await {
            Ok(done) if done.matched_count == 1 => Ok(()),
            Ok(_) => Err(Fault::Overtaken),
            Err(fault) if fault.is_duplicate() => {
                let account = before.spec.account_id.clone();
                Err(StoreError::AlreadyRunning { account }.into())
            }
            Err(fault) => Err(fault),
        }
    }
}
