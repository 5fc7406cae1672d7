//! What the store has to say to an engagement that a file tells of.

use std::collections::{BTreeMap, HashSet};

use decorum_core::{
    AccountId, Action, Event, Key, Metadata, Platform, RefusalReason, Settings, Timestamp, Username,
};
use decorum_import::{Engagement, Kind};
use decorum_store::{EventFilter, Order, PageRequest, Store, StoreError};

/// What is to be done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is put on record.
    New,
    /// It is on record.
    Known,
    /// The person is never contacted, so there is nothing to remember; perhaps they asked to
    /// be forgotten.
    Suppressed,
}

/// The key of an engagement.
pub(super) fn key(engagement: &Engagement) -> Key {
    Key {
        platform: Platform::Instagram,
        account_id: engagement.account_id.clone(),
        target_username: engagement.target_username.clone(),
        action: engagement.action,
    }
}

/// Says in the metadata of an imported event that its time is that of the import. Its id does not
/// tell: only the store knows how that was made.
const UNDATED: &str = "undated";

/// The metadata to keep with an engagement that another program remembers.
pub(super) fn metadata(engagement: &Engagement, kind: Kind) -> Metadata {
    let kept = engagement.metadata.clone().with("imported_from", kind.as_str());
    if engagement.happened_at.is_some() { kept } else { kept.with(UNDATED, true) }
}

fn is_undated(event: &Event) -> bool {
    event.metadata.to_map().get(UNDATED).is_some_and(|mark| mark == true)
}

/// What the verdicts are found from.
pub(super) struct Judge<'a> {
    pub(super) store: &'a dyn Store,
    pub(super) settings: &'a Settings,
    /// The accounts that have any history; of others nothing can be known.
    pub(super) on_record: &'a HashSet<AccountId>,
    pub(super) now: Timestamp,
}

impl Judge<'_> {
    /// A verdict for each, in the same order.
    pub(super) async fn all(
        &self,
        engagements: Vec<Engagement>,
    ) -> Result<Vec<(Engagement, Verdict)>, StoreError> {
        let suppressed = self.suppressed(&engagements).await?;
        let mut judged = Vec::with_capacity(engagements.len());
        for (engagement, suppressed) in engagements.into_iter().zip(suppressed) {
            let verdict = if suppressed {
                Verdict::Suppressed
            } else if self.is_known(&engagement).await? {
                Verdict::Known
            } else {
                Verdict::New
            };
            judged.push((engagement, verdict));
        }
        Ok(judged)
    }

    /// Whether each person is on the suppression list.
    async fn suppressed(&self, engagements: &[Engagement]) -> Result<Vec<bool>, StoreError> {
        let mut groups: BTreeMap<(&AccountId, Action), Vec<usize>> = BTreeMap::new();
        for (n, engagement) in engagements.iter().enumerate() {
            groups.entry((&engagement.account_id, engagement.action)).or_default().push(n);
        }
        let mut suppressed = vec![false; engagements.len()];
        for ((account, action), members) in groups {
            let people: Vec<Username> =
                members.iter().map(|n| engagements[*n].target_username.clone()).collect();
            let checked = self.store.check(self.settings, account, action, &people, self.now);
            for (n, answer) in members.into_iter().zip(checked.await?) {
                suppressed[n] = answer.is_err_and(|no| no.reason == RefusalReason::Suppressed);
            }
        }
        Ok(suppressed)
    }

    /// Whether the log tells of it: an event about the same that ended alike within the same
    /// second, be it imported before or made here. Without a time only an import before is
    /// known.
    async fn is_known(&self, engagement: &Engagement) -> Result<bool, StoreError> {
        if !self.on_record.contains(&engagement.account_id) {
            return Ok(false);
        }
        let second = engagement.happened_at.map(|at| at.as_millis() / 1000 * 1000);
        let filter = EventFilter {
            account_id: Some(engagement.account_id.clone()),
            target_username: Some(engagement.target_username.clone()),
            action: Some(engagement.action),
            status: Some(engagement.outcome.status()),
            from: second.map(Timestamp::from_millis),
            to: second.map(|second| Timestamp::from_millis(second + 1000)),
            ..EventFilter::default()
        };
        let mut page = PageRequest { after: None, limit: PageRequest::MAX, order: Order::Newest };
        loop {
            let found = self.store.events(&filter, &page).await?;
            if found.items.iter().any(|event| second.is_some() || is_undated(event)) {
                return Ok(true);
            }
            page.after = found.next;
            if page.after.is_none() {
                return Ok(false);
            }
        }
    }
}
