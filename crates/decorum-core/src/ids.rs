//! Identifiers that are only ever compared, never interpreted.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, de};
use uuid::Uuid;

macro_rules! uuid_type {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID; callers make version 7, so that ids sort by time of making. Ids of
            /// imported events are version 8, made of what they are about.
            pub const fn from_uuid(id: Uuid) -> Self {
                Self(id)
            }

            /// The sixteen bytes.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let fail = || IdError::NotUuid { what: $what, found: text.chars().take(48).collect() };
                text.trim().parse().map(Self).map_err(|_| fail())
            }
        }
    };
}

uuid_type!(
    /// One claim; chosen by the claimant, so that asking twice is asking once.
    ClaimId,
    "claim id"
);
uuid_type!(
    /// One event of the log.
    EventId,
    "event id"
);
uuid_type!(
    /// One alert.
    AlertId,
    "alert id"
);

/// The longest label, in bytes.
pub const LABEL_MAX: usize = 200;

/// Why a text is not the identifier it was given as.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not a UUID.
    #[error("the {what} `{found}` is not a UUID such as 01890a5d-ac96-774b-bcce-b302099a8057")]
    NotUuid {
        /// What was being identified.
        what: &'static str,
        /// The beginning of what was given.
        found: String,
    },
    /// Empty, too long, or with control characters.
    #[error("the {what} must have 1 to {LABEL_MAX} bytes and no control characters")]
    BadLabel {
        /// What was being identified.
        what: &'static str,
    },
}

macro_rules! label_type {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(Box<str>);

        impl $name {
            /// The text as given.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let text = text.trim();
                let bad = text.is_empty() || text.len() > LABEL_MAX || text.contains(char::is_control);
                if bad { Err(IdError::BadLabel { what: $what }) } else { Ok(Self(text.into())) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    };
}

label_type!(
    /// The task an engagement belongs to.
    TaskId,
    "task id"
);
label_type!(
    /// The phone it happened on.
    DeviceId,
    "device id"
);
label_type!(
    /// The automation session on that phone.
    SessionId,
    "session id"
);
label_type!(
    /// Who holds a claim or a lease: one worker of one process of one machine.
    Holder,
    "holder"
);

/// A fencing token: it only grows, and a write that carries an older one is refused.
///
/// The idea is Lamport's and Chubby's "sequencer"; M. Kleppmann, "How to do distributed
/// locking" (2016), explains why a lease without one protects nothing.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Fence(u64);

impl Fence {
    /// The token with this number.
    pub const fn new(n: u64) -> Self {
        Self(n)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The next, larger token.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Fence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
