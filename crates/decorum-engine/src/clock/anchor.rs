//! A reading of wall and steady time that outlives the process. As long as the machine runs, both
//! must go on together from there; if they do not, somebody set the clock, and nobody is engaged
//! until a person says that it is right: every wait is judged by it.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use decorum_core::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Clock, JUMP, Jump};
use crate::sabotage::{Protection, is_off};

/// Wall and steady time at one moment of one boot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// The boot ([`Clock::boot`]).
    pub boot: String,
    /// Wall time.
    pub wall: Timestamp,
    /// Steady time, in milliseconds.
    pub steady_ms: u64,
}

impl Anchor {
    /// Reads both.
    pub fn read(clock: &dyn Clock) -> Self {
        let steady_ms = u64::try_from(clock.steady().as_millis()).unwrap_or(u64::MAX);
        Self { boot: clock.boot().into_owned(), wall: clock.now(), steady_ms }
    }

    fn passed(&self, clock: &dyn Clock) -> Duration {
        clock.steady().saturating_sub(Duration::from_millis(self.steady_ms))
    }

    /// By how much, and in which direction, the wall clock was set since; `None` while it runs
    /// true to within [`JUMP`]. After a restart of the machine only the direction back shows.
    pub fn jumped(&self, clock: &dyn Clock) -> Option<Jump> {
        self.jumped_at(clock.now(), clock)
    }

    /// The same of wall time that was just read.
    fn jumped_at(&self, now: Timestamp, clock: &dyn Clock) -> Option<Jump> {
        if clock.boot() != self.boot {
            return Some(self.wall.left(now)).filter(|by| *by > JUMP).map(Jump::Back);
        }
        let expected = self.wall.plus(self.passed(clock));
        let (forward, back) = (now.left(expected), expected.left(now));
        if forward > JUMP {
            Some(Jump::Forward(forward))
        } else if back > JUMP {
            Some(Jump::Back(back))
        } else {
            None
        }
    }
}

/// Where an anchor is kept while no process runs.
pub trait AnchorKeeper: Send + Sync {
    /// The one that is kept, if any.
    ///
    /// # Errors
    /// When it cannot be read.
    fn load(&self) -> io::Result<Option<Anchor>>;

    /// Keeps this one instead.
    ///
    /// # Errors
    /// When it cannot be written; then the old one is still there.
    fn save(&self, anchor: &Anchor) -> io::Result<()>;
}

/// An anchor in a file.
#[derive(Clone, Debug)]
pub struct AnchorFile {
    path: PathBuf,
}

impl AnchorFile {
    /// `clock.json` in the data directory.
    pub fn in_dir(dir: &Path) -> Self {
        Self { path: dir.join("clock.json") }
    }
}

impl AnchorKeeper for AnchorFile {
    fn load(&self) -> io::Result<Option<Anchor>> {
        let text = match fs::read(&self.path) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(about(&self.path, &e)),
        };
        serde_json::from_slice(&text).map(Some).map_err(|e| about(&self.path, &e.into()))
    }

    fn save(&self, anchor: &Anchor) -> io::Result<()> {
        let write = || {
            if let Some(dir) = self.path.parent() {
                fs::create_dir_all(dir)?;
            }
            // A name of its own: two processes may do this at the same time.
            let new = self.path.with_extension(format!("json.{}", uuid::Uuid::now_v7()));
            let mut file = File::create_new(&new)?;
            file.write_all(&serde_json::to_vec(anchor)?)?;
            file.sync_all()?;
            fs::rename(&new, &self.path)
        };
        write().map_err(|e| about(&self.path, &e))
    }
}

fn about(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// Why the clock is not to be relied on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// It was set.
    #[error(
        "the clock of this machine was set {0}, and every wait is judged by it; correct it, or, if \
         it is right as it is: decorum doctor --confirm-clock"
    )]
    Jumped(Jump),
    /// Whether it was cannot be told.
    #[error("nobody can tell whether the clock of this machine was set: {0}")]
    Unknown(String),
}

/// The clock, compared with its anchor for as long as the process runs. While it is wrong, it shows
/// the time as the anchor has it, so that what happened is still recorded as of when it happened.
pub struct Watch {
    clock: Arc<dyn Clock>,
    keeper: Arc<dyn AnchorKeeper>,
    anchor: Mutex<Option<Anchor>>,
}

impl Watch {
    /// Watches from the anchor that is kept; the first look makes one if there is none.
    pub fn new(clock: Arc<dyn Clock>, keeper: Arc<dyn AnchorKeeper>) -> Self {
        Self { clock, keeper, anchor: Mutex::new(None) }
    }

    /// What is wrong with the clock now; `None`: it may be relied on.
    pub fn trouble(&self) -> Option<Trouble> {
        self.judged(self.clock.now())
    }

    /// What is wrong with the clock that shows `now`.
    fn judged(&self, now: Timestamp) -> Option<Trouble> {
        if is_off(Protection::ClockWatch) {
            return None;
        }
        let clock = self.clock.as_ref();
        let mut anchor = self.anchor.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = anchor.as_ref().filter(|a| a.boot == clock.boot())
            && known.jumped_at(now, clock).is_none()
        {
            return None;
        }
        // A person may have said meanwhile, to another process, that the clock is right.
        match self.keeper.load() {
            Err(e) => return Some(Trouble::Unknown(e.to_string())),
            Ok(Some(kept)) => {
                if let Some(jump) = kept.jumped(clock) {
                    *anchor = Some(kept);
                    return Some(Trouble::Jumped(jump));
                }
                if kept.boot == clock.boot() {
                    *anchor = Some(kept);
                    return None;
                }
            }
            Ok(None) => {
                // Gone while we watched: what this process saw itself still counts.
                if let Some(jump) = anchor.as_ref().and_then(|a| a.jumped(clock)) {
                    return Some(Trouble::Jumped(jump));
                }
            }
        }
        let fresh = Anchor::read(clock);
        if let Err(e) = self.keeper.save(&fresh) {
            return Some(Trouble::Unknown(e.to_string()));
        }
        *anchor = Some(fresh);
        None
    }

    /// What the clock should show, by the anchor; `None` if there is none for this boot.
    fn expected(&self) -> Option<Timestamp> {
        let anchor = self.anchor.lock().unwrap_or_else(PoisonError::into_inner);
        let anchor = anchor.as_ref().filter(|anchor| anchor.boot == self.clock.boot())?;
        Some(anchor.wall.plus(anchor.passed(self.clock.as_ref())))
    }

    /// A person says that the clock is right as it is now.
    ///
    /// # Errors
    /// When that cannot be kept.
    pub fn confirm(&self) -> io::Result<()> {
        let fresh = Anchor::read(self.clock.as_ref());
        self.keeper.save(&fresh)?;
        *self.anchor.lock().unwrap_or_else(PoisonError::into_inner) = Some(fresh);
        Ok(())
    }
}

#[async_trait]
impl Clock for Watch {
    fn now(&self) -> Timestamp {
        let now = self.clock.now();
        let jumped = matches!(self.judged(now), Some(Trouble::Jumped(_)));
        let expected = if jumped { self.expected() } else { None };
        expected.unwrap_or(now)
    }

    fn steady(&self) -> Duration {
        self.clock.steady()
    }

    fn boot(&self) -> Cow<'_, str> {
        self.clock.boot()
    }

    async fn sleep(&self, how_long: Duration) {
        self.clock.sleep(how_long).await;
    }
}
