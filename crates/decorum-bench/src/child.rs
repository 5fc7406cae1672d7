//! Processes that are measured: the binary that people run, and what stands beside it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::engagement::Failed;

/// Ticks of the processor that Linux counts in a second, whatever the kernel's own rate.
const TICKS: u32 = 100;

/// The binary, built beside this program.
pub(crate) fn binary() -> Result<PathBuf, Failed> {
    let path = std::env::current_exe()?.with_file_name("decorum");
    if path.exists() {
        return Ok(path);
    }
    Err(format!("{} is not there; build it with: cargo build --release -p decorum", path.display())
        .into())
}

/// A command of the binary, with its data in `dir`.
pub(crate) fn decorum(dir: &Path, args: &[&str]) -> Result<Command, Failed> {
    let mut command = Command::new(binary()?);
    command.args(args).env("DECORUM_DATA_DIR", dir);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    Ok(command)
}

/// Runs a command to its end, which must be a good one.
pub(crate) fn expect(command: &mut Command) -> Result<(), Failed> {
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} ended with {status}").into()) }
}

/// A server that says on its first line where it is to be found. It ends with this.
pub(crate) struct Served {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Served {
    /// `decorum serve` as it is, with these arguments besides.
    pub(crate) fn decorum(dir: &Path, more: &[&str]) -> Result<Self, Failed> {
        let mut command = decorum(dir, &["serve", "--listen", "127.0.0.1:0"])?;
        command.args(more);
        Self::start(command)
    }

    /// A handler of axum's that does nothing but answer `answer`.
    pub(crate) fn bare(answer: &str) -> Result<Self, Failed> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["--bare-axum", answer]).stdin(Stdio::null());
        Self::start(command)
    }

    pub(crate) fn start(mut command: Command) -> Result<Self, Failed> {
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut line)?;
        }
        let url = line.trim();
        let Ok(address) = url.rsplit('/').next().unwrap_or_default().parse() else {
            child.kill().ok();
            child.wait()?;
            return Err(format!("{command:?} does not say where it listens: {url:?}").into());
        };
        Ok(Self { child, address })
    }

    /// What it keeps in memory now, in megabytes.
    pub(crate) fn memory(&self) -> Result<f64, Failed> {
        memory(self.child.id(), "VmRSS:")
    }

    /// Time of processors that it has used.
    pub(crate) fn processor(&self) -> Result<Duration, Failed> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name before it may have spaces; it ends with the last parenthesis.
        let rest = stat.rsplit_once(") ").map(|(_, rest)| rest).unwrap_or_default();
        let ticks = rest.split(' ').skip(11).take(2).filter_map(|n| n.parse::<u32>().ok());
        Ok(Duration::from_secs(1) * ticks.sum::<u32>() / TICKS)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A line of a process's status, in megabytes.
#[expect(clippy::cast_precision_loss, reason = "kilobytes of one process")]
pub(crate) fn memory(process: u32, line: &str) -> Result<f64, Failed> {
    let text = fs::read_to_string(format!("/proc/{process}/status"))?;
    let kb = text.lines().find_map(|l| l.strip_prefix(line));
    let kb = kb.and_then(|kb| kb.split_whitespace().next()).and_then(|kb| kb.parse::<u64>().ok());
    kb.map(|kb| kb as f64 / 1024.0).ok_or_else(|| format!("{process} has no {line}").into())
}

/// Runs a command to its end, and says what it kept in memory at most, in megabytes.
pub(crate) fn peak_memory(command: &mut Command) -> Result<f64, Failed> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    let mut peak = 0.0_f64;
    loop {
        // It may be gone already, and have no memory.
        peak = peak.max(memory(child.id(), "VmHWM:").unwrap_or_default());
        if let Some(ended) = child.try_wait()? {
            if ended.success() {
                return Ok(peak);
            }
            return Err(format!("{command:?} ended with {ended}").into());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
