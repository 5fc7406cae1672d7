//! What goes wrong between us and the servers, and how a caller is told.
//!
//! Three questions are asked of every error: will it pass by itself (then the step is tried again,
//! for a bounded time), was it a duplicate key (then somebody was faster, which is no error), and
//! if neither, which [`StoreError`] says best what a person can do.

use std::time::Duration;

use mongodb::error::{Error, ErrorKind, WriteFailure};

use crate::StoreError;

/// How long one request to the servers may take before it counts as lost.
pub(super) const REQUEST: Duration = Duration::from_secs(8);

/// The same for a request that reads a whole collection.
const WHOLE: Duration = Duration::from_mins(10);

/// Inside, everything ends like this.
pub(super) type Outcome<T> = Result<T, Fault>;

/// An error before anybody knows which store it is about.
#[derive(Debug)]
pub(super) enum Fault {
    /// The driver's or the server's own.
    Mongo(Box<Error>),
    /// No answer within [`REQUEST`].
    Silent,
    /// Somebody else changed what was about to be changed.
    Overtaken,
    /// Something stored cannot be what was stored.
    Damaged(String),
    /// One that says all there is to say already.
    Store(StoreError),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Mongo(Box::new(error))
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Codes of the server, from its `error_codes.yml`.
mod code {
    pub(super) const BAD_VALUE: i32 = 2;
    pub(super) const NAMESPACE_NOT_FOUND: i32 = 26;
    pub(super) const INDEX_NOT_FOUND: i32 = 27;
    pub(super) const UNSUPPORTED_QUORUM: i32 = 74;
    pub(super) const UNAUTHORIZED: i32 = 13;
    pub(super) const AUTHENTICATION_FAILED: i32 = 18;
    pub(super) const OUT_OF_DISK_SPACE: i32 = 14_031;
    pub(super) const DUPLICATE_KEY: i32 = 11_000;
    /// Host unreachable or not found, network time-out, time limits, a write concern that was not
    /// met in time, primaries that step down, start up, shut down or are none.
    pub(super) const PASSING: [i32; 21] = [
        6, 7, 50, 63, 64, 89, 91, 100, 112, 134, 189, 202, 262, 317, 9001, 10_058, 10_107, 11_600,
        11_602, 13_435, 13_436,
    ];
}

fn code_of(error: &Error) -> Option<i32> {
    match error.kind.as_ref() {
        ErrorKind::Command(e) => Some(e.code),
        ErrorKind::Write(WriteFailure::WriteError(e)) => Some(e.code),
        ErrorKind::Write(WriteFailure::WriteConcernError(e)) => Some(e.code),
        ErrorKind::InsertMany(e) => match (&e.write_errors, &e.write_concern_error) {
            (_, Some(concern)) => Some(concern.code),
            // A duplicate says less than any other of the errors of one batch.
            (Some(errors), None) => {
                let mut codes = errors.iter().map(|e| e.code);
                codes.clone().find(|code| *code != code::DUPLICATE_KEY).or_else(|| codes.next())
            }
            (None, None) => None,
        },
        _ => None,
    }
}

impl Fault {
    fn code(&self) -> Option<i32> {
        match self {
            Self::Mongo(error) => code_of(error),
            _ => None,
        }
    }

    /// Whether it may be gone in a moment: a primary that is being replaced, a cut connection.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Silent | Self::Overtaken => true,
            Self::Mongo(error) => {
                matches!(
                    error.kind.as_ref(),
                    ErrorKind::Io(_)
                        | ErrorKind::ConnectionPoolCleared { .. }
                        | ErrorKind::ServerSelection { .. }
                        | ErrorKind::DnsResolve { .. }
                ) || error.contains_label("RetryableWriteError")
                    || code_of(error).is_some_and(|code| code::PASSING.contains(&code))
            }
            Self::Damaged(_) | Self::Store(_) => false,
        }
    }

    /// Whether a document with this key was there already.
    pub(super) fn is_duplicate(&self) -> bool {
        self.code() == Some(code::DUPLICATE_KEY)
    }

    /// Whether the collection was never written to.
    pub(super) fn is_no_collection(&self) -> bool {
        self.code() == Some(code::NAMESPACE_NOT_FOUND)
    }

    /// Whether the index was not there.
    pub(super) fn is_no_index(&self) -> bool {
        self.code() == Some(code::INDEX_NOT_FOUND)
    }

    /// Whether a server without replication was asked for a quorum of builders.
    pub(super) fn is_quorum_unknown(&self) -> bool {
        matches!(self.code(), Some(code::BAD_VALUE | code::UNSUPPORTED_QUORUM))
    }

    /// The same, with what it is about in front.
    pub(super) fn of(self, what: impl std::fmt::Display) -> Self {
        match self {
            Self::Damaged(problem) => Self::Damaged(format!("{what}: {problem}")),
            other => other,
        }
    }

    /// What to tell of it, without the driver's wrapping.
    pub(super) fn problem(&self) -> String {
        match self {
            Self::Mongo(error) => said(error),
            Self::Silent => format!("no answer within {} s", REQUEST.as_secs()),
            Self::Overtaken => "others kept changing the same thing".to_owned(),
            Self::Damaged(problem) => problem.clone(),
            Self::Store(error) => error.to_string(),
        }
    }

    /// The same for a caller, about the store at `place`. Nothing was changed.
    pub(super) fn at(self, place: &str) -> StoreError {
        let place = place.to_owned();
        let problem = self.problem();
        match self {
            Self::Store(error) => error,
            Self::Damaged(_) => StoreError::Damaged { place, problem },
            Self::Silent | Self::Overtaken => StoreError::Unreachable { place, problem },
            Self::Mongo(error) => match (error.kind.as_ref(), code_of(&error)) {
                (ErrorKind::Authentication { .. }, _)
                | (_, Some(code::UNAUTHORIZED | code::AUTHENTICATION_FAILED)) => {
                    StoreError::Denied { place, problem }
                }
                (_, Some(code::OUT_OF_DISK_SPACE)) => StoreError::Full { place },
                (ErrorKind::Bson(_) | ErrorKind::BsonDeserialization(_), _) => {
                    StoreError::Damaged { place, problem }
                }
                (ErrorKind::Shutdown, _) => {
                    StoreError::Unreachable { place, problem: "it was closed".to_owned() }
                }
                _ => StoreError::Unreachable { place, problem },
            },
        }
    }
}

/// The server's words; the driver wraps them in a printed structure.
fn said(error: &Error) -> String {
    match error.kind.as_ref() {
        ErrorKind::Command(e) => format!("{} ({})", e.message, e.code_name),
        ErrorKind::Write(WriteFailure::WriteError(e)) => e.message.clone(),
        ErrorKind::Write(WriteFailure::WriteConcernError(e)) => {
            format!("{} ({})", e.message, e.code_name)
        }
        ErrorKind::Io(e) => e.to_string(),
        other => other.to_string(),
    }
}

/// Waits for the servers, but not for ever.
pub(super) async fn limited<T, W>(request: W) -> Outcome<T>
where
    W: IntoFuture<Output = Result<T, Error>>,
{
    within(REQUEST, request).await
}

/// The same for what reads a whole collection.
pub(super) async fn unhurried<T, W>(request: W) -> Outcome<T>
where
    W: IntoFuture<Output = Result<T, Error>>,
{
    within(WHOLE, request).await
}

async fn within<T, W>(limit: Duration, request: W) -> Outcome<T>
where
    W: IntoFuture<Output = Result<T, Error>>,
{
    let answer = tokio::time::timeout(limit, request.into_future()).await;
    #[cfg(test)]
    super::tests::crash::after_request().await;
    match answer {
        Ok(answer) => answer.map_err(Fault::from),
        Err(_) => Err(Fault::Silent),
    }
}
