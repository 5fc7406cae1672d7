//! A phone as it is kept: where it is reached, which accounts are logged in on it, and whether it
//! answers.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::task::SpecError;
use crate::{AccountId, DeviceId, Fence, TaskId, Timestamp};

/// Accounts logged in on one phone at most.
const ACCOUNTS_MAX: usize = 20;
/// Bytes of capabilities at most.
const CAPABILITIES_MAX: usize = 20_000;
/// How long to leave a phone alone after its first failure; doubled with each further one.
const FIRST_RETRY: Duration = Duration::from_secs(5);
/// The longest it is left alone.
const LONGEST_RETRY: Duration = Duration::from_mins(5);

/// Whether a phone can be used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum DeviceState {
    /// Nobody has looked yet.
    #[default]
    Unknown,
    /// It answered when last asked.
    Ready,
    /// A task has it.
    Busy {
        /// Which.
        task: TaskId,
    },
    /// It did not answer when last asked.
    Unreachable {
        /// Since when.
        since: Timestamp,
        /// What happened, for a person.
        why: String,
        /// How often in a row, at least 1.
        failures: u32,
    },
    /// A person took it out of use.
    Disabled,
}

impl DeviceState {
    /// The stable word.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Ready => "ready",
            Self::Busy { .. } => "busy",
            Self::Unreachable { .. } => "unreachable",
            Self::Disabled => "disabled",
        }
    }
}

/// For whom the app acted when a worker was done with the phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InFront {
    /// The account.
    pub account_id: AccountId,
    /// The fence of the lease on the phone under which that was seen.
    pub fence: Fence,
}

/// A phone as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceRecord {
    /// What we call it.
    pub device_id: DeviceId,
    /// Its Appium server or `WebDriverAgent`.
    pub url: String,
    /// Its own identifier, where one server has several.
    #[serde(default)]
    pub udid: Option<String>,
    /// Merged into the session request.
    #[serde(default)]
    pub capabilities: Map<String, Value>,
    /// The accounts logged in on it.
    #[serde(default)]
    pub account_ids: Vec<AccountId>,
    /// Whether it can be used.
    #[serde(flatten)]
    pub state: DeviceState,
    /// When it was last asked.
    #[serde(default)]
    pub checked_at: Option<Timestamp>,
    /// What it said of itself.
    #[serde(default)]
    pub described: Option<String>,
    /// For whom the app acted last, if that was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub front: Option<InFront>,
    /// Grows with every change; the store counts.
    #[serde(default)]
    pub rev: u64,
}

impl DeviceRecord {
    /// A phone nobody has looked at yet.
    pub fn new(device_id: DeviceId, url: String, account_ids: Vec<AccountId>) -> Self {
        Self {
            device_id,
            url,
            udid: None,
            capabilities: Map::new(),
            account_ids,
            state: DeviceState::Unknown,
            checked_at: None,
            described: None,
            front: None,
            rev: 0,
        }
    }

    /// Refuses what cannot work.
    ///
    /// # Errors
    /// The field at fault.
    pub fn check(&self) -> Result<(), SpecError> {
        let http = ["http://", "https://"].iter().any(|scheme| self.url.starts_with(scheme));
        if !http || self.url.len() > 2_000 || self.url.contains(char::is_whitespace) {
            let problem = "write the address of an Appium server or WebDriverAgent, such as \
                           http://127.0.0.1:4723";
            return Err(SpecError::new("url", problem));
        }
        if self.udid.as_ref().is_some_and(|udid| udid.trim().is_empty() || udid.len() > 200) {
            return Err(SpecError::new("udid", "write 1 to 200 bytes, or leave it out"));
        }
        if self.account_ids.len() > ACCOUNTS_MAX {
            let given = self.account_ids.len();
            let problem = format!("{given} accounts; at most {ACCOUNTS_MAX} are possible");
            return Err(SpecError::new("account_ids", problem));
        }
        let mut seen = std::collections::HashSet::new();
        if let Some(twice) = self.account_ids.iter().find(|name| !seen.insert(*name)) {
            return Err(SpecError::new("account_ids", format!("`{twice}` is given twice")));
        }
        let size = serde_json::to_string(&self.capabilities).map_or(usize::MAX, |json| json.len());
        if size > CAPABILITIES_MAX {
            let problem = format!("{size} bytes; at most {CAPABILITIES_MAX} are possible");
            return Err(SpecError::new("capabilities", problem));
        }
        Ok(())
    }

    /// For whom the app acts, as far as it can be told before anybody has looked, by who has taken
    /// the phone under `fence`: whom the last holder of the phone left in front, or the one account
    /// that is logged in on it. Anybody may have had the phone between two holders that are not
    /// neighbours; then nobody can tell.
    pub fn front_under(&self, fence: Fence) -> Option<&AccountId> {
        let left = self.front.as_ref().filter(|front| front.fence.next() == fence);
        match (left, self.account_ids.as_slice()) {
            (Some(front), _) => Some(&front.account_id),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }

    /// It answered.
    #[must_use]
    pub fn answered(mut self, described: Option<String>, now: Timestamp) -> Self {
        if !matches!(self.state, DeviceState::Disabled | DeviceState::Busy { .. }) {
            self.state = DeviceState::Ready;
        }
        self.described = described.or(self.described);
        self.checked_at = Some(now);
        self
    }

    /// It did not answer, or broke off.
    #[must_use]
    pub fn failed(mut self, why: &str, now: Timestamp) -> Self {
        let (since, failures) = match &self.state {
            DeviceState::Disabled => return self,
            DeviceState::Unreachable { since, failures, .. } => {
                (*since, failures.saturating_add(1))
            }
            _ => (now, 1),
        };
        let why = why.chars().take(500).collect();
        self.state = DeviceState::Unreachable { since, why, failures };
        self.checked_at = Some(now);
        self
    }

    /// When a phone that did not answer is worth asking again; `None`: it is not one.
    pub fn retry_at(&self) -> Option<Timestamp> {
        let DeviceState::Unreachable { since, failures, .. } = &self.state else { return None };
        let doubled = failures.saturating_sub(1).min(16);
        let pause = FIRST_RETRY.saturating_mul(1 << doubled).min(LONGEST_RETRY);
        Some(self.checked_at.unwrap_or(*since).plus(pause))
    }
}
