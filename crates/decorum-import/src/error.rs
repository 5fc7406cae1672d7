//! What is wrong with a file as a whole. Nothing of such a file is to be believed.

use std::io;
use std::path::Path;

use decorum_core::AccountId;

use crate::Place;

/// Why a file is not read.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It cannot be opened, or reading broke off.
    #[error("{file} cannot be read: {problem}")]
    Unreadable {
        /// Which file.
        file: String,
        /// What the system says.
        problem: io::Error,
    },
    /// It is something else.
    #[error("{file} {problem}")]
    Unexpected {
        /// Which file.
        file: String,
        /// What it is instead, and what to give.
        problem: String,
    },
    /// It is what it should be, but broken.
    #[error("{place}: damaged: {problem}")]
    Damaged {
        /// Where.
        place: Place,
        /// What was found there.
        problem: String,
    },
    /// One entry, or all of them, are larger than any real one.
    #[error("{place}: {problem}")]
    TooLarge {
        /// Where.
        place: Place,
        /// What is too large, and how large it may be.
        problem: String,
    },
    /// Nobody says whose history it is.
    #[error("{file} does not say which account it belongs to; name it with --account")]
    NoAccount {
        /// Which file.
        file: String,
    },
    /// It is somebody else's history.
    #[error(
        "{file} is of the account `{found}`, not of `{given}`; leave --account out, or give the \
         files of `{given}`"
    )]
    OtherAccount {
        /// Which file.
        file: String,
        /// Whose it is.
        found: AccountId,
        /// Whose it should be.
        given: AccountId,
    },
    /// Nobody says what was done.
    #[error("{file} does not say what was done; name it with --action, such as --action follow")]
    NoAction {
        /// Which file.
        file: String,
    },
}

impl ImportError {
    pub(crate) fn unreadable(path: &Path, problem: io::Error) -> Self {
        Self::Unreadable { file: path.display().to_string(), problem }
    }

    pub(crate) fn unexpected(file: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Unexpected { file: file.into(), problem: problem.into() }
    }

    pub(crate) fn damaged(place: Place, problem: impl Into<String>) -> Self {
        Self::Damaged { place, problem: problem.into() }
    }
}
