//! How large everything is: large enough to be worth quoting, or small enough to try the program.

/// Sizes that a person may choose, and whether the rest is small.
#[derive(Clone, Debug)]
pub(crate) struct Scale {
    pub(crate) quick: bool,
    /// Lengths of the logs that pages are read from, shortest first.
    pub(crate) events: Vec<u64>,
    /// Events of the long log that is exported, and of the short one beside it.
    pub(crate) exported: (u64, u64),
    /// Events of the long log that pages of a MongoDB store are read from.
    pub(crate) mongodb_events: u64,
    /// Clients that follow the stream and hear nothing.
    pub(crate) followers: usize,
}

impl Scale {
    /// As `make bench` has it.
    pub(crate) fn whole() -> Self {
        Self {
            quick: false,
            events: vec![100_000, 1_000_000, 5_000_000],
            exported: (1_000_000, 100_000),
            mongodb_events: 100_000,
            followers: 10_000,
        }
    }

    /// Everything small.
    pub(crate) fn quick() -> Self {
        Self {
            quick: true,
            events: vec![10_000, 20_000],
            exported: (20_000, 10_000),
            mongodb_events: 10_000,
            followers: 200,
        }
    }

    /// One of two sizes.
    pub(crate) fn of<T>(&self, whole: T, quick: T) -> T {
        if self.quick { quick } else { whole }
    }

    /// How often something is measured.
    pub(crate) fn samples(&self, whole: usize) -> usize {
        self.of(whole, 3)
    }
}
