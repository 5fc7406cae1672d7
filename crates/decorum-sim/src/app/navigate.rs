//! Moving between screens.

use super::{App, Gate, Overlay, Page, Running, Screen, Stuck, Tab};
use crate::tree::Field;

/// Pages on top of each other, at most; the oldest inner ones are forgotten.
const DEEPEST: usize = 40;

impl App {
    /// Opens a screen on top of the current one.
    pub(crate) fn push(&mut self, screen: Screen, now: i64) {
        if self.pages.len() >= DEEPEST {
            self.pages.remove(1);
        }
        self.pages.push(Page::new(screen, now));
        self.moved();
    }

    /// Makes a screen the only one.
    pub(crate) fn open_root(&mut self, screen: Screen, now: i64) {
        self.pages = vec![Page::new(screen, now)];
        self.moved();
    }

    fn moved(&mut self) {
        self.generation += 1;
        self.lists_opened = self.lists_opened.saturating_add(1);
        self.focus = None;
        self.fields.remove(&Field::Comment);
    }

    /// Goes back one screen; on the first one nothing happens.
    pub(crate) fn back(&mut self) {
        if self.pages.len() > 1 {
            self.pages.pop();
            self.moved();
        }
    }

    pub(crate) fn tab(&mut self, tab: Tab, now: i64) {
        let screen = match tab {
            Tab::Feed => Screen::Feed,
            Tab::Reels => Screen::Reels,
            Tab::Inbox => Screen::Inbox,
            Tab::Explore => {
                self.fields.remove(&Field::Search);
                Screen::Explore
            }
            Tab::Profile => Screen::Profile(self.account.clone()),
        };
        self.open_root(screen, now);
    }

    /// Brings the app to the front; a fresh start lands on the feed.
    pub(crate) fn activate(&mut self, now: i64) {
        if self.running == Running::No {
            self.fields.clear();
            self.open_root(Screen::Feed, now);
        }
        if self.running != Running::Front {
            self.generation += 1;
        }
        self.running = Running::Front;
    }

    /// Ends the app; answers whether it was running.
    pub(crate) fn terminate(&mut self) {
        self.running = Running::No;
        self.keyboard = Stuck::No;
        self.generation += 1;
        self.focus = None;
        self.toast = None;
        self.overlays.retain(|overlay| matches!(overlay, Overlay::Dialog(d) if d.system));
    }

    /// Shows the home screen; the app goes on behind it.
    pub(crate) fn go_behind(&mut self) {
        if self.running == Running::Front {
            self.running = Running::Behind;
            self.generation += 1;
            self.focus = None;
        }
    }

    /// Whether the app shows its own screens.
    pub(crate) fn usable(&self) -> bool {
        self.running == Running::Front && self.gate == Gate::Open
    }

    /// The word for the screen in front, for people who look at the simulation.
    pub(crate) fn screen_word(&self) -> &'static str {
        if self.locked {
            return "locked";
        }
        if self.running != Running::Front {
            return "home_screen";
        }
        if self.gate != Gate::Open {
            return self.gate.word();
        }
        match &self.page().screen {
            Screen::Feed => "feed",
            Screen::Reels => "reels",
            Screen::Inbox => "inbox",
            Screen::Explore => "explore",
            Screen::Results(_) => "results",
            Screen::Profile(user) if *user == self.account => "own_profile",
            Screen::Profile(_) => "profile",
            Screen::List(..) => "list",
            Screen::Likers(_) => "likers",
            Screen::Tag(_) => "tag",
            Screen::Post(_) => "post",
            Screen::Comments(_) => "comments",
            Screen::Story(_) => "story",
        }
    }
}
