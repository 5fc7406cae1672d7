//! Bringing the right account to the front, on a phone where several are logged in.

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
    /// The app says something else, or does not show what it should.
    Trouble(Ending),
}

impl From<Switched> for Prepared {
    fn from(switched: Switched) -> Self {
        match switched {
            Switched::Yes => Self::Yes,
            Switched::NotLoggedIn { found } => {
                Self::WrongAccount { found: (!found.is_empty()).then(|| found.join(", ")) }
            }
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
            Waited::Lapsed(seen) => return Ok(missing("the account's own profile", &seen)),
        };
        self.press(&door).await?;
        let sheet = |page: &Page| match page {
            Page::Accounts(sheet) => Some(sheet.clone()),
            _ => None,
        };
        let sheet = match self.wait(|screen| sheet(&screen.page)).await? {
            Waited::Got(sheet) => sheet,
            Waited::Trouble(ending) => return Ok(Switched::Trouble(ending)),
            Waited::Lapsed(seen) => return Ok(missing("the sheet of accounts", &seen)),
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
            Prepared::Trouble(ending) => Switched::Trouble(ending),
            Prepared::WrongAccount { found } => {
                let seen = found.unwrap_or_else(|| "another account".to_owned());
                missing(&format!("the profile of {account}"), &seen)
            }
        })
    }
}

fn missing(what: &str, seen: &str) -> Switched {
    Switched::Trouble(Automator::not_shown(what, seen))
}
