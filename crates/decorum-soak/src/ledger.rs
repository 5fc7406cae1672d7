//! What the phones say happened.

use std::fs;
use std::path::Path;

use decorum_core::{Action, Timestamp};
use decorum_sim::{Act, Effect, LedgerEntry};

use crate::Error;

/// The person an act was on, by whom, how: what may happen once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Whom {
    pub(crate) account: String,
    pub(crate) person: String,
    pub(crate) action: Action,
}

impl std::fmt::Display for Whom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} by {} ({})", self.person, self.account, self.action)
    }
}

/// One line of a ledger.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) whom: Whom,
    /// Milliseconds of the Unix epoch by the phone's clock, which nobody shifts.
    pub(crate) at_ms: i64,
    pub(crate) effect: Effect,
    pub(crate) session: Option<String>,
    /// Why it was refused, for example.
    pub(crate) detail: Option<String>,
    pub(crate) seq: u64,
}

impl Entry {
    /// Whether it reached the person.
    pub(crate) const fn took_effect(&self) -> bool {
        matches!(self.effect, Effect::Applied | Effect::Requested)
    }
}

/// A ledger, and what is in it that nobody ever asked a phone to do.
#[derive(Default)]
pub(crate) struct Ledger {
    pub(crate) entries: Vec<Entry>,
    /// Follows and likes that were taken back: the mark of a second tap on the same button.
    pub(crate) undone: Vec<String>,
}

impl Ledger {
    /// Adds what the file of one phone says. A last line without an end was never answered for.
    pub(crate) fn read(&mut self, path: &Path) -> Result<(), Error> {
        let text = if path.exists() { fs::read_to_string(path)? } else { String::new() };
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        for line in whole.lines() {
            let entry: LedgerEntry = serde_json::from_str(line)
                .map_err(|e| format!("{}: {e} in {line}", path.display()))?;
            self.add(entry)?;
        }
        Ok(())
    }

    fn add(&mut self, entry: LedgerEntry) -> Result<(), Error> {
        let action = match entry.action {
            Act::Follow => Action::Follow,
            Act::Like => Action::Like,
            Act::Comment => Action::Comment,
            Act::View => Action::View,
            Act::Unfollow | Act::Unlike => {
                let LedgerEntry { seq, ts, account_id, target_username, action, .. } = entry;
                self.undone.push(format!(
                    "{action:?} of {target_username} by {account_id} at {ts} (line {seq})"
                ));
                return Ok(());
            }
        };
        self.entries.push(Entry {
            whom: Whom { account: entry.account_id, person: entry.target_username, action },
            at_ms: entry.ts.parse::<Timestamp>()?.as_millis(),
            effect: entry.effect,
            session: entry.session_id,
            detail: entry.detail,
            seq: entry.seq,
        });
        Ok(())
    }
}
