//! Phones: how Decorum asks a phone for something, and how it understands what it sees.
//!
//! Three ideas, in reading order:
//!
//! 1. [`Device`] is the contract: sessions, page source, find, tap, type, alerts. [`WebDriver`]
//!    keeps it for an Appium server or a WebDriverAgent. Its errors say the one thing that
//!    decides about engaging somebody twice: [`DeviceError::is_ambiguous`], that is, whether a
//!    command that failed may nevertheless have taken effect.
//! 2. [`AppProfile`] is the data file that says how an app looks: identifiers, texts, messages.
//!    No identifier and no wording of an app stands in code.
//! 3. [`Screen`] is one page source, understood: which page, whose, what relationship, which
//!    dialog, and every text together with the place where it stood.
//!
//! This crate never decides whether to act, never classifies a refusal and never repeats an act.

mod command;
mod device;
mod error;
mod locator;
pub mod profile;
pub mod screen;
pub mod webdriver;

pub use command::Command;
pub use device::{Device, DeviceStatus, Element, Point, ServerKind, Size};
pub use error::{DeviceError, DeviceErrorKind};
pub use locator::Locator;
pub use profile::{AppProfile, ProfileError, examples};
pub use screen::{Screen, ScreenError};
pub use webdriver::{Timeouts, WebDriver, WebDriverOptions};
