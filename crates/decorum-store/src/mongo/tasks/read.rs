//! Reading tasks and their people.

use decorum_core::{Candidate, Task, TaskId, TaskStateName, Timestamp};
use mongodb::bson::{Bson, doc};

use super::super::fault::Outcome;
use super::super::fields;
use super::super::rows::{alert, task};
use super::super::step::Keeper;
use crate::{Standing, TASKS_MAX, TaskCursor, TaskFilter, TaskPage};

impl Keeper {
    pub(in crate::mongo) async fn task(&self, id: &TaskId) -> Outcome<Option<Task>> {
        let found = self.servers.newest(&self.servers.tasks, doc! { "_id": id.as_str() }).await?;
        found.as_ref().map(task::read).transpose().map(|stored| stored.map(|stored| stored.task))
    }

    /// People of a task. `writable`: what the task carries is written first, so that they are those
    /// it counts.
    pub(in crate::mongo) async fn candidates(
        &self,
        id: &TaskId,
        open_only: bool,
        after: u64,
        limit: usize,
        writable: bool,
    ) -> Outcome<Vec<Candidate>> {
        if writable {
            self.look_at_task(id).await?;
        }
        self.people_of(id, open_only, after, limit).await
    }

    pub(in crate::mongo) async fn open_tasks(&self) -> Outcome<Vec<Task>> {
        let find = self.servers.tasks.find(doc! { task::OPEN: true });
        let find = find.sort(doc! { "created_at": 1, "_id": 1 });
        let found = self.servers.collect(find).await?;
        found.iter().map(|each| task::read(each).map(|stored| stored.task)).collect()
    }

    pub(in crate::mongo) async fn standing(&self, since: Timestamp) -> Outcome<Standing> {
        let most = i64::try_from(TASKS_MAX).unwrap_or(i64::MAX);
        let from = doc! { "$gte": fields::instant(since) };
        let ended = self.servers.tasks.find(doc! { "ended_at": from.clone() });
        let ended = ended.sort(doc! { "ended_at": -1 }).limit(most);
        let closed = self.servers.alerts.find(doc! { "closed_at": from });
        let closed = closed.sort(doc! { "closed_at": -1 }).limit(most);
        let mut standing = Standing {
            tasks: self.open_tasks().await?,
            alerts: self.alerts(true, None, TASKS_MAX).await?.items,
        };
        for found in &self.servers.collect(ended).await? {
            standing.tasks.push(task::read(found)?.task);
        }
        for found in &self.servers.collect(closed).await? {
            standing.alerts.push(alert::read(found)?);
        }
        Ok(standing)
    }

    pub(in crate::mongo) async fn task_page(
        &self,
        filter: &TaskFilter,
        after: Option<&TaskCursor>,
        limit: usize,
    ) -> Outcome<TaskPage> {
        let limit = limit.clamp(1, TASKS_MAX);
        let mut query = doc! {};
        let TaskFilter { account_id, states, kind } = filter;
        if let Some(account) = account_id {
            query.insert("account_id", account.as_str());
        }
        if let Some(kind) = kind {
            query.insert("kind", kind.as_str());
        }
        if !states.is_empty() {
            let words: Vec<_> = states.iter().copied().map(TaskStateName::as_str).collect();
            query.insert("state", doc! { "$in": words });
            if states.iter().all(|state| !state.is_end()) {
                query.insert(task::OPEN, true);
            }
        }
        if let Some(TaskCursor { created_at, id }) = after {
            let at: Bson = fields::instant(*created_at);
            query.insert("created_at", doc! { "$lte": at.clone() });
            let before = doc! { "created_at": { "$lt": at } };
            query.insert("$or", vec![before, doc! { "_id": { "$lt": id.as_str() } }]);
        }
        let more = i64::try_from(limit + 1).unwrap_or(i64::MAX);
        let find = self.servers.tasks.find(query).sort(doc! { "created_at": -1, "_id": -1 });
        let found = self.servers.collect(find.limit(more)).await?;
        let items: Outcome<Vec<_>> =
            found.iter().map(|each| task::read(each).map(|stored| stored.task)).collect();
        let mut items = items?;
        let more = items.len() > limit;
        items.truncate(limit);
        let last = items.last().filter(|_| more);
        let next = last.map(|last| TaskCursor { created_at: last.created_at, id: last.id.clone() });
        Ok(TaskPage { items, next })
    }
}
