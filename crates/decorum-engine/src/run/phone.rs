//! Getting hold of the phone, and getting hold of it again.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use decorum_core::{DeviceId, Outcome, Signal};
use decorum_device::{Device, DeviceError, DeviceErrorKind};

use super::drive::{Drive, Trip};
use super::summary::Ended;
use super::tell::Progress;
use crate::automator::{Automator, Prepared};
use crate::sabotage::{Protection, is_off};

/// How often in a row the phone may fail before the run ends.
pub(super) const FAILURES_MAX: u32 = 4;

/// How long ending a session may hold things up.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

/// How a dry run ends that meets what would stop a real one.
pub(super) fn app_says(detail: &str) -> Ended {
    let words: Vec<&str> = detail.split_whitespace().collect();
    let detail = words.join(" ");
    Ended::PersonNeeded {
        why: format!("the app says: {detail}; a dry run records nothing, look at the phone"),
    }
}

/// Reaches a phone.
#[async_trait]
pub trait Dial: Send + Sync {
    /// Connects to the server that speaks for the phone. Opens no session.
    async fn dial(&self) -> Result<Arc<dyn Device>, DeviceError>;

    /// The phone's name in the log and in its lease.
    fn device_id(&self) -> DeviceId;
}

impl Drive<'_> {
    /// Makes sure that there is a phone in front of the right account.
    pub(super) async fn ensure_phone(&mut self) -> Result<(), Trip> {
        while self.automator.is_none() {
            // A new session ends whatever session the phone has: it must still be ours.
            self.sure()?;
            match self.connect().await {
                Ok(()) => {}
                // A server that was never there is a wrong URL or one not started yet: waiting
                // for it would only keep the person who can tell.
                Err(Trip::Device(error))
                    if self.round_trips_before == 0
                        && *error.kind() == DeviceErrorKind::Unreachable =>
                {
                    return Err(error.into());
                }
                Err(Trip::Device(error)) => self.phone_failed(&error.to_string()).await?,
                Err(trip) => return Err(trip),
            }
        }
        Ok(())
    }

    async fn connect(&mut self) -> Result<(), Trip> {
        let device = self.dial.dial().await?;
        let session = device.open_session(None).await?;
        self.context.session_id = session.parse().ok();
        let automator = Automator::new(
            Arc::clone(&device),
            Arc::clone(&self.kit.profile),
            Arc::clone(&self.kit.classifier),
            Arc::clone(self.guard.clock()),
            &self.plan.account,
        )
        .with_filters(Some(self.plan.filters.clone()));
        let prepared = if self.plan.switch {
            automator.switch_account(&self.plan.account).await.map(Prepared::from)
        } else {
            automator.prepare(&self.plan.account).await
        };
        if !matches!(prepared, Ok(Prepared::Yes)) {
            self.round_trips_before += device.round_trips();
        }
        match prepared? {
            Prepared::WrongAccount { .. } if is_off(Protection::RightAccount) => {
                self.automator = Some(automator);
                Ok(())
            }
            Prepared::Yes => {
                self.tell.tell(Progress::Connected { device: device.describe() });
                self.automator = Some(automator);
                self.failures = 0;
                Ok(())
            }
            Prepared::WrongAccount { found } => {
                let found = found.unwrap_or_else(|| "another account".to_owned());
                Err(Trip::End(Ended::PersonNeeded {
                    why: format!(
                        "the app on {} acts for {found}, not for {}; switch the account on the \
                         phone, then run again",
                        device.describe(),
                        self.plan.account
                    ),
                }))
            }
            Prepared::Trouble(ending) => match ending.outcome {
                // A dry run changes nothing, the breaker included.
                Outcome::Failed(class)
                    if Signal::from(class) != Signal::Neutral && self.plan.dry_run =>
                {
                    Err(Trip::End(app_says(&ending.detail)))
                }
                Outcome::Failed(class) if Signal::from(class) != Signal::Neutral => {
                    let detail = format!("at the start: {}", ending.detail);
                    self.guard.report_trouble(&self.plan.account, class, &detail).await?;
                    if Signal::from(class) == Signal::RateLimited {
                        automator.put_away().await?;
                    }
                    self.rest_until_admitted().await
                }
                _ => self.phone_failed(&ending.detail).await,
            },
        }
    }

    /// Counts a failure, and waits a little longer after each.
    pub(super) async fn phone_failed(&mut self, why: &str) -> Result<(), Trip> {
        self.hang_up();
        self.failures += 1;
        if self.failures >= FAILURES_MAX {
            return Err(Trip::End(Ended::PhoneFailed { why: why.to_owned() }));
        }
        self.tell.tell(Progress::PhoneTrouble { why: why.to_owned() });
        let pause = Duration::from_millis(500) * 2_u32.pow(self.failures);
        tokio::select! {
            biased;
            () = self.stop.asked() => Err(Trip::End(Ended::Stopped)),
            () = self.guard.clock().sleep(pause) => Ok(()),
        }
    }

    /// Ends the session and forgets the connection.
    pub(super) async fn let_go(&mut self) {
        if let Some(automator) = &self.automator {
            let closing = automator.device().close_session();
            match tokio::time::timeout(CLOSE_WITHIN, closing).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::debug!(%error, "the session could not be closed"),
                Err(_) => tracing::debug!("the session took too long to close"),
            }
        }
        self.hang_up();
    }

    /// Forgets the connection; the next step makes a new one.
    pub(super) fn hang_up(&mut self) {
        if let Some(automator) = self.automator.take() {
            self.round_trips_before += automator.device().round_trips();
        }
    }
}
