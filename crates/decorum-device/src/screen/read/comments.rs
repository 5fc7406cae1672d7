//! Reading the comments of a post.

use unicode_normalization::char::is_combining_mark;

use super::view::View;
use crate::profile::fold::{is_username, words};
use crate::screen::tree::Node;
use crate::screen::{Comment, CommentSheet, Control};

/// The comments, known by the field to write one into.
pub(super) fn read(view: &View<'_>) -> Option<CommentSheet> {
    let ids = view.ids();
    let (at, field) = view.find(&ids.comment_input).filter(|(_, node)| is_input(node))?;
    // On a post the same id belongs to the button that shares it: the one that posts a comment
    // says so.
    let send = view
        .nodes()
        .filter(|(_, node)| node.has_id(&ids.comment_send))
        .find(|(_, node)| view.words().comment_send.is(&node.label))
        .map(|(_, node)| node);
    let draft = draft(view, field).filter(|_| send.is_none_or(|send| send.enabled));
    let rows =
        view.nodes().filter(|(i, node)| node.is("Cell") && !view.tree.subtree(*i).contains(&at));
    Some(CommentSheet {
        send: send
            .filter(|send| send.enabled && draft.is_some() && !view.is_covered(send))
            .map(Control::of),
        draft,
        input: Some(Control::of(field)),
        comments: rows.filter_map(|(i, _)| comment(view, i)).collect(),
    })
}

fn is_input(node: &Node) -> bool {
    node.is_any(&["TextView", "TextField"])
}

/// What was typed.
fn draft(view: &View<'_>, field: &Node) -> Option<String> {
    (!shows_placeholder(view, field)).then(|| field.value.clone())
}

/// Whether nothing was typed: an empty field shows its placeholder as its value.
pub(super) fn shows_placeholder(view: &View<'_>, field: &Node) -> bool {
    let value = field.value.as_str();
    value.trim().is_empty()
        || value == field.placeholder
        || view.words().comment_placeholder.is(value)
}

/// A row: who, then what, among them how long ago.
fn comment(view: &View<'_>, row: usize) -> Option<Comment> {
    let said: Vec<(usize, &str)> = view
        .inside(row)
        .filter(|(_, node)| node.is_any(&["StaticText", "Button", "TextView"]))
        .map(|(i, node)| (i, node.said()))
        .filter(|(_, text)| !text.is_empty())
        .collect();
    let place = said.iter().position(|(_, text)| is_username(text))?;
    let (_, author) = said.get(place)?;
    let rest = said.get(place + 1..)?;
    let text = rest.iter().find(|(i, text)| {
        let is_text = view.is_any(*i, &["StaticText", "TextView"]);
        let in_button = view.tree.above(*i).any(|above| view.is_any(above, &["Button"]));
        is_text && !in_button && text != author && !is_age(text)
    })?;
    Some(Comment { author: (*author).to_owned(), text: text.1.to_owned() })
}

/// `2h`, `3 d`, `5 Std.`, `3 ч.`, `2時間前`
fn is_age(text: &str) -> bool {
    let words = words(text);
    let unit = words.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start();
    // Spaces between the characters of a script that writes none are ours.
    let one_word = !unit.contains(' ') || !text.trim().contains(char::is_whitespace);
    let letters = unit.chars().filter(|c| c.is_alphabetic()).count();
    unit.len() < words.len()
        && one_word
        && letters <= 4
        && unit.chars().all(|c| c.is_alphabetic() || is_combining_mark(c) || c == ' ')
}
