//! `suppressions` and `suppressions_hashed`: people never to be contacted, with a name or without.

use decorum_core::{Digest, Platform, SuppressionKey, Timestamp, Username};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::cell::{self, cell};
use super::keeper;
use super::sealed::sealed;
use crate::sqlite::fault::{Fault, Outcome};
use crate::{Suppressed, Suppression};

sealed!(
    SUPPRESSIONS,
    "suppressions",
    ["platform", "target_username"],
    ["note", "added_by", "added_at"]
);

sealed!(HASHED, "suppressions_hashed", ["platform", "target_hash"], ["added_by", "added_at"]);

/// The whole list, as far as one can look into it.
pub(in crate::sqlite) struct List {
    key: Option<SuppressionKey>,
    /// Whether it is known that nobody is on it by name.
    has_no_names: bool,
}

impl List {
    /// Gets ready to look people up.
    ///
    /// # Errors
    /// [`Fault::Damaged`] if people are on the list without a name and the key to tell who they
    /// are is gone: then nobody may be engaged.
    pub(in crate::sqlite) fn load(conn: &Connection) -> Outcome<Self> {
        let key = keeper::suppression_key(conn)?;
        let orphaned = key.is_none()
            && conn.prepare_cached("SELECT 1 FROM suppressions_hashed LIMIT 1")?.exists([])?;
        if orphaned {
            let problem = "the key of suppressions_hashed is missing in keeper, so nobody can \
                           tell any more who must never be contacted";
            return Err(Fault::Damaged(problem.to_owned()));
        }
        Ok(Self { key, has_no_names: false })
    }

    /// The same for looking up one person after the other in the same state of the file: on many
    /// lists there is nobody to look for.
    pub(in crate::sqlite) fn load_for_many(conn: &Connection) -> Outcome<Self> {
        let named = conn.prepare_cached("SELECT 1 FROM suppressions LIMIT 1")?.exists([])?;
        Ok(Self { has_no_names: !named, ..Self::load(conn)? })
    }

    /// Whether the person is on the list, by name or without.
    pub(in crate::sqlite) fn has(
        &self,
        conn: &Connection,
        platform: Platform,
        target: &Username,
    ) -> Outcome<bool> {
        let sql = "SELECT 1 FROM suppressions WHERE platform = ?1 AND target_username = ?2";
        let of = params![platform.as_str(), target.as_str()];
        let named = !self.has_no_names && conn.prepare_cached(sql)?.exists(of)?;
        Ok(named || self.is_forgotten(conn, platform, target)?)
    }

    /// Whether the person was erased.
    pub(in crate::sqlite) fn is_forgotten(
        &self,
        conn: &Connection,
        platform: Platform,
        target: &Username,
    ) -> Outcome<bool> {
        let Some(key) = &self.key else { return Ok(false) };
        let hash = key.hash(platform, target);
        let sql = "SELECT 1 FROM suppressions_hashed WHERE platform = ?1 AND target_hash = ?2";
        Ok(conn.prepare_cached(sql)?.exists(params![platform.as_str(), hash.as_bytes()])?)
    }
}

/// Adds the person.
pub(in crate::sqlite) fn add(
    conn: &Connection,
    (platform, target): (Platform, &Username),
    note: Option<&str>,
    who: &str,
    now: Timestamp,
) -> Outcome<()> {
    SUPPRESSIONS.put(
        conn,
        &[
            cell::text(platform.as_str()),
            cell::text(target.as_str()),
            cell::maybe(note, cell::text),
            cell::text(who),
            cell::instant(now),
        ],
    )
}

/// Puts the keyed hash in place of the name: since when, and by whom, as it was for the name, or
/// else as given. Returns whether anything changed.
pub(in crate::sqlite) fn hide(
    conn: &Connection,
    (platform, target): (Platform, &Username),
    hash: &Digest,
    who: &str,
    now: Timestamp,
) -> Outcome<bool> {
    let sql = "SELECT added_by, added_at FROM suppressions
               WHERE platform = ?1 AND target_username = ?2";
    let named: Option<(String, Timestamp)> = conn
        .prepare_cached(sql)?
        .query_row(params![platform.as_str(), target.as_str()], |row| {
            let read = || Ok((cell(row, 0)?.text()?.to_owned(), cell(row, 1)?.instant()?));
            Ok(read().map_err(|fault: Fault| fault.of("a row of suppressions")))
        })
        .optional()?
        .transpose()?;
    let sql = "SELECT 1 FROM suppressions_hashed WHERE platform = ?1 AND target_hash = ?2";
    let hidden = conn.prepare_cached(sql)?.exists(params![platform.as_str(), hash.as_bytes()])?;
    if !hidden {
        let (by, at) = named.clone().unwrap_or_else(|| (who.to_owned(), now));
        let hash = cell::blob(hash.as_bytes());
        HASHED
            .put(conn, &[cell::text(platform.as_str()), hash, cell::text(by), cell::instant(at)])?;
    }
    if named.is_some() {
        let sql = "DELETE FROM suppressions WHERE platform = ?1 AND target_username = ?2";
        conn.execute(sql, params![platform.as_str(), target.as_str()])?;
    }
    Ok(!hidden || named.is_some())
}

/// The whole list, a page at a time: those with a name first, by name, then the others.
pub(in crate::sqlite) fn page(
    conn: &Connection,
    after: Option<&Suppressed>,
    limit: usize,
) -> Outcome<Vec<Suppression>> {
    let mut page = Vec::new();
    let names = match after {
        None => Some(""),
        Some(Suppressed::Named(name)) => Some(name.as_str()),
        Some(Suppressed::Erased(_)) => None,
    };
    if let Some(after) = names {
        named(conn, after, limit, &mut page)?;
    }
    let hash = match after {
        Some(Suppressed::Erased(hash)) => *hash.as_bytes(),
        _ => [0; 32],
    };
    let room = limit - page.len();
    let sql = "SELECT platform, target_hash, added_by, added_at FROM suppressions_hashed
               WHERE target_hash > ?1 ORDER BY target_hash LIMIT ?2";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params![hash, i64::try_from(room).unwrap_or(i64::MAX)])?;
    while let Some(row) = rows.next()? {
        let read = || {
            Ok(Suppression {
                platform: cell(row, 0)?.exact()?,
                who: Suppressed::Erased(cell(row, 1)?.digest()?),
                note: None,
                added_by: cell(row, 2)?.text()?.to_owned(),
                added_at: cell(row, 3)?.instant()?,
            })
        };
        page.push(read().map_err(|fault: Fault| fault.of("a row of suppressions_hashed"))?);
    }
    Ok(page)
}

fn named(conn: &Connection, after: &str, limit: usize, page: &mut Vec<Suppression>) -> Outcome<()> {
    let sql = "SELECT platform, target_username, note, added_by, added_at FROM suppressions
               WHERE target_username > ?1 ORDER BY target_username LIMIT ?2";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params![after, i64::try_from(limit).unwrap_or(i64::MAX)])?;
    while let Some(row) = rows.next()? {
        let read = || {
            Ok(Suppression {
                platform: cell(row, 0)?.exact()?,
                who: Suppressed::Named(cell(row, 1)?.exact()?),
                note: cell(row, 2)?.present().map(cell::Cell::text).transpose()?.map(str::to_owned),
                added_by: cell(row, 3)?.text()?.to_owned(),
                added_at: cell(row, 4)?.instant()?,
            })
        };
        page.push(read().map_err(|fault: Fault| fault.of("a row of suppressions"))?);
    }
    Ok(())
}

/// Writes an entry as it is.
pub(in crate::sqlite) fn put(conn: &Connection, entry: &Suppression) -> Outcome<()> {
    let (platform, by) = (cell::text(entry.platform.as_str()), cell::text(entry.added_by.as_str()));
    let at = cell::instant(entry.added_at);
    match &entry.who {
        Suppressed::Named(name) => {
            let note = cell::maybe(entry.note.as_deref(), cell::text);
            SUPPRESSIONS.put(conn, &[platform, cell::text(name.as_str()), note, by, at])
        }
        Suppressed::Erased(hash) => {
            HASHED.put(conn, &[platform, cell::blob(hash.as_bytes()), by, at])
        }
    }
}
