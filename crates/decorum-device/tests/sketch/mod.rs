//! Page sources written by hand, after the field notes about real phones.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on ends here")]

use decorum_device::screen::{Page, PostPage, ProfilePage};
use decorum_device::{AppProfile, Screen};

/// An element with what is in it.
pub(crate) fn of(kind: &str, attributes: &str, children: &[String]) -> String {
    let tag = format!("XCUIElementType{kind}");
    format!("<{tag} type=\"{tag}\" {attributes}>{}</{tag}>", children.concat())
}

/// An element with an accessibility id and a label.
pub(crate) fn id(kind: &str, name: &str, label: &str) -> String {
    of(kind, &format!("name=\"{}\" label=\"{}\"", escape(name), escape(label)), &[])
}

/// An element without an id: its name repeats its label, as a `WebDriverAgent` fills it in.
pub(crate) fn plain(kind: &str, label: &str) -> String {
    let label = escape(label);
    of(kind, &format!("name=\"{label}\" label=\"{label}\" value=\"{label}\""), &[])
}

pub(crate) fn text(words: &str) -> String {
    plain("StaticText", words)
}

/// The app in front, showing this in one window.
pub(crate) fn app(children: &[String]) -> String {
    let window = of("Window", "", &[of("Other", "", children)]);
    of("Application", "name=\"Instagram\" label=\"Instagram\"", &[window])
}

pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;").replace('\n', "&#10;")
}

pub(crate) fn read(source: &str) -> Screen {
    Screen::read(source, &AppProfile::builtin()).unwrap_or_else(|e| panic!("{e}\n{source}"))
}

pub(crate) fn profile_page(screen: Screen) -> ProfilePage {
    match screen.page {
        Page::Profile(page) => page,
        other => panic!("no profile: {other:?}"),
    }
}

pub(crate) fn post_page(screen: Screen) -> PostPage {
    match screen.page {
        Page::Post(page) => page,
        other => panic!("no post: {other:?}"),
    }
}

/// A profile as the field notes have it: everything flat in the list, nothing around the bio.
pub(crate) fn flat_profile(username: &str, follow: &str, name: &str, bio: &str) -> String {
    let list = of(
        "CollectionView",
        "name=\"profile\"",
        &[
            id("Button", "user-detail-header-media-button", "12 posts"),
            id("Button", "user-detail-header-followers", "1,840 followers"),
            id("Button", "user-detail-header-following-button", "310 following"),
            text(name),
            text(bio),
            id("Button", "user-detail-header-follow-button", follow),
            id("Button", "profile-action-bar-button", "Message"),
            id("Cell", "media-thumbnail-cell", &format!("Photo by {username}")),
        ],
    );
    let bar = of("NavigationBar", &format!("name=\"{username}\""), &[plain("Button", "Back")]);
    app(&[bar, list])
}

/// A post as the field notes have it.
pub(crate) fn post(author: &str, like: &str, caption: &str) -> String {
    of(
        "Cell",
        "",
        &[
            id("Button", "feed-item-header-user-button", author),
            of("Button", &format!("name=\"like-button\" {like}"), &[]),
            id("Button", "comment-button", "Comment"),
            id("Button", "like-count-button", "1,214 likes"),
            text(&format!("{author} {caption}")),
        ],
    )
}
