//! One person, all our accounts: who may claim in `fleet` scope.
//!
//! A step is atomic for one account; two accounts that claim the same person would not see each
//! other. So in `fleet` scope a claim first reserves the person, in a document of its own
//! (`people`), by compare and set on its `version`:
//!
//! 1. Read who reserved the person last, at which version.
//! 2. If that was another account: move that account's `rev`, so that a claim of its that was decided
//!    but not written yet is decided again; and finish what it has pending.
//! 3. Read the rows of all accounts about the person. If they speak against it, refuse.
//! 4. Reserve, if the version is still the one of 1. Everybody who comes to this point raises it,
//!    also for their own account again.
//! 5. Write the step, if the own account's `rev` is still the one looked at *before* 1.
//!
//! Why no two accounts A and B are both granted: let B be the one that reserves last, at 4. A
//! reserved before B's 1, or B's 4 would have failed; so A had looked at its `rev` before that, and
//! A's write at 5 comes either before B's 2, then B sees A's row in 3, or after it, then it fails
//! and A begins again, finding B's reservation. A reservation is only a hint where to look: it
//! needs no time limit, and one left by a process that died holds nobody up.

use decorum_core::{AccountId, Key, Latest};
use mongodb::bson::{Document, doc};

use super::fault::{Fault, Outcome, limited};
use super::fields::Fields;
use super::rows::{account, latest};
use super::step::Keeper;

/// Who reserved a person, as of one version.
pub(super) struct Reserved {
    version: i64,
}

/// The `_id` of a person and an action.
fn id(key: &Key) -> String {
    format!("{}/{}/{}", key.platform, key.target_username, key.action)
}

impl Keeper {
    /// Steps 1 and 2.
    pub(super) async fn who_reserved(&self, key: &Key) -> Outcome<Reserved> {
        let found = self.servers.one(&self.servers.people, doc! { "_id": id(key) }).await?;
        let Some(found) = found else { return Ok(Reserved { version: 0 }) };
        let row = Fields(&found);
        let version = row.get("version")?.integer()?;
        let other: AccountId = row.get("account_id")?.exact()?;
        if other != key.account_id {
            self.fence_off(Some((key.platform, &other))).await?;
            let filter = doc! { "_id": account::id(key.platform, &other) };
            if let Some(other) = self.servers.one(&self.servers.accounts, filter).await? {
                self.write_again(&account::read(&other)?).await?;
            }
        }
        Ok(Reserved { version })
    }

    /// Step 3: the rows of our other accounts about the same person and action.
    pub(super) async fn elsewhere(&self, key: &Key) -> Outcome<Vec<Latest>> {
        // Claims made while the scope was still `account` left no reservation to find them by.
        let pending = doc! { "pending.rows": { "$elemMatch": {
            "target_username": key.target_username.as_str(), "action": key.action.as_str(),
        } } };
        for other in self.servers.all(&self.servers.accounts, pending, None).await? {
            let other = account::read(&other)?;
            if other.account.account_id != key.account_id {
                self.write_again(&other).await?;
            }
        }
        let filter = doc! {
            "platform": key.platform.as_str(),
            "target_username": key.target_username.as_str(),
            "action": key.action.as_str(),
            "account_id": { "$ne": key.account_id.as_str() },
        };
        let rows = self.servers.all(&self.servers.latest, filter, None).await?;
        rows.iter().map(|row| latest::read(row).map(|(_, latest)| latest)).collect()
    }

    /// Step 4. An error that passes: somebody else came in between; decide again.
    pub(super) async fn reserve(&self, key: &Key, reserved: Reserved) -> Outcome<()> {
        let document: Document = doc! {
            "_id": id(key),
            "account_id": key.account_id.as_str(),
            "target_username": key.target_username.as_str(),
            "version": reserved.version + 1,
        };
        let people = &self.servers.people;
        let won = if reserved.version == 0 {
            match limited(people.insert_one(document)).await {
                Ok(_) => true,
                Err(fault) if fault.is_duplicate() => false,
                Err(fault) => return Err(fault),
            }
        } else {
            let filter = doc! { "_id": id(key), "version": reserved.version };
            limited(people.replace_one(filter, document)).await?.matched_count == 1
        };
        if won { Ok(()) } else { Err(Fault::Overtaken) }
    }
}
