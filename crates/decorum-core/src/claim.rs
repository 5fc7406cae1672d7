//! The dedup row of one [`crate::Key`]: who holds it, and what came of it last.
//!
//! ```text
//!          claim                    lease lapsed, or holder gone
//!  Free ───────────▶ Claimed ──────────────────────────────────▶ InDoubt
//!    ▲                  │ commit                                    │ reconcile, or the
//!    └──────────────────┴───────────────────────────────────────────┘ holder's own commit
//! ```
//!
//! A claim whose lease ran out is never free again by itself: its holder may have acted.

use serde::{Deserialize, Serialize};

use crate::{
    ClaimId, DeviceId, ErrorClass, EventId, Fence, Holder, Metadata, Status, TaskId, Timestamp,
};

/// A durable reservation, made before acting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Chosen by the claimant.
    pub id: ClaimId,
    /// Who acts.
    pub holder: Holder,
    /// Grows with every claim on this key.
    pub fence: Fence,
    /// Since when.
    pub claimed_at: Timestamp,
    /// Without an outcome by then, it is in doubt.
    pub lease_until: Timestamp,
    /// The task it belongs to.
    pub task_id: Option<TaskId>,
    /// The phone it acts on.
    pub device_id: Option<DeviceId>,
    /// What the claimant wants remembered; reconciling may need it.
    pub metadata: Metadata,
}

/// Who holds the row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Hold {
    /// Nobody.
    #[default]
    Free,
    /// Somebody acts, or is about to.
    Claimed(Claim),
    /// Somebody may have acted and then vanished.
    InDoubt(Claim),
}

/// What came of the row last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Last {
    /// How it ended.
    pub status: Status,
    /// Why.
    pub reason: Option<String>,
    /// What kind of trouble.
    pub error_class: Option<ErrorClass>,
    /// When.
    pub ts: Timestamp,
    /// Until when the person is not engaged again, because of this or of something imported that
    /// was before it; `None`: they may be.
    pub expires_at: Option<Timestamp>,
    /// The claim it settled.
    pub claim_id: Option<ClaimId>,
    /// The event that says so.
    pub event_id: EventId,
}

/// The row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latest {
    /// What came of it last, if anything.
    pub last: Option<Last>,
    /// Who holds it.
    pub hold: Hold,
    /// The newest fence given out.
    pub fence: Fence,
}

impl Latest {
    /// The claim on the row, settled by nobody yet.
    pub const fn claim(&self) -> Option<&Claim> {
        match &self.hold {
            Hold::Free => None,
            Hold::Claimed(claim) | Hold::InDoubt(claim) => Some(claim),
        }
    }

    /// The row with a claim that can no longer be trusted turned into a doubt: because its
    /// lease ran out, or because its holder is known to be `gone`. `None`: nothing to change.
    pub fn lapsed(&self, gone: Option<&Holder>, now: Timestamp) -> Option<Self> {
        match &self.hold {
            Hold::Claimed(claim) if now >= claim.lease_until || gone == Some(&claim.holder) => {
                Some(Self { hold: Hold::InDoubt(claim.clone()), ..self.clone() })
            }
            _ => None,
        }
    }

    /// Keeps whichever outcome holds the person back longer: an outcome that says little must
    /// not shorten what an earlier one established. What happened before it (an import) does not
    /// take its place either, so that the row always tells of the newest; but it may hold the
    /// person back longer.
    pub(crate) fn remember(&mut self, new: Last) {
        let Some(old) = &mut self.last else {
            self.last = Some(new);
            return;
        };
        if new.ts < old.ts {
            let holds = new.expires_at.filter(|until| *until > old.ts);
            old.expires_at = old.expires_at.max(holds);
        } else if old.expires_at.is_none_or(|t| t <= new.ts || Some(t) <= new.expires_at) {
            self.last = Some(new);
        }
    }
}
