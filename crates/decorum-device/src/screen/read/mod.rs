//! From a tree to a [`Screen`]: first what lies over the page, then which page it is, then where
//! each text stood.

mod comments;
mod gate;
mod list;
mod number;
mod over;
mod page;
mod post;
mod profile;
mod story;
mod texts;
mod view;

use super::tree::Tree;
use super::{Control, FrontApp, Page, Screen};
use crate::AppProfile;
use crate::profile::fold::words;
use view::View;

/// The system's own home screen, in the few servers that name it.
const HOME_BUNDLE_ID: &str = "com.apple.springboard";

/// What is in front.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Front {
    App,
    Home,
    Other,
}

/// Reads a tree in the light of a profile.
pub(super) fn screen(tree: &Tree, profile: &AppProfile) -> Screen {
    let mut view = View::new(tree, profile);
    let app = front_app(tree);
    let front = front(&view, &app);
    let over = over::read(&view, front);
    if let Some(over) = &over {
        view.leave_out(over.range.clone());
    }
    let page = match front {
        Front::App => page::read(&view),
        Front::Home => Page::HomeScreen,
        Front::Other => Page::OtherApp,
    };
    let texts = texts::read(&view, over.as_ref(), &page);
    Screen {
        back_button: if front == Front::App { back_button(&view) } else { None },
        overlay: over.map(|over| over.overlay),
        has_keyboard: view.keyboard().is_some(),
        is_sideways: is_sideways(tree),
        app,
        page,
        texts,
    }
}

fn front_app(tree: &Tree) -> FrontApp {
    let Some(node) = tree.nodes.iter().find(|node| node.is("Application")) else {
        return FrontApp::default();
    };
    let some = |text: &str| {
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    FrontApp {
        bundle_id: some(&node.bundle_id),
        name: some(&node.name).or_else(|| some(&node.label)),
    }
}

fn is_sideways(tree: &Tree) -> bool {
    let size = tree.nodes.iter().find(|node| node.is("Application"));
    let size = size.and_then(|node| node.width.zip(node.height));
    size.is_some_and(|(width, height)| width > height)
}

fn front(view: &View<'_>, app: &FrontApp) -> Front {
    let profile = view.profile;
    match (app.bundle_id.as_deref(), app.name.as_deref()) {
        (Some(id), _) if id == profile.bundle_id() => Front::App,
        (Some(HOME_BUNDLE_ID), _) => Front::Home,
        (None, Some(name)) if words(name) == words(profile.app_name()) => Front::App,
        (Some(_), _) | (None, Some(_)) => Front::Other,
        // A source without a named application: a part of one, or the home screen, which has a
        // blank name.
        (None, None) => {
            let named = view.tree.nodes.iter().any(|node| node.is("Application"));
            if named && !view.shows_page() { Front::Home } else { Front::App }
        }
    }
}

/// The named back button; else, on inner pages, the first unnamed button of the navigation bar.
fn back_button(view: &View<'_>) -> Option<Control> {
    if let Some(named) = view.control(&view.ids().back_button) {
        return Some(named);
    }
    if view.shows_tab_bar() {
        return None;
    }
    let (bar, _) = view.nodes().find(|(_, node)| node.is("NavigationBar"))?;
    let (_, first) = view.inside(bar).find(|(_, node)| node.is("Button"))?;
    first.id().is_none().then(|| Control::of(first))
}
