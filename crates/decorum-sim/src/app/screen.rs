//! The places one can be in the app, and what can be tapped.

use std::fmt;

use super::roll::Loading;
use crate::tree::Field;

/// One post: the author and a number from 0, the newest.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct PostId {
    pub(crate) user: String,
    pub(crate) number: u32,
}

impl fmt::Display for PostId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.number, self.user)
    }
}

impl PostId {
    pub(crate) fn new(user: impl Into<String>, number: u32) -> Self {
        Self { user: user.into(), number }
    }

    /// Reads what `Display` writes.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (number, user) = text.split_once('_')?;
        Some(Self::new(user, number.parse().ok()?))
    }
}

/// A list of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ListKind {
    Followers,
    Following,
}

/// What fills the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Screen {
    Feed,
    Reels,
    Inbox,
    Explore,
    /// Results of a search after the suggestions.
    Results(String),
    /// Somebody's profile, one's own included.
    Profile(String),
    List(String, ListKind),
    Likers(PostId),
    Tag(String),
    Post(PostId),
    Comments(PostId),
    Story(String),
}

/// A screen, since when it is open, how far it is scrolled, and how far its list is loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) screen: Screen,
    pub(crate) opened_at: i64,
    pub(crate) scroll: i32,
    pub(crate) loading: Loading,
}

impl Page {
    pub(crate) fn new(screen: Screen, now: i64) -> Self {
        Self { screen, opened_at: now, scroll: 0, loading: Loading::START }
    }
}

/// The tabs at the bottom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tab {
    Feed,
    Reels,
    Inbox,
    Explore,
    Profile,
}

/// What a tap on something means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tap {
    Tab(Tab),
    Back,
    Profile(String),
    List(String, ListKind),
    Likers(PostId),
    Post(PostId),
    Comments(PostId),
    Story(String),
    CloseStory,
    Results(String),
    Follow(String),
    Unfollow(String),
    Like(PostId),
    SendComment(PostId),
    Focus(Field),
    ClearField(Field),
    Key(Key),
    /// Button of the dialog in front, by position.
    Button(usize),
    CloseOverlay,
    Accounts,
    UseAccount(String),
    /// The app's icon on the home screen.
    Launch,
}

/// A key of the keyboard on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Letter(char),
    Delete,
    Return,
}
