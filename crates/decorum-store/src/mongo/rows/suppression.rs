//! `suppressions`: people never to be contacted.

use decorum_core::{Digest, Platform, Timestamp, Username};
use mongodb::bson::Document;
use mongodb::bson::oid::ObjectId;
use serde_json::json;

use crate::mongo::fault::Outcome;
use crate::mongo::fields::{self, Field, Fields, Writing};
use crate::mongo::rows::admin;
use crate::mongo::seal::sealed;
use crate::{AdminEntry, Suppressed, Suppression};

/// The `_id` of a person's entry.
pub(in crate::mongo) fn id(platform: Platform, target: &Username) -> String {
    format!("{platform}/{target}")
}

/// The `_id` of the entry of a person who was erased.
pub(in crate::mongo) fn erased_id(platform: Platform, hash: &Digest) -> String {
    format!("{platform}/#{hash}")
}

/// The entry of a person who was erased: nobody can read a name off it. Behind the seal stands the
/// id of the entry of the admin log about it, until everything was erased.
pub(in crate::mongo) fn write_erased(
    platform: Platform,
    hash: &Digest,
    who: &str,
    now: Timestamp,
) -> Outcome<Document> {
    let document = Writing::new()
        .with("_id", erased_id(platform, hash))
        .with("platform", platform.as_str())
        .with("target_hash", fields::bytes(hash.as_bytes()))
        .with("added_by", who)
        .with("added_at", fields::instant(now))
        .done();
    let mut document = sealed(document)?;
    document.insert(ERASING, ObjectId::new());
    Ok(document)
}

/// The field of an entry under whose id the erasing that is under way will be noted.
pub(in crate::mongo) const ERASING: &str = "erasing";

/// The entry, with `noted` behind the seal: the id its entry of the admin log will have, until it
/// has been written.
pub(in crate::mongo) fn write(
    (platform, target): (Platform, &Username),
    note: Option<&str>,
    who: &str,
    now: Timestamp,
) -> Outcome<Document> {
    let document = Writing::new()
        .with("_id", id(platform, target))
        .with("platform", platform.as_str())
        .with("target_username", target.as_str())
        .maybe("note", note)
        .with("added_by", who)
        .with("added_at", fields::instant(now))
        .done();
    let mut document = sealed(document)?;
    document.insert("unnoted", ObjectId::new());
    Ok(document)
}

/// What the admin log is to say of it.
pub(in crate::mongo) fn entry(document: &Document) -> Outcome<Option<Document>> {
    let Ok(id) = document.get_object_id("unnoted") else { return Ok(None) };
    let row = Fields(document);
    let entry = AdminEntry {
        ts: row.get("added_at")?.instant()?,
        who: row.get("added_by")?.owned()?,
        what: "suppression.added".to_owned(),
        subject: row.get("target_username")?.owned()?,
        note: row.maybe("note").map(Field::owned).transpose()?,
        before: json!(false),
        after: json!(true),
    };
    admin::write_as(id, &entry).map(Some)
}

/// An entry of either kind, as it is.
pub(in crate::mongo) fn write_entry(entry: &Suppression) -> Outcome<Document> {
    let id = match &entry.who {
        Suppressed::Named(name) => id(entry.platform, name),
        Suppressed::Erased(hash) => erased_id(entry.platform, hash),
    };
    let writing = Writing::new().with("_id", id).with("platform", entry.platform.as_str());
    let writing = match &entry.who {
        Suppressed::Named(name) => writing.with("target_username", name.as_str()),
        Suppressed::Erased(hash) => writing.with("target_hash", fields::bytes(hash.as_bytes())),
    };
    let document = writing
        .maybe("note", entry.note.as_deref())
        .with("added_by", entry.added_by.as_str())
        .with("added_at", fields::instant(entry.added_at))
        .done();
    sealed(document)
}

pub(in crate::mongo) fn read(document: &Document) -> Outcome<Suppression> {
    let row = Fields(document);
    let who = match row.maybe("target_hash") {
        Some(hash) => Suppressed::Erased(hash.digest()?),
        None => Suppressed::Named(row.get("target_username")?.exact()?),
    };
    Ok(Suppression {
        platform: row.get("platform")?.exact()?,
        who,
        note: row.maybe("note").map(Field::owned).transpose()?,
        added_by: row.get("added_by")?.owned()?,
        added_at: row.get("added_at")?.instant()?,
    })
}
