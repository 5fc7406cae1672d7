//! What is done to a task in one step, decided from the task as it is.

use std::collections::HashSet;

use decorum_core::{
    Candidate, CandidateState, Crawl, Fence, NewCandidate, Progress, Task, Timestamp, Username,
};
use mongodb::bson::doc;
use mongodb::options::Hint;

use super::super::fault::Outcome;
use super::super::fields;
use super::super::rows::candidate;
use super::super::step::Keeper;
use crate::tasks::{by_hand, people};
use crate::{AdminEntry, StoreError};

/// What is done.
#[derive(Clone, Copy)]
pub(in crate::mongo) enum Deed<'a> {
    /// It takes another state, wish or place.
    Save { task: &'a Task, expected: u64, who: Option<&'a str>, now: Timestamp },
    /// People come onto its list.
    Add { fence: Fence, people: &'a [NewCandidate], crawl: &'a Crawl },
    /// People of its list are settled.
    Settle { fence: Fence, settled: &'a [(u64, CandidateState)], progress: Progress },
    /// A person is erased.
    Erase { person: &'a Username, now: Timestamp },
}

/// What it comes to.
pub(in crate::mongo) struct Made {
    /// The task as it is then.
    pub(in crate::mongo) task: Task,
    /// The people who change.
    pub(in crate::mongo) changed: Vec<Candidate>,
    pub(in crate::mongo) entry: Option<AdminEntry>,
    /// How many people were new, or named the person.
    pub(in crate::mongo) number: u64,
}

impl Made {
    fn of(task: Task, changed: Vec<Candidate>) -> Self {
        let number = changed.len() as u64;
        Self { task: by_hand::counted(task), changed, entry: None, number }
    }
}

impl Deed<'_> {
    /// What it comes to; `None`: nothing changes.
    pub(in crate::mongo) async fn decide(
        self,
        keeper: &Keeper,
        before: &Task,
    ) -> Outcome<Option<Made>> {
        match self {
            Self::Save { task, expected, who, now } => {
                let saved = by_hand::saved(before, task, expected, who, now)?;
                Ok(saved.map(|(task, entry)| Made { task, changed: Vec::new(), entry, number: 0 }))
            }
            Self::Add { fence, people, crawl } => {
                add(keeper, before, fence, people, crawl).await.map(Some)
            }
            Self::Settle { fence, settled, progress } => {
                let after = before.clone().settled(fence, progress).map_err(StoreError::from)?;
                let ids: Vec<_> =
                    settled.iter().map(|(ord, _)| candidate::id(&before.id, *ord)).collect();
                let filter = doc! { "_id": { "$in": ids }, "task_id": before.id.as_str() };
                let there = keeper.candidates_by(filter).await?;
                let changed = people::settled(there, settled);
                let moved = !changed.is_empty() || after != *before;
                Ok(moved.then(|| Made::of(after, changed)))
            }
            Self::Erase { person, now } => {
                let filter = doc! { "username": person.as_str(), "task_id": before.id.as_str() };
                let named = keeper.candidates_by(filter).await?;
                let changed: Vec<_> = named.into_iter().map(Candidate::erased).collect();
                let after = before.without(person, now);
                let moved = !changed.is_empty() || after.is_some();
                Ok(moved.then(|| Made::of(after.unwrap_or_else(|| before.clone()), changed)))
            }
        }
    }
}

async fn add(
    keeper: &Keeper,
    before: &Task,
    fence: Fence,
    people: &[NewCandidate],
    crawl: &Crawl,
) -> Outcome<Made> {
    before.expect_fence(fence).map_err(StoreError::from)?;
    let mut crawl = crawl.clone();
    let mut names: Vec<_> = people.iter().map(|person| person.username.clone()).collect();
    names.extend(crawl.last_names.iter().cloned());
    let erased = keeper.erased_of(&names).await?;
    crawl.last_names.retain(|name| !erased.contains(name));
    let kept: Vec<_> =
        people.iter().filter(|person| !erased.contains(&person.username)).cloned().collect();
    let wanted: Vec<_> = kept.iter().map(|person| person.username.as_str()).collect();
    let filter = doc! { "task_id": before.id.as_str(), "username": { "$in": wanted } };
    let known = keeper.candidates_by(filter).await?;
    let known: HashSet<_> = known.into_iter().filter_map(|candidate| candidate.username).collect();
    // What the task counts is what is on its list: both change in one step.
    let added = people::added(kept, before.progress.candidates, &known);
    let after = before.clone().crawled(fence, added.len() as u64, crawl);
    Ok(Made::of(after.map_err(StoreError::from)?, added))
}

impl Keeper {
    pub(in crate::mongo) async fn candidates_by(
        &self,
        filter: mongodb::bson::Document,
    ) -> Outcome<Vec<Candidate>> {
        let found = self.servers.all(&self.servers.task_candidates, filter, None).await?;
        found.iter().map(|each| candidate::read(each).map(|(_, each)| each)).collect()
    }

    /// People of a task after this place, in order.
    pub(in crate::mongo) async fn people_of(
        &self,
        id: &decorum_core::TaskId,
        open_only: bool,
        after: u64,
        limit: usize,
    ) -> Outcome<Vec<Candidate>> {
        let mut filter = doc! { "task_id": id.as_str(), "ord": { "$gt": fields::count(after) } };
        if open_only {
            filter.insert("state", "open");
        }
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let find = self.servers.task_candidates.find(filter).sort(doc! { "ord": 1 }).limit(limit);
        // The servers cannot know that few people are open at the end of a long list.
        let index = if open_only { "candidates_open" } else { "candidates_ord" };
        let find = find.hint(Hint::Name(index.to_owned()));
        let found = self.servers.collect(find).await?;
        found.iter().map(|each| candidate::read(each).map(|(_, each)| each)).collect()
    }
}
