//! Every screen of the simulated phone, in every language, as `decorum screen` shows it.
//!
//! The pictures are to be read: `cargo insta review`, or `INSTA_UPDATE=always` and a diff.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may fail")]

use std::fmt::Write as _;

use decorum_device::Screen;
use decorum_device::screen::{Overlay, Page};
use serde_json::json;

use crate::phone::{Bench, LANGUAGES, read};

/// Sights under their titles.
#[derive(Default)]
struct Album(String);

impl Album {
    fn add(&mut self, title: &str, screen: &Screen) {
        let _ = writeln!(self.0, "=== {title}\n{screen}");
    }

    async fn take(&mut self, title: &str, bench: &Bench) -> Screen {
        let screen = bench.screen().await;
        self.add(title, &screen);
        screen
    }
}

async fn pages(album: &mut Album, language: &str) {
    let bench = Bench::speaking(language).await;
    album.take("the feed", &bench).await;
    for (title, name) in [
        ("a person", "ines.keramik"),
        ("somebody we follow", "friend.of.ours"),
        ("somebody we asked", "asked.before"),
        ("a private person", "shy.person"),
        ("nobody", "gone.person"),
        ("a suspended person", "banned.person"),
        ("somebody without posts", "no.posts"),
        ("ourselves, by a link", "studio.nord"),
    ] {
        bench.open(name).await;
        album.take(title, &bench).await;
    }
}

async fn tour(album: &mut Album, language: &str) {
    let bench = Bench::speaking(language).await;
    bench.tap_id("profile-tab").await;
    album.take("ourselves, by the tab", &bench).await;
    bench.open("ines.keramik").await;
    let Page::Profile(person) = bench.screen().await.page else { panic!("no profile") };
    bench.tap(&person.followers_button.clone().expect("followers")).await;
    album.take("followers", &bench).await;
    bench.open("ines.keramik").await;
    bench.tap(&person.story_ring.clone().expect("a story")).await;
    let Page::Story(story) = album.take("a story", &bench).await.page else { panic!("no story") };
    bench.tap(&story.dismiss.expect("a way out")).await;
    bench.tap(&person.thumbnail.clone().expect("a post")).await;
    let Page::Post(post) = album.take("a post", &bench).await.page else { panic!("no post") };
    bench.tap(&post.like_button.expect("a like button")).await;
    let Page::Post(post) = album.take("a post, liked", &bench).await.page else {
        panic!("no post")
    };
    bench.tap(&post.likers_button.expect("likers")).await;
    album.take("likers", &bench).await;
    bench.open("ines.keramik").await;
    bench.tap(&person.thumbnail.clone().expect("a post")).await;
    bench.tap(&post.comment_button.expect("a comment button")).await;
    let Page::CommentSheet(sheet) = album.take("comments", &bench).await.page else {
        panic!("no comments")
    };
    bench.type_into(&sheet.input.expect("a field"), "So calm & “quiet” <3").await;
    let Page::CommentSheet(sheet) = album.take("comments, typed", &bench).await.page else {
        panic!("no comments")
    };
    assert_eq!(sheet.draft.as_deref(), Some("So calm & “quiet” <3"), "not a space more");
    bench.tap(&sheet.send.expect("a button that posts")).await;
    album.take("comments, posted", &bench).await;
    bench.open("friend.of.ours").await;
    let Page::Profile(friend) = bench.screen().await.page else { panic!("no profile") };
    bench.tap(&friend.follow_button.expect("a button")).await;
    album.take("the sheet to end following", &bench).await;
}

async fn search(album: &mut Album, language: &str) {
    let bench = Bench::speaking(language).await;
    bench.tap_id("explore-tab").await;
    let Page::Search(page) = album.take("explore", &bench).await.page else { panic!("no search") };
    bench.type_into(&page.search_field.expect("a field"), "ines").await;
    album.take("search", &bench).await;
}

async fn refusals(album: &mut Album, language: &str) {
    for style in ["alert", "custom"] {
        for kind in ["rate_limit", "action_blocked"] {
            let top = format!("dialog_style = \"{style}\"");
            let bench = Bench::with(language, &top, "").await;
            bench.fault(json!({"kind": kind})).await;
            bench.open("ines.keramik").await;
            bench.tap_id("user-detail-header-follow-button").await;
            let screen = album.take(&format!("{kind}, {style}"), &bench).await;
            assert!(matches!(screen.overlay, Some(Overlay::Dialog(_))), "{screen}");
        }
    }
    for kind in ["rate_limit", "action_blocked"] {
        let bench = Bench::speaking(language).await;
        bench.fault(json!({"kind": kind, "show": "toast"})).await;
        bench.open("ines.keramik").await;
        bench.tap_id("user-detail-header-follow-button").await;
        let screen = album.take(&format!("{kind}, toast"), &bench).await;
        assert!(matches!(screen.overlay, Some(Overlay::Toast { .. })), "{screen}");
    }
}

async fn gates(album: &mut Album, language: &str) {
    for kind in ["challenge", "logged_out", "account_suspended"] {
        let bench = Bench::speaking(language).await;
        bench.fault(json!({"kind": kind, "at_request": 1})).await;
        bench.open("ines.keramik").await;
        let screen = album.take(kind, &bench).await;
        let is_gate = matches!(
            (kind, &screen.page),
            ("challenge", Page::Challenge { .. })
                | ("logged_out", Page::Login)
                | ("account_suspended", Page::AccountSuspended { .. })
        );
        assert!(is_gate, "{screen}");
    }
}

async fn prompts(album: &mut Album, language: &str) {
    for prompt in ["notifications", "tracking", "photos"] {
        let bench = Bench::speaking(language).await;
        bench.fault(json!({"kind": "interstitial", "prompt": prompt})).await;
        let screen = album.take(prompt, &bench).await;
        let Some(Overlay::Interstitial { safe_button, .. }) = &screen.overlay else {
            panic!("{screen}")
        };
        bench.tap(safe_button).await;
        assert_eq!(bench.screen().await.overlay, None, "{prompt} is declined");
    }
}

macro_rules! albums {
    ($($name:ident: $part:ident),* $(,)?) => {$(
        #[tokio::test]
        async fn $name() {
            for language in LANGUAGES {
                let mut album = Album::default();
                $part(&mut album, language).await;
                insta::assert_snapshot!(format!("{}_{language}", stringify!($part)), album.0);
            }
        }
    )*};
}

albums! {
    pages_in_every_language: pages,
    a_tour_in_every_language: tour,
    search_in_every_language: search,
    refusals_in_every_language: refusals,
    gates_in_every_language: gates,
    prompts_in_every_language: prompts,
}

#[tokio::test]
async fn the_phone_without_the_app() {
    let bench = Bench::with("en", "app_state = \"background\"", "").await;
    let screen = bench.screen().await;
    assert_eq!(screen.page, Page::HomeScreen, "{screen}");
    bench
        .fault(json!({"kind": "interstitial", "prompt": "alert", "title": "Software Update",
        "text": "iOS 18.4 is ready.", "buttons": ["Later", "Install"]}))
        .await;
    let screen = bench.screen().await;
    assert!(matches!(screen.overlay, Some(Overlay::SystemAlert(_))), "{screen}");
    bench.activate().await;
    assert_eq!(bench.screen().await.page, Page::Feed);
}

#[tokio::test]
async fn appium_wraps_the_same_screen() {
    let bench = Bench::english().await;
    bench.open("ines.keramik").await;
    let wrapped = bench.source_for_appium().await;
    assert!(wrapped.contains("<AppiumAUT>"));
    assert_eq!(read(&wrapped), bench.screen().await);
}

#[tokio::test]
async fn a_profile_is_not_loaded_before_it_is_filled_in() {
    let bench = Bench::with("en", "load_ms = 600000", "").await;
    bench.open("ines.keramik").await;
    let screen = bench.screen().await;
    let Page::Profile(page) = &screen.page else { panic!("{screen}") };
    assert!(!page.is_loaded, "{screen}");
    assert!(page.is_of("ines.keramik"), "{screen}");
}
