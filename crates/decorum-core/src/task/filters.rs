//! Whom a task leaves out because of what their page says.
//!
//! What the page did not show counts against the person: a filter that cannot be judged is one that
//! is not passed.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

use super::spec::SpecError;
use crate::words::vocabulary;

/// Words in one list at most.
const WORDS_MAX: usize = 100;
/// The longest of them, in characters.
const WORD_MAX: usize = 100;

/// Whom to leave out. The default leaves out nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Filters {
    /// Leave out private accounts.
    pub skip_private: bool,
    /// Leave out who has fewer followers.
    pub min_followers: Option<u64>,
    /// Leave out who has more followers.
    pub max_followers: Option<u64>,
    /// Leave out whom the account follows already.
    pub skip_following: bool,
    /// Leave out whose bio has one of these in it, in any case and compatible spelling.
    pub bio_excludes: Vec<String>,
    /// Leave out whose bio has none of these in it; empty: no matter.
    pub bio_includes_any: Vec<String>,
}

vocabulary!(
    /// Why somebody is left out.
    FilterReason, "reason to leave somebody out" {
        /// Their account is private.
        Private = "private",
        /// The account follows them already.
        AlreadyFollowing = "already_following",
        /// They have too few followers.
        TooFewFollowers = "too_few_followers",
        /// They have too many followers.
        TooManyFollowers = "too_many_followers",
        /// Their page did not say how many followers they have.
        FollowersUnknown = "followers_unknown",
        /// Their bio has an unwanted word in it.
        BioExcluded = "bio_excluded",
        /// Their bio has none of the wanted words in it.
        BioNotIncluded = "bio_not_included",
        /// Their page did not show a bio.
        BioUnknown = "bio_unknown",
    }
);

/// What a person's page says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileFacts {
    /// Whether it is private.
    pub private: bool,
    /// How many follow them, if it could be read.
    pub followers: Option<u64>,
    /// Whether the acting account follows them, or asked to.
    pub already_following: bool,
    /// Their bio; `None`: it could not be read; empty: there is none.
    pub bio: Option<String>,
}

impl Filters {
    /// Whether a page has to be looked at before anybody can be let through.
    pub fn need_facts(&self) -> bool {
        *self != Self::default()
    }

    /// Whether the person with this page is let through.
    ///
    /// # Errors
    /// The first reason why not, in the order of [`FilterReason::ALL`].
    pub fn judge(&self, facts: &ProfileFacts) -> Result<(), FilterReason> {
        if self.skip_private && facts.private {
            return Err(FilterReason::Private);
        }
        if self.skip_following && facts.already_following {
            return Err(FilterReason::AlreadyFollowing);
        }
        if self.min_followers.is_some() || self.max_followers.is_some() {
            let followers = facts.followers.ok_or(FilterReason::FollowersUnknown)?;
            if self.min_followers.is_some_and(|min| followers < min) {
                return Err(FilterReason::TooFewFollowers);
            }
            if self.max_followers.is_some_and(|max| followers > max) {
                return Err(FilterReason::TooManyFollowers);
            }
        }
        if self.bio_excludes.is_empty() && self.bio_includes_any.is_empty() {
            return Ok(());
        }
        let bio = folded(facts.bio.as_deref().ok_or(FilterReason::BioUnknown)?);
        let has = |word: &String| bio.contains(&folded(word));
        if self.bio_excludes.iter().any(has) {
            return Err(FilterReason::BioExcluded);
        }
        if !self.bio_includes_any.is_empty() && !self.bio_includes_any.iter().any(has) {
            return Err(FilterReason::BioNotIncluded);
        }
        Ok(())
    }

    pub(super) fn check(&self) -> Result<(), SpecError> {
        if let (Some(min), Some(max)) = (self.min_followers, self.max_followers)
            && min > max
        {
            let problem = format!("{min} is more than max_followers, {max}; nobody would be left");
            return Err(SpecError::new("filters.min_followers", problem));
        }
        let lists =
            [("bio_excludes", &self.bio_excludes), ("bio_includes_any", &self.bio_includes_any)];
        for (name, words) in lists {
            if words.len() > WORDS_MAX {
                let problem = format!("{} words; at most {WORDS_MAX} are possible", words.len());
                return Err(SpecError::new(format!("filters.{name}"), problem));
            }
            for (i, word) in words.iter().enumerate() {
                if folded(word).is_empty() || word.chars().count() > WORD_MAX {
                    let problem = format!("write 1 to {WORD_MAX} characters");
                    return Err(SpecError::new(format!("filters.{name}[{i}]"), problem));
                }
            }
        }
        Ok(())
    }
}

fn folded(text: &str) -> String {
    let folded: String = text.nfkc().flat_map(char::to_lowercase).collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}
