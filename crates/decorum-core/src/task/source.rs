//! Where the people of a task come from.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, de};
use unicode_normalization::UnicodeNormalization as _;

use crate::Username;

/// Where the people come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub enum Source {
    /// Names given with the task.
    List,
    /// Who follows this person.
    FollowersOf(Username),
    /// Whom this person follows.
    FollowingOf(Username),
    /// Who liked this person's newest post.
    LikersOf(Username),
    /// Who posted under this hashtag lately.
    Hashtag(Hashtag),
    /// It named a person who was erased since. Nothing is looked for there any more.
    Erased,
}

impl Source {
    /// The stable word for its kind.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::List => "list",
            Self::FollowersOf(_) => "followers_of",
            Self::FollowingOf(_) => "following_of",
            Self::LikersOf(_) => "likers_of",
            Self::Hashtag(_) => "hashtag",
            Self::Erased => "erased",
        }
    }

    /// The person it names, if it names one.
    pub const fn person(&self) -> Option<&Username> {
        match self {
            Self::FollowersOf(person) | Self::FollowingOf(person) | Self::LikersOf(person) => {
                Some(person)
            }
            Self::List | Self::Hashtag(_) | Self::Erased => None,
        }
    }

    /// Whether people are looked for in the app, rather than given.
    pub const fn is_crawled(&self) -> bool {
        !matches!(self, Self::List | Self::Erased)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List => f.write_str("a list"),
            Self::FollowersOf(person) => write!(f, "followers of {person}"),
            Self::FollowingOf(person) => write!(f, "people {person} follows"),
            Self::LikersOf(person) => write!(f, "likers of {person}'s newest post"),
            Self::Hashtag(tag) => write!(f, "posts under #{tag}"),
            Self::Erased => f.write_str("a person who was erased"),
        }
    }
}

/// As it is written: `{"kind":"followers_of","username":"anna"}`.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    username: Option<Username>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hashtag: Option<Hashtag>,
}

impl From<Source> for Written {
    fn from(source: Source) -> Self {
        let kind = source.kind().to_owned();
        match source {
            Source::List | Source::Erased => Self { kind, ..Self::default() },
            Source::FollowersOf(person)
            | Source::FollowingOf(person)
            | Source::LikersOf(person) => Self { kind, username: Some(person), hashtag: None },
            Source::Hashtag(tag) => Self { kind, username: None, hashtag: Some(tag) },
        }
    }
}

impl TryFrom<Written> for Source {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let Written { kind, username, hashtag } = written;
        match (kind.as_str(), username, hashtag) {
            ("list", None, None) => Ok(Self::List),
            ("erased", None, None) => Ok(Self::Erased),
            ("followers_of", Some(person), None) => Ok(Self::FollowersOf(person)),
            ("following_of", Some(person), None) => Ok(Self::FollowingOf(person)),
            ("likers_of", Some(person), None) => Ok(Self::LikersOf(person)),
            ("hashtag", None, Some(tag)) => Ok(Self::Hashtag(tag)),
            ("list" | "erased", ..) => {
                Err(format!("a source of kind `{kind}` has no other fields"))
            }
            ("followers_of" | "following_of" | "likers_of", ..) => {
                Err(format!("a source of kind `{kind}` needs `username`, and nothing else"))
            }
            ("hashtag", ..) => {
                Err("a source of kind `hashtag` needs `hashtag`, and nothing else".to_owned())
            }
            _ => {
                let found: String = kind.chars().take(40).collect();
                Err(format!(
                    "`{found}` is not a kind of source; there are list, followers_of, \
                     following_of, likers_of, hashtag"
                ))
            }
        }
    }
}

/// A hashtag in its one normal form: NFKC, lowercase, without `#`; 1 to 100 letters, digits, marks
/// and `_`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Hashtag(Box<str>);

/// The longest hashtag, in characters.
const HASHTAG_MAX: usize = 100;

/// A text that is not a hashtag.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a hashtag; write 1 to {HASHTAG_MAX} letters, digits and `_`, such as streetart"
)]
pub struct HashtagError(String);

impl Hashtag {
    /// The normal form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Hashtag {
    type Err = HashtagError;

    fn from_str(text: &str) -> Result<Self, HashtagError> {
        let fail = || HashtagError(text.chars().take(40).collect());
        if text.chars().take(HASHTAG_MAX * 16 + 1).count() > HASHTAG_MAX * 16 {
            return Err(fail());
        }
        let folded: String = text.nfkc().flat_map(char::to_lowercase).nfkc().collect();
        let trimmed = folded.trim();
        let tag = trimmed.strip_prefix('#').unwrap_or(trimmed);
        // Marks carry vowels in many scripts, and are neither letters nor digits.
        let mark = unicode_normalization::char::is_combining_mark;
        let possible = |c: char| c.is_alphanumeric() || c == '_' || mark(c);
        let len = tag.chars().count();
        if len == 0 || len > HASHTAG_MAX || !tag.chars().all(possible) {
            return Err(fail());
        }
        Ok(Self(tag.into()))
    }
}

impl fmt::Display for Hashtag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl<'de> Deserialize<'de> for Hashtag {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        text.parse().map_err(de::Error::custom)
    }
}
