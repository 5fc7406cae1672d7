//! The contract every phone keeps, real or simulated.
//!
//! One device is driven by one task at a time (the engine's lease sees to that), so methods take
//! `&self` only to be object safe and shareable, not to be called concurrently.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use crate::{DeviceError, Locator};

/// A phone that can be looked at and touched.
///
/// Reads (`source`, `find`, `attribute`, `alert_text`, `screenshot`, `status`, ...) may be
/// repeated by the implementation a bounded number of times. Everything that touches the phone is
/// sent at most once; when its fate is unknown the error says so
/// ([`DeviceError::is_ambiguous`]).
#[async_trait]
pub trait Device: Send + Sync + fmt::Debug {
    /// Opens a session, or goes on with `resume` if that session still lives, and returns the
    /// session's id. Later commands use this session.
    async fn open_session(&self, resume: Option<&str>) -> Result<String, DeviceError>;

    /// Ends the session. A session that is already gone counts as ended.
    async fn close_session(&self) -> Result<(), DeviceError>;

    /// The id of the session in use, if one is open.
    fn session_id(&self) -> Option<String>;

    /// What the server is and whether it takes commands. Needs no session.
    async fn status(&self) -> Result<DeviceStatus, DeviceError>;

    /// Opens a deep link, for example `instagram://user?username=anna`.
    async fn open_link(&self, url: &str) -> Result<(), DeviceError>;

    /// The page source: XML of the app in front, 1 to 3 s on a busy screen of a real phone.
    async fn source(&self) -> Result<String, DeviceError>;

    /// The first element that matches; [`NoSuchElement`](crate::DeviceErrorKind::NoSuchElement)
    /// if there is none.
    async fn find(&self, locator: &Locator) -> Result<Element, DeviceError>;

    /// All elements that match, possibly none.
    async fn find_all(&self, locator: &Locator) -> Result<Vec<Element>, DeviceError>;

    /// An attribute (`label`, `value`, `name`, ...) as text; `None` if the element has no such
    /// value.
    async fn attribute(&self, element: &Element, name: &str)
    -> Result<Option<String>, DeviceError>;

    /// Taps the element. Sent once.
    async fn tap(&self, element: &Element) -> Result<(), DeviceError>;

    /// Types into the element. Sent once.
    async fn type_text(&self, element: &Element, text: &str) -> Result<(), DeviceError>;

    /// Empties the text field. Sent once.
    async fn clear(&self, element: &Element) -> Result<(), DeviceError>;

    /// Drags a finger from one point to another, in screen points, over `duration`. Sent once.
    async fn swipe(&self, from: Point, to: Point, duration: Duration) -> Result<(), DeviceError>;

    /// The text of the alert in front; `None` if there is none.
    async fn alert_text(&self) -> Result<Option<String>, DeviceError>;

    /// The labels of the alert's buttons; empty if there is no alert.
    async fn alert_buttons(&self) -> Result<Vec<String>, DeviceError>;

    /// Accepts the alert. Sent once.
    async fn alert_accept(&self) -> Result<(), DeviceError>;

    /// Dismisses the alert. Sent once.
    async fn alert_dismiss(&self) -> Result<(), DeviceError>;

    /// Presses the alert's button with exactly this label. Sent once.
    async fn alert_press(&self, button: &str) -> Result<(), DeviceError>;

    /// A screenshot: PNG bytes, checked by their signature.
    async fn screenshot(&self) -> Result<Vec<u8>, DeviceError>;

    /// Brings the app to the front, starting it if need be.
    async fn activate_app(&self, bundle_id: &str) -> Result<(), DeviceError>;

    /// Ends the app.
    async fn terminate_app(&self, bundle_id: &str) -> Result<(), DeviceError>;

    /// Goes back one page by a swipe from the left edge, the gesture every iOS navigation stack
    /// understands. Pages that do not move by it need their own button.
    async fn back(&self) -> Result<(), DeviceError> {
        let size = self.window_size().await?;
        let y = size.height / 2.0;
        // From x = 0 the system's edge recognizer sees the touch; three quarters of the width is
        // past the half that decides between "go back" and "snap back".
        let from = Point { x: 0.0, y };
        let to = Point { x: size.width * 0.75, y };
        self.swipe(from, to, Duration::from_millis(300)).await
    }

    /// The size of the screen in points.
    async fn window_size(&self) -> Result<Size, DeviceError>;

    /// Turns what is shown upright, if it lies on its side. Sent once. A phone on whose side
    /// something insists may refuse, or turn back.
    async fn turn_upright(&self) -> Result<(), DeviceError>;

    /// Puts the keyboard away, if it is up. Sent once. An iPhone knows no way that every page
    /// understands, so it may refuse.
    async fn hide_keyboard(&self) -> Result<(), DeviceError>;

    /// How many requests have been sent since this device was connected: what an engagement
    /// costs. Retries count.
    fn round_trips(&self) -> u64;

    /// The device in a few words for a person, for example
    /// `WebDriverAgent at http://127.0.0.1:8100 (iOS 18.3.2)`.
    fn describe(&self) -> String;
}

/// A handle to an element on the phone, valid until the page changes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Element {
    id: String,
}

impl Element {
    /// A handle with the id that the server gave.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into() }
    }

    /// The server's id of the element.
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// A position in screen points; the origin is the upper left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Points from the left edge.
    pub x: f64,
    /// Points from the upper edge.
    pub y: f64,
}

/// A size in screen points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Size {
    /// Points across.
    pub width: f64,
    /// Points down.
    pub height: f64,
}

/// Which kind of server answers for the phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerKind {
    /// An Appium server with the XCUITest driver.
    Appium,
    /// A WebDriverAgent on the phone itself (or something that speaks like one).
    WebDriverAgent,
}

impl fmt::Display for ServerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Appium => "Appium",
            Self::WebDriverAgent => "WebDriverAgent",
        })
    }
}

/// What a phone server says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceStatus {
    /// Appium or WebDriverAgent.
    pub server: ServerKind,
    /// Whether it takes new sessions.
    pub ready: bool,
    /// The server's version, if it says one.
    pub version: Option<String>,
    /// The phone's system and its version, for example `iOS 18.3.2`; only a WebDriverAgent knows.
    pub os: Option<String>,
    /// The session that lives on the server now, if it says one.
    pub session_id: Option<String>,
}
