//! Times as other programs write them.

use std::str::FromStr;

use decorum_core::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// Where times without an offset were written down.
#[derive(Clone, Debug)]
pub struct Zone(TimeZone);

/// A name that is no time zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time zone; write it as in Europe/Berlin")]
pub struct ZoneError(String);

/// The zone with this name, as in the IANA's database.
impl FromStr for Zone {
    type Err = ZoneError;

    fn from_str(name: &str) -> Result<Self, ZoneError> {
        let fail = |_| ZoneError(name.chars().take(60).collect());
        TimeZone::get(name.trim()).map(Self).map_err(fail)
    }
}

impl Zone {
    /// The machine's; UTC if it names none.
    pub fn of_this_machine() -> Self {
        Self(TimeZone::try_system().unwrap_or(TimeZone::UTC))
    }

    /// Its name, if it has one.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("the machine's time zone")
    }
}

/// An instant, and the earliest it can have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) at: Timestamp,
    pub(crate) earliest: Timestamp,
}

impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        Self { at, earliest: at }
    }
}

/// Seconds since 1970 beyond this are milliseconds: it is the year 5138, and as milliseconds
/// it is the year 1973.
const SECONDS_MAX: i64 = 100_000_000_000;

/// When Instagram was launched, 2010-10-06: nobody was engaged on it before. What seems earlier
/// is a number read as something else, such as the digits of a day as seconds since 1970.
pub(crate) const LAUNCH: Timestamp = Timestamp::from_millis(1_286_323_200_000);

fn within(millis: i64) -> Option<Timestamp> {
    let instant = Timestamp::from_millis(millis);
    (instant.as_millis() == millis).then_some(instant)
}

/// A number as seconds since 1970; `None` if it is no such number, and for zero, which stands
/// for a time that nobody knows.
pub(crate) fn unix_seconds(seconds: i64) -> Option<Timestamp> {
    (seconds > 0).then_some(())?;
    within(seconds.checked_mul(1000)?)
}

fn local(datetime: DateTime, zone: &Zone) -> Option<Timestamp> {
    let instant = zone.0.to_timestamp(datetime).ok()?;
    within(instant.as_millisecond())
}

/// A local date and time such as `2026-01-31 09:30:00.123456`, `2026-01-31T09:30` or
/// `2026-01-31 09:30:00`.
pub(crate) fn local_time(text: &str, zone: &Zone) -> Option<Timestamp> {
    let text = text.trim();
    // `DateTime` alone would take a date for midnight, and skip over an offset.
    let time = text.get(10..)?;
    let plain = time.bytes().all(|b| matches!(b, b'0'..=b'9' | b':' | b'.' | b' ' | b'T' | b't'));
    (plain && time.contains(':')).then_some(())?;
    local(text.parse().ok()?, zone)
}

/// A time in a cell: RFC 3339, seconds or milliseconds since 1970, a local date and time, or a
/// day. Of a day it is the last second: the cautious end of what it may mean.
pub(crate) fn of_cell(text: &str, zone: &Zone) -> Option<Moment> {
    let text = text.trim();
    if let Ok(number) = text.parse::<i64>() {
        let instant = if number < SECONDS_MAX { unix_seconds(number) } else { within(number) };
        return instant.map(Moment::from);
    }
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant.into());
    }
    if let Some(instant) = local_time(text, zone) {
        return Some(instant.into());
    }
    if text.len() != "2026-01-31".len() {
        return None;
    }
    let day: Date = text.parse().ok()?;
    Some(Moment {
        at: local(day.at(23, 59, 59, 0), zone)?,
        earliest: local(day.at(0, 0, 0, 0), zone)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn berlin() -> Zone {
        "Europe/Berlin".parse().unwrap()
    }

    fn cell(text: &str) -> Option<String> {
        of_cell(text, &berlin()).map(|moment| moment.at.to_string())
    }

    #[test]
    fn a_cell_is_read_in_every_form() {
        for (text, instant) in [
            ("2026-01-31T09:30:00Z", "2026-01-31T09:30:00.000Z"),
            ("2026-01-31T09:30:00.123+02:00", "2026-01-31T07:30:00.123Z"),
            ("1769851800", "2026-01-31T09:30:00.000Z"),
            ("1769851800123", "2026-01-31T09:30:00.123Z"),
            ("2026-01-31 09:30:00", "2026-01-31T08:30:00.000Z"),
            ("2026-07-31 09:30", "2026-07-31T07:30:00.000Z"),
            (" 2026-07-31T09:30:00.5 ", "2026-07-31T07:30:00.500Z"),
            ("2026-01-31", "2026-01-31T22:59:59.000Z"),
        ] {
            assert_eq!(cell(text).as_deref(), Some(instant), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "soon",
            "0",
            "-5",
            "2026-13-01",
            "2026-01-31 25:00",
            "31.01.2026",
            "2026-01",
            "09:30",
        ] {
            assert_eq!(cell(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_is_not_over_before_its_last_second() {
        let day = of_cell("2026-01-31", &berlin()).unwrap();
        assert_eq!(day.earliest.to_string(), "2026-01-30T23:00:00.000Z");
        assert!(day.at > day.earliest);
    }

    #[test]
    fn a_zone_that_is_none_is_refused() {
        assert!("Europe/Atlantis".parse::<Zone>().is_err());
        assert_eq!(berlin().name(), "Europe/Berlin");
    }
}
