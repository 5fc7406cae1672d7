//! Whom a task leaves out.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test may fail")]

use decorum_core::{FilterReason, Filters, ProfileFacts};

fn mia() -> ProfileFacts {
    ProfileFacts {
        private: false,
        followers: Some(500),
        already_following: false,
        bio: Some("Photographer.  NO  DMs please".to_owned()),
    }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn without_filters_nobody_is_left_out() {
    let none = Filters::default();
    assert!(!none.need_facts());
    let nothing_known = ProfileFacts { private: true, ..ProfileFacts::default() };
    assert_eq!(none.judge(&nothing_known), Ok(()));
}

#[test]
fn each_filter_leaves_out_whom_it_is_meant_for() {
    let none = Filters::default;
    for (filters, facts, wanted) in [
        (Filters { skip_private: true, ..none() }, mia(), None),
        (
            Filters { skip_private: true, ..none() },
            ProfileFacts { private: true, ..mia() },
            Some(FilterReason::Private),
        ),
        (
            Filters { skip_following: true, ..none() },
            ProfileFacts { already_following: true, ..mia() },
            Some(FilterReason::AlreadyFollowing),
        ),
        (Filters { min_followers: Some(500), max_followers: Some(500), ..none() }, mia(), None),
        (
            Filters { min_followers: Some(501), ..none() },
            mia(),
            Some(FilterReason::TooFewFollowers),
        ),
        (
            Filters { max_followers: Some(499), ..none() },
            mia(),
            Some(FilterReason::TooManyFollowers),
        ),
        (
            Filters { bio_excludes: words(&["no dms"]), ..none() },
            mia(),
            Some(FilterReason::BioExcluded),
        ),
        (Filters { bio_includes_any: words(&["ｐｈｏｔｏ", "art"]), ..none() }, mia(), None),
        (
            Filters { bio_includes_any: words(&["painter"]), ..none() },
            mia(),
            Some(FilterReason::BioNotIncluded),
        ),
    ] {
        assert_eq!(filters.judge(&facts).err(), wanted, "{filters:?}");
    }
}

#[test]
fn what_the_page_did_not_show_is_not_passed() {
    let nothing = ProfileFacts { followers: None, bio: None, ..mia() };
    let few = Filters { max_followers: Some(10), ..Filters::default() };
    assert_eq!(few.judge(&nothing), Err(FilterReason::FollowersUnknown));
    let polite = Filters { bio_excludes: words(&["no dms"]), ..Filters::default() };
    assert_eq!(polite.judge(&nothing), Err(FilterReason::BioUnknown));
}
