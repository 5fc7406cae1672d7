//! Reading what lies over a page: dialogs, questions, toasts.
//!
//! A dialog is known by its type (an alert), or by lying in a window of its own with buttons. A
//! question counts as harmless only if its words are listed; a dialog nobody knows stays a
//! dialog, and so a refusal.

use super::tree::Node;
use super::view::View;
use super::{Control, Dialog, Overlay};

/// What lies over the page in the windows `over` it, the topmost first, or in the page itself.
pub(super) fn read(page: &View<'_>, over: &[View<'_>], in_app: bool) -> Option<Overlay> {
    let windows = over.iter().rev().chain([page]);
    let alert = windows.clone().find_map(|window| {
        let (at, _) = window.nodes().find(|(_, n)| n.is("Alert"))?;
        dialog(&window.of(window.tree.inside(at)))
    });
    let own_window = || {
        over.iter().rev().find_map(|window| {
            // A sheet of cells (to end following, to switch accounts) is a page's affair.
            let sheet = window.nodes().any(|(_, n)| n.is("Cell"));
            if sheet { None } else { dialog(window).map(|d| (window, d)) }
        })
    };
    if let Some(found) = alert {
        return Some(question(page, &found, true).unwrap_or({
            if in_app { Overlay::Dialog(found) } else { Overlay::SystemAlert(found) }
        }));
    }
    if let Some((window, found)) = own_window() {
        return Some(question(window, &found, false).unwrap_or(Overlay::Dialog(found)));
    }
    over.iter().rev().find_map(toast)
}

/// The texts and buttons of a part, if it has both.
fn dialog(part: &View<'_>) -> Option<Dialog> {
    let buttons: Vec<Control> =
        part.nodes().filter(|(_, n)| n.is("Button")).map(|(_, n)| Control::of(n)).collect();
    let mut texts: Vec<&str> = Vec::new();
    for (_, text) in part.prose() {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    let (title, rest) = texts.split_first()?;
    (!buttons.is_empty()).then(|| Dialog {
        title: (*title).to_owned(),
        text: rest.join("\n"),
        buttons,
    })
}

/// The dialog as a harmless question with a button that declines, if it is one.
fn question(view: &View<'_>, dialog: &Dialog, is_alert: bool) -> Option<Overlay> {
    let text = dialog.full_text();
    if !view.mentions(|t| &t.interstitial, &text) {
        return None;
    }
    let names = &view.profile.identifiers().safe_button;
    let by_label = |b: &&Control| view.says(|t| &t.safe_buttons, &b.label).is_some();
    let safe_button = dialog
        .buttons
        .iter()
        .find(by_label)
        .or_else(|| dialog.buttons.iter().find(|b| names.contains(&b.name)))?
        .clone();
    Some(Overlay::Interstitial { text, safe_button, is_alert })
}

/// Text in a window of its own, without anything to tap.
fn toast(window: &View<'_>) -> Option<Overlay> {
    let touchable = |n: &Node| n.is("Button") || n.is("Cell") || n.is("TextField");
    if window.nodes().any(|(_, n)| touchable(n)) {
        return None;
    }
    let texts: Vec<&str> = window.prose().map(|(_, text)| text).collect();
    (!texts.is_empty()).then(|| Overlay::Toast { text: texts.join("\n") })
}
