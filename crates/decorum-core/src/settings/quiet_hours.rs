//! The hours of the day in which nobody is engaged, in a named time zone.

use std::time::Duration;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::SettingsError;
use crate::Timestamp;

/// From `from` until `to` on the wall clock of `time_zone`; `from` later than `to` spans
/// midnight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// Beginning, as `22:00`.
    pub from: String,
    /// End, as `07:30`.
    pub to: String,
    /// IANA name, as `Europe/Berlin`.
    pub time_zone: String,
}

impl QuietHours {
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        let (from, to, _) = self.parsed()?;
        if from == to {
            return Err(SettingsError::new(
                "quiet_hours",
                format!("from and to are both {}; to stop for good, halt the account", self.from),
            ));
        }
        Ok(())
    }

    fn parsed(&self) -> Result<(Time, Time, TimeZone), SettingsError> {
        let time = |field: &str, text: &str| {
            let bad = || {
                SettingsError::new(
                    format!("quiet_hours.{field}"),
                    format!("`{text}` is not a time of day such as 22:00"),
                )
            };
            let shape = text.len() == 5 && text.as_bytes().get(2) == Some(&b':');
            if !shape {
                return Err(bad());
            }
            Time::strptime("%H:%M", text).map_err(|_| bad())
        };
        let zone = TimeZone::get(&self.time_zone).map_err(|_| {
            SettingsError::new(
                "quiet_hours.time_zone",
                format!("`{}` is not a time zone such as Europe/Berlin or UTC", self.time_zone),
            )
        })?;
        Ok((time("from", &self.from)?, time("to", &self.to)?, zone))
    }

    /// When the quiet that holds at `now` ends; `None` if it is not quiet.
    pub fn quiet_until(&self, now: Timestamp) -> Option<Timestamp> {
        // A value that exists was checked; should the zone vanish nevertheless, quiet is the
        // safe side: ask again in an hour.
        let Ok((from, to, zone)) = self.parsed() else {
            return Some(now.plus(Duration::from_hours(1)));
        };
        let local = zone.to_datetime(now.to_jiff());
        let time = local.time();
        let (quiet, ends_today) = if from < to {
            (from <= time && time < to, true)
        } else {
            (time >= from || time < to, time < to)
        };
        if !quiet {
            return None;
        }
        let day: Date = if ends_today { local.date() } else { local.date().tomorrow().ok()? };
        let end = zone.to_ambiguous_timestamp(day.to_datetime(to)).later().ok()?;
        // Later than now in any case, so that waiting until then is never no wait at all.
        Some(Timestamp::from(end).max(now.plus(Duration::from_millis(1))))
    }
}
