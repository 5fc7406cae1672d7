//! Alerts: each is one document. A unique index keeps one trouble from being raised twice.

use decorum_core::{Alert, AlertId, Timestamp};
use mongodb::bson::{Document, doc};

use super::super::fault::{Fault, Outcome, limited};
use super::super::fields;
use super::super::rows::{admin, alert};
use super::super::step::Keeper;
use super::pending::{entry_of, insert_entry};
use crate::tasks::by_hand;
use crate::{AlertCursor, AlertPage, StoreError, TASKS_MAX};

impl Keeper {
    /// Safe to repeat: an alert that is there by its id was raised by this very call.
    pub(in crate::mongo) async fn raise_alert(
        &self,
        new: &Alert,
        tried: &mut bool,
    ) -> Outcome<(Alert, bool)> {
        let again = std::mem::replace(tried, true);
        match limited(self.servers.alerts.insert_one(alert::write(new)?)).await {
            Ok(_) => return Ok((new.clone(), true)),
            Err(fault) if fault.is_duplicate() => {}
            Err(fault) => return Err(fault),
        }
        if let Some(there) = self.find_alert(new.id).await? {
            return Ok((there, again));
        }
        self.servers.catch_up().await?;
        let about = doc! {
            "kind": new.kind.as_str(), "subject": new.subject.as_str(), "open": true,
        };
        let open = self.servers.one(&self.servers.alerts, about).await?;
        match open.as_ref().map(alert::read).transpose()? {
            Some(open) => Ok((open, false)),
            // Closed since.
            None => Err(Fault::Overtaken),
        }
    }

    async fn find_alert(&self, id: AlertId) -> Outcome<Option<Alert>> {
        let place = doc! { "_id": id.to_string() };
        let found = self.servers.newest(&self.servers.alerts, place).await?;
        found.as_ref().map(alert::read).transpose()
    }

    pub(in crate::mongo) async fn alerts(
        &self,
        open_only: bool,
        after: Option<&AlertCursor>,
        limit: usize,
    ) -> Outcome<AlertPage> {
        let limit = limit.clamp(1, TASKS_MAX);
        let mut query = doc! {};
        if open_only {
            query.insert("open", true);
        }
        if let Some(AlertCursor { raised_at, id }) = after {
            let at = fields::instant(*raised_at);
            query.insert("raised_at", doc! { "$lte": at.clone() });
            let before = doc! { "raised_at": { "$lt": at } };
            query.insert("$or", vec![before, doc! { "_id": { "$lt": id.to_string() } }]);
        }
        let more = i64::try_from(limit + 1).unwrap_or(i64::MAX);
        let find = self.servers.alerts.find(query).sort(doc! { "raised_at": -1, "_id": -1 });
        let found = self.servers.collect(find.limit(more)).await?;
        let items: Outcome<Vec<_>> = found.iter().map(alert::read).collect();
        let mut items = items?;
        let more = items.len() > limit;
        items.truncate(limit);
        let last = items.last().filter(|_| more);
        let next = last.map(|last| AlertCursor { raised_at: last.raised_at, id: last.id });
        Ok(AlertPage { items, next })
    }

    pub(in crate::mongo) async fn close_alert(
        &self,
        id: AlertId,
        who: &str,
        now: Timestamp,
    ) -> Outcome<Alert> {
        let place = doc! { "_id": id.to_string() };
        let found = self.servers.newest(&self.servers.alerts, place).await?;
        let found = found.ok_or(StoreError::NoSuchAlert(id))?;
        self.finish_alert(&found).await?;
        let old = alert::read(&found)?;
        let Some((new, entry)) = by_hand::closed(&old, who, now) else { return Ok(old) };
        let mut document = alert::write(&new)?;
        document.insert("entry", admin::write(&entry)?);
        let place = doc! { "_id": id.to_string(), "open": true };
        let replaced = limited(self.servers.alerts.replace_one(place, &document)).await?;
        if replaced.matched_count == 0 {
            return Err(Fault::Overtaken);
        }
        self.finish_alert(&document).await?;
        Ok(new)
    }

    async fn finish_alert(&self, found: &Document) -> Outcome<()> {
        let Some(entry) = entry_of(found)? else { return Ok(()) };
        insert_entry(&self.servers, entry).await?;
        let place = doc! { "_id": found.get_str("_id").unwrap_or_default() };
        let unset = doc! { "$unset": { "entry": "" } };
        limited(self.servers.alerts.update_one(place, unset)).await?;
        Ok(())
    }

    /// Writes what processes that died could not.
    pub(in crate::mongo) async fn finish_alerts(&self) -> Outcome<()> {
        let carrying = doc! { "entry._id": { "$exists": true } };
        for found in self.servers.all(&self.servers.alerts, carrying, None).await? {
            self.finish_alert(&found).await?;
        }
        Ok(())
    }
}
