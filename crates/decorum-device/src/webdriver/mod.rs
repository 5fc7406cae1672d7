//! A phone reached over HTTP: an Appium server, or a WebDriverAgent on the phone itself.
//!
//! A thin typed client of our own over `reqwest`, and not one of the WebDriver crates
//! (`thirtyfour`, `fantoccini`), for four reasons: their locators cannot say `-ios predicate
//! string` and `-ios class chain`; they give all commands one time-out, where a page source may
//! take thirty seconds and a status may not; they do not say whether a command that failed was
//! sent; and they do not count what an engagement costs.
//!
//! Invariants: what touches the phone is sent at most once, over a connection of its own (see
//! `http.rs`); reads are repeated a bounded number of times; every request is counted.
//!
//! Only `http` is spoken: a phone server listens on the same machine or behind a port
//! forwarding of the operator's, and none of them speaks TLS itself.

mod answer;
mod commands;
mod http;
mod options;
mod server;

use std::fmt;
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value, json};

use crate::{Command, DeviceError, DeviceErrorKind, DeviceStatus, ServerKind};
use http::{Http, Request};

pub use options::{Timeouts, WebDriverOptions};

/// A phone behind an Appium server or a WebDriverAgent.
pub struct WebDriver {
    http: Http,
    options: WebDriverOptions,
    status: DeviceStatus,
    session: Mutex<Option<String>>,
}

impl fmt::Debug for WebDriver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebDriver")
            .field("server", &self.status)
            .field("session", &self.session())
            .finish_non_exhaustive()
    }
}

/// Capabilities that W3C itself names; all others of an Appium session carry a prefix.
const W3C_CAPABILITIES: [&str; 9] = [
    "browserName",
    "browserVersion",
    "platformName",
    "acceptInsecureCerts",
    "pageLoadStrategy",
    "proxy",
    "setWindowRect",
    "timeouts",
    "unhandledPromptBehavior",
];

/// Seconds without a command after which Appium ends a session by itself: long enough for the
/// pause between two engagements, short enough not to leave a phone taken by a dead program.
const NEW_COMMAND_TIMEOUT_S: u32 = 300;

impl WebDriver {
    /// Connects to the server at `url` and asks what it is. Opens no session yet.
    pub async fn connect(url: &str, options: WebDriverOptions) -> Result<Self, DeviceError> {
        let http = Http::new(url, &options)?;
        let answer = http.send(Request::get(Command::Status, &["status"])).await?;
        let status = server::identify(&answer);
        Ok(Self { http, options, status, session: Mutex::new(None) })
    }

    /// Which kind of server answers.
    pub const fn server(&self) -> ServerKind {
        self.status.server
    }

    fn session(&self) -> Option<String> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_session(&self, session: Option<String>) {
        *self.session.lock().unwrap_or_else(PoisonError::into_inner) = session;
    }

    /// The session in use, for a request of `command`.
    fn in_session(&self, command: Command) -> Result<String, DeviceError> {
        self.session().ok_or_else(|| {
            DeviceError::new(
                DeviceErrorKind::SessionLost,
                command,
                self.http.place(),
                "no session is open",
            )
        })
    }

    async fn get(&self, command: Command, path: &[&str]) -> Result<Value, DeviceError> {
        let session = self.in_session(command)?;
        self.http.send(Request::get(command, &in_session(&session, path))).await
    }

    async fn post(
        &self,
        command: Command,
        path: &[&str],
        body: Value,
    ) -> Result<Value, DeviceError> {
        let session = self.in_session(command)?;
        self.http.send(Request::post(command, &in_session(&session, path), body)).await
    }

    /// Appium's way to ask for what W3C has no route for.
    async fn mobile(
        &self,
        command: Command,
        script: &str,
        arguments: Value,
    ) -> Result<Value, DeviceError> {
        let body = json!({ "script": format!("mobile: {script}"), "args": [arguments] });
        self.post(command, &["execute", "sync"], body).await
    }

    async fn create_session(&self) -> Result<String, DeviceError> {
        let capabilities = self.capabilities();
        let body = json!({
            // A WebDriverAgent reads the second form only.
            "capabilities": { "alwaysMatch": {}, "firstMatch": [capabilities] }
        });
        let answer =
            self.http.send(Request::post(Command::OpenSession, &["session"], body)).await?;
        let id = answer.get("sessionId").and_then(Value::as_str).filter(|id| !id.is_empty());
        let id = id.ok_or_else(|| {
            DeviceError::new(
                DeviceErrorKind::BadAnswer { status: 200 },
                Command::OpenSession,
                format!("POST {}/session", self.http.place()),
                "the answer names no session",
            )
        })?;
        self.set_session(Some(id.to_owned()));
        Ok(id.to_owned())
    }

    fn capabilities(&self) -> Map<String, Value> {
        let defaults = match self.status.server {
            ServerKind::Appium => json!({
                "platformName": "iOS",
                "appium:automationName": "XCUITest",
                "appium:newCommandTimeout": NEW_COMMAND_TIMEOUT_S,
            }),
            // Waiting until an app of endless animations is idle would take for ever.
            ServerKind::WebDriverAgent => json!({ "shouldWaitForQuiescence": false }),
        };
        let mut all = defaults.as_object().cloned().unwrap_or_default();
        for (name, value) in &self.options.capabilities {
            let plain = name.strip_prefix("appium:").unwrap_or(name);
            let name = match self.status.server {
                ServerKind::WebDriverAgent => plain.to_owned(),
                ServerKind::Appium if name.contains(':') || W3C_CAPABILITIES.contains(&plain) => {
                    name.clone()
                }
                ServerKind::Appium => format!("appium:{name}"),
            };
            all.insert(name, value.clone());
        }
        all
    }

    /// A cheap question that only a living session answers.
    async fn is_alive(&self) -> Result<bool, DeviceError> {
        match self.get(Command::ResumeSession, self.window_path()).await {
            Ok(_) => Ok(true),
            Err(error) if *error.kind() == DeviceErrorKind::SessionLost => Ok(false),
            Err(error) => Err(error),
        }
    }

    const fn window_path(&self) -> &'static [&'static str] {
        match self.status.server {
            ServerKind::Appium => &["window", "rect"],
            ServerKind::WebDriverAgent => &["window", "size"],
        }
    }
}

fn in_session<'a>(session: &'a str, path: &[&'a str]) -> Vec<&'a str> {
    ["session", session].iter().chain(path).copied().collect()
}
