//! Telling the pages apart, by what makes each of them that page.

use super::view::View;
use super::{FrontApp, Page, Screen, over, pages};
use crate::AppProfile;
use crate::screen::tree::{Node, Tree};
use crate::screen::{Overlay, Place};

/// Reads a tree in the light of a profile.
pub(super) fn read(tree: &Tree, profile: &AppProfile) -> Screen {
    let application = tree.nodes.iter().position(|n| n.is("Application")).unwrap_or(0);
    let whole = tree.inside(application);
    let all = View { tree, profile, range: application..whole.end };
    let front = tree.nodes.get(application).map(front_app).unwrap_or_default();
    let windows = windows(&all);
    let (page, above) = match windows.split_first() {
        Some((first, rest)) => (first.clone(), rest.to_vec()),
        None => (all.clone(), Vec::new()),
    };
    let in_app = is_app(&front, profile);
    let overlay = over::read(&page, &above, in_app);
    let mut texts = overlay_texts(overlay.as_ref());
    let page_read = if in_app {
        page_of(&page, &above, &mut texts)
    } else if all.nodes().any(|(_, n)| n.is("Icon")) || front.name.as_deref() == Some("") {
        Page::HomeScreen
    } else {
        Page::OtherApp
    };
    let back_button = page.control(&profile.identifiers().back_button);
    Screen { page: page_read, overlay, app: front, back_button, texts }
}

fn front_app(node: &Node) -> FrontApp {
    let some = |text: &str| (!text.is_empty()).then(|| text.trim().to_owned());
    FrontApp {
        bundle_id: some(&node.bundle_id),
        name: some(if node.name.is_empty() { &node.label } else { &node.name }),
    }
}

fn is_app(front: &FrontApp, profile: &AppProfile) -> bool {
    match (&front.bundle_id, &front.name) {
        (Some(id), _) => id == profile.bundle_id(),
        (None, Some(name)) => name == profile.app_name(),
        (None, None) => false,
    }
}

/// The windows that show something of the app: not the status bar, not the keyboard.
fn windows<'a>(all: &View<'a>) -> Vec<View<'a>> {
    let mut windows = Vec::new();
    for (i, node) in all.nodes() {
        let top = node.parent == Some(all.range.start) || node.parent.is_none();
        if !top || !node.is("Window") {
            continue;
        }
        let window = all.of(i..node.end);
        let of_the_system = window.nodes().any(|(_, n)| n.is("StatusBar") || n.is("Keyboard"));
        let says_something = window.nodes().any(|(_, n)| !n.text().is_empty());
        if says_something && (!of_the_system || windows.is_empty() && !only_system(&window)) {
            windows.push(window);
        }
    }
    windows
}

/// Whether all that a window shows belongs to the status bar or keyboard.
fn only_system(window: &View<'_>) -> bool {
    let tree = window.tree;
    window.nodes().filter(|(_, n)| !n.text().is_empty()).all(|(i, n)| {
        let system = |n: &Node| n.is("StatusBar") || n.is("Keyboard");
        system(n) || tree.around(i, system).is_some()
    })
}

fn overlay_texts(overlay: Option<&Overlay>) -> Vec<(Place, String)> {
    match overlay {
        Some(Overlay::Dialog(d) | Overlay::SystemAlert(d)) => {
            let mut texts = vec![(Place::Dialog, d.full_text())];
            texts.extend(d.buttons.iter().map(|b| (Place::Button, b.label.clone())));
            texts
        }
        Some(Overlay::Toast { text }) => vec![(Place::Toast, text.clone())],
        Some(Overlay::Interstitial { text, .. }) => vec![(Place::Dialog, text.clone())],
        None => Vec::new(),
    }
}

/// Pages are tried from the most to the least particular: what only one page has comes first.
fn page_of(view: &View<'_>, above: &[View<'_>], texts: &mut Vec<(Place, String)>) -> Page {
    let ids = view.profile.identifiers();
    let unfollow = |w: &View<'_>| {
        w.nodes().any(|(_, n)| n.is("Cell") && w.says(|t| &t.unfollow, n.text()).is_some())
    };
    if above.iter().any(unfollow) || unfollow(view) {
        return Page::UnfollowSheet;
    }
    if view.named(&ids.login).is_some() || view.nodes().any(|(_, n)| n.is("SecureTextField")) {
        return Page::Login;
    }
    if view.named(&ids.story_dismiss).is_some() {
        return pages::story(view);
    }
    if let Some(page) = pages::comments(view, texts) {
        return page;
    }
    if let Some(page) = pages::profile(view, texts) {
        return page;
    }
    if view.named(&ids.stories_tray).is_some() {
        return Page::Feed;
    }
    if view.named(&ids.search_field).is_some() {
        return pages::search(view);
    }
    if let Some(page) = pages::post(view, texts) {
        return page;
    }
    pages::notice(view, texts)
}
