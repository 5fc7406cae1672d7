//! What a decision looks at, fetched in one round trip: the account first, then the rest.
//!
//! A primary that was just elected may not know yet how much of what it has a majority has. It then
//! shows an account as of its newest step, and not yet what that step wrote elsewhere; what older
//! steps wrote was acknowledged before, and is shown with it. So what the account carries of its
//! newest step ([`Pending`]) is laid over what was looked at, whether or not it is known to be
//! written ([`Look::with`]).
//!
//! The order matters where the account is read. A step writes its account before anything else, so
//! whatever else is read after the account is at least as new as the account is; and if the account
//! has moved on when the decision is written, the decision is made again.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use decorum_core::{AccountId, ClaimId, EventId, Key, Platform, SuppressionKey, Username};
use futures_util::TryStreamExt as _;
use futures_util::future::try_join_all;
use mongodb::Collection;
use mongodb::bson::{Document, doc};
use mongodb::options::ReadConcern;

use super::fault::{Fault, Outcome, REQUEST, limited};
use super::pending::Pending;
use super::rows::{account, admin, event, latest, lease, settings, suppression};
use super::servers::Servers;

/// How long what is known is begun with: about as long as an engagement takes from claim to outcome.
const KNOWN_FOR: Duration = Duration::from_secs(10);

/// Something to look at besides the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Want {
    Settings,
    /// The dedup rows of these keys.
    Rows(Vec<Key>),
    /// The row this claim holds.
    HeldBy(ClaimId),
    /// What was recorded about this claim.
    OfClaim(ClaimId),
    /// The events with these ids.
    Events(Vec<EventId>),
    /// Whether any of these people is suppressed, or was erased.
    Suppressed(Platform, Vec<Username>),
    /// The newest entry of the admin log.
    NewestChange,
    /// The lease on the account.
    AccountLease(AccountId),
    /// The rows of all accounts for these people and one action.
    Everywhere(Vec<Key>),
    /// The rows somebody holds without doubt.
    Claimed(AccountId),
}

impl Want {
    /// Whether what it asks for is changed only by steps of the account, or by steps that move the
    /// account's `rev`: then it stands as long as `rev` does.
    pub(super) const fn stands_with_rev(&self) -> bool {
        match self {
            Self::Settings
            | Self::Rows(_)
            | Self::HeldBy(_)
            | Self::OfClaim(_)
            | Self::Suppressed(..) => true,
            // Renewing a lease moves nothing but the lease.
            Self::AccountLease(_)
            | Self::Events(_)
            | Self::NewestChange
            | Self::Everywhere(_)
            | Self::Claimed(_) => false,
        }
    }

    const fn name(&self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Rows(_) => "rows",
            Self::HeldBy(_) => "held",
            Self::OfClaim(_) => "of_claim",
            Self::Events(_) => "events",
            Self::Suppressed(..) => "suppressed",
            Self::NewestChange => "newest_change",
            Self::AccountLease(_) => "lease",
            Self::Everywhere(_) => "everywhere",
            Self::Claimed(_) => "claimed",
        }
    }

    fn query(&self, servers: &Servers, key: &SuppressionKey) -> (String, Vec<Document>) {
        let (collection, filter) = self.filter(servers, key);
        let stages = match self {
            Self::NewestChange => vec![doc! { "$sort": { "_id": -1 } }, doc! { "$limit": 1 }],
            _ => vec![doc! { "$match": filter }],
        };
        (collection.name().to_owned(), stages)
    }

    fn filter<'s>(
        &self,
        servers: &'s Servers,
        key: &SuppressionKey,
    ) -> (&'s Collection<Document>, Document) {
        // The server has the shortest way for one.
        let ids = |mut ids: Vec<String>| match (ids.pop(), ids.is_empty()) {
            (Some(only), true) => doc! { "_id": only },
            (last, _) => {
                ids.extend(last);
                doc! { "_id": { "$in": ids } }
            }
        };
        match self {
            Self::NewestChange => (&servers.admin_log, Document::new()),
            Self::Settings => (&servers.settings, doc! { "_id": settings::ID }),
            Self::Rows(keys) => (&servers.latest, ids(keys.iter().map(latest::id).collect())),
            Self::HeldBy(claim) => (&servers.latest, doc! { "claim_id": claim.to_string() }),
            Self::OfClaim(claim) => (&servers.events, doc! { "claim_id": claim.to_string() }),
            Self::Events(events) => {
                let events: Vec<_> = events.iter().map(ToString::to_string).collect();
                (&servers.events, doc! { "id": { "$in": events } })
            }
            Self::Suppressed(platform, targets) => {
                let people = targets.iter().flat_map(|target| {
                    let hash = key.hash(*platform, target);
                    [suppression::id(*platform, target), suppression::erased_id(*platform, &hash)]
                });
                (&servers.suppressions, ids(people.collect()))
            }
            Self::AccountLease(account) => {
                (&servers.leases, doc! { "_id": lease::of_account(account) })
            }
            Self::Everywhere(keys) => {
                let names: Vec<_> = keys.iter().map(|key| key.target_username.as_str()).collect();
                let (platform, action) = keys
                    .first()
                    .map_or(("", ""), |key| (key.platform.as_str(), key.action.as_str()));
                let filter = doc! {
                    "platform": platform,
                    "target_username": { "$in": names },
                    "action": action,
                };
                (&servers.latest, filter)
            }
            Self::Claimed(account) => {
                let filter = doc! { "state": "claimed", "account_id": account.as_str() };
                (&servers.latest, filter)
            }
        }
    }
}

/// The texts that tell one document from another.
fn text<'d>(document: &'d Document, name: &str) -> Option<&'d str> {
    document.get_str(name).ok()
}

impl Want {
    /// Whether it asks for this row.
    fn asks_for_row(&self, row: &Document) -> bool {
        let is = |name, value: &str| text(row, name) == Some(value);
        match self {
            Self::Rows(keys) => keys.iter().any(|key| is("_id", &latest::id(key))),
            Self::HeldBy(claim) => is("claim_id", &claim.to_string()),
            Self::Everywhere(keys) => keys.iter().any(|key| {
                is("target_username", key.target_username.as_str())
                    && is("action", key.action.as_str())
            }),
            Self::Claimed(account) => is("account_id", account.as_str()) && is("state", "claimed"),
            _ => false,
        }
    }

    /// Whether it asks for this event.
    fn asks_for_event(&self, event: &Document) -> bool {
        match self {
            Self::OfClaim(claim) => text(event, "claim_id") == Some(&claim.to_string()),
            Self::Events(ids) => ids.iter().any(|id| text(event, "id") == Some(&id.to_string())),
            _ => false,
        }
    }
}

/// What was looked at and written at the `rev` of the account in it. It stands as long as `rev` does,
/// but for what is changed before `rev` is moved: whoever was to move it may have died in between. So
/// it is not believed for long ([`Known::is_fresh`]).
pub(super) struct Known {
    wants: Vec<Want>,
    look: Look,
}

impl Known {
    /// What of a look still stands once `new` was written with what it carries.
    pub(super) fn after(look: Look, mut wants: Vec<Want>, new: account::Stored) -> Self {
        wants.retain(Want::stands_with_rev);
        let mut look = match &new.pending {
            Some(carried) => look.with(&wants, carried),
            None => look,
        };
        look.found.retain(|name, _| wants.iter().any(|want| want.name() == name));
        look.account = Some(new);
        Self { wants, look }
    }

    /// Whether all of it was read or written lately.
    pub(super) fn is_fresh(&self) -> bool {
        self.look.since.elapsed() < KNOWN_FOR
    }
}

/// What was seen.
pub(super) struct Look {
    pub(super) account: Option<account::Stored>,
    found: HashMap<String, Vec<Document>>,
    key: SuppressionKey,
    /// Nothing in it was read earlier.
    since: Instant,
}

impl Look {
    fn documents(&self, name: &str) -> &[Document] {
        self.found.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// The same with what the account carries: its newest rows and events, shown yet or not.
    pub(super) fn with(mut self, wants: &[Want], carried: &Pending) -> Self {
        let rewritten: HashSet<&str> = carried.rewritten().collect();
        for want in wants {
            let seen = self.found.entry(want.name().to_owned()).or_default();
            if matches!(
                want,
                Want::Rows(_) | Want::HeldBy(_) | Want::Everywhere(_) | Want::Claimed(_)
            ) {
                seen.retain(|row| text(row, "_id").is_none_or(|id| !rewritten.contains(id)));
                seen.extend(carried.rows.iter().filter(|row| want.asks_for_row(row)).cloned());
            } else {
                for event in carried.events.iter().filter(|event| want.asks_for_event(event)) {
                    if seen.iter().all(|other| text(other, "_id") != text(event, "_id")) {
                        seen.push(event.clone());
                    }
                }
            }
        }
        self
    }

    /// The settings in force, if somebody stored any.
    pub(super) fn settings(&self) -> Outcome<Option<crate::SettingsVersion>> {
        self.documents("settings").first().map(settings::read).transpose()
    }

    pub(super) fn rows(&self) -> Outcome<HashMap<Key, decorum_core::Latest>> {
        self.documents("rows").iter().map(latest::read).collect()
    }

    pub(super) fn everywhere(&self) -> Outcome<Vec<(Key, decorum_core::Latest)>> {
        self.documents("everywhere").iter().map(latest::read).collect()
    }

    pub(super) fn claimed(&self) -> Outcome<Vec<(Key, decorum_core::Latest)>> {
        self.documents("claimed").iter().map(latest::read).collect()
    }

    pub(super) fn held(&self) -> Outcome<Option<(Key, decorum_core::Latest)>> {
        self.documents("held").first().map(latest::read).transpose()
    }

    /// In the order they were recorded.
    pub(super) fn of_claim(&self) -> Outcome<Vec<decorum_core::Event>> {
        let mut events: Vec<_> =
            self.documents("of_claim").iter().map(event::read).collect::<Outcome<_>>()?;
        events.sort_by_key(|event| event.seq);
        Ok(events)
    }

    pub(super) fn events(&self) -> Outcome<Vec<decorum_core::Event>> {
        self.documents("events").iter().map(event::read).collect()
    }

    pub(super) fn lease(&self) -> Outcome<Option<decorum_core::Lease>> {
        self.documents("lease").first().map(lease::read).transpose()
    }

    /// By name, or by what is left of somebody erased.
    pub(super) fn is_suppressed(&self, platform: Platform, target: &Username) -> bool {
        self.is_listed(&suppression::id(platform, target)) || self.is_erased(platform, target)
    }

    /// Whether the person was erased: what is recorded about them is recorded without them.
    pub(super) fn is_erased(&self, platform: Platform, target: &Username) -> bool {
        self.is_listed(&suppression::erased_id(platform, &self.key.hash(platform, target)))
    }

    fn is_listed(&self, id: &str) -> bool {
        self.documents("suppressed").iter().any(|found| found.get_str("_id").ok() == Some(id))
    }

    /// The newest entry of the admin log, and its document.
    pub(super) fn newest_change(&self) -> Outcome<Option<(&Document, crate::AdminEntry)>> {
        let newest = self.documents("newest_change").first();
        newest.map(|found| admin::read(found).map(|entry| (found, entry))).transpose()
    }
}

impl Servers {
    /// Looks at what is not known yet of an account of which the rest is. `None`: too much of it.
    ///
    /// The account is not read, so nothing shows that the rest is as new as it is. A primary that was
    /// just elected has everything that was acknowledged, but shows a majority's view of it only
    /// later; so this is read as the primary has it. What may still be undone of that goes together
    /// with whatever is written because of it, and that is acknowledged only once it cannot be.
    pub(super) async fn look_on(
        &self,
        known: Known,
        wants: &[Want],
        key: &SuppressionKey,
    ) -> Outcome<Option<Look>> {
        let Known { wants: seen, mut look } = known;
        let missing: Vec<_> = wants.iter().filter(|want| !seen.contains(want)).collect();
        if missing.iter().any(|want| matches!(want, Want::NewestChange)) {
            return Ok(None);
        }
        let finds = missing.into_iter().map(|want| async {
            let (collection, filter) = want.filter(self, key);
            let find = collection.find(filter).read_concern(ReadConcern::local());
            Ok::<_, Fault>((want.name().to_owned(), self.collect(find).await?))
        });
        look.found.extend(try_join_all(finds).await?);
        Ok(Some(look))
    }

    /// Looks at an account, and then at the rest.
    pub(super) async fn look(
        &self,
        platform: Platform,
        name: &AccountId,
        wants: &[Want],
        key: &SuppressionKey,
    ) -> Outcome<Look> {
        let marked = |name: &str| doc! { "$replaceWith": { "as": name, "is": "$$ROOT" } };
        let id = account::id(platform, name);
        let mut pipeline =
            vec![doc! { "$match": { "_id": id, "account_id": name.as_str() } }, marked("account")];
        for want in wants {
            let (collection, mut part) = want.query(self, key);
            part.push(marked(want.name()));
            pipeline.push(doc! { "$unionWith": { "coll": collection, "pipeline": part } });
        }
        let (key, since) = (key.clone(), Instant::now());
        let mut look = Look { account: None, found: HashMap::new(), key, since };
        let looking = async {
            let found = self.accounts.aggregate(pipeline).max_time(REQUEST).await?;
            found.try_collect::<Vec<Document>>().await
        };
        for mut found in limited(looking).await? {
            let (Ok(name), Some(mongodb::bson::Bson::Document(is))) =
                (found.get_str("as").map(str::to_owned), found.remove("is"))
            else {
                return Err(Fault::Damaged("an answer of the server has no name".to_owned()));
            };
            if name == "account" {
                look.account = Some(account::read(&is)?);
            } else {
                look.found.entry(name).or_default().push(is);
            }
        }
        Ok(look)
    }
}
