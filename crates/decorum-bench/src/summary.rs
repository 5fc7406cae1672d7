//! What several measurements of one thing come to: their median, and how far they lie apart.
//!
//! Machines are noisy in one direction only, so a mean would tell more of the noise than of the
//! thing. All benchmarks summarize here.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Median, least and greatest of some samples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Summary {
    pub(crate) median: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) samples: usize,
}

impl Summary {
    /// Of these samples; of none, nothing but zeros.
    pub(crate) fn of(samples: &[f64]) -> Self {
        let mut sorted = samples.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |place: usize| sorted.get(place).copied().unwrap_or_default();
        let middle = sorted.len() / 2;
        let median = if sorted.len().is_multiple_of(2) && middle > 0 {
            f64::midpoint(at(middle - 1), at(middle))
        } else {
            at(middle)
        };
        let high = at(sorted.len().saturating_sub(1));
        Self { median, low: at(0), high, samples: samples.len() }
    }
}

/// The sample below which this share of all lies, 0 to 1 (nearest rank).
pub(crate) fn percentile(sorted: &[Duration], share: f64) -> Duration {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a place in a list"
    )]
    let rank = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_whatever_the_order() {
        assert!((Summary::of(&[3.0, 1.0, 200.0]).median - 3.0).abs() < f64::EPSILON);
        let even = Summary::of(&[4.0, 1.0, 2.0, 3.0]);
        assert!((even.median - 2.5).abs() < f64::EPSILON);
        assert_eq!((even.low.to_bits(), even.high.to_bits()), (1_f64.to_bits(), 4_f64.to_bits()));
        assert_eq!(Summary::of(&[]).samples, 0);
    }

    #[test]
    fn a_percentile_is_one_of_the_samples() {
        let ms: Vec<Duration> = (1..=100).map(Duration::from_millis).collect();
        assert_eq!(percentile(&ms, 0.5), Duration::from_millis(50));
        assert_eq!(percentile(&ms, 0.99), Duration::from_millis(99));
        assert_eq!(percentile(&ms[..1], 0.99), Duration::from_millis(1));
        assert_eq!(percentile(&[], 0.99), Duration::ZERO);
    }
}
