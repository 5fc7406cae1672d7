//! Bringing the right account to the front, on a phone where several are logged in.

use std::fmt::Display;

use decorum_core::AccountId;
use decorum_device::DeviceError;
use decorum_device::screen::{Control, Page};

use super::wait::Waited;
use super::{Automator, Prepared};
use crate::guard::Ending;

/// What came of switching to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Switched {
    /// The app acts for it, and its own profile says so.
    Yes,
    /// It is not logged in on this phone. Logging in is a person's business.
    NotLoggedIn {
        /// The accounts that are.
        found: Vec<String>,
    },
    /// The app shows pages of which it cannot be told for whom it acts.
    Unclear {
        /// What it shows, for a person.
        why: String,
    },
    /// The app says something else, or does not show what it should.
    Trouble(Ending),
}

impl From<Switched> for Prepared {
    fn from(switched: Switched) -> Self {
        match switched {
            Switched::Yes => Self::Yes,
            Switched::NotLoggedIn { found } => Self::WrongAccount { found: found.join(", ") },
            Switched::Unclear { why } => Self::Unclear { why },
            Switched::Trouble(ending) => Self::Trouble(ending),
        }
    }
}

impl Automator {
    /// Makes the app act for `account` if it is logged in on the phone: by the title of one's own
    /// profile, and the sheet of accounts behind it. Nothing is tapped if the app does so already.
    ///
    /// # Errors
    /// When the phone does not do as it is told. For whom the app acts is then unknown.
    pub async fn switch_account(&self, account: &AccountId) -> Result<Switched, DeviceError> {
        match self.prepare(account).await? {
            Prepared::Yes => return Ok(Switched::Yes),
            Prepared::Unclear { why } => return Ok(Switched::Unclear { why }),
            Prepared::Trouble(ending) => return Ok(Switched::Trouble(ending)),
            // The profile of whoever acts is in front now.
            Prepared::WrongAccount { .. } => {}
        }
        let own = |page: &Page| match page {
            Page::Profile(page) if page.is_own => page.switch_button.clone(),
            _ => None,
        };
        let door = match self.wait(|screen| own(&screen.page)).await? {
            Waited::Got(door) => door,
            Waited::Trouble(ending) => return Ok(Switched::Trouble(ending)),
            Waited::Lapsed(seen) => return Ok(missing("the account's own profile", seen)),
        };
        self.press(&door).await?;
        let sheet = |page: &Page| match page {
            Page::Accounts(sheet) => Some(sheet.clone()),
            _ => None,
        };
        let sheet = match self.wait(|screen| sheet(&screen.page)).await? {
            Waited::Got(sheet) => sheet,
            Waited::Trouble(ending) => return Ok(Switched::Trouble(ending)),
            Waited::Lapsed(seen) => return Ok(missing("the sheet of accounts", seen)),
        };
        let Some(button) = sheet.button_of(account.as_str()) else {
            let found = sheet.accounts.into_iter().map(|row| row.username).collect();
            // The sheet would lie over whatever is opened next.
            self.restart_app().await?;
            return Ok(Switched::NotLoggedIn { found });
        };
        self.switch_by(button, account).await
    }

    async fn switch_by(
        &self,
        button: &Control,
        account: &AccountId,
    ) -> Result<Switched, DeviceError> {
        // A page that asks for a person from here on may mean the one or the other.
        self.front.lost();
        self.press(button).await?;
        let arrived = self
            .wait(|screen| match &screen.page {
                Page::Profile(page) if page.is_own && page.is_of(account.as_str()) => Some(()),
                _ => None,
            })
            .await?;
        if let Waited::Trouble(ending) = arrived {
            return Ok(Switched::Trouble(ending));
        }
        Ok(match self.prepare(account).await? {
            Prepared::Yes => Switched::Yes,
            Prepared::Unclear { why } => Switched::Unclear { why },
            Prepared::Trouble(ending) => Switched::Trouble(ending),
            Prepared::WrongAccount { found } => {
                missing(&format!("the profile of {account}"), found)
            }
        })
    }
}

fn missing(what: &str, seen: impl Display) -> Switched {
    Switched::Trouble(Automator::not_shown(what, seen))
}
