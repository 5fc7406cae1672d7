//! A `decorum run` as a process, again and again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::Instant;

use serde_json::Value;

use crate::ledger::Whom;
use crate::lists::List;
use crate::phone::Phone;
use crate::process::Process;
use crate::program::Program;
use crate::rest::Lifetime;
use crate::{Error, wall_ms};

/// One of the workers: a process most of the time, and what it works on when it is started again.
pub(crate) struct Worker {
    pub(crate) number: usize,
    /// Which of the accounts it works for.
    pub(crate) account: usize,
    home: PathBuf,
    /// The data directory of the machine that it runs on, alone.
    machine: PathBuf,
    /// By how many seconds the clock of that machine is wrong, and was before it was set last.
    pub(crate) clock_s: i64,
    pub(crate) clock_before_s: i64,
    started: usize,
    running: Option<Running>,
    /// What it was asked to do and is not known to be through with.
    pub(crate) list: Option<List>,
    /// When it is to be let go on.
    pub(crate) thaw_at: Option<Instant>,
    /// When its line to the store is to be mended.
    pub(crate) heal_at: Option<Instant>,
}

struct Running {
    process: Process,
    path: PathBuf,
    shift_s: i64,
    since_ms: i64,
}

/// How a process is to be started.
pub(crate) struct Start<'a> {
    pub(crate) program: &'a Program,
    pub(crate) phone: &'a Phone,
    pub(crate) store: &'a str,
    /// Whether it waits while the account rests.
    pub(crate) waits: bool,
}

/// What became of a process.
pub(crate) struct Past {
    pub(crate) status: ExitStatus,
    pub(crate) lifetime: Lifetime,
    /// What it printed as its result, if it got that far.
    pub(crate) summary: Option<Value>,
    /// Where what it said lies.
    pub(crate) path: PathBuf,
}

impl Worker {
    pub(crate) fn new(number: usize, account: usize, home: &Path) -> Self {
        Self {
            number,
            account,
            home: home.into(),
            machine: home.join(format!("machine{number}")),
            clock_s: 0,
            clock_before_s: 0,
            started: 0,
            running: None,
            list: None,
            thaw_at: None,
            heal_at: None,
        }
    }

    pub(crate) const fn runs(&self) -> bool {
        self.running.is_some()
    }

    pub(crate) fn is_frozen(&self) -> bool {
        self.running.as_ref().is_some_and(|running| running.process.is_frozen())
    }

    /// Starts it on its list.
    pub(crate) fn start(&mut self, how: &Start<'_>) -> Result<(), Error> {
        let list = self.list.as_ref().ok_or("a worker without a list")?;
        self.started += 1;
        let path = self.home.join(format!("worker{}-{:05}", self.number, self.started));
        let people = path.with_extension("txt");
        fs::write(&people, list.people.join("\n"))?;
        let actions: Vec<&str> = list.actions.iter().map(|action| action.as_str()).collect();
        let (people, actions) = (people.display().to_string(), actions.join(","));
        let url = how.phone.url();
        let mut arguments = vec![
            "run",
            "--account",
            &how.phone.account,
            "--action",
            &actions,
            "--targets",
            &people,
            "--device",
            &url,
            "--json",
        ];
        if list.actions.contains(&decorum_core::Action::Comment) {
            arguments.extend(["--comment", &list.comment]);
        }
        if !how.waits {
            arguments.push("--no-wait");
        }
        let mut command = how.program.command(&arguments);
        command.env("DECORUM_STORE", how.store);
        self.on_its_machine(&mut command, how.program);
        let process = Process::start(command, &path)?;
        let since_ms = wall_ms();
        self.running = Some(Running { process, path, shift_s: self.clock_s, since_ms });
        Ok(())
    }

    /// Has the command run on the machine of this worker: with its clock, anchor and spool.
    pub(crate) fn on_its_machine(&self, command: &mut Command, program: &Program) {
        command.env("DECORUM_DATA_DIR", &self.machine);
        program.shift_clock(command, self.clock_s);
    }

    /// Sets the clock of its machine.
    pub(crate) const fn set_clock(&mut self, seconds: i64) {
        self.clock_before_s = self.clock_s;
        self.clock_s = seconds;
    }

    /// Whether it ended, and how.
    pub(crate) fn ended(&mut self, account: &str) -> Result<Option<Past>, Error> {
        let Some(running) = &mut self.running else { return Ok(None) };
        match running.process.ended()? {
            Some(status) => self.past(status, account).map(Some),
            None => Ok(None),
        }
    }

    /// Kills it, if it runs.
    pub(crate) fn kill(&mut self, account: &str) -> Result<Option<Past>, Error> {
        let Some(running) = &mut self.running else { return Ok(None) };
        let status = running.process.kill()?;
        self.past(status, account).map(Some)
    }

    pub(crate) fn ask_to_end(&self) -> Result<(), Error> {
        self.running.as_ref().map_or(Ok(()), |running| running.process.ask_to_end())
    }

    /// Holds it still until then.
    pub(crate) fn freeze(&mut self, until: Instant) -> Result<(), Error> {
        self.thaw_at = Some(until);
        self.running.as_mut().map_or(Ok(()), |running| running.process.freeze())
    }

    pub(crate) fn thaw(&mut self) -> Result<(), Error> {
        self.thaw_at = None;
        self.running.as_mut().map_or(Ok(()), |running| running.process.thaw())
    }

    fn past(&mut self, status: ExitStatus, account: &str) -> Result<Past, Error> {
        let running = self.running.take().ok_or("a worker that does not run")?;
        self.thaw_at = None;
        let printed = fs::read_to_string(running.path.with_extension("out"))?;
        let lifetime = Lifetime {
            account: account.to_owned(),
            shift_ms: running.shift_s * 1000,
            from_ms: running.since_ms,
            until_ms: wall_ms(),
        };
        // A result that was cut off by a kill promised nothing.
        let summary = serde_json::from_str(&printed).ok();
        Ok(Past { status, lifetime, summary, path: running.path })
    }
}

impl Past {
    /// Whether it ended because its clock had been set.
    pub(crate) fn noticed_its_clock(&self) -> bool {
        let why = self.summary.as_ref().and_then(|summary| summary["why"].as_str());
        why.is_some_and(|why| why.contains("--confirm-clock"))
    }

    /// Events that it said were on record, and whom they are about.
    pub(crate) fn promised(&self) -> Vec<(decorum_core::EventId, Whom)> {
        let Some(summary) = &self.summary else { return Vec::new() };
        let text = |value: &Value, name: &str| value[name].as_str().map(ToOwned::to_owned);
        let engagements = summary["engagements"].as_array().into_iter().flatten();
        engagements
            .filter_map(|engagement| {
                let whom = Whom {
                    account: text(summary, "account_id")?,
                    person: text(engagement, "target_username")?,
                    action: text(engagement, "action")?.parse().ok()?,
                };
                Some((text(engagement, "event_id")?.parse().ok()?, whom))
            })
            .collect()
    }
}
