//! Cleaning up tasks that ended and alerts that were closed long ago: first the people of a task, then
//! the task, so that one that broke off is gone on with.

use decorum_core::Timestamp;
use mongodb::bson::{Document, doc};

use super::super::fault::{Outcome, unhurried};
use super::super::fields::{self, Fields};
use super::super::step::Keeper;
use crate::{CLEANUP_TASKS, Cleaned};

fn ended(before: Timestamp) -> Document {
    doc! { "ended_at": { "$lt": fields::instant(before) } }
}

impl Keeper {
    pub(in crate::mongo) async fn count_old_tasks(&self, before: Timestamp) -> Outcome<u64> {
        unhurried(self.servers.tasks.count_documents(ended(before))).await
    }

    /// Removes a bounded number of tasks.
    pub(in crate::mongo) async fn clean_tasks(
        &self,
        before: Timestamp,
        cleaned: &mut Cleaned,
    ) -> Outcome<()> {
        let limit = i64::try_from(CLEANUP_TASKS).unwrap_or(i64::MAX);
        let find = self.servers.tasks.find(ended(before)).projection(doc! { "_id": 1 });
        let found = self.servers.collect(find.limit(limit)).await?;
        cleaned.more |= found.len() >= CLEANUP_TASKS;
        let mut people = 0;
        for old in &found {
            let id = Fields(old).get("_id")?.text()?;
            let of_task = doc! { "task_id": id };
            let removed = unhurried(self.servers.task_candidates.delete_many(of_task)).await?;
            let of_id = doc! { "_id": id };
            let gone = unhurried(self.servers.tasks.delete_many(of_id)).await?;
            cleaned.tasks_removed += gone.deleted_count;
            people += removed.deleted_count;
            if people >= CLEANUP_TASKS as u64 {
                cleaned.more = true;
                return Ok(());
            }
        }
        let closed = doc! { "closed_at": { "$lt": fields::instant(before) } };
        unhurried(self.servers.alerts.delete_many(closed)).await?;
        Ok(())
    }
}
