//! Reading lists of people.

use super::view::View;
use crate::profile::fold::is_username;
use crate::screen::{Control, ListPage, Row};

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
    (field.is_some() || results > 0)
        .then(|| ListPage { rows, search_field: field.map(|(_, node)| Control::of(node)) })
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
    Some(Row { username: text.said().to_owned(), open: Control::of(text) })
}

/// A list of followers, followed or likers: rows that begin with a username, at least one of them
/// with a button that says what we are to that person.
pub(super) fn people(view: &View<'_>) -> Option<ListPage> {
    let words = view.words();
    let mut rows = Vec::new();
    let mut tied = false;
    for (at, _) in view.nodes().filter(|(_, node)| node.is("Cell")) {
        let first = view.inside(at).find(|(_, node)| node.is("StaticText"));
        let Some((_, text)) = first.filter(|(_, text)| is_username(text.said())) else { continue };
        rows.push(Row { username: text.said().to_owned(), open: Control::of(text) });
        tied |= view.inside(at).any(|(_, node)| {
            node.is("Button")
                && [&words.follow, &words.following, &words.requested]
                    .iter()
                    .any(|labels| labels.is(&node.label))
        });
    }
    let field = view.nodes().find(|(_, node)| node.is("SearchField"));
    tied.then(|| ListPage { rows, search_field: field.map(|(_, node)| Control::of(node)) })
}
