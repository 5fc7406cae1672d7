//! Looking at everything for damage: one sentence per finding, naming what and where.
//!
//! Two layers: the seals of documents that change, and that rows and log tell the same story. The
//! structure of files is the server's to check. Everything is read once, in batches, so the cost
//! grows with the store and memory does not.

use std::collections::HashMap;

use decorum_core::{Account, AccountId, Event, Key, Last, Latest, Platform, Timestamp};
use futures_util::TryStreamExt as _;
use mongodb::Collection;
use mongodb::bson::{Document, doc};

use super::fault::{Fault, Outcome, limited};
use super::fields;
use super::rows::account::Stored;
use super::rows::{account, event, latest};
use super::seal;
use super::step::Keeper;

/// Findings of one kind that are listed.
const LISTED: usize = 100;

/// Documents compared at a time.
const BATCH: usize = 500;

/// The index that collects expired rows waits a day after their end, so a row younger than that is
/// never gone by right.
const DAY: std::time::Duration = std::time::Duration::from_hours(24);

/// Counts, so that a list of findings has an end.
#[derive(Default)]
struct Findings(Vec<String>, HashMap<&'static str, usize>);

impl Findings {
    fn add(&mut self, kind: &'static str, finding: impl FnOnce() -> String) {
        let number = self.1.entry(kind).or_default();
        *number += 1;
        if *number <= LISTED {
            self.0.push(finding());
        } else if *number == LISTED + 1 {
            self.0.push(format!("more than {LISTED} findings like the one before"));
        }
    }
}

/// What the accounts remember.
#[derive(Default)]
struct Known {
    accounts: HashMap<String, Account>,
    newest: Option<Timestamp>,
}

impl Known {
    fn of(&self, platform: Platform, name: &AccountId) -> Option<&Account> {
        self.accounts.get(&account::id(platform, name))
    }

    /// Whether an event of this account and time may have been cleaned up.
    fn may_be_cleaned(&self, platform: Platform, name: &AccountId, ts: Timestamp) -> bool {
        let checkpoint = self.of(platform, name).and_then(|account| account.checkpoint);
        checkpoint.is_some_and(|cleaned| ts <= cleaned.ts)
    }

    /// Whether the row that this success left may have been cleaned up.
    fn may_be_swept(&self, event: &Event) -> bool {
        let account = self.of(event.platform, &event.account_id);
        account.and_then(|account| account.swept.success).is_some_and(|swept| event.ts <= swept)
    }
}

impl Keeper {
    pub(super) async fn inspect(&self) -> Outcome<Vec<String>> {
        let mut findings = Findings::default();
        let servers = &self.servers;
        for collection in [
            &servers.accounts,
            &servers.account_errors,
            &servers.latest,
            &servers.leases,
            &servers.settings,
            &servers.suppressions,
            &servers.admin_log,
            &servers.metrics,
            &servers.tokens,
        ] {
            self.seals(collection, &mut findings).await?;
        }
        let mut known = Known::default();
        for document in servers.all(&servers.accounts, doc! {}, None).await? {
            match account::read(&document) {
                Ok(stored) => {
                    self.head(&stored, &mut findings).await?;
                    let Account { platform, account_id, newest_event, .. } = &stored.account;
                    known.newest = known.newest.max(*newest_event);
                    known.accounts.insert(account::id(*platform, account_id), stored.account);
                }
                Err(Fault::Damaged(problem)) => findings.add("accounts", || problem),
                Err(other) => return Err(other),
            }
        }
        self.unknown_events(&known, &mut findings).await?;
        self.rows_in_log(&known, &mut findings).await?;
        self.engagements_in_rows(&known, &mut findings).await?;
        Ok(findings.0)
    }

    async fn seals(&self, of: &Collection<Document>, findings: &mut Findings) -> Outcome<()> {
        let mut cursor = limited(of.find(doc! {})).await?;
        while let Some(document) = limited(cursor.try_next()).await? {
            if !seal::is_intact(&document)? {
                let id = document.get("_id").map_or_else(String::new, ToString::to_string);
                findings.add("seal", || {
                    format!(
                        "{} {id}: was changed by something else than Decorum (its seal does not fit)",
                        of.name()
                    )
                });
            }
        }
        Ok(())
    }

    /// That an account's newest event is in the log, and is the one it remembers.
    async fn head(&self, stored: &Stored, findings: &mut Findings) -> Outcome<()> {
        let account = &stored.account;
        let (platform, name, head) = (account.platform, &account.account_id, account.head);
        if head.seq == 0 {
            return Ok(());
        }
        let pending = stored.pending.as_ref().map(super::pending::Pending::log).transpose()?;
        if pending.into_iter().flatten().any(|event| event.hash == head.hash) {
            return Ok(());
        }
        let filter = doc! { "_id": event::id(platform, name, head.seq) };
        let found = self.servers.one(&self.servers.events, filter).await?;
        let hash = fields::bytes(head.hash.as_bytes());
        if found.and_then(|event| event.get("hash").cloned()) != Some(hash) {
            findings.add("head", || {
                format!(
                    "accounts {platform}/{name}: its newest event is not in the log, or is another \
                     one"
                )
            });
        }
        Ok(())
    }

    /// Events beyond what their account knows of, or of accounts that are not there.
    async fn unknown_events(&self, known: &Known, findings: &mut Findings) -> Outcome<()> {
        let names = limited(self.servers.events.distinct("account_id", doc! {})).await?;
        for name in names {
            let newest = self
                .servers
                .events
                .find(doc! { "account_id": name.clone() })
                .sort(doc! { "account_id": -1, "platform": -1, "seq": -1 })
                .limit(1);
            for found in self.servers.collect(newest).await? {
                let part = |name| found.get_str(name).unwrap_or("?").to_owned();
                let id = format!("{}/{}", part("platform"), part("account_id"));
                let Ok(newest) = found.get_i64("seq") else {
                    findings.add("unknown", || format!("an event of accounts {id} has no number"));
                    continue;
                };
                let head = known.accounts.get(&id).map_or(0, |account| account.head.seq);
                if newest.cast_unsigned() > head {
                    findings.add("unknown", || {
                        format!(
                            "accounts {id}: event {newest} is in the log, but the account does not \
                             know of it"
                        )
                    });
                }
            }
        }
        Ok(())
    }

    /// That each row agrees with the event it names.
    async fn rows_in_log(&self, known: &Known, findings: &mut Findings) -> Outcome<()> {
        let filter = doc! { "last_event_id": { "$exists": true } };
        let mut cursor = limited(self.servers.latest.find(filter)).await?;
        loop {
            let mut rows = Vec::with_capacity(BATCH);
            while rows.len() < BATCH
                && let Some(document) = limited(cursor.try_next()).await?
            {
                match latest::read(&document) {
                    Ok(row) => rows.push(row),
                    Err(Fault::Damaged(problem)) => findings.add("row", || problem),
                    Err(other) => return Err(other),
                }
            }
            if rows.is_empty() {
                return Ok(());
            }
            self.compare_rows(&rows, known, findings).await?;
        }
    }

    async fn compare_rows(
        &self,
        rows: &[(Key, Latest)],
        known: &Known,
        findings: &mut Findings,
    ) -> Outcome<()> {
        let last = |row: &Latest| row.last.as_ref().map(|last| last.event_id.to_string());
        let ids: Vec<_> = rows.iter().filter_map(|(_, row)| last(row)).collect();
        let filter = doc! { "id": { "$in": ids } };
        let found = self.servers.all(&self.servers.events, filter, None).await?;
        let events: HashMap<_, _> = found
            .iter()
            .filter_map(|found| event::read(found).ok())
            .map(|event| (event.id, event))
            .collect();
        for (key, row) in rows {
            let Some(last) = &row.last else { continue };
            let Some(event) = events.get(&last.event_id) else {
                if !known.may_be_cleaned(key.platform, &key.account_id, last.ts) {
                    disagree(findings, key, last);
                }
                continue;
            };
            let agrees = {
                event.platform == key.platform
                    && event.account_id == key.account_id
                    && event.action == key.action
                    && event.target_username.as_ref() == Some(&key.target_username)
                    && event.status == last.status
                    && event.reason == last.reason
                    && event.error_class == last.error_class
                    && event.ts == last.ts
                    && event.claim_id == last.claim_id
            };
            if !agrees {
                disagree(findings, key, last);
            }
        }
        Ok(())
    }

    /// That whoever was engaged lately has a row that says so.
    async fn engagements_in_rows(&self, known: &Known, findings: &mut Findings) -> Outcome<()> {
        let Some(newest) = known.newest else { return Ok(()) };
        let filter = doc! {
            "status": "success",
            "ts": { "$gt": fields::instant(newest.minus(DAY)) },
            "target_username": { "$exists": true },
        };
        let mut cursor = limited(self.servers.events.find(filter)).await?;
        loop {
            let mut events = Vec::with_capacity(BATCH);
            while events.len() < BATCH
                && let Some(document) = limited(cursor.try_next()).await?
            {
                // One that cannot be read is found by following its chain.
                events.extend(event::read(&document).ok());
            }
            if events.is_empty() {
                return Ok(());
            }
            self.compare_engagements(&events, known, findings).await?;
        }
    }

    async fn compare_engagements(
        &self,
        events: &[Event],
        known: &Known,
        findings: &mut Findings,
    ) -> Outcome<()> {
        let key = |event: &Event| {
            Some(Key {
                platform: event.platform,
                account_id: event.account_id.clone(),
                target_username: event.target_username.clone()?,
                action: event.action,
            })
        };
        let ids: Vec<_> = events.iter().filter_map(key).map(|key| latest::id(&key)).collect();
        let filter = doc! { "_id": { "$in": ids } };
        let found = self.servers.all(&self.servers.latest, filter, None).await?;
        let rows: HashMap<Key, Latest> =
            found.iter().filter_map(|found| latest::read(found).ok()).collect();
        for event in events {
            let Some(key) = key(event) else { continue };
            let is_told = rows.get(&key).and_then(|row| row.last.as_ref()).is_some_and(|last| {
                last.ts >= event.ts || last.expires_at.is_some_and(|until| until > event.ts)
            });
            if !is_told && !known.may_be_swept(event) {
                findings.add("engaged", || {
                    format!(
                        "event {} ({}) engaged somebody, but no row in interactions_latest knows \
                         of it",
                        event.id,
                        latest::id(&key)
                    )
                });
            }
        }
        Ok(())
    }
}

fn disagree(findings: &mut Findings, key: &Key, last: &Last) {
    findings.add("disagree", || {
        let (row, id) = (latest::id(key), last.event_id);
        format!(
            "interactions_latest {row}: event {id} is missing, or says something else than the row"
        )
    });
}
