//! A spool of files: one entry each, named in their order.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{Entry, Spool, Ticket};

/// What a file holds.
#[derive(Serialize, Deserialize)]
struct Letter {
    /// For which store.
    store: String,
    entry: Entry,
}

/// Entries as files in a folder, for one store. Several processes may use it at a time.
#[derive(Clone, Debug)]
pub struct FileSpool {
    folder: PathBuf,
    store: String,
}

impl FileSpool {
    /// The folder `spool` in the data directory, and what it holds for `store`. Made once there is
    /// something to keep.
    pub fn in_dir(dir: &Path, store: impl Into<String>) -> Self {
        Self { folder: dir.join("spool"), store: store.into() }
    }

    fn numbers(&self) -> io::Result<Vec<(u64, String)>> {
        let entries = match fs::read_dir(&self.folder) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut found = Vec::new();
        for entry in entries {
            if let Ok(name) = entry?.file_name().into_string()
                && let Some(number) = number_of(&name)
            {
                found.push((number, name));
            }
        }
        found.sort_unstable();
        Ok(found)
    }

    fn put_now(&self, entry: &Entry) -> io::Result<Ticket> {
        fs::create_dir_all(&self.folder)?;
        let letter = Letter { store: self.store.clone(), entry: entry.clone() };
        let draft = self.folder.join(format!("{}.draft", uuid::Uuid::now_v7()));
        let mut file = File::create_new(&draft)?;
        file.write_all(&serde_json::to_vec(&letter)?)?;
        file.sync_all()?;
        let number = match self.numbers()?.last() {
            None => 1,
            Some((last, name)) => last
                .checked_add(1)
                .ok_or_else(|| about(name, &io::Error::other("no number comes after its")))?,
        };
        // A number may come again once the entry that had it is gone; the whole name never does,
        // so that nobody removes one entry for another.
        let name = format!("{number:012}-{}.json", uuid::Uuid::now_v7());
        fs::rename(&draft, self.folder.join(&name))?;
        self.sync_folder()?;
        Ok(Ticket(name))
    }

    fn waiting_now(&self) -> io::Result<Vec<(Ticket, Entry)>> {
        let mut waiting = Vec::new();
        for (_, name) in self.numbers()? {
            let bytes = match fs::read(self.folder.join(&name)) {
                Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
                bytes => bytes.map_err(|e| about(&name, &e))?,
            };
            let letter: Letter = serde_json::from_slice(&bytes).map_err(|e| {
                io::Error::new(io::ErrorKind::InvalidData, format!("{name} is not an entry: {e}"))
            })?;
            if letter.store == self.store {
                waiting.push((Ticket(name), letter.entry));
            }
        }
        Ok(waiting)
    }

    fn remove_now(&self, ticket: &Ticket) -> io::Result<()> {
        match fs::remove_file(self.folder.join(&ticket.0)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
            _ => Ok(()),
        }
    }

    fn reject_now(&self, ticket: &Ticket) -> io::Result<()> {
        let aside = self.folder.join("rejected");
        fs::create_dir_all(&aside)?;
        let name = format!("{}-{}", uuid::Uuid::now_v7(), ticket.0);
        match fs::rename(self.folder.join(&ticket.0), aside.join(name)) {
            // Another process has put it aside, or delivered it.
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(e) => Err(e),
            Ok(()) => self.sync_folder(),
        }
    }

    fn sync_folder(&self) -> io::Result<()> {
        File::open(&self.folder)?.sync_all()
    }

    async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let this = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            work(&this).map_err(|e| {
                io::Error::new(e.kind(), format!("the spool {}: {e}", this.folder.display()))
            })
        });
        done.await.map_err(io::Error::other)?
    }
}

fn about(name: &str, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{name}: {error}"))
}

/// The number in front of the name of an entry.
fn number_of(name: &str) -> Option<u64> {
    name.strip_suffix(".json")?.split_once('-')?.0.parse().ok()
}

#[async_trait]
impl Spool for FileSpool {
    async fn put(&self, entry: &Entry) -> io::Result<Ticket> {
        let entry = entry.clone();
        self.apart(move |spool| spool.put_now(&entry)).await
    }

    async fn waiting(&self) -> io::Result<Vec<(Ticket, Entry)>> {
        self.apart(Self::waiting_now).await
    }

    async fn delivered(&self, ticket: &Ticket) -> io::Result<()> {
        let ticket = ticket.clone();
        self.apart(move |spool| spool.remove_now(&ticket)).await
    }

    async fn rejected(&self, ticket: &Ticket) -> io::Result<()> {
        let ticket = ticket.clone();
        self.apart(move |spool| spool.reject_now(&ticket)).await
    }
}
