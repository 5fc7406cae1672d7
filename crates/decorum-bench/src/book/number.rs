//! Numbers as people read them: three digits that mean something, thousands apart.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Unit {
    #[serde(rename = "ns")]
    Nanos,
    #[serde(rename = "us")]
    Micros,
    #[serde(rename = "ms")]
    Millis,
    #[serde(rename = "s")]
    Seconds,
    #[serde(rename = "/s")]
    PerSecond,
    #[serde(rename = "MB")]
    Megabytes,
    #[serde(rename = "")]
    Count,
}

impl Unit {
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Nanos => "ns",
            Self::Micros => "µs",
            Self::Millis => "ms",
            Self::Seconds => "s",
            Self::PerSecond => "/s",
            Self::Megabytes => "MB",
            Self::Count => "",
        }
    }

    /// A duration in this unit; as [`Unit::PerSecond`] how many a second, from the time of one.
    pub(crate) fn of(self, duration: Duration) -> f64 {
        let seconds = duration.as_secs_f64();
        match self {
            Self::Nanos => seconds * 1e9,
            Self::Micros => seconds * 1e6,
            Self::Millis => seconds * 1e3,
            Self::PerSecond => 1.0 / seconds,
            Self::Seconds | Self::Megabytes | Self::Count => seconds,
        }
    }

    pub(crate) fn all(self, durations: &[Duration]) -> Vec<f64> {
        durations.iter().map(|duration| self.of(*duration)).collect()
    }

    pub(crate) fn show(self, value: f64) -> String {
        match self {
            Self::PerSecond => format!("{}/s", number(value)),
            Self::Count => number(value),
            _ => format!("{} {}", number(value), self.label()),
        }
    }
}

/// `12,345`: a number of things.
pub(crate) fn whole(things: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "nobody counts so far")]
    number(things as f64)
}

/// `0.0123`, `1.23`, `12.3`, `123`, `12,345`.
pub(super) fn number(value: f64) -> String {
    let size = value.abs();
    let digits = if size >= 100.0 || size == 0.0 {
        0
    } else if size >= 10.0 {
        1
    } else if size >= 1.0 {
        2
    } else if size >= 0.1 {
        3
    } else {
        4
    };
    let text = format!("{value:.digits$}");
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    // What is exact is not written as if it were measured.
    let rest = if rest.bytes().all(|digit| digit == b'0') { "" } else { rest };
    let mut out = String::new();
    for (place, digit) in whole.char_indices() {
        let left = whole.len() - place;
        if place > 0 && left.is_multiple_of(3) && !out.ends_with('-') {
            out.push(',');
        }
        out.push(digit);
    }
    if rest.is_empty() { out } else { format!("{out}.{rest}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_that_mean_something() {
        for (value, shown) in [
            (0.0, "0"),
            (0.012_34, "0.0123"),
            (0.6, "0.600"),
            (1.234, "1.23"),
            (2.0, "2"),
            (45.67, "45.7"),
            (123.4, "123"),
            (12_345.6, "12,346"),
            (1_234_567.0, "1,234,567"),
        ] {
            assert_eq!(number(value), shown);
        }
        assert_eq!(Unit::PerSecond.show(1000.0), "1,000/s");
        assert_eq!(Unit::Millis.show(1.5), "1.50 ms");
    }

    #[test]
    fn a_rate_is_how_often_it_fits_into_a_second() {
        assert!((Unit::PerSecond.of(Duration::from_millis(2)) - 500.0).abs() < 1e-9);
    }
}
