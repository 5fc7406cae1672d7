//! An instant in UTC with millisecond precision: the only notion of time in the core.
//!
//! Milliseconds because that is what every keeper can store exactly (`MongoDB` dates are
//! milliseconds), so an instant that was hashed into the chain reads back bit for bit.
//! Arithmetic saturates at the edges of the range instead of failing: a window that would
//! end after the year 9999 ends there.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Milliseconds since 1970-01-01T00:00:00Z, between the years 1970 and 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const MIN: Self = Self(0);
    /// 9999-12-30T22:00:00.999Z, the last instant every library involved can represent.
    pub const MAX: Self = Self(253_402_207_200_999);

    /// The instant `millis` after the epoch, clamped to [`Timestamp::MIN`]..=[`Timestamp::MAX`].
    pub const fn from_millis(millis: i64) -> Self {
        if millis < Self::MIN.0 {
            Self::MIN
        } else if millis > Self::MAX.0 {
            Self::MAX
        } else {
            Self(millis)
        }
    }

    /// Milliseconds since the epoch; never negative.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// This instant moved into the future, saturating.
    #[must_use]
    pub fn plus(self, by: Duration) -> Self {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        Self::from_millis(self.0.saturating_add(by))
    }

    /// This instant moved into the past, saturating.
    #[must_use]
    pub fn minus(self, by: Duration) -> Self {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        Self::from_millis(self.0.saturating_sub(by))
    }

    /// How long from `now` until this instant; zero once it has come.
    pub fn left(self, now: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0 - now.0).unwrap_or(0))
    }

    /// The same instant for calendar arithmetic.
    pub fn to_jiff(self) -> jiff::Timestamp {
        // By seconds, because `from_millisecond` refuses the last second of the range. Every
        // value fits; the far end is the safe answer for a wait should that ever be wrong.
        let millis = Duration::from_millis(self.0.unsigned_abs());
        let seconds = i64::try_from(millis.as_secs()).unwrap_or(i64::MAX);
        let nanos = i32::try_from(millis.subsec_nanos()).unwrap_or(0);
        jiff::Timestamp::new(seconds, nanos).unwrap_or(jiff::Timestamp::MAX)
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(t: jiff::Timestamp) -> Self {
        Self::from_millis(t.as_millisecond())
    }
}

/// RFC 3339 in UTC, always with three decimals, so that texts sort as instants do.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.to_jiff())
    }
}

/// A text that is not an instant between 1970 and 9999 in RFC 3339.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time; write it as in 2026-01-31T09:30:00Z (RFC 3339, with Z or an offset)")]
pub struct TimestampError(String);

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fail = || TimestampError(text.chars().take(64).collect());
        let t: jiff::Timestamp = text.trim().parse().map_err(|_| fail())?;
        let millis = t.as_millisecond();
        if !(Self::MIN.0..=Self::MAX.0).contains(&millis) {
            return Err(fail());
        }
        Ok(Self(millis))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        text.parse().map_err(de::Error::custom)
    }
}
