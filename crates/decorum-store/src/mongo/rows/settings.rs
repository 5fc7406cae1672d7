//! `settings`: the one document, its version, and the entry of the admin log about its last change.

use decorum_core::Settings;
use mongodb::bson::Document;

use crate::SettingsVersion;
use crate::mongo::fault::{Fault, Outcome};
use crate::mongo::fields::{self, Field, Fields, Writing};
use crate::mongo::seal::sealed;

/// The `_id` of the document.
pub(in crate::mongo) const ID: &str = "settings";

/// `entry` stands behind the seal: it is written to the admin log by whoever comes next, should the
/// writer die in between.
pub(in crate::mongo) fn write(new: &SettingsVersion, entry: Document) -> Outcome<Document> {
    let mut document = write_alone(new)?;
    document.insert("entry", entry);
    Ok(document)
}

/// The same when the admin log has its entry.
pub(in crate::mongo) fn write_alone(new: &SettingsVersion) -> Outcome<Document> {
    let document = Writing::new()
        .with("_id", ID)
        .with("version", fields::count(new.version))
        .with("document", fields::structure(&new.settings.to_json())?)
        .done();
    sealed(document)
}

pub(in crate::mongo) fn read(document: &Document) -> Outcome<SettingsVersion> {
    let row = Fields(document);
    let json: serde_json::Value = row.get("document")?.structure()?;
    let settings = Settings::from_json(&json)
        .map_err(|e| Fault::Damaged(format!("the stored settings are wrong: {e}")))?;
    Ok(SettingsVersion { version: row.get("version")?.count()?, settings })
}

/// The entry of the admin log about the last change.
pub(in crate::mongo) fn entry(document: &Document) -> Outcome<Option<&Document>> {
    Fields(document).maybe("entry").map(Field::document).transpose()
}
