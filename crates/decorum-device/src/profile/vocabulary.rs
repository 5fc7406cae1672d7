//! All languages of a profile together, ready to be compared.
//!
//! The phone's language is not known when a screen is read, and a phone may mix them (the system
//! in one, the app in another), so every text is looked for in all of them.

use std::collections::HashSet;

use super::data::{Data, Texts};
use super::label::{Labels, Phrases};

/// What the texts of a screen are compared with.
#[derive(Debug, Clone)]
pub(crate) struct Vocabulary {
    pub(crate) follow: Labels,
    pub(crate) following: Labels,
    pub(crate) requested: Labels,
    pub(crate) unfollow: Labels,
    pub(crate) own_actions: Labels,
    pub(crate) like: Labels,
    pub(crate) liked: Labels,
    pub(crate) comment_placeholder: Labels,
    pub(crate) comment_send: Labels,
    pub(crate) private: Labels,
    pub(crate) missing: Labels,
    pub(crate) login: Labels,
    pub(crate) login_more: Labels,
    pub(crate) decline: Labels,
    pub(crate) deny: Labels,
    pub(crate) closing: Labels,
    pub(crate) dialog_buttons: Labels,
    pub(crate) never_tap: Labels,
    /// Headings of rows that are not of the list.
    pub(crate) suggestions: Labels,
    pub(crate) list_end: Labels,
    /// What a post is called in a grid, with whose it is.
    pub(crate) post_of: Labels,
    /// Units of shortened numbers, each with its value.
    pub(crate) units: Vec<(Labels, u64)>,
    pub(crate) challenge: Phrases,
    pub(crate) suspended: Phrases,
    pub(crate) questions: Phrases,
    pub(crate) system_alerts: Phrases,
    /// Everything that is not harmless.
    pub(crate) refusals: Phrases,
    /// Every identifier that belongs to a page.
    pub(crate) page_ids: HashSet<String>,
}

impl Vocabulary {
    pub(super) fn of(data: &Data) -> Self {
        let labels = |lists: &[fn(&Texts) -> &[String]]| {
            let mut labels = Labels::default();
            for texts in data.texts.values() {
                for list in lists {
                    labels.add(list(texts));
                }
            }
            labels
        };
        let phrases = |list: fn(&Texts) -> &[String]| {
            let mut phrases = Phrases::default();
            data.texts.values().for_each(|texts| phrases.add(list(texts)));
            phrases
        };
        let mut challenge = phrases(|t| &t.challenge_page);
        let mut suspended = phrases(|t| &t.suspended_page);
        let mut refusals = Phrases::default();
        for messages in data.messages.values() {
            challenge.add(&messages.challenge);
            suspended.add(&messages.account_suspended);
            messages.lists().filter(|(key, _)| *key != "benign").for_each(|(_, l)| refusals.add(l));
        }
        Self {
            follow: labels(&[|t| &t.follow]),
            following: labels(&[|t| &t.following]),
            requested: labels(&[|t| &t.requested]),
            unfollow: labels(&[|t| &t.unfollow]),
            own_actions: labels(&[|t| &t.own_actions]),
            like: labels(&[|t| &t.like]),
            liked: labels(&[|t| &t.liked]),
            comment_placeholder: labels(&[|t| &t.comment_placeholder]),
            comment_send: labels(&[|t| &t.comment_send]),
            private: labels(&[|t| &t.private]),
            missing: labels(&[|t| &t.missing, |t| &t.suspended_person]),
            login: labels(&[|t| &t.login]),
            login_more: labels(&[|t| &t.login_more]),
            decline: labels(&[|t| &t.decline_buttons]),
            deny: labels(&[|t| &t.deny_buttons]),
            closing: labels(&[|t| &t.closing_buttons]),
            dialog_buttons: labels(&[|t| &t.dialog_buttons]),
            never_tap: labels(&[|t| &t.never_tap, |t| &t.unfollow, |t| &t.login, |t| &t.follow]),
            suggestions: labels(&[|t| &t.suggestions]),
            list_end: labels(&[|t| &t.list_end]),
            post_of: post_of(data),
            units: vec![
                (labels(&[|t| &t.thousand]), 1_000),
                (labels(&[|t| &t.ten_thousand]), 10_000),
                (labels(&[|t| &t.hundred_thousand]), 100_000),
                (labels(&[|t| &t.million]), 1_000_000),
                (labels(&[|t| &t.ten_million]), 10_000_000),
                (labels(&[|t| &t.hundred_million]), 100_000_000),
            ],
            questions: phrases(|t| &t.questions),
            system_alerts: phrases(|t| &t.system_alerts),
            challenge,
            suspended,
            refusals,
            page_ids: page_ids(data),
        }
    }
}

/// The most pictures one post can have.
const PICTURES_MAX: u32 = 20;
/// Stands for a number of pictures in a label.
const NUMBER: &str = "{n}";

/// The labels of posts, with every number that can stand in them.
fn post_of(data: &Data) -> Labels {
    let mut labels = Labels::default();
    for texts in data.texts.values() {
        let (counted, plain): (Vec<_>, Vec<_>) =
            texts.post_of.iter().cloned().partition(|label| label.contains(NUMBER));
        labels.add(&plain);
        for n in 2..=PICTURES_MAX {
            let filled: Vec<_> =
                counted.iter().map(|label| label.replace(NUMBER, &n.to_string())).collect();
            labels.add(&filled);
        }
    }
    labels
}

fn page_ids(data: &Data) -> HashSet<String> {
    let elsewhere = ["dialog", "toast", "safe_button", "search_result_prefix"];
    data.identifiers
        .lists()
        .filter(|(key, _)| !elsewhere.contains(key))
        .flat_map(|(_, list)| list.iter().cloned())
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::AppProfile;

    #[test]
    fn every_language_has_every_list() {
        let profile = AppProfile::builtin();
        // Not every language shortens numbers at each of these.
        let units = [
            "thousand",
            "ten_thousand",
            "hundred_thousand",
            "million",
            "ten_million",
            "hundred_million",
        ];
        // Known only in the languages that the simulated phone speaks.
        let rare = ["list_end", "post_of"];
        for (language, texts) in &profile.inside.data.texts {
            for (key, list) in texts.lists() {
                let may_lack = units.contains(&key) || rare.contains(&key);
                assert!(may_lack || !list.is_empty(), "texts.{language}.{key} is empty");
            }
            assert!(!texts.thousand.is_empty(), "texts.{language}.thousand is empty");
        }
    }

    #[test]
    fn no_label_means_two_things() {
        let profile = AppProfile::builtin();
        let v = profile.vocabulary();
        for (one_key, one, other_key, other) in [
            ("follow", &v.follow, "following", &v.following),
            ("follow", &v.follow, "requested", &v.requested),
            ("follow", &v.follow, "unfollow", &v.unfollow),
            ("following", &v.following, "requested", &v.requested),
            ("following", &v.following, "unfollow", &v.unfollow),
            ("requested", &v.requested, "unfollow", &v.unfollow),
            ("like", &v.like, "liked", &v.liked),
            ("comment_send", &v.comment_send, "comment_placeholder", &v.comment_placeholder),
            ("private", &v.private, "missing", &v.missing),
            ("login", &v.login, "login_more", &v.login_more),
            ("never_tap", &v.never_tap, "decline_buttons", &v.decline),
            ("never_tap", &v.never_tap, "deny_buttons", &v.deny),
            ("never_tap", &v.never_tap, "closing_buttons", &v.closing),
            ("deny_buttons", &v.deny, "closing_buttons", &v.closing),
            ("suggestions", &v.suggestions, "list_end", &v.list_end),
        ] {
            assert_eq!(one.shared_with(other), None, "{one_key} and {other_key}");
        }
    }

    #[test]
    fn what_must_not_be_tapped_is_named_in_every_language() {
        let profile = AppProfile::builtin();
        let never = &profile.vocabulary().never_tap;
        for (language, texts) in &profile.inside.data.texts {
            for label in texts.unfollow.iter().chain(&texts.login).chain(&texts.never_tap) {
                assert!(never.is(label), "{language}: {label}");
            }
        }
    }

    #[test]
    fn no_question_that_is_harmless_to_decline_reads_like_a_refusal() {
        let profile = AppProfile::builtin();
        let v = profile.vocabulary();
        for (language, texts) in &profile.inside.data.texts {
            for question in texts.questions.iter().chain(&texts.system_alerts) {
                assert!(!v.refusals.found_in(question), "{language}: {question}");
            }
        }
    }
}
