//! How latencies are spread, in few numbers: a log-linear histogram.
//!
//! Values below 32 have a bucket each. Above, every power of two is cut into sixteen equal
//! buckets, and a value read back is the middle of its bucket, so it is off by at most 1/32
//! (3.2 %). The largest value is kept exactly. The idea is that of G. Tene's `HdrHistogram`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Buckets per power of two, as a power of two.
const BITS: u32 = 4;

/// How many values fell into which bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Stored", from = "Stored")]
pub(crate) struct Histogram {
    buckets: BTreeMap<u16, u64>,
    max: u64,
}

/// As it is kept: the buckets as pairs of number and count, in order.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    max: u64,
    buckets: Vec<(u16, u64)>,
}

impl From<Histogram> for Stored {
    fn from(h: Histogram) -> Self {
        Self { max: h.max, buckets: h.buckets.into_iter().collect() }
    }
}

impl From<Stored> for Histogram {
    fn from(s: Stored) -> Self {
        Self { max: s.max, buckets: s.buckets.into_iter().collect() }
    }
}

/// The bucket a value falls into.
fn bucket(value: u64) -> u16 {
    let shift = (u64::BITS - value.leading_zeros()).saturating_sub(BITS + 1);
    let within = value >> shift;
    u16::try_from(u64::from(shift << BITS) + within).unwrap_or(u16::MAX)
}

/// The middle of a bucket.
fn middle(bucket: u16) -> u64 {
    let bucket = u32::from(bucket);
    let shift = (bucket >> BITS).saturating_sub(1).min(u64::BITS - BITS - 1);
    let within = u64::from(bucket - (shift << BITS));
    (within << shift) + ((1_u64 << shift) - 1) / 2
}

impl Histogram {
    pub(crate) fn add(&mut self, value: u64) {
        *self.buckets.entry(bucket(value)).or_default() += 1;
        self.max = self.max.max(value);
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (bucket, n) in &other.buckets {
            *self.buckets.entry(*bucket).or_default() += n;
        }
        self.max = self.max.max(other.max);
    }

    /// How many values there are.
    pub(crate) fn count(&self) -> u64 {
        self.buckets.values().sum()
    }

    /// The largest value, exactly; `None` without values.
    pub(crate) fn max(&self) -> Option<u64> {
        (!self.buckets.is_empty()).then_some(self.max)
    }

    /// The smallest value that at least `percent` of the values do not exceed (nearest rank);
    /// `None` without values.
    pub(crate) fn percentile(&self, percent: u32) -> Option<u64> {
        let rank = self.count().saturating_mul(u64::from(percent)).div_ceil(100).max(1);
        let mut seen = 0;
        let found = self.buckets.iter().find(|(_, n)| {
            seen += **n;
            seen >= rank
        });
        found.map(|(bucket, _)| middle(*bucket).min(self.max))
    }
}
