//! The way to the phone, rung by rung: the first that breaks is named, with what to do about it.
//!
//! Nothing is tapped but the tab that shows one's own profile, and what the servers say is passed on
//! in their own words after ours.

use std::time::{Duration, Instant};

use decorum_device::screen::{Dialog, Overlay, Page, Sieve};
use decorum_device::{
    AppProfile, Device, DeviceError, DeviceErrorKind, Screen, ServerKind, WebDriver,
};

use super::Findings;
use crate::args;
use crate::commands::phone::Line;
use crate::exit::{self, Code};

/// A page source that takes longer is worth a word.
const SLOW: Duration = Duration::from_secs(3);
/// Identifiers of a page that are named.
const NAMED_MAX: usize = 8;
/// What Appium says when it does not reach `WebDriverAgent`, or cannot start it.
const NO_AGENT: [&str; 6] = [
    "ECONNREFUSED",
    "socket hang up",
    "Could not proxy command",
    "Unable to start WebDriverAgent",
    "Unable to launch WebDriverAgent",
    "xcodebuild",
];

/// A rung that broke.
struct Broken {
    what: &'static str,
    code: Code,
    said: String,
}

/// Goes up from the address to the page, as far as it holds.
pub(super) async fn climb(phone: &args::Phone, profile: &AppProfile, findings: &mut Findings) {
    let ladder = Ladder { profile };
    if let Err(Broken { what, code, said }) = ladder.climb(phone, findings).await {
        findings.bad(what, code, said);
    }
}

struct Ladder<'a> {
    profile: &'a AppProfile,
}

impl Ladder<'_> {
    async fn climb(&self, phone: &args::Phone, findings: &mut Findings) -> Result<(), Broken> {
        let line = Line::new(phone, self.profile).map_err(|e| Broken {
            what: "phone",
            code: e.code,
            said: e.message,
        })?;
        let phone = line.at_once().connect().await.map_err(|e| no_server(&e))?;
        let ready = phone.status().await.map_err(|e| no_server(&e))?.ready;
        if !ready {
            let said = format!(
                "{} says that it is not ready; start it anew, and look at its log",
                phone.describe()
            );
            return Err(unreachable("phone", said));
        }
        findings.good("phone", phone.describe());
        let session = phone.open_session(None).await.map_err(|e| no_session(phone.server(), &e))?;
        findings.good("session", format!("opened {session}"));
        let seen = self.look(&phone, findings).await;
        let closed = phone.close_session().await;
        seen?;
        closed.map_err(|e| unreachable("session", format!("it could not be ended: {e}")))
    }

    /// What is in front, once the app was brought there.
    async fn look(&self, phone: &WebDriver, findings: &mut Findings) -> Result<(), Broken> {
        let (name, bundle) = (self.profile.app_name(), self.profile.bundle_id());
        phone.activate_app(bundle).await.map_err(|error| {
            broke_off(&error).unwrap_or_else(|| {
                let said = format!(
                    "{name} ({bundle}) cannot be brought to the front: it is not installed on this \
                     phone, or iOS does not let it start. Install it and open it once by hand. {error}"
                );
                unreachable("app", said)
            })
        })?;
        let (source, screen) = self.page(phone, findings).await?;
        Self::is_free(&screen)?;
        self.is_understood(&source, &screen)?;
        findings.good("app", format!("{name} shows: {}", screen.page.name()));
        self.who_acts(phone, findings).await
    }

    /// The page, once it shows something.
    async fn page(
        &self,
        phone: &WebDriver,
        findings: &mut Findings,
    ) -> Result<(String, Screen), Broken> {
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
                findings.good(
                    "source",
                    format!(
                        "read in {:.1} s of at most {:.0} s{slow}",
                        took.as_secs_f32(),
                        timings.source_timeout.as_secs_f32()
                    ),
                );
            }
            let screen = Screen::read(&source, self.profile)
                .map_err(|error| unreachable("source", error.to_string()))?;
            let waits = matches!(screen.page, Page::Loading | Page::HomeScreen | Page::OtherApp)
                && screen.overlay.is_none();
            if !waits || began.elapsed() > timings.load_timeout {
                return Ok((source, screen));
            }
            tokio::time::sleep(timings.poll).await;
        }
    }

    fn no_source(&self, error: &DeviceError) -> Broken {
        if *error.kind() == DeviceErrorKind::Timeout {
            let limit = self.profile.timings().source_timeout.as_millis();
            let said = format!(
                "the page source takes longer than {limit} ms, the limit `source_timeout_ms` under \
                 [timings] of the app profile: the phone is hot, old or busy. Let it cool and start it \
                 anew; if it stays so, raise the limit. {error}"
            );
            return unreachable("source", said);
        }
        broke_off(error).unwrap_or_else(|| unreachable("source", error.to_string()))
    }

    /// Nothing lies over the page.
    fn is_free(screen: &Screen) -> Result<(), Broken> {
        if screen.is_sideways {
            let said = "the app is shown on its side, and pages are known upright only. A run turns it, \
                        but a phone that lies turns back: hold it upright, and turn on its portrait \
                        orientation lock";
            return Err(person("upright", said));
        }
        match &screen.overlay {
            Some(Overlay::SystemAlert(dialog) | Overlay::Dialog(dialog)) => Err(person(
                "alert",
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
    fn is_understood(&self, source: &str, screen: &Screen) -> Result<(), Broken> {
        let name = self.profile.app_name();
        match &screen.page {
            Page::HomeScreen | Page::OtherApp => {
                let front = screen.app.name.as_deref().or(screen.app.bundle_id.as_deref());
                Err(unreachable(
                    "app",
                    format!(
                        "{name} was started and does not stay in front ({} is): it dies at its start, is \
                         being updated, or the phone is locked. Open it by hand and see what it says",
                        front.unwrap_or("the home screen")
                    ),
                ))
            }
            Page::Loading => Err(unreachable(
                "app",
                format!("{name} is in front and shows nothing: look at the phone's network"),
            )),
            Page::Login => Err(person(
                "account",
                format!("{name} is logged out: log in by hand, Decorum never does"),
            )),
            Page::Challenge { text } | Page::AccountSuspended { text } => Err(person(
                "account",
                format!("{name} asks for a person: {}. Answer it on the phone", one_line(text)),
            )),
            Page::Unknown => Err(self.not_understood("the page in front", source)),
            _ => Ok(()),
        }
    }

    /// For whom the app acts, where its tabs are in sight.
    async fn who_acts(&self, phone: &WebDriver, findings: &mut Findings) -> Result<(), Broken> {
        let Some(tab) = self.profile.own_profile_locator() else { return Ok(()) };
        let Ok(tab) = phone.find(&tab).await else {
            findings.good("account", "not looked at: the page in front shows no tabs");
            return Ok(());
        };
        phone.tap(&tab).await.map_err(|error| {
            broke_off(&error).unwrap_or_else(|| unreachable("account", error.to_string()))
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
                    findings.good("account", format!("the app acts for {own}"));
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
    fn not_understood(&self, what: &str, source: &str) -> Broken {
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
        person(
            "page",
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

fn unreachable(what: &'static str, said: impl Into<String>) -> Broken {
    Broken { what, code: exit::UNREACHABLE, said: said.into() }
}

fn person(what: &'static str, said: impl Into<String>) -> Broken {
    Broken { what, code: exit::PERSON_NEEDED, said: said.into() }
}

/// The first rung: is anybody there, and is it a phone server?
fn no_server(error: &DeviceError) -> Broken {
    let why = match error.kind() {
        DeviceErrorKind::Unreachable if error.is_refused() => {
            "nothing listens there: the machine is there, but no Appium server runs on it, or the port \
             of WebDriverAgent is not forwarded (any more). Start the one or the other, for example \
             `appium server --port 4723` or `iproxy 8100:8100`"
        }
        DeviceErrorKind::Unreachable => {
            "the address is not reached: it is misspelt, the machine is off, or a firewall stands \
             between"
        }
        DeviceErrorKind::Timeout => {
            "something takes the connection and says nothing: the Mac sleeps, or the port is another \
             program's"
        }
        _ => {
            "something answers there, and it is no Appium server and no WebDriverAgent: check the port, \
             and the path (an old Appium server wants /wd/hub after it)"
        }
    };
    unreachable("phone", format!("{why}. {error}"))
}

/// The second: a server, but no session.
fn no_session(server: ServerKind, error: &DeviceError) -> Broken {
    let why = match (server, error.kind()) {
        (_, DeviceErrorKind::Unreachable | DeviceErrorKind::Dropped) => {
            "the server answered a moment ago and is gone now: it crashed, or the cable is loose"
        }
        (ServerKind::Appium, _) if NO_AGENT.iter().any(|words| error.answer().contains(words)) => {
            "Appium runs, and WebDriverAgent behind it does not answer: it does not run, its signature \
             is over, or the phone is locked, not trusted or unplugged. Look at Appium's log; Product › \
             Test in Xcode says the reason in its own words"
        }
        (ServerKind::Appium, _) => {
            "Appium runs and makes no session: check the capabilities (udid, platformVersion, \
             webDriverAgentUrl), and that the phone is unlocked, trusted and plugged in"
        }
        (ServerKind::WebDriverAgent, _) => {
            "WebDriverAgent runs and makes no session: check the capabilities, and that the phone is \
             unlocked; start WebDriverAgent anew"
        }
    };
    unreachable("session", format!("{why}. {error}"))
}

/// A session, and then none: not the fault of what was asked.
fn broke_off(error: &DeviceError) -> Option<Broken> {
    let why = match error.kind() {
        DeviceErrorKind::SessionLost => {
            "it was opened and is gone already: another program opens sessions on the same phone, \
             which keeps only the newest, or WebDriverAgent was started anew. One program for one phone"
        }
        DeviceErrorKind::Unreachable | DeviceErrorKind::Dropped => {
            "it was opened, and then the server went away: WebDriverAgent crashed, or the port is not \
             forwarded any more. Start it anew and look at its log"
        }
        _ => return None,
    };
    Some(unreachable("session", format!("{why}. {error}")))
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
