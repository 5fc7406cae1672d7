//! What a seed stands for: a small world, and what goes wrong in it.

use decorum_core::{Action, DedupScope};
use fastrand::Rng;

use crate::faults::{Blow, Fault};

/// One worker: started again whenever it ends, until its list is done.
#[derive(Clone, Debug)]
pub(crate) struct WorkerSpec {
    /// On which machine it runs.
    pub(crate) machine: usize,
    /// For which account; each account lives on the phone of its number.
    pub(crate) account: usize,
    /// Whom to engage, by number.
    pub(crate) people: Vec<usize>,
    /// By what.
    pub(crate) actions: Vec<Action>,
    /// The second at which it is first started.
    pub(crate) starts: u32,
}

/// A machine's clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClockSpec {
    /// How far off it is, in milliseconds.
    pub(crate) off_ms: i64,
    /// How much too fast it runs, in millionths.
    pub(crate) ppm: i64,
}

impl ClockSpec {
    /// A clock that is a little off and runs a little wrong.
    pub(crate) fn drawn(rng: &mut Rng) -> Self {
        Self { off_ms: rng.i64(-2000..=2000), ppm: rng.i64(-200..=200) }
    }

    /// For a person.
    pub(crate) fn described(self, n: usize) -> String {
        format!("  machine {n}: clock {} ms off, {} ppm", self.off_ms, self.ppm)
    }
}

/// A person in the world.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PersonSpec {
    pub(crate) private: bool,
    pub(crate) missing: bool,
    pub(crate) posts: u64,
    pub(crate) story: bool,
}

/// Everything a seed decides.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    pub(crate) seed: u64,
    pub(crate) accounts: usize,
    pub(crate) machines: Vec<ClockSpec>,
    pub(crate) people: Vec<PersonSpec>,
    pub(crate) workers: Vec<WorkerSpec>,
    pub(crate) scope: DedupScope,
    pub(crate) faults: Vec<Fault>,
}

/// Until when things go wrong, in seconds; after that the world is calm and everything must come
/// to its end.
pub(crate) const ROUGH: u32 = 3600;

/// Passages of an average engagement; blows are scattered over so many per planned one.
const PASSAGES_EACH: u32 = 44;

pub(crate) const ACTIONS: [Action; 4] =
    [Action::Follow, Action::Like, Action::Comment, Action::View];

impl Schedule {
    /// The schedule of a seed.
    pub(crate) fn of(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let accounts = 1 + usize::from(rng.u8(..4) == 0);
        let machines =
            (0..rng.usize(1..=3)).map(|_| ClockSpec::drawn(&mut rng)).collect::<Vec<_>>();
        let count = rng.usize(3..=7);
        let people = (0..count).map(|_| person(&mut rng)).collect::<Vec<_>>();
        let workers = (0..accounts + rng.usize(0..=2))
            .map(|n| worker(&mut rng, n, accounts, machines.len(), people.len()))
            .collect::<Vec<_>>();
        let scope = if rng.u8(..4) == 0 { DedupScope::Fleet } else { DedupScope::Account };
        let mut schedule =
            Self { seed, accounts, machines, people, workers, scope, faults: Vec::new() };
        schedule.faults = schedule.draw_faults(&mut rng);
        schedule
    }

    /// Who and what is in it, for a person.
    pub(crate) fn described(&self) -> Vec<String> {
        let mut lines = vec![format!("seed {}: scope {:?}", self.seed, self.scope)];
        lines.extend(self.machines.iter().enumerate().map(|(n, machine)| machine.described(n)));
        lines.extend(self.workers.iter().enumerate().map(|(n, w)| {
            format!(
                "  worker {n}: machine {}, account {}, {:?} on {:?}, from second {}",
                w.machine, w.account, w.actions, w.people, w.starts
            )
        }));
        lines
    }

    fn draw_faults(&self, rng: &mut Rng) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (worker, spec) in self.workers.iter().enumerate() {
            let planned = u32::try_from(spec.people.len() * spec.actions.len()).unwrap_or(1);
            for _ in 0..rng.u32(0..=4 + planned / 2) {
                let passage = rng.u32(0..planned * PASSAGES_EACH + 40);
                faults.push(Fault::Blow { worker, passage, blow: blow(rng) });
            }
        }
        let mut set = Vec::new();
        for _ in 0..rng.u32(0..=2) {
            let fault = self.rare(rng);
            if let Fault::ClockSet { machine, .. } = fault {
                // Two could come to less together than what is noticed, by design.
                if set.contains(&machine) {
                    continue;
                }
                set.push(machine);
            }
            faults.push(fault);
        }
        for account in 0..self.accounts {
            for _ in 0..rng.u32(0..=2) {
                let act = rng.u32(0..10);
                faults.push(match rng.u8(..8) {
                    0..=3 => Fault::RateLimit { account, act },
                    4 | 5 => Fault::Revert { account, act },
                    6 => Fault::ChallengeAfter { account, act },
                    _ => Fault::Challenge { account, act },
                });
            }
        }
        faults
    }

    fn rare(&self, rng: &mut Rng) -> Fault {
        let machine = rng.usize(..self.machines.len());
        let phone = rng.usize(..self.accounts);
        let at = rng.u32(0..600);
        match rng.u8(..6) {
            0 | 1 => Fault::Partition { machine, from: at, seconds: rng.u32(1..300) },
            2 => Fault::PhoneGone { phone, from: at, seconds: rng.u32(1..200) },
            3 => {
                let by = rng.i32(400..90_000);
                Fault::ClockSet { machine, at, by: if rng.bool() { by } else { -by } }
            }
            4 => Fault::SessionLost { phone, at },
            _ => Fault::Switched { phone, at, seconds: rng.u32(5..300) },
        }
    }
}

pub(crate) fn person(rng: &mut Rng) -> PersonSpec {
    PersonSpec {
        private: rng.u8(..10) == 0,
        missing: rng.u8(..12) == 0,
        posts: if rng.u8(..8) == 0 { 0 } else { rng.u64(1..900) },
        story: rng.u8(..4) > 0,
    }
}

fn worker(rng: &mut Rng, n: usize, accounts: usize, machines: usize, people: usize) -> WorkerSpec {
    let mut list: Vec<usize> = (0..people).collect();
    rng.shuffle(&mut list);
    list.truncate(rng.usize(2..=people));
    let mut actions = ACTIONS.to_vec();
    rng.shuffle(&mut actions);
    actions.truncate(rng.usize(1..=3));
    WorkerSpec {
        machine: rng.usize(..machines),
        account: if n < accounts { n } else { rng.usize(..accounts) },
        people: list,
        actions,
        starts: rng.u32(0..120),
    }
}

pub(crate) fn blow(rng: &mut Rng) -> Blow {
    match rng.u8(..10) {
        0..=3 => Blow::Crash,
        4 | 5 => Blow::Break,
        6 => Blow::Slow(rng.u32(1..20)),
        // Longer than a lease on the account, and often than one on the person.
        _ => Blow::Freeze(rng.u32(1..400)),
    }
}
