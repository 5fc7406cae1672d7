//! What is put on record without a claim: observations, and engagements of the past.

use std::collections::{HashMap, VecDeque};

use async_trait::async_trait;
use decorum_core::{
    Account, AccountId, Event, EventId, Imported, Key, Latest, Observation, Platform, Seen,
    Settings, engage,
};

use super::engagement::written;
use super::fault::Outcome;
use super::look::{Look, Want};
use super::pending::Change;
use super::step::{Decide, Decision, Keeper, in_force};
use crate::StoreError;

/// Something to put on record that needs no claim.
#[derive(Clone)]
pub(super) enum Entry {
    Seen(Observation),
    Past(Imported),
}

impl Entry {
    pub(super) const fn key(&self) -> &Key {
        match self {
            Self::Seen(seen) => &seen.key,
            Self::Past(past) => &past.key,
        }
    }

    pub(super) const fn id(&self) -> EventId {
        match self {
            Self::Seen(seen) => seen.stamp.event_id,
            Self::Past(past) => past.stamp.event_id,
        }
    }

    /// A refusal changes nothing but the log.
    const fn has_row(&self) -> bool {
        !matches!(self, Self::Seen(Observation { seen: Seen::Refused(_), .. }))
    }

    fn settle(&self, settings: &Settings, account: Account, row: Latest) -> engage::Settled {
        match self {
            Self::Seen(seen) => engage::observe(settings, account, row, seen.clone()),
            Self::Past(past) => engage::import(settings, account, row, past.clone()),
        }
    }
}

/// Puts on record, in this order, what is not there yet. The answer has an event for each entry,
/// and whether it is new.
pub(super) struct Record {
    pub(super) first: Settings,
    pub(super) platform: Platform,
    pub(super) account: AccountId,
    pub(super) entries: Vec<Entry>,
}

#[async_trait]
impl Decide for Record {
    type Answer = Vec<(Event, bool)>;

    fn account(&self) -> (Platform, &AccountId) {
        (self.platform, &self.account)
    }

    fn wants(&self) -> Vec<Want> {
        let ids = self.entries.iter().map(Entry::id).collect();
        let people = self.entries.iter().map(|entry| entry.key().target_username.clone());
        let rows = self.entries.iter().filter(|entry| entry.has_row());
        vec![
            Want::Settings,
            Want::Events(ids),
            Want::Rows(rows.map(|entry| entry.key().clone()).collect()),
            Want::Suppressed(self.platform, people.collect()),
        ]
    }

    async fn decide(
        &self,
        _: &Keeper,
        mut account: Account,
        look: &Look,
    ) -> Outcome<Decision<Self::Answer>> {
        let settings = in_force(look, &self.first)?;
        let mut recorded: HashMap<_, _> =
            look.events()?.into_iter().map(|event| (event.id, event)).collect();
        let mut rows = look.rows()?;
        let (mut events, mut change) = (Vec::new(), Change::default());
        let mut changed: HashMap<Key, Latest> = HashMap::new();
        for entry in &self.entries {
            let (id, key) = (entry.id(), entry.key().clone());
            if let Some(event) = recorded.get(&id) {
                events.push((event.clone(), false));
                continue;
            }
            let row = if entry.has_row() { rows.get(&key).cloned() } else { None };
            let before = row.unwrap_or_default();
            let settled = entry.settle(&settings, account, before.clone());
            let (moved, event, _, part) = written(look, settled, key, &before);
            account = moved;
            change.events.extend(part.events);
            change.errors.extend(part.errors);
            for (key, row) in part.rows {
                rows.insert(key.clone(), row.clone());
                changed.insert(key, row);
            }
            recorded.insert(id, event.clone());
            events.push((event, true));
        }
        if change.events.is_empty() {
            return Ok(Decision::Answer(events));
        }
        change.rows.extend(changed);
        Ok(Decision::Change(events, Box::new(account), change))
    }
}

impl Keeper {
    /// Each account's part is one step; repeating it all is safe. An event, and whether it is new,
    /// for each entry.
    pub(super) async fn record(
        &self,
        first: Settings,
        entries: Vec<Entry>,
    ) -> Result<Vec<(Event, bool)>, StoreError> {
        let order: Vec<_> = entries.iter().map(Entry::id).collect();
        let mut parts: Vec<Record> = Vec::new();
        for entry in entries {
            let Key { platform, account_id, .. } = entry.key().clone();
            match parts.iter_mut().find(|p| p.platform == platform && p.account == account_id) {
                Some(part) => part.entries.push(entry),
                None => parts.push(Record {
                    first: first.clone(),
                    platform,
                    account: account_id,
                    entries: vec![entry],
                }),
            }
        }
        let mut recorded: HashMap<EventId, VecDeque<(Event, bool)>> = HashMap::new();
        let mut begun = false;
        for part in parts {
            let done = self.step(part).await.map_err(|error| {
                if !begun {
                    return error;
                }
                // The parts before it are on record.
                let (place, problem) = (self.place.clone(), error.to_string());
                StoreError::Unknown { place, problem }
            })?;
            begun = true;
            for (event, new) in done {
                recorded.entry(event.id).or_default().push_back((event, new));
            }
        }
        let mut next = |id| recorded.get_mut(&id).and_then(VecDeque::pop_front);
        Ok(order.into_iter().filter_map(&mut next).collect())
    }
}
