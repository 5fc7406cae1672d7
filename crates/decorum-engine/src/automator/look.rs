//! Looking without touching: settling doubts, and who acts.

use decorum_core::{Action, Claim, Finding, Key};
use decorum_device::DeviceError;
use decorum_device::screen::{Page, Relationship};

use super::Automator;
use super::approach::Step;
use super::wait::Waited;
use crate::guard::Ending;

/// From here on the app shortens numbers (`12.3K`).
pub(super) const ROUNDED_FROM: u64 = 10_000;

impl Automator {
    /// Looks whether the act of a lost claim took effect. `Err` inside: the page would not show
    /// it now (a challenge, no connection, …); the doubt stays.
    ///
    /// # Errors
    /// When the phone does not do as it is told.
    pub async fn look(&self, key: &Key, claim: &Claim) -> Result<Step<Finding>, DeviceError> {
        // Neither a comment nor a view leaves a mark that proves its absence.
        if matches!(key.action, Action::Comment | Action::View) {
            return Ok(Ok(Finding::CannotTell));
        }
        let page = match self.open_profile(&key.target_username).await? {
            Ok(page) => page,
            Err(ending) => return Ok(unless_missing(ending)),
        };
        if key.action == Action::Follow {
            return Ok(match page.relationship {
                Relationship::Following | Relationship::Requested => Ok(Finding::Done),
                Relationship::NotFollowing => Ok(Finding::NotDone),
                Relationship::Unknown => {
                    Err(Self::not_shown("a follow button that is understood", "profile"))
                }
            });
        }
        // The newest post is the one that was to be liked only if none came since, and only a
        // number that the app does not round can tell.
        let posts_then = claim.metadata.to_map().get("posts").and_then(serde_json::Value::as_u64);
        let exact = posts_then.is_some_and(|n| n < ROUNDED_FROM);
        if !exact || posts_then != page.posts {
            return Ok(Ok(Finding::CannotTell));
        }
        Ok(match self.open_newest_post(&key.target_username, &page).await? {
            Ok(post) => Ok(match post.liked {
                Some(true) => Finding::Done,
                Some(false) => Finding::NotDone,
                None => Finding::CannotTell,
            }),
            Err(ending) => unless_missing(ending),
        })
    }

    /// For whom the app acts, read from its own profile tab. Inner pages hide the tabs, so the app
    /// is started anew: it lands on the feed.
    pub(super) async fn acting_account(&self) -> Result<Waited<String>, DeviceError> {
        self.restart_app().await?;
        // Where there is no such tab, the wait says what is there instead.
        if let Some(tab) = self.profile.own_profile_locator()
            && let Ok(element) = self.device.find(&tab).await
        {
            self.device.tap(&element).await?;
        }
        self.wait(|screen| match &screen.page {
            Page::Profile(page) if page.is_own => page.username.clone(),
            _ => None,
        })
        .await
    }
}

/// A person who is gone, private or without posts can no longer show it; the design presumes.
/// Anything else is trouble of ours, and the doubt stays.
fn unless_missing(ending: Ending) -> Step<Finding> {
    use decorum_core::{ErrorClass, Outcome};
    match ending.outcome {
        Outcome::Failed(ErrorClass::TargetUnavailable) | Outcome::Skipped(_) => {
            Ok(Finding::CannotTell)
        }
        _ => Err(ending),
    }
}
