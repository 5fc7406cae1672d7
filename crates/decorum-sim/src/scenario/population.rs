//! Who lives in the app.

use serde::{Deserialize, Serialize};

/// What becomes of a username that the scenario does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Strangers {
    /// It belongs to a generated person, always the same one for the same seed.
    Exist,
    /// It belongs to nobody.
    Missing,
}

/// How generated people turn out. Shares are 0.0 to 1.0 and drawn by seed and username.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Population {
    /// Share of private accounts.
    pub private_share: f64,
    /// Share of usernames that lead nowhere.
    pub missing_share: f64,
    /// Share of suspended accounts.
    pub suspended_share: f64,
    /// Share of people with a story.
    pub story_share: f64,
    /// Share of people whose bio contains words that look like a refusal.
    pub trap_share: f64,
    /// Private accounts by name.
    pub private: Vec<String>,
    /// Usernames that lead nowhere.
    pub missing: Vec<String>,
    /// Suspended accounts by name.
    pub suspended: Vec<String>,
    /// Rows in a generated list of followers, at most.
    pub list_length: u32,
}

impl Default for Population {
    fn default() -> Self {
        Self {
            private_share: 0.0,
            missing_share: 0.0,
            suspended_share: 0.0,
            story_share: 0.5,
            trap_share: 0.0,
            private: Vec::new(),
            missing: Vec::new(),
            suspended: Vec::new(),
            list_length: 60,
        }
    }
}

/// Whether the acting account follows a person when the phone starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Relationship {
    /// Not followed.
    #[default]
    None,
    /// Followed.
    Following,
    /// A request is waiting.
    Requested,
}

/// A person whose details matter to the scenario; what is left out is generated.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Person {
    /// Username; the only key that is required.
    pub username: String,
    /// Name under the picture.
    pub full_name: Option<String>,
    /// Text under the name.
    pub bio: Option<String>,
    /// Number of followers.
    pub followers: Option<u64>,
    /// Number of people followed.
    pub following: Option<u64>,
    /// Number of posts.
    pub posts: Option<u32>,
    /// Only approved followers see the posts.
    pub private: bool,
    /// The username leads nowhere.
    pub missing: bool,
    /// The account was suspended.
    pub suspended: bool,
    /// There is a story to watch.
    pub story: Option<bool>,
    /// Whether the acting account already follows.
    pub relationship: Relationship,
    /// Who is in the list of followers.
    pub followers_list: Vec<String>,
    /// Who is in the list of people followed.
    pub following_list: Vec<String>,
}
