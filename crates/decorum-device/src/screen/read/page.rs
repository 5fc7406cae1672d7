//! Telling the pages apart, by what makes each of them that page.
//!
//! The order matters: what only one page has comes first, and a page that is known by its words
//! alone comes only where no element is known. What a person wrote is on known pages.

use super::view::{BARS, View};
use super::{comments, gate, list, post, profile, story};
use crate::profile::fold::is_username;
use crate::screen::Page;

/// What fills a page.
const CONTENT: [&str; 8] = [
    "StaticText",
    "Button",
    "Cell",
    "TextField",
    "TextView",
    "SecureTextField",
    "SearchField",
    "Image",
];

pub(super) fn read(view: &View<'_>) -> Page {
    if shows_unfollow_sheet(view) {
        return Page::UnfollowSheet;
    }
    if let Some(sheet) = list::accounts(view) {
        return Page::Accounts(sheet);
    }
    if let Some(sheet) = comments::read(view) {
        return Page::CommentSheet(sheet);
    }
    if let Some(story) = story::read(view) {
        return Page::Story(story);
    }
    if profile::is_one(view) {
        return match gate::missing(view) {
            Some(text) if !profile::has_header(view) => Page::Missing { text },
            _ => Page::Profile(profile::read(view)),
        };
    }
    if let Some(posts) = list::hashtag(view) {
        return Page::Hashtag(posts);
    }
    let ids = view.ids();
    let on_root = view.shows_tab_bar();
    if view.find(&ids.stories_tray).is_some() {
        return Page::Feed;
    }
    if post::is_one(view) {
        // Inner pages have no tab bar.
        return if on_root { Page::Feed } else { Page::Post(post::read(view)) };
    }
    if let Some(results) = list::search(view) {
        return Page::Search(results);
    }
    if view.find(&ids.home_tab).is_some_and(|(_, tab)| tab.value == "1") {
        return Page::Feed;
    }
    if let Some(people) = list::people(view) {
        return Page::People(people);
    }
    if on_root {
        return if is_blank(view) { Page::Loading } else { Page::Unknown };
    }
    if gate::is_login(view) {
        return Page::Login;
    }
    if let Some(text) = gate::speaking(view, &view.words().suspended) {
        return Page::AccountSuspended { text };
    }
    if let Some(text) = gate::speaking(view, &view.words().challenge) {
        return Page::Challenge { text };
    }
    if let Some(text) = gate::missing(view) {
        return Page::Missing { text };
    }
    if is_blank(view) { Page::Loading } else { Page::Unknown }
}

/// The sheet that would end following: a row that says so. A person could be called `unfollow`,
/// but names are written in lower case.
fn shows_unfollow_sheet(view: &View<'_>) -> bool {
    view.nodes().any(|(_, node)| {
        node.is_any(&["Cell", "Button"])
            && node.id().is_none()
            && !is_username(&node.label)
            && view.words().unfollow.is(&node.label)
    })
}

/// Whether a page shows nothing, or only that it is being fetched.
fn is_blank(view: &View<'_>) -> bool {
    let mut content =
        view.nodes().filter(|(at, node)| node.is_any(&CONTENT) && !view.tree.is_within(*at, &BARS));
    if view.nodes().any(|(_, node)| node.is("ActivityIndicator")) {
        !content.any(|(_, node)| !node.is_any(&["Image", "Button"]))
    } else {
        content.next().is_none()
    }
}
