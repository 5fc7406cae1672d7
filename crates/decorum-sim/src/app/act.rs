//! Acts on people. Each goes through the faults and the ledger before the screen changes.

use super::{App, Comment, Overlay, PostId, Screen, Switch};
use crate::effects::{Attempt, Effects};
use crate::error::Failure;
use crate::ledger::Effect;
use crate::people::Found;
use crate::scenario::{Act, FaultKind, Relationship, When};
use crate::tree::Field;

/// What an act led to, as far as the screen is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Done {
    /// Nothing changed.
    Not,
    /// It shows, and stays.
    Stays,
    /// It shows, until it flips back.
    Until(i64),
}

impl App {
    /// A tap on a Follow button: asks, follows, or opens the sheet to unfollow.
    pub(crate) fn follow(
        &mut self,
        user: &str,
        effects: &mut Effects,
        now: i64,
    ) -> Result<(), Failure> {
        let tie = self.tie(user);
        if tie.real(now) != Relationship::None {
            self.overlays.push(Overlay::Unfollow(user.to_owned()));
            return Ok(());
        }
        let Found::Person(profile) = self.person(user) else { return Ok(()) };
        let (effect, value) = if profile.private {
            (Effect::Requested, Relationship::Requested)
        } else {
            (Effect::Applied, Relationship::Following)
        };
        match self.act(Act::Follow, user, None, effect, effects, now)? {
            Done::Not => {}
            done => self.tie_to(user, tie.real(now), value, done, now),
        }
        Ok(())
    }

    /// The sheet's Unfollow, which also withdraws a request.
    pub(crate) fn unfollow(
        &mut self,
        user: &str,
        effects: &mut Effects,
        now: i64,
    ) -> Result<(), Failure> {
        self.overlays.pop();
        let before = self.tie(user).real(now);
        match self.act(Act::Unfollow, user, None, Effect::Applied, effects, now)? {
            Done::Not => {}
            done => self.tie_to(user, before, Relationship::None, done, now),
        }
        Ok(())
    }

    fn tie_to(
        &mut self,
        user: &str,
        before: Relationship,
        value: Relationship,
        done: Done,
        now: i64,
    ) {
        let delay = i64::try_from(self.scenario.follow_ms).unwrap_or(0);
        let switch = Switch { value, before, shown_at: now + delay, reverts_at: done.until() };
        self.ties.insert((self.account.clone(), user.to_owned()), switch);
    }

    /// A tap on the heart: likes, or takes the like back.
    pub(crate) fn toggle_like(
        &mut self,
        post: &PostId,
        effects: &mut Effects,
        now: i64,
    ) -> Result<(), Failure> {
        let before = self.like(post).real(now);
        let act = if before { Act::Unlike } else { Act::Like };
        let detail = Some(format!("post {post}"));
        match self.act(act, &post.user, detail, Effect::Applied, effects, now)? {
            Done::Not => {}
            done => {
                let switch =
                    Switch { value: !before, before, shown_at: now, reverts_at: done.until() };
                self.likes.insert((self.account.clone(), post.clone()), switch);
            }
        }
        Ok(())
    }

    /// Posts what is in the comment field.
    pub(crate) fn comment(
        &mut self,
        post: &PostId,
        effects: &mut Effects,
        now: i64,
    ) -> Result<(), Failure> {
        let text = self.field(Field::Comment).trim().to_owned();
        if text.is_empty() {
            return Ok(());
        }
        let detail = Some(format!("post {post}: {text}"));
        match self.act(Act::Comment, &post.user, detail, Effect::Applied, effects, now)? {
            Done::Not => {}
            done => {
                self.fields.remove(&Field::Comment);
                self.focus = None;
                let comment = Comment { author: self.account.clone(), text, gone_at: done.until() };
                self.comments.entry(post.clone()).or_default().push(comment);
            }
        }
        Ok(())
    }

    /// Opens somebody's story, which is a view of that person.
    pub(crate) fn watch(
        &mut self,
        user: &str,
        effects: &mut Effects,
        now: i64,
    ) -> Result<(), Failure> {
        let story = match self.person(user) {
            Found::Person(profile) => {
                profile.story && (!profile.private || self.admitted(user, now))
            }
            Found::Suspended | Found::Nobody => false,
        };
        if !story {
            self.push(Screen::Profile(user.to_owned()), now);
            return Ok(());
        }
        match self.act(Act::View, user, None, Effect::Applied, effects, now)? {
            Done::Not => {}
            Done::Stays | Done::Until(_) => {
                self.seen.insert((self.account.clone(), user.to_owned()), now);
                self.push(Screen::Story(user.to_owned()), now);
            }
        }
        Ok(())
    }

    fn act(
        &mut self,
        act: Act,
        target: &str,
        detail: Option<String>,
        natural: Effect,
        effects: &mut Effects,
        now: i64,
    ) -> Result<Done, Failure> {
        let attempt =
            Attempt { account: self.account.clone(), act, target: target.to_owned(), detail };
        let verdict = effects.faults.on_act(act, target, now);
        if verdict.drop == Some(When::Before) {
            return Err(Failure::Drop);
        }
        if verdict.crash == Some(When::Before) {
            self.terminate();
            return Ok(Done::Not);
        }
        let done = if let Some(fault) = &verdict.refusal {
            effects.record(&attempt, Effect::Refused, Some(reason(fault.kind)), now)?;
            self.strike(fault, now);
            Done::Not
        } else if let Some(after) = verdict.revert_after_ms {
            let why = format!("flips back after {after} ms");
            effects.record(&attempt, Effect::Reverted, Some(&why), now)?;
            Done::Until(now + i64::try_from(after).unwrap_or(0))
        } else {
            effects.record(&attempt, natural, None, now)?;
            Done::Stays
        };
        for fault in &verdict.after {
            self.strike(fault, now);
        }
        if verdict.crash == Some(When::After) {
            self.terminate();
        }
        self.drop_answer |= verdict.drop == Some(When::After);
        Ok(done)
    }
}

impl Done {
    fn until(self) -> Option<i64> {
        match self {
            Self::Until(at) => Some(at),
            Self::Not | Self::Stays => None,
        }
    }
}

/// The word on the ledger for why an act was refused.
fn reason(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::RateLimit => "rate_limited",
        FaultKind::ActionBlocked => "action_blocked",
        FaultKind::Challenge => "challenge",
        FaultKind::LoggedOut => "logged_out",
        FaultKind::AccountSuspended => "account_suspended",
        _ => "dialog",
    }
}
