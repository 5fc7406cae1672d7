//! The judge: what happened to people, in order.
//!
//! Invariants: sequence numbers start at 1 and have no gaps; an entry is durable before the
//! effect it records is answered; nothing is ever changed or removed except by a reset.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::scenario::Act;

/// What became of an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It reached the person.
    Applied,
    /// A private account was asked.
    Requested,
    /// It looked done and was taken back: it never counted.
    Reverted,
    /// The app refused it.
    Refused,
}

/// One act on one person.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct LedgerEntry {
    /// Place on the ledger, from 1, without gaps.
    pub seq: u64,
    /// When, RFC 3339 in UTC with milliseconds.
    pub ts: String,
    /// The account that was logged in.
    pub account_id: String,
    /// The person acted upon.
    pub target_username: String,
    /// What was done.
    pub action: Act,
    /// What became of it.
    pub effect: Effect,
    /// The WebDriver session that did it.
    pub session_id: Option<String>,
    /// Which post, which text, why refused.
    pub detail: Option<String>,
}

/// Why a ledger file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The file cannot be opened, read or written.
    #[error("ledger file {path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A line in the middle of the file is no entry.
    #[error("ledger file {path}, line {line}: {source}")]
    Line {
        /// The file.
        path: String,
        /// Line number, from 1.
        line: usize,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

/// Entries in memory and, when there is a file, on disk.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    entries: Vec<LedgerEntry>,
    file: Option<File>,
}

impl Ledger {
    /// Opens a ledger; a last line that was cut off by a crash is dropped.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, LedgerError> {
        let Some(path) = path else { return Ok(Self::default()) };
        let shown = path.display().to_string();
        let io = |source| LedgerError::Io { path: shown.clone(), source };
        let mut file = OpenOptions::new()
            .create(true)
            .read(true)
            .write(true)
            .truncate(false)
            .open(path)
            .map_err(io)?;
        let mut entries = Vec::new();
        let mut whole = 0_u64;
        let mut reader = BufReader::new(&file);
        let mut line = String::new();
        loop {
            line.clear();
            let read = reader.read_line(&mut line).map_err(io)?;
            if read == 0 || !line.ends_with('\n') {
                break;
            }
            let entry = serde_json::from_str(&line).map_err(|source| LedgerError::Line {
                path: shown.clone(),
                line: entries.len() + 1,
                source,
            })?;
            entries.push(entry);
            whole += read as u64;
        }
        file.set_len(whole).map_err(io)?;
        file.seek(SeekFrom::End(0)).map_err(io)?;
        Ok(Self { entries, file: Some(file) })
    }

    /// Appends an entry; `seq` is set here. Durable when it returns.
    pub(crate) fn append(&mut self, mut entry: LedgerEntry) -> std::io::Result<()> {
        entry.seq = self.entries.len() as u64 + 1;
        if let Some(file) = &mut self.file {
            let mut line = serde_json::to_vec(&entry)?;
            line.push(b'\n');
            file.write_all(&line)?;
            file.sync_data()?;
        }
        self.entries.push(entry);
        Ok(())
    }

    pub(crate) fn entries(&self) -> &[LedgerEntry] {
        &self.entries
    }

    /// Empties the ledger, on disk too.
    pub(crate) fn clear(&mut self) -> std::io::Result<()> {
        self.entries.clear();
        if let Some(file) = &mut self.file {
            file.set_len(0)?;
            file.seek(SeekFrom::Start(0))?;
            file.sync_data()?;
        }
        Ok(())
    }

    /// How often each act had each effect.
    pub(crate) fn counts(&self) -> BTreeMap<Effect, BTreeMap<Act, u64>> {
        let mut counts: BTreeMap<Effect, BTreeMap<Act, u64>> = BTreeMap::new();
        for effect in [Effect::Applied, Effect::Requested, Effect::Reverted, Effect::Refused] {
            counts.entry(effect).or_default();
        }
        for entry in &self.entries {
            *counts.entry(entry.effect).or_default().entry(entry.action).or_default() += 1;
        }
        counts
    }
}
