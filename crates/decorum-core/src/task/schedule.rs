//! When a task is due, on the wall clock of a named time zone.
//!
//! Where clocks are set forward, a time that does not exist that day happens as much later as the
//! clocks jumped; where they are set back, a time that exists twice happens the first time only.

use jiff::SignedDuration;
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::Cron;
use super::spec::SpecError;
use crate::Timestamp;

/// When a task is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Schedule {
    /// Once.
    Once {
        /// When.
        at: Timestamp,
    },
    /// Every day.
    Daily {
        /// When on the wall clock, as `09:30`.
        at: String,
        /// IANA name, as `Europe/Berlin`.
        time_zone: String,
    },
    /// As `cron` has it.
    Cron {
        /// Minute, hour, day of the month, month, weekday.
        expr: String,
        /// IANA name, as `Europe/Berlin`.
        time_zone: String,
    },
}

/// The furthest that a wall clock was ever set forward: Samoa left out a day in 2011.
const LARGEST_JUMP: SignedDuration = SignedDuration::from_hours(24);

impl Schedule {
    /// Whether it can be followed.
    ///
    /// # Errors
    /// The field at fault.
    pub fn check(&self) -> Result<(), SpecError> {
        match self {
            Self::Once { .. } => Ok(()),
            Self::Daily { .. } | Self::Cron { .. } => self.parsed().map(drop),
        }
    }

    /// The first instant after `after` at which it is due; `None`: it is not due any more.
    pub fn next(&self, after: Timestamp) -> Option<Timestamp> {
        if let Self::Once { at } = self {
            return (*at > after).then_some(*at);
        }
        let (times, zone) = self.parsed().ok()?;
        let instant = |wall: DateTime| {
            let zoned = zone.to_ambiguous_timestamp(wall);
            zoned.compatible().ok().map(Timestamp::from)
        };
        // A time that does not exist happens later than it says, so what is due next may say that
        // it was before.
        let mut wall = zone.to_datetime(after.minus(LARGEST_JUMP.unsigned_abs()).to_jiff());
        let mut first: Option<(Timestamp, DateTime)> = None;
        while let Some(time) = times.from(wall) {
            // Others that say later may happen earlier, but none by more than the clocks jumped.
            if first.is_some_and(|(_, at)| time.duration_since(at) >= LARGEST_JUMP) {
                break;
            }
            // Past the end of the calendar nothing happens.
            let Some(happens) = instant(time) else { break };
            if happens > after {
                first = Some(first.map_or((happens, time), |(found, at)| (found.min(happens), at)));
            }
            let Ok(next) = time.checked_add(SignedDuration::from_mins(1)) else { break };
            wall = next;
        }
        first.map(|(found, _)| found)
    }

    fn parsed(&self) -> Result<(Cron, TimeZone), SpecError> {
        let (times, name) = match self {
            Self::Once { .. } => {
                return Err(SpecError::new("schedule", "happens once, on no wall clock"));
            }
            Self::Daily { at, time_zone } => {
                let time = Time::strptime("%H:%M", at).ok().filter(|_| at.len() == 5);
                let time = time.ok_or_else(|| {
                    let found: String = at.chars().take(20).collect();
                    let problem = format!("`{found}` is not a time of day such as 09:30");
                    SpecError::new("schedule.at", problem)
                })?;
                let daily = format!("{} {} * * *", time.minute(), time.hour()).parse();
                (daily.map_err(|e: super::cron::CronError| e.to_string()), time_zone)
            }
            Self::Cron { expr, time_zone } => {
                (expr.parse().map_err(|e: super::cron::CronError| e.to_string()), time_zone)
            }
        };
        let times = times.map_err(|problem| SpecError::new("schedule.expr", problem))?;
        let zone = TimeZone::get(name).map_err(|_| {
            let found: String = name.chars().take(60).collect();
            let problem = format!("`{found}` is not a time zone such as Europe/Berlin or UTC");
            SpecError::new("schedule.time_zone", problem)
        })?;
        Ok((times, zone))
    }
}
