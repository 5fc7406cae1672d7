//! Five fields of times, as `cron` has them: minute, hour, day of the month, month, weekday.
//!
//! `*`, numbers, names of months and weekdays (`mon`), lists (`1,15`), ranges (`9-17`) and steps
//! (`*/15`, `9-17/2`). When both day fields restrict, either is enough, as in Paul Vixie's cron.

use std::str::FromStr;

use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime};

/// The longest expression, in bytes.
const EXPR_MAX: usize = 200;

/// Days looked ahead: a 29 February on a Sunday may be forty years away, around 2100.
const DAYS_AHEAD: u32 = 41 * 366;

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// Times on a wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cron {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    /// Bit 0 is Sunday.
    weekdays: u64,
    /// Whether one of the two day fields was `*`, so that both must fit.
    both_days: bool,
}

/// What is wrong with an expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    /// Not five fields.
    #[error(
        "`{0}` does not have the five fields minute, hour, day, month, weekday; as in 30 9 * * mon-fri"
    )]
    Fields(String),
    /// A field that cannot be read.
    #[error(
        "the {field} `{found}` is not possible; write {low} to {high}, lists (1,15), ranges (9-17), steps (*/15) or *"
    )]
    Field {
        /// Which.
        field: &'static str,
        /// Its beginning.
        found: String,
        /// The lowest number possible.
        low: u8,
        /// The highest number possible.
        high: u8,
    },
    /// No day of the calendar fits.
    #[error("`{0}` never happens; no such day is in the calendar")]
    Never(String),
}

/// What a field may hold.
struct Range {
    field: &'static str,
    low: u8,
    high: u8,
    names: &'static [&'static str],
}

impl Range {
    /// The numbers of the field as bits.
    fn read(&self, text: &str) -> Option<u64> {
        text.split(',').try_fold(0, |bits, part| Some(bits | self.part(part)?))
    }

    fn part(&self, text: &str) -> Option<u64> {
        let (range, step) = match text.split_once('/') {
            Some((range, step)) => (range, Some(digits(step).filter(|step| *step > 0)?)),
            None => (text, None),
        };
        let (from, to) = if range == "*" {
            (self.low, self.high)
        } else if let Some((from, to)) = range.split_once('-') {
            (self.number(from)?, self.number(to)?)
        } else {
            let from = self.number(range)?;
            // `5/15` means from 5 on, as everywhere.
            (from, if step.is_some() { self.high } else { from })
        };
        if from > to {
            return None;
        }
        let numbers = (from..=to).step_by(usize::from(step.unwrap_or(1)));
        Some(numbers.fold(0, |bits, n| bits | 1 << n))
    }

    fn number(&self, text: &str) -> Option<u8> {
        let named = self.names.iter().position(|name| name.eq_ignore_ascii_case(text));
        let number = match named {
            Some(at) => u8::try_from(at).ok()? + self.low,
            None => digits(text)?,
        };
        (self.low..=self.high).contains(&number).then_some(number)
    }
}

/// One or two digits, and no sign.
fn digits(text: &str) -> Option<u8> {
    let plain = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

impl FromStr for Cron {
    type Err = CronError;

    fn from_str(text: &str) -> Result<Self, CronError> {
        let short = || text.chars().take(60).collect::<String>();
        let fields: Vec<_> = text.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields.as_slice() else {
            return Err(CronError::Fields(short()));
        };
        if text.len() > EXPR_MAX {
            return Err(CronError::Fields(short()));
        }
        let read = |field, low, high, names, text: &str| {
            let range = Range { field, low, high, names };
            range.read(text).ok_or_else(|| CronError::Field {
                field: range.field,
                found: text.chars().take(40).collect(),
                low,
                high,
            })
        };
        // Sunday may be called 7.
        let weekdays = read("weekday", 0, 7, &WEEKDAYS, weekday)?;
        let cron = Self {
            minutes: read("minute", 0, 59, &[], minute)?,
            hours: read("hour", 0, 23, &[], hour)?,
            days: read("day", 1, 31, &[], day)?,
            months: read("month", 1, 12, &MONTHS, month)?,
            weekdays: (weekdays | weekdays >> 7) & 0x7f,
            both_days: day.starts_with('*') || weekday.starts_with('*'),
        };
        if cron.from(jiff::civil::date(2000, 1, 1).at(0, 0, 0, 0)).is_none() {
            return Err(CronError::Never(short()));
        }
        Ok(cron)
    }
}

impl Cron {
    fn has_day(&self, date: Date) -> bool {
        let has = |bits: u64, n: i8| u32::try_from(n).is_ok_and(|n| bits >> n & 1 == 1);
        let day = has(self.days, date.day());
        let weekday = has(self.weekdays, date.weekday().to_sunday_zero_offset());
        has(self.months, date.month())
            && if self.both_days { day && weekday } else { day || weekday }
    }

    /// The first time in the minute of `from` or later, on the wall clock.
    pub(super) fn from(&self, from: DateTime) -> Option<DateTime> {
        let mut date = from.date();
        let mut earliest = (from.hour(), from.minute());
        for _ in 0..DAYS_AHEAD {
            if self.has_day(date)
                && let Some((hour, minute)) = self.time_from(earliest)
            {
                return Some(date.at(hour, minute, 0, 0));
            }
            date = date.checked_add(1.day()).ok()?;
            earliest = (0, 0);
        }
        None
    }

    fn time_from(&self, (hour, minute): (i8, i8)) -> Option<(i8, i8)> {
        let first = |bits: u64, from: i8, to: i8| (from..to).find(|n| bits >> n & 1 == 1);
        if self.hours >> hour & 1 == 1
            && let Some(minute) = first(self.minutes, minute, 60)
        {
            return Some((hour, minute));
        }
        Some((first(self.hours, hour + 1, 24)?, first(self.minutes, 0, 60)?))
    }
}
