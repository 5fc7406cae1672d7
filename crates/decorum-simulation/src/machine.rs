//! A simulated machine: a clock that is off and drifts and can be set, and what outlives a process
//! there.

use std::borrow::Cow;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use decorum_core::Timestamp;
use decorum_engine::clock::{Anchor, AnchorKeeper, Clock};
use decorum_engine::entropy::Entropy;
use decorum_engine::spool::{Entry, Spool, Ticket};
use tokio::time::Instant;

use crate::gate::Gate;
use crate::phone::lock;
use crate::schedule::ClockSpec;

/// 2026-03-01T00:00:00Z.
pub(crate) const START: i64 = 1_772_323_200_000;

/// When the world began; virtual.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Begin(pub(crate) Instant);

impl Begin {
    pub(crate) fn elapsed(self) -> Duration {
        Instant::now().saturating_duration_since(self.0)
    }

    /// What a perfect clock would show.
    pub(crate) fn truth(self) -> Timestamp {
        Timestamp::from_millis(START).plus(self.elapsed())
    }
}

/// What a machine keeps.
#[derive(Debug)]
pub(crate) struct Host {
    begin: Begin,
    spec: ClockSpec,
    /// By how many milliseconds somebody set the clock.
    set_by: Mutex<i64>,
    anchor: Mutex<Option<Anchor>>,
    spool: Mutex<Vec<(Ticket, Entry)>>,
    tickets: Mutex<u64>,
}

impl Host {
    /// A machine on which Decorum ran before, with its clock right.
    pub(crate) fn new(begin: Begin, spec: ClockSpec) -> Arc<Self> {
        let host = Arc::new(Self {
            begin,
            spec,
            set_by: Mutex::new(0),
            anchor: Mutex::new(None),
            spool: Mutex::new(Vec::new()),
            tickets: Mutex::new(0),
        });
        *lock(&host.anchor) = Some(Anchor::read(&BareClock(&host)));
        host
    }

    pub(crate) fn now(&self) -> Timestamp {
        let elapsed = i64::try_from(self.begin.elapsed().as_millis()).unwrap_or(i64::MAX);
        let drift = elapsed * self.spec.ppm / 1_000_000;
        let set_by = *lock(&self.set_by);
        Timestamp::from_millis(START + elapsed + drift + self.spec.off_ms + set_by)
    }

    /// Sets the clock.
    pub(crate) fn set(&self, by: Duration, back: bool) {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        *lock(&self.set_by) += if back { -by } else { by };
    }

    /// Whether nobody has set it, or somebody has put it right.
    pub(crate) fn is_right(&self) -> bool {
        *lock(&self.set_by) == 0
    }

    /// A person puts the clock right, and says so.
    pub(crate) fn put_right(self: &Arc<Self>) {
        *lock(&self.set_by) = 0;
        *lock(&self.anchor) = Some(Anchor::read(&BareClock(self)));
    }

    pub(crate) fn waiting(&self) -> Vec<Entry> {
        lock(&self.spool).iter().map(|(_, entry)| entry.clone()).collect()
    }
}

/// The clock without a process in front of it.
struct BareClock<'a>(&'a Host);

#[async_trait]
impl Clock for BareClock<'_> {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn steady(&self) -> Duration {
        self.0.begin.elapsed()
    }

    fn boot(&self) -> Cow<'_, str> {
        "boot".into()
    }

    async fn sleep(&self, how_long: Duration) {
        tokio::time::sleep(how_long).await;
    }
}

/// What one process has of its machine.
#[derive(Clone, Debug)]
pub(crate) struct Desk {
    pub(crate) host: Arc<Host>,
    pub(crate) gate: Gate,
}

#[async_trait]
impl Clock for Desk {
    fn now(&self) -> Timestamp {
        self.host.now()
    }

    fn steady(&self) -> Duration {
        self.host.begin.elapsed()
    }

    fn boot(&self) -> Cow<'_, str> {
        "boot".into()
    }

    async fn sleep(&self, how_long: Duration) {
        // A broken line means nothing to a timer; dying and freezing do.
        let _ = self.gate.pass().await;
        tokio::time::sleep(how_long).await;
        let _ = self.gate.pass().await;
    }
}

impl AnchorKeeper for Desk {
    fn load(&self) -> io::Result<Option<Anchor>> {
        Ok(lock(&self.host.anchor).clone())
    }

    fn save(&self, anchor: &Anchor) -> io::Result<()> {
        *lock(&self.host.anchor) = Some(anchor.clone());
        Ok(())
    }
}

#[async_trait]
impl Spool for Desk {
    async fn put(&self, entry: &Entry) -> io::Result<Ticket> {
        let _ = self.gate.pass().await;
        let ticket = {
            let mut tickets = lock(&self.host.tickets);
            *tickets += 1;
            Ticket(format!("{:06}", *tickets))
        };
        lock(&self.host.spool).push((ticket.clone(), entry.clone()));
        let _ = self.gate.pass().await;
        Ok(ticket)
    }

    async fn waiting(&self) -> io::Result<Vec<(Ticket, Entry)>> {
        let _ = self.gate.pass().await;
        Ok(lock(&self.host.spool).clone())
    }

    async fn delivered(&self, ticket: &Ticket) -> io::Result<()> {
        let _ = self.gate.pass().await;
        lock(&self.host.spool).retain(|(other, _)| other != ticket);
        Ok(())
    }

    async fn rejected(&self, ticket: &Ticket) -> io::Result<()> {
        self.delivered(ticket).await
    }
}

/// Seeded, one source for each process.
#[derive(Debug)]
pub(crate) struct Dice(Mutex<fastrand::Rng>);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Mutex::new(fastrand::Rng::with_seed(seed)))
    }
}

impl Entropy for Dice {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill(bytes);
    }
}
