//! Accounts with their error histories.

use decorum_core::{Account, AccountError, AccountId, Platform};
use mongodb::bson::{Document, doc};

use super::fault::Outcome;
use super::rows::account;
use super::step::Keeper;
use crate::AccountView;

impl Keeper {
    pub(super) async fn account_view(&self, name: &AccountId) -> Outcome<AccountView> {
        let platform = Platform::Instagram;
        let filter = doc! { "_id": account::id(platform, name) };
        let account = match self.servers.one(&self.servers.accounts, filter).await? {
            Some(stored) => {
                let stored = account::read(&stored)?;
                self.finish(&stored).await?;
                stored.account
            }
            None => Account::new(platform, name.clone()),
        };
        let errors = self.errors(doc! { "account_id": name.as_str() }).await?;
        Ok(AccountView { account, errors: errors.into_iter().map(|(_, error)| error).collect() })
    }

    pub(super) async fn account_views(&self) -> Outcome<Vec<AccountView>> {
        let accounts = self.accounts().await?;
        for stored in &accounts {
            self.finish(stored).await?;
        }
        let mut errors = self.errors(doc! {}).await?;
        let view = |stored: account::Stored| {
            let name = stored.account.account_id.as_str();
            let of_it = errors.extract_if(.., |(account, _)| account == name);
            let errors = of_it.map(|(_, error)| error).collect();
            AccountView { account: stored.account, errors }
        };
        Ok(accounts.into_iter().map(view).collect())
    }

    /// Error histories, newest first.
    pub(super) async fn errors(&self, filter: Document) -> Outcome<Vec<(String, AccountError)>> {
        let newest = self.servers.account_errors.find(filter).sort(doc! { "n": -1 });
        let found = self.servers.collect(newest).await?;
        let error = |found: &Document| {
            let account = found.get_str("account_id").unwrap_or_default().to_owned();
            account::read_error(found).map(|error| (account, error))
        };
        found.iter().map(error).collect()
    }
}
