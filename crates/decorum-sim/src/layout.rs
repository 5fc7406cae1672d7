//! From the state of the app to the layout tree of its screen.
//!
//! Every screen is a function of the app and the instant; none of them changes anything.

mod feed;
mod gates;
mod home;
mod keyboard;
mod lists;
mod overlays;
mod parts;
mod post;
mod profile;
mod search;
mod story;

use crate::app::{App, Gate, Running, Screen, Tab};
use crate::tree::{HEIGHT, Icon, Node, SCREEN, Tree, WIDTH, rect};
use parts::{GRAY, INK, LINE, WHITE};

/// A screen laid out.
#[derive(Debug, Clone)]
pub(crate) struct Screenful {
    pub(crate) tree: Tree,
    /// How far the page can be scrolled, in points.
    pub(crate) scroll_end: i32,
}

/// What a screen adds to the window.
pub(crate) struct Content {
    nodes: Vec<Node>,
    /// Height of what can be scrolled, from the top of the screen.
    height: i32,
    tab_bar: bool,
}

impl Content {
    fn fixed(nodes: Vec<Node>) -> Self {
        Self { nodes, height: 0, tab_bar: false }
    }
}

/// Lays the current screen out.
pub(crate) fn lay_out(app: &App, now: i64) -> Screenful {
    if app.locked {
        return Screenful { tree: Tree::new(home::locked()), scroll_end: 0 };
    }
    if app.running != Running::Front {
        let mut root = home::home();
        root.children.extend(overlays::system_windows(app));
        return Screenful { tree: Tree::new(root), scroll_end: 0 };
    }
    let content = match app.gate {
        Gate::Open => content(app, now),
        gate => Content::fixed(gates::gate(app, gate)),
    };
    let bottom = if content.tab_bar { parts::TAB_BAR_TOP } else { HEIGHT };
    let scroll_end = (content.height - bottom).max(0);
    let mut view = Node::new("Other", SCREEN).fill(WHITE, 0).children(content.nodes);
    if content.tab_bar {
        view.children.push(tab_bar(app));
    }
    match app.focus {
        Some(field) => view.children.push(keyboard::keyboard(field)),
        None if !content.tab_bar => view.children.push(parts::home_indicator(parts::dark(app))),
        None => {}
    }
    let window = Node::new("Window", SCREEN).child(Node::new("Other", SCREEN).child(view));
    let mut root = Node::new("Application", SCREEN).name("Instagram").label("Instagram");
    root.children.push(window);
    root.children.extend(overlays::windows(app, now));
    root.children.push(parts::status_bar(parts::dark(app)));
    let mut tree = Tree::new(root);
    tree.rename(&app.update);
    if app.sideways.is_some() {
        tree.lie_down();
    }
    Screenful { tree, scroll_end }
}

fn content(app: &App, now: i64) -> Content {
    match &app.page().screen {
        Screen::Feed => feed::feed(app, now),
        Screen::Reels => feed::reels(app),
        Screen::Inbox => feed::inbox(app),
        Screen::Explore => search::explore(app),
        Screen::Results(query) => search::results(app, query),
        Screen::Profile(user) => profile::profile(app, user, now),
        Screen::List(_, kind) => lists::people(app, *kind, now),
        Screen::Likers(_) => lists::likers(app, now),
        Screen::Tag(tag) => search::tag(app, tag),
        Screen::Post(post) => post::page(app, post, now),
        Screen::Comments(post) => post::comments(app, post, now),
        Screen::Story(user) => story::story(app, user),
    }
}

fn tab_bar(app: &App) -> Node {
    let current = match &app.page().screen {
        Screen::Feed => Some(Tab::Feed),
        Screen::Reels => Some(Tab::Reels),
        Screen::Inbox => Some(Tab::Inbox),
        Screen::Explore | Screen::Results(_) => Some(Tab::Explore),
        Screen::Profile(_) => Some(Tab::Profile),
        _ => None,
    };
    let tabs = [
        (Tab::Feed, "mainfeed-tab", "Home", Icon::Home),
        (Tab::Reels, "reels-tab", "Reels", Icon::Reels),
        (Tab::Inbox, "direct-inbox-tab", "Messages", Icon::Send),
        (Tab::Explore, "explore-tab", "Search and explore", Icon::Search),
        (Tab::Profile, "profile-tab", "Profile", Icon::Home),
    ];
    let top = parts::TAB_BAR_TOP;
    let mut bar = Node::new("TabBar", rect(0, top, WIDTH, HEIGHT - top))
        .fill(WHITE, 0)
        .opaque()
        .child(Node::new("Other", rect(0, top, WIDTH, 1)).fill(LINE, 0));
    for (x, (tab, name, label, icon)) in (0..).step_by(78).zip(tabs) {
        let color = if current == Some(tab) { INK } else { GRAY };
        let mut button = Node::new("Button", rect(x, top, 78, 49))
            .name(name)
            .label(label)
            .selected(current == Some(tab))
            .accessible()
            .tap(crate::app::Tap::Tab(tab));
        button = if tab == Tab::Profile {
            let seed = crate::people::fingerprint(app.scenario.seed, &["person", &app.account]);
            button.child(parts::avatar(rect(x + 26, top + 11, 27, 27), seed))
        } else {
            button.child(Node::new("Image", rect(x + 26, top + 12, 26, 26)).icon(icon, color))
        };
        bar.children.push(button);
    }
    bar.child(parts::home_indicator(false))
}
