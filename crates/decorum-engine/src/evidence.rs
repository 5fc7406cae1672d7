//! Pictures and page sources that were kept with events, for a person to look at: which files
//! they are, and removing them.
//!
//! An event names one file of its evidence, by the path it had when it was taken: spelt in
//! another way perhaps, relative to another directory, on another machine. Names are random, so a
//! file of that name in our folder is the one. Events may come from anywhere, so no file outside
//! of our folder is ever touched; it is reported.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use decorum_core::erasure::mentions;
use decorum_core::{AccountId, Event, Timestamp, Username};
use decorum_store::{EventFilter, Order, PageRequest, Store, StoreError};

use crate::audit;
use crate::crew::evidence::PHONES;

/// Files that are reported by name, before the rest is only counted.
const SHOWN_MAX: usize = 20;

/// What an event has for evidence.
const ENDINGS: [&str; 2] = ["png", "xml"];

/// Why evidence could not be removed.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// A file of our folder that stays.
    #[error("{} cannot be removed: {problem}", file.display())]
    Stuck {
        /// Which.
        file: PathBuf,
        /// What the system said.
        problem: io::Error,
    },
    /// Only the store knows which files they are.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// See the module's documentation.
#[derive(Debug)]
pub struct Evidence {
    folder: PathBuf,
    /// Only count.
    dry: bool,
    removed: usize,
    /// What could not be removed, a sentence each.
    left: Vec<String>,
    /// How many could not be removed.
    left_count: usize,
}

impl Evidence {
    /// The evidence in this folder; if `dry`, it is counted and not removed.
    pub const fn of(folder: PathBuf, dry: bool) -> Self {
        Self { folder, dry, removed: 0, left: Vec::new(), left_count: 0 }
    }

    /// The path that the event names, if it has evidence.
    fn named_by(event: &Event) -> Option<PathBuf> {
        let metadata = event.metadata.to_map();
        metadata.get("evidence").and_then(|place| place.as_str()).map(PathBuf::from)
    }

    /// Removes the files of the evidence that an event names so.
    ///
    /// # Errors
    /// When a file of our folder cannot be removed.
    fn remove(&mut self, named: &Path) -> Result<(), EvidenceError> {
        if self.is_elsewhere(named) {
            let folder = self.folder.display();
            self.leave(format!("{} is not in {folder}; remove it by hand", named.display()));
            return Ok(());
        }
        let mut found = 0;
        for ending in ENDINGS {
            let Some(name) = Path::new(named).file_name() else { break };
            let file = self.folder.join(name).with_extension(ending);
            let gone =
                if self.dry { fs::metadata(&file).map(drop) } else { fs::remove_file(&file) };
            match gone {
                Ok(()) => found += 1,
                Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                Err(e) => {
                    return Err(EvidenceError::Stuck { file, problem: e });
                }
            }
        }
        self.removed += found;
        if found == 0 {
            self.leave(format!(
                "{} is not here; if it was taken on another machine, remove it there",
                named.display()
            ));
        }
        Ok(())
    }

    /// Reports evidence that stays, because it may tell what happened to a broken log.
    fn keep(&mut self, named: &Path, account: &AccountId) {
        self.leave(format!("{} stays: the log of {account} is broken", named.display()));
    }

    /// Removes what was kept with events about one person, as far as it is on this machine. To be
    /// called before they are forgotten: only the events know which files they are.
    ///
    /// # Errors
    /// When the store does not answer, or a file cannot be removed.
    pub async fn remove_of(
        &mut self,
        store: &dyn Store,
        person: &Username,
    ) -> Result<(), EvidenceError> {
        let filter =
            EventFilter { target_username: Some(person.clone()), ..EventFilter::default() };
        let mut page = PageRequest { limit: PageRequest::MAX, ..PageRequest::default() };
        loop {
            let found = store.events(&filter, &page).await?;
            for named in found.items.iter().filter_map(Self::named_by) {
                self.remove(&named)?;
            }
            page.after = found.next;
            if page.after.is_none() {
                return self.remove_pictures_of(person);
            }
        }
    }

    /// Removes the last pictures of phones that may show the person: those whose page names them,
    /// and those whose page is not there to tell.
    fn remove_pictures_of(&mut self, person: &Username) -> Result<(), EvidenceError> {
        let Ok(found) = fs::read_dir(self.folder.join(PHONES)) else { return Ok(()) };
        for picture in found.flatten().map(|entry| entry.path()) {
            if picture.extension().is_none_or(|end| end != "png") {
                continue;
            }
            let page = picture.with_extension("xml");
            if fs::read_to_string(&page).is_ok_and(|page| !mentions(&page, person)) {
                continue;
            }
            for file in [picture, page] {
                let gone =
                    if self.dry { fs::metadata(&file).map(drop) } else { fs::remove_file(&file) };
                match gone {
                    Ok(()) => self.removed += 1,
                    Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                    Err(e) => return Err(EvidenceError::Stuck { file, problem: e }),
                }
            }
        }
        Ok(())
    }

    /// Removes what was kept with events that a cleanup of those before `before` will remove.
    /// `looked_at` is told of every page how many events it had, and says whether to go on.
    ///
    /// # Errors
    /// When the store does not answer, or a file cannot be removed.
    pub async fn remove_before(
        &mut self,
        store: &dyn Store,
        before: Timestamp,
        mut looked_at: impl FnMut(usize) -> bool + Send,
    ) -> Result<(), EvidenceError> {
        let mut accounts = HashMap::new();
        for view in store.accounts().await? {
            accounts.insert(view.account.account_id.clone(), (view.account, None));
        }
        let filter = EventFilter { to: Some(before), ..EventFilter::default() };
        let mut page = PageRequest { after: None, limit: PageRequest::MAX, order: Order::Oldest };
        loop {
            let found = store.events(&filter, &page).await?;
            for event in &found.items {
                let Some(named) = Self::named_by(event) else { continue };
                let Some((account, is_whole)) = accounts.get_mut(&event.account_id) else {
                    continue;
                };
                // The newest of an account stays.
                if event.seq >= account.head.seq {
                    continue;
                }
                let whole = match *is_whole {
                    Some(known) => known,
                    None => audit::verify(store, account.clone()).await?.is_ok(),
                };
                *is_whole = Some(whole);
                if whole {
                    self.remove(&named)?;
                } else {
                    self.keep(&named, &event.account_id);
                }
            }
            page.after = found.next;
            if !looked_at(found.items.len()) || page.after.is_none() {
                return Ok(());
            }
        }
    }

    /// Whether the file is there, but not in our folder.
    fn is_elsewhere(&self, named: &Path) -> bool {
        let Ok(file) = named.canonicalize() else { return false };
        self.folder.canonicalize().ok().as_deref() != file.parent()
    }

    fn leave(&mut self, sentence: String) {
        self.left_count += 1;
        if self.left.len() < SHOWN_MAX {
            self.left.push(sentence);
        }
    }

    /// How many files were removed.
    pub const fn removed(&self) -> usize {
        self.removed
    }

    /// What could not be removed, a sentence each.
    pub fn left(self) -> Vec<String> {
        let mut left = self.left;
        match self.left_count - left.len() {
            0 => {}
            more => left.push(format!("and {more} more pieces of evidence were not removed")),
        }
        left
    }
}
