//! What the phone plays: a TOML file, checked when it is read.
//!
//! Every key has a default, so an empty file is a calm phone; every key that is not known is an
//! error that names it, because a misspelt fault is a test that proves nothing.

mod check;
mod fault;
mod lists;
mod population;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use check::ScenarioError;
pub(crate) use check::{check_fault, is_username};
pub use fault::{Act, Fault, FaultKind, Interstitial, Show, When};
pub use lists::Lists;
pub use population::{Person, Population, Relationship, Strangers};

/// Everything that decides how the phone behaves.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// Language of the app's texts.
    pub language: Language,
    /// Source of everything random: people, jitter, probabilities.
    pub seed: u64,
    /// The account the app is logged in as.
    pub account: String,
    /// Further accounts that are logged in and can be switched to on the own profile.
    pub other_accounts: Vec<String>,
    /// All accounts that are logged in, the acting one first: another way to write `account` and
    /// `other_accounts`.
    pub accounts: Vec<String>,
    /// What becomes of a username that the scenario does not name.
    pub strangers: Strangers,
    /// A profile is blank for this long after it opens, in milliseconds.
    pub load_ms: u64,
    /// A Follow button keeps its old label for this long after the tap, in milliseconds.
    pub follow_ms: u64,
    /// A toast stays for this long, in milliseconds.
    pub toast_ms: u64,
    /// Pixels per point of the screenshots: 2 or 3.
    pub scale: u8,
    /// Whether a new session ends the previous one, as on a real phone.
    pub sessions: SessionPolicy,
    /// A session without a command for so many milliseconds ends; 0: never.
    pub session_timeout_ms: u64,
    /// How dialogs of the app appear in the tree.
    pub dialog_style: DialogStyle,
    /// Whether the app is open when the phone starts.
    pub app_state: AppState,
    /// Bundle id of the app.
    pub bundle_id: String,
    /// File the ledger is kept in, so that it survives a restart of the phone.
    pub ledger_file: Option<PathBuf>,
    /// What the phone says it is.
    pub device: Device,
    /// How long answers take.
    pub latency: Latency,
    /// How people who are generated turn out.
    pub population: Population,
    /// How lists of people behave.
    pub lists: Lists,
    /// People whose details matter to the scenario.
    pub people: Vec<Person>,
    /// What goes wrong, and when.
    pub faults: Vec<Fault>,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            language: Language::En,
            seed: 1,
            account: "studio.nord".to_owned(),
            other_accounts: Vec::new(),
            accounts: Vec::new(),
            strangers: Strangers::Exist,
            load_ms: 0,
            follow_ms: 0,
            toast_ms: 4_000,
            scale: 2,
            sessions: SessionPolicy::One,
            session_timeout_ms: 0,
            dialog_style: DialogStyle::Alert,
            app_state: AppState::Foreground,
            bundle_id: "com.burbn.instagram".to_owned(),
            ledger_file: None,
            device: Device::default(),
            latency: Latency::default(),
            population: Population::default(),
            lists: Lists::default(),
            people: Vec::new(),
            faults: Vec::new(),
        }
    }
}

impl Scenario {
    /// Reads and checks a scenario.
    ///
    /// # Errors
    ///
    /// [`ScenarioError`] names the key that is unknown, of the wrong type or out of range.
    pub fn from_toml(text: &str) -> Result<Self, ScenarioError> {
        let mut scenario: Self = toml::from_str(text)?;
        check::accounts(&scenario)?;
        scenario.normalize();
        check::check(&scenario)?;
        Ok(scenario)
    }

    /// Checks a scenario that was built in code.
    ///
    /// # Errors
    ///
    /// [`ScenarioError`] names the key that is out of range.
    pub fn check(&self) -> Result<(), ScenarioError> {
        check::check(self)
    }

    /// Brings all usernames into the form the app itself uses.
    pub(crate) fn normalize(&mut self) {
        let mut accounts = std::mem::take(&mut self.accounts).into_iter();
        if let Some(first) = accounts.next() {
            self.account = first;
            self.other_accounts = accounts.collect();
        }
        self.account = username(&self.account);
        let lists = [
            &mut self.other_accounts,
            &mut self.population.private,
            &mut self.population.missing,
            &mut self.population.suspended,
        ];
        for name in lists.into_iter().flatten() {
            *name = username(name);
        }
        for person in &mut self.people {
            person.username = username(&person.username);
            for name in person.followers_list.iter_mut().chain(&mut person.following_list) {
                *name = username(name);
            }
        }
        for fault in &mut self.faults {
            fault.target = fault.target.as_deref().map(username);
            fault.account = fault.account.as_deref().map(username);
        }
    }
}

/// The form in which the app knows a username: no blanks around it, no `@`, lower case.
pub(crate) fn username(raw: &str) -> String {
    raw.trim().trim_start_matches('@').to_lowercase()
}

/// Language of the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    En,
    /// Spanish.
    Es,
    /// German.
    De,
    /// Portuguese (Brazil).
    Pt,
    /// French.
    Fr,
    /// Japanese. Pictures show boxes for it: the font that is drawn with has no such letters.
    Ja,
}

impl Language {
    /// The language tag as iOS writes it.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
            Self::De => "de",
            Self::Pt => "pt",
            Self::Fr => "fr",
            Self::Ja => "ja",
        }
    }
}

/// What a new session does to the previous one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionPolicy {
    /// It ends it: a WebDriverAgent has one session.
    One,
    /// Both live, for tests of programs that should not, but might, share a phone.
    Many,
}

/// How a dialog of the app appears in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DialogStyle {
    /// As an `XCUIElementTypeAlert`, seen by the alert routes.
    Alert,
    /// As plain views that the alert routes do not see.
    Custom,
}

/// State of the app when the phone starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AppState {
    /// Open, on the feed.
    Foreground,
    /// Running behind the home screen.
    Background,
    /// Not running.
    NotRunning,
}

/// What the phone says it is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Device {
    /// Name a person gave the phone.
    pub name: String,
    /// Model name.
    pub model: String,
    /// iOS version.
    pub os_version: String,
    /// Device identifier.
    pub udid: String,
}

impl Default for Device {
    fn default() -> Self {
        Self {
            name: "Simulated iPhone".to_owned(),
            model: "iPhone".to_owned(),
            os_version: "18.3.2".to_owned(),
            udid: "00008110-001A2B3C4D5E6F70".to_owned(),
        }
    }
}

/// How long the phone takes to answer, in milliseconds by kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Latency {
    /// Page source.
    pub source_ms: u64,
    /// Finding elements.
    pub find_ms: u64,
    /// Taps, swipes, typing.
    pub tap_ms: u64,
    /// Screenshots.
    pub screenshot_ms: u64,
    /// Everything else.
    pub default_ms: u64,
    /// Share by which each wait varies, both ways: 0.0 to 1.0.
    pub jitter: f64,
}
