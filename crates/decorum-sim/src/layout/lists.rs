//! Lists of people. Rows are reused: an element id found on a row names the slot, so after
//! scrolling it stands for somebody else, as on a real phone. Only the rows in sight exist, and
//! one above and below.

use super::Content;
use super::parts::{self, Back, GRAY, INK, PAGE_TOP, SOFT};
use crate::app::{App, Entry, ListKind, ROW, Roll};
use crate::people::{self, Found, Profile};
use crate::tree::{HEIGHT, Icon, Node, WIDTH, rect};

/// Where the first row begins.
const TOP: i32 = PAGE_TOP + 60;
/// Rows that exist at a time.
const SLOTS: u32 = 13;

pub(super) fn people(app: &App, kind: ListKind, now: i64) -> Content {
    let texts = app.texts();
    let title = match kind {
        ListKind::Followers => texts.followers_count,
        ListKind::Following => texts.following_count,
    };
    page(app, title, now)
}

pub(super) fn likers(app: &App, now: i64) -> Content {
    page(app, app.texts().like, now)
}

fn page(app: &App, title: &str, now: i64) -> Content {
    let scroll = app.page().scroll;
    let mut list = Node::new("CollectionView", rect(0, PAGE_TOP, WIDTH, HEIGHT - PAGE_TOP));
    let mut rows = 0;
    if let Some(roll) = app.roll(now) {
        rows = roll.rows();
        if roll.blank {
            list.children.push(spinner(220));
        }
        list.children.extend(in_sight(app, &roll, scroll, now));
    }
    let search = rect(16, PAGE_TOP + 8, WIDTH - 32, 38);
    let bar = parts::navigation_bar(title, Back::Named).child(
        Node::new("Other", rect(0, PAGE_TOP, WIDTH, 56)).fill(parts::WHITE, 0).opaque().child(
            Node::new("SearchField", search)
                .name("list-search-field")
                .value(app.texts().search)
                .accessible()
                .fill(SOFT, 10)
                .child(parts::icon(rect(26, PAGE_TOP + 18, 17, 17), Icon::Search, GRAY))
                .child(Node::new("Other", rect(52, PAGE_TOP + 8, 200, 38)).text(
                    app.texts().search,
                    15,
                    false,
                    GRAY,
                )),
        ),
    );
    let height = TOP + i32::try_from(rows).unwrap_or(0).saturating_mul(ROW) + 20;
    Content { nodes: vec![list, bar], height, tab_bar: false }
}

/// The rows that exist while the list is scrolled so far.
fn in_sight(app: &App, roll: &Roll<'_>, scroll: i32, now: i64) -> Vec<Node> {
    let first = u32::try_from((scroll - ROW).max(0) / ROW).unwrap_or(0);
    (first..roll.rows().min(first.saturating_add(SLOTS)))
        .map(|row| {
            let y = TOP - scroll + i32::try_from(row).unwrap_or(0).saturating_mul(ROW);
            let mut cell = match roll.entry(row) {
                Entry::Person(user) | Entry::Suggested(user) => {
                    let profile = match app.person(&user) {
                        Found::Person(profile) => *profile,
                        Found::Suspended | Found::Nobody => nameless(app, &user),
                    };
                    parts::person_row(app, &profile, y, true, now)
                }
                Entry::Spinner => Node::new("Cell", rect(0, y, WIDTH, ROW)).child(spinner(y + 16)),
                Entry::End => line(y, app.texts().list_end, GRAY),
                Entry::Heading => line(y, app.texts().suggested, INK),
            };
            cell.slot = Some(row % SLOTS);
            cell
        })
        .collect()
}

fn spinner(y: i32) -> Node {
    Node::new("ActivityIndicator", rect(179, y, 32, 32)).label("In progress")
}

/// A row that is a text of the app.
fn line(y: i32, words: &str, ink: u32) -> Node {
    let bold = ink == INK;
    Node::new("Cell", rect(0, y, WIDTH, ROW)).label(words).child(parts::label(
        rect(16, y + 22, WIDTH - 32, 20),
        words,
        14,
        bold,
        ink,
    ))
}

/// A row whose person has gone: the app still shows the username.
fn nameless(app: &App, user: &str) -> Profile {
    Profile {
        username: user.to_owned(),
        full_name: String::new(),
        bio: String::new(),
        followers: 0,
        following: 0,
        posts: 0,
        private: false,
        story: false,
        seed: people::fingerprint(app.scenario.seed, &["person", user]),
    }
}
