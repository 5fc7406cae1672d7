//! Rows of medians and their ratio.

#![expect(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "the tables are what the program is for"
)]

use std::fmt;
use std::time::Duration;

/// Prints the heading of a table.
pub(crate) fn heading(what: &str, reference: &str) {
    println!("\n{what}; reference: {reference}");
    println!("{:<50} {:>13} {:>13} {:>7}  spread (min to max)", "", "median", "reference", "ratio");
}

/// Prints a row as soon as it is measured.
pub(crate) fn row(row: &Row) {
    println!("{row}");
}

/// Says how far a long preparation is.
pub(crate) fn progress(how: &str) {
    eprintln!("{how}");
}

/// One thing measured beside its reference.
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) samples: Vec<f64>,
    pub(crate) reference: Vec<f64>,
    pub(crate) unit: &'static str,
}

impl Row {
    /// Times in milliseconds: a ratio above 1 is slower than the reference.
    pub(crate) fn millis(what: &str, samples: &[Duration], reference: &[Duration]) -> Self {
        let ms = |d: &[Duration]| d.iter().map(|d| d.as_secs_f64() * 1000.0).collect();
        Self { what: what.to_owned(), samples: ms(samples), reference: ms(reference), unit: "ms" }
    }

    /// Times in microseconds: a ratio above 1 is slower than the reference.
    pub(crate) fn micros(what: &str, samples: &[Duration], reference: &[Duration]) -> Self {
        let us = |d: &[Duration]| d.iter().map(|d| d.as_secs_f64() * 1_000_000.0).collect();
        Self { what: what.to_owned(), samples: us(samples), reference: us(reference), unit: "us" }
    }

    /// How many a second, from the time of one: a ratio below 1 is slower than the reference.
    pub(crate) fn rate(what: &str, each: &[Duration], reference: &[Duration]) -> Self {
        let rate = |d: &[Duration]| d.iter().map(|d| 1.0 / d.as_secs_f64()).collect();
        let what = what.to_owned();
        Self { what, samples: rate(each), reference: rate(reference), unit: "/s" }
    }
}

fn median(samples: &[f64]) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (is, reference) = (median(&self.samples), median(&self.reference));
        let low = self.samples.iter().copied().fold(f64::INFINITY, f64::min);
        let high = self.samples.iter().copied().fold(0.0, f64::max);
        let unit = self.unit;
        write!(
            f,
            "{:<50} {is:>10.2} {unit} {reference:>10.2} {unit} {:>7.2}  {low:.2} to {high:.2} {unit}",
            self.what,
            is / reference
        )
    }
}
