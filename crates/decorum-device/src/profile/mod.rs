//! How an app looks, as data.
//!
//! A profile says which identifiers, labels and messages an app uses, per language. The built-in
//! one is `profiles/instagram.toml`; a partial file of the same shape can be laid over it, so that
//! a new wording is a line of data and no release. Nothing in the built-in profile has been
//! checked by this project on a real phone: it is collected from public field notes.

mod document;
mod label;
mod overlay;

use std::time::Duration;

use crate::Locator;
use crate::screen::{Control, Dialog};
use document::Document;
pub(crate) use document::{Identifiers, Texts};
pub(crate) use label::{Match, plain, says};

/// The profile that ships with Decorum.
const BUILTIN: &str = include_str!("../../profiles/instagram.toml");

/// How an app looks.
#[derive(Debug, Clone)]
pub struct AppProfile {
    document: Document,
}

/// Why a profile cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// It is not TOML, has an unknown key, or a value of the wrong kind.
    #[error("the app profile is not usable: {key}: {detail}")]
    Invalid {
        /// The key concerned, as a dotted path; `(document)` if none can be told.
        key: String,
        /// What is wrong.
        detail: String,
    },
}

/// How long to wait for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timings {
    /// The pause before the second look that detects a silent revert.
    pub settle: Duration,
    /// How long a page may take to fill in.
    pub load_timeout: Duration,
    /// The pause between two looks while waiting.
    pub poll: Duration,
}

impl AppProfile {
    /// The profile that ships with Decorum: Instagram on iOS.
    pub fn builtin() -> Self {
        // The file is part of the program and read by its tests; an empty one sees nothing, and
        // so never acts.
        Self::from_toml("").unwrap_or_else(|_| Self { document: Document::default() })
    }

    /// The built-in profile with a partial profile laid over it. Lists replace lists; tables
    /// merge. An unknown key is an error that names it.
    pub fn from_toml(overlay: &str) -> Result<Self, ProfileError> {
        overlay::lay(BUILTIN, overlay).map(|document| Self { document })
    }

    /// The app's bundle id.
    pub fn bundle_id(&self) -> &str {
        &self.document.bundle_id
    }

    /// The app's name for people.
    pub fn app_name(&self) -> &str {
        &self.document.app_name
    }

    /// The deep link to a person's profile.
    pub fn user_link(&self, username: &str) -> String {
        self.document.links.user.replace("{username}", username)
    }

    /// The deep link to the posts of a hashtag.
    pub fn tag_link(&self, tag: &str) -> String {
        self.document.links.tag.replace("{tag}", tag)
    }

    /// The tab that shows the acting account's own profile.
    pub fn own_profile_locator(&self) -> Option<Locator> {
        self.identifiers().own_profile_tab.first().cloned().map(Locator::AccessibilityId)
    }

    /// The button of a refusal that only closes it, in any of the profile's languages; `None` if
    /// it has none. A button that leads on (to allow, to log in, to report) is never one.
    pub fn closing_button<'a>(&self, dialog: &'a Dialog) -> Option<&'a Control> {
        let closes = |button: &&Control| {
            self.texts().any(|texts| says(&texts.closing_buttons, &button.label).is_some())
        };
        dialog.buttons.iter().find(closes)
    }

    /// The waits this app needs.
    pub fn timings(&self) -> Timings {
        let timings = &self.document.timings;
        Timings {
            settle: Duration::from_millis(timings.settle_ms.into()),
            load_timeout: Duration::from_millis(timings.load_timeout_ms.into()),
            poll: Duration::from_millis(timings.poll_ms.into()),
        }
    }

    /// The languages the profile knows, as their codes (`en`, `de`, ...).
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        self.document.texts.keys().map(String::as_str)
    }

    /// What the app says when it refuses, for the classifier: class, language, phrase.
    pub fn messages(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.document.messages.iter().flat_map(|(language, classes)| {
            classes.iter().flat_map(move |(class, phrases)| {
                phrases.iter().map(move |p| (class.as_str(), language.as_str(), p.as_str()))
            })
        })
    }

    pub(crate) fn identifiers(&self) -> &Identifiers {
        &self.document.identifiers
    }

    pub(crate) fn texts(&self) -> impl Iterator<Item = &Texts> {
        self.document.texts.values()
    }
}
