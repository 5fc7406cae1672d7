//! The circuit breaker: where "stop when the platform says stop" is decided.
//!
//! ```text
//!            rate limit                    wait over, next claim
//!  Active ───────────────▶ Backoff(n) ─────────────────────────▶ HalfOpen(n): one probe
//!    ▲                       ▲   ▲  rate limit: n + 1                │   │
//!    │                       │   └───────────────────────────────────┘   │ probe succeeds
//!    │ ramp over             │ probe ended without an answer             ▼
//!   Ramp ◀── Cooldown ◀── n reaches cooldown_after_consecutive      Active, count gone
//!
//!  challenge, logout, suspension, unknown message, person: any state ──▶ Halted, until cleared
//! ```
//!
//! The count of consecutive rate limits lives only in the states where it means something, so
//! "active with two strikes" cannot be written down. An account that comes out of a cooldown works up
//! to its budgets again ([`crate::ramp`]); where its ramp began goes with it through backoffs, and ends
//! with the ramp or when a person clears it. Waits are stored as instants: a restart changes nothing. The pattern is M. Nygard's ("Release It!", 2007), the half-open probe too.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{ClaimId, ErrorClass, Outcome, Settings, Timestamp};

/// Why an account is halted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HaltReason {
    /// The platform asks for a person.
    Challenge,
    /// The account is logged out.
    LoggedOut,
    /// The account is suspended or disabled.
    AccountSuspended,
    /// The app said something nobody taught us, right after an act.
    UnknownMessage,
    /// A person halted it.
    Operator,
}

impl HaltReason {
    /// The stable text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Challenge => "challenge",
            Self::LoggedOut => "logged_out",
            Self::AccountSuspended => "account_suspended",
            Self::UnknownMessage => "unknown_message",
            Self::Operator => "operator",
        }
    }
}

impl fmt::Display for HaltReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an attempt means to the breaker. Every error class maps to exactly one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// The platform let an act through.
    Success,
    /// The platform said slow down, or refused the act.
    RateLimited,
    /// A person is needed.
    Halt(HaltReason),
    /// Says nothing about the platform's patience.
    Neutral,
}

impl From<ErrorClass> for Signal {
    fn from(class: ErrorClass) -> Self {
        match class {
            ErrorClass::RateLimited | ErrorClass::ActionBlocked => Self::RateLimited,
            ErrorClass::Challenge => Self::Halt(HaltReason::Challenge),
            ErrorClass::LoggedOut => Self::Halt(HaltReason::LoggedOut),
            ErrorClass::AccountSuspended => Self::Halt(HaltReason::AccountSuspended),
            ErrorClass::Unknown => Self::Halt(HaltReason::UnknownMessage),
            ErrorClass::PrivateAccount
            | ErrorClass::TargetUnavailable
            | ErrorClass::Network
            | ErrorClass::App
            | ErrorClass::Device => Self::Neutral,
        }
    }
}

impl From<Outcome> for Signal {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            // Presumed is our caution, not the platform's answer.
            Outcome::Success { presumed } => {
                if presumed {
                    Self::Neutral
                } else {
                    Self::Success
                }
            }
            Outcome::Failed(class) | Outcome::Retry(Some(class)) => class.into(),
            Outcome::Skipped(_) | Outcome::Retry(None) => Self::Neutral,
        }
    }
}

/// A number between -1 and 1 drawn by the caller; the core has no randomness of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "f64")]
pub struct Jitter(f64);

impl From<f64> for Jitter {
    fn from(share: f64) -> Self {
        Self::new(share)
    }
}

impl Jitter {
    /// Clamps to -1..=1; not a number counts as 0.
    pub const fn new(share: f64) -> Self {
        if share.is_nan() { Self(0.0) } else { Self(share.clamp(-1.0, 1.0)) }
    }
}

/// The state of one account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
pub enum Breaker {
    /// May act.
    #[default]
    Active,
    /// Rests after a rate limit; once `until` has come, one probe is let through.
    Backoff {
        /// Rate limits in a row.
        consecutive: u32,
        /// When it began.
        since: Timestamp,
        /// When it ends.
        until: Timestamp,
        /// When the ramp began that it was in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ramp: Option<Timestamp>,
    },
    /// The probe is under way; nobody else acts.
    HalfOpen {
        /// Rate limits in a row so far.
        consecutive: u32,
        /// When the probe began.
        since: Timestamp,
        /// The one claim let through.
        probe: ClaimId,
        /// When the ramp began that it was in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ramp: Option<Timestamp>,
    },
    /// Rests longer after too many rate limits in a row.
    Cooldown {
        /// When it began.
        since: Timestamp,
        /// When it ends.
        until: Timestamp,
    },
    /// May act again after a cooldown, and works up to its budgets.
    Ramp {
        /// When the cooldown ended.
        since: Timestamp,
    },
    /// Does nothing until a person clears it.
    Halted {
        /// Why.
        reason: HaltReason,
        /// What was seen, or the note of the person who halted it.
        detail: String,
        /// Since when.
        since: Timestamp,
    },
}

/// Why the breaker lets nobody through now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rest {
    /// Backoff until then.
    Backoff(Timestamp),
    /// The probe is under way; nobody can say until when.
    Probing,
    /// Cooldown until then.
    Cooldown(Timestamp),
    /// Halted.
    Halted(HaltReason),
}

impl Breaker {
    /// Whether an act may be claimed at `now`.
    ///
    /// # Errors
    /// What the account rests for.
    pub fn admits(&self, now: Timestamp) -> Result<(), Rest> {
        match self {
            Self::Active | Self::Ramp { .. } => Ok(()),
            Self::Backoff { until, .. } if now >= *until => Ok(()),
            Self::Backoff { until, .. } => Err(Rest::Backoff(*until)),
            Self::HalfOpen { .. } => Err(Rest::Probing),
            Self::Cooldown { until, .. } if now >= *until => Ok(()),
            Self::Cooldown { until, .. } => Err(Rest::Cooldown(*until)),
            Self::Halted { reason, .. } => Err(Rest::Halted(*reason)),
        }
    }

    /// The state once `claim` has been let through at `now`. Call only after
    /// [`Breaker::admits`] said yes; in any other state nothing changes.
    #[must_use]
    pub fn admitted(self, claim: ClaimId, now: Timestamp) -> Self {
        match self {
            Self::Backoff { consecutive, until, ramp, .. } if now >= until => {
                Self::HalfOpen { consecutive, since: now, probe: claim, ramp }
            }
            Self::Cooldown { until, .. } if now >= until => Self::Ramp { since: until },
            other => other,
        }
    }

    /// The state once the attempt `claim` (if there was one) ended with `signal`.
    #[must_use]
    pub fn after(
        self,
        signal: Signal,
        claim: Option<ClaimId>,
        detail: &str,
        now: Timestamp,
        settings: &Settings,
        jitter: Jitter,
    ) -> Self {
        match (self, signal) {
            (halted @ Self::Halted { .. }, _) => halted,
            (_, Signal::Halt(reason)) => {
                Self::Halted { reason, detail: detail.to_owned(), since: now }
            }
            (
                Self::HalfOpen { consecutive, probe, ramp, .. },
                Signal::Success | Signal::Neutral,
            ) if claim == Some(probe) => {
                match signal {
                    Signal::Success => Self::working(ramp, now, settings),
                    // The probe said nothing: the next claim is the probe.
                    _ => Self::Backoff { consecutive, since: now, until: now, ramp },
                }
            }
            (Self::Ramp { since }, Signal::Success | Signal::Neutral) => {
                Self::working(Some(since), now, settings)
            }
            (state, Signal::Success | Signal::Neutral) => state,
            (state, Signal::RateLimited) => state.struck(now, settings, jitter),
        }
    }

    /// Nothing to rest for: active, but for a ramp that is not over.
    fn working(ramp: Option<Timestamp>, now: Timestamp, settings: &Settings) -> Self {
        match ramp {
            Some(since) if now < since.plus(settings.ramp()) => Self::Ramp { since },
            _ => Self::Active,
        }
    }

    /// When the account came out of its last cooldown, if it has been working up since; whether that
    /// is over, the settings say.
    pub fn ramp(&self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Active | Self::Halted { .. } => None,
            Self::Backoff { ramp, .. } | Self::HalfOpen { ramp, .. } => *ramp,
            Self::Cooldown { until, .. } => Some(*until).filter(|until| now >= *until),
            Self::Ramp { since } => Some(*since),
        }
    }

    fn struck(self, now: Timestamp, settings: &Settings, jitter: Jitter) -> Self {
        let ramp = self.ramp(now);
        let (before, not_earlier_than) = match self {
            Self::Cooldown { until, .. } if now < until => {
                let until = until.max(now.plus(settings.cooldown()));
                return Self::Cooldown { since: now, until };
            }
            Self::Active | Self::Ramp { .. } | Self::Cooldown { .. } | Self::Halted { .. } => {
                (0, now)
            }
            Self::Backoff { consecutive, until, .. } => (consecutive, until),
            Self::HalfOpen { consecutive, .. } => (consecutive, now),
        };
        let consecutive = before.saturating_add(1);
        if consecutive >= settings.cooldown_after_consecutive {
            return Self::Cooldown { since: now, until: now.plus(settings.cooldown()) };
        }
        let until = now.plus(backoff(consecutive, settings, jitter)).max(not_earlier_than);
        Self::Backoff { consecutive, since: now, until, ramp }
    }

    /// The state once a person cleared it: active, counts gone.
    #[must_use]
    pub fn cleared(self) -> Self {
        Self::Active
    }

    /// The name people and programs see: `active`, `backoff`, `cooldown` or `halted`. A backoff
    /// whose wait is over is still `backoff`: the probe decides. A cooldown that is over is
    /// `active`, and so is a ramp.
    pub fn name(&self, now: Timestamp) -> &'static str {
        match self {
            Self::Active | Self::Ramp { .. } => "active",
            Self::Backoff { .. } | Self::HalfOpen { .. } => "backoff",
            Self::Cooldown { until, .. } if now >= *until => "active",
            Self::Cooldown { .. } => "cooldown",
            Self::Halted { .. } => "halted",
        }
    }

    /// Why it is as it is, in one line for a person; `None` for an account that is active at full
    /// pace.
    pub fn explained(&self, now: Timestamp, settings: &Settings) -> Option<String> {
        match self {
            Self::Active => None,
            Self::Backoff { consecutive, .. } => {
                Some(format!("rate limited {consecutive} in a row"))
            }
            Self::HalfOpen { .. } => Some("one probe is under way".to_owned()),
            Self::Cooldown { until, .. } if now < *until => {
                Some("rate limited too often in a row".to_owned())
            }
            // The state only changes with the next act, so a ramp may be over in it.
            Self::Cooldown { until: since, .. } | Self::Ramp { since } => (now
                < since.plus(settings.ramp()))
            .then(|| "works up to its budgets after a cooldown".to_owned()),
            Self::Halted { reason, detail, .. } if detail.is_empty() => Some(reason.to_string()),
            Self::Halted { reason, detail, .. } => {
                let said: Vec<&str> = detail.split_whitespace().collect();
                Some(format!("{reason}: {}", said.join(" ")))
            }
        }
    }

    /// When the wait ends, for states that wait.
    pub fn until(&self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Backoff { until, .. } | Self::Cooldown { until, .. } => {
                Some(*until).filter(|t| now < *t)
            }
            Self::Active | Self::HalfOpen { .. } | Self::Ramp { .. } | Self::Halted { .. } => None,
        }
    }

    /// Rate limits in a row.
    pub const fn consecutive(&self) -> u32 {
        match self {
            Self::Backoff { consecutive, .. } | Self::HalfOpen { consecutive, .. } => *consecutive,
            Self::Active | Self::Cooldown { .. } | Self::Ramp { .. } | Self::Halted { .. } => 0,
        }
    }
}

/// How long to rest after this many rate limits in a row, varied by `jitter` times the
/// `backoff_jitter` share.
pub fn backoff(consecutive: u32, settings: &Settings, jitter: Jitter) -> Duration {
    let steps = &settings.rate_limit_steps;
    let last = steps.len().saturating_sub(1);
    let n = usize::try_from(consecutive.saturating_sub(1)).unwrap_or(last).min(last);
    let step = steps.get(n).copied().unwrap_or(60);
    let factor = settings.backoff_jitter.mul_add(jitter.0, 1.0).max(0.0);
    Duration::from_secs_f64(f64::from(step) * factor)
}
