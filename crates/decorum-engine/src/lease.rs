//! Holding an account or a phone: a lease that is renewed in the background, and that knows
//! whether it can still be trusted.
//!
//! A holder that was frozen wakes up believing it holds what others took long ago. So nobody
//! acts on belief: [`Hold::is_sure`] is asked immediately before an act, and answers by steady
//! time, with a margin, counted from *before* the last renewal was sent.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use decorum_core::{Fence, Held, Holder, Timestamp};
use decorum_store::{Store, StoreError};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::process;
use crate::sabotage::{Protection, is_off};

/// How long a lease lives without renewal.
pub const TTL: Duration = Duration::from_secs(30);
/// How often it is renewed.
const RENEW: Duration = Duration::from_secs(10);
/// How much of a lease must be left for an act to begin: one tap takes at most this long.
const MARGIN: Duration = Duration::from_secs(15);

struct Shared {
    /// Steady milliseconds until which the lease is certainly ours.
    sure_until: AtomicU64,
    lost: AtomicBool,
    stop: Notify,
}

/// A lease being held.
pub struct Hold {
    name: String,
    fence: Fence,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    shared: Arc<Shared>,
    renewal: JoinHandle<()>,
}

fn millis(d: Duration) -> u64 {
    u64::try_from(d.as_millis()).unwrap_or(u64::MAX)
}

impl Hold {
    /// Takes the lease `name` for `holder`. A holder that is provably dead is not waited for.
    ///
    /// # Errors
    /// The inner error names who holds it and until when.
    pub async fn take(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        name: &str,
        holder: &Holder,
    ) -> Result<Result<Self, Held>, StoreError> {
        let asked_at = clock.steady();
        let mut answer = store.acquire_lease(name, holder, None, TTL, clock.now()).await?;
        if let Err(Held(other)) = &answer
            && (process::is_gone(&other.holder) || is_off(Protection::BusyAccount))
        {
            let gone = other.holder.clone();
            answer = store.acquire_lease(name, holder, Some(&gone), TTL, clock.now()).await?;
        }
        let lease = match answer {
            Ok(lease) => lease,
            Err(held) => return Ok(Err(held)),
        };
        let shared = Arc::new(Shared {
            sure_until: AtomicU64::new(millis(asked_at + TTL)),
            lost: AtomicBool::new(false),
            stop: Notify::new(),
        });
        let renewal = tokio::spawn(renew(
            Arc::clone(&store),
            Arc::clone(&clock),
            name.to_owned(),
            lease.fence,
            Arc::clone(&shared),
        ));
        Ok(Ok(Self { name: name.to_owned(), fence: lease.fence, store, clock, shared, renewal }))
    }

    /// Its fencing token.
    pub const fn fence(&self) -> Fence {
        self.fence
    }

    /// Whether the lease is ours for long enough to act.
    pub fn is_sure(&self) -> bool {
        !self.shared.lost.load(Ordering::Acquire)
            && millis(self.clock.steady() + MARGIN) < self.shared.sure_until.load(Ordering::Acquire)
    }

    /// Gives the lease back. From here on [`Hold::is_sure`] says no, whoever else has a share in
    /// it.
    pub async fn release(&self) -> Result<(), StoreError> {
        self.shared.lost.store(true, Ordering::Release);
        self.shared.stop.notify_one();
        self.renewal.abort();
        let now: Timestamp = self.clock.now();
        self.store.release_lease(&self.name, self.fence, now).await
    }
}

/// What nobody holds any more is not renewed: it lapses by itself.
impl Drop for Hold {
    fn drop(&mut self) {
        self.renewal.abort();
    }
}

impl fmt::Debug for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hold")
            .field("name", &self.name)
            .field("fence", &self.fence)
            .finish_non_exhaustive()
    }
}

async fn renew(
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    name: String,
    fence: Fence,
    shared: Arc<Shared>,
) {
    loop {
        tokio::select! {
            biased;
            () = shared.stop.notified() => return,
            () = clock.sleep(RENEW) => {}
        }
        let asked_at = clock.steady();
        match store.renew_lease(&name, fence, TTL, clock.now()).await {
            Ok(Ok(_)) => shared.sure_until.store(millis(asked_at + TTL), Ordering::Release),
            Ok(Err(Held(other))) => {
                tracing::warn!(%name, holder = %other.holder, "the lease passed to somebody else");
                shared.lost.store(true, Ordering::Release);
                return;
            }
            // The store may be back before the lease runs out; `is_sure` watches the time.
            Err(error) => tracing::warn!(%name, %error, "the lease could not be renewed"),
        }
    }
}
