//! A page source held against the profile.

#![allow(clippy::expect_used, reason = "a test may fail")]

use decorum_device::AppProfile;
use decorum_device::screen::{Match, Sieve};

use crate::sketch::{app, flat_profile, id};

fn sieve(source: &str) -> Sieve {
    Sieve::read(source, &AppProfile::builtin()).expect("a page")
}

fn found<'a>(sieve: &'a Sieve, key: &str) -> &'a [Match] {
    &sieve.lists.iter().find(|list| list.key == key).expect("a list of the profile").found
}

#[test]
fn what_the_page_has_is_told_with_what_it_says() {
    let sieve = sieve(&flat_profile("ada.stone", "Follow", "Ada", "Stones."));
    let follow = found(&sieve, "follow_button");
    assert_eq!(follow.len(), 1);
    assert_eq!((follow[0].element_type.as_str(), follow[0].says.as_str()), ("Button", "Follow"));
    assert!(found(&sieve, "like_button").is_empty());
    assert!(sieve.unknown.is_empty(), "{:?}", sieve.unknown);
}

#[test]
fn an_identifier_that_moved_shows_as_unknown() {
    let page = flat_profile("ada.stone", "Follow", "Ada", "Stones.")
        .replace("user-detail-header-follow-button", "profile-follow-button-v2");
    let sieve = sieve(&page);
    assert!(found(&sieve, "follow_button").is_empty());
    let unknown: Vec<_> = sieve.unknown.iter().map(|found| found.id.as_str()).collect();
    assert_eq!(unknown, ["profile-follow-button-v2"]);
    // The repaired profile knows it.
    let repaired = "[identifiers]\nfollow_button = ['profile-follow-button-v2']\n";
    let profile = AppProfile::from_toml(repaired).expect("a profile");
    let sieve = Sieve::read(&page, &profile).expect("a page");
    assert_eq!(found(&sieve, "follow_button").len(), 1);
    assert!(sieve.unknown.is_empty());
}

#[test]
fn several_elements_of_one_identifier_are_counted() {
    let cells: Vec<_> = (0..3).map(|_| id("Cell", "media-thumbnail-cell", "Photo")).collect();
    let sieve = sieve(&app(&cells));
    assert_eq!(found(&sieve, "thumbnail")[0].elements, 3);
}
