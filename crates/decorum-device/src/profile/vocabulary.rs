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
    pub(crate) thousand: Labels,
    pub(crate) million: Labels,
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
            never_tap: labels(&[|t| &t.never_tap]),
            thousand: labels(&[|t| &t.thousand]),
            million: labels(&[|t| &t.million]),
            questions: phrases(|t| &t.questions),
            system_alerts: phrases(|t| &t.system_alerts),
            challenge,
            suspended,
            refusals,
            page_ids: page_ids(data),
        }
    }
}

fn page_ids(data: &Data) -> HashSet<String> {
    let elsewhere = ["dialog", "toast", "safe_button", "search_result_prefix"];
    data.identifiers
        .lists()
        .filter(|(key, _)| !elsewhere.contains(key))
        .flat_map(|(_, list)| list.iter().cloned())
        .collect()
}
