//! `GET /api/check`, beside a handler that answers the same without asking anybody.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use decorum_core::{Action, Jitter, Metadata, Observation, Outcome, Seen};
use decorum_engine::guard::{Guard, key};
use decorum_store::OBSERVE_MAX;
use hyper::StatusCode;
use tempfile::TempDir;

use super::load::{Asking, Connection, Load, drive, get};
use crate::book::{Goal, Row, Section, Unit};
use crate::child::{self, Served};
use crate::engagement::{Failed, guard, unhurried};
use crate::scale::Scale;

/// Clients of the load.
pub(crate) const CLIENTS: usize = 32;

/// People asked about in turn.
const PEOPLE: u64 = 2_000;

const ABOUT: &str = "`GET /api/check` of `decorum serve` on an SQLite store, asked by 32 clients on \
    connections that are kept, each as soon as it was answered. The reference is a bare axum handler \
    in a process of its own that answers the same JSON and asks nobody, with the system's allocator \
    where ours brings mimalloc; client and load are the same. All three share the cores, so the time \
    of processors each server spends on a request is measured as well. Somebody new is looked up in \
    the store, in one snapshot, and nobody is suppressed by name; a refusal is remembered by the \
    process. What a profile shows of somebody new: half of the time is the kernel's, sending and \
    receiving, as in the reference; a tenth is SQLite looking up the person, which a yes that is true \
    at that moment cannot do without, and seeing that nothing else was written since. Those who ask \
    at the same time share the snapshot. The rest is the way in: names, headers, the gate.";

/// An account, and what it is asked about.
pub(crate) const ACCOUNT: &str = "account";

/// Has the store in `dir` ask for no pace.
pub(crate) fn unhurry(dir: &Path) -> Result<(), Failed> {
    let free = "{\"hour\":null,\"day\":null}";
    let budgets =
        format!("budgets={{\"follow\":{free},\"like\":{free},\"comment\":{free},\"view\":{free}}}");
    let set = ["settings", "set", "min_seconds_between_actions=0", budgets.as_str()];
    child::expect(&mut child::decorum(dir, &set)?)
}

/// A data directory whose account has engaged `people`, without pace.
pub(crate) async fn stocked(dir: &Path, people: usize) -> Result<(), Failed> {
    unhurry(dir)?;
    let guard = guard(dir).await?;
    for first in (0..people).step_by(OBSERVE_MAX) {
        let step = (first..people.min(first + OBSERVE_MAX)).map(|n| engaged(&guard, n));
        let step = step.collect::<Result<_, _>>()?;
        guard.store().observe(&unhurried()?, step).await?;
    }
    guard.store().close().await?;
    Ok(())
}

/// A person who was engaged just now.
fn engaged(guard: &Guard, n: usize) -> Result<Observation, Failed> {
    let now = guard.clock().now();
    Ok(Observation {
        key: key(&ACCOUNT.parse()?, &n.to_string().parse()?, Action::Follow),
        seen: Seen::Outcome(Outcome::Success { presumed: false }),
        reason: None,
        detail: String::new(),
        task_id: None,
        device_id: None,
        session_id: None,
        latency_ms: Some(1),
        metadata: Metadata::default(),
        jitter: Jitter::default(),
        stamp: guard.entropy().stamp(now),
    })
}

/// Asks about one person after the other.
pub(crate) struct Checks {
    /// How the names of the people begin.
    pub(crate) prefix: &'static str,
    pub(crate) people: u64,
}

impl Checks {
    pub(crate) fn path(&self, n: u64) -> String {
        let Self { prefix, people } = self;
        let n = n % people;
        format!("/api/check?account_id={ACCOUNT}&target_username={prefix}{n}&action=follow")
    }
}

impl Asking for Checks {
    async fn ask(&self, connection: &mut Connection, client: usize, n: u64) -> Result<(), Failed> {
        // Clients are spread over the people.
        let first = self.people / CLIENTS as u64 * client as u64;
        let (status, _) = connection.ask(get(&self.path(first + n))?).await?;
        if status == StatusCode::OK { Ok(()) } else { Err(format!("answered {status}").into()) }
    }
}

pub(crate) fn measure(scale: &Scale) -> Result<Vec<Section>, Failed> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let mut section = Section::new("HTTP: may this person be engaged", ABOUT);
        let dir = TempDir::new()?;
        let people = scale.of(PEOPLE, 100);
        stocked(dir.path(), usize::try_from(people)?).await?;
        let ours = Served::decorum(dir.path(), &[])?;
        for (what, prefix) in [("somebody new", "new"), ("a refusal that is remembered", "")] {
            let checks = Arc::new(Checks { prefix, people });
            let mut connection = Connection::open(ours.address).await?;
            let (_, answer) = connection.ask(get(&checks.path(0))?).await?;
            let bare = Served::bare(std::str::from_utf8(&answer)?)?;
            let lasting = scale.of(Duration::from_secs(2), Duration::from_millis(200));
            let mut sides = [Side::new(&ours), Side::new(&bare)];
            for side in &sides {
                drive(side.server.address, CLIENTS, lasting / 2, &checks).await?;
            }
            for _ in 0..scale.samples(7) {
                for side in &mut sides {
                    side.sample(lasting, &checks).await?;
                }
            }
            let [ours, bare] = &sides;
            let row = |name: &str, unit, of: fn(&Sample) -> f64| {
                Row::new(format!("{what}, {name}"), unit, &ours.all(of)).beside(&bare.all(of))
            };
            let rate = row("requests", Unit::PerSecond, |s| s.load.per_second);
            section.add(rate.goal(Goal::RatioAtLeast(0.6)));
            section.add(row("median", Unit::Micros, |s| Unit::Micros.of(s.load.p50)));
            let p99 = row("99th percentile", Unit::Micros, |s| Unit::Micros.of(s.load.p99));
            section.add(p99.goal(Goal::RatioAtMost(2.0)));
            section.add(row("processor", Unit::Micros, |s| Unit::Micros.of(s.processor)));
        }
        section.draw_rows("http-check", "GET /api/check, requests a second", Unit::PerSecond);
        Ok(vec![section])
    })
}

struct Sample {
    load: Load,
    /// Of the server, for one request.
    processor: Duration,
}

struct Side<'a> {
    server: &'a Served,
    samples: Vec<Sample>,
}

impl<'a> Side<'a> {
    const fn new(server: &'a Served) -> Self {
        Self { server, samples: Vec::new() }
    }

    async fn sample(&mut self, lasting: Duration, checks: &Arc<Checks>) -> Result<(), Failed> {
        let before = self.server.processor()?;
        let load = drive(self.server.address, CLIENTS, lasting, checks).await?;
        let spent = self.server.processor()?.saturating_sub(before);
        let processor = spent / u32::try_from(load.answered.max(1))?;
        self.samples.push(Sample { load, processor });
        Ok(())
    }

    fn all(&self, of: fn(&Sample) -> f64) -> Vec<f64> {
        self.samples.iter().map(of).collect()
    }
}
