//! What people write never comes out as the app's word, wherever they write it.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may fail")]

use decorum_core::classify::{Class, Classifier, Rule};
use decorum_device::screen::{Page, Place};
use decorum_device::{AppProfile, Screen};

use crate::phone::Bench;
use crate::sketch::{app, escape, flat_profile, id, of, plain, post, profile_page, read, text};

/// What an app would say, in the mouth of a person.
const TRAPS: [&str; 16] = [
    "Try again later",
    "Action Blocked",
    "This account is private",
    "User not found",
    "Sorry, this page isn't available.",
    "We suspended your account",
    "Help us confirm it's you",
    "Log in",
    "Follow",
    "Requested",
    "Unfollow",
    "Liked",
    "OK",
    "like-button",
    "user-detail-header-follow-button",
    "Turn on notifications\nNot now",
];

fn classifier() -> Classifier {
    let profile = AppProfile::builtin();
    let rules = profile.messages().map(|(class, language, phrase)| {
        Rule::new(class, language, phrase).unwrap_or_else(|e| panic!("{e}"))
    });
    Classifier::new(rules).unwrap_or_else(|e| panic!("{e}"))
}

/// No place where the app speaks says this.
fn assert_nobody_speaks(screen: &Screen, trap: &str) {
    let classifier = classifier();
    assert_eq!(screen.overlay, None, "{trap}: {screen}");
    for (place, text) in screen.texts() {
        if matches!(place, Place::Dialog | Place::Toast | Place::Banner) {
            let class = classifier.classify(text, core_place(*place), None).class;
            assert!(matches!(class, Class::Benign | Class::Unknown), "{place} {text}: {screen}");
        }
    }
}

fn core_place(place: Place) -> decorum_core::classify::Place {
    place.as_str().parse().expect("both spell places alike")
}

#[test]
fn in_a_bio_or_a_display_name() {
    for trap in TRAPS {
        for (name, bio) in [(trap, "Stones."), ("Ada Stone", trap), (trap, trap)] {
            let screen = read(&flat_profile("ada.stone", "Follow ada.stone", name, bio));
            assert_nobody_speaks(&screen, trap);
            let page = profile_page(screen.clone());
            assert!(page.is_of("ada.stone") && !page.is_private, "{trap}: {screen}");
            assert!(page.follow_locator().is_some(), "{trap}: {screen}");
            assert!(screen.texts().contains(&(Place::Bio, bio.to_owned())), "{trap}: {screen}");
        }
    }
}

#[test]
fn in_a_bio_beside_the_list() {
    for trap in TRAPS {
        let source = app(&[
            of("NavigationBar", "name=\"ada.stone\"", &[]),
            text(trap),
            id("Button", "user-detail-header-follow-button", "Follow ada.stone"),
            of("CollectionView", "name=\"profile\"", &[]),
        ]);
        let screen = read(&source);
        assert_nobody_speaks(&screen, trap);
        assert!(profile_page(screen).is_of("ada.stone"), "{trap}");
    }
}

#[test]
fn in_a_bio_below_the_buttons() {
    let source = flat_profile("ada.stone", "Follow ada.stone", "Ada Stone", "Stones.");
    let (head, cells) = source.split_once("<XCUIElementTypeCell").expect("a grid");
    for trap in TRAPS {
        let screen = read(&format!("{head}{}<XCUIElementTypeCell{cells}", text(trap)));
        assert_nobody_speaks(&screen, trap);
        // A private page shows no posts.
        assert!(!profile_page(screen).is_private, "{trap}");
    }
}

#[test]
fn in_the_name_of_one_of_our_accounts() {
    let row = |name: &str| plain("Cell", name);
    let switcher = of("Window", "", &[row("studio.nord"), row("unfollow")]);
    let source = flat_profile("ada.stone", "Follow", "Ada", "Stones.").replace(
        "</XCUIElementTypeApplication>",
        &format!("{switcher}</XCUIElementTypeApplication>"),
    );
    assert!(matches!(read(&source).page, Page::Profile(_)));
    let sheet = source.replace("\"unfollow\"", "\"Unfollow\"");
    assert_eq!(read(&sheet).page, Page::UnfollowSheet);
}

#[test]
fn in_a_caption() {
    for trap in TRAPS {
        for source in [
            app(&[of("CollectionView", "", &[post("ada.stone", "label=\"Like\"", trap)])]),
            app(&[post("ada.stone", "label=\"Like\"", trap)]),
            app(&[post("ada.stone", "label=\"Like\"", "Stones."), of("Cell", "", &[text(trap)])]),
        ] {
            let screen = read(&source);
            assert_nobody_speaks(&screen, trap);
            let Page::Post(page) = &screen.page else { panic!("{trap}: {screen}") };
            assert!(page.is_by("ada.stone") && page.liked == Some(false), "{trap}: {screen}");
        }
    }
}

#[test]
fn in_a_comment_or_its_draft() {
    for trap in TRAPS {
        let row = of(
            "Cell",
            &format!("label=\"{}\"", escape(&format!("ada, {trap}"))),
            &[text("ada"), text(trap)],
        );
        let field = format!("name=\"text-view\" value=\"{}\"", escape(trap));
        let source = app(&[
            of("CollectionView", "", &[row]),
            of("TextView", &field, &[]),
            id("Button", "send-button", "Post comment"),
        ]);
        let screen = read(&source);
        assert_nobody_speaks(&screen, trap);
        let Page::CommentSheet(sheet) = &screen.page else { panic!("{trap}: {screen}") };
        assert_eq!(sheet.draft.as_deref(), Some(trap));
        assert!(sheet.has_comment("ada", trap), "{trap}: {screen}");
    }
}

#[test]
fn in_rows_of_people_and_messages() {
    for trap in TRAPS {
        let row = |button: &[String]| {
            let mut parts = vec![text("ada.stone"), text(trap)];
            parts.extend_from_slice(button);
            app(&[of("CollectionView", "", &[of("Cell", "", &parts)])])
        };
        let people = read(&row(&[plain("Button", "Following")]));
        assert_nobody_speaks(&people, trap);
        assert!(matches!(people.page, Page::People(_)), "{trap}: {people}");
        let messages = read(&row(&[]));
        assert_nobody_speaks(&messages, trap);
        assert_eq!(messages.page, Page::Unknown, "{trap}: {messages}");
    }
}

#[test]
fn in_a_username() {
    for name in [
        "try.again.later",
        "action_blocked",
        "user.not.found",
        "suspended",
        "profile",
        "more_options",
        "ok",
        "unfollow",
        "following",
        "like",
        "this.page",
    ] {
        let screen = read(&flat_profile(name, &format!("Follow {name}"), "Ada", "Stones."));
        assert_nobody_speaks(&screen, name);
        let page = profile_page(screen);
        assert!(page.is_of(name) && page.follow_locator().is_some(), "{name}");
        let list = of("CollectionView", "", &[post(name, "label=\"Like\"", "Stones.")]);
        let screen = read(&app(&[text(name), list]));
        assert_nobody_speaks(&screen, name);
        assert!(matches!(screen.page, Page::Post(page) if page.is_by(name)), "{name}");
    }
}

#[tokio::test]
async fn on_the_simulated_phone() {
    for (n, trap) in TRAPS.into_iter().enumerate() {
        let quoted = toml::Value::String(trap.to_owned());
        let person = format!(
            "[[people]]\nusername = \"trap{n}\"\nfull_name = {quoted}\nbio = {quoted}\nposts = 3"
        );
        let bench = Bench::with("en", "", &person).await;
        bench.open(&format!("trap{n}")).await;
        let screen = bench.screen().await;
        assert_nobody_speaks(&screen, trap);
        let page = profile_page(screen.clone());
        assert!(!page.is_private && page.follow_locator().is_some(), "{trap}: {screen}");
    }
}

#[test]
fn what_the_app_says_is_still_heard() {
    // The same words where the app speaks.
    let notice = of("Other", "", &[text("Please wait a few minutes before you try again.")]);
    let source = flat_profile("ada.stone", "Follow", "Ada", "Stones.").replace(
        "</XCUIElementTypeOther></XCUIElementTypeWindow>",
        &format!("{notice}</XCUIElementTypeOther></XCUIElementTypeWindow>"),
    );
    let screen = read(&source);
    let banner = screen.texts().iter().find(|(place, _)| *place == Place::Banner);
    let (_, said) = banner.unwrap_or_else(|| panic!("{screen}"));
    let class = classifier().classify(said, core_place(Place::Banner), None).class;
    assert_eq!(class, Class::RateLimited);
}
