//! `devices`: phones. One that is being removed stays until its entry of the admin log is written.

use decorum_core::DeviceRecord;
use mongodb::bson::Document;

use crate::mongo::fault::{Fault, Outcome};
use crate::mongo::fields::{self, Fields, Writing};
use crate::mongo::seal::sealed;

/// The field behind the seal that says it is being removed.
pub(in crate::mongo) const REMOVED: &str = "removed";

pub(in crate::mongo) fn write(device: &DeviceRecord) -> Outcome<Document> {
    let document = Writing::new()
        .with("_id", device.device_id.as_str())
        .with("rev", fields::count(device.rev))
        // As text: names of capabilities have dots and colons in them, which fields should not.
        .with("document", json(device)?)
        .done();
    sealed(document)
}

fn json(device: &DeviceRecord) -> Outcome<String> {
    serde_json::to_string(device)
        .map_err(|e| Fault::Damaged(format!("a phone has no JSON form: {e}")))
}

pub(in crate::mongo) fn is_removed(document: &Document) -> bool {
    document.contains_key(REMOVED)
}

pub(in crate::mongo) fn read(document: &Document) -> Outcome<DeviceRecord> {
    let read = || {
        let text = Fields(document).get("document")?.text()?;
        serde_json::from_str(text)
            .map_err(|e| Fault::Damaged(format!("its `document` is wrong: {e}")))
    };
    let id = document.get_str("_id").unwrap_or("without an id");
    read().map_err(|fault: Fault| fault.of(format_args!("phone {id}")))
}
