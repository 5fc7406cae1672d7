//! Storm and calm in turn, and all that they are played with.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use decorum_core::{AccountId, EventId};
use tempfile::TempDir;

use crate::faults::Fault;
use crate::findings::Findings;
use crate::ledger::Whom;
use crate::lists::Pool;
use crate::phone::{Phone, Weather};
use crate::place::{Kind, Place};
use crate::program::{PROFILE, Program};
use crate::rest::{Clear, Lifetime};
use crate::watch::Watch;
use crate::worker::Worker;
use crate::{Error, wall_ms};

/// Accounts, each on a phone of its own, as long as there are workers enough to compete for them.
const ACCOUNTS: usize = 3;
const RACING: usize = 3;

/// Seconds of rest after the first rate limit; the least that backoff and jitter make of it is
/// what acts are held against.
const FIRST_REST_S: u32 = 4;
const JITTER: f64 = 0.2;
pub(crate) const LEAST_REST_MS: i64 = 3_200;

/// How long a storm goes on, and one in five, that outlasts the longest freeze.
const STORM: Duration = Duration::from_mins(1);
const LONG_STORM: Duration = Duration::from_mins(4);

/// How long one store and its phones are used: the judge reads all of the log again each time.
const ERA: Duration = Duration::from_mins(20);

/// A soak to be held.
#[derive(Clone, Debug)]
pub struct Soak {
    /// Over which store.
    pub store: Kind,
    /// How long storms are raised.
    pub lasts: Duration,
    /// How long settling may take when a storm is over: leases to run out, cooldowns to be waited
    /// for. [`Soak::SETTLES`] is enough for what Decorum promises.
    pub settles: Duration,
    /// What decides everything that is drawn.
    pub seed: u64,
    /// How many workers there are at a time.
    pub workers: usize,
    /// What may befall them.
    pub faults: Vec<Fault>,
    /// The `decorum` to be soaked; `None`: the one that `DECORUM_BIN` names, or the one built beside
    /// this program.
    pub binary: Option<PathBuf>,
    /// Where everything is kept; `None`: nowhere, unless a promise is broken.
    pub keep: Option<PathBuf>,
}

impl Soak {
    /// Longer than any lease and any cooldown of the settings that a soak plays with.
    pub const SETTLES: Duration = Duration::from_mins(3);
}

/// Everything a soak is played with.
pub(crate) struct Scene<'a> {
    pub(crate) soak: &'a Soak,
    pub(crate) stop: &'a AtomicBool,
    pub(crate) say: &'a (dyn Fn(&str) + Send + Sync),
    pub(crate) home: PathBuf,
    pub(crate) program: Program,
    pub(crate) random: fastrand::Rng,
    pub(crate) began: Instant,
    // Before what they stand on, so that they are gone first.
    pub(crate) workers: Vec<Worker>,
    pub(crate) phones: Vec<Phone>,
    pub(crate) watch: Watch,
    pub(crate) place: Place,
    pub(crate) accounts: Vec<AccountId>,
    pub(crate) pools: Vec<Pool>,
    /// By how many seconds the fastest clock of each account was ahead: no rest that it began is
    /// over earlier.
    pub(crate) ahead_s: Vec<i64>,
    pub(crate) lifetimes: Vec<Lifetime>,
    pub(crate) clears: Vec<Clear>,
    pub(crate) promised: HashMap<EventId, Whom>,
    pub(crate) findings: Findings,
    pub(crate) storms: usize,
    pub(crate) judged_until_ms: i64,
}

/// Holds a soak. `say` is told in a sentence how it goes; `stop` ends it early, in order. Returns
/// what was found, and the folder with every log and ledger if it was kept.
pub async fn soak(
    soak: &Soak,
    stop: &AtomicBool,
    say: impl Fn(&str) + Send + Sync,
) -> Result<(Findings, Option<PathBuf>), Error> {
    let (home, temporary) = if let Some(path) = &soak.keep {
        fs::create_dir_all(path)?;
        (path.canonicalize()?, None)
    } else {
        let folder = tempfile::Builder::new().prefix("decorum-soak-").tempdir()?;
        (folder.path().to_owned(), Some(folder))
    };
    let held = hold_all(soak, &home, stop, &say).await;
    let in_order = held.as_ref().is_ok_and(|findings| findings.broken().is_empty());
    if !in_order {
        drop(temporary.map(TempDir::keep));
    }
    let kept = !in_order || soak.keep.is_some();
    match held {
        Ok(findings) => Ok((findings, kept.then_some(home))),
        Err(error) => Err(format!("{error}; all that there is lies in {}", home.display()).into()),
    }
}

/// Holds one era after the other until the time is over or a promise is broken.
async fn hold_all(
    soak: &Soak,
    home: &Path,
    stop: &AtomicBool,
    say: &(dyn Fn(&str) + Send + Sync),
) -> Result<Findings, Error> {
    let began = Instant::now();
    let mut findings: Option<Findings> = None;
    for era in 0.. {
        let home = home.join(format!("era{era}"));
        fs::create_dir_all(&home)?;
        let lasts = soak.lasts.saturating_sub(began.elapsed());
        let lasts = if lasts < ERA * 3 / 2 { lasts } else { ERA };
        let part = Soak { lasts, seed: soak.seed.wrapping_add(era), ..soak.clone() };
        let found = hold(&part, &home, stop, say).await?;
        let over = found.interrupted || !found.broken().is_empty();
        if !over && soak.keep.is_none() {
            fs::remove_dir_all(&home)?;
        }
        let all = match findings.take() {
            Some(before) => before.and(found),
            None => found,
        };
        if over || began.elapsed() >= soak.lasts {
            return Ok(Findings { lasted: began.elapsed(), ..all });
        }
        findings = Some(all);
    }
    Err("a soak without an end".into())
}

async fn hold(
    soak: &Soak,
    home: &Path,
    stop: &AtomicBool,
    say: &(dyn Fn(&str) + Send + Sync),
) -> Result<Findings, Error> {
    let mut scene = Scene::new(soak, home, stop, say).await?;
    let ends = scene.began + soak.lasts;
    while Instant::now() < ends && !scene.is_over() {
        let left = ends.saturating_duration_since(Instant::now());
        let long = scene.storms % 5 == 4 && left > LONG_STORM;
        let lasts = if long { LONG_STORM } else { STORM };
        // What would be left for a last one is better added to this one.
        let lasts = if left < lasts * 3 / 2 { left } else { lasts };
        scene.storm(lasts).await?;
        if scene.is_over() {
            break;
        }
        scene.calm().await?;
        if !scene.findings.broken().is_empty() {
            break;
        }
    }
    scene.findings.interrupted = scene.is_over();
    scene.findings.lasted = scene.began.elapsed();
    Ok(scene.findings.clone())
}

impl<'a> Scene<'a> {
    async fn new(
        soak: &'a Soak,
        home: &Path,
        stop: &'a AtomicBool,
        say: &'a (dyn Fn(&str) + Send + Sync),
    ) -> Result<Self, Error> {
        let mut random = fastrand::Rng::with_seed(soak.seed);
        fs::write(home.join("profile.toml"), PROFILE)?;
        let program = Program::find(soak.binary.as_deref(), home)?;
        let workers = soak.workers.max(1);
        let place = Place::new(soak.store, home, workers).await?;
        let mut findings = Findings::new(soak.store, soak.seed);
        findings.left_out = left_out(soak, &program, &place);
        for what in &findings.left_out {
            say(&format!("left out: {what}"));
        }
        let (address, changes) = (place.address(), settings());
        let mut arguments = vec!["settings", "set", "--store", &address];
        arguments.extend(changes.iter().map(String::as_str));
        program.must(&arguments).await?;

        let number = workers.div_ceil(RACING).min(ACCOUNTS);
        let (mut accounts, mut phones, mut pools) = (Vec::new(), Vec::new(), Vec::new());
        for (n, letter) in ('a'..).take(number).enumerate() {
            let name = format!("studio.{letter}");
            let port = decorum_mongod::free_port()?;
            phones.push(Phone::new(&program, home, &name, random.u64(..), port)?);
            accounts.push(name.parse()?);
            pools.push(Pool::new(letter, (n..workers).step_by(number).len()));
        }
        for phone in &mut phones {
            phone.start(Weather::Rough)?;
        }
        for phone in &mut phones {
            phone.is_up().await?;
        }
        let watch = Watch::start(place.address(), accounts.clone());
        Ok(Self {
            soak,
            stop,
            say,
            home: home.into(),
            program,
            random,
            began: Instant::now(),
            workers: (0..workers).map(|n| Worker::new(n, n % number, home)).collect(),
            phones,
            watch,
            place,
            ahead_s: vec![0; number],
            accounts,
            pools,
            lifetimes: Vec::new(),
            clears: Vec::new(),
            promised: HashMap::new(),
            findings,
            storms: 0,
            judged_until_ms: wall_ms(),
        })
    }

    /// Whether we were told to end.
    pub(crate) fn is_over(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// A person says that the clock of a worker's machine is right as it is.
    pub(crate) async fn confirm_clock(&mut self, worker: usize) -> Result<(), Error> {
        let store = self.place.address();
        let mut command = self.program.command(&["doctor", "--confirm-clock", "--store", &store]);
        self.workers[worker].on_its_machine(&mut command, &self.program);
        // What else doctor finds is not asked for here.
        self.program.try_for_a_moment(command).await?;
        self.findings.confirmed += 1;
        Ok(())
    }

    /// A person looks at the phone, and makes the account active again.
    pub(crate) async fn clear(&mut self, account: usize) -> Result<(), Error> {
        let name = self.phones[account].account.clone();
        // Whatever happens from here on, and however late, may have ended a rest.
        self.clears.push(Clear { account: name.clone(), at_ms: wall_ms() });
        let store = self.place.address();
        let arguments =
            ["account", "clear", &name, "--note", "looked at the phone", "--store", &store];
        if self.program.try_for_a_moment(self.program.command(&arguments)).await? {
            self.watch.is_cleared(&name);
            self.findings.cleared += 1;
        }
        Ok(())
    }
}

/// Rests are short, nothing waits for pace, and leases run out within a storm.
fn settings() -> [String; 8] {
    let free = r#"{"hour":null,"day":null}"#;
    [
        "min_seconds_between_actions=0".to_owned(),
        format!(r#"budgets={{"follow":{free},"like":{free},"comment":{free},"view":{free}}}"#),
        format!("rate_limit_steps=[{FIRST_REST_S},6,8]"),
        format!("backoff_jitter={JITTER}"),
        "cooldown_after_consecutive=4".to_owned(),
        "cooldown_minutes=1".to_owned(),
        "claim_lease_seconds=20".to_owned(),
        "cache_ttl_seconds=30".to_owned(),
    ]
}

/// Faults that were asked for and cannot be had.
fn left_out(soak: &Soak, program: &Program, place: &Place) -> Vec<String> {
    let mut left_out = Vec::new();
    for fault in &soak.faults {
        let why = match (fault, place) {
            (Fault::Disk, Place::Sqlite { disk: None, .. }) => {
                "full disks, as this user may not mount one: run as root"
            }
            (Fault::Clock, _) if !program.shifts_clocks() => {
                "wrong clocks, as libfaketime is not there: scripts/ensure faketime"
            }
            _ => continue,
        };
        left_out.push(why.to_owned());
    }
    left_out
}
