//! Where a text stood. The same words mean different things in different places: a dialog that
//! says "try again later" is the platform speaking, a bio that says so is a person.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::WordError;

/// Where a text stood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// A modal dialog or system alert.
    Dialog,
    /// A short message that fades.
    Toast,
    /// A strip or notice on the page.
    Banner,
    /// A whole page that says only this.
    Screen,
    /// The caption of a button.
    Button,
    /// The header of a profile, outside of what the person wrote.
    ProfileHeader,
    /// What a person wrote about themself, their display name included.
    Bio,
    /// The caption of a post.
    Caption,
    /// A comment, or the draft of one.
    Comment,
    /// A username.
    Username,
    /// The answer of a server: a status code, its phrase, or the body that came with it.
    StatusCode,
    /// Nobody told.
    #[default]
    Other,
}

/// What a text may mean for standing where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Voice {
    /// The platform speaks: it may mean anything.
    Platform,
    /// The platform speaks of a person.
    AboutTarget,
    /// A person speaks, or nobody: it means nothing.
    Nobody,
}

/// Other words callers use for the same places.
const ALIASES: [(&str, Place); 25] = [
    ("alert", Place::Dialog),
    ("modal", Place::Dialog),
    ("popup", Place::Dialog),
    ("pop_up", Place::Dialog),
    ("system_alert", Place::Dialog),
    ("sheet", Place::Dialog),
    ("snackbar", Place::Toast),
    ("notice", Place::Banner),
    ("page", Place::Screen),
    ("button_label", Place::Button),
    ("profile", Place::ProfileHeader),
    ("header", Place::ProfileHeader),
    ("biography", Place::Bio),
    ("display_name", Place::Bio),
    ("full_name", Place::Bio),
    ("post_caption", Place::Caption),
    ("comments", Place::Comment),
    ("user_name", Place::Username),
    ("handle", Place::Username),
    ("status", Place::StatusCode),
    ("http", Place::StatusCode),
    ("http_status", Place::StatusCode),
    ("api", Place::StatusCode),
    ("response", Place::StatusCode),
    ("unknown", Place::Other),
];

impl Place {
    /// Every place.
    pub const ALL: &'static [Self] = &[
        Self::Dialog,
        Self::Toast,
        Self::Banner,
        Self::Screen,
        Self::Button,
        Self::ProfileHeader,
        Self::Bio,
        Self::Caption,
        Self::Comment,
        Self::Username,
        Self::StatusCode,
        Self::Other,
    ];

    /// The stable text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dialog => "dialog",
            Self::Toast => "toast",
            Self::Banner => "banner",
            Self::Screen => "screen",
            Self::Button => "button",
            Self::ProfileHeader => "profile_header",
            Self::Bio => "bio",
            Self::Caption => "caption",
            Self::Comment => "comment",
            Self::Username => "username",
            Self::StatusCode => "status_code",
            Self::Other => "other",
        }
    }

    pub(super) const fn voice(self) -> Voice {
        match self {
            Self::Dialog
            | Self::Toast
            | Self::Banner
            | Self::Screen
            | Self::StatusCode
            | Self::Other => Voice::Platform,
            Self::ProfileHeader => Voice::AboutTarget,
            // A button offers something; only what happens after the tap says anything.
            Self::Button | Self::Bio | Self::Caption | Self::Comment | Self::Username => {
                Voice::Nobody
            }
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Place {
    type Err = WordError;

    fn from_str(text: &str) -> Result<Self, WordError> {
        let found: String = text
            .trim()
            .chars()
            .take(40)
            .map(|c| if c == '-' || c == ' ' { '_' } else { c.to_ascii_lowercase() })
            .collect();
        let words = Self::ALL.iter().map(|place| (place.as_str(), *place));
        words.chain(ALIASES).find(|(word, _)| *word == found).map(|(_, place)| place).ok_or_else(
            || WordError {
                what: "place",
                found: text.trim().chars().take(40).collect(),
                known: Self::ALL.iter().map(|p| p.as_str()).collect::<Vec<_>>().join(", "),
            },
        )
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(d)?;
        text.parse().map_err(de::Error::custom)
    }
}
