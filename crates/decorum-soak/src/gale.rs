//! The storm: workers are started again and again, and everything befalls them.

use std::os::unix::process::ExitStatusExt;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::Error;
use crate::faults::{Fault, clock_error};
use crate::phone::Weather;
use crate::place::Place;
use crate::soak::Scene;
use crate::worker::{Past, Start};

const TICK: Duration = Duration::from_millis(20);
const TELL: Duration = Duration::from_secs(10);

/// How long a person takes to notice that an account is halted.
const NOTICE: Duration = Duration::from_secs(2);

/// What is due in one storm.
pub(crate) struct Due {
    pub(crate) ends: Instant,
    pub(crate) faults: Vec<(Fault, Instant)>,
    pub(crate) tell: Instant,
    pub(crate) person: Instant,
    /// When phones that were killed come back, by account.
    pub(crate) phones: Vec<Option<Instant>>,
    /// When there is room on the disk again.
    pub(crate) room: Option<Instant>,
    /// When a worker that ended is started again.
    pub(crate) starts: Vec<Instant>,
    /// Until when a fault waits for the moment after an act.
    pub(crate) aimed: Option<(Fault, Instant)>,
    /// How long the ledgers of the phones were.
    pub(crate) ledgers: Vec<u64>,
}

/// How long a fault that is aimed waits for its moment.
const AIM: Duration = Duration::from_secs(2);

/// Exit codes of a run in trouble. 143: asked to end before it had anything to end in order.
const BY_THEMSELVES: [i32; 7] = [0, 1, 5, 6, 7, 130, ASKED];
const ASKED: i32 = 143;

impl Scene<'_> {
    /// Raises a storm for so long.
    pub(crate) async fn storm(&mut self, lasts: Duration) -> Result<(), Error> {
        let now = Instant::now();
        self.storms += 1;
        let mut due = Due {
            ends: now + lasts,
            faults: Vec::new(),
            tell: now + TELL,
            person: now + NOTICE,
            phones: vec![None; self.phones.len()],
            room: None,
            starts: vec![now; self.workers.len()],
            aimed: None,
            ledgers: vec![0; self.phones.len()],
        };
        for fault in self.soak.faults.clone() {
            if self.is_possible(fault)
                && let Some(first) = fault.next(&mut self.random)
            {
                due.faults.push((fault, now + first));
            }
        }
        while Instant::now() < due.ends && !self.is_over() {
            self.take_note(&mut due).await?;
            self.start_workers(&due)?;
            self.mend(&mut due).await?;
            for n in 0..due.faults.len() {
                let (fault, at) = due.faults[n];
                if Instant::now() >= at {
                    let aims =
                        matches!(fault, Fault::Kill | Fault::Freeze) && self.random.u8(0..4) == 0;
                    if aims && due.aimed.is_none() {
                        due.aimed = Some((fault, Instant::now() + AIM));
                    } else {
                        self.strike(fault, &mut due).await?;
                    }
                    let next = fault.next(&mut self.random).unwrap_or(lasts);
                    due.faults[n].1 = Instant::now() + next;
                }
            }
            self.strike_after_an_act(&mut due)?;
            if Instant::now() >= due.tell {
                due.tell += TELL;
                self.tell();
            }
            sleep(TICK).await;
        }
        Ok(())
    }

    const fn is_possible(&self, fault: Fault) -> bool {
        match fault {
            Fault::Disk => matches!(self.place, Place::Sqlite { disk: Some(_), .. }),
            Fault::Partition | Fault::Primary => matches!(self.place, Place::Mongodb(_)),
            _ => true,
        }
    }

    fn tell(&self) {
        let found = &self.findings;
        let struck: Vec<String> =
            found.struck.iter().map(|(fault, times)| format!("{fault} {times}")).collect();
        (self.say)(&format!(
            "{:>5} of {:.0} s: {}; {} lists done, {} events",
            self.began.elapsed().as_secs(),
            self.soak.lasts.as_secs_f64(),
            struck.join(", "),
            found.lists,
            self.watch.seen().first.len(),
        ));
    }

    /// Takes note of workers that ended by themselves.
    async fn take_note(&mut self, due: &mut Due) -> Result<(), Error> {
        for n in 0..self.workers.len() {
            let account = self.workers[n].account;
            let name = self.phones[account].account.clone();
            let Some(past) = self.workers[n].ended(&name)? else { continue };
            let code = self.ended(&past);
            if past.noticed_its_clock() {
                if self.random.bool() {
                    self.confirm_clock(n).await?;
                } else {
                    let before = self.workers[n].clock_before_s;
                    self.workers[n].set_clock(before);
                    self.findings.confirmed += 1;
                }
            }
            // Done, but for what could not be done.
            if matches!(code, Some(0 | 1)) {
                self.workers[n].list = None;
                self.pools[account].is_through();
                self.findings.lists += 1;
            }
            // Nobody gets anywhere for a while where the store or the phone is away.
            let pause = if code == Some(7) { 300..1_500 } else { 0..400 };
            due.starts[n] = Instant::now() + Duration::from_millis(self.random.u64(pause));
        }
        Ok(())
    }

    /// Takes note of a process that ended by itself. Answers with its exit code.
    pub(crate) fn ended(&mut self, past: &Past) -> Option<i32> {
        let asked = past.status.signal() == Some(ASKED - 128);
        let code = past.status.code().or(asked.then_some(ASKED));
        *self.findings.ended.entry(code.unwrap_or(-1)).or_default() += 1;
        if !code.is_some_and(|code| BY_THEMSELVES.contains(&code)) {
            let said = std::fs::read_to_string(past.path.with_extension("err"));
            let said = said.unwrap_or_default();
            let last: Vec<&str> = said.lines().rev().take(3).collect();
            self.findings.crashed.push(format!(
                "{} ended with {}: {}",
                past.path.display(),
                past.status,
                last.join(" | ")
            ));
        }
        self.is_past(past);
        code
    }

    /// Takes note of a process that is gone, however it went.
    pub(crate) fn is_past(&mut self, past: &Past) {
        self.lifetimes.push(past.lifetime.clone());
        self.promised.extend(past.promised());
        self.findings.promised = self.promised.len();
    }

    fn start_workers(&mut self, due: &Due) -> Result<(), Error> {
        for n in 0..self.workers.len() {
            if self.workers[n].runs() || Instant::now() < due.starts[n] {
                continue;
            }
            let account = self.workers[n].account;
            if self.workers[n].list.is_none() {
                self.workers[n].list = Some(self.pools[account].list(&mut self.random));
            }
            self.set_clock_of(n);
            let start = Start {
                program: &self.program,
                phone: &self.phones[account],
                store: &self.place.address_of(n),
                waits: self.random.u8(0..5) > 0,
            };
            self.workers[n].start(&start)?;
            self.findings.started += 1;
        }
        Ok(())
    }

    /// Sets the clock of a worker's machine, or sets it right, or leaves it as it is. The last
    /// account alone has clocks that are far ahead, because its rests last until they are over
    /// for everybody.
    fn set_clock_of(&mut self, n: usize) {
        if !self.soak.faults.contains(&Fault::Clock) || !self.program.shifts_clocks() {
            return;
        }
        let account = self.workers[n].account;
        let far = account + 1 == self.phones.len() && self.phones.len() > 1;
        let seconds = match self.random.u8(0..16) {
            0 | 1 => clock_error(&mut self.random, far),
            2 | 3 => 0,
            _ => return,
        };
        if seconds != self.workers[n].clock_s {
            self.workers[n].set_clock(seconds);
            self.findings.strikes(Fault::Clock);
        }
        self.ahead_s[account] = self.ahead_s[account].max(seconds);
    }

    /// Ends what has gone on for long enough.
    async fn mend(&mut self, due: &mut Due) -> Result<(), Error> {
        let now = Instant::now();
        for worker in &mut self.workers {
            if worker.thaw_at.is_some_and(|at| now >= at) {
                worker.thaw()?;
            }
            if worker.heal_at.is_some_and(|at| now >= at) {
                worker.heal_at = None;
                if let Place::Mongodb(set) = &self.place {
                    set.heal(worker.number);
                }
            }
        }
        for (phone, back) in self.phones.iter_mut().zip(&mut due.phones) {
            if back.is_some_and(|at| now >= at) {
                *back = None;
                phone.start(Weather::Rough)?;
            } else if back.is_none() {
                phone.runs()?;
            }
        }
        if due.room.is_some_and(|at| now >= at)
            && let Place::Sqlite { disk: Some(disk), .. } = &self.place
        {
            due.room = None;
            disk.empty()?;
        }
        if now >= due.person {
            due.person = now + NOTICE;
            for account in 0..self.phones.len() {
                if self.watch.is_halted(&self.phones[account].account) {
                    // Opened anew, the app no longer asks for anything.
                    self.phones[account].kill();
                    self.phones[account].start(Weather::Rough)?;
                    due.phones[account] = None;
                    self.clear(account).await?;
                }
            }
        }
        Ok(())
    }
}
