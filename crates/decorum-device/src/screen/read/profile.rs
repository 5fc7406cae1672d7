//! Reading a profile.
//!
//! What its owner wrote and what the app says stand close together here. They are told apart by
//! the header: the smallest part of the tree around its known buttons. What stands in it outside
//! of those was written by the owner; a note that the account is private stands below it.

use std::ops::Range;

use super::number::first_number;
use super::view::{BARS, View};
use crate::profile::fold::is_username;
use crate::screen::page::plain_username;
use crate::screen::tree::Node;
use crate::screen::{Control, Place, ProfilePage, Relationship};

/// A profile, known by anything of its header or by its list.
pub(super) fn is_one(view: &View<'_>) -> bool {
    list(view).is_some() || has_header(view) || view.find(&view.ids().own_title).is_some()
}

/// Whether a number or a button of the header is there.
pub(super) fn has_header(view: &View<'_>) -> bool {
    header_nodes(view).next().is_some()
}

pub(super) fn read(view: &View<'_>) -> ProfilePage {
    let ids = view.ids();
    let words = view.words();
    let own_title = view.find(&ids.own_title).map(|(_, node)| node);
    let username = own_title
        .map(|node| plain_username(node.said()))
        .or_else(|| title(view))
        .filter(|name| is_username(name));
    let follow = view.find(&ids.follow_button).map(|(_, node)| node);
    let (relationship, named) = follow.map_or((Relationship::Unknown, None), |b| tie(view, b));
    let somebody_else = named.is_some() && username.is_some() && named != username;
    let acts = view.nodes().filter(|(_, node)| node.has_id(&ids.profile_action));
    let own_actions = acts.filter(|(_, node)| words.own_actions.is(&node.label)).count();
    let thumbnail = thumbnail(view);
    let is_private = thumbnail.is_none()
        && texts(view)
            .any(|(_, place, text)| place == Place::ProfileHeader && words.private.is(text));
    let (full_name, bio) = written(view);
    ProfilePage {
        username,
        relationship: if somebody_else { Relationship::Unknown } else { relationship },
        is_private,
        is_own: follow.is_none() && (own_title.is_some() || own_actions > 0),
        follow_button: follow.map(Control::of),
        follow_label_username: named,
        switch_button: own_title.map(Control::of),
        story_ring: view.control(&ids.story_ring),
        is_loaded: has_header(view) || thumbnail.is_some() || is_private,
        thumbnail,
        posts: count(view, &ids.posts_count),
        followers: count(view, &ids.followers_button),
        following: count(view, &ids.following_button),
        followers_button: view.control(&ids.followers_button),
        following_button: view.control(&ids.following_button),
        full_name,
        bio,
    }
}

/// The texts of the page outside of bars and buttons, each with its place.
pub(super) fn texts<'a>(view: &View<'a>) -> impl Iterator<Item = (usize, Place, &'a str)> {
    let zones = Zones::of(view);
    let texts: Vec<_> = view
        .prose(0..usize::MAX)
        .filter(|(at, _)| !view.tree.is_within(*at, &BARS))
        .map(|(at, text)| (at, zones.place(view, at, text), text))
        .collect();
    texts.into_iter()
}

/// What the follow button says, and whom it names.
pub(super) fn tie(view: &View<'_>, button: &Node) -> (Relationship, Option<String>) {
    let words = view.words();
    [
        (&words.following, Relationship::Following),
        (&words.requested, Relationship::Requested),
        (&words.follow, Relationship::NotFollowing),
    ]
    .into_iter()
    .find_map(|(labels, tie)| Some((tie, labels.read(&button.label)?.username)))
    .unwrap_or((Relationship::Unknown, None))
}

/// The username in the navigation bar.
fn title(view: &View<'_>) -> Option<String> {
    let (at, bar) = view.nodes().find(|(_, node)| node.is("NavigationBar"))?;
    let texts = view.prose(view.tree.subtree(at)).map(|(_, text)| text);
    std::iter::once(bar.name.as_str())
        .chain(std::iter::once(bar.label.as_str()))
        .chain(texts)
        .map(plain_username)
        .find(|text| is_username(text))
}

/// The first post of the grid, also where it begins below the edge of the screen: its place in
/// the tree is what makes it the newest.
fn thumbnail(view: &View<'_>) -> Option<Control> {
    let ids = view.ids();
    let Some((at, _)) = list(view) else { return view.control(&ids.thumbnail) };
    let nodes = view.tree.nodes.get(view.tree.subtree(at))?;
    nodes.iter().find(|node| node.has_id(&ids.thumbnail)).map(Control::of)
}

fn count(view: &View<'_>, ids: &[String]) -> Option<u64> {
    let words = view.words();
    let (at, node) = view.find(ids)?;
    let inside = view.inside(at).filter(|(_, part)| part.is("StaticText"));
    inside
        .map(|(_, part)| part.said())
        .chain([node.label.as_str(), node.value.as_str()])
        .find_map(|text| first_number(text, &words.units))
}

/// Display name and bio. No element is named so; the first line of what was written is the name.
fn written(view: &View<'_>) -> (Option<String>, Option<String>) {
    let zones = Zones::of(view);
    let mut lines = view
        .prose(0..usize::MAX)
        .filter(|(at, _)| !view.tree.is_within(*at, &BARS) && !view.tree.is_within(*at, &["Cell"]))
        .filter(|(at, text)| zones.place(view, *at, text) == Place::Bio)
        .map(|(_, text)| text);
    let full_name = lines.next().map(ToOwned::to_owned);
    let bio = lines.collect::<Vec<_>>().join("\n");
    (full_name, (!bio.is_empty()).then_some(bio))
}

fn list<'a>(view: &View<'a>) -> Option<(usize, &'a Node)> {
    view.nodes().find(|(_, node)| {
        node.is_any(&["CollectionView", "Table", "ScrollView"])
            && node.has_id(&view.ids().profile_page)
    })
}

/// The known buttons of the header.
fn header_nodes<'a>(view: &View<'a>) -> impl Iterator<Item = (usize, &'a Node)> {
    let ids = view.ids();
    let known = [
        &ids.follow_button,
        &ids.followers_button,
        &ids.following_button,
        &ids.posts_count,
        &ids.profile_action,
    ];
    view.nodes().filter(move |(_, node)| known.iter().any(|ids| node.has_id(ids)))
}

/// Who speaks where on a profile.
struct Zones {
    /// What holds the whole page, if anything does.
    list: Option<Range<usize>>,
    /// The part around the header's buttons, if it is smaller than the page.
    header: Option<Range<usize>>,
    /// The lowest button of the header, and its upper edge.
    lowest: Option<(usize, Option<f32>)>,
}

impl Zones {
    fn of(view: &View<'_>) -> Self {
        let nodes: Vec<usize> = header_nodes(view).map(|(at, _)| at).collect();
        // Where the header stands outside of the list, the list does not hold the page.
        let list = list(view)
            .map(|(at, _)| view.tree.subtree(at))
            .filter(|list| nodes.iter().all(|at| list.contains(at)));
        let header = nodes.first().zip(nodes.last()).and_then(|(first, last)| {
            let around = view.tree.above(*first).map(|above| view.tree.subtree(above));
            let header = around.into_iter().find(|range| range.contains(last))?;
            let root = view.tree.nodes.get(header.start)?;
            // In a flat tree the smallest part around them is the page itself.
            let page =
                root.is_any(&["CollectionView", "Table", "ScrollView", "Window", "Application"])
                    || list.as_ref().is_some_and(|list| header.contains(&list.start));
            let several = nodes.len() > 1;
            (several && !page).then_some(header)
        });
        let lowest = nodes
            .iter()
            .filter_map(|at| Some((*at, view.tree.nodes.get(*at)?.y)))
            .reduce(|low, next| if next.1 >= low.1 { next } else { low });
        Self { list, header, lowest }
    }

    fn place(&self, view: &View<'_>, at: usize, text: &str) -> Place {
        if let Some(header) = &self.header
            && header.contains(&at)
        {
            return Place::Bio;
        }
        if view.tree.is_within(at, &["Cell"]) {
            // Highlights and the grid carry their owner's words.
            return Place::Bio;
        }
        if self.list.as_ref().is_some_and(|list| !list.contains(&at)) {
            // Next to the page's own content: a notice of the app.
            return if is_username(text) { Place::Other } else { Place::Banner };
        }
        let Some((button, edge)) = self.lowest.filter(|_| self.header.is_none()) else {
            return Place::ProfileHeader;
        };
        let y = view.tree.nodes.get(at).and_then(|node| node.y);
        let below = match (y, edge) {
            (Some(y), Some(edge)) => y > edge,
            _ => at > button,
        };
        if below { Place::ProfileHeader } else { Place::Bio }
    }
}
