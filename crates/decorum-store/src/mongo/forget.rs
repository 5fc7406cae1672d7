//! Forgetting a person, in the order of [`crate::forget`]. Each part can be done again, so one
//! that broke off is finished by asking again.

use async_trait::async_trait;
use decorum_core::{Account, AccountId, Breaker, Digest, Metadata, Platform, Timestamp, Username};
use mongodb::Collection;
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{Document, doc};

use super::fault::{Fault, Outcome, limited};
use super::fields::Fields;
use super::look::{Look, Want};
use super::pending::Change;
use super::rows::{account, admin, latest, suppression};
use super::step::{Decide, Decision, Keeper, patiently};
use crate::forget::{Eraser, obstacle};
use crate::{Forgotten, StoreError};

/// Replaces the words of a halted account's breaker, unless it moved on meanwhile.
struct Blank {
    platform: Platform,
    account: AccountId,
    before: Breaker,
    after: Breaker,
}

#[async_trait]
impl Decide for Blank {
    type Answer = ();

    fn account(&self) -> (Platform, &AccountId) {
        (self.platform, &self.account)
    }

    fn wants(&self) -> Vec<Want> {
        Vec::new()
    }

    async fn decide(&self, _: &Keeper, mut account: Account, _: &Look) -> Outcome<Decision<()>> {
        if account.breaker != self.before {
            return Ok(Decision::Answer(()));
        }
        account.breaker = self.after.clone();
        Ok(Decision::Change((), Box::new(account), Change::default()))
    }
}

impl Keeper {
    pub(super) async fn forget(
        &self,
        platform: Platform,
        target: &Username,
        who: &str,
        now: Timestamp,
    ) -> Result<Forgotten, StoreError> {
        let hash = self.key.hash(platform, target);
        self.refuse_while_held(platform, target, now).await?;
        let listed = doc! { "_id": suppression::erased_id(platform, &hash) };
        let erasing = patiently!(self, self.list_erased((platform, target), &hash, who, now))?;
        // Claims decided before the person was on the list are in by now, or will not be.
        if let Err(held) = self.refuse_while_held(platform, target, now).await {
            if erasing.is_some() {
                patiently!(self, self.remove(&self.servers.suppressions, &listed))?;
            }
            return Err(held);
        }
        patiently!(self, self.let_go(target))?;
        let mut forgotten = Forgotten::default();
        let (events, blanked) = patiently!(self, self.erase_events(platform, target))?;
        forgotten.events = blanked;
        let ids = events.iter().filter_map(|event| Fields(event).get("id").ok()?.exact().ok());
        let mut eraser = Eraser::new(target, &hash, ids);
        forgotten.errors = patiently!(self, self.blank_errors(&mut eraser))?;
        for stored in patiently!(self, self.accounts())? {
            let Account { platform, account_id, breaker, .. } = stored.account;
            if let Some(after) = eraser.breaker(&breaker) {
                self.step(Blank { platform, account: account_id, before: breaker, after }).await?;
            }
        }
        forgotten.candidates = self.forget_in_tasks(target, now).await?;
        let told = patiently!(self, self.blank_alerts(&eraser))?;
        let noted = patiently!(self, self.blank_admin_log(&eraser))? || told;
        let named = doc! {
            "platform": platform.as_str(), "target_username": target.as_str(),
        };
        forgotten.rows = patiently!(self, self.remove(&self.servers.latest, &named))?;
        let person = doc! { "target_username": target.as_str() };
        patiently!(self, self.remove(&self.servers.people, &person))?;
        let readable = doc! { "_id": suppression::id(platform, target) };
        let was_listed = patiently!(self, self.remove(&self.servers.suppressions, &readable))?;
        let Forgotten { events, errors, candidates, .. } = forgotten;
        if erasing.is_some() || noted || was_listed + events + errors + candidates > 0 {
            // Several that erase at the same time note it once. A row alone is no reason: finishing
            // what an account carries may have written it anew, to be removed again.
            let id = erasing.unwrap_or_default();
            let entry = admin::write_as(id, &eraser.entry(&forgotten, who, now))
                .map_err(|fault| fault.at(&self.place))?;
            patiently!(self, self.insert_entry(&entry))?;
        }
        let done = doc! { "$unset": { suppression::ERASING: "" } };
        let suppressions = &self.servers.suppressions;
        patiently!(self, limited(suppressions.update_one(listed.clone(), done.clone())))?;
        Ok(forgotten)
    }

    async fn refuse_while_held(
        &self,
        platform: Platform,
        target: &Username,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let named = doc! {
            "platform": platform.as_str(), "target_username": target.as_str(),
        };
        patiently!(self, self.servers.catch_up())?;
        patiently!(self, self.finish_about(target))?;
        let found = patiently!(self, self.servers.all(&self.servers.latest, named.clone(), None))?;
        let rows: Outcome<Vec<_>> =
            found.iter().map(|row| latest::read(row).map(|(_, row)| row)).collect();
        obstacle(rows.map_err(|fault| fault.at(&self.place))?.iter(), now)
    }

    /// Puts the person on the list by keyed hash, and lets no claim on them be made after. Returns
    /// under which id it will be noted, if it was not yet. Who was on the list by name is on it since
    /// then, and by whom.
    async fn list_erased(
        &self,
        (platform, target): (Platform, &Username),
        hash: &Digest,
        who: &str,
        now: Timestamp,
    ) -> Outcome<Option<ObjectId>> {
        let readable = doc! { "_id": suppression::id(platform, target) };
        let named = self.servers.one(&self.servers.suppressions, readable).await?;
        let named = named.as_ref().map(suppression::read).transpose()?;
        let (by, at) =
            named.as_ref().map_or((who, now), |entry| (entry.added_by.as_str(), entry.added_at));
        let document = suppression::write_erased(platform, hash, by, at)?;
        match limited(self.servers.suppressions.insert_one(document)).await {
            Err(fault) if !fault.is_duplicate() => return Err(fault),
            _ => {}
        }
        let id = doc! { "_id": suppression::erased_id(platform, hash) };
        let listed = self.servers.one(&self.servers.suppressions, id).await?;
        self.fence_off(None).await?;
        Ok(listed.and_then(|listed| listed.get_object_id(suppression::ERASING).ok()))
    }

    /// Accounts that carry what is to be written about the person, or was.
    async fn carrying(&self, target: &Username) -> Outcome<Vec<account::Stored>> {
        let name = target.as_str();
        let filter = doc! { "$or": [
            { "pending.rows.target_username": name },
            { "pending.events.target_username": name },
            { "pending.admin": { "$exists": true, "$ne": [] } },
            { "pending.errors": { "$exists": true, "$ne": [] } },
            { "pending.gone": { "$exists": true, "$ne": [] } },
        ] };
        let found = self.servers.all(&self.servers.accounts, filter, None).await?;
        found.iter().map(account::read).collect()
    }

    async fn finish_about(&self, target: &Username) -> Outcome<()> {
        for stored in self.carrying(target).await? {
            self.write_again(&stored).await?;
        }
        Ok(())
    }

    /// Finishes what accounts carry about the person, and takes it off them.
    async fn let_go(&self, target: &Username) -> Outcome<()> {
        for stored in self.carrying(target).await? {
            self.write_again(&stored).await?;
            let Account { platform, account_id, .. } = &stored.account;
            let rev = stored.pending.as_ref().map(|pending| pending.rev);
            let id = account::id(*platform, account_id);
            let filter = doc! { "_id": id, "pending.rev": rev };
            let unset = doc! { "$unset": { "pending": "" } };
            limited(self.servers.accounts.update_one(filter, unset)).await?;
        }
        Ok(())
    }

    /// Blanks name, salt and metadata of the person's events. Returns which they were, and how many
    /// of them it was this that blanked.
    async fn erase_events(
        &self,
        platform: Platform,
        target: &Username,
    ) -> Outcome<(Vec<Document>, u64)> {
        let named = doc! {
            "platform": platform.as_str(), "target_username": target.as_str(),
        };
        let ids = Some(doc! { "id": 1 });
        let found = self.servers.all(&self.servers.events, named.clone(), ids).await?;
        let blank = doc! {
            "$unset": { "target_username": "", "target_salt": "" },
            "$set": { "metadata": Metadata::default().as_str() },
        };
        let erased = limited(self.servers.events.update_many(named, blank)).await?;
        Ok((found, erased.modified_count))
    }

    async fn blank_errors(&self, eraser: &mut Eraser<'_>) -> Outcome<u64> {
        let mut blanked = 0;
        for found in self.servers.all(&self.servers.account_errors, doc! {}, None).await? {
            let Some(kept) = eraser.error(&account::read_error(&found)?) else { continue };
            let row = Fields(&found);
            let of = (row.get("platform")?.exact()?, &row.get("account_id")?.exact()?);
            let new = account::write_error(of, row.get("n")?.count()?, &kept)?;
            replace(&self.servers.account_errors, &found, new).await?;
            blanked += 1;
        }
        Ok(blanked)
    }

    /// Whether anything in it spoke of the person.
    async fn blank_admin_log(&self, eraser: &Eraser<'_>) -> Outcome<bool> {
        let mut noted = false;
        for found in self.servers.all(&self.servers.admin_log, doc! {}, None).await? {
            let Some(kept) = eraser.admin(&admin::read(&found)?) else { continue };
            let id = found
                .get_object_id("_id")
                .map_err(|e| Fault::Damaged(format!("an entry of the admin log: {e}")))?;
            replace(&self.servers.admin_log, &found, admin::write_as(id, &kept)?).await?;
            noted = true;
        }
        Ok(noted)
    }

    async fn remove(&self, of: &Collection<Document>, filter: &Document) -> Outcome<u64> {
        Ok(limited(of.delete_many(filter.clone())).await?.deleted_count)
    }
}

async fn replace(of: &Collection<Document>, old: &Document, new: Document) -> Outcome<()> {
    let id = old.get("_id").cloned();
    limited(of.replace_one(doc! { "_id": id }, new)).await?;
    Ok(())
}
