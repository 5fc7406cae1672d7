//! Reading lists of people.

use super::over;
use super::profile::tie;
use super::view::{BARS, View};
use crate::profile::fold::is_username;
use crate::screen::tree::Node;
use crate::screen::{AccountSheet, Control, ListPage, Relationship, Row};

/// The search page, known by its field or by its results.
pub(super) fn search(view: &View<'_>) -> Option<ListPage> {
    let ids = view.ids();
    let field = view.find(&ids.search_field);
    let mut rows = Vec::new();
    let mut results = 0;
    for (at, node) in view.nodes().filter(|(_, node)| node.is("Cell")) {
        let Some(name) = ids
            .search_result_prefix
            .iter()
            .find_map(|prefix| node.name.strip_prefix(prefix.as_str()))
        else {
            continue;
        };
        results += 1;
        rows.extend(result(view, at, name));
    }
    (field.is_some() || results > 0).then(|| ListPage {
        rows,
        search_field: field.map(|(_, node)| Control::of(node)),
        ..ListPage::default()
    })
}

/// A result is opened by the text inside whose words are the username; the row itself may lead
/// elsewhere. Rows are named by the person or by a number, and a number can be a suggestion: it
/// is a person only if a second line says more about them.
fn result(view: &View<'_>, row: usize, name: &str) -> Option<Row> {
    let texts: Vec<_> = view.inside(row).filter(|(_, node)| node.is("StaticText")).collect();
    let named = texts.iter().find(|(_, node)| node.said() == name);
    let numbered = || {
        let number = name.bytes().all(|b| b.is_ascii_digit());
        texts.first().filter(|(_, node)| number && texts.len() > 1 && is_username(node.said()))
    };
    let (_, text) = named.or_else(numbered)?;
    Some(row_of(text.said(), text))
}

fn row_of(username: &str, open: &Node) -> Row {
    let username = username.to_owned();
    Row { username, open: Control::of(open), relationship: Relationship::Unknown }
}

/// A list of followers, followed or likers: rows that begin with a username, at least one of them
/// with a button that says what we are to that person.
pub(super) fn people(view: &View<'_>) -> Option<ListPage> {
    let words = view.words();
    let heading = notice(view, |text| words.suggestions.is(text));
    let mut rows = Vec::new();
    let mut tied = false;
    for (at, cell) in view.nodes().filter(|(_, node)| node.is("Cell")) {
        let Some(text) = named(view, at) else { continue };
        let ties = view
            .inside(at)
            .filter(|(_, node)| node.is("Button"))
            .map(|(_, node)| tie(view, node).0)
            .find(|tie| *tie != Relationship::Unknown);
        tied |= ties.is_some();
        if heading.is_some_and(|heading| is_below(view, at, cell, heading)) {
            continue;
        }
        let relationship = ties.unwrap_or(Relationship::Unknown);
        rows.push(Row { relationship, ..row_of(text.said(), text) });
    }
    let field = view.nodes().find(|(_, node)| node.is("SearchField"));
    tied.then(|| ListPage {
        title: title(view),
        rows,
        search_field: field.map(|(_, node)| Control::of(node)),
        is_loading: is_loading(view),
        has_end: notice(view, |text| words.list_end.is(text)).is_some(),
        has_suggestions: heading.is_some(),
    })
}

/// The username a row begins with, if it does.
fn named<'a>(view: &View<'a>, row: usize) -> Option<&'a Node> {
    let (_, text) = view.inside(row).find(|(_, node)| node.is("StaticText"))?;
    is_username(text.said()).then_some(text)
}

/// A text of the app between the rows. What stands in somebody's row was written by them.
fn notice(view: &View<'_>, reads: impl Fn(&str) -> bool) -> Option<usize> {
    let in_a_row = |at: usize| {
        let cell = view.tree.above(at).find(|above| view.is_any(*above, &["Cell"]));
        cell.is_some_and(|cell| named(view, cell).is_some())
    };
    view.prose(0..usize::MAX)
        .filter(|(at, text)| reads(text) && !view.tree.is_within(*at, &BARS))
        .map(|(at, _)| at)
        .find(|at| !in_a_row(*at))
}

/// Whether a row stands below a heading: by their places on the screen, for a list may name its
/// headings after all of its rows; by their order where no places are told.
fn is_below(view: &View<'_>, at: usize, row: &Node, heading: usize) -> bool {
    let edge = view.tree.nodes.get(heading).and_then(|node| node.y);
    match (row.y, edge) {
        (Some(row), Some(heading)) => row > heading,
        _ => at > heading,
    }
}

fn is_loading(view: &View<'_>) -> bool {
    view.nodes().any(|(at, node)| node.is("ActivityIndicator") && !view.tree.is_within(at, &BARS))
}

/// What the bar at the top says.
fn title(view: &View<'_>) -> Option<String> {
    let (at, bar) = view.nodes().find(|(_, node)| node.is("NavigationBar"))?;
    let texts = view.prose(view.tree.subtree(at)).map(|(_, text)| text);
    let mut said = [bar.name.trim(), bar.label.trim()].into_iter().chain(texts);
    said.find(|text| !text.is_empty()).map(ToOwned::to_owned)
}

/// The posts under a hashtag, known by the title: whose they are is in what they are called.
pub(super) fn hashtag(view: &View<'_>) -> Option<ListPage> {
    let title = title(view).filter(|title| title.starts_with('#'))?;
    let ids = view.ids();
    let rows = view
        .nodes()
        .filter(|(_, node)| node.has_id(&ids.thumbnail))
        .filter_map(|(_, node)| {
            let username = view.words().post_of.read(&node.label)?.username?;
            Some(row_of(&username, node))
        })
        .collect();
    let is_loading = is_loading(view);
    Some(ListPage { title: Some(title), rows, is_loading, ..ListPage::default() })
}

/// The sheet with the accounts that are logged in: a window over the page whose rows are
/// usernames and have no buttons.
pub(super) fn accounts(view: &View<'_>) -> Option<AccountSheet> {
    let window = over::windows(view).pop()?;
    if view.within(window.clone()).any(|(_, node)| node.is("Button")) {
        return None;
    }
    let accounts: Vec<Row> = view
        .within(window)
        .filter(|(_, node)| node.is("Cell"))
        .filter_map(|(at, cell)| Some(row_of(named(view, at)?.said(), cell)))
        .collect();
    (!accounts.is_empty()).then_some(AccountSheet { accounts })
}
