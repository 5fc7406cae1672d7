//! One look at the queue.
//!
//! Everything is read before anything is decided, the phones before the tasks: a phone that says it
//! is busy with a task that is not running is left over from a worker that died. What is then
//! started is asked for once more under the leases, so an old reading costs a try, not a promise.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use decorum_core::task::queue::{self, Assignment, Reason, Situation};
use decorum_core::{
    AccountId, Alert, AlertKind, Breaker, DeviceId, DeviceRecord, DeviceState, Held, Holder, Task,
    TaskId, TaskState, Timestamp, WaitReason,
};
use decorum_store::StoreError;

use super::Crew;
use super::errand::Errand;
use super::health::Health;
use super::rests::Rests;
use super::worker::Hands;
use crate::automator::Front;
use crate::lease::Hold;
use crate::process;
use crate::run::{Loan, StopSwitch};
use crate::sabotage::{Protection, is_off};

/// How long a lease that somebody holds is not tried again.
const HELD_FOR: Duration = Duration::from_secs(2);
/// How often what is not urgent is seen to: alerts, orphans.
const SELDOM: Duration = Duration::from_secs(3);
/// How long a task may wait for a phone before a person is told.
const STUCK: Duration = Duration::from_mins(10);
/// Alerts looked at, to close those that are over.
const ALERTS: usize = 1000;

/// What a worker knows from its last look.
#[derive(Default)]
pub(super) struct Desk {
    pub(super) alerts: Vec<Alert>,
    /// How many tasks were open.
    pub(super) open: usize,
    rests: Rests,
    pub(super) health: Health,
    /// Leases that somebody held, and until when they are not worth a try.
    held: BTreeMap<String, Timestamp>,
    seldom: Option<Duration>,
    /// Errands so far; each has a number.
    errands: u64,
    /// Tasks that wait for a phone, and since when.
    stuck: BTreeMap<TaskId, Timestamp>,
}

impl Crew {
    pub(super) async fn round(
        self: &Arc<Self>,
        desk: &mut Desk,
        hands: &mut Hands,
    ) -> Result<(), StoreError> {
        let store = self.guard.store();
        let steady = self.guard.clock().steady();
        let seldom = desk.seldom.is_none_or(|then| steady.saturating_sub(then) >= SELDOM);
        if seldom {
            desk.seldom = Some(steady);
            desk.alerts = store.alerts(true, None, ALERTS).await?.items;
        }
        if !self.clock_is_right(desk).await {
            return Ok(());
        }
        if seldom {
            // What this machine could not tell may say that an account must rest; no task may come
            // here for long that would.
            self.guard.deliver().await?;
        }
        let mut phones = store.devices().await?;
        let mut tasks = store.open_tasks().await?;
        desk.open = tasks.len();
        if seldom {
            self.take_up_orphans(&mut tasks, hands).await?;
            self.alarms(desk, &tasks, &phones).await;
        }
        self.follow_schedules(&mut tasks).await?;
        self.see_to_phones(desk, &mut phones, &tasks).await;
        let now = self.guard.clock().now();
        desk.held.retain(|_, until| *until > now);
        let resting = desk.rests.now(store.as_ref(), now).await?;
        let choice = {
            let (busy_accounts, busy_devices) = busy(&desk.held);
            let shown = shown(&tasks);
            queue::choose(&Situation {
                tasks: &shown,
                devices: &phones,
                resting: &resting,
                busy_accounts: &busy_accounts,
                busy_devices: &busy_devices,
                now,
            })
        };
        for reason in &choice.wait {
            self.has_to_wait(&tasks, reason).await;
        }
        for assignment in choice.start {
            if hands.busy() >= self.slots {
                break;
            }
            if !desk.rests.ask(store.as_ref(), &assignment.account, now).await? {
                continue;
            }
            self.start(desk, hands, &tasks, &phones, &assignment).await?;
        }
        Ok(())
    }

    /// Writes down why a task has to wait, unless it changed meanwhile.
    async fn has_to_wait(&self, tasks: &[Task], why: &Reason) {
        let Some(task) = tasks.iter().find(|task| task.id == why.task) else { return };
        let now = self.guard.clock().now();
        let Ok(waiting) = task.clone().wait(why.reason, why.until, now) else { return };
        match self.guard.store().save_task(&waiting, task.rev, None, now).await {
            // Another worker came to the same conclusion, or a person changed it.
            Ok(_) | Err(StoreError::Conflict { .. }) => {}
            Err(error) => tracing::warn!(task = %task.id, %error, "that it waits is not noted"),
        }
    }

    /// Starts a task on a phone, if both can be had.
    async fn start(
        self: &Arc<Self>,
        desk: &mut Desk,
        hands: &mut Hands,
        tasks: &[Task],
        phones: &[DeviceRecord],
        assignment: &Assignment,
    ) -> Result<(), StoreError> {
        let Some(task) = tasks.iter().find(|task| task.id == assignment.task) else {
            return Ok(());
        };
        let Some(phone) = phones.iter().find(|phone| phone.device_id == assignment.device) else {
            return Ok(());
        };
        desk.errands += 1;
        let holder =
            process::beside(self.guard.holder(), &format!("{}.{}", self.name, desk.errands));
        let account = format!("account:{}", assignment.account);
        let Some(account) = self.take_lease(desk, account, &holder).await? else { return Ok(()) };
        let device = format!("device:{}", assignment.device);
        let device = match self.take_lease(desk, device, &holder).await {
            Ok(Some(hold)) => hold,
            Ok(None) => return account.release().await,
            Err(error) => {
                // It lapses by itself if it cannot be given back either.
                drop(account.release().await);
                return Err(error);
            }
        };
        let now = self.guard.clock().now();
        let fence = account.fence();
        let loan = Loan { account: Arc::new(account), phone: Arc::new(device) };
        let Ok(started) = task.clone().start(holder.clone(), phone.device_id.clone(), fence, now)
        else {
            return give_back(&loan).await;
        };
        let started = match self.guard.store().save_task(&started, task.rev, None, now).await {
            Ok(started) => started,
            // Somebody was faster, or a person changed it.
            Err(StoreError::Conflict { .. }) => return give_back(&loan).await,
            Err(error) => {
                drop(give_back(&loan).await);
                return Err(error);
            }
        };
        tracing::info!(task = %task.id, account = %assignment.account, phone = %phone.device_id, "started");
        let (switch, stop) = StopSwitch::new();
        let switch = Arc::new(switch);
        let front = phone.front_under(loan.phone.fence()).map_or_else(Front::unknown, Front::of);
        let errand = Errand {
            crew: Arc::clone(self),
            guard: self.guard.held_by(holder),
            resumes: task.started_at.is_some(),
            task: started,
            phone: phone.clone(),
            front,
            dial: self.lines.line(phone),
            loan,
            switch: Arc::clone(&switch),
            stop,
        };
        hands.take(task.id.clone(), switch, errand.run());
        Ok(())
    }

    /// A lease, if nobody has it.
    async fn take_lease(
        &self,
        desk: &mut Desk,
        name: String,
        holder: &Holder,
    ) -> Result<Option<Hold>, StoreError> {
        let (store, clock) = (Arc::clone(self.guard.store()), Arc::clone(self.guard.clock()));
        match Hold::take(store, clock, &name, holder).await? {
            Ok(hold) => Ok(Some(hold)),
            Err(Held(other)) => {
                tracing::debug!(name, holder = %other.holder, "somebody has the lease");
                let now = self.guard.clock().now();
                desk.held.insert(name, other.until.min(now.plus(HELD_FOR)));
                Ok(None)
            }
        }
    }

    /// Raises and closes what a person has to know of the queue and the phones.
    async fn alarms(&self, desk: &mut Desk, tasks: &[Task], phones: &[DeviceRecord]) {
        let now = self.guard.clock().now();
        let waits = |task: &&Task| {
            matches!(task.state, TaskState::Waiting { reason: WaitReason::Device, .. })
        };
        let stuck: BTreeMap<_, _> = tasks
            .iter()
            .filter(waits)
            .map(|task| (task.id.clone(), *desk.stuck.get(&task.id).unwrap_or(&now)))
            .collect();
        for (task, _) in stuck.iter().filter(|(_, since)| since.plus(STUCK) <= now) {
            let message = format!(
                "task {task} waits for a phone for more than {} minutes: no phone that has its \
                 account answers; see `decorum device list`",
                STUCK.as_secs() / 60
            );
            self.raise(AlertKind::QueueStuck, task.as_str(), &message, None).await;
        }
        desk.stuck = stuck;
        let alerts = std::mem::take(&mut desk.alerts);
        for alert in &alerts {
            if self.is_over(alert, desk, tasks, phones, now).await {
                self.calm(&alerts, alert.kind, &alert.subject).await;
            }
        }
        desk.alerts = alerts;
    }

    async fn is_over(
        &self,
        alert: &Alert,
        desk: &mut Desk,
        tasks: &[Task],
        phones: &[DeviceRecord],
        now: Timestamp,
    ) -> bool {
        match alert.kind {
            AlertKind::AccountHalted | AlertKind::UnknownDialog => {
                let Ok(account) = alert.subject.parse() else { return false };
                match self.guard.store().account(&account).await {
                    Ok(view) => !matches!(view.account.breaker, Breaker::Halted { .. }),
                    Err(_) => false,
                }
            }
            AlertKind::DeviceLost => {
                let phone = phones.iter().find(|phone| phone.device_id.as_str() == alert.subject);
                phone.is_none_or(|phone| {
                    matches!(phone.state, DeviceState::Ready | DeviceState::Disabled)
                        && desk.health.is_steady(&phone.device_id)
                })
            }
            AlertKind::QueueStuck => {
                let waits = desk.stuck.keys().any(|task| task.as_str() == alert.subject);
                let needs_person = tasks.iter().any(|task| {
                    task.id.as_str() == alert.subject
                        && matches!(&task.state, TaskState::Waiting { reason, .. } if reason.needs_person())
                });
                !waits && !needs_person && alert.raised_at < now
            }
            // By whoever raised it, or by a person.
            AlertKind::ClockTrouble | AlertKind::TaskFailed => false,
        }
    }
}

/// The tasks as far as they count when it is chosen what comes next: all of them.
fn shown(tasks: &[Task]) -> Cow<'_, [Task]> {
    if !is_off(Protection::BusyAccount) {
        return tasks.into();
    }
    let runs = |task: &Task| matches!(task.state, TaskState::Running { .. });
    tasks.iter().filter(|task| !runs(task)).cloned().collect::<Vec<_>>().into()
}

async fn give_back(loan: &Loan) -> Result<(), StoreError> {
    loan.phone.release().await?;
    loan.account.release().await
}

/// The accounts and phones that somebody holds.
fn busy(held: &BTreeMap<String, Timestamp>) -> (BTreeSet<AccountId>, BTreeSet<DeviceId>) {
    let named = |kind: &'static str| held.keys().filter_map(move |name| name.strip_prefix(kind));
    (
        named("account:").filter_map(|name| name.parse().ok()).collect(),
        named("device:").filter_map(|name| name.parse().ok()).collect(),
    )
}
