//! Getting hold of the phone, and getting hold of it again.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use decorum_core::{AccountId, DeviceId, ErrorClass, Outcome, Signal};
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
    let detail = one_line(detail);
    Ended::PersonNeeded {
        why: format!("the app says: {detail}; a dry run records nothing, look at the phone"),
    }
}

/// Why an account has to wait for another one on the same phone.
pub(crate) fn in_front_of_other(
    place: &str,
    account: &AccountId,
    front: &AccountId,
    class: ErrorClass,
    said: &str,
) -> String {
    let said = one_line(said);
    format!(
        "the app on {place} acts for {front} and says to it ({class}): {said}; {account} cannot be \
         brought to the front before that is settled on the phone"
    )
}

/// Why nobody is held responsible for what the app says.
pub(crate) fn in_front_of_nobody(
    place: &str,
    account: &AccountId,
    class: ErrorClass,
    said: &str,
) -> String {
    let said = one_line(said);
    format!(
        "the app on {place} says ({class}): {said}; which account it says that to cannot be told, so \
         no account was halted, {account} neither. Look at the phone, and halt whom it is about: \
         decorum account halt ACCOUNT --note \"...\""
    )
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
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
            self.told().await?;
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
        .with_front(self.plan.front.clone())
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
            Prepared::WrongAccount { found } => Err(Trip::End(Ended::PersonNeeded {
                why: format!(
                    "the app on {} acts for {found}, not for {}; switch the account on the phone, \
                     then run again",
                    device.describe(),
                    self.plan.account
                ),
            })),
            Prepared::Unclear { why } if self.failures + 1 >= FAILURES_MAX => {
                self.automator = Some(automator);
                let ended = self.app_looks_different(&why).await;
                // Its requests are counted already.
                self.automator = None;
                Err(Trip::End(ended))
            }
            Prepared::Unclear { why } => self.phone_failed(&why).await,
            Prepared::Trouble(ending) => match ending.outcome {
                // A dry run changes nothing, the breaker included.
                Outcome::Failed(class)
                    if Signal::from(class) != Signal::Neutral && self.plan.dry_run =>
                {
                    Err(Trip::End(app_says(&ending.detail)))
                }
                Outcome::Failed(class) if Signal::from(class) != Signal::Neutral => {
                    self.heard_at_the_start(&automator, class, &ending.detail).await
                }
                _ => self.phone_failed(&ending.detail).await,
            },
        }
    }

    /// Before our account is in front, what the app says is said to whoever is: they rest or stop,
    /// and the phone waits with them.
    async fn heard_at_the_start(
        &mut self,
        automator: &Automator,
        class: ErrorClass,
        said: &str,
    ) -> Result<(), Trip> {
        let place = automator.device().describe();
        let Some(front) = automator.front().account() else {
            return Err(Trip::End(Ended::PersonNeeded {
                why: in_front_of_nobody(&place, &self.plan.account, class, said),
            }));
        };
        let detail = format!("at the start: {said}");
        self.guard.report_trouble(&front, class, &detail).await?;
        let passes = Signal::from(class) == Signal::RateLimited;
        if passes {
            automator.put_away().await?;
        }
        if front == self.plan.account {
            return self.rest_until_admitted().await;
        }
        let why = in_front_of_other(&place, &self.plan.account, &front, class, said);
        if passes {
            self.phone_failed(&why).await
        } else {
            Err(Trip::End(Ended::PhoneFailed { why }))
        }
    }

    /// Counts a failure, and waits a little longer after each.
    pub(super) async fn phone_failed(&mut self, why: &str) -> Result<(), Trip> {
        self.told().await?;
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
