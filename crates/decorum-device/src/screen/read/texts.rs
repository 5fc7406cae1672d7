//! Every text with the place where it stood: the overlay's first, then the page's in order.

use super::comments::shows_placeholder;
use super::over::Over;
use super::profile;
use super::view::{BARS, View};
use crate::profile::fold::is_username;
use crate::screen::tree::Node;
use crate::screen::{Dialog, Overlay, Page, Place};

/// Where lists keep what people wrote.
const LISTS: [&str; 4] = ["Cell", "CollectionView", "Table", "ScrollView"];

pub(super) fn read(view: &View<'_>, over: Option<&Over>, page: &Page) -> Vec<(Place, String)> {
    let mut texts = Vec::new();
    if let Some(over) = over {
        of_overlay(&over.overlay, &mut texts);
    }
    let of_profile: Vec<(usize, Place)> = match page {
        Page::Profile(_) => profile::texts(view).map(|(at, place, _)| (at, place)).collect(),
        _ => Vec::new(),
    };
    for (at, node) in view.nodes() {
        let text = node.said();
        if text.is_empty() {
            continue;
        }
        let place = if node.is_any(&["Button", "Link"]) {
            Place::Button
        } else if is_field(node) {
            if matches!(page, Page::CommentSheet(_)) { Place::Comment } else { Place::Other }
        } else if !node.is("StaticText") || is_repeated(view, at) {
            continue;
        } else if view.tree.is_within(at, &BARS) {
            Place::Other
        } else if let Ok(found) = of_profile.binary_search_by_key(&at, |(at, _)| *at) {
            of_profile.get(found).map_or(Place::Other, |(_, place)| *place)
        } else {
            place_of(view, at, text, page)
        };
        // An empty field shows its placeholder, which nobody said.
        let said = if !is_field(node) {
            text
        } else if shows_placeholder(view, node) {
            ""
        } else {
            node.value.trim()
        };
        let next = (place, said.to_owned());
        if !said.is_empty() && texts.last() != Some(&next) {
            texts.push(next);
        }
    }
    texts
}

fn of_overlay(overlay: &Overlay, texts: &mut Vec<(Place, String)>) {
    let mut dialog = |dialog: &Dialog| {
        for text in [&dialog.title, &dialog.text].into_iter().filter(|text| !text.is_empty()) {
            texts.push((Place::Dialog, text.clone()));
        }
        texts.extend(dialog.buttons.iter().map(|button| (Place::Button, button.label.clone())));
    };
    match overlay {
        Overlay::Dialog(found) | Overlay::SystemAlert(found) => dialog(found),
        Overlay::Toast { text } => texts.push((Place::Toast, text.clone())),
        Overlay::Interstitial { text, safe_button, .. } => {
            texts.push((Place::Dialog, text.clone()));
            texts.push((Place::Button, safe_button.label.clone()));
        }
    }
}

/// A text inside a button that has a label of its own.
fn is_repeated(view: &View<'_>, at: usize) -> bool {
    view.tree.above(at).any(|above| {
        view.tree
            .nodes
            .get(above)
            .is_some_and(|node| node.is_any(&["Button", "Link"]) && !node.said().is_empty())
    })
}

fn is_field(node: &Node) -> bool {
    node.is_any(&["TextField", "TextView", "SearchField"])
}

/// The place of a text that stands on the page itself.
fn place_of(view: &View<'_>, at: usize, text: &str, page: &Page) -> Place {
    let listed = view.tree.is_within(at, &LISTS);
    match page {
        // Where posts stand in a list, a text outside of it is a notice; a name is never one.
        Page::Feed | Page::Post(_) if !listed && lists_posts(view) && !is_username(text) => {
            Place::Banner
        }
        Page::Feed | Page::Post(_) | Page::Story(_) => Place::Caption,
        Page::CommentSheet(_) if listed => Place::Comment,
        Page::Search(_) | Page::People(_) | Page::Accounts(_)
            if view.tree.is_within(at, &["Cell"]) =>
        {
            Place::Bio
        }
        _ => Place::Other,
    }
}

/// Whether the posts of the page stand in a list; if not, nothing tells a notice apart.
fn lists_posts(view: &View<'_>) -> bool {
    let ids = view.ids();
    [&ids.like_button, &ids.post_author, &ids.stories_tray]
        .iter()
        .filter_map(|ids| view.find(ids))
        .all(|(at, _)| view.tree.is_within(at, &LISTS))
}
