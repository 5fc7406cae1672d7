//! Playing many schedules at once, until one breaks a promise.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use decorum_engine::run::Kit;

use crate::phone::lock;
use crate::protection::{Protection, leave_out};
use crate::scene::{Kind, Scene};
use crate::watcher::Violation;
use crate::work::complain;

/// Every so manieth schedule is played twice, to see that a seed can be relied on.
const REPLAYED: u64 = 50;

/// What all threads of one search share.
pub(crate) struct Search {
    next: AtomicU64,
    kind: Kind,
    end: u64,
    until: Option<Instant>,
    stop: AtomicBool,
    pub(crate) played: AtomicU64,
    pub(crate) acts: AtomicU64,
    pub(crate) events: AtomicU64,
    pub(crate) deaths: AtomicU64,
    found: Mutex<Option<(u64, Violation)>>,
    trouble: Mutex<Option<String>>,
}

impl Search {
    pub(crate) fn new(kind: Kind, from: u64, count: u64, until: Option<Instant>) -> Self {
        Self {
            next: AtomicU64::new(from),
            kind,
            end: if until.is_some() { u64::MAX } else { from.saturating_add(count) },
            until,
            stop: AtomicBool::new(false),
            played: AtomicU64::new(0),
            acts: AtomicU64::new(0),
            events: AtomicU64::new(0),
            deaths: AtomicU64::new(0),
            found: Mutex::new(None),
            trouble: Mutex::new(None),
        }
    }

    fn thread(&self, kit: &Kit, without: Option<Protection>) {
        leave_out(without);
        while !self.stop.load(Ordering::Relaxed) {
            let seed = self.next.fetch_add(1, Ordering::Relaxed);
            if seed >= self.end || self.until.is_some_and(|until| Instant::now() >= until) {
                return;
            }
            match Scene::of(self.kind, seed).play(kit, false) {
                Err(why) => {
                    *lock(&self.trouble) = Some(why);
                    self.stop.store(true, Ordering::Relaxed);
                }
                Ok(played) => {
                    self.played.fetch_add(1, Ordering::Relaxed);
                    self.acts.fetch_add(played.acts as u64, Ordering::Relaxed);
                    self.events.fetch_add(played.events as u64, Ordering::Relaxed);
                    self.deaths.fetch_add(played.processes as u64, Ordering::Relaxed);
                    let violation = played.violation.or_else(|| {
                        let twice = seed.is_multiple_of(REPLAYED);
                        twice.then(|| self.differs(seed, kit, &played.print)).flatten()
                    });
                    if let Some(violation) = violation {
                        let mut found = lock(&self.found);
                        if found.as_ref().is_none_or(|(other, _)| seed < *other) {
                            *found = Some((seed, violation));
                        }
                        self.stop.store(true, Ordering::Relaxed);
                    }
                }
            }
        }
    }

    /// Plays a schedule again: it must come to the very same log.
    fn differs(&self, seed: u64, kit: &Kit, print: &str) -> Option<Violation> {
        match Scene::of(self.kind, seed).play(kit, false) {
            Ok(again) if again.print == print => None,
            Ok(_) => Some(Violation("played twice, it did not come to the same".to_owned())),
            Err(why) => {
                *lock(&self.trouble) = Some(why);
                None
            }
        }
    }

    /// Plays until the seeds or the time are over, or a promise is broken.
    pub(crate) fn run(
        &self,
        kit: &Kit,
        jobs: usize,
        without: Option<Protection>,
        progress: bool,
    ) -> Result<Option<(u64, Violation)>, String> {
        let begun = Instant::now();
        std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..jobs).map(|_| scope.spawn(|| self.thread(kit, without))).collect();
            let mut told = Instant::now();
            while threads.iter().any(|thread| !thread.is_finished()) {
                std::thread::sleep(Duration::from_millis(20));
                if progress && told.elapsed() > Duration::from_secs(10) {
                    told = Instant::now();
                    let played = self.played.load(Ordering::Relaxed);
                    complain(&format!("{played} schedules, {} s", begun.elapsed().as_secs()));
                }
            }
        });
        if let Some(why) = lock(&self.trouble).take() {
            return Err(why);
        }
        Ok(lock(&self.found).take())
    }
}
