//! Leases: each is one document, changed by compare and set.

use std::time::Duration;

use decorum_core::{Fence, Held, Holder, Lease, Platform, Timestamp};
use mongodb::bson::doc;

use super::fault::{Fault, Outcome, limited};
use super::fields;
use super::rows::lease;
use super::step::Keeper;
use crate::StoreError;

impl Keeper {
    /// As it is now: nobody is sent away, or told to have lost it, by what may be old.
    async fn find_lease(&self, name: &str) -> Outcome<Option<Lease>> {
        let found = self.servers.newest(&self.servers.leases, doc! { "_id": name }).await?;
        found.as_ref().map(lease::read).transpose()
    }

    /// Writes the lease if it is still as it was `before`.
    async fn save_lease(&self, before: Option<&Lease>, new: &Lease) -> Outcome<()> {
        let document = lease::write(new)?;
        let leases = &self.servers.leases;
        let won = match before {
            None => match limited(leases.insert_one(document)).await {
                Ok(_) => true,
                Err(fault) if fault.is_duplicate() => false,
                Err(fault) => return Err(fault),
            },
            Some(before) => {
                let filter = doc! {
                    "_id": before.name.as_str(),
                    "holder": before.holder.as_str(),
                    "fence": fields::count(before.fence.get()),
                    "until": fields::instant(before.until),
                };
                limited(leases.replace_one(filter, document)).await?.matched_count == 1
            }
        };
        if won { Ok(()) } else { Err(Fault::Overtaken) }
    }

    /// Asking again after a lost answer is asking once: the lease is the holder's by then.
    pub(super) async fn acquire_lease(
        &self,
        name: &str,
        holder: &Holder,
        gone: Option<&Holder>,
        ttl: Duration,
        now: Timestamp,
    ) -> Outcome<Result<Lease, Held>> {
        let before = self.find_lease(name).await?;
        let lease = match Lease::acquire(before.as_ref(), name, holder, gone, ttl, now) {
            Ok(lease) => lease,
            Err(held) => return Ok(Err(held)),
        };
        self.save_lease(before.as_ref(), &lease).await?;
        // A claim that the holder before decided on, and has not written yet, must not be written
        // under the new holder's eyes.
        if let Some(account) = name.strip_prefix(lease::ACCOUNT)
            && let Ok(account) = account.parse()
        {
            self.fence_off(Some((Platform::Instagram, &account))).await?;
        }
        Ok(Ok(lease))
    }

    pub(super) async fn renew_lease(
        &self,
        name: &str,
        fence: Fence,
        ttl: Duration,
        now: Timestamp,
    ) -> Outcome<Result<Lease, Held>> {
        let Some(before) = self.find_lease(name).await? else {
            return Err(StoreError::NoSuchLease(name.to_owned()).into());
        };
        match before.renew(fence, ttl, now) {
            Ok(lease) => {
                self.save_lease(Some(&before), &lease).await?;
                Ok(Ok(lease))
            }
            Err(held) => Ok(Err(held)),
        }
    }

    pub(super) async fn release_lease(
        &self,
        name: &str,
        fence: Fence,
        now: Timestamp,
    ) -> Outcome<()> {
        let Some(before) = self.find_lease(name).await? else { return Ok(()) };
        let released = before.released(fence, now);
        if released == before { Ok(()) } else { self.save_lease(Some(&before), &released).await }
    }
}
