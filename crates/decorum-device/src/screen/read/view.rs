//! A tree in the light of a profile: the questions all readers share.

use std::ops::Range;

use crate::AppProfile;
use crate::profile::{Identifiers, Vocabulary};
use crate::screen::Control;
use crate::screen::tree::{Node, Tree};

/// What never belongs to a page.
const OF_THE_SYSTEM: [&str; 2] = ["StatusBar", "Keyboard"];
/// What a text can stand in without being the page's own.
const HOLDERS: [&str; 7] =
    ["Button", "Link", "TextField", "TextView", "SecureTextField", "SearchField", "Key"];
/// The bars around a page.
pub(super) const BARS: [&str; 2] = ["NavigationBar", "TabBar"];

/// The visible elements of a tree, without those of the system and of an overlay.
pub(super) struct View<'a> {
    pub(super) tree: &'a Tree,
    pub(super) profile: &'a AppProfile,
    /// Indices, in document order.
    shown: Vec<usize>,
}

impl<'a> View<'a> {
    pub(super) fn new(tree: &'a Tree, profile: &'a AppProfile) -> Self {
        let mut shown = Vec::with_capacity(tree.nodes.len());
        let mut system_until = 0;
        for (i, node) in tree.nodes.iter().enumerate() {
            if i < system_until {
                continue;
            }
            if node.is_any(&OF_THE_SYSTEM) {
                system_until = node.end;
            } else if node.visible {
                shown.push(i);
            }
        }
        Self { tree, profile, shown }
    }

    /// The keyboard, while it is up.
    pub(super) fn keyboard(&self) -> Option<&'a Node> {
        self.tree.nodes.iter().find(|node| node.visible && node.is("Keyboard"))
    }

    /// Whether the keyboard lies over an element: a tap on it would press a key.
    pub(super) fn is_covered(&self, node: &Node) -> bool {
        let edges = self.keyboard().and_then(|keyboard| keyboard.y).zip(node.y);
        edges.is_some_and(|(keyboard, node)| node >= keyboard)
    }

    /// Forgets a part of the tree.
    pub(super) fn leave_out(&mut self, range: Range<usize>) {
        self.shown.retain(|i| !range.contains(i));
    }

    pub(super) fn ids(&self) -> &'a Identifiers {
        self.profile.ids()
    }

    pub(super) fn words(&self) -> &'a Vocabulary {
        self.profile.vocabulary()
    }

    /// The elements in order.
    pub(super) fn nodes(&self) -> impl DoubleEndedIterator<Item = (usize, &'a Node)> + '_ {
        self.within(0..usize::MAX)
    }

    /// The elements of a range.
    pub(super) fn within(
        &self,
        range: Range<usize>,
    ) -> impl DoubleEndedIterator<Item = (usize, &'a Node)> + '_ {
        let from = self.shown.partition_point(|i| *i < range.start);
        let to = self.shown.partition_point(|i| *i < range.end).max(from);
        let shown = self.shown.get(from..to).unwrap_or_default();
        shown.iter().filter_map(|&i| Some((i, self.tree.nodes.get(i)?)))
    }

    /// The elements below one.
    pub(super) fn inside(
        &self,
        at: usize,
    ) -> impl DoubleEndedIterator<Item = (usize, &'a Node)> + '_ {
        let range = self.tree.subtree(at);
        self.within(range.start + 1..range.end)
    }

    /// The first element with one of these ids, in the order of the ids.
    pub(super) fn find(&self, ids: &[String]) -> Option<(usize, &'a Node)> {
        self.find_within(0..usize::MAX, ids)
    }

    pub(super) fn find_within(
        &self,
        range: Range<usize>,
        ids: &[String],
    ) -> Option<(usize, &'a Node)> {
        ids.iter().find_map(|id| {
            self.within(range.clone()).find(|(_, node)| node.id() == Some(id.as_str()))
        })
    }

    /// The same as something to tap.
    pub(super) fn control(&self, ids: &[String]) -> Option<Control> {
        self.find(ids).map(|(_, node)| Control::of(node))
    }

    /// The texts of a range that are not part of a button or a field.
    pub(super) fn prose(
        &self,
        range: Range<usize>,
    ) -> impl DoubleEndedIterator<Item = (usize, &'a str)> + '_ {
        self.within(range).filter_map(|(i, node)| {
            let text = node.said();
            let stands_alone = node.is("StaticText")
                && !text.is_empty()
                && !self.tree.above(i).any(|above| self.is_any(above, &HOLDERS));
            stands_alone.then_some((i, text))
        })
    }

    /// Whether the element is of one of these types.
    pub(super) fn is_any(&self, at: usize, kinds: &[&str]) -> bool {
        self.tree.nodes.get(at).is_some_and(|node| node.is_any(kinds))
    }

    /// Whether a range has anything in it by which a page is known.
    pub(super) fn has_page_ids(&self, range: Range<usize>) -> bool {
        let known = &self.words().page_ids;
        let prefixes = &self.ids().search_result_prefix;
        self.within(range).any(|(_, node)| {
            node.id().is_some_and(|id| {
                known.contains(id) || prefixes.iter().any(|prefix| id.starts_with(prefix.as_str()))
            })
        })
    }

    /// Whether the screen has anything by which a page of the app is known.
    pub(super) fn shows_page(&self) -> bool {
        self.has_page_ids(0..usize::MAX)
    }

    /// Whether the tab bar is shown: only root pages have it.
    pub(super) fn shows_tab_bar(&self) -> bool {
        let ids = self.ids();
        [&ids.home_tab, &ids.search_tab, &ids.own_profile_tab, &ids.other_tabs]
            .iter()
            .any(|ids| self.find(ids).is_some())
    }
}
