//! The one settings document: names, defaults, limits, and how a change is applied.
//!
//! Every value is checked on the way in; a [`Settings`] that exists is valid. A change is a
//! function from the old document to a new one or an error that names the field, so a bad
//! change changes nothing.

mod budgets;
mod change;
mod environment;
mod message_rule;
mod quiet_hours;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Action;

pub use budgets::{Budgets, Cap};
pub use change::Change;
pub use environment::ENVIRONMENT;
pub use message_rule::MessageRule;
pub use quiet_hours::QuietHours;

/// Whose past engagements count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DedupScope {
    /// Only the acting account's own.
    #[default]
    Account,
    /// Those of any of our accounts.
    Fleet,
}

/// A setting that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("setting `{field}`: {problem}")]
pub struct SettingsError {
    /// The field at fault, with dots for nested ones.
    pub field: String,
    /// What is wrong and what is possible.
    pub problem: String,
}

impl SettingsError {
    fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { field: field.into(), problem: problem.into() }
    }
}

/// Everything a person can tune. Units are in the names or said here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Days before a person may be engaged again after a success; 1 to 3650.
    pub reengagement_days: u32,
    /// Days before a private person is looked at again; 1 to 3650.
    pub private_retry_days: u32,
    /// Seconds of backoff after the first, second, … consecutive rate limit; the last repeats.
    pub rate_limit_steps: Vec<u32>,
    /// Share by which a backoff varies, both ways; 0 to 0.9. It keeps accounts that were
    /// limited together from returning together.
    pub backoff_jitter: f64,
    /// Consecutive rate limits that bring the cooldown; 1 to 100.
    pub cooldown_after_consecutive: u32,
    /// Minutes of cooldown; 1 to 10080.
    pub cooldown_minutes: u32,
    /// Hours after a cooldown in which an account works up to its budgets; 0 to 720, 0: none.
    pub ramp_hours: u32,
    /// Seconds a refusal may be remembered without asking the store; 0 to 86400.
    pub cache_ttl_seconds: u32,
    /// Whose past engagements count.
    pub dedup_scope: DedupScope,
    /// Caps per action, hour and day.
    pub budgets: Budgets,
    /// Caps per action of all accounts of the store together; an action that is not named has none.
    #[serde(deserialize_with = "budgets::only_named")]
    pub fleet_budgets: Budgets,
    /// Least distance between two acts of one account, in seconds; 0 to 86400.
    pub min_seconds_between_actions: u32,
    /// When nobody is engaged.
    pub quiet_hours: Option<QuietHours>,
    /// Seconds a claim lives without an outcome; then it is in doubt. 5 to 86400.
    pub claim_lease_seconds: u32,
    /// Days after which events may be cleaned up; `None`: never.
    pub retention_days: Option<u32>,
    /// What the app says, beside what the app profile knows; at most 500.
    pub message_rules: Vec<MessageRule>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            reengagement_days: 30,
            private_retry_days: 7,
            rate_limit_steps: vec![60, 120, 300, 600],
            backoff_jitter: 0.25,
            cooldown_after_consecutive: 3,
            cooldown_minutes: 45,
            // A day: every hour of it has been lived through once at the lower pace.
            ramp_hours: 24,
            cache_ttl_seconds: 300,
            dedup_scope: DedupScope::Account,
            budgets: Budgets::default(),
            fleet_budgets: Budgets::NONE,
            // A person looks at a profile before acting on it; three acts a minute is brisk.
            min_seconds_between_actions: 20,
            quiet_hours: None,
            claim_lease_seconds: 120,
            retention_days: None,
            message_rules: Vec::new(),
        }
    }
}

impl Settings {
    /// Every top-level name, in the order of the documentation.
    pub const NAMES: [&'static str; 16] = [
        "reengagement_days",
        "private_retry_days",
        "rate_limit_steps",
        "backoff_jitter",
        "cooldown_after_consecutive",
        "cooldown_minutes",
        "ramp_hours",
        "cache_ttl_seconds",
        "dedup_scope",
        "budgets",
        "fleet_budgets",
        "min_seconds_between_actions",
        "quiet_hours",
        "claim_lease_seconds",
        "retention_days",
        "message_rules",
    ];

    /// Reads a whole document; absent names take their defaults.
    ///
    /// # Errors
    /// An unknown name, a value of the wrong kind, or one out of range; the field is named.
    pub fn from_json(document: &Value) -> Result<Self, SettingsError> {
        if !document.is_object() {
            return Err(SettingsError::new("settings", "the document must be a JSON object"));
        }
        no_list_for_an_object(document)?;
        let settings: Self = serde_path_to_error::deserialize(document).map_err(|e| {
            let path = e.path().to_string();
            SettingsError::new(
                path,
                e.into_inner().to_string().replace("u32", "a whole number, 0 or more"),
            )
        })?;
        settings.check()?;
        Ok(settings)
    }

    /// The document, with every name present.
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or(Value::Null)
    }

    /// Returns the value called `name`; dots reach into objects (`budgets.follow.hour`).
    ///
    /// # Errors
    /// When there is no such setting.
    pub fn get(&self, name: &str) -> Result<Value, SettingsError> {
        self.to_json().pointer(&pointer(name)).cloned().ok_or_else(|| unknown(name))
    }

    /// These settings with `name` (dots reach into objects) set to `value`. An object given for
    /// an object changes only the fields it names.
    ///
    /// # Errors
    /// An unknown name or an impossible value; nothing is changed then.
    pub fn with(&self, name: &str, value: Value) -> Result<Self, SettingsError> {
        let mut document = self.to_json();
        let mut slot = &mut document;
        for part in name.split('.') {
            if slot.is_null() {
                return Err(SettingsError::new(
                    name,
                    "what it is a part of is not set; set all of it",
                ));
            }
            slot = slot.get_mut(part).ok_or_else(|| unknown(name))?;
        }
        merge(slot, value);
        Self::from_json(&document)
    }

    /// Least distance between two acts of one account.
    pub fn spacing(&self) -> Duration {
        Duration::from_secs(self.min_seconds_between_actions.into())
    }

    /// How long a claim lives without an outcome.
    pub fn claim_lease(&self) -> Duration {
        Duration::from_secs(self.claim_lease_seconds.into())
    }

    /// How long an account cools down.
    pub fn cooldown(&self) -> Duration {
        Duration::from_secs(u64::from(self.cooldown_minutes) * 60)
    }

    /// How long an account works up to its budgets after a cooldown.
    pub fn ramp(&self) -> Duration {
        Duration::from_secs(u64::from(self.ramp_hours) * 3600)
    }

    /// How long a refusal may be remembered.
    pub fn cache_ttl(&self) -> Duration {
        Duration::from_secs(self.cache_ttl_seconds.into())
    }

    fn check(&self) -> Result<(), SettingsError> {
        range("reengagement_days", self.reengagement_days, 1, 3650)?;
        range("private_retry_days", self.private_retry_days, 1, 3650)?;
        if self.rate_limit_steps.is_empty() || self.rate_limit_steps.len() > 20 {
            return Err(SettingsError::new("rate_limit_steps", "give 1 to 20 steps in seconds"));
        }
        for (i, step) in self.rate_limit_steps.iter().enumerate() {
            range(&format!("rate_limit_steps[{i}]"), *step, 1, 86_400)?;
        }
        if !(0.0..=0.9).contains(&self.backoff_jitter) {
            return Err(SettingsError::new(
                "backoff_jitter",
                format!("{} is not a share between 0 and 0.9", self.backoff_jitter),
            ));
        }
        range("cooldown_after_consecutive", self.cooldown_after_consecutive, 1, 100)?;
        range("cooldown_minutes", self.cooldown_minutes, 1, 10_080)?;
        range("ramp_hours", self.ramp_hours, 0, 720)?;
        range("cache_ttl_seconds", self.cache_ttl_seconds, 0, 86_400)?;
        range("min_seconds_between_actions", self.min_seconds_between_actions, 0, 86_400)?;
        range("claim_lease_seconds", self.claim_lease_seconds, 5, 86_400)?;
        if let Some(days) = self.retention_days {
            range("retention_days", days, 1, 36_500)?;
        }
        self.budgets.check("budgets", 100_000)?;
        self.fleet_budgets.check("fleet_budgets", 100_000_000)?;
        if let Some(quiet) = &self.quiet_hours {
            quiet.check()?;
        }
        message_rule::check(&self.message_rules)?;
        Ok(())
    }
}

/// A list of the right values would be read as if it had names, and an empty one as all
/// defaults.
fn no_list_for_an_object(document: &Value) -> Result<(), SettingsError> {
    let both = ["budgets", "fleet_budgets"];
    let actions = both
        .into_iter()
        .flat_map(|caps| Action::ALL.iter().map(move |action| format!("{caps}.{action}")));
    let objects = both.into_iter().chain(["quiet_hours"]).map(str::to_owned).chain(actions);
    for name in objects {
        if document.pointer(&pointer(&name)).is_some_and(Value::is_array) {
            return Err(SettingsError::new(name, "must be an object with names, not a list"));
        }
    }
    Ok(())
}

fn pointer(name: &str) -> String {
    format!("/{}", name.replace('.', "/"))
}

fn unknown(name: &str) -> SettingsError {
    let known = Settings::NAMES.join(", ");
    SettingsError::new(name, format!("there is no such setting; there are {known}"))
}

fn range(field: &str, value: u32, low: u32, high: u32) -> Result<(), SettingsError> {
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        Err(SettingsError::new(field, format!("{value} is not between {low} and {high}")))
    }
}

/// Like RFC 7396, except that `null` is a value ("no cap") and removes nothing.
fn merge(slot: &mut Value, change: Value) {
    match (slot, change) {
        (Value::Object(old), Value::Object(new)) => {
            for (name, value) in new {
                merge(old.entry(name).or_insert(Value::Null), value);
            }
        }
        (slot, change) => *slot = change,
    }
}
