//! Our WebDriver client against servers that nobody here wrote: the real Appium server with its
//! own test driver, and chromedriver with a real browser.
//!
//! They need what `scripts/ensure appium chromium` installs; without it they fail and say so.

#![allow(clippy::expect_used, clippy::panic, reason = "a broken server is a failed test")]

mod appium;
mod chromedriver;
mod fake_driver;
mod program;
