//! What a step of a task writes besides the task: carried by its document until it is done.
//!
//! Safe to repeat, by anybody, at any later time: a person is written only over what an older step
//! wrote, and an entry of the admin log is inserted under its id.

use decorum_core::{Candidate, NewCandidate, Task};
use mongodb::bson::{Bson, Document, doc};

use crate::mongo::fault::{Outcome, limited};
use crate::mongo::fields::{self, Fields, Writing};
use crate::mongo::rows::candidate;
use crate::mongo::servers::Servers;

/// Statements of one command.
const STATEMENTS: usize = 500;

/// What is still to be written.
#[derive(Clone, Debug, Default)]
pub(in crate::mongo) struct Pending {
    /// People, each as their document.
    people: Vec<Document>,
    /// The names of a list as it was submitted, `None` for those who were erased: a whole list as
    /// documents could be more than one document can carry.
    listed: Vec<Option<String>>,
    entry: Option<Document>,
}

impl Pending {
    /// What submitting a task with this list writes.
    pub(in crate::mongo) fn of_list(listed: &[Candidate], entry: Option<Document>) -> Self {
        let name = |each: &Candidate| each.username.as_ref().map(ToString::to_string);
        Self { people: Vec::new(), listed: listed.iter().map(name).collect(), entry }
    }

    /// What a step writes that made the task this one, and changed these people.
    pub(in crate::mongo) fn of_step(
        task: &Task,
        changed: &[Candidate],
        entry: Option<Document>,
    ) -> Outcome<Self> {
        let write = |each| candidate::write(&task.id, each, task.rev);
        let people: Outcome<_> = changed.iter().map(write).collect();
        Ok(Self { people: people?, listed: Vec::new(), entry })
    }

    pub(in crate::mongo) fn is_nothing(&self) -> bool {
        self.people.is_empty() && self.listed.is_empty() && self.entry.is_none()
    }

    pub(in crate::mongo) fn write(&self) -> Document {
        let name = |name: &Option<String>| name.clone().map_or(Bson::Null, Bson::String);
        Writing::new()
            .with("people", Bson::from(self.people.clone()))
            .with("listed", Bson::Array(self.listed.iter().map(name).collect()))
            .maybe("entry", self.entry.clone())
            .done()
    }

    pub(in crate::mongo) fn read(document: &Document) -> Outcome<Self> {
        let row = Fields(document);
        let name = |name: &Bson| name.as_str().map(str::to_owned);
        let listed = document.get_array("listed").map(Vec::as_slice).unwrap_or_default();
        Ok(Self {
            people: row.get("people")?.documents()?,
            listed: listed.iter().map(name).collect(),
            entry: row.maybe("entry").map(|entry| entry.document().cloned()).transpose()?,
        })
    }

    /// The list as documents.
    fn list(&self, task: &Task) -> Outcome<Vec<Document>> {
        let write = |(ord, name): (u64, &Option<String>)| {
            let candidate = match name {
                Some(name) => NewCandidate {
                    username: name.parse().map_err(|e| {
                        super::Fault::Damaged(format!("a name of its list is wrong: {e}"))
                    })?,
                    seen_at: task.created_at,
                    source: None,
                    note: None,
                }
                .at(ord),
                None => Candidate {
                    ord,
                    username: None,
                    seen_at: task.created_at,
                    source: None,
                    state: decorum_core::CandidateState::Open,
                    note: None,
                }
                .erased(),
            };
            candidate::write(&task.id, &candidate, 1)
        };
        (1..).zip(&self.listed).map(write).collect()
    }

    /// Writes it.
    pub(in crate::mongo) async fn finish(&self, servers: &Servers, task: &Task) -> Outcome<()> {
        let listed = self.list(task)?;
        for part in self.people.chunks(STATEMENTS).chain(listed.chunks(STATEMENTS)) {
            let update = |person: &Document| {
                let is = |name| person.get(name).cloned().unwrap_or(Bson::Null);
                let older = doc! { "$lt": is("rev") };
                doc! {
                    "q": { "_id": is("_id"), "task_id": is("task_id"), "rev": older },
                    "u": person.clone(),
                    "upsert": true,
                }
            };
            let updates = part.iter().map(update).collect();
            servers.update(servers.task_candidates.name(), updates).await?;
        }
        if let Some(entry) = &self.entry {
            insert_entry(servers, entry).await?;
        }
        Ok(())
    }
}

/// Writes an entry of the admin log, unless it is there.
pub(in crate::mongo) async fn insert_entry(servers: &Servers, entry: &Document) -> Outcome<()> {
    match limited(servers.admin_log.insert_one(entry)).await {
        Err(fault) if !fault.is_duplicate() => Err(fault),
        _ => Ok(()),
    }
}

/// Of what a document carries behind its seal.
pub(in crate::mongo) fn entry_of(document: &Document) -> Outcome<Option<&Document>> {
    Fields(document).maybe("entry").map(fields::Field::document).transpose()
}
