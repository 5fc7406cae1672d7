//! The shape of a profile file. Every key is optional in an overlay; the built-in file has all.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The whole file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Document {
    pub(super) bundle_id: String,
    pub(super) app_name: String,
    pub(super) links: Links,
    pub(super) timings: Timings,
    pub(super) identifiers: Identifiers,
    pub(super) texts: BTreeMap<String, Texts>,
    pub(super) messages: BTreeMap<String, BTreeMap<Class, Vec<String>>>,
}

/// Deep links, with a placeholder in braces.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Links {
    pub(super) user: String,
    pub(super) tag: String,
}

/// Waits.
#[expect(clippy::struct_field_names, reason = "the keys of a file carry their unit")]
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Timings {
    pub(super) settle_ms: u32,
    pub(super) load_timeout_ms: u32,
    pub(super) poll_ms: u32,
}

macro_rules! lists {
    ($(#[$doc:meta])* $name:ident { $($field:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub(crate) struct $name {
            $(pub(crate) $field: Vec<String>),+
        }
    };
}

lists!(
    /// Accessibility ids, each list in the order in which it is tried.
    Identifiers {
        tabs, own_profile_tab, back_button, stories_tray, follow_button, followers_button,
        following_button, media_button, action_button, own_title, profile_list, thumbnail,
        story_ring, story_dismiss, story_author, post_author, like_button, likers_button,
        comment_button, comment_input, send_button, search_field, search_row_prefix, login,
        safe_button,
    }
);

lists!(
    /// What the app writes on its buttons and pages, in one language.
    Texts {
        follow, following, requested, unfollow, like, liked, private, missing, login, challenge,
        suspended, comment_placeholder, interstitial, safe_buttons, closing_buttons,
    }
);

/// The classes a message can have, spelled as the classifier spells them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Class {
    RateLimited,
    ActionBlocked,
    Challenge,
    LoggedOut,
    AccountSuspended,
    PrivateAccount,
    TargetUnavailable,
    Network,
    Benign,
}

impl Class {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::RateLimited => "rate_limited",
            Self::ActionBlocked => "action_blocked",
            Self::Challenge => "challenge",
            Self::LoggedOut => "logged_out",
            Self::AccountSuspended => "account_suspended",
            Self::PrivateAccount => "private_account",
            Self::TargetUnavailable => "target_unavailable",
            Self::Network => "network",
            Self::Benign => "benign",
        }
    }
}
