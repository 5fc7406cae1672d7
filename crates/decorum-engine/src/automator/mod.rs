//! Driving the app on a phone: approach a person, act once, look at what came of it.
//!
//! The automator never decides whether an act may happen. It brings everything up to the last
//! tap ([`Automator::approach`]); the run claims; only then [`Automator::act`] taps, once.

mod act;
mod approach;
pub mod crawl;
mod front;
mod judge;
mod look;
mod sift;
mod switch;
mod wait;

use std::sync::Arc;

use decorum_core::AccountId;
use decorum_core::task::Filters;
use decorum_device::screen::Page;
use decorum_device::{AppProfile, Device, DeviceError};

use crate::clock::Clock;
use crate::guard::Ending;
use crate::lexicon::Lexicon;
use wait::Waited;

pub use act::Acted;
pub(crate) use act::device_class;
pub use approach::{Approach, Ready};
pub use front::Front;
pub use switch::Switched;

/// Drives one app on one phone.
pub struct Automator {
    device: Arc<dyn Device>,
    profile: Arc<AppProfile>,
    classifier: Arc<Lexicon>,
    clock: Arc<dyn Clock>,
    /// For whom it acts.
    account: String,
    /// For whom the app acts, as far as it is known.
    front: Front,
    /// Whom it leaves out.
    filters: Option<Filters>,
}

/// What came of making the phone ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prepared {
    /// The app is in front and acts for the right account.
    Yes,
    /// The app acts for somebody else.
    WrongAccount {
        /// For whom.
        found: String,
    },
    /// The app shows pages of which it cannot be told for whom it acts.
    Unclear {
        /// What it shows, for a person.
        why: String,
    },
    /// The app says that the account in front cannot act, or shows nothing at all.
    Trouble(Ending),
}

/// What a person needs to see who is asked to judge a screen.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// A screenshot, PNG.
    pub screenshot: Option<Vec<u8>>,
    /// The page source, XML.
    pub source: Option<String>,
}

impl Automator {
    /// An automator for the app that `profile` describes, on `device`, acting for `account`.
    pub fn new(
        device: Arc<dyn Device>,
        profile: Arc<AppProfile>,
        classifier: Arc<Lexicon>,
        clock: Arc<dyn Clock>,
        account: &AccountId,
    ) -> Self {
        let account = account.as_str().to_owned();
        let front = Front::unknown();
        Self { device, profile, classifier, clock, account, front, filters: None }
    }

    /// With what is known of who is in front; what the app shows is noted there.
    #[must_use]
    pub fn with_front(mut self, front: Front) -> Self {
        self.front = front;
        self
    }

    /// For whom the app acts, as far as it has shown that.
    pub const fn front(&self) -> &Front {
        &self.front
    }

    /// The phone.
    pub fn device(&self) -> &dyn Device {
        self.device.as_ref()
    }

    /// Brings the app to the front and makes sure that it acts for `account`, by opening that
    /// account's own profile: only on one's own profile does the app show whose it is.
    ///
    /// # Errors
    /// When the phone does not do as it is told.
    pub async fn prepare(&self, account: &AccountId) -> Result<Prepared, DeviceError> {
        self.device.activate_app(self.profile.bundle_id()).await?;
        self.device.open_link(&self.profile.user_link(account.as_str())).await?;
        let own = self
            .wait(|screen| match &screen.page {
                Page::Profile(page) if page.is_loaded => Some((page.is_own, page.username.clone())),
                Page::Missing { .. } => Some((false, None)),
                _ => None,
            })
            .await?;
        Ok(match own {
            Waited::Got((true, name)) if name.as_deref() == Some(account.as_str()) => {
                self.front.seen(account.as_str());
                Prepared::Yes
            }
            // A page that is not our own says nothing about who acts; the tab does.
            Waited::Got(_) => match self.acting_account().await? {
                Waited::Got(found) => {
                    self.front.seen(&found);
                    if found == account.as_str() {
                        Prepared::Yes
                    } else {
                        Prepared::WrongAccount { found }
                    }
                }
                Waited::Trouble(ending) => Prepared::Trouble(ending),
                Waited::Lapsed(lapse) => lapse.into_prepared("the account's own profile"),
            },
            Waited::Trouble(ending) => Prepared::Trouble(ending),
            Waited::Lapsed(lapse) => lapse.into_prepared(&format!("the profile of {account}")),
        })
    }

    /// Takes a screenshot and the page source for a person to look at; what cannot be had is
    /// left out, because the trouble that asks for evidence often prevents it too.
    pub async fn evidence(&self) -> Evidence {
        Evidence {
            screenshot: self.device.screenshot().await.ok(),
            source: self.device.source().await.ok(),
        }
    }
}
