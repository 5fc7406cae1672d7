//! One of those who race: claims, acts, commits, and goes on when the store breaks off.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use decorum_core::{
    AccountId, Action, Claim, ClaimId, ClaimRequest, EventId, Holder, Jitter, Key, Metadata,
    Outcome, Platform, RefusalReason, Report, Salt, Settings, Stamp, Timestamp,
};
use decorum_store::{ClaimVerdict, Committed, Store, StoreError};
use tokio::time::sleep;
use uuid::Uuid;

use crate::Error;
use crate::findings::WriterTally;
use crate::judge::Judge;

/// An answer that took longer than this was disturbed; otherwise one takes some milliseconds.
const DISTURBED: Duration = Duration::from_secs(1);

/// A writer that gets no answer for so long has not recovered.
const RECOVERY: Duration = Duration::from_mins(2);

/// A claim that is denied for so long is lost.
const DENIAL: Duration = Duration::from_secs(10);

/// How long a writer waits before it offers the same thing again.
const PAUSE: Duration = Duration::from_millis(50);

/// The next people are tried in any order, but not far ahead, so that the writers meet.
const AHEAD: u64 = 3;

/// What writers of one account share: how far down the list they are.
#[derive(Default)]
pub(crate) struct Race {
    next: AtomicU64,
}

/// One writer, with a connection of its own, as a process of its own would have.
pub(crate) struct Writer {
    pub(crate) account: AccountId,
    pub(crate) holder: Holder,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) judge: Arc<Judge>,
    pub(crate) race: Arc<Race>,
    pub(crate) over: Arc<AtomicBool>,
    pub(crate) tally: WriterTally,
}

impl Writer {
    /// Writes until it is over, and never leaves a claim behind.
    pub(crate) async fn run(mut self) -> Result<WriterTally, Error> {
        while !self.over.load(Ordering::Relaxed) {
            let first = self.race.next.load(Ordering::Relaxed);
            let number = first + fastrand::u64(0..AHEAD);
            if let Err(error) = self.engage(number).await {
                self.tally.gave_up = Some(error.to_string());
                break;
            }
        }
        self.store.close().await?;
        Ok(self.tally)
    }

    async fn engage(&mut self, number: u64) -> Result<(), Error> {
        let key = Key {
            platform: Platform::Instagram,
            account_id: self.account.clone(),
            target_username: format!("person{number}").parse()?,
            action: Action::Follow,
        };
        let Some(claim) = self.claim(&key).await? else {
            return Ok(());
        };
        self.judge.acts(&key, claim.id);
        self.commit(key, &claim).await?;
        self.race.next.fetch_max(number + 1, Ordering::Relaxed);
        Ok(())
    }

    async fn claim(&mut self, key: &Key) -> Result<Option<Claim>, Error> {
        let request = ClaimRequest {
            claim_id: ClaimId::from_uuid(Uuid::now_v7()),
            key: key.clone(),
            holder: self.holder.clone(),
            account_fence: None,
            task_id: None,
            device_id: None,
            metadata: Metadata::default(),
            now: now(),
        };
        let (store, settings) = (Arc::clone(&self.store), Arc::clone(&self.settings));
        match self.offer(|| store.claim(&settings, request.clone())).await? {
            ClaimVerdict::Granted(claim) => {
                self.tally.granted += 1;
                Ok(Some(claim))
            }
            ClaimVerdict::Refused(refusal) => {
                self.tally.refused += 1;
                match refusal.reason {
                    // Somebody was faster: with this person, or since this one looked at its clock.
                    RefusalReason::Claimed
                    | RefusalReason::AlreadyEngaged
                    | RefusalReason::TooSoon => Ok(None),
                    other => Err(format!("{other:?} is no answer to expect here").into()),
                }
            }
        }
    }

    async fn commit(&mut self, key: Key, claim: &Claim) -> Result<(), Error> {
        let report = Report {
            claim_id: claim.id,
            key,
            outcome: Outcome::Success { presumed: false },
            reason: None,
            detail: String::new(),
            session_id: None,
            device_id: None,
            latency_ms: None,
            metadata: Metadata::default(),
            jitter: Jitter::default(),
            stamp: Stamp {
                event_id: EventId::from_uuid(Uuid::now_v7()),
                salt: Salt(fastrand::u128(..).to_be_bytes()),
                now: now(),
            },
        };
        let (store, settings) = (Arc::clone(&self.store), Arc::clone(&self.settings));
        let began = Instant::now();
        let mut denied = false;
        let committed = loop {
            match self.offer(|| store.commit(&settings, report.clone())).await {
                // A claim it has granted: forgotten, or only not to be seen at the moment?
                Err(StoreError::NoSuchClaim(_)) if began.elapsed() < DENIAL => {
                    self.tally.claims_denied += usize::from(!denied);
                    denied = true;
                    sleep(PAUSE).await;
                }
                Err(StoreError::NoSuchClaim(_)) => {
                    self.tally.claims_lost += 1;
                    return Ok(());
                }
                other => break other?,
            }
        };
        self.judge.is_promised(committed.event());
        match committed {
            Committed::Settled(_) => self.tally.settled += 1,
            // The first answer was lost, and the offer came again.
            Committed::Repeated(_) => self.tally.repeated += 1,
            Committed::Late(_) => self.tally.late += 1,
        }
        Ok(())
    }

    /// Offers the same thing until the store takes it or says why it never will.
    async fn offer<T, F>(&mut self, offer: impl Fn() -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let began = Instant::now();
        let mut failed = false;
        loop {
            match offer().await {
                Err(error) if may_pass(&error) && began.elapsed() < RECOVERY => {
                    failed = true;
                    self.tally.errors += 1;
                    sleep(PAUSE).await;
                }
                answer => {
                    let took = began.elapsed();
                    self.tally.longest = self.tally.longest.max(took);
                    if failed || took > DISTURBED {
                        self.tally.disturbed += 1;
                        self.tally.recovered += usize::from(answer.is_ok());
                    }
                    return answer;
                }
            }
        }
    }
}

const fn may_pass(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Busy { .. } | StoreError::Unreachable { .. } | StoreError::Unknown { .. }
    )
}

fn now() -> Timestamp {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
