//! Proof: following a chain from its first event, or from what was cleaned up, to its end, also
//! while others write and clean up.

use decorum_core::chain::{Break, Verifier};
use decorum_core::{Account, Checkpoint, Head};
use decorum_store::{Store, StoreError};

/// Events read at a time.
const BATCH: usize = 1000;

/// A chain that is whole.
pub struct Whole {
    /// Where it ends.
    pub head: Head,
    /// What took the place of its oldest events, if they were cleaned up.
    pub checkpoint: Option<Checkpoint>,
    /// How many of the events that are there lost their person on purpose.
    pub erased: u64,
}

/// Follows one chain from where it begins to its end; the inner error is where it breaks.
pub async fn verify(
    store: &dyn Store,
    account: Account,
) -> Result<Result<Whole, Break>, StoreError> {
    let mut account = account;
    loop {
        let broken = match follow(store, &mut account).await? {
            Ok(whole) => return Ok(Ok(whole)),
            Err(broken) => broken,
        };
        // Somebody may be cleaning up meanwhile: what is gone then is gone on purpose.
        let now = store.account(&account.account_id).await?.account;
        if now.checkpoint == account.checkpoint {
            return Ok(Err(broken));
        }
        account = now;
    }
}

async fn follow(
    store: &dyn Store,
    account: &mut Account,
) -> Result<Result<Whole, Break>, StoreError> {
    let (name, checkpoint) = (account.account_id.clone(), account.checkpoint);
    let mut verifier = Verifier::after(account.platform, name.clone(), checkpoint.as_ref());
    let mut erased = 0;
    loop {
        let batch = store.chain(&name, verifier.head().seq, BATCH).await?;
        let last = batch.len() < BATCH;
        for event in batch {
            let next = event.and_then(|event| verifier.next(&event).map(|()| event.is_erased()));
            match next {
                Ok(is_erased) => erased += u64::from(is_erased),
                Err(broken) => return Ok(Err(broken)),
            }
        }
        if last && verifier.head().seq > account.head.seq {
            // A run goes on meanwhile: compare with what the account remembers by now.
            let now = store.account(&name).await?.account.head;
            if now.seq > account.head.seq {
                account.head = now;
                continue;
            }
        }
        if last {
            let ended = verifier.finish(account.head);
            return Ok(ended.map(|head| Whole { head, checkpoint, erased }));
        }
    }
}
