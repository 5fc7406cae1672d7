//! `tokens`.

use decorum_core::Digest;
use rusqlite::{Connection, Row, params};

use super::cell::{self, cell};
use super::sealed::sealed;
use crate::Token;
use crate::sqlite::fault::{Fault, Outcome};

sealed!(
    TOKENS,
    "tokens",
    ["name"],
    ["role", "hash", "created_at", "created_by", "last_used_at", "revoked_at"]
);

const COLUMNS: &str = "name, role, hash, created_at, created_by, last_used_at, revoked_at";

/// The token of this name.
pub(in crate::sqlite) fn named(conn: &Connection, name: &str) -> Outcome<Option<Token>> {
    let sql = format!("SELECT {COLUMNS} FROM tokens WHERE name = ?1");
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(params![name])?;
    rows.next()?.map(read).transpose()
}

/// The token whose secret has this hash.
pub(in crate::sqlite) fn hashed(conn: &Connection, hash: &Digest) -> Outcome<Option<Token>> {
    let sql = format!("SELECT {COLUMNS} FROM tokens WHERE hash = ?1");
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(params![hash.as_bytes()])?;
    rows.next()?.map(read).transpose()
}

/// All tokens, by name.
pub(in crate::sqlite) fn all(conn: &Connection) -> Outcome<Vec<Token>> {
    let mut statement = conn.prepare(&format!("SELECT {COLUMNS} FROM tokens ORDER BY name"))?;
    let mut rows = statement.query([])?;
    let mut tokens = Vec::new();
    while let Some(row) = rows.next()? {
        tokens.push(read(row)?);
    }
    Ok(tokens)
}

fn read(row: &Row<'_>) -> Outcome<Token> {
    let name = cell(row, 0)?.text()?.to_owned();
    let rest = || {
        Ok(Token {
            name: name.clone(),
            role: cell(row, 1)?.exact()?,
            hash: cell(row, 2)?.digest()?,
            created_at: cell(row, 3)?.instant()?,
            created_by: cell(row, 4)?.text()?.to_owned(),
            last_used_at: cell(row, 5)?.present().map(cell::Cell::instant).transpose()?,
            revoked_at: cell(row, 6)?.present().map(cell::Cell::instant).transpose()?,
        })
    };
    rest().map_err(|fault: Fault| fault.of(format_args!("the token `{name}`")))
}

/// Writes the token.
pub(in crate::sqlite) fn save(conn: &Connection, token: &Token) -> Outcome<()> {
    TOKENS.put(
        conn,
        &[
            cell::text(token.name.as_str()),
            cell::text(token.role.as_str()),
            cell::blob(token.hash.as_bytes()),
            cell::instant(token.created_at),
            cell::text(token.created_by.as_str()),
            cell::maybe(token.last_used_at, cell::instant),
            cell::maybe(token.revoked_at, cell::instant),
        ],
    )
}
