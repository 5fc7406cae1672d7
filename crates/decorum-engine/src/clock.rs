//! The one wall clock, behind a trait, and the watch that notices when it jumps.

use std::time::Duration;

use async_trait::async_trait;
use decorum_core::Timestamp;

/// How far wall and monotonic time may drift apart before nobody is engaged: five minutes, by
/// the design. Summer time does not move UTC, and a daemon slews by milliseconds, so a larger
/// step means that somebody set the clock.
pub const JUMP: Duration = Duration::from_mins(5);

/// Where time comes from.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The wall clock.
    fn now(&self) -> Timestamp;

    /// Time that only moves forward, also while the machine sleeps; its zero means nothing.
    fn steady(&self) -> Duration;

    /// Waits.
    async fn sleep(&self, how_long: Duration);
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Timestamp::MIN.plus(since.unwrap_or_default())
    }

    fn steady(&self) -> Duration {
        // Boot time rather than monotonic: a laptop that slept an hour has not had its clock set.
        let t = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        let nanos = u32::try_from(t.tv_nsec).unwrap_or_default();
        Duration::new(u64::try_from(t.tv_sec).unwrap_or_default(), nanos)
    }

    async fn sleep(&self, how_long: Duration) {
        tokio::time::sleep(how_long).await;
    }
}

/// Compares wall time with steady time since it was made.
#[derive(Clone, Copy, Debug)]
pub struct JumpWatch {
    wall: Timestamp,
    steady: Duration,
}

impl JumpWatch {
    /// Starts watching now.
    pub fn start(clock: &dyn Clock) -> Self {
        Self { wall: clock.now(), steady: clock.steady() }
    }

    /// By how much, and in which direction, the wall clock was set since; `None` while it runs
    /// true to within [`JUMP`].
    pub fn jumped(&self, clock: &dyn Clock) -> Option<Jump> {
        let expected = self.wall.plus(clock.steady().saturating_sub(self.steady));
        let now = clock.now();
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

/// A wall clock that was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jump {
    /// Into the future.
    Forward(Duration),
    /// Into the past.
    Back(Duration),
}
