//! Reading one page each.

use super::tree::Node;
use super::view::View;
use super::{
    Comment, CommentSheet, Control, ListPage, Page, Place, PostPage, ProfilePage, Relationship,
    Row, StoryPage,
};
use crate::profile::plain;
use crate::screen::page::plain_username;

type Texts = Vec<(Place, String)>;

pub(super) fn story(view: &View<'_>) -> Page {
    let ids = view.profile.identifiers();
    let author = view.named(&ids.story_author).map(|(_, n)| plain_username(n.text()));
    Page::Story(StoryPage { author, dismiss: view.control(&ids.story_dismiss) })
}

/// The comments: a text field and a button that sends, and no post's own buttons around them.
pub(super) fn comments(view: &View<'_>, texts: &mut Texts) -> Option<Page> {
    let ids = view.profile.identifiers();
    let (at, field) = view.named(&ids.comment_input)?;
    if view.named(&ids.like_button).is_some() {
        return None;
    }
    // On a post the same name belongs to the button that shares it; the one that sends a
    // comment comes after the field.
    let after = view.of(at..view.range.end);
    let send = after.named(&ids.send_button).filter(|(_, n)| n.enabled);
    let draft = Some(field.value.trim())
        .filter(|v| !v.is_empty() && *v != field.placeholder)
        .filter(|v| view.says(|t| &t.comment_placeholder, v).is_none())
        .map(ToOwned::to_owned);
    let mut comments = Vec::new();
    for (i, _) in view.nodes().filter(|(_, n)| n.is("Cell")) {
        let said: Vec<&str> = view.of(view.tree.inside(i)).prose().map(|(_, t)| t).collect();
        if let [author, text, ..] = said.as_slice() {
            texts.push((Place::Comment, (*text).to_owned()));
            let author = plain_username(author);
            comments.push(Comment { author, text: (*text).to_owned() });
        }
    }
    texts.extend(draft.iter().map(|d| (Place::Comment, d.clone())));
    Some(Page::CommentSheet(CommentSheet {
        draft,
        input: Some(Control::of(field)),
        send: send.map(|(_, n)| Control::of(n)),
        comments,
    }))
}

/// A profile: anything of its header, or its list under a title.
pub(super) fn profile(view: &View<'_>, texts: &mut Texts) -> Option<Page> {
    let ids = view.profile.identifiers();
    let counts = [&ids.followers_button, &ids.following_button, &ids.media_button];
    let counts: Vec<usize> = counts.iter().filter_map(|l| view.named(l)).map(|(i, _)| i).collect();
    let follow = view.named(&ids.follow_button);
    let own = view.named(&ids.own_title);
    let actions = view.named(&ids.action_button);
    let has_header = !counts.is_empty() || follow.is_some() || actions.is_some();
    if !has_header && own.is_none() && view.named(&ids.profile_list).is_none() {
        return None;
    }
    let username = own
        .map(|(_, n)| n.text())
        .or_else(|| title(view))
        .map(plain_username)
        .filter(|name| !name.is_empty());

    // What stands before the buttons of the header was written by its owner, what comes after
    // them by the app. The buttons themselves are what tells the two apart.
    let header_end = follow.or(actions).map(|(i, _)| i);
    let after_counts = counts.iter().max().copied().unwrap_or(view.range.start);
    let (mut written, mut app_says) = (Vec::new(), Vec::new());
    for (i, text) in view.prose() {
        let in_list = view.tree.around(i, |n| n.is("Cell")).is_some();
        if in_list || title(view) == Some(text) {
            continue;
        }
        match header_end {
            Some(end) if i > end => app_says.push(text),
            None if !has_header => app_says.push(text),
            _ if i > after_counts => written.push(text),
            _ => {}
        }
    }
    if !has_header && app_says.iter().any(|t| view.mentions(|t| &t.missing, t)) {
        return None;
    }
    let thumbnail = view.control(&ids.thumbnail);
    let is_private =
        thumbnail.is_none() && app_says.iter().any(|t| view.says(|t| &t.private, t).is_some());
    texts.extend(written.iter().map(|t| (Place::Bio, (*t).to_owned())));
    texts.extend(app_says.iter().map(|t| (Place::ProfileHeader, (*t).to_owned())));
    let (relationship, named) =
        follow.map_or((Relationship::Unknown, None), |(_, n)| relationship(view, n.text()));
    texts.extend(follow.map(|(_, n)| (Place::Button, n.text().to_owned())));
    let mut written = written.into_iter();
    Some(Page::Profile(ProfilePage {
        username,
        relationship,
        is_private,
        is_own: own.is_some(),
        follow_button: follow.map(|(_, n)| Control::of(n)),
        follow_label_username: named,
        story_ring: view.control(&ids.story_ring),
        thumbnail,
        posts: number(view, &ids.media_button),
        followers: number(view, &ids.followers_button),
        following: number(view, &ids.following_button),
        followers_button: view.control(&ids.followers_button),
        following_button: view.control(&ids.following_button),
        full_name: written.next().map(ToOwned::to_owned),
        bio: Some(written.collect::<Vec<_>>().join("\n")).filter(|b| !b.is_empty()),
        is_loaded: has_header,
    }))
}

fn title<'a>(view: &View<'a>) -> Option<&'a str> {
    let (at, bar) = view.nodes().find(|(_, n)| n.is("NavigationBar"))?;
    let inside = view.of(view.tree.inside(at));
    let text = inside.nodes().find(|(_, n)| n.is("StaticText")).map(|(_, n)| n.text());
    text.or(Some(bar.name.as_str())).filter(|t| !t.is_empty())
}

fn relationship(view: &View<'_>, label: &str) -> (Relationship, Option<String>) {
    let following = view.says(|t| &t.following, label).map(|m| (Relationship::Following, m));
    let requested = || view.says(|t| &t.requested, label).map(|m| (Relationship::Requested, m));
    let offers = || view.says(|t| &t.follow, label).map(|m| (Relationship::NotFollowing, m));
    following
        .or_else(requested)
        .or_else(offers)
        .map_or((Relationship::Unknown, None), |(found, label)| (found, label.username))
}

/// A number as the app shortens it: `1,214`, `3.286`, `12.3K`, `1,2 Mio.`.
fn number(view: &View<'_>, names: &[String]) -> Option<u64> {
    let (at, node) = view.named(names)?;
    let inside = view.of(view.tree.inside(at));
    let text = inside
        .nodes()
        .map(|(_, n)| n.text())
        .find(|t| t.starts_with(|c: char| c.is_ascii_digit()))
        .unwrap_or_else(|| node.text());
    parse_number(text)
}

fn parse_number(text: &str) -> Option<u64> {
    let text = plain(text);
    let end = text.find(|c: char| !c.is_ascii_digit() && !".,' ".contains(c)).unwrap_or(text.len());
    let (figures, unit) = text.split_at_checked(end)?;
    let figures = figures.trim();
    let unit = unit.trim();
    let scale: u64 = match unit.chars().next() {
        Some('k') => 1_000,
        Some('m') if unit.starts_with("mil") && !unit.starts_with("mill") => 1_000,
        Some('m') => 1_000_000,
        Some('t') if unit.starts_with("tsd") => 1_000,
        _ => 1,
    };
    let digits = |s: &str| s.chars().filter(char::is_ascii_digit).collect::<String>();
    if scale == 1 {
        return digits(figures).parse().ok();
    }
    let (whole, part) = figures.split_once(['.', ',']).unwrap_or((figures, ""));
    let tenths = digits(part).chars().next().and_then(|c| c.to_digit(10)).unwrap_or(0);
    let whole: u64 = digits(whole).parse().ok()?;
    whole.checked_mul(scale)?.checked_add(u64::from(tenths) * scale / 10)
}

pub(super) fn search(view: &View<'_>) -> Page {
    let ids = view.profile.identifiers();
    let rows = view.nodes().filter(|(_, n)| n.is("Cell")).filter_map(|(_, n)| {
        let name = ids.search_row_prefix.iter().find_map(|p| n.name.strip_prefix(p.as_str()))?;
        // A number is a suggestion, not a person.
        let person = !name.is_empty() && !name.bytes().all(|b| b.is_ascii_digit());
        person.then(|| Row { username: plain_username(name), open: Control::of(n) })
    });
    Page::Search(ListPage { rows: rows.collect(), search_field: view.control(&ids.search_field) })
}

/// A post: a like button, and who posted it right before it.
pub(super) fn post(view: &View<'_>, texts: &mut Texts) -> Option<Page> {
    let ids = view.profile.identifiers();
    let (at, like) = view.named(&ids.like_button)?;
    let before = view.of(view.range.start..at);
    let mine = |n: &Node| ids.post_author.contains(&n.name);
    let author = before.nodes().filter(|(_, n)| mine(n)).last();
    let says = |label: &str| {
        let liked = view.says(|t| &t.liked, label).is_some();
        let offers = view.says(|t| &t.like, label).is_some();
        (liked != offers).then_some(liked)
    };
    let author = author.map(|(_, n)| plain_username(n.text()));
    // Everything that is neither button nor bar on a post was written by somebody.
    let written: Vec<&str> = view.prose().map(|(_, t)| t).collect();
    texts.extend(written.iter().map(|t| (Place::Caption, (*t).to_owned())));
    let caption = author.as_ref().and_then(|a| {
        written.iter().find_map(|t| t.strip_prefix(a.as_str())).map(|t| t.trim().to_owned())
    });
    Some(Page::Post(PostPage {
        author,
        liked: says(&like.label).or_else(|| says(&like.value)),
        like_button: Some(Control::of(like)),
        comment_button: view.control(&ids.comment_button),
        likers_button: view.control(&ids.likers_button),
        likes: number(view, &ids.likers_button),
        caption,
    }))
}

/// A page without anything that makes it one of the others: a notice, a list, or nothing yet.
pub(super) fn notice(view: &View<'_>, texts: &mut Texts) -> Page {
    let prose: Vec<&str> = view.prose().map(|(_, t)| t).collect();
    let all = prose.join("\n");
    let fields = view.nodes().any(|(_, n)| n.is("TextField") || n.is("SecureTextField"));
    let page = if view.mentions(|t| &t.suspended, &all) {
        Page::AccountSuspended { text: all }
    } else if view.mentions(|t| &t.challenge, &all) {
        Page::Challenge { text: all }
    } else if view.mentions(|t| &t.missing, &all) {
        Page::Missing { text: all }
    } else if fields && view.nodes().any(|(_, n)| view.says(|t| &t.login, n.text()).is_some()) {
        Page::Login
    } else if let Some(list) = people(view) {
        return Page::People(list);
    } else if prose.is_empty() && !view.nodes().any(|(_, n)| n.is("Cell")) {
        Page::Loading
    } else {
        Page::Unknown
    };
    // Nobody but the app writes on a page that is none of the known ones.
    texts.extend(prose.iter().map(|t| (Place::Banner, (*t).to_owned())));
    page
}

/// A list of people: cells whose first text is a username, under a title.
fn people(view: &View<'_>) -> Option<ListPage> {
    let mut rows = Vec::new();
    for (i, cell) in view.nodes().filter(|(_, n)| n.is("Cell")) {
        let first = view.of(view.tree.inside(i)).prose().next().map(|(_, t)| t.to_owned());
        let name = first.map(|t| plain_username(&t)).filter(|t| {
            !t.is_empty()
                && t.len() <= 30
                && t.chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._".contains(c))
        });
        rows.extend(name.map(|username| Row { username, open: Control::of(cell) }));
    }
    let search_field = view.nodes().find(|(_, n)| n.is("SearchField") || n.is("TextField"));
    (rows.len() >= 2)
        .then(|| ListPage { rows, search_field: search_field.map(|(_, n)| Control::of(n)) })
}
