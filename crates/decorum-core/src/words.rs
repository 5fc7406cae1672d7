//! The closed vocabularies: platform, action, status, error class.
//!
//! Each is an enum with one stable text, used alike in the store, the API and the command
//! line. A text outside the vocabulary is an error that lists what is possible.

/// A word outside its vocabulary.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is not a known {what}; known are {known}")]
pub struct WordError {
    /// The vocabulary.
    pub what: &'static str,
    /// The beginning of what was given.
    pub found: String,
    /// The vocabulary's words.
    pub known: String,
}

macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident, $what:literal { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ::serde::Serialize, ::serde::Deserialize)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $text)] $variant),+
        }

        impl $name {
            /// Every word, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable text.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::words::WordError;

            fn from_str(text: &str) -> Result<Self, $crate::words::WordError> {
                let found = text.trim();
                Self::ALL.iter().copied().find(|w| w.as_str() == found).ok_or_else(|| $crate::words::WordError {
                    what: $what,
                    found: found.chars().take(40).collect(),
                    known: [$($text),+].join(", "),
                })
            }
        }
    };
}

pub(crate) use vocabulary;

vocabulary!(
    /// The social platform.
    Platform, "platform" {
        /// instagram.com
        Instagram = "instagram",
    }
);

vocabulary!(
    /// What is done to a person.
    Action, "action" {
        /// Follow them.
        Follow = "follow",
        /// Like their newest post.
        Like = "like",
        /// Comment on their newest post, with a text a person wrote.
        Comment = "comment",
        /// Watch their story.
        View = "view",
    }
);

impl Action {
    /// Position in [`Action::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }
}

vocabulary!(
    /// How an attempt ended.
    Status, "status" {
        /// It was done and seen to be done.
        Success = "success",
        /// It was tried and did not work.
        Failed = "failed",
        /// It was not tried, for a reason that lies with the person's page.
        Skipped = "skipped",
        /// It was given up before the act; nothing happened and it will be tried again.
        Retry = "retry",
        /// It was refused by us before anything was opened.
        DedupeHit = "dedupe_hit",
    }
);

vocabulary!(
    /// What kind of trouble an attempt met.
    ErrorClass, "error class" {
        /// The platform says: slow down.
        RateLimited = "rate_limited",
        /// The platform refused this very act.
        ActionBlocked = "action_blocked",
        /// The platform asks for a person.
        Challenge = "challenge",
        /// The account is logged out.
        LoggedOut = "logged_out",
        /// The acting account is suspended or disabled.
        AccountSuspended = "account_suspended",
        /// The person's account is private.
        PrivateAccount = "private_account",
        /// The person does not exist, or no longer.
        TargetUnavailable = "target_unavailable",
        /// The phone has no connection to the platform.
        Network = "network",
        /// The app did not show what it should.
        App = "app",
        /// The phone or its automation server failed.
        Device = "device",
        /// The app said something nobody taught us.
        Unknown = "unknown",
    }
);

vocabulary!(
    /// What the holder of a token may do; each may do what those before it may.
    Role, "role" {
        /// Look, and change nothing.
        Viewer = "viewer",
        /// Engage: claims, tasks, halting an account.
        Operator = "operator",
        /// Everything: settings, erasing, cleaning up, phones, tokens.
        Admin = "admin",
    }
);
