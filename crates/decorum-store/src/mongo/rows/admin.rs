//! `admin_log`: who changed what, by hand.

use mongodb::bson::oid::ObjectId;
use mongodb::bson::{Bson, Document};

use crate::AdminEntry;
use crate::mongo::fault::Outcome;
use crate::mongo::fields::{self, Field, Fields, Writing};
use crate::mongo::seal::sealed;

/// The entry under an `_id` of its own, drawn here: ids sort by second and, within one process, by
/// order of making.
pub(in crate::mongo) fn write(entry: &AdminEntry) -> Outcome<Document> {
    write_as(ObjectId::new(), entry)
}

pub(in crate::mongo) fn write_as(id: ObjectId, entry: &AdminEntry) -> Outcome<Document> {
    let document = Writing::new()
        .with("_id", id)
        .with("ts", fields::instant(entry.ts))
        .with("who", entry.who.as_str())
        .with("what", entry.what.as_str())
        .with("subject", entry.subject.as_str())
        .maybe("note", entry.note.as_deref())
        .with("before", json(&entry.before))
        .with("after", json(&entry.after))
        .done();
    sealed(document)
}

/// As text, because a setting's name has dots in it and a document's field should not.
fn json(value: &serde_json::Value) -> Bson {
    Bson::String(value.to_string())
}

pub(in crate::mongo) fn read(document: &Document) -> Outcome<AdminEntry> {
    let row = Fields(document);
    let json = |name| {
        let field: Field<'_> = row.get(name)?;
        field.exact::<serde_json::Value>()
    };
    Ok(AdminEntry {
        ts: row.get("ts")?.instant()?,
        who: row.get("who")?.owned()?,
        what: row.get("what")?.owned()?,
        subject: row.get("subject")?.owned()?,
        note: row.maybe("note").map(Field::owned).transpose()?,
        before: json("before")?,
        after: json("after")?,
    })
}
