//! Phones: each is one document, replaced by its `rev`. What the admin log is to say of a change
//! stands behind the seal until it is written.

use decorum_core::{DeviceId, DeviceRecord, Timestamp};
use mongodb::bson::{Bson, Document, doc};

use super::super::fault::{Fault, Outcome, limited};
use super::super::fields;
use super::super::rows::{admin, device};
use super::super::step::Keeper;
use super::pending::{entry_of, insert_entry};
use crate::tasks::by_hand;

/// One attempt after another at the same change: the entry that is to be written, by which an
/// attempt whose answer was lost is recognized.
pub(in crate::mongo) type Attempt = Option<Document>;

impl Keeper {
    /// The phone's document as it is now, with nothing left to be written about it.
    async fn look_at_device(&self, id: &DeviceId) -> Outcome<Option<Document>> {
        let place = doc! { "_id": id.as_str() };
        let Some(found) = self.servers.newest(&self.servers.devices, place).await? else {
            return Ok(None);
        };
        self.finish_device(&found).await?;
        Ok(Some(found).filter(|found| !device::is_removed(found)))
    }

    async fn finish_device(&self, found: &Document) -> Outcome<()> {
        let place = doc! {
            "_id": found.get("_id").cloned().unwrap_or(Bson::Null),
            "rev": found.get("rev").cloned().unwrap_or(Bson::Null),
        };
        if let Some(entry) = entry_of(found)? {
            insert_entry(&self.servers, entry).await?;
        }
        if device::is_removed(found) {
            limited(self.servers.devices.delete_one(place)).await?;
        }
        Ok(())
    }

    /// The same for all that processes which died have left.
    pub(in crate::mongo) async fn finish_devices(&self) -> Outcome<()> {
        for found in self.servers.all(&self.servers.devices, doc! {}, None).await? {
            self.finish_device(&found).await?;
        }
        Ok(())
    }

    pub(in crate::mongo) async fn device(&self, id: &DeviceId) -> Outcome<Option<DeviceRecord>> {
        let place = doc! { "_id": id.as_str() };
        let found = self.servers.newest(&self.servers.devices, place).await?;
        found.filter(|found| !device::is_removed(found)).as_ref().map(device::read).transpose()
    }

    pub(in crate::mongo) async fn devices(&self) -> Outcome<Vec<DeviceRecord>> {
        let find = self.servers.devices.find(doc! {}).sort(doc! { "_id": 1 });
        let found = self.servers.collect(find).await?;
        found.iter().filter(|found| !device::is_removed(found)).map(device::read).collect()
    }

    pub(in crate::mongo) async fn put_device(
        &self,
        new: &DeviceRecord,
        expected: u64,
        who: Option<&str>,
        now: Timestamp,
        attempt: &mut Attempt,
    ) -> Outcome<DeviceRecord> {
        let found = self.look_at_device(&new.device_id).await?;
        let old = found.as_ref().map(device::read).transpose()?;
        if let (Some(ours), Some(found), Some(old)) = (&*attempt, &found, &old)
            && entry_of(found)?.and_then(|entry| entry.get("_id")) == ours.get("_id")
        {
            return Ok(old.clone());
        }
        let Some((new, entry)) = by_hand::put(old.as_ref(), new, expected, who, now)? else {
            return Ok(old.unwrap_or_else(|| new.clone()));
        };
        let mut document = device::write(&new)?;
        if let Some(entry) = &entry {
            let entry = admin::write(entry)?;
            document.insert("entry", attempt.insert(entry).clone());
        }
        let written = if old.is_none() {
            match limited(self.servers.devices.insert_one(&document)).await {
                Ok(_) => true,
                Err(fault) if fault.is_duplicate() => false,
                Err(fault) => return Err(fault),
            }
        } else {
            self.replace_device(&new.device_id, expected, &document).await?
        };
        if !written {
            return Err(Fault::Overtaken);
        }
        self.finish_device(&document).await?;
        Ok(new)
    }

    async fn replace_device(&self, id: &DeviceId, rev: u64, new: &Document) -> Outcome<bool> {
        let place = doc! { "_id": id.as_str(), "rev": fields::count(rev) };
        Ok(limited(self.servers.devices.replace_one(place, new)).await?.matched_count == 1)
    }

    pub(in crate::mongo) async fn remove_device(
        &self,
        id: &DeviceId,
        who: &str,
        now: Timestamp,
        attempt: &mut Attempt,
    ) -> Outcome<bool> {
        let Some(found) = self.look_at_device(id).await? else {
            // Gone: by us, if an answer was lost.
            return Ok(attempt.is_some());
        };
        let old = device::read(&found)?;
        let entry = admin::write(&by_hand::removed(&old, who, now))?;
        let mut document = found.clone();
        document.insert("entry", attempt.insert(entry).clone());
        document.insert(device::REMOVED, true);
        if !self.replace_device(id, old.rev, &document).await? {
            *attempt = None;
            return Err(Fault::Overtaken);
        }
        self.finish_device(&document).await?;
        Ok(true)
    }
}
