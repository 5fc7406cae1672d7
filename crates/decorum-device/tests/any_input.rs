//! Nothing that is read can bring the reader down, and what it says about itself holds.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may fail")]

use std::fmt::Write as _;

use decorum_device::screen::{Page, Place, Relationship};
use decorum_device::{AppProfile, Screen};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::sketch::{app, escape, flat_profile, of, post};

const KINDS: [&str; 16] = [
    "Application",
    "Window",
    "Other",
    "Button",
    "StaticText",
    "Cell",
    "CollectionView",
    "Alert",
    "NavigationBar",
    "TabBar",
    "TextView",
    "SearchField",
    "SecureTextField",
    "Keyboard",
    "Icon",
    "ActivityIndicator",
];

const WORDS: [&str; 26] = [
    "",
    "profile",
    "user-detail-header-follow-button",
    "user-detail-header-followers",
    "user-switch-title-button",
    "media-thumbnail-cell",
    "story-dismiss-button",
    "story-ring",
    "like-button",
    "feed-item-header-user-button",
    "text-view",
    "send-button",
    "mainfeed-tab",
    "stories-tray",
    "search-text-input",
    "search-collection-view-cell-ada",
    "Instagram",
    "Follow ada",
    "Following",
    "Liked",
    "OK",
    "Not now",
    "This account is private",
    "Try again later",
    "1,840 followers",
    "ada",
];

fn word() -> impl Strategy<Value = String> {
    prop_oneof![4 => select(&WORDS[..]).prop_map(str::to_owned), 1 => any::<String>()]
}

type Attributes = (String, String, String, bool, bool);

fn element() -> impl Strategy<Value = String> {
    let attributes = (word(), word(), word(), any::<bool>(), any::<bool>());
    let one = (select(&KINDS[..]), attributes).boxed();
    let leaf = one.clone().prop_map(|(kind, attributes)| render(kind, &attributes, &[]));
    leaf.prop_recursive(6, 60, 6, move |inner| {
        let inside = prop::collection::vec(inner, 0..6);
        (one.clone(), inside).prop_map(|((kind, attributes), inside): (_, Vec<String>)| {
            render(kind, &attributes, &inside)
        })
    })
}

fn render(kind: &str, attributes: &Attributes, inside: &[String]) -> String {
    let clean = |text: &str| escape(&text.replace(|c: char| c.is_control(), " "));
    let (name, label, value, visible, enabled) = attributes;
    let attributes = format!(
        "name=\"{}\" label=\"{}\" value=\"{}\" visible=\"{visible}\" enabled=\"{enabled}\"",
        clean(name),
        clean(label),
        clean(value)
    );
    of(kind, &attributes, inside)
}

fn holds(screen: &Screen) {
    let shown = screen.to_string();
    assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{shown:?}");
    assert!(screen.texts().iter().all(|(_, text)| !text.trim().is_empty() || text.is_empty()));
    match &screen.page {
        Page::Profile(page) => {
            if page.follow_locator().is_some() {
                assert_eq!(page.relationship, Relationship::NotFollowing);
                let named = page.follow_label_username.as_ref();
                assert!(
                    named.is_none() || page.username.is_none() || named == page.username.as_ref()
                );
            }
            assert!(!(page.is_own && page.follow_button.is_some()));
            assert!(!page.is_private || page.is_loaded);
        }
        Page::Post(page) => {
            assert!(page.like_locator().is_none() || page.liked == Some(false));
        }
        Page::CommentSheet(sheet) => {
            assert!(sheet.send.is_none() || sheet.draft.is_some(), "nothing to post: {shown}");
        }
        _ => {}
    }
    for (place, text) in screen.texts() {
        if screen.overlay.is_none() {
            assert!(!matches!(place, Place::Dialog | Place::Toast), "{place} {text}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        if let Ok(screen) = Screen::read(&text, &AppProfile::builtin()) {
            holds(&screen);
        }
    }

    #[test]
    fn any_tree_is_read(root in element(), wrap in any::<bool>()) {
        let source = if wrap { format!("<AppiumAUT>{root}</AppiumAUT>") } else { app(&[root]) };
        holds(&Screen::read(&source, &AppProfile::builtin()).expect("well-formed"));
    }

    #[test]
    fn any_damage_to_a_screen_is_borne(
        which in 0..2_usize,
        cuts in prop::collection::vec((any::<Index>(), any::<Index>(), "[<>&\"/a-z ]{0,4}"), 1..4),
    ) {
        let mut source = if which == 0 {
            flat_profile("ada", "Follow ada", "Ada & co", "Try again later\n<3")
        } else {
            app(&[of("CollectionView", "", &[post("ada", "label=\"Like\"", "Stones.")])])
        };
        for (from, to, new) in cuts {
            let (from, to) = (from.index(source.len() + 1), to.index(source.len() + 1));
            let range = source.floor_char_boundary(from.min(to))..source.floor_char_boundary(from.max(to));
            // Most cuts are small; large ones leave nothing to look at.
            let end = source.floor_char_boundary(range.end.min(range.start + 12));
            source.replace_range(range.start..end, &new);
        }
        if let Ok(screen) = Screen::read(&source, &AppProfile::builtin()) {
            holds(&screen);
        }
    }

    #[test]
    fn any_overlay_is_taken_or_refused(
        lines in prop::collection::vec(
            (select(&["app", "links", "timings", "identifiers", "texts.de", "messages.en", "texts.x", ""][..]),
             select(&["name", "user", "settle_ms", "like_button", "follow", "rate_limited", "x"][..]),
             select(&["1", "-1", "\"x\"", "[]", "[\"x\"]", "[\"{username}\"]", "{}", "[[]]", "\"{username}\"", "9999999999999"][..])),
            0..4),
        noise in prop_oneof![3 => Just(String::new()), 1 => any::<String>()],
    ) {
        let mut overlay = noise;
        for (table, key, value) in lines {
            if !table.is_empty() {
                let _ = write!(overlay, "\n[{table}]");
            }
            let _ = writeln!(overlay, "\n{key} = {value}");
        }
        if let Ok(profile) = AppProfile::from_toml(&overlay) {
            let source = flat_profile("ada", "Follow ada", "Ada", "Stones.");
            holds(&Screen::read(&source, &profile).expect("well-formed"));
        }
    }
}
