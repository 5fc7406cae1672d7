//! One post, and the comments under it.

use super::parts::{self, BLUE, Back, GRAY, INK, LINE, PAGE_TOP, RED, SOFT, WHITE};
use super::{Content, keyboard};
use crate::app::{App, PostId, Tap};
use crate::people::{self, Found, Profile, count_text};
use crate::picture::text;
use crate::scenario::Relationship;
use crate::texts::fill;
use crate::tree::{Align, Field, HEIGHT, Icon, Node, Paint, Rect, WIDTH, rect};

/// Height of the picture.
const PICTURE: i32 = 390;

pub(super) fn page(app: &App, post: &PostId, now: i64) -> Content {
    // The post page is one of the inner views whose back button has no name.
    let bar = parts::navigation_bar(&capital(app.texts().posts_count), Back::Unnamed);
    let Some(person) = author(app, post, now) else {
        let texts = app.texts();
        let notice = parts::notice(250, Icon::Warning, texts.missing_title, texts.missing_text);
        return Content::fixed(notice.into_iter().chain([bar]).collect());
    };
    let scroll = app.page().scroll;
    let (cell, height) = block(app, &person, post, PAGE_TOP - scroll, now);
    let list = Node::new("CollectionView", rect(0, PAGE_TOP, WIDTH, HEIGHT - PAGE_TOP)).child(cell);
    Content { nodes: vec![list, bar], height: PAGE_TOP + height + 40, tab_bar: false }
}

/// The author of a post that exists and may be seen.
fn author(app: &App, post: &PostId, now: i64) -> Option<Box<Profile>> {
    let Found::Person(person) = app.person(&post.user) else { return None };
    let shown = post.number < person.posts && (!person.private || app.admitted(&post.user, now));
    shown.then_some(person)
}

/// A post with its header, buttons and caption; answers its height.
pub(super) fn block(app: &App, person: &Profile, post: &PostId, top: i32, now: i64) -> (Node, i32) {
    let texts = app.texts();
    let seed = people::fingerprint(app.scenario.seed, &[&post.to_string()]);
    let liked = app.liked(post, now);
    let total = people::like_count(person, post.number) + u64::from(liked);
    let below = top + 56 + PICTURE;
    let media = Node::new("Image", rect(0, top + 56, WIDTH, PICTURE))
        .name("feed-photo")
        .label(fill(texts.photo_by, &post.user))
        .accessible()
        .paint(Paint::Tile { seed });
    let like_line = fill(texts.likes, &count_text(total, texts));
    let caption = format!("{} {}", post.user, people::caption(person, post.number));
    let comments = 2 + app.comments(post, now).count();
    let comment_line = fill(texts.comments, &comments.to_string());
    let words = parts::paragraph(
        rect(16, below + 74, WIDTH - 32, 0),
        &caption,
        14,
        false,
        INK,
        Align::Left,
    );
    let end = words.rect.y + words.rect.h;
    let mut nodes = head(app, person, top, now);
    nodes.push(media);
    nodes.extend(buttons(app, post, liked, below));
    nodes.push(
        Node::new("Button", rect(16, below + 50, text::width(&like_line, 14, true) + 2, 22))
            .name("like-count-button")
            .label(like_line.as_str())
            .accessible()
            .text(like_line.as_str(), 14, true, INK)
            .tap(Tap::Likers(post.clone())),
    );
    nodes.push(words);
    nodes.push(
        Node::new("Button", rect(16, end + 4, text::width(&comment_line, 14, false) + 2, 22))
            .name("comment-count-button")
            .label(comment_line.as_str())
            .accessible()
            .text(comment_line.as_str(), 14, false, GRAY)
            .tap(Tap::Comments(post.clone())),
    );
    let age = fill(texts.hours_ago, &(1 + seed % 22).to_string());
    nodes.push(parts::label(rect(16, end + 28, 120, 16), &age, 12, false, GRAY));
    let height = end + 56 - top;
    (Node::new("Cell", rect(0, top, WIDTH, height)).children(nodes), height)
}

fn head(app: &App, person: &Profile, top: i32, now: i64) -> Vec<Node> {
    let user = &person.username;
    let width = text::width(user, 14, true);
    let mut nodes = vec![
        parts::avatar(rect(14, top + 10, 36, 36), person.seed),
        Node::new("Button", rect(60, top + 16, width + 4, 24))
            .name("feed-item-header-user-button")
            .label(user.as_str())
            .accessible()
            .text(user.as_str(), 14, true, INK)
            .tap(Tap::Profile(user.clone())),
        Node::new("Button", rect(346, top + 10, 36, 36))
            .name("more_options")
            .label("More options")
            .accessible()
            .child(parts::icon(rect(353, top + 17, 22, 22), Icon::Dots, INK)),
    ];
    if *user != app.account && app.relationship(user, now) == Relationship::None {
        let at = rect(256, top + 12, 84, 32);
        nodes.push(parts::follow_button(app, user, at, now).name("follow-button"));
    }
    nodes
}

fn buttons(app: &App, post: &PostId, liked: bool, y: i32) -> Vec<Node> {
    let texts = app.texts();
    let (words, mark, color) =
        if liked { (texts.liked, Icon::HeartFilled, RED) } else { (texts.like, Icon::Heart, INK) };
    let button = |x: i32, name: &str, label: &str, mark: Icon, color: u32| {
        Node::new("Button", rect(x, y + 4, 40, 44))
            .name(name)
            .label(label)
            .accessible()
            .child(parts::icon(rect(x + 8, y + 14, 25, 25), mark, color))
    };
    vec![
        button(8, "like-button", words, mark, color).selected(liked).tap(Tap::Like(post.clone())),
        button(52, "comment-button", texts.comment, Icon::Bubble, INK)
            .tap(Tap::Comments(post.clone())),
        button(96, "send-button", texts.share_profile, Icon::Send, INK),
        button(342, "save-button", "Save", Icon::Bookmark, INK),
    ]
}

/// The comment sheet.
pub(super) fn comments(app: &App, post: &PostId, now: i64) -> Content {
    let top = 54;
    let mut list = Node::new("CollectionView", rect(0, top + 52, WIDTH, HEIGHT - top - 52));
    let mut y = top + 64 - app.page().scroll;
    for (author, words) in written(app, post, now) {
        let cell = row(app, &author, &words, y);
        y += cell.rect.h;
        list.children.push(cell);
    }
    let sheet = Node::new("Other", rect(0, top, WIDTH, HEIGHT - top))
        .fill(WHITE, 16)
        .opaque()
        .child(Node::new("Other", rect(177, top + 8, 36, 5)).fill(LINE, 3))
        .child(centered_title(app, top))
        .child(Node::new("Other", rect(0, top + 52, WIDTH, 1)).fill(LINE, 0))
        .child(list)
        .child(input_bar(app, post));
    let shade = Node::new("Other", crate::tree::SCREEN).fill(0x0000_0066, 0);
    Content { nodes: vec![shade, sheet], height: y + app.page().scroll + 80, tab_bar: false }
}

fn centered_title(app: &App, top: i32) -> Node {
    parts::centered(rect(60, top + 20, 270, 24), &capital(app.texts().comment), 16, true, INK)
}

/// Two generated comments and those written here.
fn written(app: &App, post: &PostId, now: i64) -> Vec<(String, String)> {
    const WORDS: [&str; 6] = [
        "Love the colours in this one",
        "Where was this taken?",
        "So calm",
        "You always find the light",
        "Try again later with more salt!",
        "Saving this for the winter",
    ];
    let seed = people::fingerprint(app.scenario.seed, &["comments", &post.to_string()]);
    let generated = (0..2_u32).map(|row| {
        let pick = usize::try_from((seed >> (8 * row)) % WORDS.len() as u64).unwrap_or(0);
        let author = people::list_name(&app.scenario, &post.to_string(), "commenters", row);
        (author, WORDS.get(pick).copied().unwrap_or_default().to_owned())
    });
    let ours =
        app.comments(post, now).map(|comment| (comment.author.clone(), comment.text.clone()));
    generated.chain(ours).collect()
}

fn row(app: &App, author: &str, words: &str, y: i32) -> Node {
    let seed = people::fingerprint(app.scenario.seed, &["person", author]);
    let text = parts::paragraph(rect(64, y + 22, 290, 0), words, 14, false, INK, Align::Left);
    let height = text.rect.h + 36;
    Node::new("Cell", rect(0, y, WIDTH, height))
        .label(format!("{author}, {words}"))
        .child(parts::avatar(rect(16, y + 4, 36, 36), seed))
        .child(parts::label(rect(64, y + 2, 260, 18), author, 13, true, INK))
        .child(text)
}

fn input_bar(app: &App, post: &PostId) -> Node {
    let texts = app.texts();
    let bottom = if app.focus == Some(Field::Comment) { keyboard::TOP } else { HEIGHT - 30 };
    let y = bottom - 56;
    let draft = app.field(Field::Comment);
    let at = Rect { x: 60, y: y + 8, w: 250, h: 40 };
    let (shown, ink) = if draft.is_empty() { (texts.add_comment, GRAY) } else { (draft, INK) };
    let mut field = Node::new("TextView", at)
        .name("text-view")
        .value(draft)
        .accessible()
        .fill(SOFT, 20)
        .tap(Tap::Focus(Field::Comment))
        .child(
            Node::new("Other", rect(at.x + 14, at.y, at.w - 28, at.h)).text(shown, 14, false, ink),
        );
    field.placeholder = Some(texts.add_comment.to_owned());
    field.field = Some(Field::Comment);
    let ready = !draft.trim().is_empty();
    let own = people::fingerprint(app.scenario.seed, &["person", &app.account]);
    let send = Node::new("Button", rect(326, y + 10, 48, 36))
        .name("send-button")
        .label(texts.post_comment)
        .accessible()
        .enabled(ready)
        .fill(if ready { BLUE } else { SOFT }, 18)
        .child(parts::icon(
            rect(340, y + 18, 20, 20),
            Icon::Send,
            if ready { WHITE } else { GRAY },
        ));
    let send = if ready { send.tap(Tap::SendComment(post.clone())) } else { send };
    Node::new("Other", rect(0, y, WIDTH, HEIGHT - y)).fill(WHITE, 0).opaque().children([
        Node::new("Other", rect(0, y, WIDTH, 1)).fill(LINE, 0),
        parts::avatar(rect(14, y + 10, 36, 36), own),
        field,
        send,
    ])
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
