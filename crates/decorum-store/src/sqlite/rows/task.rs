//! `tasks`.

use decorum_core::{AccountId, Task, TaskId, TaskStateName, Timestamp};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params, params_from_iter};

use super::cell::{self, cell};
use super::sealed::sealed;
use crate::sqlite::fault::{Fault, Outcome};
use crate::{StoreError, TaskCursor, TaskFilter};

sealed!(
    TASKS,
    "tasks",
    ["id"],
    ["account_id", "kind", "state", "ord", "created_at", "ended_at", "rev", "document"]
);

/// The task with this id.
pub(in crate::sqlite) fn find(conn: &Connection, id: &TaskId) -> Outcome<Option<Task>> {
    let mut statement = conn.prepare_cached("SELECT id, document FROM tasks WHERE id = ?1")?;
    let mut rows = statement.query(params![id.as_str()])?;
    rows.next()?.map(read).transpose()
}

/// The same, for one that must be there.
///
/// # Errors
/// [`StoreError::NoSuchTask`].
pub(in crate::sqlite) fn load(conn: &Connection, id: &TaskId) -> Outcome<Task> {
    find(conn, id)?.ok_or_else(|| StoreError::NoSuchTask(id.clone()).into())
}

fn read(row: &Row<'_>) -> Outcome<Task> {
    let id = cell(row, 0)?.text()?.to_owned();
    let read = || {
        let task: Task = cell(row, 1)?.json()?;
        if task.id.as_str() == id {
            Ok(task)
        } else {
            Err(Fault::Damaged("its `document` is that of another".to_owned()))
        }
    };
    read().map_err(|fault: Fault| fault.of(format_args!("task {id}")))
}

/// Writes the task.
pub(in crate::sqlite) fn save(conn: &Connection, task: &Task) -> Outcome<()> {
    TASKS.put(
        conn,
        &[
            cell::text(task.id.as_str()),
            cell::text(task.spec.account_id.as_str()),
            cell::text(task.spec.kind.as_str()),
            cell::text(task.state.name().as_str()),
            cell::count(task.ord),
            cell::instant(task.created_at),
            cell::maybe(task.ended_at, cell::instant),
            cell::count(task.rev),
            cell::json(task)?,
        ],
    )
}

/// The task of this account that is running, if one is.
pub(in crate::sqlite) fn running(
    conn: &Connection,
    account: &AccountId,
) -> Outcome<Option<String>> {
    let sql = "SELECT id FROM tasks WHERE account_id = ?1 AND state = 'running'";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params![account.as_str()])?;
    rows.next()?.map(|row| cell(row, 0)?.text().map(str::to_owned)).transpose()
}

/// The last place taken in the account's queue.
pub(in crate::sqlite) fn last_place(conn: &Connection, account: &AccountId) -> Outcome<u64> {
    let sql = "SELECT max(ord) FROM tasks WHERE account_id = ?1 AND ended_at IS NULL";
    let last: Option<i64> =
        conn.prepare_cached(sql)?.query_row(params![account.as_str()], |row| row.get(0))?;
    Ok(last.unwrap_or(0).cast_unsigned())
}

fn collect(conn: &Connection, sql: &str, values: Vec<Value>) -> Outcome<Vec<Task>> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut tasks = Vec::new();
    while let Some(row) = rows.next()? {
        tasks.push(read(row)?);
    }
    Ok(tasks)
}

/// Reads the tasks that something may still happen to, and no others.
pub(in crate::sqlite) const OPEN: &str = "SELECT id, document FROM tasks INDEXED BY tasks_open
    WHERE ended_at IS NULL ORDER BY created_at, id";

/// Those something may still happen to, oldest first.
pub(in crate::sqlite) fn open(conn: &Connection) -> Outcome<Vec<Task>> {
    collect(conn, OPEN, Vec::new())
}

/// The query for those that ended at an instant or later, the last first.
pub(in crate::sqlite) const ENDED_SINCE: &str = "SELECT id, document FROM tasks
    WHERE ended_at >= ? ORDER BY ended_at DESC LIMIT ?";

/// At most `limit` tasks that ended at this instant or later, the last first.
pub(in crate::sqlite) fn ended_since(
    conn: &Connection,
    since: Timestamp,
    limit: i64,
) -> Outcome<Vec<Task>> {
    collect(conn, ENDED_SINCE, vec![cell::instant(since), limit.into()])
}

/// Every task, a page at a time, by id.
pub(in crate::sqlite) fn by_id(conn: &Connection, after: &str, limit: i64) -> Outcome<Vec<Task>> {
    let sql = "SELECT id, document FROM tasks WHERE id > ?1 ORDER BY id LIMIT ?2";
    collect(conn, sql, vec![after.to_owned().into(), limit.into()])
}

/// The query for a page of tasks, newest first, and its values but for the limit.
pub(in crate::sqlite) fn page_sql(
    filter: &TaskFilter,
    after: Option<&TaskCursor>,
) -> (String, Vec<Value>) {
    let TaskFilter { account_id, states, kind } = filter;
    let only_open = !states.is_empty() && states.iter().all(|state| !state.is_end());
    let index = match account_id {
        Some(_) => "tasks_account",
        None if only_open => "tasks_open",
        None => "tasks_newest",
    };
    let (mut conditions, mut values) = (Vec::new(), Vec::<Value>::new());
    if only_open {
        conditions.push("ended_at IS NULL".to_owned());
    }
    if let Some(account) = account_id {
        conditions.push("account_id = ?".to_owned());
        values.push(cell::text(account.as_str()));
    }
    if let Some(kind) = kind {
        conditions.push("kind = ?".to_owned());
        values.push(cell::text(kind.as_str()));
    }
    if !states.is_empty() {
        let places = vec!["?"; states.len()].join(", ");
        conditions.push(format!("state IN ({places})"));
        values.extend(states.iter().copied().map(TaskStateName::as_str).map(cell::text));
    }
    if let Some(TaskCursor { created_at, id }) = after {
        conditions.push("(created_at, id) < (?, ?)".to_owned());
        values.extend([cell::instant(*created_at), cell::text(id.as_str())]);
    }
    let conditions =
        if conditions.is_empty() { "TRUE".to_owned() } else { conditions.join(" AND ") };
    let sql = format!(
        "SELECT id, document FROM tasks INDEXED BY {index} WHERE {conditions}
         ORDER BY created_at DESC, id DESC LIMIT ?"
    );
    (sql, values)
}

/// At most `limit` of those that match, newest first.
pub(in crate::sqlite) fn page(
    conn: &Connection,
    filter: &TaskFilter,
    after: Option<&TaskCursor>,
    limit: i64,
) -> Outcome<Vec<Task>> {
    let (sql, mut values) = page_sql(filter, after);
    values.push(limit.into());
    collect(conn, &sql, values)
}

/// Ids of tasks that ended before this instant, at most `limit`.
pub(in crate::sqlite) fn ended_before(
    conn: &Connection,
    before: Timestamp,
    limit: i64,
) -> Outcome<Vec<String>> {
    let sql = "SELECT id FROM tasks WHERE ended_at < ?1 ORDER BY ended_at LIMIT ?2";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params![before.as_millis(), limit])?;
    let mut ids = Vec::new();
    while let Some(row) = rows.next()? {
        ids.push(cell(row, 0)?.text()?.to_owned());
    }
    Ok(ids)
}

/// How many tasks ended before this instant.
pub(in crate::sqlite) fn count_ended_before(conn: &Connection, before: Timestamp) -> Outcome<u64> {
    let sql = "SELECT count(*) FROM tasks WHERE ended_at < ?1";
    let count: i64 =
        conn.prepare_cached(sql)?.query_row(params![before.as_millis()], |row| row.get(0))?;
    Ok(count.cast_unsigned())
}

/// Removes the task, which has no people left.
pub(in crate::sqlite) fn remove(conn: &Connection, id: &str) -> Outcome<()> {
    conn.prepare_cached("DELETE FROM tasks WHERE id = ?1")?.execute(params![id])?;
    Ok(())
}
