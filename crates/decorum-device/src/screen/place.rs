//! Where on a screen a text stood.
//!
//! The same words mean different things in different places: a dialog that says "try again later"
//! is the platform speaking, a bio that says so is a person.

use std::fmt;

/// The place of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// In a modal dialog: the platform speaks.
    Dialog,
    /// In a short message that fades: the platform speaks.
    Toast,
    /// In a strip or notice on the page: the platform speaks.
    Banner,
    /// On a button.
    Button,
    /// In the header of a profile, outside of what the person wrote.
    ProfileHeader,
    /// In the text a person wrote about themself, including their display name.
    Bio,
    /// In the caption of a post.
    Caption,
    /// In a comment or in the draft of one.
    Comment,
    /// Anywhere else.
    Other,
}

impl Place {
    /// The stable word for the place, as the classifier and the API spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dialog => "dialog",
            Self::Toast => "toast",
            Self::Banner => "banner",
            Self::Button => "button",
            Self::ProfileHeader => "profile_header",
            Self::Bio => "bio",
            Self::Caption => "caption",
            Self::Comment => "comment",
            Self::Other => "other",
        }
    }

    /// Whether a text here was written by a person, so that it can never be the platform's word.
    pub const fn is_user_written(self) -> bool {
        matches!(self, Self::Bio | Self::Caption | Self::Comment)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
