//! What people change: settings, halted accounts, the suppression list.

use async_trait::async_trait;
use decorum_core::{Account, AccountId, Platform, Settings, Timestamp, Username};
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{Document, doc};

use super::fault::{Fault, Outcome, limited};
use super::fields;
use super::look::{Look, Want};
use super::pending::Change;
use super::rows::{admin, settings, suppression};
use super::step::{Decide, Decision, Keeper, Patience};
use crate::by_hand::{Hand, Intervention, intervene, settings_changed};
use crate::{AdminEntry, SettingsVersion, StoreError};

/// Halts or clears an account.
pub(super) struct ChangeAccount {
    pub(super) account: AccountId,
    pub(super) intervention: Intervention,
    pub(super) hand: Hand,
}

#[async_trait]
impl Decide for ChangeAccount {
    type Answer = Account;

    fn account(&self) -> (Platform, &AccountId) {
        (Platform::Instagram, &self.account)
    }

    fn wants(&self) -> Vec<Want> {
        Vec::new()
    }

    async fn decide(
        &self,
        _: &Keeper,
        mut account: Account,
        _: &Look,
    ) -> Outcome<Decision<Account>> {
        let entry = intervene(&mut account, self.intervention, &self.hand)
            .map_err(|e| Fault::Damaged(format!("a breaker has no JSON form: {e}")))?;
        let change = Change { admin: vec![admin::write(&entry)?], ..Change::default() };
        Ok(Decision::Change(account.clone(), Box::new(account), change))
    }
}

impl Keeper {
    pub(super) async fn stored_settings(&self) -> Outcome<Option<Document>> {
        self.servers.one(&self.servers.settings, doc! { "_id": settings::ID }).await
    }

    pub(super) async fn settings(&self, first: &Settings) -> Outcome<SettingsVersion> {
        match self.stored_settings().await? {
            Some(stored) => settings::read(&stored),
            None => Ok(SettingsVersion { version: 0, settings: first.clone() }),
        }
    }

    /// Replaces the settings, by their version. Safe to repeat: an attempt whose answer was lost is
    /// recognized by the entry it carries.
    pub(super) async fn put_settings(
        &self,
        new: &Settings,
        expected: u64,
        who: &str,
        now: Timestamp,
    ) -> Result<SettingsVersion, StoreError> {
        let put = SettingsVersion { version: expected + 1, settings: new.clone() };
        let mut patience = Patience::new();
        let mut entry = None;
        let mut unsure = false;
        loop {
            let fault = match self.try_put(&put, who, now, &mut entry, &mut unsure).await {
                Ok(()) => return Ok(put),
                Err(fault) => fault,
            };
            if !fault.is_passing() || !patience.wait().await {
                let (place, problem) = (self.place.clone(), fault.problem());
                return Err(if unsure && fault.is_passing() {
                    StoreError::Unknown { place, problem }
                } else {
                    fault.at(&self.place)
                });
            }
        }
    }

    async fn try_put(
        &self,
        put: &SettingsVersion,
        who: &str,
        now: Timestamp,
        entry: &mut Option<Document>,
        unsure: &mut bool,
    ) -> Outcome<()> {
        // Nobody is told of a conflict by what may be old.
        let id = doc! { "_id": settings::ID };
        let stored = self.servers.newest(&self.servers.settings, id).await?;
        let carried = stored.as_ref().map(settings::entry).transpose()?.flatten();
        if let Some(ours) = entry.as_ref()
            && carried.is_some_and(|carried| carried.get("_id") == ours.get("_id"))
        {
            return self.note(ours).await;
        }
        let old = stored.as_ref().map(settings::read).transpose()?;
        let found = old.as_ref().map_or(0, |old| old.version);
        let expected = put.version - 1;
        if found != expected {
            return Err(StoreError::Conflict { what: "settings", expected, found }.into());
        }
        if let Some(carried) = carried {
            self.insert_entry(carried).await?;
        }
        let old = old.as_ref().map(|old| &old.settings);
        let about = admin::write(&settings_changed(old, &put.settings, who, now))?;
        let about = entry.insert(about).clone();
        let document = settings::write(put, about.clone())?;
        *unsure = true;
        let written = if expected == 0 {
            match limited(self.servers.settings.insert_one(document)).await {
                Ok(_) => true,
                Err(fault) if fault.is_duplicate() => false,
                Err(fault) => return Err(fault),
            }
        } else {
            let filter = doc! { "_id": settings::ID, "version": fields::count(expected) };
            limited(self.servers.settings.replace_one(filter, document)).await?.matched_count == 1
        };
        *unsure = false;
        if written { self.note(&about).await } else { Err(Fault::Overtaken) }
    }

    /// Writes the entry, and makes sure that nothing is decided by the settings before.
    async fn note(&self, entry: &Document) -> Outcome<()> {
        self.insert_entry(entry).await?;
        self.fence_off(None).await
    }

    pub(super) async fn insert_entry(&self, entry: &Document) -> Outcome<()> {
        match limited(self.servers.admin_log.insert_one(entry)).await {
            Err(fault) if !fault.is_duplicate() => Err(fault),
            _ => Ok(()),
        }
    }

    /// Adds people never to be contacted, and makes sure that no claim on them that was decided
    /// before is made after.
    pub(super) async fn suppress(
        &self,
        platform: Platform,
        targets: &[Username],
        note: Option<&str>,
        who: &str,
        now: Timestamp,
    ) -> Outcome<usize> {
        let mut added = 0;
        for target in targets {
            let erased = suppression::erased_id(platform, &self.key.hash(platform, target));
            let erased = doc! { "_id": erased };
            if self.servers.one(&self.servers.suppressions, erased).await?.is_some() {
                continue;
            }
            let document = suppression::write((platform, target), note, who, now)?;
            match limited(self.servers.suppressions.insert_one(&document)).await {
                Ok(_) => added += 1,
                Err(fault) if fault.is_duplicate() => continue,
                Err(fault) => return Err(fault),
            }
            self.note_suppression(&document).await?;
        }
        self.fence_off(None).await?;
        Ok(added)
    }

    async fn note_suppression(&self, document: &Document) -> Outcome<()> {
        if let Some(entry) = suppression::entry(document)? {
            self.insert_entry(&entry).await?;
        }
        let id = document.get_str("_id").unwrap_or_default();
        let noted = doc! { "$unset": { "unnoted": "" } };
        limited(self.servers.suppressions.update_one(doc! { "_id": id }, noted)).await?;
        Ok(())
    }

    /// Writes the entries of the admin log that a process which died in between could not.
    pub(super) async fn note_all(&self) -> Outcome<()> {
        if let Some(stored) = self.stored_settings().await?
            && let Some(entry) = settings::entry(&stored)?
        {
            self.insert_entry(entry).await?;
        }
        let unnoted = doc! { "unnoted": { "$exists": true } };
        for each in self.servers.all(&self.servers.suppressions, unnoted, None).await? {
            self.note_suppression(&each).await?;
        }
        self.note_tokens().await?;
        Ok(())
    }

    /// Entries older than `before`, newest first, and what the next page is before.
    pub(super) async fn admin_page(
        &self,
        before: Option<ObjectId>,
        limit: usize,
    ) -> Outcome<(Vec<AdminEntry>, Option<String>)> {
        let filter = before.map_or_else(|| doc! {}, |id| doc! { "_id": { "$lt": id } });
        // One more than asked for tells whether there is another page.
        let wanted = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
        let find = self.servers.admin_log.find(filter).sort(doc! { "_id": -1 }).limit(wanted);
        let mut found = self.servers.collect(find).await?;
        let more = found.len() > limit;
        found.truncate(limit);
        let last = found.last().filter(|_| more).and_then(|last| last.get_object_id("_id").ok());
        let entries: Outcome<Vec<_>> = found.iter().map(admin::read).collect();
        Ok((entries?, last.map(|id| id.to_hex())))
    }

    /// Newest first.
    pub(super) async fn admin_log(&self, limit: usize) -> Outcome<Vec<AdminEntry>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let newest = self.servers.admin_log.find(doc! {}).sort(doc! { "_id": -1 }).limit(limit);
        let found = self.servers.collect(newest).await?;
        found.iter().map(admin::read).collect()
    }
}
