//! Waiting on a condition, never on a fixed time.

use std::fmt::{self, Display};

use decorum_core::{ErrorClass, Outcome};
use decorum_device::screen::{Overlay, Page};
use decorum_device::{DeviceError, DeviceErrorKind, Screen};

use super::{Automator, Prepared};
use crate::guard::Ending;

/// Interstitials declined in one wait: more than this many in a row is a loop, not a question.
const DECLINED_MAX: u32 = 4;

/// How a wait ended.
pub(super) enum Waited<T> {
    /// What was waited for.
    Got(T),
    /// The app says something that ends the attempt.
    Trouble(Ending),
    /// Time ran out; this was on the screen.
    Lapsed(Lapse),
}

/// What was on the screen when the time ran out.
#[derive(Debug)]
pub(super) enum Lapse {
    /// A page, in a word.
    Page(&'static str),
    /// Nothing of the app: it does not fill its page, or is not in front.
    Nothing(&'static str),
    /// A source that cannot be read.
    Unreadable(String),
    /// A page that lies on its side.
    Sideways,
    /// A page whose lower part is covered by the keyboard.
    Covered,
}

impl Lapse {
    fn of(page: &Page) -> Self {
        match page {
            Page::Loading | Page::HomeScreen | Page::OtherApp => Self::Nothing(page.name()),
            _ => Self::Page(page.name()),
        }
    }

    /// The app was to show for whom it acts, on the page `what`. One that shows something is not
    /// understood; one that shows nothing may be slow.
    pub(super) fn into_prepared(self, what: &str) -> Prepared {
        match self {
            Self::Page(_) => Prepared::Unclear { why: missed(what, &self) },
            _ => Prepared::Trouble(Automator::not_shown(what, self)),
        }
    }
}

impl Display for Lapse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Page(name) | Self::Nothing(name) => f.write_str(name),
            Self::Unreadable(why) => f.write_str(why),
            Self::Sideways => f.write_str(
                "a page on its side that does not turn upright; hold the phone upright and turn its \
                 portrait orientation lock on",
            ),
            Self::Covered => f.write_str("a page covered by the keyboard"),
        }
    }
}

/// What was tried already in one wait.
#[derive(Default)]
struct Handled {
    turned: bool,
    hidden: bool,
}

/// What lay in the way.
enum Way {
    /// It may be gone: look again.
    Cleared,
    /// It stays.
    Blocked(Lapse),
}

/// Whether a request came through. That the phone does not do it shows at the next look.
fn obeyed(done: Result<(), DeviceError>) -> Result<(), DeviceError> {
    use DeviceErrorKind as K;
    match done {
        Err(error)
            if matches!(
                error.kind(),
                K::Unsupported
                    | K::Server
                    | K::InvalidArgument
                    | K::NoSuchElement
                    | K::NotInteractable
            ) =>
        {
            tracing::debug!(%error, "the phone does not do it");
            Ok(())
        }
        done => done,
    }
}

fn missed(what: &str, seen: impl Display) -> String {
    format!("{what} did not appear; the app shows: {seen}")
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
        let mut handled = Handled::default();
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
                    if let Some(way) = self.clear_the_way(&screen, &mut handled).await? {
                        match way {
                            Way::Cleared => continue,
                            Way::Blocked(lapse) => return Ok(Waited::Lapsed(lapse)),
                        }
                    }
                    if matches!(screen.overlay, None | Some(Overlay::Toast { .. }))
                        && let Some(got) = found(&screen)
                    {
                        return Ok(Waited::Got(got));
                    }
                    if matches!(screen.page, Page::HomeScreen | Page::OtherApp) {
                        self.device.activate_app(self.profile.bundle_id()).await?;
                    }
                    Lapse::of(&screen.page)
                }
                // A page caught while it changed may be cut off; the next look decides.
                Err(error) => Lapse::Unreadable(error),
            };
            if self.clock.steady() >= deadline {
                return Ok(Waited::Lapsed(lapsed));
            }
            self.clock.sleep(timings.poll).await;
        }
    }

    /// Turns a page upright that lies on its side, and puts a keyboard away that covers what could
    /// be tapped: a tap meant for a button below it would press a key. `None`: the way is free.
    async fn clear_the_way(
        &self,
        screen: &Screen,
        handled: &mut Handled,
    ) -> Result<Option<Way>, DeviceError> {
        if screen.is_sideways {
            if std::mem::replace(&mut handled.turned, true) {
                return Ok(Some(Way::Blocked(Lapse::Sideways)));
            }
            obeyed(self.device.turn_upright().await)?;
            self.clock.sleep(self.profile.timings().poll).await;
            return Ok(Some(Way::Cleared));
        }
        // There somebody types, and what is tapped stands above it.
        if !screen.has_keyboard || matches!(screen.page, Page::CommentSheet(_) | Page::Search(_)) {
            return Ok(None);
        }
        if !std::mem::replace(&mut handled.hidden, true) {
            obeyed(self.device.hide_keyboard().await)?;
            return Ok(Some(Way::Cleared));
        }
        // An app that starts has no keyboard up; the next try opens the page again.
        self.restart_app().await?;
        Ok(Some(Way::Blocked(Lapse::Covered)))
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
    pub(super) fn not_shown(what: &str, seen: impl Display) -> Ending {
        Ending::new(Outcome::Retry(Some(ErrorClass::App)), missed(what, seen))
    }
}
