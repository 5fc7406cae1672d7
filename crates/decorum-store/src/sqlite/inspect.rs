//! Looking at everything for damage: one sentence per finding, naming what and where.
//!
//! Three layers: SQLite's own structure, the seals of rows that change, and that rows and log
//! tell the same story. The hash chains are the caller's to follow. Each check reads each
//! table once, so the cost grows with the file and no faster.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, Row};

use super::fault::{Fault, Outcome};
use super::rows::sealed::Sealed;
use super::rows::{
    account, admin, alert, candidate, device, keeper, latest, lease, metrics, settings,
    suppression, task, token,
};
use super::schema;

/// Findings of one kind that are listed; a disk that fails can make millions.
const LISTED: usize = 100;

pub(super) fn inspect(conn: &Connection) -> Outcome<Vec<String>> {
    let mut findings = Vec::new();
    as_far_as_readable(&mut findings, "the file", |found| structure(conn, found))?;
    let known = findings.len();
    as_far_as_readable(&mut findings, "the layout", |found| layout(conn, found))?;
    if findings.len() > known {
        // Without the right tables the rest could only fail.
        return Ok(findings);
    }
    for table in [
        &account::ACCOUNTS,
        &account::ERRORS,
        &latest::LATEST,
        &lease::LEASES,
        &settings::SETTINGS,
        &suppression::SUPPRESSIONS,
        &suppression::HASHED,
        &admin::ADMIN_LOG,
        &keeper::KEEPER,
        &metrics::CELLS,
        &metrics::MARKS,
        &task::TASKS,
        &candidate::CANDIDATES,
        &device::DEVICES,
        &alert::ALERTS,
        &token::TOKENS,
    ] {
        as_far_as_readable(&mut findings, table.table, |found| seals(conn, table, found))?;
    }
    for (sql, sentence) in AGREEMENTS {
        as_far_as_readable(&mut findings, "what rows and log say of each other", |found| {
            agreement(conn, sql, sentence, found)
        })?;
    }
    Ok(findings)
}

/// Runs a check; where damage ends it, that is a finding too, and the others go on.
fn as_far_as_readable(
    findings: &mut Vec<String>,
    what: &str,
    check: impl FnOnce(&mut Vec<String>) -> Outcome<()>,
) -> Outcome<()> {
    let problem = match check(findings) {
        Err(Fault::Damaged(problem)) => problem,
        Err(Fault::Sql(e)) if is_damage(&e) => e.to_string(),
        ended => return ended,
    };
    findings.push(format!("{what} cannot be read to the end: {problem}"));
    Ok(())
}

fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

fn structure(conn: &Connection, findings: &mut Vec<String>) -> Outcome<()> {
    let mut statement = conn.prepare(&format!("PRAGMA integrity_check({LISTED})"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let finding = shown(row.get_ref(0)?);
        if finding != "ok" {
            findings.push(format!("the structure of the file is damaged: {finding}"));
        }
    }
    let mut statement = conn.prepare("PRAGMA foreign_key_check")?;
    let mut rows = statement.query([])?;
    let mut orphans = Listed::default();
    while let Some(row) = rows.next()? {
        let (table, id) = (shown(row.get_ref(0)?), shown(row.get_ref(1)?));
        orphans.push(findings, || {
            format!("a row of {table} (number {id}) names an account that is not there")
        });
    }
    Ok(())
}

/// Compares the layout with the one a new file would have.
fn layout(conn: &Connection, findings: &mut Vec<String>) -> Outcome<()> {
    let (found, expected) = (schema::definitions(conn)?, schema::expected()?);
    for (name, definition) in &expected {
        match found.iter().find(|(n, _)| n == name) {
            Some((_, d)) if d == definition => {}
            Some(_) => findings.push(format!("the definition of `{name}` was changed")),
            None => findings.push(format!("`{name}` is missing from the layout")),
        }
    }
    for (name, _) in &found {
        if !expected.iter().any(|(n, _)| n == name) {
            findings.push(format!("`{name}` does not belong into the layout"));
        }
    }
    Ok(())
}

fn seals(conn: &Connection, table: &Sealed, findings: &mut Vec<String>) -> Outcome<()> {
    let mut statement = conn.prepare(&table.all_sql())?;
    let mut rows = statement.query([])?;
    let mut broken = Listed::default();
    while let Some(row) = rows.next()? {
        if !table.fits(row)? {
            let key = key_of(row, table.key)?;
            broken.push(findings, || {
                format!(
                    "{} {key}: was changed by something else than Decorum (its seal does not fit)",
                    table.table
                )
            });
        }
    }
    Ok(())
}

fn key_of(row: &Row<'_>, columns: usize) -> Outcome<String> {
    let mut key = Vec::with_capacity(columns);
    for index in 0..columns {
        key.push(shown(row.get_ref(index)?));
    }
    Ok(key.join("/"))
}

/// Queries for contradictions, each with the sentence that explains what it found. A query
/// returns one text: which row. What was cleaned up is missing on purpose, and only that: the
/// account says up to which event, and how new a success was whose row went.
const AGREEMENTS: [(&str, &str); 9] = [
    (
        "SELECT a.platform || '/' || a.account_id FROM accounts a
         LEFT JOIN interactions_events e
           ON e.platform = a.platform AND e.account_id = a.account_id AND e.seq = a.head_seq
         WHERE a.head_seq <> 0 AND (e.hash IS NOT a.head_hash OR a.newest_event IS NOT
           max(coalesce(a.checkpoint_ts, 0), (SELECT coalesce(max(ts), 0)
            FROM interactions_events n
            WHERE n.platform = a.platform AND n.account_id = a.account_id)))",
        "accounts {}: its newest event is not in the log, or is another one",
    ),
    (
        "SELECT platform || '/' || account_id || ': event ' || max(seq)
         FROM interactions_events GROUP BY platform, account_id
         HAVING max(seq) <> (SELECT head_seq FROM accounts a
           WHERE a.platform = interactions_events.platform
             AND a.account_id = interactions_events.account_id)",
        "accounts {} is in the log, but the account does not know of it",
    ),
    (
        "SELECT a.platform || '/' || a.account_id || ': event ' || e.seq
         FROM accounts a JOIN interactions_events e
           ON e.platform = a.platform AND e.account_id = a.account_id
         WHERE e.seq <= a.checkpoint_seq",
        "accounts {} was cleaned up, and is in the log again",
    ),
    (
        "SELECT account_id || ' seq ' || seq FROM (SELECT account_id, seq, row,
             lag(row) OVER (PARTITION BY platform, account_id ORDER BY seq) AS before
           FROM interactions_events) WHERE before >= row",
        "event {} stands in the log before the one it follows",
    ),
    (
        "SELECT l.platform || '/' || l.account_id || '/' || l.target_username || '/' || l.action
             || ': event ' || l.last_event_id
         FROM interactions_latest l LEFT JOIN interactions_events e ON e.id = l.last_event_id
           LEFT JOIN accounts a ON a.platform = l.platform AND a.account_id = l.account_id
         WHERE l.last_event_id IS NOT NULL
           AND NOT (e.id IS NULL AND coalesce(l.last_ts <= a.checkpoint_ts, FALSE))
           AND (e.platform IS NOT l.platform
           OR e.account_id IS NOT l.account_id OR e.action IS NOT l.action
           OR e.target_username IS NOT l.target_username OR e.status IS NOT l.last_status
           OR e.reason IS NOT l.last_reason OR e.error_class IS NOT l.last_error_class
           OR e.ts IS NOT l.last_ts OR e.claim_id IS NOT l.last_claim_id)",
        "interactions_latest {} is missing, or says something else than the row",
    ),
    (
        "SELECT e.id || ' (' || e.account_id || '/' || e.target_username || '/' || e.action || ')'
         FROM interactions_events e LEFT JOIN interactions_latest l
           ON l.platform = e.platform AND l.account_id = e.account_id
             AND l.target_username = e.target_username AND l.action = e.action
           LEFT JOIN accounts a ON a.platform = e.platform AND a.account_id = e.account_id
         WHERE e.status = 'success' AND e.target_username IS NOT NULL
           AND NOT coalesce(l.last_ts >= e.ts OR l.expires_at > e.ts, FALSE)
           AND NOT coalesce(e.ts <= a.swept_success, FALSE)",
        "event {} engaged somebody, but no row in interactions_latest knows of it",
    ),
    (
        "SELECT a.platform || '/' || a.account_id FROM accounts a
         LEFT JOIN metrics_marks m ON m.platform = a.platform AND m.account_id = a.account_id
         WHERE coalesce(m.seq, 0) NOT BETWEEN coalesce(a.checkpoint_seq, 0) AND a.head_seq
           OR EXISTS (SELECT 1 FROM (SELECT 'hour' AS level UNION ALL SELECT 'day') l
             WHERE coalesce(m.seq, 0) <> (SELECT coalesce(sum(c.count), 0) FROM metrics_cells c
               WHERE c.platform = a.platform AND c.account_id = a.account_id
                 AND c.level = l.level))",
        "metrics_marks {}: says that other events are counted than metrics_cells add up to",
    ),
    (
        // Of those that ended, a cleanup may have begun to remove the people.
        "SELECT t.id FROM tasks t
         WHERE t.ended_at IS NULL AND CASE WHEN json_valid(t.document)
           THEN t.document ->> '$.progress.candidates' END <>
           (SELECT count(*) FROM task_candidates c WHERE c.task_id = t.id)",
        "tasks {}: says that there are other candidates than stand on its list",
    ),
    (
        "SELECT count(*) || ' people' FROM suppressions_hashed
         HAVING count(*) > 0 AND NOT EXISTS
           (SELECT 1 FROM keeper WHERE name = 'suppression_key')",
        "suppressions_hashed: the key to tell who they are is missing in keeper ({})",
    ),
];

fn agreement(
    conn: &Connection,
    sql: &str,
    sentence: &str,
    findings: &mut Vec<String>,
) -> Outcome<()> {
    let mut statement = conn.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut listed = Listed::default();
    while let Some(row) = rows.next()? {
        let which = shown(row.get_ref(0)?);
        listed.push(findings, || sentence.replace("{}", &which));
    }
    Ok(())
}

/// Counts, so that a list of findings has an end.
#[derive(Default)]
struct Listed(usize);

impl Listed {
    fn push(&mut self, findings: &mut Vec<String>, finding: impl FnOnce() -> String) {
        self.0 += 1;
        if self.0 <= LISTED {
            findings.push(finding());
        } else if self.0 == LISTED + 1 {
            findings.push(format!("more than {LISTED} findings like the one before"));
        }
    }
}

fn shown(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "nothing".to_owned(),
        ValueRef::Integer(n) => n.to_string(),
        ValueRef::Real(x) => x.to_string(),
        ValueRef::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        ValueRef::Blob(bytes) => format!("{} bytes", bytes.len()),
    }
}
