//! Folding and answering; see [`crate::metrics`]. A fold is one transaction and an answer one
//! snapshot, so neither ever meets the other half done.

use std::cmp::Reverse;

use decorum_core::{AccountId, Platform};
use rusqlite::{Connection, params};

use super::fault::Outcome;
use super::rows::metrics::{self, Mark};
use crate::metrics::{Entry, FOLD_STEP, Tally, Window, by_cell, gapless};
use crate::{Metrics, MetricsQuery};

/// How many events are beyond the marks.
pub(super) fn tail(conn: &Connection, account: Option<&AccountId>) -> Outcome<u64> {
    Ok(metrics::marks(conn, account)?.iter().map(|mark| mark.tail).sum())
}

/// Folds a bounded number of events, of the accounts with the longest tails. Returns how many.
pub(super) fn fold_some(conn: &Connection, account: Option<&AccountId>) -> Outcome<usize> {
    let mut marks = metrics::marks(conn, account)?;
    marks.sort_by_key(|mark| Reverse(mark.tail));
    let mut folded = 0;
    for mark in marks.iter().filter(|mark| mark.tail > 0) {
        let mut entries = Vec::new();
        beyond(conn, mark, FOLD_STEP - folded, |entry| entries.push(entry))?;
        entries.truncate(gapless(mark.seq, &entries));
        fold(conn, (mark.platform, &mark.account_id), &entries)?;
        folded += entries.len();
        if folded >= FOLD_STEP {
            break;
        }
    }
    Ok(folded)
}

/// Folds entries of one account that follow its mark.
fn fold(conn: &Connection, account: (Platform, &AccountId), entries: &[Entry]) -> Outcome<()> {
    let Some(end) = entries.last().map(|entry| entry.seq) else { return Ok(()) };
    for (key, entries) in by_cell(account, entries) {
        let mut cell = metrics::load(conn, &key)?;
        cell.include(&entries, end);
        metrics::save(conn, &key, &cell)?;
    }
    metrics::set_mark(conn, account, end)
}

/// Folds, of events that are about to be removed, those that are not counted yet.
pub(super) fn fold_before_removal(
    conn: &Connection,
    account: (Platform, &AccountId),
    entries: &[Entry],
) -> Outcome<()> {
    let marks = metrics::marks(conn, Some(account.1))?;
    let mark = marks.iter().find(|mark| mark.platform == account.0).map_or(0, |mark| mark.seq);
    let counted = entries.partition_point(|entry| entry.seq <= mark);
    fold(conn, account, entries.get(counted..).unwrap_or_default())
}

fn beyond(conn: &Connection, mark: &Mark, limit: usize, show: impl FnMut(Entry)) -> Outcome<()> {
    let rest = "WHERE platform = ?1 AND account_id = ?2 AND seq > ?3 ORDER BY seq LIMIT ?4";
    let of = params![
        mark.platform.as_str(),
        mark.account_id.as_str(),
        mark.seq.cast_signed(),
        i64::try_from(limit).unwrap_or(i64::MAX)
    ];
    metrics::entries(conn, rest, of, show)
}

pub(super) fn answer(conn: &Connection, query: &MetricsQuery) -> Outcome<Metrics> {
    let MetricsQuery { account_id, from, to, step } = query;
    let marks = metrics::marks(conn, account_id.as_ref())?;
    let cleaned = marks.iter().filter_map(|mark| mark.cleaned).max();
    let window = Window::new(*from, *to, *step, cleaned);
    let mut tally = Tally::new(window.clone(), *step);
    for mark in &marks {
        let account = (mark.platform, &mark.account_id);
        for range in &window.cells {
            metrics::cells(conn, account, range, |key, cell| tally.cell(key, cell))?;
        }
        beyond(conn, mark, usize::MAX, |entry| tally.beyond(account, entry))?;
    }
    for (from, to) in &window.edges {
        let (from, to) = (from.as_millis(), to.as_millis());
        let edge = |entry| tally.edge(entry);
        if let Some(account) = account_id {
            let rest = "INDEXED BY events_account WHERE account_id = ?1 AND ts >= ?2 AND ts < ?3";
            metrics::entries(conn, rest, params![account.as_str(), from, to], edge)?;
        } else {
            let rest = "INDEXED BY events_ts WHERE ts >= ?1 AND ts < ?2";
            metrics::entries(conn, rest, params![from, to], edge)?;
        }
    }
    Ok(tally.finish()?)
}
