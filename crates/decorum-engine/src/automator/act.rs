//! The one tap, and the looks that say what came of it.

use std::time::Duration;

use decorum_core::{Action, ErrorClass, Outcome, outcome::reason};
use decorum_device::screen::{Overlay, Page, Relationship};
use decorum_device::{DeviceError, Screen};

use super::Automator;
use super::approach::Ready;
use crate::guard::Ending;
use crate::sabotage::{Protection, is_off};

/// How long the second look may take to find its page.
const SECOND_LOOK: Duration = Duration::from_secs(5);

/// What is known after the tap.
#[derive(Debug)]
pub enum Acted {
    /// How it ended.
    Ended(Ending),
    /// The tap may or may not have taken effect: the phone would not say (why, for a person).
    InDoubt(String),
    /// The same, and what the app shows instead asks for a person: a challenge, a log-in page,
    /// words nobody knows.
    Covered(Ending),
}

/// The acts that show at once are looked at twice.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Glance {
    /// Right after the tap; the page may be slow.
    First,
    /// Once the platform has had time to take it back.
    Second,
}

/// What one look says about the act.
enum Look {
    /// The page shows it as done.
    Done,
    /// The page shows that it is not done.
    Undone,
    /// The page does not say.
    Unseen,
    /// The app says something else.
    Ended(Ending),
}

impl Automator {
    /// Taps, once. Whatever goes wrong afterwards, the tap is not repeated.
    pub async fn act(&self, ready: &Ready) -> Acted {
        let mut tapped = self.device.tap(&ready.element).await;
        if tapped.as_ref().is_err_and(DeviceError::is_ambiguous) && is_off(Protection::TapOnce) {
            tapped = self.device.tap(&ready.element).await;
        }
        if let Err(error) = tapped {
            return if error.is_ambiguous() {
                Acted::InDoubt(error.to_string())
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
            Ok(acted) => acted,
            Err(error) => Acted::InDoubt(error.to_string()),
        }
    }

    async fn verify(&self, ready: &Ready) -> Result<Acted, DeviceError> {
        let first = self.look_until(ready, Glance::First).await?;
        if !matches!(first, Look::Done) {
            return Ok(nothing_came(ready, first));
        }
        if ready.action == Action::View {
            self.leave_story().await;
        }
        if !reverts(ready.action) || is_off(Protection::SecondLook) {
            return Ok(Acted::Ended(Ending::new(Outcome::Success { presumed: false }, "seen")));
        }
        // What changes at once may change back when the platform's answer arrives.
        self.clock.sleep(self.profile.timings().settle).await;
        let second = self.look_until(ready, Glance::Second).await?;
        Ok(match second {
            Look::Done => {
                Acted::Ended(Ending::new(Outcome::Success { presumed: false }, "seen twice"))
            }
            Look::Undone => Acted::Ended(
                Ending::new(
                    Outcome::Failed(ErrorClass::ActionBlocked),
                    "the button changed and changed back",
                )
                .because(reason::SILENT_REVERT),
            ),
            other => nothing_came(ready, other),
        })
    }

    /// Looks until the page shows the act as done or the app says something else, or the time of
    /// this glance is over; then whatever the last look said. Harmless questions are declined on
    /// the way.
    async fn look_until(&self, ready: &Ready, glance: Glance) -> Result<Look, DeviceError> {
        let within = match glance {
            Glance::First => self.profile.timings().load_timeout,
            Glance::Second => SECOND_LOOK,
        };
        let deadline = self.clock.steady() + within;
        loop {
            let look = match self.screen().await? {
                Ok(screen) => {
                    if let Some(Overlay::Interstitial { safe_button, .. }) = &screen.overlay {
                        self.press(safe_button).await?;
                        Look::Unseen
                    } else {
                        self.look_after(ready, &screen)
                    }
                }
                Err(_) => Look::Unseen,
            };
            // A button that still offers the act right after the tap may only be slow, but one
            // that offers it again after having changed has its answer.
            let decided = match look {
                Look::Done | Look::Ended(_) => true,
                Look::Undone => glance == Glance::Second,
                Look::Unseen => false,
            };
            if decided || self.clock.steady() >= deadline {
                return Ok(look);
            }
            self.clock.sleep(self.profile.timings().poll).await;
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

    fn look_after(&self, ready: &Ready, screen: &Screen) -> Look {
        if let Some(ending) = self.trouble(screen) {
            return Look::Ended(ending);
        }
        let target = ready.target.as_str();
        let said = |done: Option<bool>| match done {
            Some(true) => Look::Done,
            Some(false) => Look::Undone,
            None => Look::Unseen,
        };
        match (&screen.page, ready.action) {
            (Page::Profile(page), Action::Follow) if page.is_of(target) => {
                said(match page.relationship {
                    Relationship::Following | Relationship::Requested => Some(true),
                    Relationship::NotFollowing => Some(false),
                    Relationship::Unknown => None,
                })
            }
            (Page::Post(post), Action::Like) if post.is_by(target) => said(post.liked),
            (Page::CommentSheet(sheet), Action::Comment) => {
                let text = ready.comment.as_deref().unwrap_or_default();
                // The same words of somebody else prove nothing.
                let posted = sheet.draft.is_none() && sheet.has_comment(&self.account, text);
                said(posted.then_some(true))
            }
            (Page::Story(story), Action::View) => {
                said(story.author.as_deref().is_none_or(|a| a == target).then_some(true))
            }
            _ => Look::Unseen,
        }
    }
}

/// Whether the app shows this act as done before the platform has agreed.
const fn reverts(action: Action) -> bool {
    matches!(action, Action::Follow | Action::Like | Action::Comment)
}

/// The tap was not seen to be done. Only a page that shows the act undone says so; for the rest
/// somebody has to look again, and a comment or view that left no trace counts as done.
fn nothing_came(ready: &Ready, look: Look) -> Acted {
    match (look, ready.action) {
        (Look::Ended(ending), _) => covers(ending),
        (Look::Undone, _) => Acted::Ended(Ending::new(
            Outcome::Failed(ErrorClass::App),
            "nothing came of the tap: the button still offers it",
        )),
        (Look::Done | Look::Unseen, Action::Follow | Action::Like) => {
            Acted::InDoubt("the page went away after the tap".to_owned())
        }
        (Look::Done | Look::Unseen, Action::Comment | Action::View) => Acted::Ended(
            Ending::new(Outcome::Success { presumed: true }, "no trace of it was seen in time")
                .because(reason::UNCONFIRMED),
        ),
    }
}

/// What the app says instead of showing the act. That it refuses it is an answer; anything else
/// only hides whether the act took effect.
fn covers(ending: Ending) -> Acted {
    match ending.outcome {
        Outcome::Failed(
            ErrorClass::Challenge
            | ErrorClass::LoggedOut
            | ErrorClass::AccountSuspended
            | ErrorClass::Unknown,
        ) => Acted::Covered(ending),
        Outcome::Failed(ErrorClass::Network | ErrorClass::App | ErrorClass::Device) => {
            Acted::InDoubt(ending.detail)
        }
        _ => Acted::Ended(ending),
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
