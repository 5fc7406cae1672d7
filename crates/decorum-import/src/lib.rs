//! Reads what other programs remember of whom an account engaged.
//!
//! Four kinds of files, each read once from beginning to end: whatever size it has, no more of
//! it is in memory than one entry. A reader changes nothing, and decides only what an entry
//! means; what becomes of it is the caller's affair. What is read goes to a function of the
//! caller, item by item:
//!
//! - an [`Engagement`];
//! - an entry that is no engagement of ours, with the reason ([`LeftOut`]);
//! - an entry that cannot be true, such as an impossible name ([`Item::Bad`]).
//!
//! A file that is damaged as a whole ends in an [`ImportError`] that names the place.
//! `docs/import.md` says of each kind where its files are found and what is taken from them.

mod bounded;
mod csv;
mod error;
mod gramaddict;
mod instagram;
mod instapy;
mod item;
mod json;
mod sink;
mod source;
mod time;

use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::Path;
use std::str::FromStr;

use decorum_core::{AccountId, Action, Timestamp};

pub use error::ImportError;
pub use item::{Engagement, Item, LeftOut, Place, Spot};
use sink::{Halt, Sink};
pub use time::{Zone, ZoneError};

/// Whose files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A table: our own export, or any CSV with a header that names the person.
    Csv,
    /// The data export that Instagram makes for its users, in JSON: the zip or its folder.
    InstagramExport,
    /// `GramAddict`: `interacted_users.json`, or the folder of the account.
    Gramaddict,
    /// `InstaPy`: `instapy.db`, a pool, or a folder with them.
    Instapy,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Csv, Self::InstagramExport, Self::Gramaddict, Self::Instapy];

    /// Its name on the command line and in the metadata of imported events.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::InstagramExport => "instagram-export",
            Self::Gramaddict => "gramaddict",
            Self::Instapy => "instapy",
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that is none of the kinds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` cannot be imported; known are csv, instagram-export, gramaddict, instapy")]
pub struct KindError(String);

impl FromStr for Kind {
    type Err = KindError;

    fn from_str(text: &str) -> Result<Self, KindError> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| KindError(text.chars().take(40).collect()))
    }
}

/// What is done with people who follow us, and whom we may never have engaged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Followers {
    /// They count as if they had been followed: whoever came by themselves is left alone.
    #[default]
    Engaged,
    /// They are left out.
    Leave,
}

/// What a file does not say itself.
#[derive(Clone, Debug)]
pub struct Options {
    /// The acting account, where the file does not name it; where it does, only this one.
    pub account: Option<AccountId>,
    /// What was done, where a table has no column for it.
    pub action: Option<Action>,
    /// What is done with followers.
    pub followers: Followers,
    /// Where times without an offset were written down.
    pub zone: Zone,
    /// Nothing has happened later than this.
    pub now: Timestamp,
}

/// Reads a file, or a folder, and hands each item to `each`, until it breaks off.
///
/// # Errors
/// When it cannot be read, is something else than `kind`, or is damaged; when the account or
/// the action is named neither by the file nor by `options`.
pub fn read(
    kind: Kind,
    path: &Path,
    options: &Options,
    each: &mut dyn FnMut(Item) -> ControlFlow<()>,
) -> Result<(), ImportError> {
    let mut sink = Sink::new(options, each);
    Halt::into_result(match kind {
        Kind::Csv => csv::read_file(path, &mut sink),
        Kind::InstagramExport => instagram::read_path(path, &mut sink),
        Kind::Gramaddict => gramaddict::read_path(path, &mut sink),
        Kind::Instapy => instapy::read_path(path, &mut sink),
    })
}

/// The same for bytes in memory that a file called `name` would have: a table, a zip or one of
/// the lists in it, an `interacted_users.json`, a pool. A database is read from a file only.
///
/// # Errors
/// As for [`read`].
pub fn read_bytes(
    kind: Kind,
    name: &str,
    bytes: &[u8],
    options: &Options,
    each: &mut dyn FnMut(Item) -> ControlFlow<()>,
) -> Result<(), ImportError> {
    let mut sink = Sink::new(options, each);
    Halt::into_result(match kind {
        Kind::Csv => csv::read(name, bytes, &mut sink),
        Kind::InstagramExport => {
            instagram::read_bytes(name, Cursor::new(bytes.to_vec()), &mut sink)
        }
        Kind::Gramaddict => gramaddict::read(name, bytes, None, &mut sink),
        Kind::Instapy => instapy::read_pool_bytes(name, bytes, &mut sink),
    })
}
