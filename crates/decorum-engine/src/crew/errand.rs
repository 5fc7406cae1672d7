//! One task on one phone, from its start until it is done, has to wait, or is asked to stop.
//!
//! Its candidates are taken in portions: each is checked as a whole before any page is opened, then
//! engaged by a [run](crate::run) under leases lent by the errand, and settled one by one. Meanwhile
//! the task is watched for what a person asks. Whatever comes of it, the state of the task is
//! written first, then the phone's, and only then are the leases given back.

use std::sync::Arc;
use std::time::Duration;

use decorum_core::{
    Candidate, DeviceRecord, DeviceState, Fence, Progress, Task, TaskKind, TaskState, Timestamp,
    Username, WaitReason,
};
use decorum_store::StoreError;

use super::Crew;
use super::checkpoint::{Checkpoint, Portion};
use super::ending::End;
use crate::automator::Front;
use crate::guard::Guard;
use crate::run::{self, Dial, Ended, Loan, Plan, PlanError, Stop, StopSwitch};

/// Candidates taken at a time.
const PORTION: usize = 200;
/// How often it is tried to note that the phone is ours.
const NOTES: u32 = 5;
/// How often a person's wish is looked for.
const WATCH: Duration = Duration::from_secs(1);
/// How long those whom somebody else is at are left alone, if nobody says for how long.
const LEFT_ALONE: Duration = Duration::from_secs(30);

/// See the module's documentation.
pub(super) struct Errand {
    pub(super) crew: Arc<Crew>,
    pub(super) guard: Guard,
    /// As it was started.
    pub(super) task: Task,
    /// Whether some worker was at it before.
    pub(super) resumes: bool,
    pub(super) phone: DeviceRecord,
    /// For whom the app on it acts, as far as that is known.
    pub(super) front: Front,
    pub(super) dial: Arc<dyn Dial>,
    pub(super) loan: Loan,
    pub(super) switch: Arc<StopSwitch>,
    pub(super) stop: Stop,
}

impl Errand {
    /// The fence under which the task is driven.
    pub(super) fn fence(&self) -> Fence {
        self.loan.account.fence()
    }

    /// Whether a worker that died may have left something untold.
    pub(super) const fn resumes(&self) -> bool {
        self.resumes
    }

    pub(super) fn now(&self) -> Timestamp {
        self.guard.clock().now()
    }

    /// Drives the task, and leaves everything as the next one needs it.
    pub(super) async fn run(self) {
        self.note_busy().await;
        let end = {
            let work = self.work();
            tokio::pin!(work);
            tokio::select! {
                biased;
                end = &mut work => end,
                () = self.watch() => work.await,
            }
        };
        let end = end.unwrap_or_else(|error| End::Store { why: error.to_string() });
        self.leave(end).await;
    }

    /// Notes that the phone is ours. Only for whoever looks: what keeps others off is the lease.
    async fn note_busy(&self) {
        for _ in 0..NOTES {
            let Ok(Some(phone)) = self.guard.store().device(&self.phone.device_id).await else {
                return;
            };
            if phone.state == DeviceState::Disabled {
                // A person took it out of use a moment ago.
                self.switch.stop();
                return;
            }
            let rev = phone.rev;
            let busy =
                DeviceRecord { state: DeviceState::Busy { task: self.task.id.clone() }, ..phone };
            // Whether it answers may have been noted in between.
            if self.crew.note_phone(&busy, rev).await.is_some() {
                return;
            }
        }
    }

    /// Returns once the errand was asked to stop.
    async fn watch(&self) {
        while !self.stop.is_asked() {
            self.guard.clock().sleep(WATCH).await;
            match self.guard.store().task(&self.task.id).await {
                Ok(Some(task)) if self.is_ours(&task) && task.wish.is_none() => {}
                Ok(_) => self.switch.stop(),
                // The run meets the same failure, and knows what it may do without a store.
                Err(error) => tracing::debug!(task = %self.task.id, %error, "not watched"),
            }
        }
    }

    /// Whether the task is still driven under our fence.
    pub(super) fn is_ours(&self, task: &Task) -> bool {
        matches!(task.state, TaskState::Running { .. }) && task.fence == self.fence()
    }

    async fn work(&self) -> Result<End, StoreError> {
        if self.task.has_lost_source() {
            return Ok(End::Failed {
                why: "the person it was to start from was erased".to_owned(),
            });
        }
        if self.task.has_to_crawl()
            && let Some(end) = self.look_for_people().await?
        {
            return Ok(end);
        }
        if self.task.spec.kind == TaskKind::Crawl {
            return Ok(End::Done);
        }
        self.engage().await
    }

    async fn engage(&self) -> Result<End, StoreError> {
        let Some(task) = self.guard.store().task(&self.task.id).await? else {
            return Ok(End::Lost);
        };
        let mut progress = task.progress;
        let (mut after, mut again_at) = (0, None::<Timestamp>);
        let mut left_open = false;
        loop {
            let portion = self.portion(after, &progress).await?;
            let Some(last) = portion.last() else {
                if !left_open {
                    return Ok(End::Done);
                }
                // Only those whom somebody else is at.
                let until = again_at.unwrap_or_else(|| self.now().plus(LEFT_ALONE));
                return Ok(End::Waits { reason: WaitReason::Pace, until: Some(until) });
            };
            after = last.ord;
            let count = portion.len() as u64;
            let plan = match self.plan(&portion) {
                Ok(Some(plan)) => plan,
                // Everybody in it was erased meanwhile.
                Ok(None) => continue,
                Err(why) => return Ok(End::Failed { why: why.to_string() }),
            };
            let (ended, came_to) = self.engage_portion(&plan, &portion, progress).await;
            progress = came_to.progress;
            if ended != Ended::Done {
                return self.end_of(ended, came_to.evidence).await;
            }
            left_open |= came_to.settled < count;
            again_at = earlier(again_at, came_to.again_at);
            if self.stop.is_asked() {
                return Ok(End::Stopped);
            }
        }
    }

    /// The next candidates whose turn it is; none: that was all, or the limit is reached.
    async fn portion(&self, after: u64, progress: &Progress) -> Result<Vec<Candidate>, StoreError> {
        let limit = self.task.spec.limit.map_or(u64::MAX, u64::from);
        let room = limit.saturating_sub(progress.done);
        let size = PORTION.min(usize::try_from(room).unwrap_or(PORTION));
        if size == 0 {
            return Ok(Vec::new());
        }
        let store = self.guard.store();
        store.candidates(&self.task.id, true, after, size).await
    }

    async fn engage_portion(
        &self,
        plan: &Plan,
        portion: &[Candidate],
        progress: Progress,
    ) -> (Ended, Portion) {
        let checkpoint = Checkpoint::new(self, portion, self.task.spec.actions.len(), progress);
        let (dial, kit) = (self.dial.as_ref(), &self.crew.kit);
        let summary = run::run(&self.guard, dial, kit, plan, &self.stop, &checkpoint).await;
        (summary.ended, checkpoint.come_to())
    }

    /// `None`: there is nobody left in the portion.
    fn plan(&self, portion: &[Candidate]) -> Result<Option<Plan>, PlanError> {
        let spec = &self.task.spec;
        let people: Vec<Username> = portion.iter().filter_map(|c| c.username.clone()).collect();
        if people.is_empty() {
            return Ok(None);
        }
        let (account, comments) = (spec.account_id.clone(), spec.comments.clone());
        let plan = Plan::new(account, &spec.actions, people, comments, self.task.id.clone())?;
        let plan = plan.waiting(false).dry(spec.dry_run).picturing(self.crew.pictures);
        let plan = plan.switching(true).fronted(self.front.clone());
        Ok(Some(plan.filtering(spec.filters.clone()).lent(self.loan.clone())))
    }
}

fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
