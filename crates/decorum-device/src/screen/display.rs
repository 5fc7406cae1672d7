//! A screen for a person's eyes: `decorum screen`.
//!
//! One fact a line, so that whoever repairs a profile sees at once which identifier or wording
//! was not understood. Texts come from other people: control characters never reach a terminal.

use std::fmt;

use super::{
    Control, Dialog, ListPage, Overlay, Page, PostPage, ProfilePage, Relationship, Row, Screen,
};

/// The longest text shown, in characters.
const TEXT_MAX: usize = 160;
/// The most texts and rows shown.
const LINES_MAX: usize = 30;

impl fmt::Display for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        line(f, "page", self.page.name())?;
        if self.is_sideways {
            line(f, "lies", "on its side; pages are known upright only")?;
        }
        if self.has_keyboard {
            line(f, "keyboard", "up")?;
        }
        match &self.page {
            Page::HomeScreen | Page::OtherApp | Page::Unknown => {
                let app = self.app.name.as_deref().or(self.app.bundle_id.as_deref());
                line(f, "app in front", &app.map_or_else(|| "does not say".to_owned(), clean))?;
            }
            Page::Profile(page) => profile(f, page)?,
            Page::Post(page) => post(f, page)?,
            Page::Story(page) => {
                line(f, "whose", &named(page.author.as_deref()))?;
                control(f, "leave by", page.dismiss.as_ref())?;
            }
            Page::CommentSheet(page) => {
                let draft = page.draft.as_deref().map_or_else(|| "nothing".to_owned(), quoted);
                line(f, "typed", &draft)?;
                control(f, "type into", page.input.as_ref())?;
                control(f, "post by", page.send.as_ref())?;
                for comment in page.comments.iter().take(LINES_MAX) {
                    let text = format!("{}: {}", clean(&comment.author), quoted(&comment.text));
                    line(f, "comment", &text)?;
                }
            }
            Page::Search(page) | Page::People(page) | Page::Hashtag(page) => people(f, page)?,
            Page::Accounts(sheet) => line(f, "accounts", or_none(&names(&sheet.accounts)))?,
            Page::Challenge { text } | Page::AccountSuspended { text } | Page::Missing { text } => {
                line(f, "says", &quoted(text))?;
            }
            Page::Feed | Page::UnfollowSheet | Page::Login | Page::Loading => {}
        }
        control(f, "back by", self.back_button.as_ref())?;
        overlay(f, self.overlay.as_ref())?;
        texts(f, self)
    }
}

fn profile(f: &mut fmt::Formatter<'_>, page: &ProfilePage) -> fmt::Result {
    let own = if page.is_own { ", the acting account" } else { "" };
    line(f, "whose", &format!("{}{own}", named(page.username.as_deref())))?;
    if !page.is_own {
        line(f, "relationship", &page.relationship.to_string())?;
    }
    if let Some(other) =
        page.follow_label_username.as_deref().filter(|n| Some(*n) != page.username.as_deref())
    {
        line(f, "but", &format!("its follow button names {}", clean(other)))?;
    }
    let yes = |is: bool, what: &str| if is { what.to_owned() } else { format!("not {what}") };
    let state = [yes(page.is_loaded, "loaded"), yes(page.is_private, "private")];
    line(f, "state", &state.join(", "))?;
    let count = |n: Option<u64>, what: &str| n.map(|n| format!("{n} {what}"));
    let counts: Vec<String> = [
        count(page.posts, "posts"),
        count(page.followers, "followers"),
        count(page.following, "following"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !counts.is_empty() {
        line(f, "numbers", &counts.join(", "))?;
    }
    control(f, "follow by", page.follow_button.as_ref())?;
    control(f, "story by", page.story_ring.as_ref())?;
    control(f, "newest post by", page.thumbnail.as_ref())?;
    control(f, "followers by", page.followers_button.as_ref())?;
    control(f, "following by", page.following_button.as_ref())
}

fn post(f: &mut fmt::Formatter<'_>, page: &PostPage) -> fmt::Result {
    line(f, "whose", &named(page.author.as_deref()))?;
    let state = match page.liked {
        Some(true) => "liked",
        Some(false) => "not liked",
        None => "the like button is not understood",
    };
    let count = page.likes.map(|n| format!(", {n} likes")).unwrap_or_default();
    line(f, "state", &format!("{state}{count}"))?;
    control(f, "like by", page.like_button.as_ref())?;
    control(f, "comments by", page.comment_button.as_ref())?;
    control(f, "likers by", page.likers_button.as_ref())
}

fn people(f: &mut fmt::Formatter<'_>, page: &ListPage) -> fmt::Result {
    control(f, "search by", page.search_field.as_ref())?;
    line(f, "people", or_none(&names(&page.rows)))?;
    let state: Vec<&str> = [
        (page.is_loading, "loading more"),
        (page.has_end, "ends here"),
        (page.has_suggestions, "suggests others below"),
    ]
    .into_iter()
    .filter_map(|(is, word)| is.then_some(word))
    .collect();
    if state.is_empty() { Ok(()) } else { line(f, "state", &state.join(", ")) }
}

/// The names in rows, with what we are to them where that is something.
fn names(rows: &[Row]) -> String {
    let name = |row: &Row| match row.relationship {
        Relationship::Following | Relationship::Requested => {
            format!("{} ({})", clean(&row.username), row.relationship)
        }
        Relationship::NotFollowing | Relationship::Unknown => clean(&row.username),
    };
    let names: Vec<String> = rows.iter().take(LINES_MAX).map(name).collect();
    let more = rows.len().saturating_sub(names.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", names.join(", "))
}

fn overlay(f: &mut fmt::Formatter<'_>, overlay: Option<&Overlay>) -> fmt::Result {
    match overlay {
        None => Ok(()),
        Some(Overlay::Dialog(found)) => dialog(f, "a dialog", found),
        Some(Overlay::SystemAlert(found)) => dialog(f, "a system alert", found),
        Some(Overlay::Toast { text }) => line(f, "over it", &format!("a toast {}", quoted(text))),
        Some(Overlay::Interstitial { text, safe_button, is_alert }) => {
            let kind = if *is_alert { "a harmless alert" } else { "a harmless question" };
            line(f, "over it", &format!("{kind} {}", quoted(text)))?;
            control(f, "decline by", Some(safe_button))
        }
    }
}

fn dialog(f: &mut fmt::Formatter<'_>, kind: &str, dialog: &Dialog) -> fmt::Result {
    line(f, "over it", &format!("{kind} {}", quoted(&dialog.full_text())))?;
    let buttons: Vec<String> = dialog.buttons.iter().map(|b| format!("[{}]", said(b))).collect();
    line(f, "its buttons", or_none(&buttons.join(" ")))
}

fn texts(f: &mut fmt::Formatter<'_>, screen: &Screen) -> fmt::Result {
    use super::Place::{Button, Dialog, Toast};
    let spoken = |place| !matches!(place, Button | Dialog | Toast);
    let mut texts = screen.texts.iter().filter(|(place, _)| spoken(*place));
    for (place, text) in texts.by_ref().take(LINES_MAX) {
        line(f, &format!("text, {place}"), &quoted(text))?;
    }
    match texts.count() {
        0 => Ok(()),
        more => line(f, "", &format!("and {more} more texts")),
    }
}

fn line(f: &mut fmt::Formatter<'_>, key: &str, value: &str) -> fmt::Result {
    writeln!(f, "{key:<21} {value}")
}

fn control(f: &mut fmt::Formatter<'_>, key: &str, control: Option<&Control>) -> fmt::Result {
    let Some(control) = control else { return Ok(()) };
    let name = if control.name.is_empty() || control.name == control.label {
        String::new()
    } else {
        format!(" {}", clean(&control.name))
    };
    let off = if control.enabled { "" } else { ", disabled" };
    line(f, key, &format!("[{}]{name}{off}", said(control)))
}

fn said(control: &Control) -> String {
    let value = control.value.as_deref().unwrap_or_default();
    clean(if control.label.is_empty() { value } else { &control.label })
}

fn named(name: Option<&str>) -> String {
    name.map_or_else(|| "does not say".to_owned(), clean)
}

const fn or_none(text: &str) -> &str {
    if text.is_empty() { "none" } else { text }
}

fn quoted(text: &str) -> String {
    format!("“{}”", clean(text))
}

/// One line, nothing that steers a terminal or the direction of writing, not too long.
fn clean(text: &str) -> String {
    let shown = |c: &char| {
        !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let flat = lines.collect::<Vec<_>>().join(" / ");
    let mut clean: String =
        flat.chars().filter(shown).filter(|c| !c.is_control()).take(TEXT_MAX + 1).collect();
    if let Some((end, _)) = clean.char_indices().nth(TEXT_MAX) {
        clean.truncate(end);
        clean.push('…');
    }
    clean
}
