//! Somebody's profile: one's own, a stranger's, a private one, one that is not there.

use super::Content;
use super::parts::{self, Back, GRAY, INK, LINE, PAGE_TOP, SOFT, WHITE};
use crate::app::{App, ListKind, PostId, Tap};
use crate::people::{Found, Profile, count_text};
use crate::scenario::Relationship;
use crate::texts::fill;
use crate::tree::{Align, HEIGHT, Icon, Node, Ring, WIDTH, rect};

/// Pictures in a grid, at most.
const MOST_POSTS: u32 = 90;

pub(super) fn profile(app: &App, user: &str, now: i64) -> Content {
    let own = user == app.account;
    let root = app.pages.len() == 1;
    let load_ms = i64::try_from(app.scenario.load_ms).unwrap_or(0);
    let loading = !own && now < app.page().opened_at + load_ms;
    let bar = if own && root { own_bar(app) } else { bar(user, loading) };
    let list =
        Node::new("CollectionView", rect(0, PAGE_TOP, WIDTH, HEIGHT - PAGE_TOP)).name("profile");
    if loading {
        let wait = Node::new("ActivityIndicator", rect(179, 220, 32, 32)).label("In progress");
        return Content::fixed(vec![list.child(wait), bar]);
    }
    let texts = app.texts();
    let gone = |title| {
        let notice = parts::notice(250, Icon::Warning, title, texts.missing_text);
        Content::fixed(vec![list.clone().children(notice), bar.clone()])
    };
    let person = match app.person(user) {
        Found::Person(person) => person,
        Found::Suspended => return gone(texts.user_not_found),
        Found::Nobody => return gone(texts.missing_title),
    };
    let scroll = app.page().scroll;
    let top = PAGE_TOP - scroll;
    let (header, below) = header(app, &person, own, top, now);
    let mut list = list.child(header);
    let height = if person.private && !app.admitted(user, now) {
        list.children.extend(parts::notice(
            below + 40,
            Icon::Lock,
            texts.private_title,
            texts.private_text,
        ));
        below + 220
    } else if person.posts == 0 {
        list.children.extend(parts::notice(below + 40, Icon::Camera, texts.no_posts, ""));
        below + 220
    } else {
        let posts: Vec<PostId> =
            (0..person.posts.min(MOST_POSTS)).map(|number| PostId::new(user, number)).collect();
        let (cells, height) = parts::grid(app, &posts, below);
        list.children.extend(cells);
        below + height
    };
    Content { nodes: vec![list, bar], height: height + scroll, tab_bar: root }
}

fn bar(user: &str, loading: bool) -> Node {
    let bar = parts::navigation_bar(user, Back::Named);
    if loading {
        return bar;
    }
    bar.child(
        Node::new("Button", rect(306, 47, 36, 44))
            .name("profile-notifications-button")
            .label("Notifications")
            .accessible()
            .child(parts::icon(rect(313, 58, 22, 22), Icon::Bell, INK)),
    )
    .child(
        Node::new("Button", rect(346, 47, 36, 44))
            .name("more_options")
            .label("More options")
            .accessible()
            .child(parts::icon(rect(353, 58, 22, 22), Icon::Dots, INK)),
    )
}

fn own_bar(app: &App) -> Node {
    let user = &app.account;
    let width = crate::picture::text::width(user, 20, true).min(260);
    Node::new("NavigationBar", rect(0, 47, WIDTH, 44))
        .name(user.as_str())
        .fill(WHITE, 0)
        .opaque()
        .children([
            Node::new("Button", rect(16, 53, width + 24, 32))
                .name("user-switch-title-button")
                .label(user.as_str())
                .accessible()
                .tap(Tap::Accounts)
                .child(parts::label(rect(16, 56, width, 26), user, 20, true, INK))
                .child(parts::icon(rect(20 + width, 64, 14, 12), Icon::Chevron, INK)),
            Node::new("Button", rect(346, 47, 36, 44))
                .name("profile-more-button")
                .label("Options")
                .accessible()
                .child(parts::icon(rect(353, 58, 22, 22), Icon::Dots, INK)),
        ])
}

/// The header; answers where it ends.
fn header(app: &App, person: &Profile, own: bool, top: i32, now: i64) -> (Node, i32) {
    let texts = app.texts();
    let user = person.username.as_str();
    let admitted = own || !person.private || app.admitted(user, now);
    let link = |kind| admitted.then(|| (user.to_owned(), kind));
    let follower = u64::from(app.relationship(user, now) == Relationship::Following);
    let mut parts_of = vec![
        picture(app, person, top, admitted),
        parts::count(
            rect(128, top + 32, 76, 40),
            "user-detail-header-media-button",
            &count_text(u64::from(person.posts), texts),
            texts.posts_count,
            None,
        ),
        parts::count(
            rect(212, top + 32, 82, 40),
            "user-detail-header-followers",
            &count_text(person.followers + follower, texts),
            texts.followers_count,
            link(ListKind::Followers),
        ),
        parts::count(
            rect(302, top + 32, 82, 40),
            "user-detail-header-following-button",
            &count_text(person.following, texts),
            texts.following_count,
            link(ListKind::Following),
        ),
        parts::label(rect(16, top + 110, WIDTH - 32, 20), &person.full_name, 15, true, INK),
    ];
    let bio = parts::paragraph(
        rect(16, top + 131, WIDTH - 32, 0),
        &person.bio,
        14,
        false,
        INK,
        Align::Left,
    );
    let y = bio.rect.y + bio.rect.h + 12;
    parts_of.push(bio);
    parts_of.extend(actions(app, user, own, y, now));
    let tabs = y + 46;
    parts_of.push(Node::new("Other", rect(0, tabs + 43, WIDTH, 1)).fill(LINE, 0));
    parts_of.push(Node::new("Other", rect(65, tabs + 42, 65, 2)).fill(INK, 0));
    for (x, icon) in [(86, Icon::Grid), (183, Icon::Reels), (281, Icon::Stack)] {
        let color = if x == 86 { INK } else { GRAY };
        parts_of.push(parts::icon(rect(x, tabs + 10, 22, 22), icon, color));
    }
    let end = tabs + 45;
    let header = Node::new("Other", rect(0, top, WIDTH, end - top))
        .name("user-detail-header")
        .children(parts_of);
    (header, end)
}

fn picture(app: &App, person: &Profile, top: i32, admitted: bool) -> Node {
    let at = rect(16, top + 12, 86, 86);
    if !person.story || !admitted {
        return parts::avatar(at, person.seed);
    }
    let ring = if app.story_seen(&person.username) { Ring::Seen } else { Ring::Unseen };
    Node::new("Button", at)
        .name("story-ring")
        .label(fill(app.texts().story_of, &person.username))
        .accessible()
        .tap(Tap::Story(person.username.clone()))
        .child(parts::ringed(at, person.seed, ring))
}

fn actions(app: &App, user: &str, own: bool, y: i32, now: i64) -> Vec<Node> {
    let texts = app.texts();
    let (left, right) = (rect(16, y, 174, 34), rect(200, y, 174, 34));
    let action = |at, words| parts::button(at, words, SOFT, INK).name("profile-action-bar-button");
    if own {
        return vec![action(left, texts.edit_profile), action(right, texts.share_profile)];
    }
    let mut follow =
        parts::follow_button(app, user, left, now).name("user-detail-header-follow-button");
    if app.relationship(user, now) == Relationship::Following {
        follow.children.push(parts::icon(rect(168, y + 12, 12, 10), Icon::Chevron, INK));
    }
    vec![follow, action(right, texts.message)]
}
