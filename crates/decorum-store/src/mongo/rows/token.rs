//! `tokens`: who may ask over the network.

use mongodb::bson::Document;

use crate::Token;
use crate::mongo::fault::{Fault, Outcome};
use crate::mongo::fields::{self, Field, Fields, Writing};
use crate::mongo::seal::sealed;

/// Where a document carries an entry of the admin log that is not written yet. It stands behind the
/// seal.
pub(in crate::mongo) const UNNOTED: &str = "unnoted";

/// The token, carrying the entry about its change.
pub(in crate::mongo) fn write(token: &Token, unnoted: Option<&Document>) -> Outcome<Document> {
    let document = Writing::new()
        .with("_id", token.name.as_str())
        .with("role", token.role.as_str())
        .with("hash", fields::bytes(token.hash.as_bytes()))
        .with("created_at", fields::instant(token.created_at))
        .with("created_by", token.created_by.as_str())
        .maybe("last_used_at", token.last_used_at.map(fields::instant))
        .maybe("revoked_at", token.revoked_at.map(fields::instant))
        .done();
    let mut document = sealed(document)?;
    if let Some(entry) = unnoted {
        document.insert(UNNOTED, entry.clone());
    }
    Ok(document)
}

pub(in crate::mongo) fn read(document: &Document) -> Outcome<Token> {
    let row = Fields(document);
    let read = || {
        Ok(Token {
            name: row.get("_id")?.owned()?,
            role: row.get("role")?.exact()?,
            hash: row.get("hash")?.digest()?,
            created_at: row.get("created_at")?.instant()?,
            created_by: row.get("created_by")?.owned()?,
            last_used_at: row.maybe("last_used_at").map(Field::instant).transpose()?,
            revoked_at: row.maybe("revoked_at").map(Field::instant).transpose()?,
        })
    };
    let name = document.get_str("_id").unwrap_or("without a name");
    read().map_err(|fault: Fault| fault.of(format_args!("token {name}")))
}
