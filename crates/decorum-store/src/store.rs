//! The contract every keeper fulfils.

use std::time::Duration;

use async_trait::async_trait;
use decorum_core::{
    Account, AccountError, AccountId, Action, Claim, ClaimId, ClaimRequest, ErrorClass, Event,
    Fence, Finding, HaltReason, Held, Holder, Imported, Jitter, Key, Lease, Observation, Platform,
    Refusal, Report, Settings, Stamp, Timestamp, Username,
};
use serde::Serialize;

use crate::{
    Cleaned, EventFilter, EventPage, Forgotten, Metrics, MetricsQuery, PageRequest, StoreError,
    Suppressed, Suppression, TokenStore,
};

/// The settings with the version a change must name.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SettingsVersion {
    /// Grows with every change; 0: nobody has changed them yet.
    pub version: u64,
    /// The document.
    pub settings: Settings,
}

/// What became of a wish to engage.
#[derive(Clone, Debug)]
pub enum ClaimVerdict {
    /// Go ahead; the claim is durable.
    Granted(Claim),
    /// Do not.
    Refused(Refusal),
}

/// What became of a report.
#[derive(Clone, Debug)]
pub enum Committed {
    /// Recorded, and the claim is settled by it.
    Settled(Event),
    /// Recorded, but the row had passed to somebody else meanwhile.
    Late(Event),
    /// This claim's outcome had been recorded before; nothing changed.
    Repeated(Event),
}

impl Committed {
    /// The event that records the outcome.
    pub const fn event(&self) -> &Event {
        match self {
            Self::Settled(event) | Self::Late(event) | Self::Repeated(event) => event,
        }
    }
}

/// A claim whose holder vanished between acting and committing.
#[derive(Clone, Debug)]
pub struct Doubt {
    /// Whom, by whom, how.
    pub key: Key,
    /// The claim.
    pub claim: Claim,
}

/// An account with its error history, newest error first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountView {
    /// The account.
    pub account: Account,
    /// At most [`AccountView::ERRORS_KEPT`].
    pub errors: Vec<AccountError>,
}

impl AccountView {
    /// Errors remembered per account.
    pub const ERRORS_KEPT: usize = 100;
}

/// Who changed what, by hand.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AdminEntry {
    /// When.
    pub ts: Timestamp,
    /// Who.
    pub who: String,
    /// What: `settings.changed`, `account.halted`, `account.cleared`, `suppression.added`,
    /// `log.cleaned`, `target.forgotten`, …
    pub what: String,
    /// On what: a setting, an account, a person.
    pub subject: String,
    /// Their note, if one was asked for.
    pub note: Option<String>,
    /// As it was.
    pub before: serde_json::Value,
    /// As it is.
    pub after: serde_json::Value,
}

/// What a store says about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// `sqlite` or `mongodb`.
    pub kind: String,
    /// Where, without any password.
    pub place: String,
    /// Version of the layout.
    pub schema: u32,
    /// What a person should know, such as the durability in force.
    pub notes: Vec<String>,
}

/// Remembers, atomically and durably. Every method that changes something has made the change
/// durable when it returns `Ok`, and has changed nothing when it returns `Err`, except where
/// [`StoreError::Unknown`] says that nobody can tell.
///
/// All instants come from the caller. A keeper never reads a clock for a decision.
///
/// The `settings` that a method takes are what the caller read last, or its first values. Once
/// settings are stored, the stored ones decide, so that a change reaches everybody at once.
///
/// A change that was sent is made even if the caller stops waiting for it.
#[async_trait]
pub trait Store: crate::TaskStore + TokenStore {
    /// What and where this store is.
    async fn identity(&self) -> Result<Identity, StoreError>;

    /// Looks at everything for damage: structure, and that each dedup row agrees with the log.
    /// Returns a sentence per finding; empty: all is well. The hash chains are verified by the
    /// caller, from [`Store::chain`] and each account's checkpoint.
    async fn inspect(&self) -> Result<Vec<String>, StoreError>;

    /// The settings in force; `first` if nobody has stored any yet.
    async fn settings(&self, first: &Settings) -> Result<SettingsVersion, StoreError>;

    /// Replaces the settings if they are still at `expected` version, and notes who did in the
    /// admin log.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody else changed them meanwhile.
    async fn put_settings(
        &self,
        settings: &Settings,
        expected: u64,
        who: &str,
        now: Timestamp,
    ) -> Result<SettingsVersion, StoreError>;

    /// Whether each of `targets` may be engaged now, in the same order. Reads only; a "yes" is
    /// true at that moment and promises nothing.
    async fn check(
        &self,
        settings: &Settings,
        account: &AccountId,
        action: Action,
        targets: &[Username],
        now: Timestamp,
    ) -> Result<Vec<Result<(), Refusal>>, StoreError>;

    /// Claims, or refuses to. Idempotent by claim id. When it refuses nothing is stored; the
    /// caller records the refusal with [`Store::observe`].
    ///
    /// # Errors
    /// [`StoreError::OtherClaim`] when the id was used for another key.
    async fn claim(
        &self,
        settings: &Settings,
        request: ClaimRequest,
    ) -> Result<ClaimVerdict, StoreError>;

    /// Settles a claim: event, row, breaker, budget and error history in one step. Idempotent:
    /// a second report of the holder on a claim changes nothing and returns the first's event.
    ///
    /// # Errors
    /// [`StoreError::NoSuchClaim`] when the claim was never made, [`StoreError::OtherClaim`]
    /// when it is about another key than the report.
    async fn commit(&self, settings: &Settings, report: Report) -> Result<Committed, StoreError>;

    /// Records attempts that ended before any claim, in this order, all or none. At most
    /// [`crate::OBSERVE_MAX`] at a time. Idempotent by event id: one that is recorded already
    /// is returned as it was recorded.
    async fn observe(
        &self,
        settings: &Settings,
        observations: Vec<Observation>,
    ) -> Result<Vec<Event>, StoreError>;

    /// Puts engagements of the past on record ([`decorum_core::engage::import`]), in this order,
    /// all or none. At most [`crate::OBSERVE_MAX`] at a time. Idempotent by event id: one that
    /// is on record already is passed over. Returns how many were new.
    async fn import(
        &self,
        settings: &Settings,
        history: Vec<Imported>,
    ) -> Result<usize, StoreError>;

    /// Takes note of trouble met outside any engagement: moves the breaker, adds to the error
    /// history. Returns the account as it is now.
    async fn report_trouble(
        &self,
        settings: &Settings,
        account: &AccountId,
        class: ErrorClass,
        detail: &str,
        jitter: Jitter,
        now: Timestamp,
    ) -> Result<Account, StoreError>;

    /// Turns claims that can no longer be trusted into doubts: those whose lease ran out at
    /// `now`, and those of holders that `is_gone` knows to be dead. Returns how many.
    async fn lapse(
        &self,
        account: Option<&AccountId>,
        gone: &[Holder],
        now: Timestamp,
    ) -> Result<usize, StoreError>;

    /// The holders of all live claims, so that a caller can find out which are dead.
    async fn claim_holders(&self, account: Option<&AccountId>) -> Result<Vec<Holder>, StoreError>;

    /// Claims in doubt, oldest first; at most `limit`.
    async fn doubts(
        &self,
        account: Option<&AccountId>,
        limit: usize,
    ) -> Result<Vec<Doubt>, StoreError>;

    /// Settles a claim in doubt by what looking showed. Idempotent: repeated, or raced by the
    /// holder's own commit, it returns what was recorded first. A claim whose lease ran out
    /// may be settled before it was swept by [`Store::lapse`].
    ///
    /// # Errors
    /// [`StoreError::StillHeld`] while its holder may be acting, [`StoreError::NoSuchClaim`]
    /// when it was never made.
    async fn reconcile(
        &self,
        settings: &Settings,
        claim: ClaimId,
        finding: Finding,
        metadata: decorum_core::Metadata,
        stamp: Stamp,
    ) -> Result<Committed, StoreError>;

    /// The claim with this id and what it is about, settled or not.
    async fn find_claim(&self, claim: ClaimId) -> Result<Option<Key>, StoreError>;

    /// One account, fresh if it was never heard of.
    async fn account(&self, account: &AccountId) -> Result<AccountView, StoreError>;

    /// Every account, by name.
    async fn accounts(&self) -> Result<Vec<AccountView>, StoreError>;

    /// Halts an account until it is cleared, and notes who did. Returns it as it is now.
    async fn halt(
        &self,
        account: &AccountId,
        reason: HaltReason,
        note: &str,
        who: &str,
        now: Timestamp,
    ) -> Result<Account, StoreError>;

    /// Makes an account active again, whatever it rested for, and notes who did and why.
    async fn clear(
        &self,
        account: &AccountId,
        note: &str,
        who: &str,
        now: Timestamp,
    ) -> Result<Account, StoreError>;

    /// Takes the lease `name`, or extends it if `holder` has it. `gone` names a holder known to
    /// be dead, whose lease is not waited for.
    async fn acquire_lease(
        &self,
        name: &str,
        holder: &Holder,
        gone: Option<&Holder>,
        ttl: Duration,
        now: Timestamp,
    ) -> Result<Result<Lease, Held>, StoreError>;

    /// Extends the lease `name` if `fence` is still its newest.
    ///
    /// # Errors
    /// [`StoreError::NoSuchLease`] when nobody ever took it.
    async fn renew_lease(
        &self,
        name: &str,
        fence: Fence,
        ttl: Duration,
        now: Timestamp,
    ) -> Result<Result<Lease, Held>, StoreError>;

    /// Gives the lease `name` back if `fence` is still its newest.
    async fn release_lease(
        &self,
        name: &str,
        fence: Fence,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Adds people never to be contacted; returns how many were not on the list before.
    async fn suppress(
        &self,
        platform: Platform,
        targets: &[Username],
        note: Option<&str>,
        who: &str,
        now: Timestamp,
    ) -> Result<usize, StoreError>;

    /// People never to be contacted: those with a name first, by name, then those who were erased, by
    /// keyed hash. At most `limit`, after `after`; one
    /// more than [`PageRequest::MAX`] is possible, to tell whether there are more.
    async fn suppressions(
        &self,
        after: Option<&Suppressed>,
        limit: usize,
    ) -> Result<Vec<Suppression>, StoreError>;

    /// Events that match, a page at a time, by time and id: no gaps and no repeats, however
    /// many are added meanwhile. What is imported meanwhile stands at the time it happened, so
    /// it may be on a page that was turned already. The cost of a page does not grow with its
    /// depth.
    async fn events(
        &self,
        filter: &EventFilter,
        page: &PageRequest,
    ) -> Result<EventPage, StoreError>;

    /// One account's chain from `after_seq` on, at most `limit` events, in order. An event that
    /// cannot be read is an `Err` in its place.
    async fn chain(
        &self,
        account: &AccountId,
        after_seq: u64,
        limit: usize,
    ) -> Result<Vec<Result<Event, decorum_core::chain::Break>>, StoreError>;

    /// Changes made by hand, newest first; at most `limit`.
    async fn admin_log(&self, limit: usize) -> Result<Vec<AdminEntry>, StoreError>;

    /// The same from a place on, at most [`PageRequest::MAX`] of them, and where the next page
    /// starts; `None`: this was the last.
    ///
    /// # Errors
    /// [`StoreError::BadCursor`] for a place that this store never named.
    async fn admin_page(
        &self,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<AdminEntry>, Option<String>), StoreError>;

    /// Removes dedup rows that decide nothing any more and, if the settings say how long events
    /// are kept, the oldest part of each chain, whose place a checkpoint takes (noted in the admin
    /// log). One step of bounded size: ask again while [`Cleaned::more`]. A `dry_run` changes
    /// nothing and counts all there is.
    ///
    /// A chain that does not verify is left alone and named. Claims settled by events that are
    /// gone are not known any more: a report repeated after that is
    /// [`StoreError::NoSuchClaim`].
    async fn cleanup(
        &self,
        settings: &Settings,
        who: &str,
        now: Timestamp,
        dry_run: bool,
    ) -> Result<Cleaned, StoreError>;

    /// Erases a person: name, salt and metadata of their events, their dedup rows, and every text
    /// of error histories, breakers and admin log that speaks of them. They stay on the
    /// suppression list by a keyed hash, and what is recorded about that name from then on is
    /// recorded without it. Repeated, it erases what came since, or nothing.
    ///
    /// # Errors
    /// [`StoreError::StillHeld`] while somebody acts on them, [`StoreError::StillInDoubt`] while
    /// a claim on them is in doubt; nothing was erased then.
    async fn forget(
        &self,
        platform: Platform,
        target: &Username,
        who: &str,
        now: Timestamp,
    ) -> Result<Forgotten, StoreError>;

    /// Counts, percentiles and a series over the log. What it costs depends on how many hours and
    /// days there are, not on how many events; a store that may be written remembers what it
    /// counted for the next time.
    ///
    /// # Errors
    /// [`StoreError::TooMany`] when the series would have more than [`crate::SERIES_MAX`] points.
    async fn metrics(&self, query: &MetricsQuery) -> Result<Metrics, StoreError>;

    /// Waits for what is under way and closes. Nothing acknowledged is lost without it.
    async fn close(&self) -> Result<(), StoreError>;
}
