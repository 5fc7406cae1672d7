//! A screen for a person's eyes: `decorum screen`.

use std::fmt;

use super::{Control, Overlay, Page, Place, Screen};

fn labels(controls: &[Control]) -> String {
    let labels: Vec<String> = controls.iter().map(|c| format!("[{}]", c.label)).collect();
    labels.join(" ")
}

fn or_unknown<T: fmt::Display>(value: Option<&T>) -> String {
    value.map_or_else(|| "?".to_owned(), ToString::to_string)
}

impl fmt::Display for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "page: {}", self.page.name())?;
        match &self.page {
            Page::Profile(p) => {
                let own = if p.is_own { " (the acting account's own)" } else { "" };
                writeln!(f, "whose: {}{own}", or_unknown(p.username.as_ref()))?;
                writeln!(f, "relationship: {}", p.relationship)?;
                if let Some(label) = p.follow_button_label() {
                    writeln!(f, "follow button: [{label}]")?;
                }
                let yes = |b: bool| if b { "yes" } else { "no" };
                writeln!(
                    f,
                    "private: {}, loaded: {}, story: {}, post to open: {}",
                    yes(p.is_private),
                    yes(p.is_loaded),
                    yes(p.has_story()),
                    yes(p.has_thumbnail())
                )?;
                writeln!(
                    f,
                    "posts: {}, followers: {}, following: {}",
                    or_unknown(p.posts.as_ref()),
                    or_unknown(p.followers.as_ref()),
                    or_unknown(p.following.as_ref())
                )?;
            }
            Page::Post(p) => {
                let liked = match p.liked {
                    Some(true) => "liked",
                    Some(false) => "not liked",
                    None => "like button not understood",
                };
                writeln!(f, "by: {}, {liked}", or_unknown(p.author.as_ref()))?;
            }
            Page::Story(s) => writeln!(f, "by: {}", or_unknown(s.author.as_ref()))?,
            Page::CommentSheet(c) => {
                writeln!(f, "comments in sight: {}", c.comments.len())?;
                writeln!(f, "typed: {}", or_unknown(c.draft.as_ref()))?;
                let send = if c.send.is_some() { "ready" } else { "not ready" };
                writeln!(f, "send button: {send}")?;
            }
            Page::Search(list) | Page::People(list) => {
                let names: Vec<&str> = list.rows.iter().map(|r| r.username.as_str()).collect();
                writeln!(f, "people: {}", names.join(", "))?;
            }
            Page::Challenge { text } | Page::AccountSuspended { text } | Page::Missing { text } => {
                writeln!(f, "says: {}", text.replace('\n', " / "))?;
            }
            _ => {}
        }
        match &self.overlay {
            Some(Overlay::Dialog(d)) => {
                writeln!(f, "over it: a dialog: {}", d.full_text().replace('\n', " / "))?;
                writeln!(f, "  buttons: {}", labels(&d.buttons))?;
            }
            Some(Overlay::SystemAlert(d)) => {
                writeln!(f, "over it: a system alert: {}", d.full_text().replace('\n', " / "))?;
                writeln!(f, "  buttons: {}", labels(&d.buttons))?;
            }
            Some(Overlay::Toast { text }) => writeln!(f, "over it: a toast: {text}")?,
            Some(Overlay::Interstitial { text, safe_button, .. }) => {
                writeln!(f, "over it: a harmless question: {}", text.replace('\n', " / "))?;
                writeln!(f, "  declined by: [{}]", safe_button.label)?;
            }
            None => {}
        }
        for (place, text) in &self.texts {
            if !matches!(place, Place::Button | Place::Dialog | Place::Toast) {
                writeln!(f, "{place}: {}", text.replace('\n', " / "))?;
            }
        }
        Ok(())
    }
}
