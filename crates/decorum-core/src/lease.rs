//! Exclusive, expiring rights to an account or a phone, with a fencing token that only grows.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Fence, Holder, Timestamp};

/// A right as the store keeps it. It stays after it ended, so that the fence never restarts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// What it is a right to: `account:NAME` or `device:NAME`.
    pub name: String,
    /// Who holds it, or held it last.
    pub holder: Holder,
    /// Grows with every change of holder.
    pub fence: Fence,
    /// Until when; in the past once released or lapsed.
    pub until: Timestamp,
}

/// Somebody else holds the right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is held by {} until {}", .0.name, .0.holder, .0.until)]
pub struct Held(pub Lease);

impl Lease {
    /// Whether the right is still somebody's at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.until
    }

    /// Takes the right for `holder`, or extends it if it is theirs already. `gone` names a
    /// holder known to be dead, whose lease need not be waited for.
    ///
    /// # Errors
    /// [`Held`] when somebody else's lease is live.
    pub fn acquire(
        before: Option<&Self>,
        name: &str,
        holder: &Holder,
        gone: Option<&Holder>,
        ttl: Duration,
        now: Timestamp,
    ) -> Result<Self, Held> {
        let fence = match before {
            Some(lease) if lease.is_live(now) && lease.holder == *holder => lease.fence,
            Some(lease) if lease.is_live(now) && Some(&lease.holder) != gone => {
                return Err(Held(lease.clone()));
            }
            Some(lease) => lease.fence.next(),
            None => Fence::new(1),
        };
        Ok(Self { name: name.to_owned(), holder: holder.clone(), fence, until: now.plus(ttl) })
    }

    /// Extends the right, if it has not passed to somebody else meanwhile.
    ///
    /// # Errors
    /// [`Held`] with the lease that replaced it. One's own lapsed lease that nobody took may
    /// be extended: nobody can have acted under it.
    pub fn renew(&self, fence: Fence, ttl: Duration, now: Timestamp) -> Result<Self, Held> {
        if self.fence != fence {
            return Err(Held(self.clone()));
        }
        Ok(Self { until: now.plus(ttl), ..self.clone() })
    }

    /// Gives the right back; a no-op if it has passed to somebody else.
    #[must_use]
    pub fn released(&self, fence: Fence, now: Timestamp) -> Self {
        if self.fence == fence {
            Self { until: now.min(self.until), ..self.clone() }
        } else {
            self.clone()
        }
    }
}
