//! Taps, swipes and keys.

use super::{App, Key, Overlay, Running, Screen, Tap};
use crate::effects::Effects;
use crate::error::Failure;
use crate::tree::{Field, Tree};

/// Longest text a field takes, in characters.
const LONGEST_TEXT: usize = 2_200;

/// A drag across the screen, in points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gesture {
    pub(crate) from: (i32, i32),
    pub(crate) to: (i32, i32),
}

impl App {
    /// Carries out what was tapped.
    pub(crate) fn tap(&mut self, tap: Tap, effects: &mut Effects, now: i64) -> Result<(), Failure> {
        match tap {
            Tap::Tab(tab) => self.tab(tab, now),
            Tap::Back | Tap::CloseStory => self.back(),
            Tap::Profile(user) => self.push(Screen::Profile(user), now),
            Tap::List(user, kind) => self.push(Screen::List(user, kind), now),
            Tap::Likers(post) => self.push(Screen::Likers(post), now),
            Tap::Post(post) => self.push(Screen::Post(post), now),
            Tap::Comments(post) => self.push(Screen::Comments(post), now),
            Tap::Results(query) => self.push(Screen::Results(query), now),
            Tap::Story(user) => self.watch(&user, effects, now)?,
            Tap::Follow(user) => self.follow(&user, effects, now)?,
            Tap::Unfollow(user) => self.unfollow(&user, effects, now)?,
            Tap::Like(post) => self.toggle_like(&post, effects, now)?,
            Tap::SendComment(post) => self.comment(&post, effects, now)?,
            Tap::Focus(field) => self.focus = Some(field),
            Tap::ClearField(field) => {
                self.fields.remove(&field);
            }
            Tap::Key(key) => self.key(key, now),
            Tap::Button(_) | Tap::CloseOverlay => {
                self.overlays.pop();
            }
            Tap::Accounts => self.overlays.push(Overlay::Accounts),
            Tap::UseAccount(account) => {
                self.overlays.pop();
                self.account = account;
                self.open_root(Screen::Profile(self.account.clone()), now);
            }
            Tap::Launch => self.activate(now),
        }
        Ok(())
    }

    fn key(&mut self, key: Key, now: i64) {
        match key {
            Key::Letter(letter) => self.type_text(letter.encode_utf8(&mut [0; 4]), now),
            Key::Delete => {
                if let Some(text) = self.focus.and_then(|field| self.fields.get_mut(&field)) {
                    text.pop();
                }
            }
            Key::Return => self.type_text("\n", now),
        }
    }

    /// Types into the field that has the focus; answers whether one had it.
    pub(crate) fn type_text(&mut self, text: &str, now: i64) {
        let Some(field) = self.focus else { return };
        for letter in text.chars() {
            match letter {
                '\n' | '\r' if field == Field::Search => self.submit_search(now),
                '\u{8}' | '\u{7f}' => {
                    if let Some(value) = self.fields.get_mut(&field) {
                        value.pop();
                    }
                }
                letter => {
                    let value = self.fields.entry(field).or_default();
                    if value.chars().count() < LONGEST_TEXT {
                        value.push(letter);
                    }
                }
            }
        }
    }

    fn submit_search(&mut self, now: i64) {
        let query = self.field(Field::Search).trim().to_owned();
        if !query.is_empty() && self.page().screen == Screen::Explore {
            self.push(Screen::Results(query), now);
        }
    }

    /// Carries out a drag: an edge swipe goes back, a swipe down closes what covers the screen,
    /// everything else scrolls. `end` is how far the page can be scrolled.
    pub(crate) fn drag(&mut self, gesture: Gesture, end: i32, effects: &mut Effects, now: i64) {
        let (dx, dy) = (gesture.to.0 - gesture.from.0, gesture.to.1 - gesture.from.1);
        if self.running != Running::Front || self.locked {
            return;
        }
        if let Some(front) = self.overlays.last() {
            let sheet = matches!(front, Overlay::Unfollow(_) | Overlay::Accounts);
            if sheet && dy > 80 {
                self.overlays.pop();
            }
            return;
        }
        let down = dy > 120 && dy > dx.abs();
        let closes = match self.page().screen {
            Screen::Story(_) => down,
            Screen::Comments(_) => down && gesture.from.1 < 160,
            _ => false,
        };
        if closes || (gesture.from.0 < 24 && dx > 80 && dx > dy.abs()) {
            self.back();
        } else if dy.abs() > 8 && dy.abs() >= dx.abs() {
            self.scroll(-dy, end, effects, now);
        }
    }

    /// Moves the page by so many points.
    pub(crate) fn scroll(&mut self, by: i32, end: i32, effects: &mut Effects, now: i64) {
        self.focus = None;
        let by = by.saturating_add(self.flies_on(by));
        if let Some(page) = self.pages.last_mut() {
            page.scroll = page.scroll.saturating_add(by).clamp(0, end.max(0));
        }
        if let Some(row) = self.list_scrolled(now) {
            for fault in effects.faults.on_row(row, now) {
                self.strike(&fault, now);
            }
        }
    }

    /// Presses a button of the dialog in front, if the tree still shows it.
    pub(crate) fn tap_at(
        &mut self,
        tree: &Tree,
        point: (i32, i32),
        effects: &mut Effects,
        now: i64,
    ) -> Result<(), Failure> {
        match tree.tap_at(point.0, point.1) {
            Some(tap) => self.tap(tap, effects, now),
            None => Ok(()),
        }
    }
}
