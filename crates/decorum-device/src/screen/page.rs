//! The pages Decorum knows, with what it reads from each.

use std::fmt;

use super::Control;
use crate::Locator;

/// Which page is in front, below any overlay.
#[expect(clippy::large_enum_variant, reason = "a screen holds one page, and nobody keeps screens")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// The home feed.
    Feed,
    /// Somebody's profile.
    Profile(ProfilePage),
    /// One post, or a feed of posts opened from a profile's grid.
    Post(PostPage),
    /// A story.
    Story(StoryPage),
    /// The comments of a post.
    CommentSheet(CommentSheet),
    /// The search page with its results.
    Search(ListPage),
    /// A list of people: followers, following, likers.
    People(ListPage),
    /// The posts under a hashtag, as the people who posted them.
    Hashtag(ListPage),
    /// The sheet with the accounts that are logged in.
    Accounts(AccountSheet),
    /// The sheet that would end following somebody. Decorum only ever leaves it.
    UnfollowSheet,
    /// The log-in page: the account is logged out.
    Login,
    /// The platform asks for a person: a captcha, a code, a confirmation.
    Challenge {
        /// What the page says.
        text: String,
    },
    /// The acting account itself is suspended or disabled.
    AccountSuspended {
        /// What the page says.
        text: String,
    },
    /// The page of a person or post that does not exist (any more), or is not shown to us.
    Missing {
        /// What the page says.
        text: String,
    },
    /// The app is in front and shows nothing yet: blank or a spinner.
    Loading,
    /// The phone's home screen.
    HomeScreen,
    /// Another app is in front.
    OtherApp,
    /// The app is in front, on a page that is not understood.
    Unknown,
}

impl Page {
    /// The page's name in one word.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Feed => "feed",
            Self::Profile(_) => "profile",
            Self::Post(_) => "post",
            Self::Story(_) => "story",
            Self::CommentSheet(_) => "comments",
            Self::Search(_) => "search",
            Self::People(_) => "people",
            Self::Hashtag(_) => "hashtag",
            Self::Accounts(_) => "accounts",
            Self::UnfollowSheet => "unfollow_sheet",
            Self::Login => "login",
            Self::Challenge { .. } => "challenge",
            Self::AccountSuspended { .. } => "account_suspended",
            Self::Missing { .. } => "missing",
            Self::Loading => "loading",
            Self::HomeScreen => "home_screen",
            Self::OtherApp => "other_app",
            Self::Unknown => "unknown",
        }
    }
}

/// What the acting account is to the person on a profile page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relationship {
    /// The button offers to follow.
    NotFollowing,
    /// The button says that we follow.
    Following,
    /// We asked to follow a private account.
    Requested,
    /// There is no button, its label is not understood, or it names somebody else. Never act.
    Unknown,
}

impl fmt::Display for Relationship {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NotFollowing => "not following",
            Self::Following => "following",
            Self::Requested => "requested",
            Self::Unknown => "unknown",
        })
    }
}

/// A profile page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfilePage {
    /// Whose page it is, lowercase, from the page's title; `None` if it does not say.
    pub username: Option<String>,
    /// What we are to them, by the label of the follow button.
    pub relationship: Relationship,
    /// Whether the page says that the account is private.
    pub is_private: bool,
    /// Whether it is the acting account's own page.
    pub is_own: bool,
    /// The follow button as read.
    pub follow_button: Option<Control>,
    /// The name the follow button's label mentions, lowercase, if it mentions one.
    pub follow_label_username: Option<String>,
    /// On one's own page, the title that opens the sheet to switch accounts.
    pub switch_button: Option<Control>,
    /// The ring around the picture that opens the story, if there is a story.
    pub story_ring: Option<Control>,
    /// The first post of the grid.
    pub thumbnail: Option<Control>,
    /// How many posts the header counts.
    pub posts: Option<u64>,
    /// How many followers the header counts. Large numbers are rounded by the app (`12.3K`).
    pub followers: Option<u64>,
    /// How many people they follow, by the header.
    pub following: Option<u64>,
    /// Opens the list of followers.
    pub followers_button: Option<Control>,
    /// Opens the list of people they follow.
    pub following_button: Option<Control>,
    /// The display name, if the page marks it.
    pub full_name: Option<String>,
    /// What the person wrote about themself, if the page marks it.
    pub bio: Option<String>,
    /// Whether anything that makes a profile (numbers, button, grid, private note) is there. A
    /// page that only has its title is still loading.
    pub is_loaded: bool,
}

impl ProfilePage {
    /// Whether this is certainly `username`'s page: the title says so and the follow button, if
    /// it names anybody, names the same person. Compared without regard to case or a leading `@`.
    pub fn is_of(&self, username: &str) -> bool {
        let wanted = plain_username(username);
        self.username.as_deref() == Some(wanted.as_str())
            && self.follow_label_username.as_deref().is_none_or(|named| named == wanted)
    }

    /// Finds the follow button only while it still offers to follow this person; `None` if it
    /// does not offer that now.
    pub fn follow_locator(&self) -> Option<Locator> {
        (self.relationship == Relationship::NotFollowing)
            .then(|| self.follow_button.as_ref().map(Control::locator))
            .flatten()
    }

    /// The label of the follow button as read.
    pub fn follow_button_label(&self) -> Option<&str> {
        self.follow_button.as_ref().map(|b| b.label.as_str())
    }

    /// Whether there is a story to view.
    pub const fn has_story(&self) -> bool {
        self.story_ring.is_some()
    }

    /// Whether there is a post to open.
    pub const fn has_thumbnail(&self) -> bool {
        self.thumbnail.is_some()
    }
}

/// A post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostPage {
    /// Who posted it, lowercase.
    pub author: Option<String>,
    /// Whether the acting account likes it; `None` if the button is missing or not understood.
    pub liked: Option<bool>,
    /// The like button as read.
    pub like_button: Option<Control>,
    /// Opens the comments; `None` where comments are off.
    pub comment_button: Option<Control>,
    /// Opens the list of likers.
    pub likers_button: Option<Control>,
    /// How many likes are shown.
    pub likes: Option<u64>,
    /// What the author wrote, if the page marks it.
    pub caption: Option<String>,
}

impl PostPage {
    /// Whether this is certainly a post of `username`.
    pub fn is_by(&self, username: &str) -> bool {
        self.author.as_deref() == Some(plain_username(username).as_str())
    }

    /// Finds the like button only while it still says that the post is not liked; `None` if it
    /// does not say so now.
    pub fn like_locator(&self) -> Option<Locator> {
        (self.liked == Some(false))
            .then(|| self.like_button.as_ref().map(Control::locator))
            .flatten()
    }
}

/// A story being shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryPage {
    /// Whose story it is, lowercase.
    pub author: Option<String>,
    /// Leaves the story.
    pub dismiss: Option<Control>,
}

/// The comments of a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentSheet {
    /// What stands in the text field now, its placeholder not counted.
    pub draft: Option<String>,
    /// The text field.
    pub input: Option<Control>,
    /// The button that posts the comment; present only when there is something to post.
    pub send: Option<Control>,
    /// The comments that are visible.
    pub comments: Vec<Comment>,
}

impl CommentSheet {
    /// Whether a comment by `username` with exactly this text (white space aside) is visible.
    pub fn has_comment(&self, username: &str, text: &str) -> bool {
        let author = plain_username(username);
        let wanted: Vec<&str> = text.split_whitespace().collect();
        self.comments
            .iter()
            .any(|c| c.author == author && c.text.split_whitespace().eq(wanted.iter().copied()))
    }
}

/// A comment that is visible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Who wrote it, lowercase.
    pub author: String,
    /// What it says.
    pub text: String,
}

/// A page that is a list of people.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListPage {
    /// What the bar at the top says, as written.
    pub title: Option<String>,
    /// The rows that are visible, in order. People who are only suggested are not among them.
    pub rows: Vec<Row>,
    /// The search field, if the page has one.
    pub search_field: Option<Control>,
    /// Whether something turns while more is loaded.
    pub is_loading: bool,
    /// Whether the page says that nothing follows.
    pub has_end: bool,
    /// Whether suggested people begin on it: what follows is not of the list.
    pub has_suggestions: bool,
}

/// One person in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The person, lowercase.
    pub username: String,
    /// What to tap to open their profile; in a sheet of accounts, to switch to it.
    pub open: Control,
    /// What we are to them, by the row's button; `Unknown` where it is out of sight.
    pub relationship: Relationship,
}

/// The sheet with the accounts that are logged in on the phone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccountSheet {
    /// The accounts, in order.
    pub accounts: Vec<Row>,
}

impl AccountSheet {
    /// What to tap to switch to `username`, if it is logged in.
    pub fn button_of(&self, username: &str) -> Option<&Control> {
        let wanted = plain_username(username);
        self.accounts.iter().find(|row| row.username == wanted).map(|row| &row.open)
    }
}

/// A username as written in a label or by a caller, made comparable: trimmed, without a leading
/// `@`, lowercase.
pub(crate) fn plain_username(text: &str) -> String {
    text.trim().trim_start_matches('@').to_lowercase()
}
