//! What a person asks for, and what about it cannot work.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Filters, Schedule, Source};
use crate::words::vocabulary;
use crate::{AccountId, Action, TaskId, Username};

/// The longest comment the platform takes, in characters.
pub const COMMENT_MAX: usize = 2200;
/// Comments of one task at most.
const COMMENTS_MAX: usize = 500;
/// Names given with one task, or people it may look for, at most.
pub const TARGETS_MAX: usize = 100_000;
/// The longest name of a task, in characters.
const NAME_MAX: usize = 120;
/// The longest id of a task with a schedule, in bytes: its copies have the instant appended.
const SCHEDULED_ID_MAX: usize = crate::ids::LABEL_MAX - 20;

vocabulary!(
    /// What kind of task.
    TaskKind, "kind of task" {
        /// Engages people.
        Engage = "engage",
        /// Only looks for people.
        Crawl = "crawl",
    }
);

/// A task that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{field}`: {problem}")]
pub struct SpecError {
    /// The field at fault, with dots for nested ones.
    pub field: String,
    /// What is wrong and what is possible.
    pub problem: String,
}

impl SpecError {
    /// About this field.
    pub fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { field: field.into(), problem: problem.into() }
    }
}

/// What a person asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskSpec {
    /// Engage people, or only look for them.
    pub kind: TaskKind,
    /// The account that acts.
    pub account_id: AccountId,
    /// What to do to each person, in order. Empty for a crawl.
    #[serde(default)]
    pub actions: Vec<Action>,
    /// Where the people come from.
    pub source: Source,
    /// How many people at most; `None`: all there are.
    #[serde(default)]
    pub limit: Option<u32>,
    /// Texts to comment with, written by a person.
    #[serde(default)]
    pub comments: Vec<String>,
    /// Read and decide, but never act.
    #[serde(default)]
    pub dry_run: bool,
    /// Higher goes first.
    #[serde(default)]
    pub priority: i16,
    /// Whom to leave out.
    #[serde(default)]
    pub filters: Filters,
    /// When; `None`: as soon as it can be.
    #[serde(default)]
    pub schedule: Option<Schedule>,
    /// What a person calls it.
    #[serde(default)]
    pub name: Option<String>,
}

impl TaskSpec {
    /// Reads and checks a whole specification.
    ///
    /// # Errors
    /// An unknown or missing field, a value of the wrong kind, and what [`TaskSpec::check`] refuses.
    pub fn from_json(document: &Value) -> Result<Self, SpecError> {
        if !document.is_object() {
            return Err(SpecError::new("task", "must be a JSON object"));
        }
        let spec: Self = serde_path_to_error::deserialize(document).map_err(|e| {
            let path = e.path().to_string();
            let field = if path == "." { "task".to_owned() } else { path };
            SpecError::new(field, e.into_inner().to_string())
        })?;
        spec.check()?;
        Ok(spec)
    }

    /// Refuses what cannot work.
    ///
    /// # Errors
    /// The field at fault, what is wrong with it, and what is possible.
    pub fn check(&self) -> Result<(), SpecError> {
        match self.kind {
            TaskKind::Engage => self.check_engage()?,
            TaskKind::Crawl => self.check_crawl()?,
        }
        if self.source == Source::Erased {
            let problem = "names nobody; it is what is left of a source whose person was erased";
            return Err(SpecError::new("source", problem));
        }
        if let Some(person) = self.source.person()
            && person.as_str() == self.account_id.as_str()
            && self.kind == TaskKind::Engage
            && matches!(self.source, Source::FollowingOf(_))
        {
            let problem = "these are the people the account follows already";
            return Err(SpecError::new("source", problem));
        }
        let people = u32::try_from(TARGETS_MAX).unwrap_or(u32::MAX);
        if let Some(limit) = self.limit.filter(|limit| !(1..=people).contains(limit)) {
            let problem = format!("{limit} is not between 1 and {people}");
            return Err(SpecError::new("limit", problem));
        }
        if let Some(name) = &self.name {
            let len = name.chars().count();
            if name.trim().is_empty() || len > NAME_MAX || name.contains(char::is_control) {
                let problem = format!("write 1 to {NAME_MAX} characters in one line");
                return Err(SpecError::new("name", problem));
            }
        }
        self.filters.check()?;
        self.schedule.as_ref().map_or(Ok(()), Schedule::check)
    }

    fn check_engage(&self) -> Result<(), SpecError> {
        if self.actions.is_empty() {
            let problem = "no action is given; give at least one of follow, like, comment, view";
            return Err(SpecError::new("actions", problem));
        }
        let mut seen = HashSet::new();
        if let Some(twice) = self.actions.iter().find(|action| !seen.insert(**action)) {
            return Err(SpecError::new("actions", format!("`{twice}` is given twice")));
        }
        let comments = self.actions.contains(&Action::Comment);
        if comments && self.comments.is_empty() {
            let problem = "`comment` needs at least one text, written by a person";
            return Err(SpecError::new("comments", problem));
        }
        if !comments && !self.comments.is_empty() {
            let problem = "there are texts, but `comment` is not one of the actions";
            return Err(SpecError::new("comments", problem));
        }
        if self.comments.len() > COMMENTS_MAX {
            let problem =
                format!("{} texts; at most {COMMENTS_MAX} are possible", self.comments.len());
            return Err(SpecError::new("comments", problem));
        }
        for (i, comment) in self.comments.iter().enumerate() {
            let field = || format!("comments[{i}]");
            // Typed, a line break could send it too early.
            if comment.trim().is_empty() || comment.contains(char::is_control) {
                let problem = "is empty or has a line break or control character; write one line";
                return Err(SpecError::new(field(), problem));
            }
            let len = comment.chars().count();
            if len > COMMENT_MAX {
                let problem = format!("{len} characters; at most {COMMENT_MAX} are possible");
                return Err(SpecError::new(field(), problem));
            }
        }
        Ok(())
    }

    fn check_crawl(&self) -> Result<(), SpecError> {
        let problem = match () {
            () if self.source == Source::List => {
                ("source", "a crawl looks for people; a list gives them")
            }
            () if !self.actions.is_empty() => {
                ("actions", "a crawl engages nobody; leave the actions out, or say kind `engage`")
            }
            () if !self.comments.is_empty() => ("comments", "a crawl engages nobody"),
            () if self.dry_run => ("dry_run", "a crawl engages nobody in any case"),
            () => return Ok(()),
        };
        Err(SpecError::new(problem.0, problem.1))
    }

    /// Refuses names that do not go with it, and an id that it cannot have.
    ///
    /// # Errors
    /// The field at fault.
    pub fn check_with(&self, targets: &[Username], id: &TaskId) -> Result<(), SpecError> {
        if self.schedule.is_some() && id.as_str().len() > SCHEDULED_ID_MAX {
            let problem =
                format!("a task with a schedule has an id of at most {SCHEDULED_ID_MAX} bytes");
            return Err(SpecError::new("id", problem));
        }
        let wrong = |problem: String| Err(SpecError::new("targets", problem));
        if self.source != Source::List {
            return match targets.len() {
                0 => Ok(()),
                n => wrong(format!("{n} names are given, but the source is {}", self.source)),
            };
        }
        if targets.is_empty() {
            return wrong("the list of people is empty; give at least one username".to_owned());
        }
        if targets.len() > TARGETS_MAX {
            return wrong(format!("{} names; at most {TARGETS_MAX} are possible", targets.len()));
        }
        let mut seen = HashSet::with_capacity(targets.len());
        if let Some(twice) = targets.iter().find(|name| !seen.insert(*name)) {
            return wrong(format!("`{twice}` is on the list twice"));
        }
        if targets.iter().any(|name| name.as_str() == self.account_id.as_str()) {
            return wrong(format!("{} is on its own list of people; take it off", self.account_id));
        }
        Ok(())
    }
}
