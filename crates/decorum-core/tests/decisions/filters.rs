//! Whom a task leaves out.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test may fail")]

use decorum_core::{FilterReason, Filters, ProfileFacts, TaskSpec};

use crate::support::spec_of;

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

#[test]
fn any_filter_needs_the_page() {
    let none = Filters::default;
    for filters in [
        Filters { skip_private: true, ..none() },
        Filters { skip_following: true, ..none() },
        Filters { min_followers: Some(0), ..none() },
        Filters { max_followers: Some(9), ..none() },
        Filters { bio_excludes: words(&["no dms"]), ..none() },
        Filters { bio_includes_any: words(&["art"]), ..none() },
    ] {
        assert!(filters.need_facts(), "{filters:?}");
    }
}

#[test]
fn a_filter_says_nothing_of_what_it_is_not_about() {
    let public = Filters { skip_private: true, skip_following: true, ..Filters::default() };
    assert_eq!(public.judge(&ProfileFacts::default()), Ok(()), "neither private nor followed");
    let followed = ProfileFacts { already_following: true, private: true, ..mia() };
    let popular = Filters { min_followers: Some(1), ..Filters::default() };
    assert_eq!(popular.judge(&followed), Ok(()));
}

#[test]
fn lists_of_words_have_a_limit_and_so_has_a_word() {
    let check = |filters| TaskSpec { filters, ..spec_of("anna") }.check();
    let word = |len: usize| "ä".repeat(len);
    let excluding = |bio_excludes| check(Filters { bio_excludes, ..Filters::default() });
    let including = |bio_includes_any| check(Filters { bio_includes_any, ..Filters::default() });
    assert_eq!(excluding(vec![word(100); 100]), Ok(()));
    assert_eq!(including(vec![word(100); 100]), Ok(()));
    for (refused, field) in [
        (excluding(vec![word(1); 101]), "filters.bio_excludes"),
        (including(vec![word(1); 102]), "filters.bio_includes_any"),
        (excluding(vec![word(1), word(101)]), "filters.bio_excludes[1]"),
        (including(vec![word(102)]), "filters.bio_includes_any[0]"),
        (excluding(vec!["  ".to_owned()]), "filters.bio_excludes[0]"),
        (including(vec![String::new()]), "filters.bio_includes_any[0]"),
    ] {
        assert_eq!(refused.expect_err(field).field, field);
    }
}

#[test]
fn the_fewest_and_the_most_followers_may_be_the_same_number() {
    let between = |min, max| {
        let filters =
            Filters { min_followers: Some(min), max_followers: Some(max), ..Filters::default() };
        TaskSpec { filters, ..spec_of("anna") }.check()
    };
    assert_eq!(between(8, 8), Ok(()));
    assert_eq!(between(9, 8).expect_err("nobody").field, "filters.min_followers");
}
