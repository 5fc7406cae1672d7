//! What a seed stands for: workers, phones, tasks, and what goes wrong.

use decorum_core::{
    AccountId, Action, DedupScope, Filters, Schedule, Source, TaskKind, TaskSpec, Timestamp,
};
use fastrand::Rng;

use crate::faults::{Deed, Fault};
use crate::machine::START;
use crate::schedule::{ACTIONS, ClockSpec, PersonSpec, blow, person};

/// One worker: started again whenever it ends, until everything is done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WorkerSpec {
    /// On which machine it runs.
    pub(crate) machine: usize,
    /// How many tasks it drives at a time.
    pub(crate) slots: usize,
    /// The second at which it is first started.
    pub(crate) starts: u32,
}

/// When a task is due that has a schedule.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Due {
    /// At this second.
    Once(u32),
    /// Every so many minutes, until a person cancels it at that second.
    Every { minutes: u32, until: u32 },
}

/// A task.
#[derive(Clone, Debug)]
pub(crate) struct TaskPlan {
    pub(crate) account: usize,
    /// Whom, by number, in this order.
    pub(crate) people: Vec<usize>,
    pub(crate) actions: Vec<Action>,
    /// The second at which it is submitted.
    pub(crate) at: u32,
    pub(crate) priority: i16,
    pub(crate) limit: Option<u32>,
    pub(crate) due: Option<Due>,
}

/// Everything a seed decides.
#[derive(Clone, Debug)]
pub(crate) struct CrewSchedule {
    pub(crate) seed: u64,
    pub(crate) accounts: usize,
    pub(crate) machines: Vec<ClockSpec>,
    /// The last of them is on nobody's list.
    pub(crate) people: Vec<PersonSpec>,
    /// By phone, the accounts that are logged in on it.
    pub(crate) phones: Vec<Vec<usize>>,
    pub(crate) workers: Vec<WorkerSpec>,
    pub(crate) tasks: Vec<TaskPlan>,
    pub(crate) scope: DedupScope,
    pub(crate) faults: Vec<Fault>,
}

/// Sets these seeds apart from those of runs.
const CREW: u64 = 0xc4e3;

/// Until when tasks are submitted, in seconds.
const LATEST: u32 = 200;

/// Passages of a worker among which its blows are scattered: about those of its busy minutes.
const PASSAGES: u32 = 2400;

/// Changes of tasks by a worker, among which a person comes in between: those of its busy minutes.
const CHANGES: u32 = 16;

impl CrewSchedule {
    /// The schedule of a seed.
    pub(crate) fn of(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed ^ CREW << 48);
        let accounts = rng.usize(1..=3);
        let machines: Vec<_> = (0..rng.usize(1..=3)).map(|_| ClockSpec::drawn(&mut rng)).collect();
        let count = rng.usize(3..=6);
        let people = (0..=count).map(|_| person(&mut rng)).collect();
        let phones = phones(&mut rng, accounts);
        let workers = (0..rng.usize(2..=3)).map(|_| worker(&mut rng, machines.len())).collect();
        let tasks = (0..rng.usize(2..=4)).map(|_| task(&mut rng, accounts, count)).collect();
        let scope = if rng.u8(..3) == 0 { DedupScope::Fleet } else { DedupScope::Account };
        let faults = Vec::new();
        let mut schedule =
            Self { seed, accounts, machines, people, phones, workers, tasks, scope, faults };
        schedule.faults = schedule.draw_faults(&mut rng);
        schedule
    }

    fn draw_faults(&self, rng: &mut Rng) -> Vec<Fault> {
        let mut faults = Vec::new();
        for worker in 0..self.workers.len() {
            for _ in 0..rng.u32(0..=6) {
                let passage = rng.u32(0..PASSAGES);
                faults.push(Fault::Blow { worker, passage, blow: blow(rng) });
            }
            if rng.u8(..8) == 0 {
                faults.push(Fault::Drain { worker, at: rng.u32(5..300) });
            }
        }
        let mut set = false;
        for _ in 0..rng.u32(0..=2) {
            let fault = self.rare(rng);
            if matches!(fault, Fault::ClockSet { .. }) && std::mem::replace(&mut set, true) {
                continue;
            }
            faults.push(fault);
        }
        for account in 0..self.accounts {
            if rng.bool() {
                let act = rng.u32(0..8);
                faults.push(match rng.u8(..8) {
                    0..=3 => Fault::Revert { account, act },
                    4 | 5 => Fault::RateLimit { account, act },
                    6 => Fault::ChallengeAfter { account, act },
                    _ => Fault::Challenge { account, act },
                });
            }
        }
        for _ in 0..rng.u32(0..=4) {
            let (task, at) = (rng.usize(..self.tasks.len()), rng.u32(5..300));
            let deed = match rng.u8(..6) {
                0 | 1 => Deed::Pause,
                2 => Deed::Resume,
                3 | 4 => Deed::Cancel,
                _ => Deed::Hurry,
            };
            faults.push(Fault::Hand { task, at, deed });
        }
        for worker in 0..self.workers.len() {
            for _ in 0..rng.u32(0..=2) {
                let change = rng.u32(0..CHANGES);
                let deed = rng.choice(Deed::ALL);
                faults.extend(deed.map(|deed| Fault::Amid { worker, change, deed }));
            }
        }
        faults
    }

    fn rare(&self, rng: &mut Rng) -> Fault {
        let machine = rng.usize(..self.machines.len());
        let phone = rng.usize(..self.phones.len());
        let at = rng.u32(0..300);
        match rng.u8(..7) {
            0 | 1 => Fault::Partition { machine, from: at, seconds: rng.u32(1..200) },
            2 | 3 => Fault::PhoneGone { phone, from: at, seconds: rng.u32(1..200) },
            4 => {
                let by = rng.i32(400..90_000);
                Fault::ClockSet { machine, at, by: if rng.bool() { by } else { -by } }
            }
            5 => Fault::SessionLost { phone, at },
            _ => Fault::Switched { phone, at, seconds: rng.u32(5..300) },
        }
    }

    /// Who and what is in it, for a person.
    pub(crate) fn described(&self) -> Vec<String> {
        let mut lines = vec![format!("seed {} of the crews: scope {:?}", self.seed, self.scope)];
        lines.extend(self.machines.iter().enumerate().map(|(n, machine)| machine.described(n)));
        let phones = self.phones.iter().enumerate();
        lines.extend(phones.map(|(n, accounts)| format!("  phone {n}: accounts {accounts:?}")));
        lines.extend(self.workers.iter().enumerate().map(|(n, w)| {
            format!(
                "  worker {n}: machine {}, {} at a time, from second {}",
                w.machine, w.slots, w.starts
            )
        }));
        lines.extend(self.tasks.iter().enumerate().map(|(n, t)| {
            format!(
                "  task {n}: account {}, {:?} on {:?}, at second {}, priority {}, limit {:?}, due {:?}",
                t.account, t.actions, t.people, t.at, t.priority, t.limit, t.due
            )
        }));
        lines
    }
}

impl TaskPlan {
    /// What is submitted.
    pub(crate) fn spec(&self, account_id: AccountId) -> TaskSpec {
        let comments = self.actions.contains(&Action::Comment);
        let schedule = self.due.map(|due| match due {
            Due::Once(at) => {
                Schedule::Once { at: Timestamp::from_millis(START + i64::from(at) * 1000) }
            }
            Due::Every { minutes, .. } => {
                Schedule::Cron { expr: format!("*/{minutes} * * * *"), time_zone: "UTC".to_owned() }
            }
        });
        TaskSpec {
            kind: TaskKind::Engage,
            account_id,
            actions: self.actions.clone(),
            source: Source::List,
            limit: self.limit,
            comments: if comments { vec!["well made".to_owned()] } else { Vec::new() },
            dry_run: false,
            priority: self.priority,
            filters: Filters::default(),
            schedule,
            name: None,
        }
    }
}

fn phones(rng: &mut Rng, accounts: usize) -> Vec<Vec<usize>> {
    let mut phones = vec![Vec::new(); rng.usize(1..=accounts)];
    let count = phones.len();
    for account in 0..accounts {
        for (n, phone) in phones.iter_mut().enumerate() {
            if n == account % count || rng.u8(..3) == 0 {
                phone.push(account);
            }
        }
    }
    phones
}

fn worker(rng: &mut Rng, machines: usize) -> WorkerSpec {
    WorkerSpec { machine: rng.usize(..machines), slots: rng.usize(1..=3), starts: rng.u32(0..30) }
}

fn task(rng: &mut Rng, accounts: usize, people: usize) -> TaskPlan {
    let mut list: Vec<usize> = (0..people).collect();
    rng.shuffle(&mut list);
    list.truncate(rng.usize(2..=people));
    let mut actions = ACTIONS.to_vec();
    rng.shuffle(&mut actions);
    actions.truncate(rng.usize(1..=2));
    let due = match rng.u8(..8) {
        0 => Some(Due::Once(rng.u32(30..LATEST + 60))),
        1 => {
            Some(Due::Every { minutes: rng.u32(1..=3), until: rng.u32(LATEST + 100..LATEST + 300) })
        }
        _ => None,
    };
    TaskPlan {
        account: rng.usize(..accounts),
        people: list,
        actions,
        at: rng.u32(0..LATEST),
        priority: rng.i16(-1..=1),
        limit: (rng.u8(..6) == 0).then(|| rng.u32(1..=3)),
        due,
    }
}
