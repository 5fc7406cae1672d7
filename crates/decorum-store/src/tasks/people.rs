//! What a keeper writes for the people of a task.

use std::collections::{HashMap, HashSet};

use decorum_core::{Candidate, CandidateState, NewCandidate, Task, Timestamp, Username};

use super::{CANDIDATES_MAX, Submission};
use crate::StoreError;

/// Refuses more at once than one step takes.
///
/// # Errors
/// [`StoreError::TooMany`].
pub fn at_most(given: usize) -> Result<(), StoreError> {
    if given > CANDIDATES_MAX {
        let (what, max) = ("candidates", CANDIDATES_MAX);
        return Err(StoreError::TooMany { what, given, max });
    }
    Ok(())
}

/// The people of the list, in its order; those who were erased have no name.
pub fn listed<E>(
    submission: &Submission,
    now: Timestamp,
    mut is_forgotten: impl FnMut(&Username) -> Result<bool, E>,
) -> Result<Vec<Candidate>, E> {
    let each = |(ord, username): (u64, &Username)| {
        let person =
            NewCandidate { username: username.clone(), seen_at: now, source: None, note: None };
        let candidate = person.at(ord);
        Ok(if is_forgotten(username)? { candidate.erased() } else { candidate })
    };
    (1..).zip(&submission.targets).map(each).collect()
}

/// The task with those counted who are settled from the beginning.
pub fn counted(task: Task, listed: &[Candidate]) -> Task {
    let progress = listed.iter().fold(task.progress, |sum, each| sum.with(&each.state));
    Task { progress, ..task }
}

/// Those who are not on the list yet, each once, with places after `last`.
pub fn added(people: Vec<NewCandidate>, last: u64, known: &HashSet<Username>) -> Vec<Candidate> {
    let mut seen = HashSet::new();
    let new = people
        .into_iter()
        .filter(|person| !known.contains(&person.username))
        .filter(|person| seen.insert(person.username.clone()));
    (last + 1..).zip(new).map(|(ord, person)| person.at(ord)).collect()
}

/// The candidates that change, as they are then; `there` are those that were named.
pub fn settled(there: Vec<Candidate>, settled: &[(u64, CandidateState)]) -> Vec<Candidate> {
    // Named twice, the last word counts.
    let new: HashMap<_, _> = settled.iter().map(|(ord, state)| (*ord, state)).collect();
    let change = |candidate: Candidate| {
        let state = *new.get(&candidate.ord)?;
        let changes = *state != candidate.state && state.may_follow(&candidate.state);
        changes.then(|| Candidate { state: state.clone(), ..candidate })
    };
    there.into_iter().filter_map(change).collect()
}
