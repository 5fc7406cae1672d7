//! The way to the phone, rung by rung: the first that breaks is named, with what to do about it.
//!
//! Nothing is tapped but the tab that shows one's own profile, and what the servers say is passed on
//! in their own words after ours.

mod rung;
mod why;

use std::time::{Duration, Instant};

use decorum_device::screen::{Dialog, Overlay, Page, Sieve};
use decorum_device::{AppProfile, Device, DeviceError, DeviceErrorKind, Screen};

pub use self::rung::{Rung, Step, Verdict};
use self::why::{broke_off, no_server, no_session};
use crate::run::Dial;

/// A page source that takes longer is worth a word.
const SLOW: Duration = Duration::from_secs(3);
/// Identifiers of a page that are named.
const NAMED_MAX: usize = 8;

/// Tries the first rung alone, which opens no session and disturbs nobody.
pub async fn knock(dial: &dyn Dial) -> Rung {
    match dial.dial().await {
        Ok(phone) => Rung::good(Step::Phone, phone.describe()),
        Err(error) => no_server(&error),
    }
}

/// Tries every rung up to the first that breaks. It opens a session, which ends any other that the
/// phone has, and brings the app to the front: only for whoever holds the phone's lease.
pub async fn climb(dial: &dyn Dial, profile: &AppProfile) -> Vec<Rung> {
    let mut ladder = Ladder { profile, rungs: Vec::new() };
    if let Err(broken) = ladder.climb(dial).await {
        ladder.rungs.push(broken);
    }
    ladder.rungs
}

struct Ladder<'a> {
    profile: &'a AppProfile,
    /// Those that hold.
    rungs: Vec<Rung>,
}

impl Ladder<'_> {
    fn good(&mut self, step: Step, said: impl Into<String>) {
        self.rungs.push(Rung::good(step, said));
    }

    async fn climb(&mut self, dial: &dyn Dial) -> Result<(), Rung> {
        let phone = dial.dial().await.map_err(|e| no_server(&e))?;
        let status = phone.status().await.map_err(|e| no_server(&e))?;
        if !status.ready {
            let said = format!(
                "{} says that it is not ready; start it anew, and look at its log",
                phone.describe()
            );
            return Err(Rung::broken(Step::Phone, said));
        }
        self.good(Step::Phone, phone.describe());
        let session = phone.open_session(None).await.map_err(|e| no_session(status.server, &e))?;
        self.good(Step::Session, format!("opened {session}"));
        let seen = self.look(phone.as_ref()).await;
        let closed = phone.close_session().await;
        seen?;
        closed.map_err(|e| Rung::broken(Step::Session, format!("it could not be ended: {e}")))
    }

    /// What is in front, once the app was brought there.
    async fn look(&mut self, phone: &dyn Device) -> Result<(), Rung> {
        let (name, bundle) = (self.profile.app_name(), self.profile.bundle_id());
        phone.activate_app(bundle).await.map_err(|error| {
            broke_off(&error).unwrap_or_else(|| {
                let said = format!(
                    "{name} ({bundle}) cannot be brought to the front: it is not installed on this \
                     phone, or iOS does not let it start. Install it and open it once by hand. {error}"
                );
                Rung::broken(Step::App, said)
            })
        })?;
        let (source, screen) = self.page(phone).await?;
        Self::is_free(&screen)?;
        self.is_understood(&source, &screen)?;
        self.good(Step::App, format!("{name} shows: {}", screen.page.name()));
        self.who_acts(phone).await
    }

    /// The page, once it shows something.
    async fn page(&mut self, phone: &dyn Device) -> Result<(String, Screen), Rung> {
        let timings = self.profile.timings();
        let began = Instant::now();
        let mut told = false;
        loop {
            let asked = Instant::now();
            let source = phone.source().await.map_err(|error| self.no_source(&error))?;
            let took = asked.elapsed();
            if !std::mem::replace(&mut told, true) {
                let slow = if took > SLOW {
                    "; that is slow: let the phone cool, close other apps, start it anew"
                } else {
                    ""
                };
                self.good(
                    Step::Source,
                    format!(
                        "read in {:.1} s of at most {:.0} s{slow}",
                        took.as_secs_f32(),
                        timings.source_timeout.as_secs_f32()
                    ),
                );
            }
            let screen = Screen::read(&source, self.profile)
                .map_err(|error| Rung::broken(Step::Source, error.to_string()))?;
            let waits = matches!(screen.page, Page::Loading | Page::HomeScreen | Page::OtherApp)
                && screen.overlay.is_none();
            if !waits || began.elapsed() > timings.load_timeout {
                return Ok((source, screen));
            }
            tokio::time::sleep(timings.poll).await;
        }
    }

    fn no_source(&self, error: &DeviceError) -> Rung {
        if *error.kind() == DeviceErrorKind::Timeout {
            let limit = self.profile.timings().source_timeout.as_millis();
            let said = format!(
                "the page source takes longer than {limit} ms, the limit `source_timeout_ms` under \
                 [timings] of the app profile: the phone is hot, old or busy. Let it cool and start it \
                 anew; if it stays so, raise the limit. {error}"
            );
            return Rung::broken(Step::Source, said);
        }
        broke_off(error).unwrap_or_else(|| Rung::broken(Step::Source, error.to_string()))
    }

    /// Nothing lies over the page.
    fn is_free(screen: &Screen) -> Result<(), Rung> {
        if screen.is_sideways {
            let said = "the app is shown on its side, and pages are known upright only. A run turns it, \
                        but a phone that lies turns back: hold it upright, and turn on its portrait \
                        orientation lock";
            return Err(Rung::person(Step::Upright, said));
        }
        match &screen.overlay {
            Some(Overlay::SystemAlert(dialog) | Overlay::Dialog(dialog)) => Err(Rung::person(
                Step::Alert,
                format!(
                    "{} of the app or of iOS is in the way. Answer it on the phone: a run answers only \
                     questions that it knows, and stops for all others",
                    asks(dialog)
                ),
            )),
            // A run declines it by itself.
            Some(Overlay::Interstitial { .. } | Overlay::Toast { .. }) | None => Ok(()),
        }
    }

    /// The page is one that Decorum knows, and asks for nobody.
    fn is_understood(&self, source: &str, screen: &Screen) -> Result<(), Rung> {
        let name = self.profile.app_name();
        match &screen.page {
            Page::HomeScreen | Page::OtherApp => {
                let front = screen.app.name.as_deref().or(screen.app.bundle_id.as_deref());
                Err(Rung::broken(
                    Step::App,
                    format!(
                        "{name} was started and does not stay in front ({} is): it dies at its start, is \
                         being updated, or the phone is locked. Open it by hand and see what it says",
                        front.unwrap_or("the home screen")
                    ),
                ))
            }
            Page::Loading => Err(Rung::broken(
                Step::App,
                format!("{name} is in front and shows nothing: look at the phone's network"),
            )),
            Page::Login => Err(Rung::person(
                Step::Account,
                format!("{name} is logged out: log in by hand, Decorum never does"),
            )),
            Page::Challenge { text } | Page::AccountSuspended { text } => Err(Rung::person(
                Step::Account,
                format!("{name} asks for a person: {}. Answer it on the phone", one_line(text)),
            )),
            Page::Unknown => Err(self.not_understood("the page in front", source)),
            _ => Ok(()),
        }
    }

    /// For whom the app acts, where its tabs are in sight.
    async fn who_acts(&mut self, phone: &dyn Device) -> Result<(), Rung> {
        let Some(tab) = self.profile.own_profile_locator() else { return Ok(()) };
        let Ok(tab) = phone.find(&tab).await else {
            self.good(Step::Account, "not looked at: the page in front shows no tabs");
            return Ok(());
        };
        phone.tap(&tab).await.map_err(|error| {
            broke_off(&error).unwrap_or_else(|| Rung::broken(Step::Account, error.to_string()))
        })?;
        let timings = self.profile.timings();
        let began = Instant::now();
        loop {
            let source = phone.source().await.map_err(|error| self.no_source(&error))?;
            if let Ok(screen) = Screen::read(&source, self.profile) {
                if let Page::Profile(page) = &screen.page
                    && page.is_own
                    && let Some(own) = &page.username
                {
                    self.good(Step::Account, format!("the app acts for {own}"));
                    return Ok(());
                }
                Self::is_free(&screen)?;
            }
            if began.elapsed() > timings.load_timeout {
                return Err(self.not_understood("the account's own profile", &source));
            }
            tokio::time::sleep(timings.poll).await;
        }
    }

    /// A page that the profile does not fit.
    fn not_understood(&self, what: &str, source: &str) -> Rung {
        let languages: Vec<&str> = self.profile.languages().collect();
        let on_page = match Sieve::read(source, self.profile) {
            Ok(sieve) => {
                let known = sieve.lists.iter().filter(|list| !list.found.is_empty()).count();
                let names: Vec<&str> =
                    sieve.unknown.iter().take(NAMED_MAX).map(|found| found.id.as_str()).collect();
                let unknown = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
                format!(
                    "the profile knows {known} kinds of things on it; it does not know: {unknown}"
                )
            }
            Err(error) => error.to_string(),
        };
        Rung::person(
            Step::Page,
            format!(
                "{what} is not understood: the app was updated and calls things otherwise, or is set to \
                 a language that the app profile does not have (it has {}). On the page: {on_page}. \
                 `decorum screen` shows what is read, docs/devices.md how to mend the profile; until \
                 then nothing is tapped",
                languages.join(", ")
            ),
        )
    }
}

/// A dialog in one line, with its buttons.
fn asks(dialog: &Dialog) -> String {
    let buttons: Vec<&str> = dialog.buttons.iter().map(|button| button.label.as_str()).collect();
    format!("\"{}\" ({})", one_line(&dialog.full_text()), one_line(&buttons.join(", ")))
}

/// Words of the app for a terminal: on one line, without control characters.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().filter(|c| !c.is_control()).take(300).collect()
}
