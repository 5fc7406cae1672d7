//! A tree in the light of a profile: the questions that the readers of pages share.

use std::ops::Range;

use super::Control;
use super::tree::{Node, Tree};
use crate::AppProfile;
use crate::profile::{Match, Texts, plain, says};

/// One window of a source, or a part of it, in the light of a profile.
#[derive(Clone)]
pub(super) struct View<'a> {
    pub(super) tree: &'a Tree,
    pub(super) profile: &'a AppProfile,
    pub(super) range: Range<usize>,
}

impl<'a> View<'a> {
    /// The same, of another part.
    pub(super) fn of(&self, range: Range<usize>) -> Self {
        Self { range, ..self.clone() }
    }

    /// The visible elements in order.
    pub(super) fn nodes(&self) -> impl Iterator<Item = (usize, &'a Node)> {
        self.tree.visible(self.range.clone())
    }

    /// The first visible element with one of these names, in the order of the names.
    pub(super) fn named(&self, names: &[String]) -> Option<(usize, &'a Node)> {
        names.iter().find_map(|name| self.nodes().find(|(_, n)| n.name == *name))
    }

    /// The same as something that can be tapped.
    pub(super) fn control(&self, names: &[String]) -> Option<Control> {
        self.named(names).map(|(_, node)| Control::of(node))
    }

    /// Texts that are not part of a button, a field or a bar, with their places.
    pub(super) fn prose(&self) -> impl Iterator<Item = (usize, &'a str)> {
        let tree = self.tree;
        self.nodes().filter(|(_, n)| n.is("StaticText") || n.is("Link")).filter_map(
            move |(i, n)| {
                let text = n.text();
                let apart = tree.around(i, |p| {
                    ["Button", "TextField", "TextView", "SecureTextField", "SearchField"]
                        .iter()
                        .chain(&["NavigationBar", "TabBar", "StatusBar", "Keyboard"])
                        .any(|t| p.is(t))
                });
                (!text.is_empty() && apart.is_none()).then_some((i, text))
            },
        )
    }

    /// What a label says, by one of the lists of texts, in any language.
    pub(super) fn says(
        &self,
        list: impl Fn(&'a Texts) -> &'a Vec<String>,
        label: &str,
    ) -> Option<Match> {
        self.profile.texts().find_map(|texts| says(list(texts), label))
    }

    /// Whether `text` contains one of the texts of a list, in any language.
    pub(super) fn mentions(&self, list: impl Fn(&'a Texts) -> &'a Vec<String>, text: &str) -> bool {
        let text = plain(text);
        let mut phrases = self.profile.texts().flat_map(list);
        phrases.any(|phrase| text.contains(&plain(phrase)))
    }
}
