//! The calm: everything is mended, what is in doubt is settled, and all is judged.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::time::sleep;

use crate::faults::Fault;
use crate::judge::{Evidence, judge};
use crate::ledger::Ledger;
use crate::phone::Weather;
use crate::place::{Place, Set};
use crate::soak::{LEAST_REST_MS, Scene};
use crate::watch;
use crate::worker::{Start, Worker};
use crate::{Error, wall_ms};

const POLL: Duration = Duration::from_millis(20);

/// How long a worker that was asked to end may take when nothing is in its way any more.
const LEAVE: Duration = Duration::from_secs(45);

/// How long one may take whose only line leads to a node that is no longer the primary: the store
/// is not to be reached for it, and it goes on trying.
const LEAVE_ASTRAY: Duration = Duration::from_secs(10);

impl Scene<'_> {
    /// Ends every fault, settles, judges.
    pub(crate) async fn calm(&mut self) -> Result<(), Error> {
        let since = Instant::now();
        self.end_faults().await?;
        self.end_workers().await?;
        self.settle().await?;
        if self.is_over() {
            return Ok(());
        }
        let settled = since.elapsed();
        self.judge().await?;
        let verdict = &self.findings.verdict;
        (self.say)(&format!(
            "{:>5} of {:.0} s: settled in {:.0} s, {} doubts by looking so far; {} effects and {} \
             events judged",
            self.began.elapsed().as_secs(),
            self.soak.lasts.as_secs_f64(),
            settled.as_secs_f64(),
            verdict.reconciled,
            verdict.effects,
            verdict.events,
        ));
        if self.findings.broken().is_empty() {
            for phone in &mut self.phones {
                phone.kill();
                phone.start(Weather::Rough)?;
            }
            for phone in &mut self.phones {
                phone.is_up().await?;
            }
        }
        Ok(())
    }

    async fn end_faults(&mut self) -> Result<(), Error> {
        match &mut self.place {
            Place::Sqlite { disk: Some(disk), .. } => disk.empty()?,
            Place::Sqlite { disk: None, .. } => {}
            Place::Mongodb(set) => set.calm().await?,
        }
        for phone in &mut self.phones {
            phone.kill();
            phone.start(Weather::Calm)?;
        }
        for phone in &mut self.phones {
            phone.is_up().await?;
        }
        for worker in &mut self.workers {
            worker.heal_at = None;
            worker.thaw()?;
        }
        Ok(())
    }

    async fn end_workers(&mut self) -> Result<(), Error> {
        for worker in &self.workers {
            worker.ask_to_end()?;
        }
        let began = Instant::now();
        while self.workers.iter().any(Worker::runs) {
            for n in 0..self.workers.len() {
                let name = self.phones[self.workers[n].account].account.clone();
                let astray = matches!(self.place, Place::Mongodb(_)) && Set::has_line(n);
                let patience = if astray { LEAVE_ASTRAY } else { LEAVE };
                if let Some(past) = self.workers[n].ended(&name)? {
                    self.ended(&past);
                } else if began.elapsed() > patience
                    && let Some(past) = self.workers[n].kill(&name)?
                {
                    self.is_past(&past);
                    if astray {
                        self.findings.strikes(Fault::Kill);
                    } else {
                        let path = past.path.display();
                        self.findings.unsettled.push(format!("{path} did not end when asked to"));
                    }
                }
            }
            sleep(POLL).await;
        }
        Ok(())
    }

    /// Has every worker run once more, one of an account at a time, until nothing of the account is
    /// in doubt and nothing of its machine waits to be delivered. All clocks are as far ahead as
    /// the fastest was, as a rest that it began would not end otherwise.
    async fn settle(&mut self) -> Result<(), Error> {
        let address = self.place.address();
        let mut lists = Vec::new();
        for n in 0..self.workers.len() {
            let account = self.workers[n].account;
            let other = self.pools[account].somebody_else(self.storms * self.workers.len() + n);
            lists.push(self.workers[n].list.replace(other));
            self.workers[n].set_clock(self.ahead_s[account]);
        }
        let mut open: Vec<Vec<usize>> = (0..self.phones.len())
            .map(|account| {
                (0..self.workers.len()).filter(|n| self.workers[*n].account == account).collect()
            })
            .collect();
        let began = Instant::now();
        while open.iter().any(|workers| !workers.is_empty()) && !self.is_over() {
            for workers in &mut open {
                let Some(&n) = workers.last() else { continue };
                if self.settle_one(n, &address).await? {
                    workers.pop();
                } else if began.elapsed() > self.soak.settles {
                    let name = self.phones[self.workers[n].account].account.clone();
                    if let Some(past) = self.workers[n].kill(&name)? {
                        self.findings
                            .unsettled
                            .push(format!("{name}, see {}", past.path.display()));
                        self.is_past(&past);
                    }
                    workers.clear();
                }
            }
            sleep(POLL).await;
        }
        for (worker, list) in self.workers.iter_mut().zip(lists) {
            worker.list = list;
        }
        if self.is_over() {
            return Ok(());
        }
        let doubts = watch::doubts(&address).await?;
        self.findings.unsettled.extend(doubts.iter().map(|doubt| format!("in doubt: {doubt}")));
        Ok(())
    }

    /// Starts the worker, or looks whether it is through.
    async fn settle_one(&mut self, n: usize, address: &str) -> Result<bool, Error> {
        let account = self.workers[n].account;
        let name = self.phones[account].account.clone();
        if !self.workers[n].runs() {
            if self.watch.rests_for_long(&name) {
                self.clear(account).await?;
            }
            self.workers[n].start(&Start {
                program: &self.program,
                phone: &self.phones[account],
                store: address,
                waits: true,
            })?;
            return Ok(false);
        }
        let Some(past) = self.workers[n].ended(&name)? else { return Ok(false) };
        let code = self.ended(&past);
        if past.noticed_its_clock() {
            self.confirm_clock(n).await?;
        }
        let doubts = past.summary.as_ref().and_then(|summary| summary["in_doubt"].as_u64());
        Ok(code == Some(0) && doubts == Some(0))
    }

    async fn judge(&mut self) -> Result<(), Error> {
        let address = self.place.address();
        self.inspect(&address).await?;
        let events = watch::read_all(&address, &self.accounts).await?;
        let mut ledger = Ledger::default();
        for phone in &self.phones {
            ledger.read(&phone.ledger())?;
        }
        let verdict = judge(&Evidence {
            ledger: &ledger,
            events: &events,
            seen: &self.watch.seen().first,
            promised: &self.promised,
            lifetimes: &self.lifetimes,
            clears: &self.clears,
            rest_ms: LEAST_REST_MS,
            since_ms: self.judged_until_ms,
        });
        self.judged_until_ms = wall_ms();
        self.findings.judged += 1;
        self.findings.rests_judged += verdict.rests_judged;
        self.findings.verdict = verdict;
        self.keep_log(&events)?;
        Ok(())
    }

    /// Has Decorum look for damage itself.
    async fn inspect(&mut self, address: &str) -> Result<(), Error> {
        let audit = self.program.run(&["audit", "verify", "--store", address]).await?;
        if !audit.status.success() {
            self.findings.damage.push(format!(
                "`decorum audit verify` ends with {}: {} {}",
                audit.status,
                String::from_utf8_lossy(&audit.stdout).trim(),
                String::from_utf8_lossy(&audit.stderr).trim()
            ));
        }
        let doctor = self.program.run(&["doctor", "--json", "--store", address]).await?;
        let found: Value = serde_json::from_slice(&doctor.stdout)
            .map_err(|e| format!("`decorum doctor --json` says no JSON: {e}"))?;
        for finding in found["findings"].as_array().into_iter().flatten() {
            // Clocks are wrong on purpose, and an account may have been halted while settling.
            let ours = matches!(finding["what"].as_str(), Some("clock" | "time" | "accounts"));
            if finding["ok"] != true && !ours {
                self.findings.damage.push(format!("`decorum doctor` says: {finding}"));
            }
        }
        Ok(())
    }

    /// The log beside the ledgers, for whoever looks into a broken promise.
    fn keep_log(&self, events: &[decorum_core::Event]) -> Result<(), Error> {
        let lines: Result<Vec<String>, _> = events.iter().map(serde_json::to_string).collect();
        fs::write(self.home.join("log.jsonl"), lines?.join("\n"))?;
        Ok(())
    }
}
