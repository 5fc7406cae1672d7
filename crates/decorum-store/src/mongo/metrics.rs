//! Counting: cells and marks in collections of their own, folded as [`crate::metrics`] says.

use std::collections::HashMap;

use decorum_core::{AccountId, ErrorClass, Platform, Timestamp};
use mongodb::bson::{Document, doc};
use mongodb::options::Hint;

use super::fault::{Fault, Outcome, limited};
use super::fields::{self, Field, Fields, Writing};
use super::layout;
use super::rows::account::{self, Stored};
use super::seal::sealed;
use super::step::{Keeper, patiently};
use crate::metrics::{
    Cell, CellKey, Counts, Entry, FOLD_STEP, Tally, Window, by_cell, gapless, is_long,
};
use crate::strands::Index;
use crate::{Metrics, MetricsQuery, StoreError};

/// The fields of an event that counting needs.
fn counted() -> Document {
    doc! {
        "seq": 1, "ts": 1, "action": 1, "status": 1, "error_class": 1, "latency_ms": 1,
        "account_id": 1, "platform": 1,
    }
}

fn entry(event: &Document) -> Outcome<Entry> {
    let row = Fields(event);
    Ok(Entry {
        seq: row.get("seq")?.count()?,
        ts: row.get("ts")?.instant()?,
        action: row.get("action")?.exact()?,
        status: row.get("status")?.exact()?,
        error_class: row.maybe("error_class").map(Field::exact).transpose()?,
        latency_ms: row.maybe("latency_ms").map(Field::count).transpose()?,
    })
}

fn id(key: &CellKey) -> String {
    let CellKey { platform, account_id, level, start, action, status, error_class } = key;
    let class = error_class.map_or("", |class| class.as_str());
    let start = start.as_millis();
    format!("{platform}/{account_id}/{level}/{start}/{action}/{status}/{class}")
}

/// A cell as a document.
pub(super) fn write(key: &CellKey, cell: &Cell) -> Outcome<Document> {
    // As text: the largest latency need not fit into the numbers of a document.
    let latency = serde_json::to_string(&cell.latency)
        .map_err(|e| Fault::Damaged(format!("a histogram has no JSON form: {e}")))?;
    let document = Writing::new()
        .with("_id", id(key))
        .with("platform", key.platform.as_str())
        .with("account_id", key.account_id.as_str())
        .with("level", key.level.as_str())
        .with("start", fields::instant(key.start))
        .with("action", key.action.as_str())
        .with("status", key.status.as_str())
        .maybe("error_class", key.error_class.map(ErrorClass::as_str))
        .with("count", fields::count(cell.count))
        .with("latency", latency)
        .with("through", fields::count(cell.through))
        .done();
    sealed(document)
}

/// A mark as a document.
pub(super) fn write_mark((platform, account): (Platform, &AccountId), through: u64) -> Document {
    doc! {
        "_id": account::id(platform, account),
        "through": fields::count(through),
        "platform": platform.as_str(),
        "account_id": account.as_str(),
    }
}

fn read(document: &Document) -> Outcome<(CellKey, Cell)> {
    let row = Fields(document);
    let key = CellKey {
        platform: row.get("platform")?.exact()?,
        account_id: row.get("account_id")?.exact()?,
        level: row.get("level")?.exact()?,
        start: row.get("start")?.instant()?,
        action: row.get("action")?.exact()?,
        status: row.get("status")?.exact()?,
        error_class: row.maybe("error_class").map(Field::exact).transpose()?,
    };
    let cell = Cell {
        count: row.get("count")?.count()?,
        latency: serde_json::from_str(row.get("latency")?.text()?)
            .map_err(|e| Fault::Damaged(format!("a cell's histogram cannot be read: {e}")))?,
        through: row.get("through")?.count()?,
    };
    Ok((key, cell))
}

/// Accounts whose tails are read by one query.
const TAILS: usize = 100;

/// How far each account's log is counted.
type Marks = HashMap<String, u64>;

impl Keeper {
    pub(super) async fn metrics(
        &self,
        query: &MetricsQuery,
        writable: bool,
    ) -> Result<Metrics, StoreError> {
        if writable {
            self.fold_long_tails(query.account_id.as_ref()).await?;
        }
        patiently!(self, self.tally(query))?.finish()
    }

    async fn accounts_asked(&self, only: Option<&AccountId>) -> Outcome<Vec<Stored>> {
        let filter = match only {
            Some(name) => doc! { "account_id": name.as_str() },
            None => doc! {},
        };
        let found = self.servers.all(&self.servers.accounts, filter, None).await?;
        found.iter().map(account::read).collect()
    }

    async fn marks(&self, only: Option<&AccountId>) -> Outcome<Marks> {
        let filter = match only {
            Some(name) => doc! { "account_id": name.as_str() },
            None => doc! {},
        };
        let found = self.servers.all(&self.servers.metrics_marks, filter, None).await?;
        let mark = |found: &Document| {
            let row = Fields(found);
            Ok((row.get("_id")?.owned()?, row.get("through")?.count()?))
        };
        found.iter().map(mark).collect()
    }

    async fn fold_long_tails(&self, only: Option<&AccountId>) -> Result<(), StoreError> {
        let accounts = patiently!(self, self.accounts_asked(only))?;
        let marks = patiently!(self, self.marks(only))?;
        let tail = |stored: &Stored| {
            let account = &stored.account;
            let mark = mark_of(&marks, account.platform, &account.account_id);
            account.head.seq.saturating_sub(mark)
        };
        if is_long(accounts.iter().map(tail).sum()) {
            for stored in accounts.iter().filter(|stored| tail(stored) > 0) {
                patiently!(self, self.finish(stored))?;
                let account = &stored.account;
                let of = (account.platform, &account.account_id);
                self.fold_through(of, account.head.seq).await?;
            }
        }
        Ok(())
    }

    /// Counts the account's events up to `end`, those that are not counted yet.
    pub(super) async fn fold_through(
        &self,
        of: (Platform, &AccountId),
        end: u64,
    ) -> Result<(), StoreError> {
        while patiently!(self, self.fold_part(of, end))? {}
        Ok(())
    }

    /// One part of it; whether there is more.
    async fn fold_part(&self, of: (Platform, &AccountId), end: u64) -> Outcome<bool> {
        let (platform, name) = of;
        let mark = mark_of(&self.marks(Some(name)).await?, platform, name);
        if mark >= end {
            return Ok(false);
        }
        let part = end.min(mark + FOLD_STEP as u64);
        let events = doc! {
            "account_id": name.as_str(),
            "platform": platform.as_str(),
            "seq": { "$gt": fields::count(mark), "$lte": fields::count(part) },
        };
        let entries = self.entries(events, layout::EVENTS_SEQ, doc! { "seq": 1 }).await?;
        let mut entries: Vec<_> = entries.into_iter().map(|(_, _, entry)| entry).collect();
        entries.truncate(gapless(mark, &entries));
        let Some(part) = entries.last().map(|entry| entry.seq) else { return Ok(false) };
        for (key, entries) in by_cell(of, &entries) {
            self.fold_cell(&key, &entries, part).await?;
        }
        let id = account::id(platform, name);
        let lower = doc! { "_id": id, "through": { "$lt": fields::count(part) } };
        let raised = doc! { "$set": {
            "through": fields::count(part),
            "platform": platform.as_str(),
            "account_id": name.as_str(),
        } };
        match limited(self.servers.metrics_marks.update_one(lower, raised).upsert(true)).await {
            Err(fault) if !fault.is_duplicate() => Err(fault),
            _ => Ok(part < end),
        }
    }

    /// Everything that is counted of an account. The mark first: cells may be ahead of it.
    pub(super) async fn counts(&self, name: &AccountId) -> Outcome<Counts> {
        let through = mark_of(&self.marks(Some(name)).await?, Platform::Instagram, name);
        let filter = doc! { "account_id": name.as_str() };
        let found = self.servers.all(&self.servers.metrics, filter, None).await?;
        Ok(Counts { through, cells: found.iter().map(read).collect::<Outcome<_>>()? })
    }

    async fn fold_cell(&self, key: &CellKey, entries: &[Entry], end: u64) -> Outcome<()> {
        let cells = &self.servers.metrics;
        let found = self.servers.one(cells, doc! { "_id": id(key) }).await?;
        let before = found.as_ref().map(read).transpose()?.map(|(_, cell)| cell);
        let mut cell = before.clone().unwrap_or_default();
        cell.include(entries, end);
        let document = write(key, &cell)?;
        let written = match before {
            None => match limited(cells.insert_one(document)).await {
                Ok(_) => true,
                Err(fault) if fault.is_duplicate() => false,
                Err(fault) => return Err(fault),
            },
            Some(before) => {
                let same = doc! { "_id": id(key), "through": fields::count(before.through) };
                limited(cells.replace_one(same, document)).await?.matched_count == 1
            }
        };
        if written { Ok(()) } else { Err(Fault::Overtaken) }
    }

    /// What counting needs of the events that match, in order.
    async fn entries(
        &self,
        filter: Document,
        index: &str,
        order: Document,
    ) -> Outcome<Vec<(Platform, AccountId, Entry)>> {
        let find = self
            .servers
            .events
            .find(filter)
            .projection(counted())
            .sort(order)
            .hint(Hint::Name(index.to_owned()));
        let found = self.servers.collect(find).await?;
        let read = |event: &Document| {
            let row = Fields(event);
            Ok((row.get("platform")?.exact()?, row.get("account_id")?.exact()?, entry(event)?))
        };
        found.iter().map(read).collect()
    }

    async fn tally(&self, query: &MetricsQuery) -> Outcome<Tally> {
        let only = query.account_id.as_ref();
        let accounts = self.accounts_asked(only).await?;
        let marks = self.marks(only).await?;
        let cleaned = accounts.iter().filter_map(|s| s.account.checkpoint.map(|c| c.ts)).max();
        let window = Window::new(query.from, query.to, query.step, cleaned);
        let mut tally = Tally::new(window.clone(), query.step);
        for range in &window.cells {
            let mut filter = doc! {
                "level": range.level.as_str(),
                "start": {
                    "$gte": fields::instant(range.first),
                    "$lte": fields::instant(range.last),
                },
            };
            if let Some(name) = only {
                filter.insert("account_id", name.as_str());
            }
            for found in self.servers.all(&self.servers.metrics, filter, None).await? {
                let (key, cell) = read(&found)?;
                tally.cell(key, cell);
            }
        }
        self.tails(&accounts, &marks, &mut tally).await?;
        for (from, to) in &window.edges {
            self.edge(only, *from, *to, &mut tally).await?;
        }
        Ok(tally)
    }

    /// The events beyond the marks.
    async fn tails(&self, accounts: &[Stored], marks: &Marks, tally: &mut Tally) -> Outcome<()> {
        let mark =
            |stored: &Stored| mark_of(marks, stored.account.platform, &stored.account.account_id);
        let behind: Vec<_> =
            accounts.iter().filter(|stored| stored.account.head.seq > mark(stored)).collect();
        for part in behind.chunks(TAILS) {
            let tail = |stored: &&Stored| {
                doc! {
                    "account_id": stored.account.account_id.as_str(),
                    "platform": stored.account.platform.as_str(),
                    "seq": { "$gt": fields::count(mark(stored)) },
                }
            };
            let tails: Vec<_> = part.iter().map(tail).collect();
            let order = doc! { "account_id": 1, "platform": 1, "seq": 1 };
            let found = self.entries(doc! { "$or": tails }, layout::EVENTS_SEQ, order).await?;
            for of_one in found.chunk_by(|a, b| (a.0, &a.1) == (b.0, &b.1)) {
                let Some((platform, name, _)) = of_one.first() else { continue };
                let entries: Vec<_> = of_one.iter().map(|(_, _, entry)| *entry).collect();
                let mark = mark_of(marks, *platform, name);
                if gapless(mark, &entries) == 0
                    && mark_of(&self.marks(Some(name)).await?, *platform, name) > mark
                {
                    // Counted and cleaned up in between: begin again.
                    return Err(Fault::Overtaken);
                }
                for entry in entries {
                    tally.beyond((*platform, name), entry);
                }
            }
        }
        Ok(())
    }

    async fn edge(
        &self,
        only: Option<&AccountId>,
        from: Timestamp,
        to: Timestamp,
        tally: &mut Tally,
    ) -> Outcome<()> {
        let mut filter =
            doc! { "ts": { "$gte": fields::instant(from), "$lt": fields::instant(to) } };
        let index = match only {
            Some(name) => {
                filter.insert("account_id", name.as_str());
                Index::Account.name()
            }
            None => Index::Ts.name(),
        };
        for (_, _, entry) in self.entries(filter, index, doc! { "ts": 1 }).await? {
            tally.edge(entry);
        }
        Ok(())
    }
}

fn mark_of(marks: &Marks, platform: Platform, name: &AccountId) -> u64 {
    marks.get(&account::id(platform, name)).copied().unwrap_or(0)
}
