//! What the app says, per language.
//!
//! Collected from public help pages and field notes; see `docs/simulated-phone.md`. `{user}` and
//! `{n}` are filled in by [`fill`].

mod de;
mod en;
mod es;
mod fr;
mod ja;
mod pt;

use crate::scenario::Language;

/// All texts of one language.
#[derive(Debug)]
pub(crate) struct Texts {
    pub(crate) thousands: &'static str,
    pub(crate) decimal: &'static str,
    pub(crate) follow: &'static str,
    pub(crate) follow_user: &'static str,
    pub(crate) following: &'static str,
    pub(crate) requested: &'static str,
    pub(crate) unfollow: &'static str,
    pub(crate) cancel: &'static str,
    pub(crate) message: &'static str,
    pub(crate) edit_profile: &'static str,
    pub(crate) share_profile: &'static str,
    pub(crate) posts_count: &'static str,
    pub(crate) followers_count: &'static str,
    pub(crate) following_count: &'static str,
    pub(crate) like: &'static str,
    pub(crate) liked: &'static str,
    pub(crate) likes: &'static str,
    pub(crate) comments: &'static str,
    pub(crate) comment: &'static str,
    pub(crate) add_comment: &'static str,
    pub(crate) post_comment: &'static str,
    pub(crate) search: &'static str,
    pub(crate) suggested: &'static str,
    pub(crate) list_end: &'static str,
    pub(crate) add_account: &'static str,
    pub(crate) no_results: &'static str,
    pub(crate) photo_by: &'static str,
    pub(crate) video_by: &'static str,
    pub(crate) carousel_by: &'static str,
    pub(crate) story_of: &'static str,
    pub(crate) private_title: &'static str,
    pub(crate) private_text: &'static str,
    pub(crate) missing_title: &'static str,
    pub(crate) missing_text: &'static str,
    pub(crate) user_not_found: &'static str,
    pub(crate) no_posts: &'static str,
    pub(crate) limit_title: &'static str,
    pub(crate) limit_text: &'static str,
    pub(crate) limit_toast: &'static str,
    pub(crate) blocked_title: &'static str,
    pub(crate) blocked_text: &'static str,
    pub(crate) tell_us: &'static str,
    pub(crate) ok: &'static str,
    pub(crate) challenge_title: &'static str,
    pub(crate) challenge_text: &'static str,
    pub(crate) challenge_button: &'static str,
    pub(crate) code_hint: &'static str,
    pub(crate) login_name: &'static str,
    pub(crate) login_password: &'static str,
    pub(crate) login_button: &'static str,
    pub(crate) login_forgot: &'static str,
    pub(crate) login_create: &'static str,
    pub(crate) suspended_title: &'static str,
    pub(crate) suspended_text: &'static str,
    pub(crate) suspended_button: &'static str,
    pub(crate) not_now: &'static str,
    pub(crate) notifications_title: &'static str,
    pub(crate) notifications_text: &'static str,
    pub(crate) turn_on: &'static str,
    pub(crate) tracking_title: &'static str,
    pub(crate) tracking_text: &'static str,
    pub(crate) tracking_deny: &'static str,
    pub(crate) tracking_allow: &'static str,
    pub(crate) photos_title: &'static str,
    pub(crate) photos_text: &'static str,
    pub(crate) continue_: &'static str,
    pub(crate) your_story: &'static str,
    pub(crate) send_message: &'static str,
    pub(crate) hours_ago: &'static str,
}

/// Texts of a language.
pub(crate) fn texts(language: Language) -> &'static Texts {
    match language {
        Language::En => &en::TEXTS,
        Language::Es => &es::TEXTS,
        Language::De => &de::TEXTS,
        Language::Pt => &pt::TEXTS,
        Language::Fr => &fr::TEXTS,
        Language::Ja => &ja::TEXTS,
    }
}

/// Fills `{user}` and `{n}` in.
pub(crate) fn fill(template: &str, value: &str) -> String {
    template.replace("{user}", value).replace("{n}", value)
}
