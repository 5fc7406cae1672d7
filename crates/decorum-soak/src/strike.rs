//! What befalls the processes, and at which moment.

use std::time::{Duration, Instant};

use crate::Error;
use crate::faults::{Fault, stillness};
use crate::gale::Due;
use crate::place::{Place, Set, Stroke};
use crate::soak::Scene;
use crate::worker::Worker;

/// A lease on an account lives this long (30 s, see `decorum_engine::lease::TTL`).
const LEASE: Duration = Duration::from_secs(30);

impl Scene<'_> {
    /// A fault that was aimed falls between an act and its record, if it hits whoever acted. A
    /// kill hits all workers of the account, as when a machine loses power.
    pub(crate) fn strike_after_an_act(&mut self, due: &mut Due) -> Result<(), Error> {
        let mut acted = None;
        for (account, phone) in self.phones.iter().enumerate() {
            let length = std::fs::metadata(phone.ledger()).map_or(0, |file| file.len());
            if std::mem::replace(&mut due.ledgers[account], length) < length {
                acted = Some(account);
            }
        }
        let Some((fault, until)) = due.aimed else { return Ok(()) };
        let Some(account) = acted else {
            due.aimed = due.aimed.filter(|_| Instant::now() < until);
            return Ok(());
        };
        due.aimed = None;
        let now = Instant::now();
        if fault == Fault::Kill {
            for n in 0..self.workers.len() {
                if self.workers[n].account == account && self.workers[n].runs() {
                    self.kill(n, due)?;
                }
            }
        } else if let Some(n) =
            self.one_of(|worker| worker.account == account && worker.runs() && !worker.is_frozen())
        {
            self.freeze(n, now, due)?;
        }
        Ok(())
    }

    fn kill(&mut self, n: usize, due: &mut Due) -> Result<(), Error> {
        due.starts[n] = Instant::now() + Duration::from_millis(self.random.u64(0..300));
        let name = self.phones[self.workers[n].account].account.clone();
        if let Some(past) = self.workers[n].kill(&name)? {
            self.is_past(&past);
            self.findings.strikes(Fault::Kill);
        }
        Ok(())
    }

    fn freeze(&mut self, n: usize, now: Instant, due: &Due) -> Result<(), Error> {
        let until = now + stillness(&mut self.random);
        self.workers[n].freeze(until)?;
        let still = until.min(due.ends).saturating_duration_since(now);
        self.findings.long_freezes += usize::from(still > LEASE);
        self.findings.strikes(Fault::Freeze);
        Ok(())
    }

    /// Strikes, if there is something to be struck.
    pub(crate) async fn strike(&mut self, fault: Fault, due: &mut Due) -> Result<(), Error> {
        let now = Instant::now();
        let in_seconds = |random: &mut fastrand::Rng, most: f64| {
            now + Duration::from_secs_f64(random.f64().mul_add(most, 0.2))
        };
        let struck = match fault {
            // They count themselves.
            Fault::Kill => {
                if let Some(n) = self.one_of(Worker::runs) {
                    self.kill(n, due)?;
                }
                false
            }
            Fault::Freeze => {
                if let Some(n) = self.one_of(|worker| worker.runs() && !worker.is_frozen()) {
                    self.freeze(n, now, due)?;
                }
                false
            }
            Fault::Restart => match self.one_of(|worker| worker.runs() && !worker.is_frozen()) {
                Some(n) => {
                    self.workers[n].ask_to_end()?;
                    true
                }
                None => false,
            },
            Fault::Phone => {
                let account = self.random.usize(0..self.phones.len());
                let up = due.phones[account].is_none();
                if up {
                    self.phones[account].kill();
                    due.phones[account] = Some(in_seconds(&mut self.random, 2.0));
                }
                up
            }
            Fault::Partition => {
                let whole = |worker: &Worker| {
                    Set::has_line(worker.number) && worker.runs() && worker.heal_at.is_none()
                };
                match (self.one_of(whole), &self.place) {
                    (Some(n), Place::Mongodb(set)) => {
                        set.part(n, self.random.bool());
                        self.workers[n].heal_at = Some(in_seconds(&mut self.random, 15.0));
                        true
                    }
                    _ => false,
                }
            }
            Fault::Primary => match &mut self.place {
                Place::Mongodb(set) => {
                    let strokes = [Stroke::Kill, Stroke::Pause, Stroke::StepDown];
                    set.strike(strokes[self.random.usize(0..strokes.len())]).await?
                }
                Place::Sqlite { .. } => false,
            },
            Fault::Disk => match &self.place {
                Place::Sqlite { disk: Some(disk), .. } if due.room.is_none() => {
                    disk.fill()?;
                    due.room = Some(in_seconds(&mut self.random, 4.0));
                    true
                }
                _ => false,
            },
            Fault::Clock => false,
        };
        if struck {
            self.findings.strikes(fault);
        }
        Ok(())
    }

    /// One of the workers that fit, by chance.
    fn one_of(&mut self, fits: impl Fn(&Worker) -> bool) -> Option<usize> {
        let fitting: Vec<usize> =
            (0..self.workers.len()).filter(|n| fits(&self.workers[*n])).collect();
        self.random.choice(fitting)
    }
}
