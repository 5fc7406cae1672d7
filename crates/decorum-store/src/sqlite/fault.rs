//! What goes wrong inside, and how a caller is told.
//!
//! Inside, an error is what SQLite said or what was found in a row. Only here does it become a
//! [`StoreError`], so that one thing that happens on a disk has one name everywhere.

use rusqlite::{Error, ErrorCode, ffi};

use super::connection::BUSY;
use crate::StoreError;

/// An error before anybody knows which store it is about.
#[derive(Debug)]
pub(super) enum Fault {
    /// SQLite's own.
    Sql(Error),
    /// Something stored cannot be what was stored.
    Damaged(String),
    /// One that says all there is to say already.
    Store(StoreError),
}

/// Inside, everything ends like this.
pub(super) type Outcome<T> = Result<T, Fault>;

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Sql(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Fault {
    /// The same, with the row it is about in front.
    pub(super) fn of(self, row: impl std::fmt::Display) -> Self {
        match self {
            Self::Damaged(problem) => Self::Damaged(format!("{row}: {problem}")),
            other => other,
        }
    }

    /// The same for a caller, about the store at `place`.
    pub(super) fn at(self, place: &str) -> StoreError {
        match self {
            Self::Sql(error) => translate(&error, place),
            Self::Damaged(problem) => StoreError::Damaged { place: place.to_owned(), problem },
            Self::Store(error) => error,
        }
    }
}

/// What an error of SQLite means to a caller. Nothing was changed when it happened.
pub(super) fn translate(error: &Error, place: &str) -> StoreError {
    let place = place.to_owned();
    let problem = error.to_string();
    let (Some(code), Some(extended)) =
        (error.sqlite_error_code(), error.sqlite_extended_error_code())
    else {
        return match error {
            Error::FromSqlConversionFailure(..)
            | Error::IntegralValueOutOfRange(..)
            | Error::Utf8Error(..)
            | Error::InvalidColumnType(..) => StoreError::Damaged { place, problem },
            _ => StoreError::Unreachable { place, problem },
        };
    };
    match extended {
        // What a full disk looks like when it is not a page of the file that finds no room.
        ffi::SQLITE_IOERR_WRITE
        | ffi::SQLITE_IOERR_TRUNCATE
        | ffi::SQLITE_IOERR_SHMSIZE
        | ffi::SQLITE_IOERR_SHMMAP => return StoreError::Full { place },
        ffi::SQLITE_READONLY_DBMOVED => {
            let problem = "the file was moved or deleted while it was in use".to_owned();
            return StoreError::Unreachable { place, problem };
        }
        _ => {}
    }
    match code {
        ErrorCode::DiskFull => StoreError::Full { place },
        ErrorCode::ReadOnly => StoreError::ReadOnly { place },
        // Every constraint of the layout is kept by the code above it, so one that fails says
        // that what is stored contradicts itself.
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::ConstraintViolation => {
            StoreError::Damaged { place, problem }
        }
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            StoreError::Busy { place, waited_seconds: BUSY.as_secs() }
        }
        _ => StoreError::Unreachable { place, problem },
    }
}

/// What an error of `COMMIT` means. When the frames may have reached the file and only the
/// sync failed, nobody can tell whether they would survive.
pub(super) fn translate_commit(error: &Error, place: &str) -> StoreError {
    let unsure = matches!(
        error.sqlite_extended_error_code(),
        Some(ffi::SQLITE_IOERR_FSYNC | ffi::SQLITE_IOERR_DIR_FSYNC | ffi::SQLITE_IOERR)
    );
    if unsure {
        let (place, problem) = (place.to_owned(), error.to_string());
        return StoreError::Unknown { place, problem };
    }
    translate(error, place)
}
