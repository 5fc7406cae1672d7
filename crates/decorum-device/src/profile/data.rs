//! The profile file, key by key. Its comments say what the keys mean; see
//! `profiles/instagram.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A whole file, after an overlay has been laid over it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Data {
    pub(crate) app: App,
    pub(crate) links: Links,
    pub(crate) timings: Milliseconds,
    pub(crate) identifiers: Identifiers,
    pub(crate) texts: BTreeMap<String, Texts>,
    pub(crate) messages: BTreeMap<String, Messages>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct App {
    pub(crate) name: String,
    pub(crate) bundle_id: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Links {
    pub(crate) user: String,
    pub(crate) tag: String,
}

#[expect(clippy::struct_field_names, reason = "the keys of the file say their unit")]
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Milliseconds {
    pub(crate) settle_ms: u64,
    pub(crate) load_timeout_ms: u64,
    pub(crate) poll_ms: u64,
    pub(crate) source_timeout_ms: u64,
}

/// A struct of lists, all of which may be left out, and a way to go over them by name.
macro_rules! lists {
    ($(#[$doc:meta])* $name:ident { $($field:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub(crate) struct $name {
            $(pub(crate) $field: Vec<String>,)*
        }

        impl $name {
            /// Every list with its key.
            pub(crate) fn lists(&self) -> impl Iterator<Item = (&'static str, &[String])> {
                [$((stringify!($field), self.$field.as_slice())),*].into_iter()
            }
        }
    };
}

lists! {
    /// Accessibility ids.
    Identifiers {
        home_tab, search_tab, own_profile_tab, other_tabs, back_button, profile_page, follow_button,
        followers_button, following_button, posts_count, profile_action, own_title, thumbnail,
        story_ring, like_button, like_count, comment_button, post_author, post_other, comment_input,
        comment_send, stories_tray, story_dismiss, story_author, search_field,
        search_result_prefix, dialog, toast, safe_button,
    }
}

lists! {
    /// Labels and phrases of one language.
    Texts {
        follow, following, requested, unfollow, own_actions, like, liked, comment_placeholder,
        comment_send, private, missing, suspended_person, login, login_more, challenge_page,
        suspended_page, questions, decline_buttons, deny_buttons, system_alerts, closing_buttons,
        dialog_buttons, never_tap, suggestions, list_end, post_of, thousand, ten_thousand, hundred_thousand, million, ten_million,
        hundred_million,
    }
}

lists! {
    /// What the app says in one language, by the class the classifier knows it under.
    Messages {
        rate_limited, action_blocked, challenge, logged_out, account_suspended, private_account,
        target_unavailable, network, benign,
    }
}
