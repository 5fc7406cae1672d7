//! `task_candidates`: the people of each task.

use decorum_core::{Candidate, CandidateState, TaskId, Username};
use mongodb::bson::Document;

use crate::mongo::fault::{Fault, Outcome};
use crate::mongo::fields::{self, Field, Fields, Writing};
use crate::mongo::seal::sealed;

/// The `_id` of whoever stands at this place.
pub(in crate::mongo) fn id(task: &TaskId, ord: u64) -> String {
    format!("{task}/{ord:012}")
}

/// The candidate, as the task's step of this number writes it.
pub(in crate::mongo) fn write(task: &TaskId, it: &Candidate, rev: u64) -> Outcome<Document> {
    let (status, reason) = match &it.state {
        CandidateState::Open => (None, None),
        CandidateState::Done { status, reason } => (Some(*status), reason.as_deref()),
        CandidateState::Refused { reason } | CandidateState::PassedOver { reason } => {
            (None, Some(reason.as_str()))
        }
    };
    let document = Writing::new()
        .with("_id", id(task, it.ord))
        .with("task_id", task.as_str())
        .with("ord", fields::count(it.ord))
        .maybe("username", it.username.as_ref().map(Username::as_str))
        .with("seen_at", fields::instant(it.seen_at))
        .maybe("source", it.source.as_deref())
        .with("state", it.state.name())
        .maybe("status", status.map(decorum_core::Status::as_str))
        .maybe("reason", reason)
        .maybe("note", it.note.as_deref())
        .done();
    let mut document = sealed(document)?;
    document.insert("rev", fields::count(rev));
    Ok(document)
}

pub(in crate::mongo) fn read(document: &Document) -> Outcome<(TaskId, Candidate)> {
    let row = Fields(document);
    let read = || {
        let candidate = Candidate {
            ord: row.get("ord")?.count()?,
            username: row.maybe("username").map(Field::exact).transpose()?,
            seen_at: row.get("seen_at")?.instant()?,
            source: row.maybe("source").map(Field::owned).transpose()?,
            state: state(row)?,
            note: row.maybe("note").map(Field::owned).transpose()?,
        };
        Ok((row.get("task_id")?.exact()?, candidate))
    };
    let id = document.get_str("_id").unwrap_or("without an id");
    read().map_err(|fault: Fault| fault.of(format_args!("candidate {id}")))
}

fn state(row: Fields<'_>) -> Outcome<CandidateState> {
    let reason = || row.get("reason")?.owned();
    match row.get("state")?.text()? {
        "open" => Ok(CandidateState::Open),
        "done" => Ok(CandidateState::Done {
            status: row.get("status")?.exact()?,
            reason: row.maybe("reason").map(Field::owned).transpose()?,
        }),
        "refused" => Ok(CandidateState::Refused { reason: reason()? }),
        "passed_over" => Ok(CandidateState::PassedOver { reason: reason()? }),
        other => Err(Fault::Damaged(format!("its `state` is `{other}`"))),
    }
}
