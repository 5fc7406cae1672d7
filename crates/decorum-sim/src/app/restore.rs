//! Relationships as the ledger of an earlier run left them.

use super::{App, Comment, PostId, Switch};
use crate::ledger::{Effect, LedgerEntry};
use crate::scenario::{Act, Relationship};

impl App {
    /// Replays a ledger. Only what stayed counts: refused and reverted acts left nothing.
    pub(crate) fn restore(&mut self, entries: &[LedgerEntry], now: i64) {
        for entry in entries {
            let value = match entry.effect {
                Effect::Applied => Relationship::Following,
                Effect::Requested => Relationship::Requested,
                Effect::Reverted | Effect::Refused => continue,
            };
            let pair = (entry.account_id.clone(), entry.target_username.clone());
            let detail = entry.detail.as_deref().and_then(|text| text.strip_prefix("post "));
            match entry.action {
                Act::Follow => {
                    self.ties.insert(pair, Switch::settled(value));
                }
                Act::Unfollow => {
                    self.ties.insert(pair, Switch::settled(Relationship::None));
                }
                Act::View => {
                    self.seen.insert(pair, now);
                }
                Act::Like | Act::Unlike => {
                    if let Some(post) = detail.and_then(PostId::parse) {
                        let liked = Switch::settled(entry.action == Act::Like);
                        self.likes.insert((entry.account_id.clone(), post), liked);
                    }
                }
                Act::Comment => {
                    let parts = detail.and_then(|text| text.split_once(": "));
                    if let Some((post, text)) = parts
                        && let Some(post) = PostId::parse(post)
                    {
                        let author = entry.account_id.clone();
                        let comment = Comment { author, text: text.to_owned(), gone_at: None };
                        self.comments.entry(post).or_default().push(comment);
                    }
                }
            }
        }
    }
}
