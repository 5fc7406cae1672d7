//! Taking note of every engagement that is over, before anybody else is claimed.
//!
//! A candidate is settled once all actions on them are over. Whoever is being engaged at the moment,
//! or is in doubt for this account, is not settled: they stay open, and their turn comes again. Who
//! is in doubt for another account is that account's to look at. A candidate that is refused as
//! engaged already may have been engaged by this very task, by a worker that died before it could
//! take note; the log knows.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use decorum_core::task::Progress as TaskProgress;
use decorum_core::{Candidate, CandidateState, RefusalReason, Status, Timestamp, Username};
use decorum_store::{EventFilter, Order, PageRequest, StoreError};

use super::errand::Errand;
use super::evidence;
use crate::automator::Evidence;
use crate::run::{Progress, Settled, Tell};
use crate::sabotage::{Protection, is_off};

/// How long whom somebody is at is left alone, if nobody says for how long.
const CLAIMED_FOR: Duration = Duration::from_secs(30);
/// How long a doubt is left alone that looking could not settle.
const DOUBTED_FOR: Duration = Duration::from_mins(5);
/// The least that is waited before anybody's turn comes again.
const SOON: Duration = Duration::from_secs(5);
/// Doubts of one account looked through.
const DOUBTS: usize = 1000;
/// How the reasons begin of those whom a filter left out.
const FILTERED: &str = "filtered_";
/// How many that were refused as engaged already are looked up in the log, per errand: a worker
/// that died leaves one behind, and a doubt or two.
const LOOKED_UP_MAX: u32 = 64;

/// One portion of a task's candidates, on its way through a run.
pub(super) struct Checkpoint<'a> {
    errand: &'a Errand,
    state: Mutex<State>,
}

struct State {
    open: HashMap<Username, Open>,
    progress: TaskProgress,
    settled: u64,
    looked_up: u32,
    /// When asking again about those who could not be settled may help.
    again_at: Option<Timestamp>,
    evidence: Option<String>,
    /// Who is over and counted, and not noted by the store as far as we know.
    unnoted: Vec<(u64, CandidateState)>,
    /// Empty, unless a protection is left out.
    untold: Vec<(u64, CandidateState)>,
}

/// A candidate whose turn it is.
struct Open {
    ord: u64,
    /// Actions still to come.
    left: usize,
    /// The best that came of those before.
    best: Option<CandidateState>,
    /// Not to be settled now, whatever else comes.
    stays: bool,
}

/// What a portion came to.
pub(super) struct Portion {
    /// How far the task is.
    pub(super) progress: TaskProgress,
    /// Candidates settled.
    pub(super) settled: u64,
    /// When asking again about those left open may help.
    pub(super) again_at: Option<Timestamp>,
    /// What was kept for a person.
    pub(super) evidence: Option<String>,
}

impl<'a> Checkpoint<'a> {
    pub(super) fn new(
        errand: &'a Errand,
        candidates: &[Candidate],
        actions: usize,
        progress: TaskProgress,
    ) -> Self {
        let open = candidates.iter().filter_map(|candidate| {
            let open = Open { ord: candidate.ord, left: actions, best: None, stays: false };
            Some((candidate.username.clone()?, open))
        });
        let state = State {
            open: open.collect(),
            progress,
            settled: 0,
            looked_up: 0,
            again_at: None,
            evidence: None,
            unnoted: Vec::new(),
            untold: Vec::new(),
        };
        Self { errand, state: Mutex::new(state) }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn come_to(self) -> Portion {
        let State { progress, settled, again_at, evidence, .. } =
            self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        Portion { progress, settled, again_at, evidence }
    }

    /// When to ask again about somebody who cannot be settled now; `None`: they can.
    async fn again_at(&self, over: &Settled) -> Result<Option<Timestamp>, StoreError> {
        let Some(refusal) = over.refusal else { return Ok(None) };
        let now = self.errand.now();
        let after = match refusal.reason {
            RefusalReason::Claimed | RefusalReason::ClaimSettled => CLAIMED_FOR,
            RefusalReason::InDoubt if self.is_our_doubt(over).await? => DOUBTED_FOR,
            _ => return Ok(None),
        };
        Ok(Some(refusal.retry_at.unwrap_or_else(|| now.plus(after)).max(now.plus(SOON))))
    }

    /// Whether the doubt is one of this account.
    async fn is_our_doubt(&self, over: &Settled) -> Result<bool, StoreError> {
        let store = self.errand.guard.store();
        let account = &self.errand.task.spec.account_id;
        // A claim that ran out is refused as in doubt from that moment on, and is listed as one only
        // once somebody has noted it.
        store.lapse(Some(account), &[], self.errand.now()).await?;
        let doubts = store.doubts(Some(account), DOUBTS).await?;
        Ok(doubts.iter().any(|doubt| {
            doubt.key.target_username == over.target_username && doubt.key.action == over.action
        }))
    }

    /// Whether this very task engaged the person before, as the log has it.
    async fn was_ours(&self, over: &Settled) -> Result<bool, StoreError> {
        let refused = over.refusal.is_some_and(|r| r.reason == RefusalReason::AlreadyEngaged);
        // Who stood still comes back like one who resumes: others may have settled a doubt of theirs.
        let others = self.errand.resumes() || !self.errand.loan.account.is_sure();
        if !refused || !others || is_off(Protection::OwnEvents) {
            return Ok(false);
        }
        {
            let mut state = self.state();
            if state.looked_up >= LOOKED_UP_MAX {
                return Ok(false);
            }
            state.looked_up += 1;
        }
        let filter = EventFilter {
            account_id: Some(self.errand.task.spec.account_id.clone()),
            target_username: Some(over.target_username.clone()),
            action: Some(over.action),
            status: Some(Status::Success),
            task_id: Some(self.errand.task.id.clone()),
            ..EventFilter::default()
        };
        let page = PageRequest { after: None, limit: 1, order: Order::Newest };
        Ok(!self.errand.guard.store().events(&filter, &page).await?.items.is_empty())
    }
}

/// What one action comes to for the candidate.
fn state_of(over: &Settled, was_ours: bool) -> CandidateState {
    match &over.refusal {
        Some(_) if was_ours => CandidateState::Done { status: Status::Success, reason: None },
        Some(refusal) => CandidateState::Refused { reason: refusal.reason.as_str().to_owned() },
        None => match over.reason.as_deref().and_then(|why| why.strip_prefix(FILTERED)) {
            Some(filter) => CandidateState::PassedOver { reason: filter.to_owned() },
            None => CandidateState::Done { status: over.status, reason: over.reason.clone() },
        },
    }
}

/// Which of two outcomes says more about a candidate: an engagement more than an attempt, an attempt
/// more than a refusal.
fn rank(state: &CandidateState) -> u8 {
    match state {
        CandidateState::Done { status: Status::Success, .. } => 4,
        CandidateState::Done { status: Status::Failed | Status::Retry, .. } => 3,
        CandidateState::Done { .. } => 2,
        CandidateState::Refused { .. } | CandidateState::PassedOver { .. } => 1,
        CandidateState::Open => 0,
    }
}

#[async_trait]
impl Tell for Checkpoint<'_> {
    fn tell(&self, progress: Progress<'_>) {
        let task = &self.errand.task.id;
        match progress {
            Progress::Connected { device } => tracing::info!(%task, %device, "connected"),
            Progress::Reconciled { target, found } => {
                tracing::info!(%task, target, found, "a doubt is settled");
            }
            Progress::Attempted { engagement, detail, .. } => tracing::info!(
                %task,
                target = %engagement.target_username,
                action = %engagement.action,
                status = %engagement.status,
                detail,
                "attempted"
            ),
            Progress::PhoneTrouble { why } => tracing::warn!(%task, why, "the phone failed"),
            Progress::Checked { .. }
            | Progress::Refused(_)
            | Progress::Waiting { .. }
            | Progress::Resumed => {}
        }
    }

    async fn settled(&self, over: Vec<Settled>) -> Result<(), StoreError> {
        let mut states = Vec::with_capacity(over.len());
        for over in &over {
            let was_ours = self.was_ours(over).await?;
            let again_at = self.again_at(over).await?;
            let mut state = self.state();
            let state = &mut *state;
            let Some(open) = state.open.get_mut(&over.target_username) else { continue };
            open.left = open.left.saturating_sub(1);
            if let Some(again_at) = again_at {
                open.stays = true;
                let first = state.again_at.map_or(again_at, |first| first.min(again_at));
                state.again_at = Some(first);
            }
            let new = state_of(over, was_ours);
            if open.best.as_ref().is_none_or(|best| rank(&new) > rank(best)) {
                open.best = Some(new);
            }
            if open.left > 0 {
                continue;
            }
            let Some(open) = state.open.remove(&over.target_username) else { continue };
            if let (false, Some(best)) = (open.stays, open.best) {
                state.progress = state.progress.with(&best);
                state.settled += 1;
                states.push((open.ord, best));
            }
        }
        if is_off(Protection::Checkpoint) {
            // Told with whoever comes next.
            std::mem::swap(&mut states, &mut self.state().untold);
        }
        let (states, progress) = {
            let mut state = self.state();
            // Whom the store did not take, or did not answer about, is noted with the next: the count
            // includes them.
            state.unnoted.extend(states);
            (state.unnoted.clone(), state.progress)
        };
        if states.is_empty() {
            return Ok(());
        }
        let (id, fence) = (&self.errand.task.id, self.errand.fence());
        let store = self.errand.guard.store();
        let task = store.settle_candidates(id, fence, states, progress).await?;
        self.state().unnoted.clear();
        if task.wish.is_some() {
            self.errand.switch.stop();
        }
        Ok(())
    }

    fn keep_evidence(&self, name: &str, evidence: &Evidence) -> Option<String> {
        self.keep_picture(evidence);
        let kept = evidence::keep(&self.errand.crew.folder, name, evidence)?;
        self.state().evidence = Some(kept.clone());
        Some(kept)
    }

    fn keep_picture(&self, now: &Evidence) {
        let Some(png) = &now.screenshot else { return };
        let (folder, phone) = (&self.errand.crew.folder, &self.errand.phone.device_id);
        if let Err(error) = evidence::keep_picture(folder, phone, png, now.source.as_deref()) {
            tracing::warn!(%phone, %error, "its picture is not kept");
        }
    }
}
