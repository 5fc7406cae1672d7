//! What a process has of the machine it runs on, and what outlives it there.

use std::path::Path;
use std::sync::Arc;

use crate::clock::{AnchorFile, AnchorKeeper, Clock, SystemClock};
use crate::entropy::{Entropy, SystemEntropy};
use crate::spool::{FileSpool, Spool};

/// One machine. A simulation brings its own.
#[derive(Clone)]
pub struct Machine {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// By what a clock that was set is noticed, also by the next process.
    pub anchor: Arc<dyn AnchorKeeper>,
    /// What the store has not taken yet.
    pub spool: Arc<dyn Spool>,
}

impl Machine {
    /// This machine, with its files in the data directory `dir`, and with a spool for the store at
    /// `place`.
    pub fn this(dir: &Path, place: &str) -> Self {
        Self {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            anchor: Arc::new(AnchorFile::in_dir(dir)),
            spool: Arc::new(FileSpool::in_dir(dir, place)),
        }
    }
}
