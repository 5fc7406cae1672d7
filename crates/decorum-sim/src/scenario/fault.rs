//! What goes wrong, and when.
//!
//! A fault is one flat table in the file. Its kind decides which keys have a meaning; a key
//! without one is an error, so that a scenario never promises a fault that cannot happen.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Kind of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// "Try Again Later": the act is refused, and so is every act for `for_seconds`.
    RateLimit,
    /// "Action Blocked": the same with the sterner text.
    ActionBlocked,
    /// The button flips and flips back: the act is refused without a word.
    SilentRevert,
    /// The app asks to prove who is there.
    Challenge,
    /// The app shows the login screen.
    LoggedOut,
    /// The acting account is suspended.
    AccountSuspended,
    /// The app is logged in as somebody else.
    WrongAccount,
    /// An act is answered by a dialog whose text the scenario gives.
    Dialog,
    /// A prompt of the app or the system stands in the way.
    Interstitial,
    /// The app dies.
    Crash,
    /// The connection closes without an answer.
    Drop,
    /// The WebDriver session is gone.
    SessionLost,
    /// An element id is refused as stale.
    StaleElement,
    /// The answer comes late by `stall_ms`.
    Stall,
    /// The WebDriverAgent dies: its sessions are gone and nothing listens for `down_ms`.
    AgentCrash,
    /// The app is shown on its side.
    Sideways,
    /// The keyboard comes up over whatever page is open.
    Keyboard,
    /// The app is replaced by a newer version, which calls things by other names.
    AppUpdated,
}

/// An act on a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Follow, or ask to follow.
    Follow,
    /// Like a post.
    Like,
    /// Comment on a post.
    Comment,
    /// Watch a story.
    View,
    /// Stop following, or withdraw the request.
    Unfollow,
    /// Take a like back.
    Unlike,
}

/// Whether a fault strikes before or after the effect of the act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// The act has no effect.
    Before,
    /// The act has its effect first.
    After,
}

/// How a refusal is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Show {
    /// As a dialog with buttons.
    Dialog,
    /// As a toast that goes away by itself.
    Toast,
}

/// Which prompt stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Interstitial {
    /// "Turn on notifications", with `Not now`.
    Notifications,
    /// The system's tracking prompt.
    Tracking,
    /// The page before the photo permission.
    Photos,
    /// A system alert with the fault's own title, text and buttons.
    Alert,
}

/// One fault of a scenario.
///
/// Triggers: `at_act` (once, at that act), `after_acts` (every act after so many; with
/// `within_seconds` only those of that window count), `at_request` (once, at that request),
/// `at_row` (once, when that row of a list comes in sight), `probability` (per act or request). Without a trigger: at every act for kinds that answer
/// acts, at the start for the others. `action`, `target` and `route` narrow what is counted,
/// `times` caps how often the fault strikes. Counting starts when the fault is added.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What happens.
    pub kind: FaultKind,
    /// Strikes once, at this matching act, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_act: Option<u32>,
    /// Strikes at every matching act after this many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_acts: Option<u32>,
    /// Only acts of the last so many seconds count towards `after_acts`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_seconds: Option<u64>,
    /// The refusal lasts for so many seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_seconds: Option<u64>,
    /// Strikes once, at this matching request, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_request: Option<u32>,
    /// Strikes once, when this row of a list of people, counted from 1, is scrolled into sight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_row: Option<u32>,
    /// Chance per matching act or request, 0.0 to 1.0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// Strikes at most so often.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// Only this kind of act counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Act>,
    /// Only acts on this person count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Only requests whose route contains this text count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// Before or after the effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
    /// Dialog or toast.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show: Option<Show>,
    /// Title of a dialog.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Text of a dialog or toast.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Buttons of a dialog.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<String>,
    /// The account the app is logged in as instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Which prompt stands in the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<Interstitial>,
    /// A silent revert shows after so many milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revert_after_ms: Option<u64>,
    /// An answer is late by so many milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stall_ms: Option<u64>,
    /// Nothing listens for so many milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down_ms: Option<u64>,
    /// It does not go away by being asked to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stuck: Option<bool>,
    /// New identifiers by the old ones.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rename: BTreeMap<String, String>,
    /// New beginnings of labels by the old ones.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub relabel: BTreeMap<String, String>,
}

impl Fault {
    /// A fault of a kind with nothing else said.
    pub fn new(kind: FaultKind) -> Self {
        Self {
            kind,
            at_act: None,
            after_acts: None,
            within_seconds: None,
            for_seconds: None,
            at_request: None,
            at_row: None,
            probability: None,
            times: None,
            action: None,
            target: None,
            route: None,
            when: None,
            show: None,
            title: None,
            text: None,
            buttons: Vec::new(),
            account: None,
            prompt: None,
            revert_after_ms: None,
            stall_ms: None,
            down_ms: None,
            stuck: None,
            rename: BTreeMap::new(),
            relabel: BTreeMap::new(),
        }
    }

    /// Whether the fault is decided when an act is made (as opposed to per request).
    pub(crate) fn watches_acts(&self) -> bool {
        if self.at_row.is_some() {
            return false;
        }
        match self.kind {
            FaultKind::SessionLost
            | FaultKind::StaleElement
            | FaultKind::Stall
            | FaultKind::AgentCrash => false,
            FaultKind::Drop | FaultKind::Crash => !self.counts_requests(),
            FaultKind::WrongAccount
            | FaultKind::Interstitial
            | FaultKind::Sideways
            | FaultKind::Keyboard
            | FaultKind::AppUpdated => {
                self.counts_acts() || (self.probability.is_some() && !self.counts_requests())
            }
            FaultKind::Challenge | FaultKind::LoggedOut | FaultKind::AccountSuspended => {
                !self.counts_requests()
            }
            FaultKind::RateLimit
            | FaultKind::ActionBlocked
            | FaultKind::SilentRevert
            | FaultKind::Dialog => true,
        }
    }

    /// Whether the fault is decided before a request is carried out.
    pub(crate) fn watches_requests(&self) -> bool {
        self.at_row.is_none() && !self.watches_acts() && !self.strikes_at_start()
    }

    /// Whether the fault strikes as soon as it is added.
    pub(crate) fn strikes_at_start(&self) -> bool {
        let may_stand = matches!(
            self.kind,
            FaultKind::WrongAccount
                | FaultKind::Interstitial
                | FaultKind::Sideways
                | FaultKind::Keyboard
                | FaultKind::AppUpdated
        );
        may_stand
            && !self.counts_acts()
            && !self.counts_requests()
            && self.at_row.is_none()
            && self.probability.is_none()
    }

    fn counts_acts(&self) -> bool {
        self.at_act.is_some()
            || self.after_acts.is_some()
            || self.action.is_some()
            || self.target.is_some()
    }

    fn counts_requests(&self) -> bool {
        self.at_request.is_some() || self.route.is_some()
    }
}
