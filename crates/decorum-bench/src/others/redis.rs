//! A claim, beside `SET key value NX EX` of a Redis that syncs every write.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use decorum_core::{Action, Metadata};
use decorum_engine::guard::{Context, Guard, key};
use decorum_store::ClaimVerdict;
use redis::Client;
use tempfile::TempDir;

use crate::book::{Row, Section, Unit};
use crate::engagement::{Failed, guard};
use crate::scale::Scale;

/// Callers at the same time, and claims of each in one sample.
const SHAPES: [(usize, usize); 2] = [(1, 300), (16, 60)];

const ABOUT: &str = "A claim of the guard on SQLite, durable before it is answered. The reference is \
    Redis with `appendonly yes` and `appendfsync always`, asked for `SET key value NX EX 120` with \
    its usual client on a connection a caller that is kept. It knows that the key was free, and \
    nothing of windows, budgets, breakers, suppressed people or what happened before; nor does it \
    keep a record.";

pub(crate) fn measure(scale: &Scale) -> Result<Section, Failed> {
    let mut section = Section::new("A claim, beside Redis", ABOUT);
    let Some(program) = std::env::var_os("DECORUM_REDIS").map(PathBuf::from) else {
        section.missing("there is no Redis server on this machine (scripts/ensure-redis)");
        return Ok(section);
    };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let dir = TempDir::new()?;
    let server = Server::start(&program, dir.path())?;
    let guard = Arc::new(runtime.block_on(guard(dir.path()))?);
    for (callers, each) in SHAPES {
        let shape = (callers, scale.of(each, 5));
        let (mut ours, mut reference) = (Vec::new(), Vec::new());
        for sample in 0..scale.samples(9) {
            let prefix = format!("c{callers}s{sample}");
            reference.push(server.claims(&prefix, shape)?);
            ours.push(runtime.block_on(claims(&guard, &prefix, shape))?);
        }
        let what = match callers {
            1 => "claims, one caller".to_owned(),
            many => format!("claims, {many} callers at once"),
        };
        section.add(Row::timed(what, Unit::PerSecond, &ours).beside_timed(&reference));
    }
    runtime.block_on(guard.store().close())?;
    section.draw_rows("redis", "Claims a second", Unit::PerSecond);
    Ok(section)
}

/// How long a claim of ours takes.
async fn claims(
    guard: &Arc<Guard>,
    prefix: &str,
    (callers, each): (usize, usize),
) -> Result<Duration, Failed> {
    let started = Instant::now();
    let claiming: Vec<_> = (0..callers)
        .map(|caller| {
            let (guard, name) = (Arc::clone(guard), format!("{prefix}c{caller}"));
            tokio::spawn(async move {
                let account = name.parse()?;
                for n in 0..each {
                    let target = format!("{name}_{n}").parse()?;
                    let about = key(&account, &target, Action::Follow);
                    let context = Context::default();
                    let verdict = guard.claim(about, &context, Metadata::default()).await?;
                    if !matches!(verdict, ClaimVerdict::Granted(_)) {
                        return Err("a claim was refused that nothing speaks against".into());
                    }
                }
                Ok::<_, Failed>(())
            })
        })
        .collect();
    for caller in claiming {
        caller.await??;
    }
    Ok(started.elapsed() / u32::try_from(callers * each)?)
}

/// A server of our own, which ends with this.
struct Server {
    child: Child,
    client: Client,
}

impl Server {
    fn start(program: &Path, dir: &Path) -> Result<Self, Failed> {
        // It cannot be told to take a free port and say which.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut command = Command::new(program);
        command.args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", ""]);
        command.args(["--appendonly", "yes", "--appendfsync", "always", "--dir"]).arg(dir);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
        let server = Self { child, client: Client::open(("127.0.0.1", port))? };
        let patience = Instant::now();
        while let Err(error) = server.client.get_connection() {
            if patience.elapsed() > Duration::from_secs(10) {
                return Err(format!("Redis does not answer: {error}").into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    /// How long a claim of theirs takes.
    fn claims(&self, prefix: &str, (callers, each): (usize, usize)) -> Result<Duration, Failed> {
        let mut connections = Vec::new();
        for _ in 0..callers {
            connections.push(self.client.get_connection()?);
        }
        let started = Instant::now();
        let claiming: Vec<_> = connections
            .into_iter()
            .enumerate()
            .map(|(caller, mut connection)| {
                let name = format!("instagram:{prefix}c{caller}");
                std::thread::spawn(move || {
                    for n in 0..each {
                        let mut set = redis::cmd("SET");
                        set.arg(format!("{name}:{name}_{n}:follow")).arg(&name);
                        set.arg("NX").arg("EX").arg(120);
                        let answer: Option<String> = set.query(&mut connection)?;
                        if answer.as_deref() != Some("OK") {
                            return Err("Redis says that a new key was taken".into());
                        }
                    }
                    Ok::<_, Failed>(())
                })
            })
            .collect();
        for caller in claiming {
            caller.join().map_err(|_| "a caller of Redis broke off")??;
        }
        Ok(started.elapsed() / u32::try_from(callers * each)?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
