//! One engagement, from "may we" to "this is what came of it".

use decorum_core::{
    Action, Claim, ErrorClass, Event, Key, Metadata, Outcome, Refusal, RefusalReason, Signal,
    Status, Username,
};
use decorum_store::ClaimVerdict;
use std::time::Duration;

use super::drive::{Drive, Trip};
use super::phone::app_says;
use super::summary::{Ended, Engagement};
use super::tell::{Progress, Settled};
use crate::automator::{Acted, Approach, Automator, Ready};
use crate::guard::{Ending, key};
use crate::lease;
use crate::sabotage::{Protection, is_off};

/// How often an engagement that was given up before the act is tried again.
const RETRIES_MAX: u32 = 3;
/// How often one engagement may meet a rate limit before the list goes on without it.
const RATE_LIMITS_MAX: u32 = 6;
/// How often the phone is looked at to settle a doubt, before that is left to the next run.
pub(super) const LOOKS_MAX: u32 = 4;
/// How long taking evidence may hold up the outcome it belongs to.
const EVIDENCE_WITHIN: Duration = Duration::from_secs(20);
/// The pages of how many people in a row may be beyond us before a person is called: one person's page
/// may be odd, but those of five mean that the app has changed.
const STRANGE_MAX: u32 = 5;
/// How often a doubt that holds the whole account back is looked at in vain: a minute's worth.
const FRUITLESS_MAX: u32 = 12;

/// One planned engagement.
pub(super) struct Item {
    pub(super) target: Username,
    pub(super) action: Action,
    retries: u32,
    rate_limits: u32,
}

impl Item {
    pub(super) const fn new(target: Username, action: Action) -> Self {
        Self { target, action, retries: 0, rate_limits: 0 }
    }
}

/// What is to become of the item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// It is over.
    Over,
    /// It is tried again, as the next one.
    Again,
}

impl Drive<'_> {
    /// Waits until the item may be engaged. `false`: it was refused, which is recorded.
    pub(super) async fn admit(&mut self, item: &Item) -> Result<bool, Trip> {
        let mut looked = false;
        let mut fruitless = 0;
        loop {
            let targets = std::slice::from_ref(&item.target);
            let answers = self.guard.check(&self.plan.account, item.action, targets).await?;
            let Some(Err(refusal)) = answers.into_iter().next() else {
                if self.rested() {
                    // Whoever holds the phone may have switched the account meanwhile: a new
                    // connection makes sure of it again.
                    self.let_go().await;
                }
                return Ok(true);
            };
            self.told().await?;
            match refusal.reason {
                RefusalReason::InDoubt if !looked && !self.plan.dry_run => {
                    looked = true;
                    // A resting account does not look around either.
                    self.rest_until_admitted().await?;
                    self.settle_doubts().await?;
                }
                _ if is_about_item(refusal) => {
                    self.refused(item, refusal).await?;
                    return Ok(false);
                }
                RefusalReason::ProbeInFlight if self.plan.dry_run => {
                    return Err(Trip::End(Ended::Resting { reason: refusal.reason, until: None }));
                }
                RefusalReason::ProbeInFlight => {
                    // Its claimant may have died with it; then looking tells how it ended.
                    if self.settle_doubts().await? == 0 {
                        fruitless += 1;
                        if fruitless >= FRUITLESS_MAX {
                            return Err(Trip::End(self.stuck_probe()));
                        }
                        self.rest(refusal).await?;
                    }
                }
                _ => self.rest(refusal).await?,
            }
        }
    }

    fn stuck_probe(&self) -> Ended {
        let account = &self.plan.account;
        Ended::PersonNeeded {
            why: format!(
                "{account} has one engagement in doubt that looking at the phone cannot settle, and \
                 acts on nobody until it is; look at the phone, then: decorum account clear \
                 {account} --note \"...\""
            ),
        }
    }

    async fn refused(&mut self, item: &Item, refusal: Refusal) -> Result<(), Trip> {
        if !self.plan.dry_run {
            let refused = vec![(self.key(item), refusal)];
            self.guard.record_refusals(refused, &self.context).await?;
        }
        self.tell.settled(vec![Settled::refused(&item.target, item.action, refusal)]).await?;
        self.summary.refuse(item.target.clone(), item.action, refusal);
        if let Some(refused) = self.summary.refused.last() {
            self.tell.tell(Progress::Refused(refused));
        }
        Ok(())
    }

    fn key(&self, item: &Item) -> Key {
        key(&self.plan.account, &item.target, item.action)
    }

    /// Engages the item, once.
    pub(super) async fn attempt(&mut self, item: &mut Item) -> Result<Next, Trip> {
        self.sure()?;
        let Some(automator) = &self.automator else { return Ok(Next::Again) };
        let trips = automator.device().round_trips();
        if self.plan.dry_run {
            return self.survey(item, trips).await;
        }
        let comment = self.comment_for(item);
        let untold = std::mem::take(&mut self.untold);
        let (approached, told) = tokio::join!(
            automator.approach(&item.target, item.action, comment.as_deref()),
            self.tell.settled(untold),
        );
        let next = match approached {
            Ok(Approach::Ready(ready)) => {
                told?;
                // Whoever was told may have been asked to stop, and nothing was begun yet.
                if self.stop.is_asked() {
                    return Ok(Next::Again);
                }
                return self.claim_and_act(item, &ready, trips).await;
            }
            Ok(Approach::Seen(ending)) => {
                let metadata = self.evidence(&ending).await;
                let event =
                    self.guard.observe(self.key(item), &ending, &self.context, metadata).await?;
                self.after(item, &ending, &event, trips).await?
            }
            Err(error) => {
                let ending = Ending::new(
                    Outcome::Retry(Some(crate::automator::device_class(&error))),
                    error.to_string(),
                );
                let event = self
                    .guard
                    .observe(self.key(item), &ending, &self.context, Metadata::default())
                    .await?;
                let next = self.after(item, &ending, &event, trips).await?;
                self.phone_failed(&error.to_string()).await?;
                next
            }
        };
        // What the page said is on record, whatever became of those before.
        told?;
        Ok(next)
    }

    async fn survey(&mut self, item: &Item, trips: u64) -> Result<Next, Trip> {
        let Some(automator) = &self.automator else { return Ok(Next::Again) };
        let (status, reason, class, detail) =
            match automator.survey(&item.target, item.action).await? {
                Ok(()) => (Status::Success, None, None, "would be engaged".to_owned()),
                Err(ending) => (
                    ending.outcome.status(),
                    ending.reason.map(ToOwned::to_owned),
                    ending.outcome.error_class(),
                    ending.detail,
                ),
            };
        let engagement = Engagement {
            target_username: item.target.clone(),
            action: item.action,
            status,
            reason,
            error_class: class,
            round_trips: automator.device().round_trips() - trips,
            latency_ms: None,
            event_id: None,
        };
        self.tell.tell(Progress::Attempted {
            engagement: &engagement,
            detail: &detail,
            last: true,
        });
        let stops = engagement.error_class.map(Signal::from);
        let settled = Settled::of(&engagement);
        self.summary.attempt(engagement, true);
        if let Some(Signal::Halt(_) | Signal::RateLimited) = stops {
            return Err(Trip::End(app_says(&detail)));
        }
        self.tell.settled(vec![settled]).await?;
        Ok(Next::Over)
    }

    fn comment_for(&self, item: &Item) -> Option<String> {
        if item.action != Action::Comment || self.plan.comments.is_empty() {
            return None;
        }
        let n = self.comments_used % self.plan.comments.len();
        self.plan.comments.get(n).cloned()
    }

    async fn claim_and_act(
        &mut self,
        item: &mut Item,
        ready: &Ready,
        trips: u64,
    ) -> Result<Next, Trip> {
        self.sure()?;
        let key = self.key(item);
        let claim = match self.guard.claim(key.clone(), &self.context, ready.metadata()).await? {
            ClaimVerdict::Granted(claim) => claim,
            ClaimVerdict::Refused(refusal) if is_about_item(refusal) => {
                self.refused(item, refusal).await?;
                return Ok(Next::Over);
            }
            ClaimVerdict::Refused(refusal) => {
                self.rest(refusal).await?;
                return Ok(Next::Again);
            }
        };
        // Between the claim and the tap lies a durable write, which may take as long as it
        // likes; the leases are asked once more.
        if let Err(trip) = self.sure()
            && !is_off(Protection::LeaseBeforeTap)
        {
            let ending = Ending::new(Outcome::Retry(None), "the lease ran out before the act")
                .because(decorum_core::outcome::reason::RELEASED);
            self.guard.commit(&claim, key, &ending, &self.context, Metadata::default()).await?;
            return Err(trip);
        }
        let Some(automator) = &self.automator else { return Ok(Next::Again) };
        let ending = match automator.act(ready).await {
            Acted::Ended(ending) => ending,
            Acted::InDoubt(why) if is_off(Protection::LookBack) => {
                Ending::new(Outcome::Retry(None), why)
            }
            Acted::InDoubt(why) => self.look_back(&key, &claim, why).await?,
            Acted::Covered(ending) => return self.covered(item, key, &ending, trips).await,
        };
        let trips_taken = self.trips_since(trips);
        let metadata = self.evidence(&ending).await.with("round_trips", trips_taken);
        let committed = self.guard.commit(&claim, key, &ending, &self.context, metadata).await?;
        if item.action == Action::Comment {
            self.comments_used += 1;
        }
        self.after(item, &ending, committed.event(), trips).await
    }

    /// The act may have taken effect, and the app asks for a person before it shows anything else.
    /// What it said goes on record and stops the account; the claim stays, to be settled by looking
    /// once a person has been there.
    async fn covered(
        &mut self,
        item: &mut Item,
        key: Key,
        ending: &Ending,
        trips: u64,
    ) -> Result<Next, Trip> {
        self.summary.in_doubt += 1;
        let metadata = self.evidence(ending).await;
        let event = self.guard.observe(key, ending, &self.context, metadata).await?;
        self.after(item, ending, &event, trips).await
    }

    /// The connection broke around the tap: what it did is found out by looking. If the phone
    /// cannot be had, the claim stays as it is; it becomes a doubt that the next run settles.
    async fn look_back(&mut self, key: &Key, claim: &Claim, first: String) -> Result<Ending, Trip> {
        self.summary.in_doubt += 1;
        let mut why = first.clone();
        for _ in 0..LOOKS_MAX {
            self.phone_failed(&why).await?;
            self.ensure_phone().await?;
            let Some(automator) = &self.automator else { continue };
            match automator.look(key, claim).await {
                Ok(Ok(finding)) => {
                    self.summary.in_doubt -= 1;
                    let (outcome, reason) = finding.outcome();
                    let detail = format!("{first}; looked again");
                    return Ok(Ending::new(outcome, detail).because(reason));
                }
                Ok(Err(ending)) => {
                    self.heard(&ending).await?;
                    why = ending.detail;
                }
                Err(error) => why = error.to_string(),
            }
        }
        Err(Trip::End(Ended::PhoneFailed { why }))
    }

    async fn after(
        &mut self,
        item: &mut Item,
        ending: &Ending,
        event: &Event,
        trips: u64,
    ) -> Result<Next, Trip> {
        let again = match ending.outcome {
            Outcome::Retry(_) => {
                item.retries += 1;
                item.retries < RETRIES_MAX
            }
            Outcome::Failed(ErrorClass::RateLimited | ErrorClass::ActionBlocked) => {
                item.rate_limits += 1;
                item.rate_limits < RATE_LIMITS_MAX
            }
            // The account cannot go on; the item is still to be done when it can.
            Outcome::Failed(
                ErrorClass::Challenge
                | ErrorClass::LoggedOut
                | ErrorClass::AccountSuspended
                | ErrorClass::Unknown,
            ) => true,
            Outcome::Success { .. } | Outcome::Skipped(_) | Outcome::Failed(_) => false,
        };
        let engagement = Engagement {
            target_username: item.target.clone(),
            action: item.action,
            status: event.status,
            reason: event.reason.clone(),
            error_class: event.error_class,
            round_trips: self.trips_since(trips),
            latency_ms: event.latency_ms,
            event_id: Some(event.id),
        };
        self.tell.tell(Progress::Attempted {
            engagement: &engagement,
            detail: &ending.detail,
            last: !again,
        });
        let settled = Settled::of(&engagement);
        self.summary.attempt(engagement, !again);
        if !again {
            // Told while the page of whoever comes next is opened.
            self.untold.push(settled);
        }
        // What a person is to look at stays as it is; anything else that may still stand would be
        // read as the next person's.
        let signal = Signal::from(ending.outcome);
        let stands = ending.outcome.error_class().is_some()
            && !matches!(ending.outcome, Outcome::Retry(_))
            && !matches!(signal, Signal::Halt(_));
        if stands
            && let Some(automator) = &self.automator
            && let Err(error) = automator.put_away().await
        {
            self.phone_failed(&error.to_string()).await?;
        } else if !matches!(ending.outcome, Outcome::Retry(_)) {
            self.failures = 0;
        }
        if again {
            return Ok(Next::Again);
        }
        if matches!(ending.outcome, Outcome::Retry(Some(ErrorClass::App))) {
            self.strange += 1;
        } else {
            self.strange = 0;
        }
        if self.strange >= STRANGE_MAX {
            return Err(Trip::End(self.app_looks_different(&ending.detail).await));
        }
        Ok(Next::Over)
    }

    /// Going on would only open one page after the other for nothing.
    pub(super) async fn app_looks_different(&self, detail: &str) -> Ended {
        let kept = match self.keep_what_stands().await {
            Some(place) => format!("The page is kept in {place}. "),
            None => String::new(),
        };
        Ended::PersonNeeded {
            why: format!(
                "several pages in a row were not understood ({detail}): the app may have changed, or be \
                 set to another language. {kept}`decorum screen` and `decorum profile check` show what is read of a \
                 page, docs/devices.md how to mend the app profile"
            ),
        }
    }

    /// Requests since the device had sent `before`; counted from zero on a new connection.
    fn trips_since(&self, before: u64) -> u64 {
        let now = self.automator.as_ref().map_or(0, |a| a.device().round_trips());
        now.checked_sub(before).unwrap_or(now)
    }

    /// Words nobody taught us are kept for a person, with a picture.
    async fn evidence(&self, ending: &Ending) -> Metadata {
        let mut metadata = Metadata::default();
        if !ending.detail.is_empty() && ending.outcome.error_class().is_some() {
            let said: String = ending.detail.chars().take(500).collect();
            metadata = metadata.with("said", said);
        }
        let unknown = matches!(ending.outcome, Outcome::Failed(ErrorClass::Unknown));
        if unknown && let Some(place) = self.keep_what_stands().await {
            metadata = metadata.with("evidence", place);
        }
        metadata
    }

    /// Keeps the page and a picture of it; returns where.
    async fn keep_what_stands(&self) -> Option<String> {
        let taking = Automator::evidence(self.automator.as_ref()?);
        let evidence = tokio::time::timeout(EVIDENCE_WITHIN, taking).await.unwrap_or_default();
        let name = self.guard.entropy().name(self.guard.clock().now());
        self.tell.keep_evidence(&name, &evidence)
    }

    /// Shows whoever looks what the phone shows, if that is due: between two engagements nothing
    /// waits for it but the next.
    pub(super) async fn take_picture(&mut self) -> Result<(), Trip> {
        let Some(every) = self.plan.pictures else { return Ok(()) };
        let now = self.guard.clock().steady();
        if self.pictured.is_some_and(|then| now.saturating_sub(then) < every) {
            return Ok(());
        }
        self.told().await?;
        let Some(automator) = &self.automator else { return Ok(()) };
        self.pictured = Some(now);
        let taking = tokio::time::timeout(EVIDENCE_WITHIN, automator.evidence());
        self.tell.keep_picture(&taking.await.unwrap_or_default());
        Ok(())
    }

    pub(super) fn clock_is_right(&self) -> Result<(), Trip> {
        match self.guard.watch().trouble() {
            None => Ok(()),
            Some(trouble) => Err(Trip::End(Ended::PersonNeeded { why: trouble.to_string() })),
        }
    }

    /// Whether the phone may be touched: both leases hold for long enough, and the clock by which
    /// every wait is judged has not been set.
    pub(super) fn sure(&self) -> Result<(), Trip> {
        self.clock_is_right()?;
        for (hold, what) in [(&self.account, "account"), (&self.phone, "phone")] {
            if !hold.as_ref().is_some_and(|hold| hold.is_sure()) {
                return Err(Trip::End(Ended::Busy {
                    what: format!("the {what} (our lease on it ran out)"),
                    until: self.guard.clock().now().plus(lease::TTL),
                }));
            }
        }
        Ok(())
    }
}

/// Whether the run can go on with the next item: the refusal does not bind the whole account.
const fn is_about_item(refusal: Refusal) -> bool {
    refusal.reason.is_about_target()
        || matches!(
            refusal.reason,
            RefusalReason::Claimed | RefusalReason::InDoubt | RefusalReason::ClaimSettled
        )
}
