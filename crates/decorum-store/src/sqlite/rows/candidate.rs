//! `task_candidates`: the people of each task.

use std::collections::HashSet;

use decorum_core::{Candidate, CandidateState, TaskId, Username};
use rusqlite::{Connection, Row, params};

use super::cell::{self, Cell, cell};
use super::sealed::sealed;
use crate::sqlite::fault::{Fault, Outcome};

sealed!(
    CANDIDATES,
    "task_candidates",
    ["task_id", "ord"],
    ["username", "seen_at", "source", "state", "status", "reason", "note"]
);

const COLUMNS: &str = "task_id, ord, username, seen_at, source, state, status, reason, note";

fn read(row: &Row<'_>) -> Outcome<Candidate> {
    let ord = cell(row, 1)?.count()?;
    let text = |index| {
        let present = cell(row, index)?.present();
        present.map(Cell::text).transpose().map(|text| text.map(str::to_owned))
    };
    let read = || {
        Ok(Candidate {
            ord,
            username: cell(row, 2)?.present().map(Cell::exact).transpose()?,
            seen_at: cell(row, 3)?.instant()?,
            source: text(4)?,
            state: state(row)?,
            note: text(8)?,
        })
    };
    let task = cell(row, 0)?.text()?;
    read().map_err(|fault: Fault| fault.of(format_args!("candidate {ord} of task {task}")))
}

fn state(row: &Row<'_>) -> Outcome<CandidateState> {
    let reason = || cell(row, 7)?.text().map(str::to_owned);
    match cell(row, 5)?.text()? {
        "open" => Ok(CandidateState::Open),
        "done" => Ok(CandidateState::Done {
            status: cell(row, 6)?.exact()?,
            reason: cell(row, 7)?.present().map(Cell::text).transpose()?.map(str::to_owned),
        }),
        "refused" => Ok(CandidateState::Refused { reason: reason()? }),
        "passed_over" => Ok(CandidateState::PassedOver { reason: reason()? }),
        other => Err(Fault::Damaged(format!("its `state` is `{other}`"))),
    }
}

/// Writes the candidate.
pub(in crate::sqlite) fn save(conn: &Connection, task: &TaskId, it: &Candidate) -> Outcome<()> {
    let (status, reason) = match &it.state {
        CandidateState::Open => (None, None),
        CandidateState::Done { status, reason } => (Some(*status), reason.as_deref()),
        CandidateState::Refused { reason } | CandidateState::PassedOver { reason } => {
            (None, Some(reason.as_str()))
        }
    };
    CANDIDATES.put(
        conn,
        &[
            cell::text(task.as_str()),
            cell::count(it.ord),
            cell::maybe(it.username.as_ref(), |name| cell::text(name.as_str())),
            cell::instant(it.seen_at),
            cell::maybe(it.source.as_deref(), cell::text),
            cell::text(it.state.name()),
            cell::maybe(status, |status| cell::text(status.as_str())),
            cell::maybe(reason, cell::text),
            cell::maybe(it.note.as_deref(), cell::text),
        ],
    )
}

/// The query for people of a task, in order.
pub(in crate::sqlite) fn page_sql(open_only: bool) -> String {
    // The primary key has the order too; the planner takes it where no index is named.
    let from = if open_only {
        "task_candidates INDEXED BY candidates_open WHERE state = 'open' AND"
    } else {
        "task_candidates WHERE"
    };
    format!("SELECT {COLUMNS} FROM {from} task_id = ?1 AND ord > ?2 ORDER BY ord LIMIT ?3")
}

/// People of a task after this place, in order.
pub(in crate::sqlite) fn page(
    conn: &Connection,
    task: &TaskId,
    open_only: bool,
    after: u64,
    limit: usize,
) -> Outcome<Vec<Candidate>> {
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = conn.prepare_cached(&page_sql(open_only))?;
    let mut rows = statement.query(params![task.as_str(), after, limit])?;
    let mut page = Vec::new();
    while let Some(row) = rows.next()? {
        page.push(read(row)?);
    }
    Ok(page)
}

/// Whoever stands at this place of a task.
pub(in crate::sqlite) fn find(
    conn: &Connection,
    task: &TaskId,
    ord: u64,
) -> Outcome<Option<Candidate>> {
    let sql = format!("SELECT {COLUMNS} FROM task_candidates WHERE task_id = ?1 AND ord = ?2");
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(params![task.as_str(), ord.cast_signed()])?;
    rows.next()?.map(read).transpose()
}

/// The last place taken on a task's list.
pub(in crate::sqlite) fn last_place(conn: &Connection, task: &TaskId) -> Outcome<u64> {
    let sql = "SELECT max(ord) FROM task_candidates WHERE task_id = ?1";
    let last: Option<i64> =
        conn.prepare_cached(sql)?.query_row(params![task.as_str()], |row| row.get(0))?;
    Ok(last.unwrap_or(0).cast_unsigned())
}

/// Which of these people are on the task's list.
pub(in crate::sqlite) fn known<'a>(
    conn: &Connection,
    task: &TaskId,
    people: impl IntoIterator<Item = &'a Username>,
) -> Outcome<HashSet<Username>> {
    let sql = "SELECT 1 FROM task_candidates WHERE username = ?1 AND task_id = ?2";
    let mut statement = conn.prepare_cached(sql)?;
    let mut known = HashSet::new();
    for person in people {
        if statement.exists(params![person.as_str(), task.as_str()])? {
            known.insert(person.clone());
        }
    }
    Ok(known)
}

/// Takes the name off everywhere the person is a candidate. Returns how often they were.
pub(in crate::sqlite) fn erase(conn: &Connection, person: &Username) -> Outcome<u64> {
    let sql = format!("SELECT {COLUMNS} FROM task_candidates WHERE username = ?1");
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(params![person.as_str()])?;
    let mut found: Vec<(TaskId, Candidate)> = Vec::new();
    while let Some(row) = rows.next()? {
        found.push((cell(row, 0)?.exact()?, read(row)?));
    }
    drop(rows);
    for (task, candidate) in &found {
        save(conn, task, &candidate.clone().erased())?;
    }
    Ok(found.len() as u64)
}

/// Removes people of a task, at most `limit`; returns how many.
pub(in crate::sqlite) fn remove(conn: &Connection, task: &str, limit: usize) -> Outcome<usize> {
    let sql = "DELETE FROM task_candidates WHERE task_id = ?1 AND ord IN
        (SELECT ord FROM task_candidates WHERE task_id = ?1 ORDER BY ord LIMIT ?2)";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    Ok(conn.prepare_cached(sql)?.execute(params![task, limit])?)
}
