//! Page sources no phone should send, and some might: each is answered in bounded time and memory.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may fail")]

use decorum_device::screen::Page;
use decorum_device::{AppProfile, Screen, ScreenError};

use crate::sketch::{app, flat_profile, id, of, text};

fn read(source: &str) -> Result<Screen, ScreenError> {
    Screen::read(source, &AppProfile::builtin())
}

#[test]
fn five_thousand_elements_are_a_screen() {
    let cells: Vec<String> = (0..1000)
        .map(|n| of("Cell", "", &[text("one"), text("two"), text(&format!("n{n}"))]))
        .collect();
    let mut parts = vec![id("Button", "feed-item-header-user-button", "ada.stone")];
    parts.push(id("Button", "like-button", "Like"));
    parts.extend(cells);
    parts.extend((0..1000).map(|n| id("Image", &format!("image-{n}"), "")));
    let screen = read(&app(&parts)).expect("a screen");
    assert!(matches!(screen.page, Page::Post(post) if post.liked == Some(false)));
}

#[test]
fn a_source_ten_thousand_deep_is_refused_with_its_limit() {
    let (open, close) = ("<XCUIElementTypeOther>", "</XCUIElementTypeOther>");
    let source = format!("{}{}", open.repeat(10_000), close.repeat(10_000));
    match read(&source) {
        Err(ScreenError::TooLarge { what, limit, .. }) => assert!(limit < 10_000, "{limit} {what}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_source_that_was_cut_off_is_not_taken_for_a_screen() {
    let whole = flat_profile("ada.stone", "Follow", "Ada", "Stones.");
    // Anywhere but in the white space behind it.
    for cut in (1..whole.len() - 1).step_by(7).filter(|cut| whole.is_char_boundary(*cut)) {
        let part = &whole[..cut];
        assert!(read(part).is_err(), "cut at {cut}: {:?}", read(part).map(|s| s.page));
    }
}

#[test]
fn fifty_megabytes_are_refused_without_being_read() {
    let filler = "x".repeat(50 * 1024 * 1024);
    let source = app(&[text(&filler)]);
    match read(&source) {
        Err(ScreenError::TooLarge { what, found, .. }) => {
            assert_eq!(what, "bytes");
            assert!(found > 50_000_000);
        }
        other => panic!("{:?}", other.map(|s| s.page)),
    }
}

#[test]
fn letters_that_broke_on_the_way_are_borne() {
    for broken in ["\u{fffd}\u{fffd}", "\u{202e}wollof", "a\u{0301}\u{0301}\u{0301}", "\u{feff}"] {
        let source = flat_profile("ada.stone", "Follow", broken, broken);
        let screen = read(&source).expect("a screen");
        assert!(matches!(screen.page, Page::Profile(page) if page.is_of("ada.stone")));
    }
    // A control character is not allowed in XML, escaped or not; either answer is one.
    let _ = read(&flat_profile("ada.stone", "Follow", "&#1;", "\u{1}"));
}
