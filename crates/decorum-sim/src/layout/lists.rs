//! Lists of people. Rows are reused: an element id found on a row names the slot, so after
//! scrolling it stands for somebody else, as on a real phone.

use super::Content;
use super::parts::{self, Back, GRAY, PAGE_TOP, SOFT};
use crate::app::{App, ListKind, PostId};
use crate::people::{self, Found, Profile};
use crate::tree::{HEIGHT, Icon, Node, WIDTH, rect};

/// Height of a row.
const ROW: i32 = 64;
/// Where the first row begins.
const TOP: i32 = PAGE_TOP + 60;
/// Rows that exist at a time.
const SLOTS: u32 = 13;

pub(super) fn people(app: &App, user: &str, kind: ListKind, now: i64) -> Content {
    let texts = app.texts();
    let (title, word) = match kind {
        ListKind::Followers => (texts.followers_count, "followers"),
        ListKind::Following => (texts.following_count, "following"),
    };
    let listed = app.scenario.people.iter().find(|person| person.username == user);
    let names: &[String] = match (listed, kind) {
        (Some(person), ListKind::Followers) => &person.followers_list,
        (Some(person), ListKind::Following) => &person.following_list,
        (None, _) => &[],
    };
    let total = match app.person(user) {
        Found::Person(person) if kind == ListKind::Followers => person.followers,
        Found::Person(person) => person.following,
        Found::Suspended | Found::Nobody => 0,
    };
    let count = people::list_length(&app.scenario, names, total);
    rows(app, title, count, now, |row| {
        names
            .get(row as usize)
            .cloned()
            .unwrap_or_else(|| people::list_name(&app.scenario, user, word, row))
    })
}

pub(super) fn likers(app: &App, post: &PostId, now: i64) -> Content {
    let total = match app.person(&post.user) {
        Found::Person(person) => people::like_count(&person, post.number),
        Found::Suspended | Found::Nobody => 0,
    };
    let count = people::list_length(&app.scenario, &[], total);
    let owner = post.to_string();
    rows(app, app.texts().like, count, now, |row| {
        people::list_name(&app.scenario, &owner, "likers", row)
    })
}

fn rows(app: &App, title: &str, count: u32, now: i64, name: impl Fn(u32) -> String) -> Content {
    let scroll = app.page().scroll;
    let first = u32::try_from((scroll - ROW).max(0) / ROW).unwrap_or(0);
    let mut list = Node::new("CollectionView", rect(0, PAGE_TOP, WIDTH, HEIGHT - PAGE_TOP));
    for row in first..count.min(first.saturating_add(SLOTS)) {
        let user = name(row);
        let y = TOP - scroll + i32::try_from(row).unwrap_or(0).saturating_mul(ROW);
        let profile = match app.person(&user) {
            Found::Person(profile) => *profile,
            Found::Suspended | Found::Nobody => nameless(app, &user),
        };
        let mut cell = parts::person_row(app, &profile, y, true, now);
        cell.slot = Some(row % SLOTS);
        list.children.push(cell);
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
    let height = TOP + i32::try_from(count).unwrap_or(0).saturating_mul(ROW) + 20;
    Content { nodes: vec![list, bar], height, tab_bar: false }
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
