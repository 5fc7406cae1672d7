//! The one tap, and the looks that say what came of it.

use std::time::Duration;

use decorum_core::{Action, ErrorClass, Outcome, outcome::reason};
use decorum_device::screen::{Overlay, Page, Relationship};
use decorum_device::{DeviceError, Screen};

use super::Automator;
use super::approach::Ready;
use crate::guard::Ending;

/// What is known after the tap.
#[derive(Debug)]
pub enum Acted {
    /// How it ended.
    Ended(Ending),
    /// The tap may or may not have taken effect, and the phone would not say.
    InDoubt(DeviceError),
}

/// What one look says about the act.
enum Look {
    Done,
    NotYet,
    Ended(Ending),
}

impl Automator {
    /// Taps, once. Whatever goes wrong afterwards, the tap is not repeated.
    pub async fn act(&self, ready: &Ready) -> Acted {
        if let Err(error) = self.device.tap(&ready.element).await {
            return if error.is_ambiguous() {
                Acted::InDoubt(error)
            } else {
                // Turned away before it touched anything: the page had changed, or an alert
                // stands in the way.
                Acted::Ended(Ending::new(
                    Outcome::Retry(Some(device_class(&error))),
                    error.to_string(),
                ))
            };
        }
        match self.verify(ready).await {
            Ok(ending) => Acted::Ended(ending),
            Err(error) => Acted::InDoubt(error),
        }
    }

    async fn verify(&self, ready: &Ready) -> Result<Ending, DeviceError> {
        let timings = self.profile.timings();
        let tapped = self.clock.steady();
        let deadline = tapped + timings.load_timeout;
        let mut seen = String::from("nothing");
        let first = loop {
            match self.screen().await? {
                Ok(screen) => match self.look_after(ready, &screen) {
                    Look::NotYet => screen.page.name().clone_into(&mut seen),
                    decided => break decided,
                },
                Err(error) => seen = error,
            }
            if self.clock.steady() >= deadline {
                return Ok(nothing_came(ready, &seen));
            }
            self.clock.sleep(timings.poll).await;
        };
        match first {
            Look::Ended(ending) => Ok(ending),
            Look::NotYet => Ok(nothing_came(ready, &seen)),
            Look::Done if reverts(ready.action) => {
                // A label that flips at once may flip back when the platform's answer arrives.
                let rest = (tapped + timings.settle).saturating_sub(self.clock.steady());
                self.clock.sleep(rest).await;
                self.second_look(ready).await
            }
            Look::Done => {
                if ready.action == Action::View {
                    self.leave_story().await;
                }
                Ok(Ending::new(Outcome::Success { presumed: false }, "seen"))
            }
        }
    }

    /// Leaves the story, so that the app does not go on to the next one by itself. The act is
    /// done either way; what cannot be left now is left by the next link.
    async fn leave_story(&self) {
        if let Ok(Ok(screen)) = self.screen().await
            && let Page::Story(story) = &screen.page
            && let Some(dismiss) = &story.dismiss
            && let Err(error) = self.press(dismiss).await
        {
            tracing::debug!(%error, "the story could not be left");
        }
    }

    async fn second_look(&self, ready: &Ready) -> Result<Ending, DeviceError> {
        let deadline = self.clock.steady() + Duration::from_secs(5);
        loop {
            if let Ok(screen) = self.screen().await? {
                return Ok(match self.look_after(ready, &screen) {
                    Look::Done => Ending::new(Outcome::Success { presumed: false }, "seen twice"),
                    Look::Ended(ending) => ending,
                    Look::NotYet => Ending::new(
                        Outcome::Failed(ErrorClass::ActionBlocked),
                        "the button changed and changed back",
                    )
                    .because(reason::SILENT_REVERT),
                });
            }
            if self.clock.steady() >= deadline {
                return Ok(Ending::new(Outcome::Success { presumed: true }, "seen once")
                    .because(reason::UNCONFIRMED));
            }
            self.clock.sleep(self.profile.timings().poll).await;
        }
    }

    fn look_after(&self, ready: &Ready, screen: &Screen) -> Look {
        if let Some(ending) = self.trouble(screen) {
            return Look::Ended(ending);
        }
        if matches!(screen.overlay, Some(Overlay::Interstitial { .. })) {
            return Look::NotYet;
        }
        let target = ready.target.as_str();
        let done = match (&screen.page, ready.action) {
            (Page::Profile(page), Action::Follow) => {
                page.is_of(target)
                    && matches!(
                        page.relationship,
                        Relationship::Following | Relationship::Requested
                    )
            }
            (Page::Post(post), Action::Like) => post.is_by(target) && post.liked == Some(true),
            (Page::CommentSheet(sheet), Action::Comment) => {
                sheet.draft.is_none()
                    && sheet
                        .comments
                        .iter()
                        .any(|c| Some(c.text.trim()) == ready.comment.as_deref().map(str::trim))
            }
            (Page::Story(story), Action::View) => {
                story.author.as_deref().is_none_or(|author| author == target)
            }
            _ => false,
        };
        if done { Look::Done } else { Look::NotYet }
    }
}

/// Whether the app shows this act as done before the platform has agreed.
const fn reverts(action: Action) -> bool {
    matches!(action, Action::Follow | Action::Like)
}

/// The app neither did it nor said why not. For a follow or like the button still says so; a
/// comment or a view may have gone out unseen, so caution counts it as done.
fn nothing_came(ready: &Ready, seen: &str) -> Ending {
    let detail = format!("nothing came of the tap in time; the app shows: {seen}");
    match ready.action {
        Action::Follow | Action::Like => Ending::new(Outcome::Failed(ErrorClass::App), detail),
        Action::Comment | Action::View => {
            Ending::new(Outcome::Success { presumed: true }, detail).because(reason::UNCONFIRMED)
        }
    }
}

/// What kind of trouble a device error is.
pub(crate) fn device_class(error: &DeviceError) -> ErrorClass {
    use decorum_device::DeviceErrorKind as K;
    match error.kind() {
        K::StaleElement
        | K::NoSuchElement
        | K::NoSuchAlert
        | K::UnexpectedAlert { .. }
        | K::NotInteractable => ErrorClass::App,
        _ => ErrorClass::Device,
    }
}
