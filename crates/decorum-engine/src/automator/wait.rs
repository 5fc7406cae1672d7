//! Waiting on a condition, never on a fixed time.

use decorum_core::{ErrorClass, Outcome};
use decorum_device::screen::{Overlay, Page};
use decorum_device::{DeviceError, Screen};

use super::Automator;
use crate::guard::Ending;

/// Interstitials declined in one wait: more than this many in a row is a loop, not a question.
const DECLINED_MAX: u32 = 4;

/// How a wait ended.
pub(super) enum Waited<T> {
    /// What was waited for.
    Got(T),
    /// The app says something that ends the attempt.
    Trouble(Ending),
    /// Time ran out; this was on the screen, in a word.
    Lapsed(String),
}

impl Automator {
    /// Reads the screen until `found` says so, trouble shows, or the page's load time is over.
    /// Questions with a known safe answer are declined on the way.
    pub(super) async fn wait<T>(
        &self,
        mut found: impl FnMut(&Screen) -> Option<T>,
    ) -> Result<Waited<T>, DeviceError> {
        let timings = self.profile.timings();
        let deadline = self.clock.steady() + timings.load_timeout;
        let mut declined = 0;
        loop {
            let lapsed = match self.screen().await? {
                Ok(screen) => {
                    if let Some(Overlay::Interstitial { safe_button, .. }) = &screen.overlay
                        && declined < DECLINED_MAX
                    {
                        declined += 1;
                        self.press(safe_button).await?;
                        continue;
                    }
                    if let Some(ending) = self.trouble(&screen) {
                        return Ok(Waited::Trouble(ending));
                    }
                    if matches!(screen.overlay, None | Some(Overlay::Toast { .. }))
                        && let Some(got) = found(&screen)
                    {
                        return Ok(Waited::Got(got));
                    }
                    if matches!(screen.page, Page::HomeScreen | Page::OtherApp) {
                        self.device.activate_app(self.profile.bundle_id()).await?;
                    }
                    screen.page.name().to_owned()
                }
                // A page caught while it changed may be cut off; the next look decides.
                Err(error) => error,
            };
            if self.clock.steady() >= deadline {
                return Ok(Waited::Lapsed(lapsed));
            }
            self.clock.sleep(timings.poll).await;
        }
    }

    /// One look. The inner error is a page source that cannot be read.
    pub(super) async fn screen(&self) -> Result<Result<Screen, String>, DeviceError> {
        let source = self.device.source().await?;
        Ok(Screen::read(&source, &self.profile).map_err(|e| e.to_string()))
    }

    /// Taps a control that declines or leads on, never one that engages. That it vanished
    /// meanwhile is as good as having been tapped.
    pub(super) async fn press(
        &self,
        control: &decorum_device::screen::Control,
    ) -> Result<(), DeviceError> {
        use decorum_device::DeviceErrorKind::{NoSuchElement, StaleElement};
        let gone = |e: &DeviceError| matches!(e.kind(), NoSuchElement | StaleElement);
        match self.device.find(&control.locator()).await {
            Ok(element) => match self.device.tap(&element).await {
                Err(error) if !gone(&error) => Err(error),
                _ => Ok(()),
            },
            Err(error) if gone(&error) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Clears the way after a refusal: waits for a toast to fade, presses the dialog's button
    /// that only closes it, or, if there is none, starts the app anew. What is left standing
    /// would be read as a second refusal by the next attempt.
    pub async fn put_away(&self) -> Result<(), DeviceError> {
        let timings = self.profile.timings();
        let deadline = self.clock.steady() + timings.load_timeout;
        while let Ok(screen) = self.screen().await? {
            match &screen.overlay {
                None => return Ok(()),
                Some(Overlay::Toast { .. }) if self.clock.steady() < deadline => {}
                Some(Overlay::Interstitial { safe_button, .. }) => {
                    return self.press(safe_button).await;
                }
                Some(Overlay::Dialog(dialog) | Overlay::SystemAlert(dialog)) => {
                    return match self.profile.closing_button(dialog) {
                        Some(button) => self.press(button).await,
                        None => self.restart_app().await,
                    };
                }
                Some(Overlay::Toast { .. }) => return self.restart_app().await,
            }
            self.clock.sleep(timings.poll).await;
        }
        Ok(())
    }

    /// Ends the app and starts it: it lands on the feed.
    pub(super) async fn restart_app(&self) -> Result<(), DeviceError> {
        self.device.terminate_app(self.profile.bundle_id()).await?;
        self.device.activate_app(self.profile.bundle_id()).await
    }

    /// An attempt given up because the app did not show what it should.
    pub(super) fn not_shown(what: &str, seen: &str) -> Ending {
        Ending::new(
            Outcome::Retry(Some(ErrorClass::App)),
            format!("{what} did not appear; the app shows: {seen}"),
        )
    }
}
