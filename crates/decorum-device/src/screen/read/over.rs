//! What lies over the page: dialogs, questions, toasts.
//!
//! A dialog is an alert, or plain views that stand in a window of their own or around a button
//! that only dialogs have. A question counts as harmless only if a button says so by itself
//! (`Ask App Not to Track`) or if its words are known, a button declines, and nothing in it reads
//! like a refusal. What is not understood stays a dialog, and so a refusal.

use std::ops::Range;

use super::Front;
use super::view::{BARS, View};
use crate::screen::{Control, Dialog, Overlay};

/// An overlay and the part of the tree it takes.
pub(super) struct Over {
    pub(super) overlay: Overlay,
    pub(super) range: Range<usize>,
}

/// The topmost overlay; a dialog before a toast.
pub(super) fn read(view: &View<'_>, front: Front) -> Option<Over> {
    let tree = view.tree;
    let ids = view.ids();
    let alert = view.nodes().rev().find(|(_, node)| node.is("Alert")).map(|(at, _)| at);
    if let Some(at) = alert {
        return Some(judged(view, tree.subtree(at), front, true));
    }
    if front != Front::App {
        return None;
    }
    let by_id = view.nodes().rev().find(|(_, node)| node.has_id(&ids.dialog)).map(|(at, _)| at);
    let windows = windows(view);
    let by_window = || {
        let window = windows.iter().rev().find(|window| is_dialog(view, window))?;
        Some((*window).clone())
    };
    let range = by_id.map(|at| tree.subtree(at)).or_else(by_window).or_else(|| by_button(view));
    if let Some(range) = range {
        return Some(judged(view, range, front, false));
    }
    let by_id = view.nodes().rev().find(|(_, node)| node.has_id(&ids.toast)).map(|(at, _)| at);
    let toast = by_id
        .map(|at| tree.subtree(at))
        .or_else(|| windows.into_iter().rev().find(|window| is_toast(view, window)))?;
    let text = lines(view, toast.clone()).join("\n");
    Some(Over { overlay: Overlay::Toast { text }, range: toast })
}

/// The windows over the first that shows anything, lowest first.
pub(super) fn windows(view: &View<'_>) -> Vec<Range<usize>> {
    view.nodes()
        .filter(|(_, node)| {
            let top = node.parent.is_none_or(|above| view.is_any(above, &["Application"]));
            node.is("Window") && top
        })
        .map(|(at, _)| view.tree.subtree(at))
        .filter(|window| view.within(window.clone()).nth(1).is_some())
        .skip(1)
        .collect()
}

fn is_dialog(view: &View<'_>, window: &Range<usize>) -> bool {
    let has = |kinds: &[&str]| view.within(window.clone()).any(|(_, node)| node.is_any(kinds));
    // A sheet of cells, to end following or to switch accounts, is a page of its own.
    has(&["Button"])
        && has(&["StaticText", "TextView"])
        && !has(&["Cell"])
        && !view.has_page_ids(window.clone())
}

fn is_toast(view: &View<'_>, window: &Range<usize>) -> bool {
    let has = |kinds: &[&str]| view.within(window.clone()).any(|(_, node)| node.is_any(kinds));
    has(&["StaticText"])
        && !has(&["Button", "Cell", "TextField"])
        && !view.has_page_ids(window.clone())
}

/// A dialog of plain views in the page's own window: the smallest part around a button that only
/// dialogs have, or around one that declines a known question.
fn by_button(view: &View<'_>) -> Option<Range<usize>> {
    let words = view.words();
    view.nodes().rev().find_map(|(at, node)| {
        let dialogs = words.dialog_buttons.is(&node.label);
        let declines = words.decline.is(&node.label);
        if !node.is("Button") || node.id().is_some() || !(dialogs || declines) {
            return None;
        }
        if view.tree.is_within(at, &["Cell"]) || view.tree.is_within(at, &BARS) {
            return None;
        }
        let part = view
            .tree
            .above(at)
            .map(|above| view.tree.subtree(above))
            .find(|range| view.prose(range.clone()).next().is_some())?;
        let asks = || words.questions.found_in(&lines(view, part.clone()).join("\n"));
        (!view.has_page_ids(part.clone()) && (dialogs || asks())).then_some(part)
    })
}

/// A part that is a dialog, as what it is.
fn judged(view: &View<'_>, range: Range<usize>, front: Front, is_alert: bool) -> Over {
    let dialog = dialog(view, range.clone());
    let text = dialog.full_text();
    let words = view.words();
    let safe = || {
        if words.refusals.found_in(&text) {
            return None;
        }
        let named = dialog.buttons.iter().find(|b| view.ids().safe_button.contains(&b.name));
        let denies = || view.profile.safest(&dialog.buttons, &words.deny);
        let declines = || {
            let known = words.questions.found_in(&text);
            known.then(|| view.profile.safest(&dialog.buttons, &words.decline)).flatten()
        };
        named.or_else(denies).or_else(declines).cloned()
    };
    let overlay = match safe() {
        Some(safe_button) => Overlay::Interstitial { text, safe_button, is_alert },
        None if front != Front::App || (is_alert && words.system_alerts.found_in(&text)) => {
            Overlay::SystemAlert(dialog)
        }
        None => Overlay::Dialog(dialog),
    };
    Over { overlay, range }
}

fn dialog(view: &View<'_>, range: Range<usize>) -> Dialog {
    let mut texts = lines(view, range.clone());
    let root = view.tree.nodes.get(range.start);
    if texts.is_empty()
        && let Some(root) = root.filter(|root| root.is("Alert"))
    {
        texts.extend(Some(root.said()).filter(|text| !text.is_empty()));
    }
    let buttons = view.within(range).filter(|(_, node)| node.is("Button"));
    let mut texts = texts.into_iter();
    Dialog {
        title: texts.next().unwrap_or_default().to_owned(),
        text: texts.collect::<Vec<_>>().join("\n"),
        buttons: buttons.map(|(_, node)| Control::of(node)).collect(),
    }
}

/// The texts of a part, each once.
fn lines<'a>(view: &View<'a>, range: Range<usize>) -> Vec<&'a str> {
    let mut lines: Vec<&str> = Vec::new();
    for (i, node) in view.within(range.clone()) {
        // Long messages stand in a text view that cannot be edited.
        let spoken = node.is_any(&["StaticText", "TextView"]);
        let in_button = view
            .tree
            .above(i)
            .take_while(|above| *above >= range.start)
            .any(|above| view.is_any(above, &["Button"]));
        let text = node.said();
        if spoken && !in_button && !text.is_empty() && !lines.contains(&text) {
            lines.push(text);
        }
    }
    lines
}
