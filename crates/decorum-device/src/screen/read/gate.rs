//! Pages known by their words alone: login, challenge, suspension, and what is not there.

use super::view::{BARS, View};
use crate::profile::{Labels, Phrases};

/// How much of a page is quoted, in characters.
const QUOTE_MAX: usize = 600;

/// A field for a password and a button to log in, or two of the buttons that only such a page has.
pub(super) fn is_login(view: &View<'_>) -> bool {
    let words = view.words();
    let buttons = |labels: &Labels| {
        view.nodes()
            .filter(|(at, node)| {
                node.is("Button") && labels.is(&node.label) && !view.tree.is_within(*at, &["Cell"])
            })
            .count()
    };
    let secret = view.nodes().any(|(_, node)| node.is("SecureTextField"));
    let (login, more) = (buttons(&words.login), buttons(&words.login_more));
    (secret && login + more > 0) || (login > 0 && more > 0)
}

/// All that a page says, if one of its texts has such a phrase in it. Rows of lists do not count:
/// messages and comments stand there.
pub(super) fn speaking(view: &View<'_>, phrases: &Phrases) -> Option<String> {
    let said = said(view);
    said.iter().any(|text| phrases.found_in(text)).then(|| quote(&said))
}

/// All that a page says, if one of its texts is that something is not there.
pub(super) fn missing(view: &View<'_>) -> Option<String> {
    let said = said(view);
    said.iter().any(|text| view.words().missing.is(text)).then(|| quote(&said))
}

/// The texts outside of bars and rows.
fn said<'a>(view: &View<'a>) -> Vec<&'a str> {
    view.prose(0..usize::MAX)
        .filter(|(at, _)| !view.tree.is_within(*at, &BARS) && !view.tree.is_within(*at, &["Cell"]))
        .map(|(_, text)| text)
        .collect()
}

fn quote(said: &[&str]) -> String {
    said.join("\n").chars().take(QUOTE_MAX).collect()
}
