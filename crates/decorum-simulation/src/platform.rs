//! What the platform knows: who did what to whom, and when. It is the witness.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use decorum_core::{Action, Username};
use tokio::time::{Duration, Instant};

use crate::schedule::PersonSpec;

/// How long the platform lets an act show that it is about to take back.
const SHOWN_FOR: Duration = Duration::from_millis(900);

/// What the platform makes of an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reaction {
    /// It is done.
    Done,
    /// Done, and taken back a moment later.
    TakenBack,
    /// Refused: too many.
    RateLimited,
    /// Refused: a person is to confirm.
    Challenged,
    /// Done, and then a person is to confirm: the answer is covered.
    Covered,
}

impl Reaction {
    /// Whether it took effect, for good.
    pub(crate) const fn is_effect(self) -> bool {
        matches!(self, Self::Done | Self::Covered)
    }
}

/// An act that reached the platform.
#[derive(Clone, Debug)]
pub(crate) struct Act {
    pub(crate) account: usize,
    pub(crate) target: usize,
    pub(crate) action: Action,
    pub(crate) reaction: Reaction,
}

/// One platform for all phones.
#[derive(Debug)]
pub(crate) struct Platform {
    pub(crate) people: Vec<PersonSpec>,
    pub(crate) names: Vec<Username>,
    pub(crate) acts: Vec<Act>,
    /// How many acts of each account there were.
    counts: Vec<u32>,
    /// What it will not simply do.
    pub(crate) reactions: BTreeMap<(usize, u32), Reaction>,
    /// Accounts that must confirm first.
    pub(crate) challenged: BTreeSet<usize>,
    /// Shown although it will be taken back: until when.
    passing: VecDeque<(Instant, usize, usize, Action)>,
    comments: BTreeMap<usize, Vec<(usize, String, Option<Instant>)>>,
}

impl Platform {
    pub(crate) fn new(people: Vec<PersonSpec>, names: Vec<Username>, accounts: usize) -> Self {
        Self {
            people,
            names,
            acts: Vec::new(),
            counts: vec![0; accounts],
            reactions: BTreeMap::new(),
            challenged: BTreeSet::new(),
            passing: VecDeque::new(),
            comments: BTreeMap::new(),
        }
    }

    pub(crate) fn person(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|n| n.as_str() == name)
    }

    /// Whether the page shows this as done.
    pub(crate) fn shows(&self, account: usize, target: usize, action: Action) -> bool {
        let now = Instant::now();
        let lasting = self.acts.iter().any(|act| {
            (act.account, act.target, act.action) == (account, target, action)
                && act.reaction.is_effect()
        });
        let passing = self.passing.iter().any(|(until, who, whom, what)| {
            now < *until && (*who, *whom, *what) == (account, target, action)
        });
        lasting || passing
    }

    /// The comments on the person's newest post.
    pub(crate) fn comments(
        &self,
        target: usize,
        account_names: &[String],
    ) -> Vec<(String, String)> {
        let now = Instant::now();
        let of = self.comments.get(&target).map(Vec::as_slice).unwrap_or_default();
        of.iter()
            .filter(|(_, _, until)| until.is_none_or(|until| now < until))
            .filter_map(|(who, text, _)| Some((account_names.get(*who)?.clone(), text.clone())))
            .collect()
    }

    /// An act arrives.
    pub(crate) fn act(
        &mut self,
        account: usize,
        target: usize,
        action: Action,
        text: Option<&str>,
    ) -> Reaction {
        let number = self.counts.get(account).copied().unwrap_or_default();
        if let Some(count) = self.counts.get_mut(account) {
            *count += 1;
        }
        let reaction = self.reactions.get(&(account, number)).copied().unwrap_or(Reaction::Done);
        // A story was watched once it is open; there is nothing to take back.
        let reaction = match (reaction, action) {
            (Reaction::TakenBack, Action::View) => Reaction::Done,
            (reaction, _) => reaction,
        };
        let at = Instant::now();
        self.acts.push(Act { account, target, action, reaction });
        let until = (reaction == Reaction::TakenBack).then(|| at + SHOWN_FOR);
        if let Some(until) = until {
            self.passing.push_back((until, account, target, action));
        }
        if let Some(text) = text
            && (reaction.is_effect() || reaction == Reaction::TakenBack)
        {
            let comments = self.comments.entry(target).or_default();
            comments.push((account, text.to_owned(), until));
        }
        if matches!(reaction, Reaction::Challenged | Reaction::Covered) {
            self.challenged.insert(account);
        }
        reaction
    }
}
