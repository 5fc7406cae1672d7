//! Reading a post.

use std::ops::Range;

use super::number::first_number;
use super::view::View;
use crate::profile::fold::is_username;
use crate::screen::page::plain_username;
use crate::screen::tree::Node;
use crate::screen::{Control, PostPage};

/// A post, known by its like button or by who posted it.
pub(super) fn is_one(view: &View<'_>) -> bool {
    view.find(&view.ids().like_button).is_some() || view.find(&view.ids().post_author).is_some()
}

/// The first post in sight.
pub(super) fn read(view: &View<'_>) -> PostPage {
    let ids = view.ids();
    let words = view.words();
    let like = view.find(&ids.like_button);
    let anchor = like.or_else(|| view.find(&ids.post_author)).map_or(0, |(at, _)| at);
    let range = extent(view, anchor);
    let author = author(view, range.clone(), anchor);
    let likers = view.find_within(range.clone(), &ids.like_count).map(|(_, node)| node);
    let caption = author.as_ref().and_then(|author| caption(view, range.clone(), author));
    let count = likers.and_then(|n| first_number(n.said(), &words.units));
    let like = like.map(|(at, node)| (at, node, liked(view, node)));
    PostPage {
        liked: like.and_then(|(_, _, liked)| liked),
        like_button: like
            .filter(|(at, node, _)| !has_twin_before(view, *at, node))
            .map(|(_, node, _)| Control::of(node)),
        comment_button: view.find_within(range, &ids.comment_button).map(|(_, n)| Control::of(n)),
        likers_button: likers.map(Control::of),
        likes: count,
        caption,
        author,
    }
}

/// The part of the tree that belongs to the post around `anchor`: its row, else what lies between
/// the headings of two posts.
pub(super) fn extent(view: &View<'_>, anchor: usize) -> Range<usize> {
    if let Some(row) = view.tree.above(anchor).find(|above| view.is_any(*above, &["Cell"])) {
        return view.tree.subtree(row);
    }
    let heads = |node: &Node| node.has_id(&view.ids().post_author);
    let nodes = &view.tree.nodes;
    let start = nodes.iter().take(anchor + 1).rposition(heads).unwrap_or(0);
    let next = nodes.iter().skip(anchor + 1).position(heads);
    start..next.map_or(nodes.len(), |next| anchor + 1 + next)
}

/// Who posted it. The heading counts even if it has been scrolled out of sight.
fn author(view: &View<'_>, range: Range<usize>, anchor: usize) -> Option<String> {
    let ids = view.ids();
    let nodes = view.tree.nodes.get(range.clone())?;
    let heads = |node: &&Node| node.has_id(&ids.post_author);
    let before = anchor.saturating_sub(range.start);
    let node = nodes.iter().take(before + 1).rfind(heads).or_else(|| nodes.iter().find(heads))?;
    let name = plain_username(node.said());
    is_username(&name).then_some(name)
}

/// What the button says, by its label or its value. `None` unless that is certain.
fn liked(view: &View<'_>, button: &Node) -> Option<bool> {
    let words = view.words();
    let says = [button.label.as_str(), button.value.as_str()];
    let liked = says.iter().any(|text| words.liked.is(text));
    let offers = says.iter().any(|text| words.like.is(text));
    // A selected button has the value `1`; one that offers to like is not selected.
    let selected = button.value == "1";
    match (liked, offers) {
        (true, _) => Some(true),
        (false, true) if !selected => Some(false),
        _ => None,
    }
}

/// Whether a button that reads the same stands before it out of sight: it would be found first,
/// and it belongs to another post.
fn has_twin_before(view: &View<'_>, at: usize, button: &Node) -> bool {
    let nodes = &view.tree.nodes;
    nodes.iter().take(at).any(|node| node.name == button.name && node.label == button.label)
}

/// The text that begins with the author's name, without it.
fn caption(view: &View<'_>, range: Range<usize>, author: &str) -> Option<String> {
    view.prose(range).find_map(|(_, text)| {
        let rest = text.strip_prefix(author)?;
        let apart = rest.starts_with(char::is_whitespace);
        apart.then(|| rest.trim().to_owned()).filter(|rest| !rest.is_empty())
    })
}
