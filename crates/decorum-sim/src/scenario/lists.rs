//! How lists of people behave: how much is loaded at a time, and what does not stay where it was.

use serde::{Deserialize, Serialize};

/// Behaviour of the lists of followers, followed and likers. All of it is off by default.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lists {
    /// Rows that are loaded at a time; 0 for all of them at once.
    pub page_size: u32,
    /// How long loading takes, in milliseconds; a spinner shows meanwhile.
    pub load_ms: u64,
    /// Rows of the page before that each further page begins with once more.
    pub repeats: u32,
    /// Rows trade places within groups of so many, each time anew when the list is opened or
    /// scrolled; 0 for a list that stays as it is.
    pub reorder: u32,
    /// Somebody new appears at the top whenever lists have been scrolled so often; 0 for never.
    pub arrivals_every: u32,
    /// The list ends after so many rows, with a line that says so, whatever the number in the
    /// profile promises; 0 for a list that is complete.
    pub ends_after: u32,
    /// People the app suggests below the last row.
    pub suggestions: u32,
    /// Share of swipes that fly on, drawn by the seed.
    pub fling_share: f64,
    /// Rows a swipe flies on by.
    pub fling_rows: u32,
    /// Posts under a hashtag.
    pub tag_posts: u32,
}

impl Default for Lists {
    fn default() -> Self {
        Self {
            page_size: 0,
            load_ms: 0,
            repeats: 0,
            reorder: 0,
            arrivals_every: 0,
            ends_after: 0,
            suggestions: 0,
            fling_share: 0.0,
            fling_rows: 24,
            tag_posts: 30,
        }
    }
}
