//! One `mongod` and its data, running or not.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::error::cannot;
use crate::supervisor::Supervised;
use crate::{Error, Options, port, program};

/// A server says in its log that it listens: this message, on every version that we take.
const LISTENS: &str = "\"id\":23016,";
const POLL: Duration = Duration::from_millis(10);
/// A restart after a kill has a journal to read, and the machine may be busy.
const PATIENCE: Duration = Duration::from_mins(1);
/// Ports to try: somebody else may take one between the look and the start.
const PORTS: usize = 10;
/// How many lines of a log an error shows.
const TAIL: usize = 5;

/// A member of a set, or the one node of a standalone server.
pub(crate) struct Node {
    root: PathBuf,
    home: PathBuf,
    options: Vec<String>,
    pub(crate) port: u16,
    running: Option<Supervised>,
}

impl Node {
    /// A node with its home in `root`, which goes when we do.
    pub(crate) fn new(
        root: &Path,
        n: usize,
        set: Option<&str>,
        options: &Options,
    ) -> Result<Self, Error> {
        let home = root.join(format!("node{n}"));
        fs::create_dir_all(home.join("data")).map_err(cannot("no folder for a node"))?;
        let data = home.join("data").display().to_string();
        let log = home.join("log").display().to_string();
        let mut arguments: Vec<String> = [
            "--quiet",
            "--bind_ip",
            "127.0.0.1",
            "--nounixsocket",
            "--wiredTigerCacheSizeGB",
            "0.25",
            "--setParameter",
            "diagnosticDataCollectionEnabled=false",
            "--logappend",
            "--logpath",
            &log,
            "--dbpath",
            &data,
        ]
        .map(str::to_owned)
        .into();
        let mut add = |more: &[&str]| arguments.extend(more.iter().map(|&one| one.to_owned()));
        if let Some(set) = set {
            add(&["--replSet", set, "--oplogSize", "512"]);
        }
        if options.fail_points {
            add(&["--setParameter", "enableTestCommands=1"]);
        }
        if options.users {
            add(&["--auth"]);
            if set.is_some() {
                add(&["--keyFile", &root.join("key").display().to_string()]);
            }
        }
        Ok(Self { root: root.into(), home, options: arguments, port: port::free()?, running: None })
    }

    pub(crate) const fn is_running(&self) -> bool {
        self.running.is_some()
    }

    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(crate) fn process(&self) -> Option<&Supervised> {
        self.running.as_ref()
    }

    pub(crate) fn take_process(&mut self) -> Option<Supervised> {
        self.running.take()
    }

    /// Tells it to end, without waiting.
    pub(crate) fn let_go(&mut self) {
        if let Some(process) = &mut self.running {
            process.let_go();
        }
    }

    /// Starts it for the first time, on a port that is free.
    pub(crate) async fn start(&mut self) -> Result<(), Error> {
        for _ in 1..PORTS {
            match self.start_again().await {
                Err(Error::Ended { said, .. }) if said.contains("Address already in use") => {
                    self.port = port::free()?;
                }
                other => return other,
            }
        }
        self.start_again().await
    }

    /// Starts it on the port that it had, and waits until it listens.
    pub(crate) async fn start_again(&mut self) -> Result<(), Error> {
        let before = self.log().len();
        let mut arguments = self.options.clone();
        arguments.extend(["--port".to_owned(), self.port.to_string()]);
        let mut process = Supervised::start(&program::find()?, &arguments, &self.root)?;
        let began = Instant::now();
        loop {
            let log = self.log();
            let since = log.get(before..).unwrap_or_default();
            if since.contains(LISTENS) {
                break;
            }
            if let Some(said) = process.ended() {
                // The log may have grown since it was read.
                let log = self.log();
                process.kill()?;
                let said =
                    trouble(log.get(before..).filter(|log| !log.is_empty()).unwrap_or(&said));
                return Err(Error::Ended { port: self.port, said });
            }
            if began.elapsed() > PATIENCE {
                let last = trouble(since);
                process.kill()?;
                return Err(Error::TooSlow {
                    what: format!("the MongoDB server on port {}", self.port),
                    seconds: PATIENCE.as_secs(),
                    last,
                });
            }
            sleep(POLL).await;
        }
        self.running = Some(process);
        Ok(())
    }

    /// Everything it logged; nothing if it has not begun to.
    fn log(&self) -> String {
        let log = fs::read(self.home.join("log")).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }
}

/// What it complained about, otherwise the last it said.
fn trouble(text: &str) -> String {
    let grave = |line: &&str| line.contains("\"s\":\"E\"") || line.contains("\"s\":\"F\"");
    let mut lines: Vec<&str> = text.lines().filter(grave).collect();
    if lines.is_empty() {
        lines = text.lines().collect();
    }
    lines[lines.len().saturating_sub(TAIL)..].join("\n")
}
