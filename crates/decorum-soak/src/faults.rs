//! What may happen, how often, and for how long.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// What is done to the processes and what they stand on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// A worker is killed.
    Kill,
    /// A worker is held still for 1 to 180 s, and wakes up where it was.
    Freeze,
    /// A worker is asked to end, and started again.
    Restart,
    /// A phone is killed, and started again with its ledger.
    Phone,
    /// The line from a worker to the store is cut, or lets nothing through (MongoDB).
    Partition,
    /// The primary is killed, held still or demoted (MongoDB).
    Primary,
    /// There is no room left on the disk (SQLite).
    Disk,
    /// A worker is started with a clock that is wrong.
    Clock,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 8] = [
        Self::Kill,
        Self::Freeze,
        Self::Restart,
        Self::Phone,
        Self::Partition,
        Self::Primary,
        Self::Disk,
        Self::Clock,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::Freeze => "freeze",
            Self::Restart => "restart",
            Self::Phone => "phone",
            Self::Partition => "partition",
            Self::Primary => "primary",
            Self::Disk => "disk",
            Self::Clock => "clock",
        }
    }

    /// From one to the next, in seconds, on average. Clocks are set when a worker starts.
    const fn every(self) -> Option<f64> {
        match self {
            Self::Kill => Some(0.7),
            Self::Freeze => Some(5.0),
            Self::Restart => Some(7.0),
            Self::Phone => Some(12.0),
            Self::Partition => Some(4.0),
            Self::Primary => Some(15.0),
            Self::Disk => Some(14.0),
            Self::Clock => None,
        }
    }

    /// How long until it strikes next: at random, and the longer it is waited for the likelier.
    pub(crate) fn next(self, random: &mut fastrand::Rng) -> Option<Duration> {
        Some(Duration::from_secs_f64(self.every()? * random.f64().mul_add(1.6, 0.2)))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|fault| fault.name() == name);
        let all = Self::ALL.map(Self::name).join(", ");
        found.ok_or_else(|| format!("`{name}` is no fault; there are {all}"))
    }
}

/// How long a worker is held still. A third of them outlast every lease (30 s), and a few by far.
pub(crate) fn stillness(random: &mut fastrand::Rng) -> Duration {
    let seconds = match random.u8(0..10) {
        0..=5 => random.u64(1..8),
        6..=8 => random.u64(31..45),
        _ => random.u64(45..=180),
    };
    Duration::from_secs(seconds)
}

/// By how many seconds a clock is wrong. A clock that is ahead takes its account along, as no
/// decision is made as of a time before the account's newest event; so only `far` ones are by
/// more than half a minute.
pub(crate) fn clock_error(random: &mut fastrand::Rng, far: bool) -> i64 {
    match (random.u8(0..10), far) {
        (0..=3, _) => random.i64(1..30),
        (4..=6, _) => -random.i64(1..300),
        (7, _) => -3600,
        (_, false) => -random.i64(1..30),
        (8, true) => random.i64(30..300),
        (_, true) => 3600,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_read_as_it_is_written() {
        for fault in Fault::ALL {
            assert_eq!(fault.to_string().parse(), Ok(fault));
        }
        assert!("earthquake".parse::<Fault>().unwrap_err().contains("kill, freeze"));
    }

    #[test]
    fn stillness_is_within_its_limits_and_often_longer_than_a_lease() {
        let mut random = fastrand::Rng::with_seed(1);
        let all: Vec<u64> = (0..1000).map(|_| stillness(&mut random).as_secs()).collect();
        assert!(all.iter().all(|s| (1..=180).contains(s)));
        assert!(all.iter().filter(|s| **s > 30).count() > 300);
    }

    #[test]
    fn only_far_clocks_are_ahead_by_more_than_half_a_minute() {
        let mut random = fastrand::Rng::with_seed(1);
        assert!((0..1000).all(|_| clock_error(&mut random, false) <= 30));
        assert!((0..1000).any(|_| clock_error(&mut random, true) == 3600));
    }
}
