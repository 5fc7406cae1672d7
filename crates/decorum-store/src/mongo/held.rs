//! Who holds what: live claims, doubts, and what is known of one claim.

use decorum_core::{AccountId, ClaimId, Event, Key, Latest};
use mongodb::bson::doc;

use super::fault::Outcome;
use super::rows::{account, event, latest};
use super::step::Keeper;
use crate::Doubt;

/// What is known of a claim.
pub(super) enum About {
    Held(Key),
    Recorded(Box<Event>),
}

impl Keeper {
    /// The rows somebody holds without doubt.
    pub(super) async fn claimed(&self, account: Option<&AccountId>) -> Outcome<Vec<(Key, Latest)>> {
        self.servers.catch_up().await?;
        // A claim that was decided and not written to its row yet is one too.
        let pending = doc! { "pending.rows.state": "claimed" };
        for stored in self.servers.all(&self.servers.accounts, pending, None).await? {
            self.write_again(&account::read(&stored)?).await?;
        }
        let mut filter = doc! { "state": "claimed", "claim_id": { "$exists": true } };
        if let Some(account) = account {
            filter.insert("account_id", account.as_str());
        }
        let rows = self.servers.all(&self.servers.latest, filter, None).await?;
        rows.iter().map(latest::read).collect()
    }

    pub(super) async fn doubts(
        &self,
        account: Option<&AccountId>,
        limit: usize,
    ) -> Outcome<Vec<Doubt>> {
        self.servers.catch_up().await?;
        let mut filter = doc! { "state": "in_doubt", "claim_id": { "$exists": true } };
        if let Some(account) = account {
            filter.insert("account_id", account.as_str());
        }
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let oldest = self.servers.latest.find(filter).sort(doc! { "claimed_at": 1 }).limit(limit);
        let mut doubts = Vec::new();
        for row in self.servers.collect(oldest).await? {
            let (key, row) = latest::read(&row)?;
            doubts.extend(row.claim().cloned().map(|claim| Doubt { key, claim }));
        }
        Ok(doubts)
    }

    /// What a claim is about: by the row it holds, or by what was recorded of it first.
    pub(super) async fn about(&self, claim: ClaimId) -> Outcome<Option<About>> {
        if let Some(about) = self.look_for(claim).await? {
            return Ok(Some(about));
        }
        // Nobody is told that there is no such claim by what may be old.
        self.servers.catch_up().await?;
        self.look_for(claim).await
    }

    pub(super) async fn look_for(&self, claim: ClaimId) -> Outcome<Option<About>> {
        let id = doc! { "claim_id": claim.to_string() };
        let pending = doc! { "pending.rows.claim_id": claim.to_string() };
        for stored in self.servers.all(&self.servers.accounts, pending, None).await? {
            self.write_again(&account::read(&stored)?).await?;
        }
        if let Some(row) = self.servers.one(&self.servers.latest, id.clone()).await? {
            return Ok(Some(About::Held(latest::read(&row)?.0)));
        }
        let first = self.servers.events.find(id).sort(doc! { "seq": 1 }).limit(1);
        let found = self.servers.collect(first).await?;
        Ok(found.first().map(event::read).transpose()?.map(|e| About::Recorded(Box::new(e))))
    }
}
