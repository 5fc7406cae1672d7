//! What can be set about a connection to a phone, with defaults taken from field notes.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::{AppProfile, Command};

/// How to talk to a phone server.
#[derive(Debug, Clone)]
pub struct WebDriverOptions {
    /// Capabilities merged into the session request, over the defaults. For an Appium server, keys
    /// without a vendor prefix that W3C does not know get `appium:`.
    pub capabilities: Map<String, Value>,
    /// The app that deep links are opened with; `None` lets the system choose (which needs Siri or
    /// iOS 16.4 and may ask the person holding the phone).
    pub link_bundle_id: Option<String>,
    /// How long each kind of request may take.
    pub timeouts: Timeouts,
    /// How many more times a failed read is tried. At most 5.
    pub read_retries: u32,
    /// The pause before the first retry of a read; it doubles each time.
    pub read_backoff: Duration,
}

impl Default for WebDriverOptions {
    fn default() -> Self {
        Self {
            capabilities: Map::new(),
            link_bundle_id: None,
            timeouts: Timeouts::default(),
            read_retries: 2,
            read_backoff: Duration::from_millis(150),
        }
    }
}

impl WebDriverOptions {
    /// The defaults, with deep links opened in the profile's app, and its limit for a page source.
    pub fn for_profile(profile: &AppProfile) -> Self {
        let source = profile.timings().source_timeout;
        Self {
            link_bundle_id: Some(profile.bundle_id().to_owned()),
            timeouts: Timeouts { source, ..Timeouts::default() },
            ..Self::default()
        }
    }
}

/// How long each kind of request may take, from sending to the whole answer.
///
/// Field notes: a page source takes 1 to 3 s and a find 0.1 to 0.5 s on a healthy phone. The
/// limits are an order of magnitude above, because giving up early on a tap is what makes it
/// ambiguous.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeouts {
    /// To establish a connection. 5 s.
    pub connect: Duration,
    /// `status`. 5 s.
    pub status: Duration,
    /// Creating a session: the first one starts the agent on the phone. 120 s.
    pub open_session: Duration,
    /// Asking after a session, ending one. 10 s.
    pub session: Duration,
    /// Page source. 30 s; the app profile may say otherwise.
    pub source: Duration,
    /// Finding elements and reading attributes. 10 s.
    pub find: Duration,
    /// Taps, swipes and alerts. 15 s.
    pub tap: Duration,
    /// Typing and clearing; XCUITest types about 60 keys a second at best. 30 s.
    pub type_text: Duration,
    /// Deep links and starting or ending an app. 30 s.
    pub app: Duration,
    /// Screenshots. 15 s.
    pub screenshot: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            status: Duration::from_secs(5),
            open_session: Duration::from_mins(2),
            session: Duration::from_secs(10),
            source: Duration::from_secs(30),
            find: Duration::from_secs(10),
            tap: Duration::from_secs(15),
            type_text: Duration::from_secs(30),
            app: Duration::from_secs(30),
            screenshot: Duration::from_secs(15),
        }
    }
}

impl Timeouts {
    /// The limit for a command.
    pub const fn of(&self, command: Command) -> Duration {
        match command {
            Command::Status => self.status,
            Command::OpenSession => self.open_session,
            Command::ResumeSession | Command::CloseSession => self.session,
            Command::Source => self.source,
            Command::Find
            | Command::FindAll
            | Command::Attribute
            | Command::AlertText
            | Command::AlertButtons
            | Command::WindowSize => self.find,
            Command::Tap
            | Command::Swipe
            | Command::TurnUpright
            | Command::HideKeyboard
            | Command::AlertAccept
            | Command::AlertDismiss
            | Command::AlertPress => self.tap,
            Command::TypeText | Command::Clear => self.type_text,
            Command::OpenLink | Command::ActivateApp | Command::TerminateApp => self.app,
            Command::Screenshot => self.screenshot,
        }
    }
}
