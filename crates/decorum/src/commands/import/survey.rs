//! What is in a file, before anything of it is stored.

use std::collections::BTreeMap;
use std::path::Path;

use decorum_core::{AccountId, Action, Settings, Status, Timestamp, policy};
use decorum_import::{Engagement, LeftOut, Place};
use serde_json::{Value, json};

use super::at;
use super::judge::Verdict;
use crate::console::{count, instant, print};
use crate::exit::Failure;

/// Entries that cannot be true which are shown, before the rest is only counted.
const SHOWN_MAX: usize = 5;

/// See the module's documentation.
#[derive(Default)]
pub(super) struct Survey {
    groups: BTreeMap<(AccountId, Action, Status), Group>,
    left_out: BTreeMap<LeftOut, usize>,
    suppressed: usize,
    bad: usize,
    shown: Vec<String>,
    closed: Vec<String>,
}

/// Engagements of one account, one action and one ending.
#[derive(Default)]
struct Group {
    count: usize,
    known: usize,
    undated: usize,
    in_window: usize,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
}

impl Survey {
    pub(super) fn add(
        &mut self,
        engagement: &Engagement,
        verdict: Verdict,
        settings: &Settings,
        now: Timestamp,
    ) {
        if verdict == Verdict::Suppressed {
            self.suppressed += 1;
            return;
        }
        let status = engagement.outcome.status();
        let key = (engagement.account_id.clone(), engagement.action, status);
        let group = self.groups.entry(key).or_default();
        group.count += 1;
        group.known += usize::from(verdict == Verdict::Known);
        match engagement.happened_at {
            None => group.undated += 1,
            Some(at) => {
                group.first = Some(group.first.map_or(at, |first| first.min(at)));
                group.last = Some(group.last.map_or(at, |last| last.max(at)));
            }
        }
        let until = policy::window_ends(engagement.outcome, at(engagement, now), settings);
        group.in_window += usize::from(until.is_some_and(|until| now < until));
    }

    pub(super) fn left_out(&mut self, why: LeftOut, place: &Place) {
        *self.left_out.entry(why).or_default() += 1;
        if why == LeftOut::NotOpened && self.closed.len() < SHOWN_MAX {
            self.closed.push(format!("  {place}"));
        }
    }

    pub(super) fn bad(&mut self, place: &Place, problem: &str) {
        self.bad += 1;
        if self.shown.len() < SHOWN_MAX {
            self.shown.push(format!("{place}: {problem}"));
        }
    }

    /// Refuses a file that has entries which cannot be true: perhaps it is not what it was taken
    /// for.
    pub(super) fn refuse_bad(&self, file: &Path) -> Result<(), Failure> {
        if self.bad == 0 {
            return Ok(());
        }
        Err(Failure::usage(format!(
            "{} has entries that cannot be true:\n{}\nCorrect or remove them, or add --skip-bad \
             to leave them out; nothing was imported",
            file.display(),
            self.bad_lines()
        )))
    }

    fn bad_lines(&self) -> String {
        let mut lines: Vec<String> = self.shown.iter().map(|line| format!("  {line}")).collect();
        if self.bad > self.shown.len() {
            lines.push(format!("  and {} more", self.bad - self.shown.len()));
        }
        lines.join("\n")
    }

    /// How many engagements there are, known ones included.
    pub(super) fn total(&self) -> usize {
        self.groups.values().map(|group| group.count).sum()
    }

    /// How many of them the store does not know yet.
    pub(super) fn unknown(&self) -> usize {
        self.groups.values().map(|group| group.count - group.known).sum()
    }

    /// For a person.
    pub(super) fn print(&self) -> Result<(), Failure> {
        for ((account, action, status), group) in &self.groups {
            print(format!("{account} {action}: {}", group.explained(*status)))?;
        }
        for (why, n) in &self.left_out {
            print(format!("left out: {} {}", count(*n, "entry", "entries"), why.explained()))?;
            if *why == LeftOut::NotOpened {
                print(self.closed.join("\n"))?;
            }
        }
        if self.suppressed > 0 {
            let n = count(self.suppressed, "entry", "entries");
            print(format!("left out: {n} about people on the suppression list"))?;
        }
        if self.bad > 0 {
            let n = count(self.bad, "entry", "entries");
            print(format!("left out: {n} that cannot be true\n{}", self.bad_lines()))?;
        }
        if self.groups.is_empty() {
            print("no engagements in it")?;
        }
        Ok(())
    }

    /// For a program.
    pub(super) fn json(&self) -> Value {
        let group = |((account, action, status), group): (&(AccountId, Action, Status), &Group)| {
            json!({
                "account_id": account,
                "action": action,
                "status": status,
                "count": group.count,
                "known": group.known,
                "undated": group.undated,
                "in_window": group.in_window,
                "first": group.first,
                "last": group.last,
            })
        };
        let mut left_out: BTreeMap<&str, usize> =
            self.left_out.iter().map(|(why, n)| (why.as_str(), *n)).collect();
        for (why, n) in [("suppressed", self.suppressed), ("bad", self.bad)] {
            if n > 0 {
                left_out.insert(why, n);
            }
        }
        json!({
            "engagements": self.groups.iter().map(group).collect::<Vec<_>>(),
            "left_out": left_out,
        })
    }
}

impl Group {
    fn explained(&self, status: Status) -> String {
        let what = if status == Status::Success {
            count(self.count, "engagement", "engagements")
        } else {
            count(self.count, "follower, counted as engaged", "followers, counted as engaged")
        };
        let mut parts = vec![what];
        if let (Some(first), Some(last)) = (self.first, self.last) {
            parts.push(format!("from {} to {}", instant(first), instant(last)));
        }
        if self.undated > 0 {
            parts.push(format!("{} without a time, which count from now", self.undated));
        }
        parts.push(format!("{} still within the re-engagement window", self.in_window));
        if self.known > 0 {
            parts.push(format!("{} known already", self.known));
        }
        parts.join(", ")
    }
}
