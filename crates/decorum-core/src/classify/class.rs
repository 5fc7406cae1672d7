//! What a text can mean.

use crate::ErrorClass;
use crate::words::vocabulary;

vocabulary!(
    /// What the app said. In order of gravity: where several are said at once, the first wins,
    /// because overlooking it would cost most.
    Class, "class" {
        /// The acting account is suspended or disabled.
        AccountSuspended = "account_suspended",
        /// The platform asks for a person.
        Challenge = "challenge",
        /// The account is logged out.
        LoggedOut = "logged_out",
        /// The platform refused this very act.
        ActionBlocked = "action_blocked",
        /// The platform says: slow down.
        RateLimited = "rate_limited",
        /// The person's account is private.
        PrivateAccount = "private_account",
        /// The person does not exist, or no longer.
        TargetUnavailable = "target_unavailable",
        /// The phone has no connection to the platform.
        Network = "network",
        /// Nothing of concern.
        Benign = "benign",
        /// Nobody taught us these words.
        Unknown = "unknown",
    }
);

impl Class {
    /// The trouble it means; `None` if it means none.
    pub const fn error_class(self) -> Option<ErrorClass> {
        match self {
            Self::AccountSuspended => Some(ErrorClass::AccountSuspended),
            Self::Challenge => Some(ErrorClass::Challenge),
            Self::LoggedOut => Some(ErrorClass::LoggedOut),
            Self::ActionBlocked => Some(ErrorClass::ActionBlocked),
            Self::RateLimited => Some(ErrorClass::RateLimited),
            Self::PrivateAccount => Some(ErrorClass::PrivateAccount),
            Self::TargetUnavailable => Some(ErrorClass::TargetUnavailable),
            Self::Network => Some(ErrorClass::Network),
            Self::Unknown => Some(ErrorClass::Unknown),
            Self::Benign => None,
        }
    }

    /// Whether it says that the acting account has to rest or needs a person.
    pub(super) const fn is_about_account(self) -> bool {
        matches!(
            self,
            Self::AccountSuspended
                | Self::Challenge
                | Self::LoggedOut
                | Self::ActionBlocked
                | Self::RateLimited
        )
    }

    /// Whether a profile's header may say so: it speaks of the person, never of us.
    pub(super) const fn is_about_target(self) -> bool {
        matches!(self, Self::PrivateAccount | Self::TargetUnavailable)
    }
}
