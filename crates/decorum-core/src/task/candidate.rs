//! The people of a task, each once, in the order in which they were given or seen.

use serde::{Deserialize, Serialize};

use crate::{Status, Timestamp, Username};

/// What became of a candidate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum CandidateState {
    /// Still to be engaged.
    Open,
    /// Tried.
    Done {
        /// How it ended.
        status: Status,
        /// Why.
        #[serde(default)]
        reason: Option<String>,
    },
    /// Not to be engaged, by our own rules.
    Refused {
        /// Which rule, as in [`crate::RefusalReason`].
        reason: String,
    },
    /// Left out, by the task's filters.
    PassedOver {
        /// Which filter, as in [`super::FilterReason`].
        reason: String,
    },
}

impl CandidateState {
    /// The stable word.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done { .. } => "done",
            Self::Refused { .. } => "refused",
            Self::PassedOver { .. } => "passed_over",
        }
    }

    /// Whether there is still something to do.
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Open)
    }
}

/// One person of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Their place in the task, from 1.
    pub ord: u64,
    /// Who; `None`: they were erased.
    pub username: Option<Username>,
    /// When they were given or seen.
    pub seen_at: Timestamp,
    /// Where they were seen, in words for a person.
    #[serde(default)]
    pub source: Option<String>,
    /// What became of them.
    #[serde(flatten)]
    pub state: CandidateState,
    /// What a person should know.
    #[serde(default)]
    pub note: Option<String>,
}

impl Candidate {
    /// The candidate without the person. They are not engaged any more, whatever else they were.
    #[must_use]
    pub fn erased(self) -> Self {
        let state = match self.state {
            CandidateState::Open => {
                CandidateState::Refused { reason: crate::RefusalReason::Suppressed.to_string() }
            }
            other => other,
        };
        Self { username: None, source: None, note: None, state, ..self }
    }
}

/// A person seen by a crawl, not yet on the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCandidate {
    /// Who.
    pub username: Username,
    /// When.
    pub seen_at: Timestamp,
    /// Where, in words for a person.
    pub source: Option<String>,
    /// What a person should know.
    pub note: Option<String>,
}

impl NewCandidate {
    /// With its place on the list.
    pub fn at(self, ord: u64) -> Candidate {
        let Self { username, seen_at, source, note } = self;
        let state = CandidateState::Open;
        Candidate { ord, username: Some(username), seen_at, source, state, note }
    }
}
