//! What is said while it is measured.

#![expect(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "the tables are what the program is for"
)]

use std::time::{Duration, Instant};

/// How often to say how far something is.
const SPOKEN: Duration = Duration::from_secs(10);

/// Begins a table.
pub(crate) fn heading(title: &str) {
    println!("\n{title}");
    println!("{:<58} {:>14} {:>14}  ratio (spread)", "", "ours", "reference");
}

/// Shows a row as soon as it is measured.
pub(crate) fn row(row: &str) {
    println!("{row}");
}

/// Says what is being done.
pub(crate) fn say(what: &str) {
    eprintln!("{what}");
}

/// Says now and then how far something long is.
pub(crate) struct Progress {
    what: String,
    spoken: Instant,
}

impl Progress {
    pub(crate) fn of(what: impl Into<String>) -> Self {
        Self { what: what.into(), spoken: Instant::now() }
    }

    pub(crate) fn at(&mut self, done: u64, all: u64) {
        if self.spoken.elapsed() > SPOKEN {
            say(&format!("{}: {done} of {all}", self.what));
            self.spoken = Instant::now();
        }
    }
}
