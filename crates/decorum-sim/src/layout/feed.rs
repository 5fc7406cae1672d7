//! The feed with the stories tray, and the two tabs that Decorum has no business in.

use super::parts::{self, GRAY, INK, LINE, WHITE};
use super::{Content, post};
use crate::app::{App, PostId, Tap};
use crate::people::{self, Found, Profile};
use crate::texts::fill;
use crate::tree::{Align, Color, HEIGHT, Icon, Node, Paint, Ring, SCREEN, WIDTH, rect};

/// Authors in the feed.
const AUTHORS: u32 = 5;

/// People the feed shows: by seed, those who can be seen.
fn authors(app: &App, now: i64) -> Vec<Profile> {
    (0..AUTHORS * 4)
        .map(|row| people::list_name(&app.scenario, &app.account, "feed", row))
        .filter_map(|name| match app.person(&name) {
            Found::Person(person) if !person.private || app.admitted(&name, now) => Some(*person),
            _ => None,
        })
        .take(AUTHORS as usize)
        .collect()
}

pub(super) fn feed(app: &App, now: i64) -> Content {
    let scroll = app.page().scroll;
    let people = authors(app, now);
    let mut list = Node::new("CollectionView", rect(0, 91, WIDTH, HEIGHT - 91)).name("main-feed");
    list.children.push(tray(app, &people, 91 - scroll));
    let mut y = 91 + 108 - scroll;
    for person in &people {
        let at = PostId::new(person.username.as_str(), 0);
        let (cell, height) = post::block(app, person, &at, y, now);
        // Far cells do not exist yet, as in any collection view.
        if y < HEIGHT + 200 && y + height > -200 {
            list.children.push(cell);
        }
        y += height;
    }
    let bar =
        Node::new("NavigationBar", rect(0, 47, WIDTH, 44))
            .name("Instagram")
            .fill(WHITE, 0)
            .opaque()
            .children([
                Node::new("StaticText", rect(16, 54, 160, 30))
                    .label("Instagram")
                    .accessible()
                    .text("Instagram", 24, true, INK),
                Node::new("Button", rect(346, 47, 36, 44))
                    .name("notifications-button")
                    .label("Activity")
                    .accessible()
                    .child(parts::icon(rect(352, 57, 24, 24), Icon::Heart, INK)),
            ]);
    Content { nodes: vec![list, bar], height: y + scroll, tab_bar: true }
}

fn tray(app: &App, people: &[Profile], y: i32) -> Node {
    let texts = app.texts();
    let own = people::fingerprint(app.scenario.seed, &["person", &app.account]);
    let mut tray = Node::new("CollectionView", rect(0, y, WIDTH, 104)).name("stories-tray").child(
        Node::new("Cell", rect(10, y + 4, 80, 98))
            .label(texts.your_story)
            .child(parts::avatar(rect(17, y + 8, 66, 66), own))
            .child(parts::centered(rect(10, y + 80, 80, 16), texts.your_story, 12, false, INK)),
    );
    for (x, person) in (94..).step_by(84).zip(people.iter().filter(|person| person.story)) {
        let ring = if app.story_seen(&person.username) { Ring::Seen } else { Ring::Unseen };
        tray.children.push(
            Node::new("Cell", rect(x, y + 4, 80, 98))
                .label(fill(texts.story_of, &person.username))
                .child(
                    Node::new("Button", rect(x + 6, y + 7, 68, 68))
                        .name("story-ring")
                        .label(fill(texts.story_of, &person.username))
                        .accessible()
                        .tap(Tap::Story(person.username.clone()))
                        .child(parts::ringed(rect(x + 6, y + 7, 68, 68), person.seed, ring)),
                )
                .child(parts::centered(rect(x, y + 80, 80, 16), &person.username, 12, false, INK)),
        );
    }
    tray.child(Node::new("Other", rect(0, y + 107, WIDTH, 1)).fill(LINE, 0))
}

pub(super) fn reels(app: &App) -> Content {
    let seed = people::fingerprint(app.scenario.seed, &["reels"]);
    let name = people::list_name(&app.scenario, &app.account, "reels", 0);
    let nodes = vec![
        Node::new("Other", SCREEN).paint(Paint::Tile { seed }),
        Node::new("Other", rect(0, 560, WIDTH, 284))
            .paint(Paint::Shade { top: Color(0x0000_0000), bottom: Color(0x0000_00aa) }),
        parts::avatar(rect(16, 690, 36, 36), seed),
        parts::label(rect(62, 698, 240, 20), &name, 15, true, WHITE),
    ];
    Content { nodes, height: 0, tab_bar: true }
}

pub(super) fn inbox(app: &App) -> Content {
    let mut nodes = vec![parts::navigation_bar(&app.account, parts::Back::Missing)];
    for row in 0..8 {
        let name = people::list_name(&app.scenario, &app.account, "inbox", row);
        let seed = people::fingerprint(app.scenario.seed, &["person", &name]);
        let y = 104 + i32::try_from(row).unwrap_or(0) * 72;
        nodes.push(
            Node::new("Cell", rect(0, y, WIDTH, 72))
                .label(name.as_str())
                .child(parts::avatar(rect(16, y + 8, 56, 56), seed))
                .child(parts::label(rect(84, y + 16, 260, 20), &name, 14, false, INK))
                .child(parts::paragraph(
                    rect(84, y + 37, 260, 0),
                    "· 2 d",
                    13,
                    false,
                    GRAY,
                    Align::Left,
                )),
        );
    }
    Content { nodes, height: 0, tab_bar: true }
}
