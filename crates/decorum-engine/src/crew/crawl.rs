//! Looking for people and putting them on the task's list.
//!
//! Every screen that was read is on the list, with the place it leads to, before the next is looked
//! at. So a crawl goes on where it was, on whichever phone has the account then, and nobody is on the
//! list twice.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use decorum_core::{
    AlertKind, Breaker, Crawl, ErrorClass, NewCandidate, Outcome, Signal, Task, WaitReason,
};
use decorum_device::{Device, DeviceError};
use decorum_store::StoreError;

use super::ending::End;
use super::errand::Errand;
use crate::automator::crawl::{CrawlEnd, CrawlError, Row, Sink};
use crate::automator::{Automator, Switched};
use crate::guard::Ending;
use crate::run::{in_front_of_nobody, in_front_of_other};

/// How often in a row the phone may fail before the task has to wait for it.
const TRIES: u32 = 4;
/// How long ending a session may hold things up.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

/// What one session came to.
enum Sight {
    /// All people are on the list.
    All,
    /// The errand is over.
    Over(End),
    /// It is worth another session.
    Again(String),
    /// The same, though what the app showed was not understood.
    Strange(String),
}

impl Errand {
    /// Puts people on the list. `None`: all are on it.
    pub(super) async fn look_for_people(&self) -> Result<Option<End>, StoreError> {
        self.guard.deliver().await?;
        // To look around is no act, but no app is opened at night either.
        let quiet = self.guard.settings().await?.quiet_hours;
        if let Some(until) = quiet.and_then(|quiet| quiet.quiet_until(self.now())) {
            let (reason, until) = (WaitReason::QuietHours, Some(until));
            return Ok(Some(End::Waits { reason, until }));
        }
        let mut failures = 0;
        loop {
            let Some(task) = self.guard.store().task(&self.task.id).await? else {
                return Ok(Some(End::Lost));
            };
            let limit = self.task.spec.limit;
            if limit.is_some_and(|limit| task.progress.candidates >= u64::from(limit)) {
                return Ok(None);
            }
            if self.stop.is_asked() {
                return Ok(Some(End::Stopped));
            }
            if !self.loan.account.is_sure() || !self.loan.phone.is_sure() {
                return Ok(Some(End::Lost));
            }
            let seen = task.crawl.seen;
            let sight = self.session(&task).await?;
            let is_strange = matches!(sight, Sight::Strange(_));
            match sight {
                Sight::All => return Ok(None),
                Sight::Over(end) => return Ok(Some(end)),
                Sight::Again(why) | Sight::Strange(why) => {
                    let now = self.guard.store().task(&self.task.id).await?;
                    // A session that got on is no failure in a row.
                    let got_on = now.is_some_and(|now| now.crawl.seen > seen);
                    failures = if got_on { 1 } else { failures + 1 };
                    if failures >= TRIES && is_strange {
                        let why = format!(
                            "{why}: the app may have changed, or be set to another language; \
                             `decorum screen` shows what is read of a page. Then: decorum task \
                             resume {}",
                            self.task.id
                        );
                        return Ok(Some(self.person_needed(&why, None).await?));
                    }
                    if failures >= TRIES {
                        return Ok(Some(End::Phone { why }));
                    }
                    tracing::warn!(task = %self.task.id, why, "the phone failed; trying again");
                    let pause = Duration::from_millis(500) * 2_u32.pow(failures);
                    tokio::select! {
                        biased;
                        () = self.stop.asked() => {}
                        () = self.guard.clock().sleep(pause) => {}
                    }
                }
            }
        }
    }

    /// One session of reading.
    async fn session(&self, task: &Task) -> Result<Sight, StoreError> {
        let device = match self.dial.dial().await {
            Ok(device) => device,
            Err(error) => return Ok(Sight::Again(error.to_string())),
        };
        let seen = self.read(&device, task).await;
        if tokio::time::timeout(CLOSE_WITHIN, device.close_session()).await.is_err() {
            tracing::debug!(task = %self.task.id, "the session took too long to close");
        }
        match seen {
            Ok(sight) => Ok(sight),
            Err(CrawlError::Device(error)) => Ok(Sight::Again(error.to_string())),
            // Another worker has the task.
            Err(CrawlError::Store(StoreError::StaleFence { .. })) => Ok(Sight::Over(End::Lost)),
            Err(CrawlError::Store(error)) => Err(error),
        }
    }

    async fn read(&self, device: &Arc<dyn Device>, task: &Task) -> Result<Sight, CrawlError> {
        device.open_session(None).await?;
        let (kit, account) = (&self.crew.kit, &self.task.spec.account_id);
        let automator = Automator::new(
            Arc::clone(device),
            Arc::clone(&kit.profile),
            Arc::clone(&kit.classifier),
            Arc::clone(self.guard.clock()),
            account,
        )
        .with_front(self.front.clone());
        match automator.switch_account(account).await? {
            Switched::Yes => {}
            Switched::NotLoggedIn { found } => {
                let why = format!(
                    "{account} is not logged in on {}, only {}; log in there, then: decorum task \
                     resume {}",
                    device.describe(),
                    found.join(", "),
                    self.task.id
                );
                let subject = self.task.id.as_str();
                self.crew.raise(AlertKind::QueueStuck, subject, &why, None).await;
                let (reason, until) = (WaitReason::Person, None);
                return Ok(Sight::Over(End::Waits { reason, until }));
            }
            Switched::Unclear { why } => return Ok(Sight::Strange(why)),
            Switched::Trouble(ending) => return self.trouble(&automator, ending).await,
        }
        let spec = &self.task.spec;
        let sink = List { errand: self };
        let end = automator.crawl(&spec.source, &task.crawl, spec.limit, &sink, &self.stop).await?;
        Ok(match end {
            CrawlEnd::Finished | CrawlEnd::LimitReached => Sight::All,
            CrawlEnd::Stopped => Sight::Over(End::Stopped),
            CrawlEnd::Unavailable { why } => Sight::Over(End::Failed { why }),
            CrawlEnd::Trouble(ending) => return self.trouble(&automator, ending).await,
        })
    }

    /// What the app said, to the breaker of the account that it said it to; and what that means for
    /// the task.
    async fn trouble(&self, automator: &Automator, ending: Ending) -> Result<Sight, CrawlError> {
        let Outcome::Failed(class) = ending.outcome else {
            let is_strange = ending.outcome == Outcome::Retry(Some(ErrorClass::App));
            let sight = if is_strange { Sight::Strange } else { Sight::Again };
            return Ok(sight(ending.detail));
        };
        let signal = Signal::from(class);
        if signal == Signal::Neutral {
            return Ok(Sight::Again(ending.detail));
        }
        let account = &self.task.spec.account_id;
        let place = automator.device().describe();
        let Some(front) = self.front.account() else {
            let why = in_front_of_nobody(&place, account, class, &ending.detail);
            return Ok(Sight::Over(self.person_needed(&why, None).await?));
        };
        self.guard.report_trouble(&front, class, &ending.detail).await?;
        let passes = signal == Signal::RateLimited;
        if passes {
            put_away(automator).await;
        }
        if front != *account {
            let why = in_front_of_other(&place, account, &front, class, &ending.detail);
            self.tell_of_front(&why).await?;
            return Ok(if passes { Sight::Again(why) } else { Sight::Over(End::Phone { why }) });
        }
        let breaker = self.guard.store().account(account).await?.account.breaker;
        let now = self.now();
        let end = match breaker {
            Breaker::Halted { .. } => {
                let why = format!(
                    "{account} is halted: {}. Look at the phone; when all is well: decorum account \
                     clear {account} --note \"...\"",
                    ending.detail
                );
                self.person_needed(&why, None).await?
            }
            _ => match breaker.until(now) {
                Some(until) => {
                    let reason = match breaker {
                        Breaker::Cooldown { .. } => WaitReason::Cooldown,
                        _ => WaitReason::Backoff,
                    };
                    End::Waits { reason, until: Some(until) }
                }
                None => return Ok(Sight::Again(ending.detail)),
            },
        };
        Ok(Sight::Over(end))
    }
}

async fn put_away(automator: &Automator) {
    let answer: Result<(), DeviceError> = automator.put_away().await.map(drop);
    if let Err(error) = answer {
        tracing::debug!(%error, "what the app said stays in front");
    }
}

/// The list of the errand's task.
struct List<'a> {
    errand: &'a Errand,
}

#[async_trait]
impl Sink for List<'_> {
    async fn take(&self, rows: Vec<Row>, place: &Crawl) -> Result<u64, StoreError> {
        let errand = self.errand;
        if !errand.loan.phone.is_sure() {
            // The phone is not ours any more; what was read while it was, counts.
            errand.switch.stop();
        }
        let account = errand.task.spec.account_id.as_str();
        let people = rows
            .into_iter()
            .filter(|row| row.username.as_str() != account)
            .map(|row| NewCandidate {
                username: row.username,
                seen_at: row.seen_at,
                source: Some(row.where_seen),
                note: None,
            })
            .collect();
        let store = errand.guard.store();
        let (id, fence) = (&errand.task.id, errand.fence());
        let (task, _) = store.add_candidates(id, fence, people, place.clone()).await?;
        if task.wish.is_some() {
            errand.switch.stop();
        }
        Ok(task.progress.candidates)
    }
}
