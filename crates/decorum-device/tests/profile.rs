//! The built-in profile says what it must, and an overlay changes it or is told what is wrong.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may fail")]

use std::time::Duration;

use decorum_core::classify::{Class, Classifier, Place, Rule};
use decorum_device::profile::Timings;
use decorum_device::screen::{self, Overlay, Page};
use decorum_device::{AppProfile, ProfileError, Screen};
use serde_json::json;

use crate::phone::{Bench, LANGUAGES};

fn classifier(profile: &AppProfile) -> Classifier {
    let rules = profile.messages().map(|(class, language, phrase)| {
        Rule::new(class, language, phrase).unwrap_or_else(|e| panic!("{e}"))
    });
    Classifier::new(rules).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn it_names_the_app_and_its_links() {
    let profile = AppProfile::builtin();
    assert_eq!(profile.app_name(), "Instagram");
    assert_eq!(profile.bundle_id(), "com.burbn.instagram");
    assert_eq!(profile.user_link("ada.stone_1"), "instagram://user?username=ada.stone_1");
    assert_eq!(profile.user_link("a&b c"), "instagram://user?username=a%26b%20c");
    assert_eq!(profile.tag_link("café"), "instagram://tag?name=caf%C3%A9");
    let ms = Duration::from_millis;
    let timings = Timings {
        settle: ms(1_500),
        load_timeout: ms(10_000),
        source_timeout: ms(30_000),
        poll: ms(250),
    };
    assert_eq!(profile.timings(), timings);
    let mut languages: Vec<&str> = profile.languages().collect();
    languages.sort_unstable();
    assert_eq!(
        languages,
        ["ar", "de", "en", "es", "fr", "hi", "id", "it", "ja", "ko", "pt", "ru", "tr", "zh"]
    );
}

#[test]
fn the_words_of_the_field_notes_are_known() {
    let classifier = classifier(&AppProfile::builtin());
    for (text, class) in [
        ("action blocked", Class::ActionBlocked),
        ("try again later", Class::RateLimited),
        ("this account is private", Class::PrivateAccount),
        ("user not found", Class::TargetUnavailable),
        ("suspended", Class::TargetUnavailable),
        ("Sorry, this page isn't available.", Class::TargetUnavailable),
        ("No results found", Class::TargetUnavailable),
    ] {
        assert_eq!(classifier.classify(text, Place::Dialog, None).class, class, "{text}");
    }
}

#[tokio::test]
async fn whatever_the_simulated_phone_says_is_understood() {
    let profile = AppProfile::builtin();
    let classifier = classifier(&profile);
    let class = |text: &str, place| classifier.classify(text, place, None).class;
    for language in LANGUAGES {
        for (kind, expected) in
            [("rate_limit", Class::RateLimited), ("action_blocked", Class::ActionBlocked)]
        {
            for show in ["dialog", "toast"] {
                let bench = Bench::speaking(language).await;
                bench.fault(json!({"kind": kind, "show": show})).await;
                bench.open("ines.keramik").await;
                bench.tap_id("user-detail-header-follow-button").await;
                let screen = bench.screen().await;
                let said = match &screen.overlay {
                    Some(Overlay::Dialog(dialog)) => {
                        let closing = profile.closing_button(dialog).expect("a way to close it");
                        bench.tap(closing).await;
                        assert_eq!(bench.screen().await.overlay, None, "{language} {kind}");
                        class(&dialog.full_text(), Place::Dialog)
                    }
                    Some(Overlay::Toast { text }) => class(text, Place::Toast),
                    other => panic!("{language} {kind} {show}: {other:?}"),
                };
                assert_eq!(said, expected, "{language} {kind} {show}: {screen}");
            }
        }
        for (kind, expected) in
            [("challenge", Class::Challenge), ("account_suspended", Class::AccountSuspended)]
        {
            let bench = Bench::speaking(language).await;
            bench.fault(json!({"kind": kind, "at_request": 1})).await;
            bench.open("ines.keramik").await;
            let (Page::Challenge { text } | Page::AccountSuspended { text }) =
                bench.screen().await.page
            else {
                panic!("{language} {kind}")
            };
            assert_eq!(class(&text, Place::Screen), expected, "{language} {kind}: {text}");
        }
        let bench = Bench::speaking(language).await;
        for name in ["gone.person", "banned.person"] {
            bench.open(name).await;
            let Page::Missing { text } = bench.screen().await.page else { panic!("{language}") };
            assert_eq!(class(&text, Place::Screen), Class::TargetUnavailable, "{language} {text}");
        }
        bench.open("shy.person").await;
        let screen = bench.screen().await;
        let header = screen.texts().iter().find(|(p, _)| *p == screen::Place::ProfileHeader);
        let (_, text) = header.unwrap_or_else(|| panic!("{screen}"));
        assert_eq!(class(text, Place::ProfileHeader), Class::PrivateAccount, "{language} {text}");
    }
}

#[test]
fn an_overlay_merges_tables_and_replaces_lists() {
    let overlay = "[timings]\nsettle_ms = 30\nload_timeout_ms = 3000\npoll_ms = 10\n\
                   [app]\nname = \"Other\"\n\
                   [identifiers]\nown_profile_tab = [\"me-tab\"]\n\
                   [texts.th]\nfollow = [\"ติดตาม\"]\n\
                   [messages.th]\nprivate_account = [\"บัญชีนี้เป็นบัญชีส่วนตัว\"]\n";
    let profile = AppProfile::from_toml(overlay).expect("usable");
    assert_eq!(profile.timings().poll, Duration::from_millis(10));
    assert_eq!(profile.app_name(), "Other");
    assert_eq!(profile.bundle_id(), "com.burbn.instagram");
    assert!(profile.languages().any(|language| language == "th"));
    assert_eq!(profile.languages().count(), AppProfile::builtin().languages().count() + 1);
    let locator = profile.own_profile_locator().expect("a tab").to_string();
    assert_eq!(locator, "accessibility id \"me-tab\"");
    assert!(profile.messages().any(|m| m == ("private_account", "th", "บัญชีนี้เป็นบัญชีส่วนตัว")));
    classifier(&profile);

    let source = "<XCUIElementTypeApplication name=\"Other\"><XCUIElementTypeNavigationBar \
                  name=\"ada\"/><XCUIElementTypeButton name=\"user-detail-header-follow-button\" \
                  label=\"ติดตาม\"/></XCUIElementTypeApplication>";
    let Page::Profile(page) = Screen::read(source, &profile).expect("a screen").page else {
        panic!("no profile")
    };
    assert!(page.follow_locator().is_some());
}

#[test]
fn no_overlay_makes_a_button_that_answers_one_that_closes() {
    let overlay = "[texts.en]\nclosing_buttons = [\"Continue\", \"Log in\", \"Fine\"]\n\
                   decline_buttons = [\"Verify\"]\n";
    let profile = AppProfile::from_toml(overlay).expect("usable");
    let alert = |words: &str, buttons: &[&str]| {
        let buttons: Vec<String> = buttons
            .iter()
            .map(|label| format!("<XCUIElementTypeButton name=\"{label}\" label=\"{label}\"/>"))
            .collect();
        let source = format!(
            "<XCUIElementTypeApplication name=\"Instagram\"><XCUIElementTypeAlert \
             label=\"{words}\">{}</XCUIElementTypeAlert></XCUIElementTypeApplication>",
            buttons.concat()
        );
        match Screen::read(&source, &profile).expect("a screen").overlay {
            Some(Overlay::Dialog(dialog)) => dialog,
            other => panic!("{other:?}"),
        }
    };
    let label =
        |dialog: &screen::Dialog| profile.closing_button(dialog).map(|button| button.label.clone());
    assert_eq!(label(&alert("Try again later", &["Continue", "Log in"])), None);
    let fine = alert("Try again later", &["Continue", "Fine"]);
    assert_eq!(label(&fine).as_deref(), Some("Fine"));
    assert_eq!(label(&alert("Turn on notifications", &["Verify"])), None);
}

#[test]
fn a_list_can_be_emptied() {
    let profile = AppProfile::from_toml("[identifiers]\nown_profile_tab = []").expect("usable");
    assert_eq!(profile.own_profile_locator(), None);
}

#[test]
fn whatever_is_wrong_is_named_by_its_key() {
    for (overlay, key) in [
        ("[timings]\nsetle_ms = 3", "timings.setle_ms"),
        ("[timings]\nsettle_ms = \"soon\"", "timings.settle_ms"),
        ("[timings]\nsettle_ms = -1", "timings.settle_ms"),
        ("[timings]\npoll_ms = 0", "timings.poll_ms"),
        ("[timings]\nload_timeout_ms = 999999999", "timings.load_timeout_ms"),
        ("timings = 3", "timings"),
        ("colour = \"red\"", "colour"),
        ("[app]\nname = \" \"", "app.name"),
        ("[links]\nuser = \"instagram://user\"", "links.user"),
        ("[identifiers]\nlike_button = \"like\"", "identifiers.like_button"),
        ("[identifiers]\nlike_button = [\"\"]", "identifiers.like_button"),
        ("[identifiers]\nlike_buton = [\"x\"]", "identifiers.like_buton"),
        ("[texts.de]\nfolow = [\"x\"]", "texts.de.folow"),
        ("[texts.de]\nfollow = [3]", "texts.de.follow[0]"),
        ("[texts.de]\nfollow = [\"{username}\"]", "texts.de.follow"),
        ("[texts.de]\nfollow = [\"…\"]", "texts.de.follow"),
        ("[texts.\"no language\"]\nfollow = [\"x\"]", "texts.no language"),
        ("[texts.de]\nfollowing = [\"Folgen\"]", "texts.*.follow"),
        ("[messages.en]\nrude = [\"x\"]", "messages.en.rude"),
        ("[messages.en]\nunknown = [\"x\"]", "messages.en.unknown"),
        ("[timings", "(document)"),
        ("a = 1\na = 2", "(document)"),
    ] {
        let Err(ProfileError::Invalid { key: found, detail }) = AppProfile::from_toml(overlay)
        else {
            panic!("{overlay} is taken")
        };
        assert_eq!(found, key, "{overlay}: {detail}");
        assert!(!detail.is_empty() && !detail.ends_with('\n'), "{overlay}: {detail:?}");
    }
    let error = AppProfile::from_toml("[timings]\n\nx = [").expect_err("not TOML").to_string();
    assert!(error.contains("line 3"), "{error}");
}
