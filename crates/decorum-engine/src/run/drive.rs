//! The loop over the list.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use decorum_core::{Held, Refusal, RefusalReason};
use decorum_device::DeviceError;
use decorum_store::StoreError;

use super::attempt::{Item, Next};
use super::phone::Dial;
use super::plan::{Kit, Loan, Plan, Stop};
use super::summary::{Ended, Summary};
use super::tell::{Progress, Settled, Tell};
use crate::automator::Automator;
use crate::guard::{Context, Guard, key};
use crate::lease::Hold;
use crate::sabotage::{Protection, is_off};

/// Doubts counted for the summary, at most.
const DOUBTS_COUNTED: usize = 1000;

/// How long a run goes by the rules it knows before it asks for newer ones.
const LEARN_EVERY: Duration = Duration::from_secs(5);

/// Everything one run has in hand.
pub(super) struct Drive<'a> {
    pub(super) guard: &'a Guard,
    pub(super) dial: &'a dyn Dial,
    pub(super) kit: &'a Kit,
    pub(super) plan: &'a Plan,
    pub(super) stop: &'a Stop,
    pub(super) tell: &'a dyn Tell,
    pub(super) context: Context,
    pub(super) automator: Option<Automator>,
    pub(super) account: Option<Arc<Hold>>,
    pub(super) phone: Option<Arc<Hold>>,
    pub(super) summary: Summary,
    /// What the run waits for right now.
    pub(super) waiting_for: Option<(RefusalReason, Option<decorum_core::Timestamp>)>,
    /// Failures of the phone in a row.
    pub(super) failures: u32,
    /// People in a row whose pages were not understood.
    pub(super) strange: u32,
    /// Requests sent over connections that are gone.
    pub(super) round_trips_before: u64,
    pub(super) comments_used: usize,
    /// What is over and nobody has been told yet; see [`Drive::told`].
    pub(super) untold: Vec<Settled>,
    /// When it asked for the operator's rules, by the steady clock.
    learnt: Option<Duration>,
    /// When the phone's picture was taken, by the steady clock.
    pub(super) pictured: Option<Duration>,
}

/// Why a step could not go on.
pub(super) enum Trip {
    /// The run is over.
    End(Ended),
    /// The store failed.
    Store(StoreError),
    /// The phone failed.
    Device(DeviceError),
}

impl From<StoreError> for Trip {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<DeviceError> for Trip {
    fn from(error: DeviceError) -> Self {
        Self::Device(error)
    }
}

/// Runs the plan and says what it came to, whatever happened.
pub async fn run(
    guard: &Guard,
    dial: &dyn Dial,
    kit: &Kit,
    plan: &Plan,
    stop: &Stop,
    tell: &dyn Tell,
) -> Summary {
    let started = guard.clock().steady();
    let summary = Summary::new(plan.account.clone(), plan.task_id.clone(), plan.size());
    let mut drive = Drive {
        guard,
        dial,
        kit,
        plan,
        stop,
        tell,
        context: Context {
            task_id: Some(plan.task_id.clone()),
            device_id: Some(dial.device_id()),
            ..Context::default()
        },
        automator: None,
        account: None,
        phone: None,
        summary,
        waiting_for: None,
        failures: 0,
        strange: 0,
        round_trips_before: 0,
        comments_used: 0,
        untold: Vec::new(),
        learnt: None,
        pictured: None,
    };
    let went = drive.all().await;
    // Also after a failure: what is over is over.
    let told = drive.told().await;
    if let (Err(_), Err(Trip::Store(error))) = (&went, &told) {
        tracing::warn!(%error, "what was over at the end of the run could not be told");
    }
    let ended = match went.and(told) {
        Ok(()) => Ended::Done,
        Err(Trip::End(ended)) => ended,
        Err(Trip::Store(error)) => Ended::StoreFailed { why: error.to_string() },
        Err(Trip::Device(error)) => Ended::PhoneFailed { why: error.to_string() },
    };
    if let Ok(doubts) = guard.store().doubts(Some(&plan.account), DOUBTS_COUNTED).await {
        drive.summary.in_doubt = drive.summary.in_doubt.max(doubts.len());
    }
    drive.leave().await;
    if is_off(Protection::DeliverFirst)
        && let Err(error) = guard.deliver().await
    {
        tracing::warn!(%error, "the spool could not be delivered");
    }
    let mut summary = drive.summary;
    summary.spooled = guard.spool().waiting().await.map_or(0, |waiting| waiting.len());
    summary.ended = ended;
    summary.dry_run = plan.dry_run;
    summary.round_trips = drive.round_trips_before;
    let took = guard.clock().steady().saturating_sub(started);
    summary.elapsed_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    summary
}

impl Drive<'_> {
    async fn all(&mut self) -> Result<(), Trip> {
        self.clock_is_right()?;
        self.deliver().await?;
        // A dry run changes nothing, so it settles nothing either.
        let doubts = if self.plan.dry_run { Vec::new() } else { self.find_doubts().await? };
        let mut queue = self.sift(!doubts.is_empty()).await?;
        if queue.is_empty() && doubts.is_empty() {
            return Ok(());
        }
        self.take_leases().await?;
        // Whoever had them before, on this machine, may have found the store gone meanwhile.
        self.deliver().await?;
        if !doubts.is_empty() {
            self.learn().await?;
            // An account that was told to stop does not look around either.
            self.rest_until_admitted().await?;
            self.settle_doubts().await?;
        }
        while let Some(mut item) = queue.pop_front() {
            if self.stop.is_asked() {
                return Err(Trip::End(Ended::Stopped));
            }
            self.learn().await?;
            // Somebody who had the account, and was held up, may tell only now what came of it.
            self.deliver().await?;
            if !self.admit(&item).await? {
                continue;
            }
            self.ensure_phone().await?;
            if self.attempt(&mut item).await? == Next::Again {
                queue.push_front(item);
            }
            self.take_picture().await?;
        }
        Ok(())
    }

    /// Tells what is over and was not told yet, so that it is noted durably. Due before anybody is
    /// claimed, and before every wait; only opening the next page goes on meanwhile, because that
    /// takes its time as well and commits us to nothing.
    pub(super) async fn told(&mut self) -> Result<(), Trip> {
        if !self.untold.is_empty() {
            self.tell.settled(std::mem::take(&mut self.untold)).await?;
        }
        Ok(())
    }

    /// Hands over what waits in the spool of this machine. A dry run changes nothing.
    async fn deliver(&self) -> Result<(), Trip> {
        if !self.plan.dry_run && !is_off(Protection::DeliverFirst) {
            self.guard.deliver().await?;
        }
        Ok(())
    }

    /// Takes the operator's rules into account, which may have changed meanwhile.
    async fn learn(&mut self) -> Result<(), Trip> {
        let now = self.guard.clock().steady();
        if self.learnt.is_some_and(|then| now.saturating_sub(then) < LEARN_EVERY) {
            return Ok(());
        }
        let rules = self.guard.settings().await?.message_rules;
        self.learnt = Some(now);
        if let Err(problem) = self.kit.classifier.learn(&rules) {
            tracing::warn!(%problem, "message_rules cannot be used beside this app profile");
        }
        Ok(())
    }

    /// Splits the plan into who is still to be engaged and who is refused already, before any
    /// phone is asked. Refusals go on record in one step.
    async fn sift(&mut self, doubts: bool) -> Result<VecDeque<Item>, Trip> {
        let plan = self.plan;
        let mut answers = Vec::with_capacity(plan.actions.len());
        for action in &plan.actions {
            let asked = self.guard.check(&plan.account, *action, &plan.targets).await?;
            answers.push(asked.into_iter());
        }
        let mut queue = VecDeque::new();
        let mut refused: Vec<(Item, Refusal)> = Vec::new();
        for target in &plan.targets {
            for (action, answers) in plan.actions.iter().zip(&mut answers) {
                let item = Item::new(target.clone(), *action);
                match answers.next() {
                    Some(Err(refusal)) if refusal.reason.is_about_target() => {
                        refused.push((item, refusal));
                    }
                    // A doubt that is about to be settled is not refused yet.
                    Some(Err(refusal)) if refusal.reason == RefusalReason::InDoubt && !doubts => {
                        refused.push((item, refusal));
                    }
                    _ => queue.push_back(item),
                }
            }
        }
        if !plan.dry_run {
            let on_record = refused
                .iter()
                .map(|(item, refusal)| (key(&plan.account, &item.target, item.action), *refusal))
                .collect();
            self.guard.record_refusals(on_record, &self.context).await?;
        }
        let over: Vec<Settled> = refused
            .iter()
            .map(|(item, refusal)| Settled::refused(&item.target, item.action, *refusal))
            .collect();
        self.tell.settled(over).await?;
        for (item, refusal) in refused {
            self.summary.refuse(item.target, item.action, refusal);
        }
        let (open, refused) = (queue.len(), self.summary.refused.len());
        self.tell.tell(Progress::Checked { open, refused });
        Ok(queue)
    }

    async fn take_leases(&mut self) -> Result<(), Trip> {
        if let Some(Loan { account, phone }) = &self.plan.loan {
            self.context.account_fence = Some(account.fence());
            self.account = Some(Arc::clone(account));
            self.phone = Some(Arc::clone(phone));
            return Ok(());
        }
        let account = self.take(format!("account:{}", self.plan.account)).await?;
        self.context.account_fence = Some(account.fence());
        self.account = Some(Arc::new(account));
        let phone = self.take(format!("device:{}", self.dial.device_id())).await?;
        self.phone = Some(Arc::new(phone));
        Ok(())
    }

    /// Takes a lease, waiting for whoever holds it if the run is to wait.
    async fn take(&mut self, name: String) -> Result<Hold, Trip> {
        loop {
            let store = Arc::clone(self.guard.store());
            let clock = Arc::clone(self.guard.clock());
            match Hold::take(store, clock, &name, self.guard.holder()).await? {
                Ok(hold) => {
                    self.rested();
                    return Ok(hold);
                }
                Err(Held(other)) if !self.plan.wait => {
                    let what = name.replacen(':', " ", 1);
                    return Err(Trip::End(Ended::Busy { what, until: other.until }));
                }
                // Its holder renews it, so its end says nothing about when it will be free.
                Err(_) => self.pause(Refusal::new(RefusalReason::AccountBusy, None)).await?,
            }
        }
    }

    /// Gives back what was taken; the run is over, so what fails here is only noted.
    async fn leave(&mut self) {
        self.let_go().await;
        if self.plan.loan.is_some() {
            return;
        }
        for hold in [self.account.take(), self.phone.take()].into_iter().flatten() {
            if let Err(error) = hold.release().await {
                tracing::warn!(%error, "a lease could not be given back; it lapses by itself");
            }
        }
    }
}
