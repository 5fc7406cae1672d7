//! Cleanup: spent rows and old events, as [`crate::cleanup`] says, a bounded part at a time.

use std::collections::HashMap;

use async_trait::async_trait;
use decorum_core::{Account, AccountId, Key, Platform, Settings, Timestamp, retention};
use mongodb::bson::{Document, doc};

use super::fault::{Outcome, unhurried};
use super::fields;
use super::look::{Look, Want};
use super::pending::Change;
use super::rows::account::Stored;
use super::rows::{admin, latest};
use super::step::{Decide, Decision, Keeper, patiently};
use crate::cleanup::{BrokenLog, entry};
use crate::{CLEANUP_EVENTS, CLEANUP_ROWS, Cleaned, StoreError};

/// Removes rows of one account that decide nothing any more.
struct Sweep {
    platform: Platform,
    account: AccountId,
    keys: Vec<Key>,
    now: Timestamp,
}

#[async_trait]
impl Decide for Sweep {
    type Answer = u64;

    fn account(&self) -> (Platform, &AccountId) {
        (self.platform, &self.account)
    }

    fn wants(&self) -> Vec<Want> {
        vec![Want::Rows(self.keys.clone())]
    }

    async fn decide(
        &self,
        _: &Keeper,
        mut account: Account,
        look: &Look,
    ) -> Outcome<Decision<u64>> {
        let mut gone = Vec::new();
        for (key, row) in look.rows()? {
            if retention::is_spent(&row, self.now) {
                account.swept = account.swept.with(&row);
                gone.push(key);
            }
        }
        if gone.is_empty() {
            return Ok(Decision::Answer(0));
        }
        let change = Change { gone, ..Change::default() };
        Ok(Decision::Change(change.gone.len() as u64, Box::new(account), change))
    }
}

/// Moves the checkpoint of one account.
struct Checkpoint {
    platform: Platform,
    account: AccountId,
    before: Option<decorum_core::Checkpoint>,
    after: decorum_core::Checkpoint,
    who: String,
    now: Timestamp,
}

#[async_trait]
impl Decide for Checkpoint {
    /// Whether it was this step that moved it.
    type Answer = bool;

    fn account(&self) -> (Platform, &AccountId) {
        (self.platform, &self.account)
    }

    fn wants(&self) -> Vec<Want> {
        vec![Want::NewestChange]
    }

    async fn decide(
        &self,
        _: &Keeper,
        mut account: Account,
        look: &Look,
    ) -> Outcome<Decision<bool>> {
        if account.checkpoint != self.before {
            return Ok(Decision::Answer(false));
        }
        let newest = look.newest_change()?;
        let moved = (self.before.as_ref(), &self.after);
        let told = newest.as_ref().map(|(_, entry)| entry);
        let (entry, goes_on) = entry(told, &self.account, moved, &self.who, self.now);
        let document = match newest.and_then(|(found, _)| found.get_object_id("_id").ok()) {
            Some(id) if goes_on => admin::write_as(id, &entry)?,
            _ => admin::write(&entry)?,
        };
        account.checkpoint = Some(self.after);
        let change = Change { admin: vec![document], ..Change::default() };
        Ok(Decision::Change(true, Box::new(account), change))
    }
}

fn spent(now: Timestamp) -> Document {
    let (expired, windowless) = retention::spent_before(now);
    doc! { "state": "free", "$or": [
        { "expires_at": { "$lte": fields::instant(expired) } },
        {
            "expires_at": { "$exists": false },
            "$or": [
                { "last_ts": { "$exists": false } },
                { "last_ts": { "$lte": fields::instant(windowless) } },
            ],
        },
    ] }
}

impl Keeper {
    /// What a cleanup would remove in all.
    pub(super) async fn would_clean(
        &self,
        first: &Settings,
        now: Timestamp,
    ) -> Result<Cleaned, StoreError> {
        let count = self.servers.latest.count_documents(spent(now));
        let expired_latest = unhurried(count).await.map_err(|fault| fault.at(&self.place))?;
        let mut cleaned = Cleaned { expired_latest, ..Cleaned::default() };
        let settings = patiently!(self, self.settings(first))?.settings;
        let Some(before) = retention::events_before(&settings, now) else { return Ok(cleaned) };
        cleaned.tasks_removed = patiently!(self, self.count_old_tasks(before))?;
        for stored in patiently!(self, self.accounts())? {
            let mut account = stored.account;
            let name = account.account_id.clone();
            loop {
                let after = account.checkpoint.map_or(0, |c| c.head.seq);
                let next = patiently!(self, self.chain(&name, after, CLEANUP_EVENTS + 1))?;
                match retention::removable(&account, &next, before) {
                    Ok(Some(prefix)) => {
                        cleaned.events_removed += prefix.events;
                        account.checkpoint = Some(prefix.checkpoint);
                    }
                    Ok(None) => break,
                    Err(problem) => {
                        // What somebody else cleans up meanwhile is gone on purpose.
                        let now = patiently!(self, self.account_view(&name))?.account;
                        let gone = now.checkpoint.map_or(0, |c| c.head.seq);
                        if gone > after {
                            account = now;
                            continue;
                        }
                        let (account_id, problem) = (name, problem.to_string());
                        cleaned.broken.push(BrokenLog { account_id, problem });
                        break;
                    }
                }
            }
        }
        Ok(cleaned)
    }

    /// One bounded part of a cleanup.
    pub(super) async fn clean(
        &self,
        first: &Settings,
        who: &str,
        now: Timestamp,
    ) -> Result<Cleaned, StoreError> {
        let mut cleaned = Cleaned::default();
        self.sweep(now, &mut cleaned).await?;
        if cleaned.more {
            return Ok(cleaned);
        }
        let settings = patiently!(self, self.settings(first))?.settings;
        let Some(before) = retention::events_before(&settings, now) else { return Ok(cleaned) };
        for stored in patiently!(self, self.accounts())? {
            let room = CLEANUP_EVENTS
                .saturating_sub(usize::try_from(cleaned.events_removed).unwrap_or(usize::MAX));
            if room == 0 {
                cleaned.more = true;
                break;
            }
            self.clean_log(&stored, before, room, (who, now), &mut cleaned).await?;
        }
        let mut tasks = Cleaned::default();
        patiently!(self, self.clean_tasks(before, &mut tasks))?;
        cleaned.tasks_removed = tasks.tasks_removed;
        cleaned.more |= tasks.more;
        Ok(cleaned)
    }

    async fn sweep(&self, now: Timestamp, cleaned: &mut Cleaned) -> Result<(), StoreError> {
        let limit = i64::try_from(CLEANUP_ROWS).unwrap_or(i64::MAX);
        let found = patiently!(
            self,
            self.servers.collect(self.servers.latest.find(spent(now)).limit(limit))
        )?;
        cleaned.more = found.len() >= CLEANUP_ROWS;
        let mut accounts: HashMap<(Platform, AccountId), Vec<Key>> = HashMap::new();
        for row in &found {
            let (key, _) = latest::read(row).map_err(|fault| fault.at(&self.place))?;
            accounts.entry((key.platform, key.account_id.clone())).or_default().push(key);
        }
        for ((platform, account), keys) in accounts {
            cleaned.expired_latest += self.step(Sweep { platform, account, keys, now }).await?;
        }
        Ok(())
    }

    async fn clean_log(
        &self,
        stored: &Stored,
        before: Timestamp,
        room: usize,
        (who, now): (&str, Timestamp),
        cleaned: &mut Cleaned,
    ) -> Result<(), StoreError> {
        let account = &stored.account;
        let (platform, name) = (account.platform, account.account_id.clone());
        patiently!(self, self.finish(stored))?;
        // What a cleanup that broke off has left.
        self.remove_events(account).await?;
        let after = account.checkpoint.map_or(0, |c| c.head.seq);
        let next = patiently!(self, self.chain(&name, after, room + 1))?;
        let prefix = match retention::removable(account, &next, before) {
            Ok(Some(prefix)) => prefix,
            Ok(None) => return Ok(()),
            Err(problem) => {
                // What somebody else cleaned up meanwhile is gone on purpose.
                let now = patiently!(self, self.account_view(&name))?.account;
                if now.checkpoint == account.checkpoint {
                    let (account_id, problem) = (name, problem.to_string());
                    cleaned.broken.push(BrokenLog { account_id, problem });
                } else {
                    cleaned.more = true;
                }
                return Ok(());
            }
        };
        self.fold_through((platform, &name), prefix.checkpoint.head.seq).await?;
        let step = Checkpoint {
            platform,
            account: name,
            before: account.checkpoint,
            after: prefix.checkpoint,
            who: who.to_owned(),
            now,
        };
        if self.step(step).await? {
            let moved = Account { checkpoint: Some(prefix.checkpoint), ..account.clone() };
            self.remove_events(&moved).await?;
            cleaned.events_removed += prefix.events;
        }
        cleaned.more |= prefix.events >= room as u64;
        Ok(())
    }

    /// Removes the events at or before the account's checkpoint.
    async fn remove_events(&self, account: &Account) -> Result<(), StoreError> {
        let Some(checkpoint) = account.checkpoint else { return Ok(()) };
        let of = (account.platform, &account.account_id);
        patiently!(self, self.remove_through(of, checkpoint.head.seq))
    }

    /// Removes an account's events up to this number.
    pub(super) async fn remove_through(
        &self,
        (platform, account): (Platform, &AccountId),
        through: u64,
    ) -> Outcome<()> {
        let through = i64::try_from(through).unwrap_or(i64::MAX);
        let filter = doc! {
            "platform": platform.as_str(),
            "account_id": account.as_str(),
            "seq": { "$lte": through },
        };
        unhurried(self.servers.events.delete_many(filter)).await.map(drop)
    }
}
