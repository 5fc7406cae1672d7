//! Rows of medians and their ratio.

#![expect(clippy::print_stdout, reason = "the tables are what the program is for")]

use std::fmt;
use std::time::Duration;

/// Prints the heading of a table.
pub(crate) fn heading(what: &str, reference: &str) {
    println!("\n{what}; reference: {reference}");
    println!("{:<44} {:>12} {:>12} {:>7}  spread (min to max)", "", "median", "reference", "ratio");
}

/// One thing measured beside its reference.
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) samples: Vec<f64>,
    pub(crate) reference: Vec<f64>,
    pub(crate) unit: &'static str,
}

impl Row {
    /// Times in milliseconds.
    pub(crate) fn millis(what: &str, samples: &[Duration], reference: &[Duration]) -> Self {
        let ms = |d: &[Duration]| d.iter().map(|d| d.as_secs_f64() * 1000.0).collect();
        Self { what: what.to_owned(), samples: ms(samples), reference: ms(reference), unit: "ms" }
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
            "{:<44} {is:>9.2} {unit} {reference:>9.2} {unit} {:>7.2}  {low:.2} to {high:.2} {unit}",
            self.what,
            is / reference
        )
    }
}
