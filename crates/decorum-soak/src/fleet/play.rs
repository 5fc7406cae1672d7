//! The play: everything is set up, befallen, waited for and looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use decorum_core::Event;
use decorum_store::open_store_read_only;
use serde_json::Value;
use tokio::time::sleep;

use super::Fleet;
use super::cast::{self, Phone};
use super::findings::FleetFindings;
use super::judge::{self, Evidence};
use crate::ledger::Ledger;
use crate::place::Place;
use crate::process::Process;
use crate::program::{PROFILE, Program};
use crate::{Error, wall_ms};

const TICK: Duration = Duration::from_millis(500);
const TELL: Duration = Duration::from_secs(10);
/// How long a lost phone is away.
const AWAY: Duration = Duration::from_secs(8);
/// How long a worker is held still: longer than its leases live, which are 30 s.
const STILL: Duration = Duration::from_secs(45);
/// How long a worker may take to end in order.
const ENDS_WITHIN: Duration = Duration::from_mins(1);
/// A person who looks after phones, but clears no account, comes by this often.
const PERSON: Duration = Duration::from_secs(5);
/// Events read at a time.
const PAGE: usize = 1000;

struct Stage<'a> {
    fleet: &'a Fleet,
    home: &'a Path,
    program: Program,
    // Before what they stand on, so that they are gone first.
    workers: Vec<Option<Process>>,
    phones: Vec<Phone>,
    store: String,
    _place: Place,
    /// Whom each account is to engage.
    lists: BTreeMap<String, Vec<String>>,
    found: FleetFindings,
    last_kill_ms: i64,
}

pub(super) async fn play(
    fleet: &Fleet,
    home: &Path,
    stop: &AtomicBool,
    say: &(dyn Fn(&str) + Send + Sync),
) -> Result<FleetFindings, Error> {
    let mut random = fastrand::Rng::with_seed(fleet.seed);
    let mut stage = Stage::set(fleet, home, &mut random).await?;
    say("everything is set up");
    let began = Instant::now();
    for n in 0..fleet.workers {
        stage.start_worker(n)?;
    }
    stage.until_over(began, &mut random, stop, say).await?;
    stage.found.lasted = began.elapsed();
    stage.end_workers().await?;
    stage.look().await?;
    Ok(stage.found)
}

impl<'a> Stage<'a> {
    async fn set(
        fleet: &'a Fleet,
        home: &'a Path,
        random: &mut fastrand::Rng,
    ) -> Result<Self, Error> {
        fs::write(home.join("profile.toml"), PROFILE)?;
        let program = Program::find(fleet.binary.as_deref(), home)?;
        let place = Place::new(fleet.store, home, 0).await?;
        let store = place.address();
        let mut phones = Vec::new();
        for number in 0..fleet.phones {
            let mut phone = Phone::new(fleet, &program, home, number)?;
            phone.start()?;
            phones.push(phone);
        }
        let found =
            FleetFindings { seed: fleet.seed, people: fleet.targets, ..FleetFindings::default() };
        let workers = (0..fleet.workers).map(|_| None).collect();
        let mut stage = Self {
            fleet,
            home,
            program,
            workers,
            phones,
            store,
            _place: place,
            lists: BTreeMap::new(),
            found,
            last_kill_ms: 0,
        };
        stage.fill(random).await?;
        Ok(stage)
    }

    /// Settings, phones and tasks.
    async fn fill(&mut self, random: &mut fastrand::Rng) -> Result<(), Error> {
        let free = r#"{"hour":null,"day":null}"#;
        let budgets =
            format!(r#"budgets={{"follow":{free},"like":{free},"comment":{free},"view":{free}}}"#);
        self.must(&[
            "settings",
            "set",
            "dedup_scope=fleet",
            "min_seconds_between_actions=0",
            "rate_limit_steps=[3,5,8]",
            "cooldown_minutes=1",
            "claim_lease_seconds=30",
            &budgets,
        ])
        .await?;
        let mut accounts = Vec::new();
        for phone in &self.phones {
            let names = phone.accounts.join(",");
            self.must(&["device", "add", &phone.url(), "--account", &names]).await?;
            accounts.extend(phone.accounts.iter().cloned());
        }
        let lists = cast::lists(self.fleet, accounts.len(), random);
        for (account, list) in accounts.iter().zip(lists) {
            if list.is_empty() {
                continue;
            }
            self.lists.insert(account.clone(), list.clone());
            // Two tasks each, so that the second has to wait for the first.
            for (part, people) in list.chunks(list.len().div_ceil(2)).enumerate() {
                let file = self.home.join(format!("{account}.{part}.txt"));
                fs::write(&file, people.join("\n"))?;
                let (file, id) = (file.display().to_string(), format!("{account}-{part}"));
                self.must(&[
                    "task",
                    "submit",
                    "--id",
                    &id,
                    "--account",
                    account,
                    "--action",
                    "follow",
                    "--targets",
                    &file,
                ])
                .await?;
            }
        }
        Ok(())
    }

    async fn must(&self, arguments: &[&str]) -> Result<(), Error> {
        let mut arguments = arguments.to_vec();
        arguments.extend(["--store", self.store.as_str()]);
        self.program.must(&arguments).await
    }

    /// What a command prints.
    async fn asked(&self, arguments: &[&str]) -> Result<String, Error> {
        let mut arguments = arguments.to_vec();
        arguments.extend(["--store", self.store.as_str()]);
        let output = self.program.run(&arguments).await?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(format!("`decorum {}`: {}", arguments.join(" "), said.trim()).into());
        }
        Ok(String::from_utf8(output.stdout)?)
    }

    async fn asked_json(&self, arguments: &[&str]) -> Result<Value, Error> {
        Ok(serde_json::from_str(&self.asked(arguments).await?)?)
    }

    fn start_worker(&mut self, n: usize) -> Result<(), Error> {
        let name = format!("worker{n}");
        // Each has a data directory of its own, as each would on a machine of its own.
        let data = self.home.join(&name);
        fs::create_dir_all(&data)?;
        let mut command =
            self.program.command(&["worker", "--name", &name, "--store", &self.store]);
        command.env("DECORUM_DATA_DIR", &data).env("DECORUM_LOG", "warn");
        if let Some(worker) = self.workers.get_mut(n) {
            *worker = Some(Process::start(command, &self.home.join(&name))?);
        }
        Ok(())
    }

    /// Until nothing is left to do but what waits for a person.
    async fn until_over(
        &mut self,
        began: Instant,
        random: &mut fastrand::Rng,
        stop: &AtomicBool,
        say: &(dyn Fn(&str) + Send + Sync),
    ) -> Result<(), Error> {
        let (mut tell, mut person) = (began + TELL, began + PERSON);
        let mut away: Vec<(usize, Instant)> = Vec::new();
        let mut still: Vec<(usize, Instant)> = Vec::new();
        loop {
            if stop.load(Ordering::Relaxed) {
                self.found.interrupted = true;
                return self.thaw(&mut still, Instant::now() + STILL, say);
            }
            if began.elapsed() > self.fleet.within {
                self.found.damage.push(format!("not through within {:?}", self.fleet.within));
                return self.thaw(&mut still, Instant::now() + STILL, say);
            }
            let through = self.through().await?;
            // One after the other, spread over the whole.
            let due = |befallen: usize, all: usize| (befallen + 1) * 100 / (all + 1);
            if self.found.kills < self.fleet.kills
                && through >= due(self.found.kills, self.fleet.kills)
            {
                let n = random.usize(0..self.workers.len());
                // One that stands still is to wake up.
                let stands = still.iter().any(|(frozen, _)| *frozen == n);
                let worker = self.workers.get_mut(n).filter(|_| !stands);
                if let Some(mut worker) = worker.and_then(Option::take) {
                    worker.kill()?;
                    self.found.kills += 1;
                    self.last_kill_ms = wall_ms();
                    say(&format!("worker{n} was killed"));
                    // A machine that lost its worker gets it back after a while.
                    self.start_worker(n)?;
                }
            }
            if self.found.freezes < self.fleet.freezes
                && through >= due(self.found.freezes, self.fleet.freezes)
            {
                let n = random.usize(0..self.workers.len());
                let worker = self.workers.get_mut(n).and_then(Option::as_mut);
                if let Some(worker) = worker.filter(|worker| !worker.is_frozen()) {
                    worker.freeze()?;
                    self.found.freezes += 1;
                    still.push((n, Instant::now() + STILL));
                    say(&format!("worker{n} is held still"));
                }
            }
            self.thaw(&mut still, Instant::now(), say)?;
            if self.found.losses < self.fleet.losses
                && through >= due(self.found.losses, self.fleet.losses)
            {
                let n = random.usize(0..self.phones.len());
                if self.phones[n].is_up() {
                    self.phones[n].kill();
                    self.found.losses += 1;
                    away.push((n, Instant::now() + AWAY));
                    say(&format!("{} was lost", self.phones[n].name));
                }
            }
            for (n, _) in away.extract_if(.., |(_, back)| Instant::now() >= *back) {
                self.phones[n].start()?;
            }
            for phone in &mut self.phones {
                phone.check()?;
            }
            self.check_workers()?;
            if Instant::now() >= person {
                person = Instant::now() + PERSON;
                self.clear_phones().await;
                self.resume_tasks().await?;
            }
            if Instant::now() >= tell {
                tell = Instant::now() + TELL;
                say(&format!("{:>4} s: {through} % of the lists", began.elapsed().as_secs()));
            }
            // One that stands still may hold what the others have taken: it is to wake up to them.
            if away.is_empty() && still.is_empty() && self.is_over().await? {
                return Ok(());
            }
            sleep(TICK).await;
        }
    }

    /// Lets those go on who stood still until `now`. What they hold is old; they must not act by it.
    fn thaw(
        &mut self,
        still: &mut Vec<(usize, Instant)>,
        now: Instant,
        say: &(dyn Fn(&str) + Send + Sync),
    ) -> Result<(), Error> {
        for (n, _) in still.extract_if(.., |(_, until)| *until <= now) {
            if let Some(worker) = self.workers.get_mut(n).and_then(Option::as_mut) {
                worker.thaw()?;
                say(&format!("worker{n} goes on"));
            }
        }
        Ok(())
    }

    /// A worker that ended by itself is a finding.
    fn check_workers(&mut self) -> Result<(), Error> {
        for (n, worker) in self.workers.iter_mut().enumerate() {
            if let Some(process) = worker
                && let Some(status) = process.ended()?
            {
                *worker = None;
                self.found.damage.push(format!("worker{n} ended by itself: {status}"));
            }
        }
        Ok(())
    }

    async fn tasks(&self) -> Result<Vec<Value>, Error> {
        let tasks = self.asked_json(&["task", "list", "--json", "--limit", "1000"]).await?;
        Ok(tasks["items"].as_array().cloned().unwrap_or_default())
    }

    /// How many in a hundred of all lists are through.
    async fn through(&self) -> Result<usize, Error> {
        let (mut done, mut all) = (0, 0);
        for task in self.tasks().await? {
            done += task["progress"]["done"].as_u64().unwrap_or_default();
            all += task["progress"]["candidates"].as_u64().unwrap_or_default();
        }
        Ok(usize::try_from(done * 100 / all.max(1))?)
    }

    async fn is_over(&self) -> Result<bool, Error> {
        Ok(self.tasks().await?.iter().all(|task| match task["state"].as_str() {
            Some("succeeded") => true,
            Some("waiting") => task["reason"] == "halted",
            _ => false,
        }))
    }

    /// A person answers what the phones ask for. The accounts stay halted.
    async fn clear_phones(&self) {
        for phone in self.phones.iter().filter(|phone| phone.is_up()) {
            // One that is busy is asked the next time.
            let url = phone.url();
            drop(post(&url, "/sim/clear").await);
        }
    }

    /// The same person has seen to what tasks wait for them to see to.
    async fn resume_tasks(&self) -> Result<(), Error> {
        for task in self.tasks().await? {
            if task["state"] == "waiting" && task["reason"] == "person" {
                self.must(&["task", "resume", task["id"].as_str().unwrap_or_default()]).await?;
            }
        }
        Ok(())
    }

    async fn end_workers(&mut self) -> Result<(), Error> {
        for worker in self.workers.iter().flatten() {
            worker.ask_to_end()?;
        }
        let asked = Instant::now();
        for (n, worker) in self.workers.iter_mut().enumerate() {
            let Some(process) = worker else { continue };
            loop {
                if let Some(status) = process.ended()? {
                    if !status.success() {
                        self.found.damage.push(format!("worker{n} ended with {status}"));
                    }
                    break;
                }
                if asked.elapsed() > ENDS_WITHIN {
                    self.found.damage.push(format!("worker{n} does not end"));
                    break;
                }
                sleep(TICK).await;
            }
            *worker = None;
        }
        Ok(())
    }

    /// Whom nobody knows about yet.
    async fn doubts(&self) -> Result<BTreeSet<(String, String, String)>, Error> {
        let store = open_store_read_only(&self.store).await?;
        let doubts = store.doubts(None, PAGE).await?;
        store.close().await?;
        let whom = |doubt: decorum_store::Doubt| {
            let key = doubt.key;
            (key.account_id.to_string(), key.target_username.to_string(), key.action.to_string())
        };
        Ok(doubts.into_iter().map(whom).collect())
    }

    /// Everything on record, each chain in order.
    async fn log(&self) -> Result<Vec<Event>, Error> {
        let store = open_store_read_only(&self.store).await?;
        let mut events = Vec::new();
        for view in store.accounts().await? {
            let account = view.account.account_id;
            let mut after = 0;
            loop {
                let page = store.chain(&account, after, PAGE).await?;
                let read = page.len();
                for event in page {
                    let event = event.map_err(|e| format!("the log of {account}: {e}"))?;
                    after = event.seq;
                    events.push(event);
                }
                if read < PAGE {
                    break;
                }
            }
        }
        store.close().await?;
        Ok(events)
    }

    /// Looks at everything that was left behind.
    async fn look(&mut self) -> Result<(), Error> {
        let mut states: BTreeMap<String, usize> = BTreeMap::new();
        for task in self.tasks().await? {
            let state = task["state"].as_str().unwrap_or_default();
            let reason = task["reason"].as_str().filter(|_| state == "waiting");
            let state = reason.map_or(state.to_owned(), |why| format!("{state} ({why})"));
            *states.entry(state).or_default() += 1;
        }
        self.found.tasks = states;
        let accounts = self.asked_json(&["account", "list", "--json"]).await?;
        let items = accounts["items"].as_array().cloned().unwrap_or_default();
        let halted: BTreeSet<String> = items
            .iter()
            .filter(|account| account["state"] == "halted")
            .filter_map(|account| account["account_id"].as_str().map(str::to_owned))
            .collect();
        self.found.halted = halted.iter().cloned().collect();
        let verified = self.asked(&["audit", "verify"]).await;
        if let Err(broken) = verified {
            self.found.damage.push(broken.to_string());
        }
        let events = self.log().await?;
        let doubts = self.doubts().await?;
        let mut phones = Vec::new();
        for phone in &self.phones {
            let mut ledger = Ledger::default();
            ledger.read(&phone.ledger)?;
            phones.push((phone.name.clone(), ledger));
        }
        let evidence = Evidence {
            phones: &phones,
            events: &events,
            lists: &self.lists,
            doubts: &doubts,
            halted: &halted,
            last_kill_ms: self.last_kill_ms,
        };
        judge::judge(&evidence, &mut self.found);
        Ok(())
    }
}

/// A request with no body, for a phone.
async fn post(url: &str, path: &str) -> Result<(), Error> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let host = url.trim_start_matches("http://");
    let mut stream = tokio::net::TcpStream::connect(host).await?;
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(())
}
