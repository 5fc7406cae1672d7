//! Names of people and of acting accounts, in their one normal form.
//!
//! Two spellings of the same name must never be two people: whatever comes in from a file,
//! a phone or the network is normalized here, once, and compared as bytes ever after.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, de};
use unicode_normalization::UnicodeNormalization;

/// The longest username the platform accepts, in characters.
pub const USERNAME_MAX: usize = 30;
/// The longest acting account id we accept, in characters.
pub const ACCOUNT_ID_MAX: usize = 64;

/// Why a text cannot be a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing is left after trimming.
    #[error("the {what} is empty; give a name such as `alice.smith`")]
    Empty {
        /// What was being named, for the reader.
        what: &'static str,
    },
    /// More characters than a name can have.
    #[error("the {what} `{name}` has {len} characters; at most {max} are possible")]
    TooLong {
        /// What was being named.
        what: &'static str,
        /// The beginning of the offending text.
        name: String,
        /// Its length in characters after normalization.
        len: usize,
        /// The longest possible.
        max: usize,
    },
    /// A character that no name contains.
    #[error("the {what} `{name}` contains {found:?}; only {allowed} are possible")]
    BadCharacter {
        /// What was being named.
        what: &'static str,
        /// The beginning of the offending text.
        name: String,
        /// The first offending character.
        found: char,
        /// The characters that are possible, for the reader.
        allowed: &'static str,
    },
}

fn normalize(
    what: &'static str,
    text: &str,
    max: usize,
    extra: &str,
    allowed: &'static str,
) -> Result<String, NameError> {
    let possible = |c: char| {
        c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '_' || extra.contains(c)
    };
    // A name in its normal form is what normalizing gives, and most that come in are.
    if (1..=max).contains(&text.len()) && text.chars().all(possible) {
        return Ok(text.to_owned());
    }
    // Sixteen code points a character are more than any real spelling of a name needs; beyond
    // that the input is not a name, and normalizing megabytes of it would be a gift to abuse.
    let short = |s: &str| -> String { s.chars().take(40).collect() };
    let raw_len = text.chars().take(max * 16 + 1).count();
    if raw_len > max * 16 {
        return Err(NameError::TooLong { what, name: short(text), len: text.chars().count(), max });
    }
    let nfkc: String = text.nfkc().collect();
    let trimmed = nfkc.trim();
    let name: String =
        trimmed.strip_prefix('@').unwrap_or(trimmed).chars().flat_map(char::to_lowercase).collect();
    if name.is_empty() {
        return Err(NameError::Empty { what });
    }
    if let Some(found) = name.chars().find(|c| !possible(*c)) {
        return Err(NameError::BadCharacter { what, name: short(&name), found, allowed });
    }
    if name.len() > max {
        return Err(NameError::TooLong { what, name: short(&name), len: name.len(), max });
    }
    Ok(name)
}

macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident, $what:literal, $max:expr, $extra:literal, $allowed:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(Box<str>);

        impl $name {
            /// The normal form.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                normalize($what, text, $max, $extra, $allowed).map(|n| Self(n.into_boxed_str()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
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

name_type!(
    /// The person engaged: NFKC, trimmed, no leading `@`, lowercase; 1 to 30 of `a-z 0-9 . _`.
    Username,
    "username",
    USERNAME_MAX,
    "",
    "the letters a to z, digits, `.` and `_`"
);

name_type!(
    /// The acting social account, normalized like a [`Username`] (on a phone it is one) but up
    /// to 64 characters and with `-`, for callers that number their accounts.
    AccountId,
    "account",
    ACCOUNT_ID_MAX,
    "-",
    "the letters a to z, digits, `.`, `_` and `-`"
);
