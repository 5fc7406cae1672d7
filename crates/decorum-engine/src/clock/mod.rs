//! The one wall clock, behind a trait; [`Anchor`] notices when it was set.

mod anchor;

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use async_trait::async_trait;
use decorum_core::Timestamp;

pub use anchor::{Anchor, AnchorFile, AnchorKeeper, Trouble, Watch};

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

    /// Which run of the machine steady time counts in: another one, another zero. Asked for with
    /// every decision.
    fn boot(&self) -> Cow<'_, str>;

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

    fn boot(&self) -> Cow<'_, str> {
        static BOOT: OnceLock<String> = OnceLock::new();
        // Without it every start counts as a new boot, and only jumps while running are noticed.
        let read = || crate::process::boot_id().unwrap_or_else(|| uuid::Uuid::now_v7().to_string());
        BOOT.get_or_init(read).into()
    }

    async fn sleep(&self, how_long: Duration) {
        tokio::time::sleep(how_long).await;
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

impl fmt::Display for Jump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (way, by) = match self {
            Self::Forward(by) => ("forward", by),
            Self::Back(by) => ("back", by),
        };
        write!(f, "{way} by {} minutes", by.as_secs() / 60)
    }
}
