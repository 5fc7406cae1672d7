//! `alerts`: what a person has to know.

use decorum_core::Alert;
use mongodb::bson::Document;

use crate::mongo::fault::{Fault, Outcome};
use crate::mongo::fields::{self, Field, Fields, Writing};
use crate::mongo::seal::sealed;

pub(in crate::mongo) fn write(alert: &Alert) -> Outcome<Document> {
    let document = Writing::new()
        .with("_id", alert.id.to_string())
        .with("kind", alert.kind.as_str())
        .with("subject", alert.subject.as_str())
        .with("message", alert.message.as_str())
        .with("raised_at", fields::instant(alert.raised_at))
        // A unique index on those that have it keeps each trouble from being raised twice.
        .maybe("open", alert.is_open().then_some(true))
        .maybe("closed_at", alert.closed_at.map(fields::instant))
        .maybe("closed_by", alert.closed_by.as_deref())
        .maybe("evidence", alert.evidence.as_deref())
        .done();
    sealed(document)
}

pub(in crate::mongo) fn read(document: &Document) -> Outcome<Alert> {
    let row = Fields(document);
    let read = || {
        Ok(Alert {
            id: row.get("_id")?.exact()?,
            kind: row.get("kind")?.exact()?,
            subject: row.get("subject")?.owned()?,
            message: row.get("message")?.owned()?,
            raised_at: row.get("raised_at")?.instant()?,
            closed_at: row.maybe("closed_at").map(Field::instant).transpose()?,
            closed_by: row.maybe("closed_by").map(Field::owned).transpose()?,
            evidence: row.maybe("evidence").map(Field::owned).transpose()?,
        })
    };
    let id = document.get_str("_id").unwrap_or("without an id");
    read().map_err(|fault: Fault| fault.of(format_args!("alert {id}")))
}
