//! What can go wrong with a phone, and whether it may have worked all the same.
//!
//! The question behind "never twice": after a failed tap, did the phone tap? Every error knows
//! the command it belongs to and answers with [`DeviceError::is_ambiguous`]. When in doubt the
//! answer is yes: then the phone is looked at, and nothing is repeated blindly.

use std::fmt;

use crate::Command;

/// A command that a phone did not carry out, or of which nobody knows whether it did.
///
/// Its text says what was asked, of which URL, what came back and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct DeviceError {
    kind: DeviceErrorKind,
    command: Command,
    asked: String,
    answer: String,
    is_refused: bool,
}

/// Why a command failed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeviceErrorKind {
    /// No connection came about (refused, unknown host, no route, URL not usable): nothing was
    /// sent.
    Unreachable,
    /// The request was sent and no answer came in the time its route is given, or the server
    /// itself gave up waiting.
    Timeout,
    /// The request was sent and the connection ended without a whole answer.
    Dropped,
    /// The session is not known to the server, or none is open.
    SessionLost,
    /// No session could be created.
    SessionNotCreated,
    /// The element was there and is gone.
    StaleElement,
    /// Nothing matches the locator.
    NoSuchElement,
    /// There is no alert.
    NoSuchAlert,
    /// An alert stands in the way.
    UnexpectedAlert {
        /// What the alert says, if the server told.
        text: Option<String>,
    },
    /// The locator is malformed.
    InvalidSelector,
    /// The element is there but cannot be used like that (hidden, disabled, out of the screen).
    NotInteractable,
    /// The request is malformed for this server.
    InvalidArgument,
    /// The server does not know the command.
    Unsupported,
    /// The server failed with an error that says nothing more precise (W3C `unknown error`).
    Server,
    /// The answer is not what the protocol promises: no JSON, no value, no PNG, a proxy's page.
    BadAnswer {
        /// The HTTP status it came with.
        status: u16,
    },
}

impl DeviceError {
    /// An error of `command`. `asked` names the request (method and URL), `answer` what came back.
    pub fn new(
        kind: DeviceErrorKind,
        command: Command,
        asked: impl Into<String>,
        answer: impl Into<String>,
    ) -> Self {
        Self { kind, command, asked: asked.into(), answer: answer.into(), is_refused: false }
    }

    /// The same error, knowing that the machine is there and nothing listens on the port.
    #[must_use]
    pub(crate) fn refused(mut self, is_refused: bool) -> Self {
        self.is_refused = is_refused;
        self
    }

    /// The same error, saying also which element was looked for.
    #[must_use]
    pub(crate) fn looking_for(mut self, locator: &crate::Locator) -> Self {
        self.asked = format!("{} with {locator}", self.asked);
        self
    }

    /// Why the command failed.
    pub fn kind(&self) -> &DeviceErrorKind {
        &self.kind
    }

    /// Whether the machine was reached and nothing listens on the port: the server does not run, or
    /// the port is not forwarded any more.
    pub fn is_refused(&self) -> bool {
        self.is_refused
    }

    /// What came back, in words.
    pub fn answer(&self) -> &str {
        &self.answer
    }

    /// The command that failed.
    pub fn command(&self) -> Command {
        self.command
    }

    /// Whether the command may have taken effect although it failed.
    ///
    /// True for a command that touches the phone and that was sent, unless the server said
    /// plainly that it did not do it. A read is never ambiguous. A server's `unknown error`
    /// counts as ambiguous: Appium answers so when *its* connection to the phone breaks.
    pub fn is_ambiguous(&self) -> bool {
        !self.command.is_read()
            && match self.kind {
                DeviceErrorKind::Timeout | DeviceErrorKind::Dropped | DeviceErrorKind::Server => {
                    true
                }
                // A 4xx without a protocol body was turned away before the phone (a proxy, a
                // wrong path); anything else may have come after the effect.
                DeviceErrorKind::BadAnswer { status } => !(400..500).contains(&status),
                _ => false,
            }
    }

    /// Whether sending the very same command again can do no harm and has a chance to go better.
    ///
    /// True for a read that failed for a passing reason, and for any command that was never sent.
    /// False for everything ambiguous, and for plain answers such as "no such element".
    pub fn is_safe_to_repeat(&self) -> bool {
        match self.kind {
            DeviceErrorKind::Unreachable => true,
            DeviceErrorKind::Timeout | DeviceErrorKind::Dropped | DeviceErrorKind::Server => {
                self.command.is_read()
            }
            DeviceErrorKind::BadAnswer { status } => self.command.is_read() && status >= 500,
            _ => false,
        }
    }

    fn advice(&self) -> &'static str {
        if self.is_ambiguous() {
            return "it may have taken effect all the same: look at the screen, do not repeat it";
        }
        match self.kind {
            DeviceErrorKind::Unreachable => "check the URL and that the server is running",
            DeviceErrorKind::Timeout => "the phone may be busy or locked: look at it",
            DeviceErrorKind::Dropped
            | DeviceErrorKind::Server
            | DeviceErrorKind::BadAnswer { .. } => "look at the log of the server",
            DeviceErrorKind::SessionLost => "open a new session",
            DeviceErrorKind::SessionNotCreated => {
                "check the capabilities, and that the phone is unlocked and trusted"
            }
            DeviceErrorKind::StaleElement => "the page has changed: read the screen again",
            DeviceErrorKind::NoSuchElement => "read the screen: the page may be another one",
            DeviceErrorKind::NoSuchAlert => "nothing is in the way: go on",
            DeviceErrorKind::UnexpectedAlert { .. } => "read the alert before going on",
            DeviceErrorKind::NotInteractable => "read the screen: something may cover it",
            DeviceErrorKind::InvalidSelector | DeviceErrorKind::InvalidArgument => {
                "this is a mistake in Decorum or in the app profile"
            }
            DeviceErrorKind::Unsupported => "the server is too old or of another kind",
        }
    }
}

impl fmt::Display for DeviceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { command, asked, answer, .. } = self;
        write!(f, "could not {command} ({asked}): {answer}; {}", self.advice())
    }
}
