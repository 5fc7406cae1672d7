//! What comes out of a file.

use std::fmt;
use std::sync::Arc;

use decorum_core::{AccountId, Action, Metadata, Outcome, Timestamp, Username};

/// One entry, read.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// Somebody was engaged.
    Engagement(Box<Engagement>),
    /// It is no engagement that anything follows from.
    LeftOut {
        /// Why.
        why: LeftOut,
        /// Where it stands.
        place: Place,
    },
    /// It cannot be true.
    Bad {
        /// What is wrong with it, as a sentence.
        problem: String,
        /// Where it stands.
        place: Place,
    },
}

/// Somebody who was engaged.
#[derive(Clone, Debug, PartialEq)]
pub struct Engagement {
    /// By whom.
    pub account_id: AccountId,
    /// Who.
    pub target_username: Username,
    /// How.
    pub action: Action,
    /// A success, or that there is no need any more.
    pub outcome: Outcome,
    /// Why, as a stable word; `None`: it was imported.
    pub reason: Option<&'static str>,
    /// When; `None`: the file does not say. Of a day without a time it is the last second,
    /// which may still be to come.
    pub happened_at: Option<Timestamp>,
    /// What the file keeps with it.
    pub metadata: Metadata,
    /// Where it stands.
    pub place: Place,
}

/// Why an entry is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeftOut {
    /// It failed, was skipped or refused, or was something that Decorum does not do.
    NotDone,
    /// It belongs to another account than the one asked for.
    OtherAccount,
    /// The person was erased.
    Erased,
    /// It names no person.
    NobodyNamed,
    /// The account itself is the person.
    Oneself,
    /// They follow us, and followers were to be left out.
    FollowsUs,
    /// A pool in the same folder has it, with its time.
    InPool,
    /// A link, a pipe or a folder too deep in the folder that was given: it was not opened.
    NotOpened,
}

impl LeftOut {
    /// A stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotDone => "not_done",
            Self::OtherAccount => "other_account",
            Self::Erased => "erased",
            Self::NobodyNamed => "nobody_named",
            Self::Oneself => "oneself",
            Self::FollowsUs => "follows_us",
            Self::InPool => "in_pool",
            Self::NotOpened => "not_opened",
        }
    }

    /// For a person.
    pub const fn explained(self) -> &'static str {
        match self {
            Self::NotDone => "not done: failed, skipped, refused, or nothing that Decorum does",
            Self::OtherAccount => "of another account",
            Self::Erased => "about somebody who was erased",
            Self::NobodyNamed => "naming nobody",
            Self::Oneself => "about the account itself",
            Self::FollowsUs => "of people who follow us",
            Self::InPool => "also in a pool, which says when",
            Self::NotOpened => "not opened: links, pipes, and folders in too many folders",
        }
    }
}

/// Where an entry stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// In which file.
    pub file: Arc<str>,
    /// Where in it.
    pub spot: Spot,
}

/// Where in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spot {
    /// Nowhere in particular.
    Whole,
    /// In this line, from 1.
    Line(u64),
    /// In this entry of a list in JSON, from 0; the list is the whole document if it has no name.
    Entry(&'static str, usize),
    /// Under this key of an object in JSON.
    Key(Box<str>),
    /// In the row of a table with this number.
    Row(&'static str, i64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = &self.file;
        match &self.spot {
            Spot::Whole => write!(f, "{file}"),
            Spot::Line(line) => write!(f, "{file}, line {line}"),
            Spot::Entry(list, n) => write!(f, "{file}, {list}[{n}]"),
            Spot::Key(key) => write!(f, "{file}, [{key:?}]"),
            Spot::Row(table, row) => write!(f, "{file}, {table} row {row}"),
        }
    }
}
