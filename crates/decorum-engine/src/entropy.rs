//! Where ids, salts and jitter come from.

use decorum_core::{ClaimId, EventId, Jitter, Salt, Stamp, Timestamp};
use uuid::{Builder, Uuid};

/// A source of random bytes. A simulation brings its own, seeded one.
pub trait Entropy: Send + Sync {
    /// Fills the buffer.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        if getrandom::fill(bytes).is_err() {
            // Without entropy two processes could draw the same id. A fresh version 4 UUID
            // would need the same source, so there is nothing better to fall back on than to stop.
            std::process::abort();
        }
    }
}

impl dyn Entropy + '_ {
    fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    pub(crate) fn uuid(&self, now: Timestamp) -> Uuid {
        let millis = u64::try_from(now.as_millis()).unwrap_or_default();
        Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid()
    }

    /// A new claim id, UUID version 7.
    pub fn claim_id(&self, now: Timestamp) -> ClaimId {
        ClaimId::from_uuid(self.uuid(now))
    }

    /// A new UUID version 7 as text, for tasks.
    pub fn name(&self, now: Timestamp) -> String {
        self.uuid(now).to_string()
    }

    /// Id, salt and time for an event.
    pub fn stamp(&self, now: Timestamp) -> Stamp {
        Stamp { event_id: EventId::from_uuid(self.uuid(now)), salt: Salt(self.bytes()), now }
    }

    /// A jitter, uniform over -1..1.
    pub fn jitter(&self) -> Jitter {
        let n = u32::from_be_bytes(self.bytes());
        Jitter::new(2.0 * f64::from(n) / f64::from(u32::MAX) - 1.0)
    }
}
