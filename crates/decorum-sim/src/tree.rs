//! The layout tree: what is on the screen, where, and what a tap on it means.
//!
//! A screen is built once as nested [`Node`]s and then laid flat in document order. The page
//! source, the locators, hit testing and the picture all read the flat [`Tree`], which is what
//! keeps them from contradicting each other.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::app::{Tap, Update};

/// Width of the screen in points.
pub(crate) const WIDTH: i32 = 390;
/// Height of the screen in points.
pub(crate) const HEIGHT: i32 = 844;

/// A rectangle in points, from the top left corner of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub(crate) struct Rect {
    pub(crate) x: i32,
    pub(crate) y: i32,
    pub(crate) w: i32,
    pub(crate) h: i32,
}

/// The whole screen.
pub(crate) const SCREEN: Rect = Rect { x: 0, y: 0, w: WIDTH, h: HEIGHT };

pub(crate) const fn rect(x: i32, y: i32, w: i32, h: i32) -> Rect {
    Rect { x, y, w, h }
}

impl Rect {
    pub(crate) fn contains(self, x: i32, y: i32) -> bool {
        x >= self.x && x < self.x + self.w && y >= self.y && y < self.y + self.h
    }

    pub(crate) fn center(self) -> (i32, i32) {
        (self.x + self.w / 2, self.y + self.h / 2)
    }

    fn meets(self, other: Self) -> bool {
        self.w > 0
            && self.h > 0
            && self.x < other.x + other.w
            && other.x < self.x + self.w
            && self.y < other.y + other.h
            && other.y < self.y + self.h
    }
}

/// A colour as 0xRRGGBBAA.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Color(pub(crate) u32);

/// Where a text stands in its rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Center,
}

/// The ring around an avatar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ring {
    None,
    Unseen,
    Seen,
}

/// Small pictures the app uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Icon {
    Home,
    Reels,
    Send,
    Search,
    Heart,
    HeartFilled,
    Bubble,
    Bookmark,
    Back,
    Close,
    Dots,
    Grid,
    Lock,
    Warning,
    Chevron,
    Camera,
    Battery,
    Signal,
    Bell,
    Stack,
    Play,
}

/// What a node looks like. Several are drawn one over the other.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Paint {
    Fill { color: Color, radius: i32 },
    Border { color: Color, radius: i32, width: i32 },
    Text { text: String, size: i32, bold: bool, color: Color, align: Align, lines: u8 },
    Avatar { seed: u64, ring: Ring },
    Tile { seed: u64 },
    Shade { top: Color, bottom: Color },
    Icon { icon: Icon, color: Color },
}

/// A text field of the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Field {
    Search,
    Comment,
    LoginName,
    LoginPassword,
    Code,
}

/// One element, before it is laid flat.
#[allow(clippy::struct_excessive_bools, reason = "the flags of an element are what they are")]
#[derive(Debug, Clone, Default)]
pub(crate) struct Node {
    /// Element type without the `XCUIElementType` prefix.
    pub(crate) kind: &'static str,
    pub(crate) name: Option<String>,
    pub(crate) label: Option<String>,
    pub(crate) value: Option<String>,
    pub(crate) placeholder: Option<String>,
    pub(crate) disabled: bool,
    pub(crate) hidden: bool,
    pub(crate) accessible: bool,
    pub(crate) selected: bool,
    pub(crate) rect: Rect,
    pub(crate) tap: Option<Tap>,
    pub(crate) field: Option<Field>,
    /// A reused row: its identity is the slot it sits in, not what it shows.
    pub(crate) slot: Option<u32>,
    /// Taps do not go through it.
    pub(crate) opaque: bool,
    pub(crate) paint: Vec<Paint>,
    pub(crate) children: Vec<Node>,
}

impl Node {
    pub(crate) fn new(kind: &'static str, rect: Rect) -> Self {
        Self { kind, rect, ..Self::default() }
    }

    pub(crate) fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    pub(crate) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    pub(crate) fn value(mut self, value: impl Into<String>) -> Self {
        self.value = Some(value.into());
        self
    }

    pub(crate) fn accessible(mut self) -> Self {
        self.accessible = true;
        self
    }

    pub(crate) fn selected(mut self, selected: bool) -> Self {
        self.selected = selected;
        self
    }

    pub(crate) fn enabled(mut self, enabled: bool) -> Self {
        self.disabled = !enabled;
        self
    }

    pub(crate) fn tap(mut self, tap: Tap) -> Self {
        self.tap = Some(tap);
        self
    }

    pub(crate) fn opaque(mut self) -> Self {
        self.opaque = true;
        self
    }

    pub(crate) fn paint(mut self, paint: Paint) -> Self {
        self.paint.push(paint);
        self
    }

    pub(crate) fn fill(self, color: u32, radius: i32) -> Self {
        self.paint(Paint::Fill { color: Color(color), radius })
    }

    pub(crate) fn icon(self, icon: Icon, color: u32) -> Self {
        self.paint(Paint::Icon { icon, color: Color(color) })
    }

    pub(crate) fn text(self, text: impl Into<String>, size: i32, bold: bool, color: u32) -> Self {
        self.write(text, size, bold, color, Align::Left, 1)
    }

    pub(crate) fn centered(
        self,
        text: impl Into<String>,
        size: i32,
        bold: bool,
        color: u32,
    ) -> Self {
        self.write(text, size, bold, color, Align::Center, 1)
    }

    pub(crate) fn write(
        self,
        text: impl Into<String>,
        size: i32,
        bold: bool,
        color: u32,
        align: Align,
        lines: u8,
    ) -> Self {
        self.paint(Paint::Text { text: text.into(), size, bold, color: Color(color), align, lines })
    }

    pub(crate) fn child(mut self, child: Self) -> Self {
        self.children.push(child);
        self
    }

    pub(crate) fn children(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children);
        self
    }
}

/// One element of a [`Tree`].
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) node: Node,
    pub(crate) parent: Option<usize>,
    pub(crate) children: Vec<usize>,
    /// Place among the siblings, from 0.
    pub(crate) index: usize,
    /// One past the last descendant in document order.
    pub(crate) end: usize,
    /// Identity that outlives a rebuild of the tree.
    pub(crate) key: u64,
    pub(crate) visible: bool,
}

/// A screen in document order; item 0 is the application.
#[derive(Debug, Clone)]
pub(crate) struct Tree {
    pub(crate) items: Vec<Item>,
}

impl Tree {
    pub(crate) fn new(root: Node) -> Self {
        let mut tree = Self { items: Vec::new() };
        tree.add(root, None, 0, 0x5eed, false, true);
        tree
    }

    fn add(
        &mut self,
        mut node: Node,
        parent: Option<usize>,
        index: usize,
        key: u64,
        in_slot: bool,
        visible: bool,
    ) -> usize {
        let at = self.items.len();
        let children = std::mem::take(&mut node.children);
        let visible = visible && !node.hidden && node.rect.meets(SCREEN);
        let in_slot = in_slot || node.slot.is_some();
        self.items.push(Item {
            node,
            parent,
            children: Vec::with_capacity(children.len()),
            index,
            end: 0,
            key,
            visible,
        });
        let mut seen: HashMap<(&'static str, Option<String>), u32> = HashMap::new();
        for (index, child) in children.into_iter().enumerate() {
            let name = if in_slot { None } else { child.name.clone() };
            let nth = seen.entry((child.kind, name.clone())).or_insert(0);
            let child_key = match child.slot {
                Some(slot) => hash(&(key, "slot", slot)),
                None => hash(&(key, child.kind, &name, *nth)),
            };
            *nth += 1;
            let child = self.add(child, Some(at), index, child_key, in_slot, visible);
            self.items[at].children.push(child);
        }
        self.items[at].end = self.items.len();
        at
    }

    /// Calls everything as a newer version of the app does.
    pub(crate) fn rename(&mut self, update: &Update) {
        for item in &mut self.items {
            let node = &mut item.node;
            if let Some(new) = node.name.as_deref().and_then(|old| update.name(old)) {
                node.name = Some(new);
            }
            if let Some(new) = node.label.as_deref().and_then(|old| update.label(old)) {
                node.label = Some(new);
            }
        }
    }

    /// Shows the screen on its side: what fills it is as wide as it was high, and what stood in
    /// its lower half is out of sight.
    pub(crate) fn lie_down(&mut self) {
        let lying = rect(0, 0, HEIGHT, WIDTH);
        for item in &mut self.items {
            if item.node.rect == SCREEN {
                item.node.rect = lying;
            }
            item.visible = item.visible && item.node.rect.meets(lying);
        }
    }

    /// The item with an identity, if it is still there.
    pub(crate) fn by_key(&self, key: u64) -> Option<usize> {
        self.items.iter().position(|item| item.key == key)
    }

    /// The item and everything below it, in document order.
    pub(crate) fn subtree(&self, at: usize) -> std::ops::Range<usize> {
        at..self.items.get(at).map_or(at, |item| item.end)
    }

    /// The topmost item under a point: later items lie over earlier ones.
    pub(crate) fn hit(&self, x: i32, y: i32) -> Option<usize> {
        self.items.iter().rposition(|item| {
            item.visible
                && item.node.rect.contains(x, y)
                && (item.node.tap.is_some() || item.node.opaque || !item.node.paint.is_empty())
        })
    }

    /// What a tap at a point means: the meaning of the topmost item or its nearest parent.
    pub(crate) fn tap_at(&self, x: i32, y: i32) -> Option<Tap> {
        let mut at = self.hit(x, y)?;
        loop {
            let item = self.items.get(at)?;
            if let Some(tap) = &item.node.tap {
                return Some(tap.clone());
            }
            at = item.parent?;
        }
    }

    /// Whether a tap in the middle of the item reaches it.
    pub(crate) fn hittable(&self, at: usize) -> bool {
        let Some(item) = self.items.get(at) else { return false };
        if !item.visible {
            return false;
        }
        let (x, y) = item.node.rect.center();
        match self.hit(x, y) {
            Some(top) => {
                top == at || self.subtree(at).contains(&top) || self.subtree(top).contains(&at)
            }
            None => true,
        }
    }
}

pub(crate) fn hash<T: Hash + ?Sized>(value: &T) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
