//! What an attempt ended with, as a type that cannot hold a contradiction.
//!
//! On the wire and in the log an outcome is three fields (status, reason, error class). Inside
//! it is this enum, so that "succeeded, because rate limited" has no representation.

use serde::{Deserialize, Serialize};

use crate::{ErrorClass, Status};

/// Why nothing was done although the person's page was open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Skip {
    /// It had been done before, or there is no need to: already following, already liked, they
    /// follow us.
    AlreadyDone,
    /// The account is private and the action needs to see its posts.
    Private,
    /// There is nothing to act on: no post, no story.
    NothingThere,
    /// Some other reason of the caller's; it opens no window.
    Other,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Done. `presumed` when nobody could look and caution assumes so.
    Success {
        /// Nobody saw it; a lost answer is treated as done.
        presumed: bool,
    },
    /// Not done, by choice.
    Skipped(Skip),
    /// Tried, and not done.
    Failed(ErrorClass),
    /// Given up before the act. The class says what stood in the way, if anything did.
    Retry(Option<ErrorClass>),
}

/// A status, reason and class that do not fit together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutcomeError {
    /// Only we decide that.
    #[error("`dedupe_hit` is what Decorum answers, not something a caller can report")]
    DedupeHit,
    /// A failure must say what failed.
    #[error("a failed attempt needs an error class, or the text the app showed")]
    NoClass,
}

/// Reasons that decide how long a skip counts, as they stand in the log.
pub mod reason {
    /// The follow button already said so.
    pub const ALREADY_FOLLOWING: &str = "already_following";
    /// A follow request is pending.
    pub const ALREADY_REQUESTED: &str = "already_requested";
    /// The like button already said so.
    pub const ALREADY_LIKED: &str = "already_liked";
    /// They follow us already: whoever came by themselves is left alone.
    pub const FOLLOWS_YOU: &str = "follows_you";
    /// The account is private.
    pub const PRIVATE_ACCOUNT: &str = "private_account";
    /// No post to like or comment on.
    pub const NO_POSTS: &str = "no_posts";
    /// No story to watch.
    pub const NO_STORY: &str = "no_story";
    /// A lost answer treated as done.
    pub const PRESUMED: &str = "presumed";
    /// The holder saw no trace of its act, and none of its absence: it counts as done.
    pub const UNCONFIRMED: &str = "unconfirmed";
    /// Looking at the phone showed that a lost act had taken effect.
    pub const RECONCILED_DONE: &str = "reconciled_done";
    /// Looking at the phone showed that a lost act had not taken effect.
    pub const RECONCILED_NOT_DONE: &str = "reconciled_not_done";
    /// The outcome came after somebody else had taken over.
    pub const LATE_COMMIT: &str = "late_commit";
    /// The label flipped and flipped back.
    pub const SILENT_REVERT: &str = "silent_revert";
    /// Another program, or another store, says so.
    pub const IMPORTED: &str = "imported";
    /// The caller gave the claim back.
    pub const RELEASED: &str = "released";
}

impl Outcome {
    /// Reads an outcome from its three fields.
    ///
    /// # Errors
    /// When the status is one only Decorum assigns, or a failure has no class.
    pub fn from_fields(
        status: Status,
        reason: Option<&str>,
        class: Option<ErrorClass>,
    ) -> Result<Self, OutcomeError> {
        Ok(match status {
            Status::Success => Self::Success {
                presumed: matches!(reason, Some(reason::PRESUMED | reason::UNCONFIRMED)),
            },
            Status::Skipped => Self::Skipped(match reason {
                Some(
                    reason::ALREADY_FOLLOWING
                    | reason::ALREADY_REQUESTED
                    | reason::ALREADY_LIKED
                    | reason::FOLLOWS_YOU,
                ) => Skip::AlreadyDone,
                Some(reason::PRIVATE_ACCOUNT | "private") => Skip::Private,
                Some(reason::NO_POSTS | reason::NO_STORY) => Skip::NothingThere,
                _ => return Ok(Self::skipped_over(class)),
            }),
            Status::Failed => Self::Failed(class.ok_or(OutcomeError::NoClass)?),
            Status::Retry => Self::Retry(class),
            Status::DedupeHit => return Err(OutcomeError::DedupeHit),
        })
    }

    /// A skip whose reason is no known word: what the app said decides. What it said of the
    /// account must not be lost because the caller moved on.
    const fn skipped_over(class: Option<ErrorClass>) -> Self {
        match class {
            Some(
                ErrorClass::RateLimited
                | ErrorClass::ActionBlocked
                | ErrorClass::Challenge
                | ErrorClass::LoggedOut
                | ErrorClass::AccountSuspended,
            ) => Self::Retry(class),
            Some(ErrorClass::TargetUnavailable) => Self::Failed(ErrorClass::TargetUnavailable),
            Some(ErrorClass::PrivateAccount) => Self::Skipped(Skip::Private),
            _ => Self::Skipped(Skip::Other),
        }
    }

    /// The status field.
    pub const fn status(self) -> Status {
        match self {
            Self::Success { .. } => Status::Success,
            Self::Skipped(_) => Status::Skipped,
            Self::Failed(_) => Status::Failed,
            Self::Retry(_) => Status::Retry,
        }
    }

    /// The class field.
    pub const fn error_class(self) -> Option<ErrorClass> {
        match self {
            Self::Failed(class) => Some(class),
            Self::Retry(class) => class,
            Self::Skipped(Skip::Private) => Some(ErrorClass::PrivateAccount),
            Self::Success { .. } | Self::Skipped(_) => None,
        }
    }

    /// Whether an act reached, or may have reached, the platform and so uses up budget.
    pub const fn acted(self) -> bool {
        matches!(self, Self::Success { .. } | Self::Failed(_))
    }
}
