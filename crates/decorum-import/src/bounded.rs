//! A reader with two limits, so that no file fills the memory or runs for ever: what one entry
//! may take, and what the whole may take once it is inflated.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// The most that one entry takes, in bytes. The largest real one, a caption with all its
/// hashtags, is a hundredth of it.
const ENTRY_MAX: u64 = 1024 * 1024;

/// The most that a file in an archive is inflated to, in bytes: likes of many years are a
/// hundredth of it.
pub(crate) const INFLATED_MAX: u64 = 4 * 1024 * 1024 * 1024;

/// What the entry under way has taken so far. Readers of entries set it back after each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Allowance {
    taken: Rc<Cell<u64>>,
    exceeded: Rc<Cell<Option<Exceeded>>>,
}

/// Which limit was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exceeded {
    Entry,
    Whole,
}

impl Exceeded {
    /// What was too large, for a person.
    pub(crate) fn explained(self) -> String {
        match self {
            Self::Entry => format!(
                "an entry of more than {} MB; no real one is so large",
                ENTRY_MAX / 1024 / 1024
            ),
            Self::Whole => format!(
                "the file inflates to more than {} GB; no real one is so large",
                INFLATED_MAX / 1024 / 1024 / 1024
            ),
        }
    }
}

impl Allowance {
    /// An entry has ended; the next may take as much again.
    pub(crate) fn renew(&self) {
        self.taken.set(0);
    }

    /// The limit that ended the reading, if one did.
    pub(crate) fn exceeded(&self) -> Option<Exceeded> {
        self.exceeded.get()
    }
}

/// Reads from `inner` as far as the limits allow.
pub(crate) struct Bounded<R> {
    inner: R,
    left: u64,
    allowance: Allowance,
}

impl<R: Read> Bounded<R> {
    pub(crate) fn new(inner: R, whole_max: u64, allowance: &Allowance) -> Self {
        Self { inner, left: whole_max, allowance: allowance.clone() }
    }

    fn refuse(&self, exceeded: Exceeded) -> io::Error {
        self.allowance.exceeded.set(Some(exceeded));
        io::Error::other(exceeded.explained())
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.allowance.taken.get() > ENTRY_MAX {
            return Err(self.refuse(Exceeded::Entry));
        }
        let n = self.inner.read(buffer)?;
        self.left = match self.left.checked_sub(n as u64) {
            Some(left) => left,
            None => return Err(self.refuse(Exceeded::Whole)),
        };
        self.allowance.taken.set(self.allowance.taken.get() + n as u64);
        Ok(n)
    }
}
