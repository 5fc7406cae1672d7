//! Which accounts rest, as far as a worker knows: it need not ask for each account at each look.

use std::collections::BTreeMap;
use std::time::Duration;

use decorum_core::breaker::Rest;
use decorum_core::{AccountId, Timestamp, WaitReason};
use decorum_store::{Store, StoreError};

/// How long it is believed that an account rests: a person may clear it.
const BELIEVED: Duration = Duration::from_secs(3);

/// Why an account rests, and until when.
pub(super) type Resting = BTreeMap<AccountId, (WaitReason, Option<Timestamp>)>;

/// What is known.
#[derive(Default)]
pub(super) struct Rests {
    known: BTreeMap<AccountId, Known>,
}

struct Known {
    reason: WaitReason,
    until: Option<Timestamp>,
    read: Timestamp,
}

impl Rests {
    /// Those that rest, having asked again about the ones heard of too long ago.
    pub(super) async fn now(
        &mut self,
        store: &dyn Store,
        now: Timestamp,
    ) -> Result<Resting, StoreError> {
        let stale = |known: &Known| {
            known.until.is_some_and(|until| until <= now) || known.read.plus(BELIEVED) <= now
        };
        let ask: Vec<_> =
            self.known.iter().filter(|(_, k)| stale(k)).map(|(name, _)| name.clone()).collect();
        for account in ask {
            self.ask(store, &account, now).await?;
        }
        let resting = self.known.iter().map(|(name, k)| (name.clone(), (k.reason, k.until)));
        Ok(resting.collect())
    }

    /// Asks about an account that may act as far as is known. Whether it may.
    pub(super) async fn ask(
        &mut self,
        store: &dyn Store,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let breaker = store.account(account).await?.account.breaker;
        let (reason, until) = match breaker.admits(now) {
            // A probe that its worker left behind is settled by the next task.
            Ok(()) | Err(Rest::Probing) => {
                self.known.remove(account);
                return Ok(true);
            }
            Err(Rest::Backoff(until)) => (WaitReason::Backoff, Some(until)),
            Err(Rest::Cooldown(until)) => (WaitReason::Cooldown, Some(until)),
            Err(Rest::Halted(_)) => (WaitReason::Halted, None),
        };
        self.known.insert(account.clone(), Known { reason, until, read: now });
        Ok(false)
    }
}
