//! Where the workers remember: a real SQLite file, or a real replica set.

use std::fmt;
use std::fs;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use decorum_mongod::{Options, Proxy, Server, in_database};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::Error;
use crate::disk::Disk;

const NODES: usize = 3;
const DATABASE: &str = "decorum";

/// Room for the SQLite file at first.
const DISK_MB: u64 = 48;

/// Longer than the others wait before they elect a new primary (2 s).
const STILL: Duration = Duration::from_secs(5);
const AWAY: Duration = Duration::from_secs(1);

/// Which store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One file, on a disk that can be filled.
    Sqlite,
    /// Three nodes, each behind a line that can be cut.
    Mongodb,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Sqlite => "sqlite",
            Self::Mongodb => "mongodb",
        })
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "sqlite" => Ok(Self::Sqlite),
            "mongodb" => Ok(Self::Mongodb),
            _ => Err(format!("`{name}` is no store; there are sqlite and mongodb")),
        }
    }
}

pub(crate) enum Place {
    Sqlite { address: String, disk: Option<Disk> },
    Mongodb(Set),
}

impl Place {
    /// A new store; `workers` is how many lines to it are wanted.
    pub(crate) async fn new(kind: Kind, home: &Path, workers: usize) -> Result<Self, Error> {
        match kind {
            Kind::Sqlite => {
                let folder = home.join("store");
                fs::create_dir_all(&folder)?;
                let disk = Disk::mount(&folder, DISK_MB)?;
                let address = format!("sqlite:{}", folder.join("decorum.db").display());
                Ok(Self::Sqlite { address, disk })
            }
            Kind::Mongodb => Ok(Self::Mongodb(Set::start(workers).await?)),
        }
    }

    /// For us, with nothing in between.
    pub(crate) fn address(&self) -> String {
        match self {
            Self::Sqlite { address, .. } => address.clone(),
            Self::Mongodb(set) => set.address.clone(),
        }
    }

    /// For one of the workers.
    pub(crate) fn address_of(&self, worker: usize) -> String {
        match self {
            Self::Sqlite { address, .. } => address.clone(),
            Self::Mongodb(set) => set.address_of(worker),
        }
    }
}

/// A replica set. Members know each other by their own addresses, so whoever goes through a line
/// of ours talks to one node alone. Every other worker does, to the node that was the primary
/// when it started; the rest know the whole set, and follow it to the next primary.
pub(crate) struct Set {
    server: Arc<Mutex<Server>>,
    address: String,
    /// Of each worker, to each node.
    lines: Vec<Vec<Proxy>>,
    primary: Arc<AtomicUsize>,
    striking: Option<JoinHandle<Result<(), decorum_mongod::Error>>>,
}

/// What befalls a primary.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stroke {
    Kill,
    Pause,
    StepDown,
}

impl Set {
    async fn start(workers: usize) -> Result<Self, Error> {
        let server = Server::replica_set(NODES, &Options::default()).await?;
        let mut lines = Vec::new();
        for _ in 0..workers {
            let mut own = Vec::new();
            for node in 0..NODES {
                own.push(Proxy::start(server.address(node)).await?);
            }
            lines.push(own);
        }
        let primary = Arc::new(AtomicUsize::new(server.primary().await?));
        let address = in_database(&server.uri(), DATABASE);
        Ok(Self { server: Arc::new(Mutex::new(server)), address, lines, primary, striking: None })
    }

    /// Whether this worker's line is one that can be cut.
    pub(crate) const fn has_line(worker: usize) -> bool {
        worker.is_multiple_of(2)
    }

    fn address_of(&self, worker: usize) -> String {
        let primary = self.primary.load(Ordering::Relaxed);
        match self.lines.get(worker).and_then(|own| own.get(primary)) {
            Some(line) if Self::has_line(worker) => {
                let uri = format!("mongodb://{}/?directConnection=true", line.address());
                in_database(&uri, DATABASE)
            }
            _ => self.address.clone(),
        }
    }

    /// Cuts the lines of a worker, or lets nothing through them.
    pub(crate) fn part(&self, worker: usize, cut: bool) {
        for line in self.lines.iter().skip(worker).take(1).flatten() {
            if cut { line.cut() } else { line.stall() }
        }
    }

    /// Mends the lines of a worker.
    pub(crate) fn heal(&self, worker: usize) {
        for line in self.lines.iter().skip(worker).take(1).flatten() {
            line.heal();
        }
    }

    /// Strikes the primary in the background; `false` while the last stroke is not over.
    pub(crate) async fn strike(&mut self, stroke: Stroke) -> Result<bool, Error> {
        if self.striking.as_ref().is_some_and(|striking| !striking.is_finished()) {
            return Ok(false);
        }
        self.stand().await?;
        let (server, known) = (Arc::clone(&self.server), Arc::clone(&self.primary));
        self.striking = Some(tokio::spawn(async move {
            let mut server = server.lock().await;
            let primary = server.primary().await?;
            match stroke {
                Stroke::Kill => {
                    server.kill(primary)?;
                    sleep(AWAY).await;
                    server.restart(primary).await?;
                }
                Stroke::Pause => {
                    server.pause(primary, true)?;
                    sleep(STILL).await;
                    server.pause(primary, false)?;
                }
                Stroke::StepDown => drop(server.step_down().await?),
            }
            known.store(server.primary().await?, Ordering::Relaxed);
            Ok(())
        }));
        Ok(true)
    }

    /// Waits until every node runs and follows the primary.
    pub(crate) async fn calm(&mut self) -> Result<(), Error> {
        self.stand().await?;
        for worker in 0..self.lines.len() {
            self.heal(worker);
        }
        let server = self.server.lock().await;
        server.in_step().await?;
        self.primary.store(server.primary().await?, Ordering::Relaxed);
        Ok(())
    }

    async fn stand(&mut self) -> Result<(), Error> {
        if let Some(striking) = self.striking.take() {
            striking.await??;
        }
        Ok(())
    }
}
