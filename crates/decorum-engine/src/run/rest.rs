//! Waiting for the account, or ending instead.

use std::time::Duration;

use decorum_core::{Breaker, Outcome, Refusal, RefusalReason, Signal, breaker::Rest};

use super::drive::{Drive, Trip};
use super::summary::Ended;
use super::tell::Progress;
use crate::guard::Ending;

/// How long a wait goes on before the store is asked again: a person may have cleared or halted
/// the account meanwhile.
const SLICE: Duration = Duration::from_secs(5);

impl Drive<'_> {
    /// Waits for what an account-level refusal waits for, or ends the run with it. Returns after
    /// at most a few seconds: the caller asks again.
    pub(super) async fn rest(&mut self, refusal: Refusal) -> Result<(), Trip> {
        let Refusal { reason, retry_at } = refusal;
        match reason {
            RefusalReason::AccountHalted => return Err(self.halted().await?),
            RefusalReason::AccountBusy => {
                let until = retry_at.unwrap_or_else(|| self.guard.clock().now());
                let what = format!("account {}", self.plan.account);
                return Err(Trip::End(Ended::Busy { what, until }));
            }
            // A pace, not a rest: kept also by a run that does not wait.
            RefusalReason::TooSoon => {}
            _ if !self.plan.wait => {
                return Err(Trip::End(Ended::Resting { reason, until: retry_at }));
            }
            // A cap of zero: waiting cannot help.
            RefusalReason::BudgetHour | RefusalReason::BudgetDay | RefusalReason::FleetBudget
                if retry_at.is_none() =>
            {
                return Err(Trip::End(Ended::Resting { reason, until: None }));
            }
            _ => {}
        }
        self.pause(refusal).await
    }

    /// Waits a slice of what the refusal waits for, and tells when that is something new.
    pub(super) async fn pause(&mut self, refusal: Refusal) -> Result<(), Trip> {
        let Refusal { reason, retry_at } = refusal;
        if self.waiting_for != Some((reason, retry_at)) {
            self.waiting_for = Some((reason, retry_at));
            if reason != RefusalReason::TooSoon {
                self.tell.tell(Progress::Waiting { reason, until: retry_at });
            }
        }
        let now = self.guard.clock().now();
        let left = retry_at.map_or(SLICE, |until| until.left(now));
        tokio::select! {
            biased;
            () = self.stop.asked() => Err(Trip::End(Ended::Stopped)),
            () = self.guard.clock().sleep(left.min(SLICE).max(Duration::from_millis(1))) => Ok(()),
        }
    }

    /// The wait, if there was one, is over. Whether there was one that was more than a pause
    /// between two acts.
    pub(super) fn rested(&mut self) -> bool {
        let waited = self.waiting_for.take().map(|(reason, _)| reason);
        let rested = waited.is_some_and(|reason| reason != RefusalReason::TooSoon);
        if rested {
            self.tell.tell(Progress::Resumed);
        }
        rested
    }

    /// Takes note of what the app said while nobody was being engaged, and rests if it must.
    pub(super) async fn heard(&mut self, ending: &Ending) -> Result<(), Trip> {
        let Outcome::Failed(class) = ending.outcome else { return Ok(()) };
        if Signal::from(class) == Signal::Neutral {
            return Ok(());
        }
        self.guard.report_trouble(&self.plan.account, class, &ending.detail).await?;
        if let Some(automator) = &self.automator
            && Signal::from(class) == Signal::RateLimited
        {
            automator.put_away().await?;
        }
        self.rest_until_admitted().await
    }

    /// Waits until the breaker would let the account act.
    pub(super) async fn rest_until_admitted(&mut self) -> Result<(), Trip> {
        loop {
            let account = self.guard.store().account(&self.plan.account).await?.account;
            let now = self.guard.clock().now();
            let refusal = match account.breaker.admits(now) {
                Ok(()) => {
                    self.rested();
                    return Ok(());
                }
                Err(Rest::Backoff(until)) => {
                    Refusal::new(RefusalReason::AccountBackoff, Some(until))
                }
                Err(Rest::Cooldown(until)) => {
                    Refusal::new(RefusalReason::AccountCooldown, Some(until))
                }
                // A probe in doubt is settled by looking, which is no act.
                Err(Rest::Probing) => return Ok(()),
                Err(Rest::Halted(_)) => Refusal::new(RefusalReason::AccountHalted, None),
            };
            self.rest(refusal).await?;
        }
    }

    async fn halted(&self) -> Result<Trip, Trip> {
        let account = self.guard.store().account(&self.plan.account).await?.account;
        let name = &self.plan.account;
        let why = match account.breaker {
            Breaker::Halted { reason, detail, since } => {
                let detail: Vec<&str> = detail.split_whitespace().collect();
                let detail = detail.join(" ");
                let said = if detail.is_empty() { String::new() } else { format!(" ({detail})") };
                format!(
                    "{name} is halted since {since}: {reason}{said}. Look at the phone; when all \
                     is well: decorum account clear {name} --note \"...\""
                )
            }
            _ => format!("{name} was halted and cleared meanwhile; run again"),
        };
        Ok(Trip::End(Ended::PersonNeeded { why }))
    }
}
