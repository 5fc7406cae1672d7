//! Search: the field, suggestions while one types, results, and hashtags.

use super::Content;
use super::parts::{self, Back, GRAY, INK, PAGE_TOP, SOFT, WHITE};
use crate::app::{App, Tap};
use crate::people::{self, Found, Profile};
use crate::picture::text;
use crate::scenario::username;
use crate::tree::{Field, HEIGHT, Icon, Node, WIDTH, rect};

/// Height of a result.
const ROW: i32 = 68;

pub(super) fn explore(app: &App) -> Content {
    let query = app.field(Field::Search).trim().to_lowercase();
    let scroll = app.page().scroll;
    let body = rect(0, PAGE_TOP + 16, WIDTH, HEIGHT - PAGE_TOP - 16);
    let mut list = Node::new("CollectionView", body);
    let mut height = 0;
    if query.is_empty() {
        list = list.name("explore-grid");
        let posts = people::gallery(&app.scenario, "explore", 30);
        let (cells, tall) = parts::grid(app, &posts, body.y - scroll);
        list.children.extend(cells);
        height = body.y + tall;
    } else {
        list = list.name("search-collection-view");
        let hits = hits(app, &query);
        if hits.is_empty() {
            let words = app.texts().no_results;
            list.children.push(parts::centered(
                rect(20, 200, WIDTH - 40, 22),
                words,
                15,
                false,
                GRAY,
            ));
        } else {
            let mut y = body.y;
            list.children.push(suggestion(app, &query, y));
            for hit in &hits {
                y += ROW;
                list.children.push(result(hit, y, Tap::Results(query.clone())));
            }
        }
    }
    Content {
        nodes: vec![list, field(app)],
        height,
        tab_bar: app.pages.len() == 1 && app.focus.is_none(),
    }
}

/// The page behind a suggestion: the same people, under filters.
pub(super) fn results(app: &App, query: &str) -> Content {
    let hits = hits(app, &query.to_lowercase());
    let mut list = Node::new("CollectionView", rect(0, PAGE_TOP, WIDTH, HEIGHT - PAGE_TOP))
        .name("search-results-filter-view");
    if hits.is_empty() {
        let words = app.texts().no_results;
        list.children.push(parts::centered(rect(20, 200, WIDTH - 40, 22), words, 15, false, GRAY));
    }
    for (y, hit) in (PAGE_TOP + 12..).step_by(68).zip(&hits) {
        list.children.push(result(hit, y, Tap::Profile(hit.username.clone())));
    }
    Content::fixed(vec![list, parts::navigation_bar(query, Back::Named)])
}

/// A hashtag: pictures of several people.
pub(super) fn tag(app: &App, tag: &str) -> Content {
    let scroll = app.page().scroll;
    let scenario = &app.scenario;
    let posts = people::gallery(scenario, &people::tag_gallery(tag), scenario.lists.tag_posts);
    let (cells, height) = parts::grid(app, &posts, PAGE_TOP - scroll);
    let list =
        Node::new("CollectionView", rect(0, PAGE_TOP, WIDTH, HEIGHT - PAGE_TOP)).children(cells);
    let bar = parts::navigation_bar(&format!("#{tag}"), Back::Named);
    Content { nodes: vec![list, bar], height: PAGE_TOP + height, tab_bar: false }
}

/// People a query finds: near misses stand before the exact name now and then.
fn hits(app: &App, query: &str) -> Vec<Profile> {
    let name = username(query);
    let find = |name: &str| match app.person(name) {
        Found::Person(person) => Some(*person),
        Found::Suspended | Found::Nobody => None,
    };
    let exact = find(&name);
    let listed = app
        .scenario
        .people
        .iter()
        .filter(|person| person.username != name && person.username.starts_with(&name))
        .filter_map(|person| find(&person.username))
        .take(4);
    let mut hits: Vec<Profile> = listed.collect();
    if let Some(exact) = exact {
        let near = ["_studio", ".art", "_official"]
            .iter()
            .map(|tail| format!("{name}{tail}"))
            .filter(|near| near.len() <= 30)
            .filter_map(|near| find(&near));
        hits.extend(near);
        let place = usize::from(exact.seed % 3 == 0 && !hits.is_empty());
        hits.insert(place, exact);
    }
    hits
}

fn field(app: &App) -> Node {
    let texts = app.texts();
    let value = app.field(Field::Search);
    let at = rect(16, 55, WIDTH - 32, 38);
    let (shown, ink) = if value.is_empty() { (texts.search, GRAY) } else { (value, INK) };
    let mut input = Node::new("SearchField", at)
        .name("search-text-input")
        .label(texts.search)
        .value(value)
        .accessible()
        .fill(SOFT, 10)
        .tap(Tap::Focus(Field::Search))
        .child(parts::icon(rect(26, 66, 17, 17), Icon::Search, GRAY))
        .child(Node::new("Other", rect(52, 55, 260, 38)).text(shown, 16, false, ink));
    input.placeholder = Some(texts.search.to_owned());
    input.field = Some(Field::Search);
    if !value.is_empty() {
        input.children.push(
            Node::new("Button", rect(338, 59, 30, 30))
                .label("Clear text")
                .accessible()
                .tap(Tap::ClearField(Field::Search))
                .child(parts::icon(rect(346, 67, 14, 14), Icon::Close, GRAY)),
        );
    }
    Node::new("Other", rect(0, 47, WIDTH, 54))
        .name("search-bar")
        .fill(WHITE, 0)
        .opaque()
        .child(input)
}

/// A suggestion is a cell with a number for a name, and no person.
fn suggestion(app: &App, query: &str, y: i32) -> Node {
    let number = people::fingerprint(app.scenario.seed, &["suggestion", query]) % 10_000_000_000;
    let words = format!("{query} art");
    Node::new("Cell", rect(0, y, WIDTH, ROW))
        .name(format!("search-collection-view-cell-{number}"))
        .label(words.as_str())
        .fill(WHITE, 0)
        .tap(Tap::Results(words.clone()))
        .child(Node::new("Other", rect(16, y + 11, 46, 46)).fill(SOFT, 23).child(parts::icon(
            rect(30, y + 25, 18, 18),
            Icon::Search,
            INK,
        )))
        .child(parts::label(rect(74, y + 24, 240, 20), &words, 14, true, INK))
}

fn result(person: &Profile, y: i32, cell: Tap) -> Node {
    let user = &person.username;
    let open = Tap::Profile(user.clone());
    let line = format!("{} · {}", person.full_name, person.followers);
    let width = text::width(user, 14, true).min(250);
    Node::new("Cell", rect(0, y, WIDTH, ROW))
        .name(format!("search-collection-view-cell-{user}"))
        .label(format!("{user}, {}", person.full_name))
        .fill(WHITE, 0)
        .tap(cell)
        .child(parts::avatar(rect(16, y + 11, 46, 46), person.seed))
        .child(parts::label(rect(74, y + 14, width, 18), user, 14, true, INK).tap(open))
        .child(parts::label(rect(74, y + 35, 240, 18), &line, 14, false, GRAY))
}
