//! What a rung is, and what became of it.

use std::fmt;

use serde::Serialize;

/// A rung, from the ground up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The Appium server or `WebDriverAgent` answers, and is ready.
    Phone,
    /// A session can be opened: the phone itself answers.
    Session,
    /// What is shown can be read, and soon enough.
    Source,
    /// It is shown upright.
    Upright,
    /// Nothing that asks lies over it.
    Alert,
    /// The app can be brought to the front, stays there, and shows something.
    App,
    /// The page is one that the app profile describes.
    Page,
    /// The app is logged in, asks for nobody, and says for whom it acts.
    Account,
}

impl Step {
    /// Every rung.
    pub const ALL: [Self; 8] = [
        Self::Phone,
        Self::Session,
        Self::Source,
        Self::Upright,
        Self::Alert,
        Self::App,
        Self::Page,
        Self::Account,
    ];

    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Session => "session",
            Self::App => "app",
            Self::Source => "source",
            Self::Upright => "upright",
            Self::Alert => "alert",
            Self::Page => "page",
            Self::Account => "account",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Whether a rung holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It does.
    Holds,
    /// It does not.
    Broken,
    /// The phone can be reached, and wants a person: something asks, or is not understood.
    PersonNeeded,
}

/// What became of one rung.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rung {
    /// Which.
    pub step: Step,
    /// Whether it holds.
    pub verdict: Verdict,
    /// What was found; or what does not hold, and what to do about it.
    pub said: String,
}

impl Rung {
    /// Whether it holds.
    pub fn holds(&self) -> bool {
        self.verdict == Verdict::Holds
    }

    pub(super) fn good(step: Step, said: impl Into<String>) -> Self {
        Self { step, verdict: Verdict::Holds, said: said.into() }
    }

    pub(in crate::crew) fn broken(step: Step, said: impl Into<String>) -> Self {
        Self { step, verdict: Verdict::Broken, said: said.into() }
    }

    pub(super) fn person(step: Step, said: impl Into<String>) -> Self {
        Self { step, verdict: Verdict::PersonNeeded, said: said.into() }
    }
}
