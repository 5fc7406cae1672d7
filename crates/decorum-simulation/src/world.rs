//! Plays a schedule to its end.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use decorum_core::{AccountId, DedupScope, Settings, Username};
use decorum_device::AppProfile;
use decorum_engine::automator::Evidence;
use decorum_engine::guard::Guard;
use decorum_engine::machine::Machine;
use decorum_engine::run::{self, Ended, Kit, Plan, Progress, StopSwitch, Tell};
use decorum_store::Store;
use serde_json::json;
use tokio::time::{Instant, sleep, sleep_until};

use crate::faults::Fault;
use crate::gate::{Gate, Passages};
use crate::judge;
use crate::keeper::Keeper;
use crate::machine::{Begin, Desk, Dice, Host};
use crate::phone::{Line, Phone, Phones, lock};
use crate::platform::{Platform, Reaction};
use crate::schedule::{ROUGH, Schedule, WorkerSpec};
use crate::store::Remote;
use crate::watcher::{Process, Violation, Watcher};

/// By when everybody must be through, in seconds.
const HORIZON: u64 = 7 * 24 * 3600;

/// How long a person takes to come when one is needed.
pub(crate) const PERSON_COMES: Duration = Duration::from_mins(5);

/// What came of a schedule.
#[derive(Debug, Default)]
pub(crate) struct Played {
    pub(crate) violation: Option<Violation>,
    pub(crate) history: Vec<String>,
    pub(crate) acts: usize,
    pub(crate) events: usize,
    pub(crate) processes: usize,
    pub(crate) passages: u32,
    /// Of what was stored and done, to compare two plays of one seed.
    pub(crate) print: String,
}

/// What all schedules share: how the app looks and what its words mean.
pub(crate) fn kit() -> Result<Kit, String> {
    Kit::of(AppProfile::builtin()).map_err(|e| e.to_string())
}

/// Short waits, and no caps.
pub(crate) fn settings(scope: DedupScope) -> Result<Settings, String> {
    let cap = json!({ "hour": null, "day": null });
    Settings::default()
        .with("min_seconds_between_actions", json!(2))
        .and_then(|s| s.with("rate_limit_steps", json!([120, 600, 1800])))
        .and_then(|s| s.with("claim_lease_seconds", json!(60)))
        .and_then(|s| s.with("dedup_scope", json!(scope)))
        .and_then(|s| {
            s.with("budgets", json!({ "follow": cap, "like": cap, "comment": cap, "view": cap }))
        })
        .map_err(|e| e.to_string())
}

/// Everything there is.
struct World {
    begin: Begin,
    schedule: Schedule,
    kit: Kit,
    keeper: Arc<Mutex<Keeper>>,
    hosts: Vec<Arc<Host>>,
    phones: Phones,
    passages: Vec<Arc<Mutex<Passages>>>,
    accounts: Vec<AccountId>,
    watcher: Arc<Watcher>,
}

/// Plays it, in virtual time.
pub(crate) fn play(schedule: &Schedule, kit: &Kit, recording: bool) -> Result<Played, String> {
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
    fn new(schedule: Schedule, kit: Kit, recording: bool) -> Result<Self, String> {
        let begin = Begin(Instant::now());
        let names: Result<Vec<Username>, _> =
            (0..schedule.people.len()).map(|n| format!("person{n}").parse()).collect();
        let names = names.map_err(|e: decorum_core::NameError| e.to_string())?;
        let account_names: Vec<String> =
            (0..schedule.accounts).map(|n| format!("account{n}")).collect();
        let accounts: Result<Vec<AccountId>, _> = account_names.iter().map(|n| n.parse()).collect();
        let accounts = accounts.map_err(|e| format!("{e}"))?;
        let keeper = Arc::new(Mutex::new(Keeper::new(settings(schedule.scope)?)));
        let hosts = schedule.machines.iter().map(|spec| Host::new(begin, *spec)).collect();
        let mut platform = Platform::new(schedule.people.clone(), names.clone(), schedule.accounts);
        let mut phones: Vec<Phone> = (0..schedule.accounts).map(|n| Phone::new(vec![n])).collect();
        prepare(&schedule.faults, begin, &mut platform, &mut phones);
        let passages = (0..schedule.workers.len())
            .map(|n| Arc::new(Mutex::new(Passages::of(&schedule.faults, n))))
            .collect();
        let watcher =
            Arc::new(Watcher::new(begin, Arc::clone(&keeper), accounts.clone(), names, recording));
        let phones = Phones {
            all: Arc::new(Mutex::new(phones)),
            platform: Arc::new(Mutex::new(platform)),
            account_names: Arc::new(account_names),
        };
        Ok(Self { begin, schedule, kit, keeper, hosts, phones, passages, accounts, watcher })
    }

    async fn play(self: Arc<Self>) -> Played {
        let workers: Vec<_> = (0..self.schedule.workers.len())
            .map(|n| tokio::spawn(Arc::clone(&self).work(n)))
            .collect();
        let weather = tokio::spawn(Arc::clone(&self).weather());
        let person = tokio::spawn(Arc::clone(&self).person());
        let through = async {
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
            () = sleep(Duration::from_secs(HORIZON)) => {
                self.watcher.object("a week later they are still at it".to_owned());
            }
        }
        weather.abort();
        person.abort();
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
        judge::log_and_ledger(&lock(&self.keeper), &lock(&self.phones.platform), &self.accounts)
    }

    fn played(&self) -> Played {
        let keeper = lock(&self.keeper);
        let platform = lock(&self.phones.platform);
        Played {
            violation: self.watcher.violation(),
            history: self.watcher.history(),
            acts: platform.acts.len(),
            events: keeper.log.len(),
            processes: self.watcher.processes(),
            passages: self.passages.iter().map(|p| lock(p).count()).sum(),
            print: keeper.log.iter().map(|event| event.hash.to_string()).collect(),
        }
    }

    /// What comes over machines at its time.
    async fn weather(self: Arc<Self>) {
        set_clocks(&self.schedule.faults, self.begin, &self.hosts).await;
        sleep_until(self.begin.0 + Duration::from_secs(u64::from(ROUGH))).await;
        for passages in &self.passages {
            lock(passages).calm();
        }
    }

    /// A person who comes when an account is halted, looks, and clears it.
    async fn person(self: Arc<Self>) {
        loop {
            sleep(PERSON_COMES).await;
            for (n, account) in self.accounts.iter().enumerate() {
                let halted = matches!(
                    lock(&self.keeper).account(account).breaker,
                    decorum_core::Breaker::Halted { .. }
                );
                lock(&self.phones.platform).challenged.remove(&n);
                if halted {
                    lock(&self.keeper).clear(account);
                }
            }
        }
    }

    /// One worker, started again until it is through.
    async fn work(self: Arc<Self>, n: usize) {
        let Some(spec) = self.schedule.workers.get(n).cloned() else { return };
        sleep(Duration::from_secs(u64::from(spec.starts))).await;
        for start in 0_u64.. {
            let Some(passages) = self.passages.get(n).cloned() else { return };
            let gate = Gate::open(passages);
            let pause = tokio::select! {
                biased;
                () = gate.death() => Some(Duration::from_secs(1 + (start * 7) % 45)),
                ended = self.run(n, &spec, start, &gate) => ended,
            };
            // What it left running dies with it.
            gate.kill();
            match pause {
                None => return,
                Some(pause) => sleep(pause).await,
            }
        }
    }

    /// Whether anybody of the account's is claimed or in doubt.
    fn holds(&self, account: usize) -> bool {
        let keeper = lock(&self.keeper);
        let of = |id: &AccountId| self.accounts.get(account) == Some(id);
        keeper.rows.iter().any(|(key, row)| of(&key.account_id) && row.claim().is_some())
    }

    /// One process; how long to wait before the next, or `None` if all is done.
    async fn run(&self, n: usize, spec: &WorkerSpec, start: u64, gate: &Gate) -> Option<Duration> {
        let host = self.hosts.get(spec.machine)?;
        let holder: decorum_core::Holder =
            format!("machine{}/worker{n}/{start}", spec.machine).parse().ok()?;
        let process = Process {
            worker: n,
            holder: holder.clone(),
            host: Arc::clone(host),
            gate: gate.clone(),
        };
        let process = self.watcher.started(process);
        let desk = Desk { host: Arc::clone(host), gate: gate.clone() };
        let cut = cuts(&self.schedule.faults, spec.machine);
        let store: Arc<dyn Store> = Arc::new(Remote {
            keeper: Arc::clone(&self.keeper),
            gate: gate.clone(),
            begin: self.begin,
            cut,
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
        let guard = Guard::new(store, machine, holder, Settings::default());
        let line = Line {
            phones: self.phones.clone(),
            phone: spec.account,
            gate: gate.clone(),
            watcher: Arc::clone(&self.watcher),
            process,
            id: format!("phone{}", spec.account).parse().ok()?,
        };
        let account = self.accounts.get(spec.account)?.clone();
        let names = lock(&self.phones.platform).names.clone();
        let targets = spec.people.iter().filter_map(|p| names.get(*p).cloned()).collect();
        let task = format!("task{n}").parse().ok()?;
        let comments = vec![format!("well made {n}")];
        let plan = Plan::new(account, &spec.actions, targets, comments, task).ok()?;
        let (_switch, stop) = StopSwitch::new();
        let teller = Teller { watcher: Arc::clone(&self.watcher), process };
        let summary = run::run(&guard, &line, &self.kit, &plan, &stop, &teller).await;
        self.watcher.note(process, || format!("ended: {:?}", summary.ended));
        self.watcher.left(process);
        match summary.ended {
            // Whoever was refused because a dead process had claimed them is still to be settled.
            Ended::Done if summary.spooled == 0 && !self.holds(spec.account) => None,
            Ended::Done | Ended::Busy { .. } => Some(Duration::from_secs(20)),
            Ended::PersonNeeded { .. } => Some(PERSON_COMES),
            _ => Some(Duration::from_secs(15)),
        }
    }
}

/// Makes platform and phones what the faults have them be.
pub(crate) fn prepare(
    faults: &[Fault],
    begin: Begin,
    platform: &mut Platform,
    phones: &mut [Phone],
) {
    let span = |from: u32, seconds: u32| {
        let from = begin.0 + Duration::from_secs(u64::from(from));
        (from, from + Duration::from_secs(u64::from(seconds)))
    };
    for fault in faults {
        match *fault {
            Fault::RateLimit { account, act } => {
                platform.reactions.insert((account, act), Reaction::RateLimited);
            }
            Fault::Revert { account, act } => {
                platform.reactions.insert((account, act), Reaction::TakenBack);
            }
            Fault::Challenge { account, act } => {
                platform.reactions.insert((account, act), Reaction::Challenged);
            }
            Fault::ChallengeAfter { account, act } => {
                platform.reactions.insert((account, act), Reaction::Covered);
            }
            Fault::PhoneGone { phone, from, seconds } => {
                if let Some(phone) = phones.get_mut(phone) {
                    phone.gone = Some(span(from, seconds));
                }
            }
            Fault::SessionLost { phone, at } => {
                if let Some(phone) = phones.get_mut(phone) {
                    phone.forgets_at = Some(span(at, 0).0);
                }
            }
            Fault::Switched { phone, at, seconds } => {
                if let Some(phone) = phones.get_mut(phone) {
                    phone.switched = Some(span(at, seconds));
                }
            }
            Fault::Blow { .. }
            | Fault::Amid { .. }
            | Fault::Partition { .. }
            | Fault::ClockSet { .. }
            | Fault::Hand { .. }
            | Fault::Drain { .. } => {}
        }
    }
}

/// When a machine is cut off from the store: seconds from and to.
pub(crate) fn cuts(faults: &[Fault], of: usize) -> Vec<(u32, u32)> {
    let cut = faults.iter().filter_map(|fault| match *fault {
        Fault::Partition { machine, from, seconds } if machine == of => {
            Some((from, from + seconds))
        }
        _ => None,
    });
    cut.collect()
}

/// Sets the clocks that are set, each at its time, and has a person put them right.
pub(crate) async fn set_clocks(faults: &[Fault], begin: Begin, hosts: &[Arc<Host>]) {
    let mut steps: Vec<(u32, usize, i32)> = faults
        .iter()
        .filter_map(|fault| match *fault {
            Fault::ClockSet { machine, at, by } => Some((at, machine, by)),
            _ => None,
        })
        .collect();
    steps.sort_unstable();
    for (at, machine, by) in steps {
        sleep_until(begin.0 + Duration::from_secs(u64::from(at))).await;
        let Some(host) = hosts.get(machine) else { continue };
        host.set(Duration::from_secs(u64::from(by.unsigned_abs())), by < 0);
        let host = Arc::clone(host);
        tokio::spawn(async move {
            sleep(PERSON_COMES * 3).await;
            host.put_right();
        });
    }
}

/// Writes what a run tells into the history.
struct Teller {
    watcher: Arc<Watcher>,
    process: usize,
}

impl Tell for Teller {
    fn tell(&self, progress: Progress<'_>) {
        self.watcher.note(self.process, || format!("{progress:?}"));
    }

    fn keep_evidence(&self, _: &str, _: &Evidence) -> Option<String> {
        None
    }
}
