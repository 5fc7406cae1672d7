//! Pieces that several screens share.

use crate::app::{App, Gate, ListKind, PostId, Running, Screen, Tap};
use crate::people::{self, Profile};
use crate::picture::text;
use crate::scenario::Relationship;
use crate::texts::fill;
use crate::tree::{Align, Color, HEIGHT, Icon, Node, Paint, Rect, Ring, WIDTH, rect};

pub(super) const WHITE: u32 = 0xffff_ffff;
pub(super) const INK: u32 = 0x1214_18ff;
pub(super) const GRAY: u32 = 0x7377_7fff;
pub(super) const LINE: u32 = 0xe4e6_eaff;
pub(super) const SOFT: u32 = 0xeff1_f4ff;
pub(super) const BLUE: u32 = 0x0a84_f5ff;
pub(super) const RED: u32 = 0xf02d_4bff;

/// Where the tab bar begins.
pub(super) const TAB_BAR_TOP: i32 = 761;
/// Where the page begins, under the navigation bar.
pub(super) const PAGE_TOP: i32 = 91;

/// A text as XCUITest reports it: name, label and value are the text itself.
pub(super) fn label(at: Rect, words: &str, size: i32, bold: bool, color: u32) -> Node {
    Node::new("StaticText", at).label(words).accessible().text(words, size, bold, color)
}

pub(super) fn centered(at: Rect, words: &str, size: i32, bold: bool, color: u32) -> Node {
    Node::new("StaticText", at).label(words).accessible().centered(words, size, bold, color)
}

/// A text of several lines; the rectangle grows to what it needs.
pub(super) fn paragraph(
    at: Rect,
    words: &str,
    size: i32,
    bold: bool,
    color: u32,
    align: Align,
) -> Node {
    let lines = text::wrap(words, size, bold, at.w).len().clamp(1, 12);
    let count = u8::try_from(lines).unwrap_or(1);
    let height = i32::from(count) * text::line_height(size);
    Node::new("StaticText", Rect { h: height, ..at })
        .label(words)
        .accessible()
        .write(words, size, bold, color, align, count)
}

pub(super) fn avatar(at: Rect, seed: u64) -> Node {
    ringed(at, seed, Ring::None)
}

pub(super) fn ringed(at: Rect, seed: u64, ring: Ring) -> Node {
    Node::new("Image", at).paint(Paint::Avatar { seed, ring })
}

pub(super) fn icon(at: Rect, icon: Icon, color: u32) -> Node {
    Node::new("Image", at).icon(icon, color)
}

/// Whether the status bar is written in white.
pub(super) fn dark(app: &App) -> bool {
    app.running != Running::Front
        || (app.gate == Gate::Open && matches!(app.page().screen, Screen::Story(_) | Screen::Reels))
}

pub(super) fn status_bar(dark: bool) -> Node {
    let ink = if dark { WHITE } else { INK };
    let bar = Node::new("StatusBar", rect(0, 0, WIDTH, 47)).children([
        centered(rect(28, 14, 60, 20), "9:41", 16, true, ink),
        icon(rect(302, 16, 17, 17), Icon::Signal, ink),
        icon(rect(326, 15, 28, 18), Icon::Battery, ink),
    ]);
    Node::new("Window", rect(0, 0, WIDTH, 47)).child(bar)
}

pub(super) fn home_indicator(dark: bool) -> Node {
    let ink = if dark { WHITE } else { INK };
    Node::new("Other", rect(128, HEIGHT - 13, 134, 5)).fill(ink, 3)
}

/// How an inner page is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Back {
    /// Not by a button.
    Missing,
    /// By the first button of the navigation bar, which has no identifier.
    Unnamed,
    /// By a button with the identifier `BackButton`.
    Named,
}

/// The bar at the top of an inner page.
pub(super) fn navigation_bar(title: &str, back: Back) -> Node {
    let mut bar =
        Node::new("NavigationBar", rect(0, 47, WIDTH, 44)).name(title).fill(WHITE, 0).opaque();
    if back != Back::Missing {
        let mut button = Node::new("Button", rect(0, 47, 48, 44))
            .label("Back")
            .accessible()
            .tap(Tap::Back)
            .child(icon(rect(14, 58, 22, 22), Icon::Back, INK));
        button.name = (back == Back::Named).then(|| "BackButton".to_owned());
        bar.children.push(button);
    }
    bar.child(centered(rect(60, 57, 270, 24), title, 17, true, INK))
}

/// Label of a Follow button, in words for the person.
pub(super) fn follow_label(app: &App, user: &str, now: i64) -> String {
    let texts = app.texts();
    match app.relationship(user, now) {
        Relationship::None => fill(texts.follow_user, user),
        Relationship::Following => texts.following.to_owned(),
        Relationship::Requested => texts.requested.to_owned(),
    }
}

/// A Follow button with its short text inside.
pub(super) fn follow_button(app: &App, user: &str, at: Rect, now: i64) -> Node {
    let texts = app.texts();
    let (words, fill_color, ink) = match app.relationship(user, now) {
        Relationship::None => (texts.follow, BLUE, WHITE),
        Relationship::Following => (texts.following, SOFT, INK),
        Relationship::Requested => (texts.requested, SOFT, INK),
    };
    Node::new("Button", at)
        .label(follow_label(app, user, now))
        .accessible()
        .fill(fill_color, 9)
        .tap(Tap::Follow(user.to_owned()))
        .child(centered(at, words, 14, true, ink))
}

/// One row of a list of people.
pub(super) fn person_row(app: &App, profile: &Profile, y: i32, follow: bool, now: i64) -> Node {
    let user = &profile.username;
    let mut cell = Node::new("Cell", rect(0, y, WIDTH, 64))
        .label(format!("{user}, {}", profile.full_name))
        .tap(Tap::Profile(user.clone()))
        .fill(WHITE, 0)
        .child(avatar(rect(16, y + 9, 46, 46), profile.seed))
        .child(label(
            rect(74, y + 13, text::width(user, 14, true).min(200), 18),
            user,
            14,
            true,
            INK,
        ))
        .child(label(
            rect(74, y + 33, text::width(&profile.full_name, 14, false).min(200), 18),
            &profile.full_name,
            14,
            false,
            GRAY,
        ));
    if follow && *user != app.account {
        cell.children.push(follow_button(app, user, rect(282, y + 16, 92, 32), now));
    }
    cell
}

/// A grid of pictures, three in a row, from `top` down; answers the nodes and the height.
pub(super) fn grid(app: &App, posts: &[PostId], top: i32) -> (Vec<Node>, i32) {
    const CELL: i32 = 129;
    const ROW: i32 = 172;
    let texts = app.texts();
    let mut nodes = Vec::new();
    for (row, chunk) in (0..).zip(posts.chunks(3)) {
        let y = top + row * ROW;
        if y + ROW < -ROW || y > HEIGHT + ROW {
            continue;
        }
        for (column, post) in (0..).zip(chunk) {
            let seed = people::fingerprint(app.scenario.seed, &[&post.to_string()]);
            let at = rect(column * (CELL + 2) - i32::from(column > 1), y, CELL, ROW - 2);
            let template = match seed % 5 {
                0 => texts.video_by,
                1 => texts.carousel_by,
                _ => texts.photo_by,
            };
            let mut cell = Node::new("Cell", at)
                .name("media-thumbnail-cell")
                .label(fill(template, &post.user))
                .accessible()
                .tap(Tap::Post(post.clone()))
                .paint(Paint::Tile { seed });
            let corner = rect(at.x + at.w - 22, at.y + 8, 14, 14);
            match seed % 5 {
                0 => cell.children.push(icon(corner, Icon::Play, WHITE)),
                1 => cell.children.push(icon(corner, Icon::Stack, WHITE)),
                _ => {}
            }
            nodes.push(cell);
        }
    }
    let rows = i32::try_from(posts.len().div_ceil(3)).unwrap_or(0);
    (nodes, rows * ROW)
}

/// A wide button with a text.
pub(super) fn button(at: Rect, words: &str, color: u32, ink: u32) -> Node {
    Node::new("Button", at)
        .label(words)
        .accessible()
        .fill(color, 9)
        .child(centered(at, words, 14, true, ink))
}

/// One of the three numbers of a profile.
pub(super) fn count(
    at: Rect,
    name: &str,
    number: &str,
    words: &str,
    tap: Option<(String, ListKind)>,
) -> Node {
    let mut node = Node::new("Button", at)
        .name(name)
        .label(format!("{number} {words}"))
        .accessible()
        .child(label(rect(at.x, at.y, at.w, 20), number, 16, true, INK))
        .child(label(rect(at.x, at.y + 21, at.w, 18), words, 13, false, INK));
    if let Some((user, kind)) = tap {
        node = node.tap(Tap::List(user, kind));
    }
    node
}

/// A picture, a title and a text in the middle of the page.
pub(super) fn notice(top: i32, mark: Icon, title: &str, words: &str) -> Vec<Node> {
    let heading = paragraph(rect(40, top + 88, WIDTH - 80, 0), title, 18, true, INK, Align::Center);
    let below = heading.rect.y + heading.rect.h + 8;
    let mut nodes = vec![
        Node::new("Image", rect(163, top, 64, 64))
            .paint(Paint::Border { color: Color(INK), radius: 32, width: 2 })
            .child(icon(rect(181, top + 18, 28, 28), mark, INK)),
        heading,
    ];
    if !words.is_empty() {
        nodes.push(paragraph(
            rect(40, below, WIDTH - 80, 0),
            words,
            14,
            false,
            GRAY,
            Align::Center,
        ));
    }
    nodes
}
