//! `tasks`: each with the number of its step, and what of the step is not written yet.

use decorum_core::{Task, TaskStateName};
use mongodb::bson::{Bson, Document, doc};

use crate::mongo::fault::{Fault, Outcome};
use crate::mongo::fields::{self, Field, Fields, Writing};
use crate::mongo::seal::sealed;
use crate::mongo::tasks::pending::Pending;

/// The field that only a task has to which something may still happen.
pub(in crate::mongo) const OPEN: &str = "open";
/// The field that names the attempt at the task's newest step. Stands behind the seal.
pub(in crate::mongo) const STEP: &str = "step";
/// The field that others set so that a step decided before is decided again. Behind the seal.
pub(in crate::mongo) const FENCED: &str = "fenced";
/// The field that carries what the newest step writes elsewhere. Stands behind the seal.
pub(in crate::mongo) const PENDING: &str = "pending";

/// A task and what its document carries.
pub(in crate::mongo) struct Stored {
    pub(in crate::mongo) task: Task,
    pub(in crate::mongo) step: Option<String>,
    pub(in crate::mongo) fenced: Bson,
    pub(in crate::mongo) pending: Option<Pending>,
}

/// The task alone.
pub(in crate::mongo) fn write_alone(task: &Task) -> Outcome<Document> {
    let open = task.is_open().then_some(true);
    // One that runs has a field of its own: a unique index on it keeps an account from running two.
    let running = (task.state.name() == TaskStateName::Running).then_some(true);
    let document = Writing::new()
        .with("_id", task.id.as_str())
        .with("account_id", task.spec.account_id.as_str())
        .with("kind", task.spec.kind.as_str())
        .with("state", task.state.name().as_str())
        .maybe(OPEN, open)
        .maybe("running", running)
        .with("ord", fields::count(task.ord))
        .with("created_at", fields::instant(task.created_at))
        .maybe("ended_at", task.ended_at.map(fields::instant))
        .with("rev", fields::count(task.rev))
        .with("document", fields::structure(task)?)
        .done();
    sealed(document)
}

/// The task as its step writes it, which is named.
pub(in crate::mongo) fn write(task: &Task, step: &str, pending: &Pending) -> Outcome<Document> {
    let mut document = write_alone(task)?;
    document.insert(STEP, step);
    if !pending.is_nothing() {
        let mut carried = doc! { "rev": fields::count(task.rev) };
        carried.extend(pending.write());
        document.insert(PENDING, carried);
    }
    Ok(document)
}

pub(in crate::mongo) fn read(document: &Document) -> Outcome<Stored> {
    let row = Fields(document);
    let read = || {
        let task: Task = row.get("document")?.structure()?;
        if row.get("rev")?.count()? != task.rev || row.get("_id")?.text()? != task.id.as_str() {
            return Err(Fault::Damaged("its `document` is another one's".to_owned()));
        }
        let pending = row.maybe(PENDING).map(|pending| Pending::read(pending.document()?));
        let step = row.maybe(STEP).map(Field::owned).transpose()?;
        let fenced = document.get(FENCED).cloned().unwrap_or(Bson::Null);
        Ok(Stored { pending: pending.transpose()?, step, fenced, task })
    };
    let id = document.get_str("_id").unwrap_or("without an id");
    read().map_err(|fault: Fault| fault.of(format_args!("task {id}")))
}
