//! Copying a store into another, of whatever kind: verified, resumable, chains and all.
//!
//! What is copied is what was decided: accounts, events, dedup rows, error histories, settings,
//! suppressions with their key, leases (so that fences go on growing), the admin log, tasks with their
//! people, phones, alerts, and what was counted of events that are cleaned up since.
//!
//! 1. The target, empty or begun by an earlier copy of the same source, gets a [`Mark`]. While it
//!    has one, nobody can open it for anything else.
//! 2. Events are copied account by account, in order. What is there already is not copied again.
//!    The rest is small beside them, and is copied after them.
//! 3. Everything is read again from both sides and compared. Only if all is the same is the mark
//!    taken off.
//!
//! A source that is used meanwhile is noticed in step 3: the copy says so and can be gone on with.

mod record;
mod tasks;
#[cfg(test)]
pub(crate) mod tests;
mod transfer;

use std::sync::Arc;

use decorum_core::Event;

use crate::StoreError;
pub use record::{Mark, Record, Suppressed, Suppression};
pub use transfer::Transfer;

/// Records read and written at a time.
pub(crate) const BATCH: usize = 500;

/// What a copy is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Bringing over what is missing.
    Copying,
    /// Comparing both sides.
    Verifying,
}

/// How far a copy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What it is doing.
    pub stage: Stage,
    /// Records it has done that with.
    pub done: u64,
    /// Records there are.
    pub total: u64,
}

/// What was copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Copied {
    /// Accounts.
    pub accounts: u64,
    /// Events, those of an earlier attempt included.
    pub events: u64,
    /// Dedup rows.
    pub rows: u64,
    /// People on the suppression list.
    pub suppressions: u64,
    /// Tasks.
    pub tasks: u64,
    /// Events that an earlier attempt had brought over.
    pub resumed: u64,
}

/// Why a copy came to no end.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// One of the two stores.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The target is somebody else's.
    #[error(
        "{target} is not empty; a store is copied into an empty one, or one into which a copy of \
         the same store was begun"
    )]
    NotEmpty {
        /// The target.
        target: String,
    },
    /// Source and target are one.
    #[error("{target} cannot be copied into itself")]
    Same {
        /// Both.
        target: String,
    },
    /// The target was begun from elsewhere.
    #[error("{target} holds a begun copy of {from}, not of {source_place}; choose another target")]
    OtherSource {
        /// The target.
        target: String,
        /// Where its begun copy is from.
        from: String,
        /// Where this copy is from.
        source_place: String,
    },
    /// Both sides differ although all was copied.
    #[error(
        "{what} differs between the two stores. If the source was in use meanwhile, stop what uses \
         it and run the same command again; the copy cannot be used until it is complete"
    )]
    Differs {
        /// What differs first.
        what: String,
    },
    /// A source that cannot be read to its end.
    #[error("{what} of the source is damaged: {problem}; `decorum audit verify` says more")]
    Damaged {
        /// What.
        what: String,
        /// How.
        problem: String,
    },
}

struct Copy<'a> {
    source: &'a dyn Transfer,
    target: &'a dyn Transfer,
    mark: Mark,
    show: &'a mut (dyn FnMut(Progress) + Send),
    progress: Progress,
    copied: Copied,
}

/// Copies `source` into `target`, or goes on with it. `show` is told how far it is.
///
/// # Errors
/// See [`CopyError`]; the target keeps its mark then, and the same call goes on.
pub async fn copy(
    source: Arc<dyn Transfer>,
    target: Arc<dyn Transfer>,
    show: &mut (dyn FnMut(Progress) + Send),
) -> Result<Copied, CopyError> {
    let progress = Progress { stage: Stage::Copying, done: 0, total: 0 };
    let (source, target) = (source.as_ref(), target.as_ref());
    let mark = Mark { from: source.address(), run: run()? };
    let mut copy = Copy { source, target, mark, show, progress, copied: Copied::default() };
    copy.begin().await?;
    copy.events().await?;
    copy.the_rest().await?;
    copy.verify().await?;
    // Whatever is decided changes an account, the settings, a lease, a task or the admin log. If none
    // of them changed while the rest was compared, neither did the rest.
    copy.verify_what_moves().await?;
    target.unmark(&copy.mark).await?;
    Ok(copy.copied)
}

/// A name for one attempt.
fn run() -> Result<String, StoreError> {
    let number = getrandom::u64().map_err(|e| StoreError::Unreachable {
        place: "the random numbers of this system".to_owned(),
        problem: e.to_string(),
    })?;
    Ok(format!("{number:016x}"))
}

impl Copy<'_> {
    async fn begin(&mut self) -> Result<(), CopyError> {
        let (source_place, target) = (self.source.address(), self.target.address());
        if let Some(Mark { from, .. }) = self.source.mark().await? {
            return Err(StoreError::HalfCopied { place: source_place, from }.into());
        }
        match self.target.mark().await? {
            Some(mark) if mark.from == source_place => {}
            Some(Mark { from, .. }) => {
                return Err(CopyError::OtherSource { target, from, source_place });
            }
            None if source_place == target => return Err(CopyError::Same { target }),
            None if self.target.is_empty().await? => {}
            None => return Err(CopyError::NotEmpty { target }),
        }
        self.target.set_mark(&self.mark).await?;
        for view in self.source.accounts().await? {
            self.copied.accounts += 1;
            let first = view.account.checkpoint.map_or(0, |cleaned| cleaned.head.seq);
            self.progress.total += view.account.head.seq.saturating_sub(first);
        }
        Ok(())
    }

    fn advance(&mut self, by: usize) {
        self.progress.done += by as u64;
        (self.show)(self.progress);
    }

    async fn put(&mut self, records: Vec<Record>) -> Result<(), CopyError> {
        if !records.is_empty() {
            self.target.take_in(&self.mark, records).await?;
        }
        Ok(())
    }

    /// Accounts first: events refer to them.
    async fn events(&mut self) -> Result<(), CopyError> {
        for view in self.source.accounts().await? {
            let name = view.account.account_id.clone();
            let head = view.account.head.seq;
            let cleaned = view.account.checkpoint.map_or(0, |cleaned| cleaned.head.seq);
            self.put(vec![Record::Account(Box::new(view.clone()))]).await?;
            // What was cleaned up at the source since an earlier attempt.
            self.target.remove_events(&self.mark, &name, cleaned).await?;
            let there = self.copied_before(&view, cleaned).await?;
            self.copied.resumed += there - cleaned;
            self.progress.done += there - cleaned;
            let mut after = there;
            while after < head {
                let mut records = Vec::with_capacity(BATCH);
                for event in self.source.chain(&name, after, BATCH).await? {
                    let event = event.map_err(|broken| CopyError::Damaged {
                        what: format!("the log of {name}"),
                        problem: broken.to_string(),
                    })?;
                    if event.seq <= head {
                        after = event.seq;
                        records.push(Record::Event(Box::new(event)));
                    }
                }
                if records.is_empty() {
                    return Err(CopyError::Damaged {
                        what: format!("the log of {name}"),
                        problem: format!("event {} is missing", after + 1),
                    });
                }
                let copied = records.len();
                self.put(records).await?;
                self.advance(copied);
            }
            self.copied.events += head - cleaned;
        }
        Ok(())
    }

    /// How far an earlier attempt came with this account. If anything of that differs by now, because
    /// somebody was erased since, the account is begun again.
    async fn copied_before(
        &mut self,
        view: &crate::AccountView,
        cleaned: u64,
    ) -> Result<u64, CopyError> {
        let name = &view.account.account_id;
        let there = self.target.newest_event(name).await?.max(cleaned);
        let mut after = cleaned;
        while after < there {
            let ours = self.readable(self.target, view, after).await?;
            let mut theirs = self.readable(self.source, view, after).await?;
            theirs.truncate(ours.len());
            let Some(last) = ours.last().filter(|_| ours == theirs) else {
                self.target.remove_events(&self.mark, name, u64::MAX).await?;
                return Ok(cleaned);
            };
            after = last.seq;
        }
        Ok(there)
    }

    /// What is not the log. Of an earlier attempt only the log is kept: the rest may have changed.
    async fn the_rest(&mut self) -> Result<(), CopyError> {
        self.target.clear_all_but_events(&self.mark).await?;
        let key = self.source.suppression_key().await?;
        self.put(key.map(Record::Key).into_iter().collect()).await?;
        if let Some(settings) = self.source.stored_settings().await? {
            self.put(vec![Record::Settings(Box::new(settings))]).await?;
        }
        let mut after = None;
        loop {
            let people = self.source.suppressions(after.as_ref(), BATCH).await?;
            let Some(last) = people.last() else { break };
            after = Some(last.who.clone());
            self.copied.suppressions += people.len() as u64;
            self.put(people.into_iter().map(Record::Suppression).collect()).await?;
        }
        for view in self.source.accounts().await? {
            let name = view.account.account_id.clone();
            // As it is now; one that is new has no events here, which verifying will find.
            self.put(vec![Record::Account(Box::new(view))]).await?;
            let mut after = None;
            loop {
                let rows = self.source.rows(&name, after.as_ref(), BATCH).await?;
                let Some((last, _)) = rows.last() else { break };
                after = Some(last.clone());
                self.copied.rows += rows.len() as u64;
                let record = |(key, row)| Record::Row(Box::new((key, row)));
                self.put(rows.into_iter().map(record).collect()).await?;
            }
        }
        for view in self.source.accounts().await? {
            self.counts(&view).await?;
        }
        self.tasks().await?;
        let leases = self.source.leases().await?;
        self.put(leases.into_iter().map(Record::Lease).collect()).await?;
        let mut log = self.source.admin_log(usize::MAX).await?;
        log.reverse();
        for part in log.chunks(BATCH) {
            self.put(part.iter().cloned().map(|e| Record::Admin(Box::new(e))).collect()).await?;
        }
        Ok(())
    }

    /// What was counted of events that are cleaned up since cannot be counted anew.
    async fn counts(&mut self, view: &crate::AccountView) -> Result<(), CopyError> {
        let (platform, name) = (view.account.platform, &view.account.account_id);
        let mut counts = self.source.counts(name).await?;
        loop {
            let events = self.readable(self.target, view, counts.through).await?;
            if events.is_empty() {
                break;
            }
            counts.include((platform, name), &events);
        }
        self.put(vec![Record::Counts(Box::new((platform, name.clone(), counts)))]).await
    }

    async fn verify(&mut self) -> Result<(), CopyError> {
        self.progress = Progress { stage: Stage::Verifying, done: 0, ..self.progress };
        self.verify_what_moves().await?;
        let (source, target) = (self.source, self.target);
        let all = crate::MetricsQuery::default();
        self.verify_tasks().await?;
        same("what is counted", &source.metrics(&all).await?, &target.metrics(&all).await?)?;
        let mut after = None;
        loop {
            let theirs = source.suppressions(after.as_ref(), BATCH).await?;
            let ours = target.suppressions(after.as_ref(), BATCH).await?;
            same("the suppression list", &theirs, &ours)?;
            let Some(last) = theirs.last() else { break };
            after = Some(last.who.clone());
        }
        for view in source.accounts().await? {
            let name = &view.account.account_id;
            let mut after = None;
            loop {
                let theirs = source.rows(name, after.as_ref(), BATCH).await?;
                let ours = target.rows(name, after.as_ref(), BATCH).await?;
                same(&format!("a dedup row of {name}"), &theirs, &ours)?;
                let Some((last, _)) = theirs.last() else { break };
                after = Some(last.clone());
            }
            let mut after = view.account.checkpoint.map_or(0, |cleaned| cleaned.head.seq);
            loop {
                let theirs = self.readable(source, &view, after).await?;
                let ours = self.readable(target, &view, after).await?;
                same(&format!("the log of {name} after event {after}"), &theirs, &ours)?;
                let Some(last) = theirs.last() else { break };
                after = last.seq;
                self.advance(theirs.len());
            }
        }
        Ok(())
    }

    /// What any decision, and any change by hand, moves.
    async fn verify_what_moves(&self) -> Result<(), CopyError> {
        let (source, target) = (self.source, self.target);
        same("the list of accounts", &source.accounts().await?, &target.accounts().await?)?;
        let (theirs, ours) = (source.stored_settings().await?, target.stored_settings().await?);
        same("the settings", &theirs, &ours)?;
        if let Some(key) = source.suppression_key().await? {
            same("the suppression key", &Some(key), &target.suppression_key().await?)?;
        }
        self.verify_devices_and_alerts().await?;
        same("the leases", &source.leases().await?, &target.leases().await?)?;
        let (theirs, ours) =
            (source.admin_log(usize::MAX).await?, target.admin_log(usize::MAX).await?);
        same("the admin log", &theirs, &ours)?;
        Ok(())
    }

    async fn readable(
        &self,
        of: &dyn Transfer,
        view: &crate::AccountView,
        after: u64,
    ) -> Result<Vec<Event>, CopyError> {
        let name = &view.account.account_id;
        let chain = of.chain(name, after, BATCH).await?;
        let readable = chain.into_iter().map(|event| {
            event.map_err(|broken| CopyError::Damaged {
                what: format!("the log of {name}"),
                problem: broken.to_string(),
            })
        });
        readable.collect()
    }
}

fn same<T: PartialEq>(what: &str, theirs: &T, ours: &T) -> Result<(), CopyError> {
    if theirs == ours { Ok(()) } else { Err(CopyError::Differs { what: what.to_owned() }) }
}
