//! Whether a phone can be used, rung by rung: its server, a session, the app.

use std::fmt;

use decorum_device::{AppProfile, Screen};
use serde::Serialize;

use crate::run::Dial;

/// A rung, from the ground up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The Appium server or `WebDriverAgent` answers.
    Phone,
    /// A session can be opened: the phone itself answers.
    Session,
    /// The app is in front, and its page can be read.
    App,
}

impl Step {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Session => "session",
            Self::App => "app",
        }
    }

    /// What it is that does not hold, and what to do, in plain words.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Phone => {
                "Nothing that speaks for the phone answers at its address: start the Appium server, \
                 or WebDriverAgent with its forwarded port, and check the address."
            }
            Self::Session => {
                "The server answers, but the phone behind it does not: unlock it, check the cable \
                 and that it trusts this computer, and whether the signature of WebDriverAgent has \
                 ended."
            }
            Self::App => {
                "The phone answers, but the app cannot be brought to the front or read: is it \
                 installed, and is a question of the system in front of it?"
            }
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What became of one rung.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rung {
    /// Which.
    pub step: Step,
    /// Whether it holds.
    pub ok: bool,
    /// What was found, or what went wrong.
    pub said: String,
}

impl Rung {
    fn good(step: Step, said: impl Into<String>) -> Self {
        Self { step, ok: true, said: said.into() }
    }

    fn bad(step: Step, said: impl fmt::Display) -> Self {
        Self { step, ok: false, said: said.to_string() }
    }
}

/// Tries the first rung alone, which opens no session and disturbs nobody.
pub async fn knock(dial: &dyn Dial) -> Rung {
    match dial.dial().await {
        Ok(phone) => Rung::good(Step::Phone, phone.describe()),
        Err(error) => Rung::bad(Step::Phone, error),
    }
}

/// Tries every rung up to the first that breaks. It opens a session, which ends any other that the
/// phone has, and brings the app to the front: only for whoever holds the phone's lease.
pub async fn climb(dial: &dyn Dial, profile: &AppProfile) -> Vec<Rung> {
    let phone = match dial.dial().await {
        Ok(phone) => phone,
        Err(error) => return vec![Rung::bad(Step::Phone, error)],
    };
    let mut rungs = vec![Rung::good(Step::Phone, phone.describe())];
    match phone.open_session(None).await {
        Ok(session) => rungs.push(Rung::good(Step::Session, format!("opened {session}"))),
        Err(error) => {
            rungs.push(Rung::bad(Step::Session, error));
            return rungs;
        }
    }
    let seen = match phone.activate_app(profile.bundle_id()).await {
        Ok(()) => phone.source().await,
        Err(error) => Err(error),
    };
    rungs.push(match seen.map(|xml| Screen::read(&xml, profile)) {
        Ok(Ok(screen)) => Rung::good(Step::App, format!("shows: {}", screen.page.name())),
        Ok(Err(error)) => Rung::bad(Step::App, error),
        Err(error) => Rung::bad(Step::App, error),
    });
    if let Err(error) = phone.close_session().await {
        rungs.push(Rung::bad(Step::Session, error));
    }
    rungs
}
