//! Leaving people out by what their profile page says.

use decorum_core::task::{FilterReason, Filters, ProfileFacts};
use decorum_core::{Action, Outcome, Skip};
use decorum_device::screen::{ProfilePage, Relationship};

use super::Automator;
use super::approach::Step;
use crate::guard::Ending;

impl Automator {
    /// With filters that everybody has to pass at their page, before anything is claimed.
    #[must_use]
    pub fn with_filters(mut self, filters: Option<Filters>) -> Self {
        self.filters = filters.filter(Filters::need_facts);
        self
    }

    /// Whether the person with this page is let through.
    pub(super) fn sift(&self, page: ProfilePage, action: Action) -> Step<ProfilePage> {
        let Some(filters) = &self.filters else { return Ok(page) };
        match filters.judge(&facts(&page, action)) {
            Ok(()) => Ok(page),
            Err(why) => Err(Ending::new(Outcome::Skipped(Skip::Other), format!("left out: {why}"))
                .because(reason(why))),
        }
    }
}

/// What the page says. That we follow already is what following itself looks at, and has a word of
/// its own for.
fn facts(page: &ProfilePage, action: Action) -> ProfileFacts {
    let tied = matches!(page.relationship, Relationship::Following | Relationship::Requested);
    ProfileFacts {
        private: page.is_private,
        followers: page.followers,
        already_following: tied && action != Action::Follow,
        // A page that has loaded and marks no bio has none.
        bio: Some(page.bio.clone().unwrap_or_default()),
    }
}

/// The reason in the log.
const fn reason(why: FilterReason) -> &'static str {
    match why {
        FilterReason::Private => "filtered_private",
        FilterReason::AlreadyFollowing => "filtered_already_following",
        FilterReason::TooFewFollowers => "filtered_too_few_followers",
        FilterReason::TooManyFollowers => "filtered_too_many_followers",
        FilterReason::FollowersUnknown => "filtered_followers_unknown",
        FilterReason::BioExcluded => "filtered_bio_excluded",
        FilterReason::BioNotIncluded => "filtered_bio_not_included",
        FilterReason::BioUnknown => "filtered_bio_unknown",
    }
}
