//! Erasing a person from tasks and alerts. They are on the list of erased people by then, so nobody
//! writes their name down again.

use decorum_core::{Task, Timestamp, Username};
use mongodb::bson::doc;

use super::super::fault::{Outcome, limited};
use super::super::rows::{alert, candidate, task};
use super::super::step::{Keeper, patiently};
use super::Deed;
use crate::StoreError;
use crate::forget::Eraser;

/// Tasks read at a time.
const BATCH: i64 = 500;

impl Keeper {
    /// Takes the person out of every task. Returns on how many lists they were.
    pub(in crate::mongo) async fn forget_in_tasks(
        &self,
        person: &Username,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        patiently!(self, self.fence_off_tasks())?;
        // What is carried may name them, and is not on any list yet.
        patiently!(self, self.finish_tasks())?;
        let mut erased = 0;
        let mut after = String::new();
        loop {
            let page = patiently!(self, self.tasks_by_id(&after, BATCH))?;
            let Some(last) = page.last() else { return Ok(erased) };
            after = last.id.to_string();
            let ids: Vec<_> = page.iter().map(|task| task.id.as_str()).collect();
            let on_lists = doc! { "task_id": { "$in": ids }, "username": person.as_str() };
            let found = patiently!(
                self,
                self.servers.all(&self.servers.task_candidates, on_lists.clone(), None)
            )?;
            let read = found.iter().map(candidate::read).collect::<Outcome<Vec<_>>>();
            let on_lists = read.map_err(|fault| fault.at(&self.place))?;
            let is_named = |task: &&Task| {
                task.without(person, now).is_some() || on_lists.iter().any(|(id, _)| *id == task.id)
            };
            for task in page.iter().filter(is_named) {
                let deed = Deed::Erase { person, now };
                match self.task_step(&task.id, deed).await {
                    Ok((_, number)) => erased += number,
                    // Cleaned up meanwhile.
                    Err(StoreError::NoSuchTask(_)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
    }

    /// Tasks by id, after this one.
    pub(in crate::mongo) async fn tasks_by_id(
        &self,
        after: &str,
        limit: i64,
    ) -> Outcome<Vec<Task>> {
        let find = self.servers.tasks.find(doc! { "_id": { "$gt": after } });
        let found = self.servers.collect(find.sort(doc! { "_id": 1 }).limit(limit)).await?;
        found.iter().map(|each| task::read(each).map(|stored| stored.task)).collect()
    }

    /// Whether any alert spoke of the person.
    pub(in crate::mongo) async fn blank_alerts(&self, eraser: &Eraser<'_>) -> Outcome<bool> {
        self.finish_alerts().await?;
        let mut told = false;
        for found in self.servers.all(&self.servers.alerts, doc! {}, None).await? {
            let old = alert::read(&found)?;
            let Some(kept) = eraser.alert(&old) else { continue };
            // One that was closed meanwhile is looked at again.
            let place = doc! { "_id": old.id.to_string(), "seal": found.get("seal").cloned() };
            let done =
                limited(self.servers.alerts.replace_one(place, alert::write(&kept)?)).await?;
            if done.matched_count == 0 {
                return Err(super::Fault::Overtaken);
            }
            told = true;
        }
        Ok(told)
    }
}
