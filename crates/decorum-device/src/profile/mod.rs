//! How an app looks, as data.
//!
//! A profile says which identifiers, labels and messages an app uses, per language. The built-in
//! one is `profiles/instagram.toml` with a file per language beside it; a partial file of the same shape can be laid over it, so that
//! a new wording is a line of data and no release. Nothing in the built-in profile has been
//! checked by this project on a real phone: it is collected from public field notes.

mod data;
mod examples;
pub(crate) mod fold;
mod label;
mod read;
mod vocabulary;

pub use examples::examples;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::Locator;
use crate::screen::{Control, Dialog};

use data::Data;
pub(crate) use data::Identifiers;
pub(crate) use label::{Labels, Phrases};
pub(crate) use vocabulary::Vocabulary;

/// The profile that ships with Decorum: the app, and what it says in English.
const BUILTIN: &str = include_str!("../../profiles/instagram.toml");

/// What the app says in other languages; laid over [`BUILTIN`].
const LANGUAGES: [&str; 13] = [
    include_str!("../../profiles/instagram/ar.toml"),
    include_str!("../../profiles/instagram/de.toml"),
    include_str!("../../profiles/instagram/es.toml"),
    include_str!("../../profiles/instagram/fr.toml"),
    include_str!("../../profiles/instagram/hi.toml"),
    include_str!("../../profiles/instagram/id.toml"),
    include_str!("../../profiles/instagram/it.toml"),
    include_str!("../../profiles/instagram/ja.toml"),
    include_str!("../../profiles/instagram/ko.toml"),
    include_str!("../../profiles/instagram/pt.toml"),
    include_str!("../../profiles/instagram/ru.toml"),
    include_str!("../../profiles/instagram/tr.toml"),
    include_str!("../../profiles/instagram/zh.toml"),
];

/// How an app looks. Cheap to clone.
#[derive(Debug, Clone)]
pub struct AppProfile {
    inside: Arc<Inside>,
}

/// A checked profile, ready for use.
#[derive(Debug)]
struct Inside {
    data: Data,
    vocabulary: Vocabulary,
    timings: Timings,
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
    /// How long one page source may take.
    pub source_timeout: Duration,
}

impl AppProfile {
    /// The profile that ships with Decorum: Instagram on iOS. Read once per process.
    pub fn builtin() -> Self {
        static READ: OnceLock<AppProfile> = OnceLock::new();
        READ.get_or_init(|| match Self::from_toml("") {
            Ok(profile) => profile,
            // It is a constant, and every test of this crate reads it.
            Err(error) => unreachable!("the built-in profile: {error}"),
        })
        .clone()
    }

    /// The built-in profile with a partial profile laid over it. Lists replace lists; tables
    /// merge. An unknown key is an error that names it.
    pub fn from_toml(overlay: &str) -> Result<Self, ProfileError> {
        let mut table = read::parse(BUILTIN)?;
        for language in LANGUAGES {
            read::lay_over(&mut table, read::parse(language)?);
        }
        read::lay_over(&mut table, read::parse(overlay)?);
        Ok(Self { inside: Arc::new(read::compile(table)?) })
    }

    /// The app's bundle id.
    pub fn bundle_id(&self) -> &str {
        &self.inside.data.app.bundle_id
    }

    /// The app's name for people.
    pub fn app_name(&self) -> &str {
        &self.inside.data.app.name
    }

    /// The deep link to a person's profile.
    pub fn user_link(&self, username: &str) -> String {
        fill(&self.inside.data.links.user, label::NAME, username)
    }

    /// The deep link to the posts of a hashtag.
    pub fn tag_link(&self, tag: &str) -> String {
        fill(&self.inside.data.links.tag, "{tag}", tag)
    }

    /// The tab that shows the acting account's own profile.
    pub fn own_profile_locator(&self) -> Option<Locator> {
        self.ids().own_profile_tab.first().cloned().map(Locator::AccessibilityId)
    }

    /// The button of a refusal that only closes it (`OK`, `Not now`, ...); `None` if there is no
    /// such button. A button that permits, logs in, appeals or answers is never it.
    ///
    /// Where a dialog offers to deny something, that button comes first: next to `Don't Allow`
    /// the system's `OK` means yes.
    pub fn closing_button<'a>(&self, dialog: &'a Dialog) -> Option<&'a Control> {
        let words = self.vocabulary();
        self.safest(&dialog.buttons, &words.deny).or_else(|| {
            let denies = dialog.buttons.iter().any(|button| words.deny.is(&button.label));
            if denies { None } else { self.safest(&dialog.buttons, &words.closing) }
        })
    }

    /// The waits this app needs.
    pub fn timings(&self) -> Timings {
        self.inside.timings
    }

    /// The languages the profile knows, as their codes (`en`, `de`, ...).
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        self.inside.data.texts.keys().map(String::as_str)
    }

    /// What the app says when it refuses, for the classifier: class, language, phrase.
    pub fn messages(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.inside.data.messages.iter().flat_map(|(language, messages)| {
            messages.lists().flat_map(move |(class, phrases)| {
                phrases.iter().map(move |phrase| (class, language.as_str(), phrase.as_str()))
            })
        })
    }

    pub(crate) fn ids(&self) -> &Identifiers {
        &self.inside.data.identifiers
    }

    pub(crate) fn vocabulary(&self) -> &Vocabulary {
        &self.inside.vocabulary
    }

    /// The button with the best rank among `labels` that may be tapped.
    pub(crate) fn safest<'a>(
        &self,
        buttons: &'a [Control],
        labels: &Labels,
    ) -> Option<&'a Control> {
        let never = &self.vocabulary().never_tap;
        buttons
            .iter()
            .filter(|button| button.enabled && !never.is(&button.label))
            .filter_map(|button| Some((labels.rank(&button.label)?, button)))
            .min_by_key(|(rank, _)| *rank)
            .map(|(_, button)| button)
    }
}

/// Fills a name into a link, percent-encoded.
fn fill(template: &str, gap: &str, name: &str) -> String {
    let name: String = url::form_urlencoded::byte_serialize(name.trim().as_bytes()).collect();
    // The form encoding writes a space as `+`, which a link's query does not undo everywhere.
    template.replace(gap, &name.replace('+', "%20"))
}
