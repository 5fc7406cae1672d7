//! Pictures and page sources that were kept with events, for a person to look at: which files
//! they are, and removing them.
//!
//! An event names one file of its evidence, by the path it had when it was taken: spelt in
//! another way perhaps, relative to another directory, on another machine. Names are random, so a
//! file of that name in our folder is the one. Events may come from anywhere, so no file outside
//! of our folder is ever touched; it is reported.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use decorum_core::{AccountId, Event};

use crate::exit::{self, Failure};

/// Files that are reported by name, before the rest is only counted.
const SHOWN_MAX: usize = 20;

/// What an event has for evidence.
const ENDINGS: [&str; 2] = ["png", "xml"];

/// See the module's documentation.
pub(super) struct Evidence {
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
    pub(super) const fn of(folder: PathBuf, dry: bool) -> Self {
        Self { folder, dry, removed: 0, left: Vec::new(), left_count: 0 }
    }

    /// The path that the event names, if it has evidence.
    pub(super) fn named_by(event: &Event) -> Option<PathBuf> {
        let metadata = event.metadata.to_map();
        metadata.get("evidence").and_then(|place| place.as_str()).map(PathBuf::from)
    }

    /// Removes the files of the evidence that an event names so.
    ///
    /// # Errors
    /// When a file of our folder cannot be removed.
    pub(super) fn remove(&mut self, named: &Path) -> Result<(), Failure> {
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
                    let why = format!("{} cannot be removed: {e}", file.display());
                    return Err(Failure::new(exit::FAILED, why));
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
    pub(super) fn keep(&mut self, named: &Path, account: &AccountId) {
        self.leave(format!("{} stays: the log of {account} is broken", named.display()));
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
    pub(super) const fn removed(&self) -> usize {
        self.removed
    }

    /// What could not be removed, a sentence each.
    pub(super) fn left(self) -> Vec<String> {
        let mut left = self.left;
        match self.left_count - left.len() {
            0 => {}
            more => left.push(format!("and {more} more pieces of evidence were not removed")),
        }
        left
    }
}
