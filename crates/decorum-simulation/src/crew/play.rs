//! Plays a crew's schedule to its end.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use decorum_core::{
    AccountId, Breaker, DeviceRecord, Settings, Task, TaskState, Timestamp, Username,
};
use decorum_engine::crew::{Crew, Lines, Parts};
use decorum_engine::guard::Guard;
use decorum_engine::machine::Machine;
use decorum_engine::run::{Dial, Kit, StopSwitch};
use decorum_store::{Store, Submission};
use serde_json::json;
use tokio::time::{Instant, sleep, sleep_until};

use super::hands::{PERSON, by_hand};
use super::judge::{Moment, Monitor, lists_and_log};
use super::schedule::{CrewSchedule, Due, WorkerSpec};
use crate::faults::{Deed, Fault};
use crate::gate::{Gate, Passages};
use crate::judge;
use crate::keeper::Keeper;
use crate::machine::{Begin, Desk, Dice, Host};
use crate::phone::{Line, Phone, Phones, lock};
use crate::platform::Platform;
use crate::store::Remote;
use crate::watcher::{Process, Watcher};
use crate::world::{PERSON_COMES, Played, cuts, prepare, set_clocks, settings};

/// By when everything must be done.
const HORIZON: Duration = Duration::from_hours(12);
/// How often it is looked whether it is, and whether all is well.
const LOOK: Duration = Duration::from_secs(2);
/// The longest that something takes on its way to the store: the slowest answer, and some.
const ON_ITS_WAY: Duration = Duration::from_secs(24);
/// Until claims that somebody left behind have run out: a minute, and some.
const LAPSED: Duration = Duration::from_secs(90);
/// How long a process must have been up to be expected to look after others, in seconds.
const SETTLED_IN: u64 = 20;
/// How often what is still in doubt is sent after.
const ROUNDS: usize = 8;

struct World {
    begin: Begin,
    schedule: CrewSchedule,
    kit: Kit,
    keeper: Arc<Mutex<Keeper>>,
    hosts: Vec<Arc<Host>>,
    phones: Phones,
    passages: Vec<Arc<Mutex<Passages>>>,
    accounts: Vec<AccountId>,
    names: Vec<Username>,
    watcher: Arc<Watcher>,
    /// By worker, the process that is up, since when, and how it is asked to end.
    up: Mutex<Vec<Option<Up>>>,
    over: AtomicBool,
}

#[derive(Clone)]
struct Up {
    gate: Gate,
    since: Duration,
    switch: Arc<StopSwitch>,
}

/// Plays it, in virtual time.
pub(crate) fn play(schedule: &CrewSchedule, kit: &Kit, recording: bool) -> Result<Played, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .map_err(|e| e.to_string())?;
    runtime.block_on(async {
        let world = Arc::new(World::new(schedule.clone(), kit.clone(), recording)?);
        Ok(world.play().await)
    })
}

impl World {
    fn new(schedule: CrewSchedule, kit: Kit, recording: bool) -> Result<Self, String> {
        let begin = Begin(Instant::now());
        let names: Result<Vec<Username>, _> =
            (0..schedule.people.len()).map(|n| format!("person{n}").parse()).collect();
        let names = names.map_err(|e: decorum_core::NameError| e.to_string())?;
        let account_names: Vec<String> =
            (0..schedule.accounts).map(|n| format!("account{n}")).collect();
        let accounts: Result<Vec<AccountId>, _> = account_names.iter().map(|n| n.parse()).collect();
        let accounts = accounts.map_err(|e| format!("{e}"))?;
        let in_force = settings(schedule.scope)?
            .with("cooldown_minutes", json!(15))
            .map_err(|e| e.to_string())?;
        let keeper = Arc::new(Mutex::new(Keeper::new(in_force)));
        let hosts = schedule.machines.iter().map(|spec| Host::new(begin, *spec)).collect();
        let mut platform = Platform::new(schedule.people.clone(), names.clone(), schedule.accounts);
        let mut phones: Vec<Phone> = schedule.phones.iter().cloned().map(Phone::new).collect();
        prepare(&schedule.faults, begin, &mut platform, &mut phones);
        let passages = (0..schedule.workers.len())
            .map(|n| Arc::new(Mutex::new(Passages::of(&schedule.faults, n))))
            .collect();
        let people = names.clone();
        let watcher =
            Arc::new(Watcher::new(begin, Arc::clone(&keeper), accounts.clone(), people, recording));
        let phones = Phones {
            all: Arc::new(Mutex::new(phones)),
            platform: Arc::new(Mutex::new(platform)),
            account_names: Arc::new(account_names),
        };
        let up = Mutex::new(vec![None; schedule.workers.len()]);
        let world = Self {
            begin,
            schedule,
            kit,
            keeper,
            hosts,
            phones,
            passages,
            accounts,
            names,
            watcher,
            up,
            over: AtomicBool::new(false),
        };
        world.register_phones()?;
        Ok(world)
    }

    fn register_phones(&self) -> Result<(), String> {
        for (n, accounts) in self.schedule.phones.iter().enumerate() {
            let id = format!("phone{n}").parse().map_err(|e| format!("{e}"))?;
            let accounts = accounts.iter().filter_map(|a| self.accounts.get(*a).cloned());
            let phone = DeviceRecord::new(id, format!("http://phone{n}"), accounts.collect());
            let put = lock(&self.keeper).board.put_phone(&phone, 0, Some(PERSON), self.now());
            put.map_err(|e| e.to_string())?;
        }
        Ok(())
    }

    fn now(&self) -> Timestamp {
        self.begin.truth()
    }

    async fn play(self: Arc<Self>) -> Played {
        let workers: Vec<_> = (0..self.schedule.workers.len())
            .map(|n| tokio::spawn(Arc::clone(&self).work(n)))
            .collect();
        let others = [
            tokio::spawn(Arc::clone(&self).weather()),
            tokio::spawn(Arc::clone(&self).hands()),
            tokio::spawn(Arc::clone(&self).person()),
            tokio::spawn(Arc::clone(&self).monitor()),
        ];
        let through = async {
            self.until_done().await;
            self.settle_what_is_left().await;
            self.over.store(true, Ordering::Relaxed);
            lock(&self.up).iter().flatten().for_each(|up| up.switch.stop());
            for worker in workers {
                if let Err(error) = worker.await {
                    self.watcher.object(format!("a worker panicked: {error}"));
                }
            }
        };
        tokio::select! {
            biased;
            () = self.watcher.objection() => {}
            () = through => {}
            () = sleep(HORIZON) => {
                let open: Vec<_> = lock(&self.keeper).board.open();
                let open: Vec<_> = open.iter().map(|t| format!("{} {:?}", t.id, t.state)).collect();
                self.watcher.object(format!("half a day later they are still at it: {open:?}"));
            }
        }
        others.iter().for_each(tokio::task::JoinHandle::abort);
        if self.watcher.violation().is_none()
            && let Err(violation) = self.judge()
        {
            self.watcher.object(violation);
        }
        self.played()
    }

    fn judge(&self) -> Result<(), String> {
        let left: Vec<_> = self.hosts.iter().flat_map(|host| host.waiting()).collect();
        if !left.is_empty() {
            return Err(format!("{} outcomes were never delivered", left.len()));
        }
        for (n, phone) in lock(&self.phones.all).iter().enumerate() {
            let two =
                phone.served.iter().zip(phone.served.iter().skip(1)).find(|(a, b)| a.0 == b.0);
            if let Some((a, b)) = two {
                let both = (a.1, b.1);
                return Err(format!("phone {n} acted for {both:?} in its session {}", a.0));
            }
        }
        let keeper = lock(&self.keeper);
        judge::log_and_ledger(&keeper, &lock(&self.phones.platform), &self.accounts)?;
        lists_and_log(&keeper)
    }

    fn played(&self) -> Played {
        let keeper = lock(&self.keeper);
        let platform = lock(&self.phones.platform);
        let events = keeper.log.iter().map(|event| event.hash.to_string());
        let tasks = keeper.board.tasks.values();
        let tasks = tasks.map(|task| format!("{} {} {:?}", task.id, task.rev, task.progress));
        let print: String = events.chain(tasks).collect();
        Played {
            violation: self.watcher.violation(),
            history: self.watcher.history(),
            acts: platform.acts.len(),
            events: keeper.log.len(),
            processes: self.watcher.processes(),
            passages: self.passages.iter().map(|p| lock(p).count()).sum(),
            print,
        }
    }

    /// Submits the tasks, each at its time, and waits until all have ended and all is told.
    async fn until_done(&self) {
        let mut plans: Vec<_> = self.schedule.tasks.iter().enumerate().collect();
        plans.sort_by_key(|(_, plan)| plan.at);
        for (n, plan) in plans {
            self.at(plan.at).await;
            let Some(account) = self.accounts.get(plan.account) else { continue };
            let targets = plan.people.iter().filter_map(|p| self.names.get(*p).cloned()).collect();
            self.submit(&format!("task{n}"), plan.spec(account.clone()), targets);
        }
        let cancelled = self.schedule.tasks.iter().enumerate().filter_map(|(n, plan)| {
            let Some(Due::Every { until, .. }) = plan.due else { return None };
            Some((until, n))
        });
        let mut cancelled: Vec<_> = cancelled.collect();
        cancelled.sort_unstable();
        for (until, n) in cancelled {
            self.at(until).await;
            self.hand(n, Deed::Cancel);
        }
        self.until_quiet().await;
    }

    /// Waits until nothing is open, nothing is untold, and nobody has been slow or frozen for long
    /// enough that something may still be on its way.
    async fn until_quiet(&self) {
        let mut quiet = Duration::ZERO;
        while quiet < ON_ITS_WAY {
            sleep(LOOK).await;
            let told = self.hosts.iter().all(|host| host.waiting().is_empty());
            let moves = !lock(&self.up).iter().flatten().any(|up| up.gate.is_frozen());
            let done = told && moves && lock(&self.keeper).board.open().is_empty();
            quiet = if done { quiet + LOOK } else { Duration::ZERO };
        }
    }

    /// What tasks that ended early left in doubt is settled by the next task of the account.
    async fn settle_what_is_left(&self) {
        for passages in &self.passages {
            lock(passages).calm();
        }
        for round in 0..ROUNDS {
            let held: Vec<_> = {
                let keeper = lock(&self.keeper);
                let holds = |account: &&AccountId| {
                    let mut rows = keeper.rows.iter();
                    rows.any(|(key, row)| key.account_id == **account && row.claim().is_some())
                };
                self.accounts.iter().filter(holds).cloned().collect()
            };
            if held.is_empty() {
                return;
            }
            sleep(LAPSED).await;
            for (account, plan) in held.into_iter().zip(self.schedule.tasks.iter().cycle()) {
                let plan = super::schedule::TaskPlan { due: None, limit: None, ..plan.clone() };
                let last = self.names.last().cloned().into_iter().collect();
                self.submit(&format!("last.{account}.{round}"), plan.spec(account), last);
            }
            self.until_quiet().await;
        }
    }

    fn submit(&self, id: &str, spec: decorum_core::TaskSpec, targets: Vec<Username>) {
        let Ok(id) = id.parse() else { return };
        let submission = Submission { id, spec, targets, copy_of: None };
        if let Err(error) = lock(&self.keeper).board.submit(&submission, PERSON, self.now()) {
            self.watcher.object(format!("a task cannot be submitted: {error}"));
        }
    }

    async fn at(&self, second: u32) {
        sleep_until(self.begin.0 + Duration::from_secs(u64::from(second))).await;
    }

    /// What comes over machines and workers at its time.
    async fn weather(self: Arc<Self>) {
        let clocks = set_clocks(&self.schedule.faults, self.begin, &self.hosts);
        let drains = async {
            let mut drains: Vec<_> = self
                .schedule
                .faults
                .iter()
                .filter_map(|fault| match *fault {
                    Fault::Drain { worker, at } => Some((at, worker)),
                    _ => None,
                })
                .collect();
            drains.sort_unstable();
            for (at, worker) in drains {
                self.at(at).await;
                if let Some(Some(up)) = lock(&self.up).get(worker) {
                    up.switch.stop();
                }
            }
        };
        tokio::join!(clocks, drains);
    }

    /// What a person does to tasks, at its time.
    async fn hands(self: Arc<Self>) {
        let mut hands: Vec<_> = self
            .schedule
            .faults
            .iter()
            .filter_map(|fault| match *fault {
                Fault::Hand { task, at, deed } => Some((at, task, deed)),
                _ => None,
            })
            .collect();
        hands.sort_unstable_by_key(|(at, task, _)| (*at, *task));
        for (at, task, deed) in hands {
            self.at(at).await;
            self.hand(task, deed);
        }
    }

    fn hand(&self, task: usize, deed: Deed) {
        let Ok(id) = format!("task{task}").parse() else { return };
        by_hand(&mut lock(&self.keeper), &self.watcher, &id, deed, self.now());
    }

    /// A person who comes now and then: clears halted accounts, closes what the app showed while
    /// nobody could tell whom it meant, and lets tasks go on.
    async fn person(self: Arc<Self>) {
        loop {
            sleep(PERSON_COMES).await;
            lock(&self.phones.platform).challenged.clear();
            for account in &self.accounts {
                let mut keeper = lock(&self.keeper);
                if matches!(keeper.account(account).breaker, Breaker::Halted { .. }) {
                    keeper.clear(account);
                }
            }
            let calls = |task: &Task| matches!(&task.state, TaskState::Waiting { reason, .. } if reason.needs_person());
            let waits = |task: &Task| matches!(task.state, TaskState::Paused) || calls(task);
            let open = lock(&self.keeper).board.open();
            if open.iter().any(calls) {
                lock(&self.phones.all).iter_mut().for_each(Phone::attend);
            }
            let now = self.now();
            for task in open.iter().filter(|task| waits(task)) {
                by_hand(&mut lock(&self.keeper), &self.watcher, &task.id, Deed::Resume, now);
            }
        }
    }

    /// Looks all the time whether all is well.
    async fn monitor(self: Arc<Self>) {
        let mut monitor = Monitor::default();
        loop {
            sleep(LOOK).await;
            let somebody_is_well =
                (0..self.schedule.workers.len()).any(|worker| self.is_well(worker));
            let found = {
                let keeper = lock(&self.keeper);
                let (now, step) = (self.now(), LOOK.as_secs());
                let moment = Moment { keeper: &keeper, now, step, somebody_is_well };
                monitor.look(&moment, |holder| {
                    self.watcher.process_of(holder).is_none_or(|process| !process.gate.is_alive())
                })
            };
            self.watcher.judge_crew(found);
        }
    }

    /// Whether a worker lives, moves, reaches the store, and has its clock right.
    fn is_well(&self, worker: usize) -> bool {
        let now = self.begin.elapsed();
        let Some(spec) = self.schedule.workers.get(worker) else { return false };
        let Some(Some(up)) = lock(&self.up).get(worker).cloned() else { return false };
        let cut = cuts(&self.schedule.faults, spec.machine).iter().any(|(from, to)| {
            (u64::from(*from)..u64::from(*to) + SETTLED_IN).contains(&now.as_secs())
        });
        let clock = self.hosts.get(spec.machine).is_some_and(|host| host.is_right());
        let settled_in = now.saturating_sub(up.since).as_secs() >= SETTLED_IN;
        up.gate.is_alive() && !up.gate.is_frozen() && !cut && clock && settled_in
    }

    /// One worker, started again until all is over.
    async fn work(self: Arc<Self>, n: usize) {
        let Some(spec) = self.schedule.workers.get(n).copied() else { return };
        sleep(Duration::from_secs(u64::from(spec.starts))).await;
        for start in 0_u64.. {
            if self.over.load(Ordering::Relaxed) {
                return;
            }
            let Some(passages) = self.passages.get(n).cloned() else { return };
            let gate = Gate::open(passages);
            tokio::select! {
                biased;
                () = gate.death() => {}
                () = self.run(n, spec, start, &gate) => {}
            }
            // What it left running dies with it.
            gate.kill();
            if let Some(up) = lock(&self.up).get_mut(n) {
                *up = None;
            }
            sleep(Duration::from_secs(1 + (start * 7) % 45)).await;
        }
    }

    /// One process, until it is asked to end.
    async fn run(&self, n: usize, spec: WorkerSpec, start: u64, gate: &Gate) {
        let name = format!("machine{}/worker{n}/{start}", spec.machine);
        let (Some(host), Ok(process), Ok(holder)) =
            (self.hosts.get(spec.machine), name.parse(), format!("{name}/0/run").parse())
        else {
            return;
        };
        let process =
            Process { worker: n, holder: process, host: Arc::clone(host), gate: gate.clone() };
        let process = self.watcher.started(process);
        let desk = Desk { host: Arc::clone(host), gate: gate.clone() };
        let store: Arc<dyn Store> = Arc::new(Remote {
            keeper: Arc::clone(&self.keeper),
            gate: gate.clone(),
            begin: self.begin,
            cut: cuts(&self.schedule.faults, spec.machine),
            watcher: Arc::clone(&self.watcher),
            process,
        });
        let seed = self.schedule.seed ^ (n as u64) << 48 ^ start << 32 ^ 0x5eed;
        let machine = Machine {
            clock: Arc::new(desk.clone()),
            entropy: Arc::new(Dice::new(seed)),
            anchor: Arc::new(desk.clone()),
            spool: Arc::new(desk),
        };
        let guard = Arc::new(Guard::new(store, machine, holder, Settings::default()));
        let lines = PhoneLines {
            phones: self.phones.clone(),
            gate: gate.clone(),
            watcher: Arc::clone(&self.watcher),
            process,
        };
        let crew = Crew::new(Parts {
            guard,
            kit: self.kit.clone(),
            lines: Arc::new(lines),
            name: format!("w{n}"),
            slots: spec.slots,
            // Where nothing can be written: what a person would look at is not kept.
            folder: PathBuf::from("/dev/null"),
            pictures: None,
            webhook: None,
        });
        let (switch, stop) = StopSwitch::new();
        if let Some(up) = lock(&self.up).get_mut(n) {
            let since = self.begin.elapsed();
            *up = Some(Up { gate: gate.clone(), since, switch: Arc::new(switch) });
        }
        crew.work(&stop).await;
        self.watcher.note(process, || "ended".to_owned());
        self.watcher.left(process);
    }
}

/// The lines of one process to the phones.
struct PhoneLines {
    phones: Phones,
    gate: Gate,
    watcher: Arc<Watcher>,
    process: usize,
}

impl Lines for PhoneLines {
    fn line(&self, phone: &DeviceRecord) -> Arc<dyn Dial> {
        let number = phone.device_id.as_str().strip_prefix("phone").and_then(|n| n.parse().ok());
        Arc::new(Line {
            phones: self.phones.clone(),
            phone: number.unwrap_or(usize::MAX),
            gate: self.gate.clone(),
            watcher: Arc::clone(&self.watcher),
            process: self.process,
            id: phone.device_id.clone(),
        })
    }
}
