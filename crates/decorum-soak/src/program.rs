//! The binary under test, and how it is started.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use crate::Error;
use crate::process::sweep;

/// What is waited for on a real phone is there at once on a simulated one.
pub(crate) const PROFILE: &str =
    "[timings]\nsettle_ms = 40\nload_timeout_ms = 3000\npoll_ms = 10\n";

/// How long a person waits for a command while a storm goes on.
const MOMENT: Duration = Duration::from_secs(10);

/// How `decorum` is called in one soak.
#[derive(Clone)]
pub(crate) struct Program {
    decorum: PathBuf,
    /// Has the kernel kill what we started if we are killed ourselves.
    setpriv: Option<PathBuf>,
    faketime: Option<PathBuf>,
    home: PathBuf,
}

impl Program {
    /// The `decorum` at `path`, with its data in `home`; otherwise the one that `DECORUM_BIN` names,
    /// and at last the one built beside this program.
    pub(crate) fn find(path: Option<&Path>, home: &Path) -> Result<Self, Error> {
        let named = env::var_os("DECORUM_BIN").filter(|named| !named.is_empty());
        let decorum = match path.map(Into::into).or(named.map(PathBuf::from)) {
            Some(named) => named,
            // A test program lies one folder deeper.
            None => env::current_exe()?
                .ancestors()
                .skip(1)
                .take(2)
                .map(|folder| folder.join("decorum"))
                .find(|path| path.is_file())
                .ok_or(
                    "there is no `decorum` beside this program: cargo build --package decorum",
                )?,
        };
        if !decorum.is_file() {
            return Err(format!("there is no `decorum` at {}", decorum.display()).into());
        }
        Ok(Self {
            decorum,
            setpriv: on_path("setpriv"),
            faketime: libfaketime(),
            home: home.into(),
        })
    }

    /// Whether clocks can be shifted.
    pub(crate) const fn shifts_clocks(&self) -> bool {
        self.faketime.is_some()
    }

    /// `decorum` with these arguments, in an environment of its own.
    pub(crate) fn command<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Command {
        let mut command = match &self.setpriv {
            Some(setpriv) => {
                let mut command = Command::new(setpriv);
                command.args(["--pdeathsig", "KILL", "--"]).arg(&self.decorum);
                command
            }
            None => Command::new(&self.decorum),
        };
        command
            .args(arguments)
            .env_clear()
            .env("DECORUM_DATA_DIR", &self.home)
            .env("DECORUM_PROFILE", self.home.join("profile.toml"))
            .env("DECORUM_LOG", "info")
            .env("USER", "soak");
        command
    }

    /// Sets the clock of what the command starts, and only its wall clock, by so many seconds.
    pub(crate) fn shift_clock(&self, command: &mut Command, seconds: i64) {
        if let (Some(library), true) = (&self.faketime, seconds != 0) {
            command
                .env("LD_PRELOAD", library)
                .env("FAKETIME", format!("{seconds:+}s"))
                .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        }
    }

    /// Runs a command to its end.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Result<Output, Error> {
        let mut command = self.command(arguments);
        Ok(tokio::task::spawn_blocking(move || command.output()).await??)
    }

    /// Runs a command for a person who does not wait for long. Whether it succeeded; one that was
    /// not waited for may still.
    pub(crate) async fn try_for_a_moment(&self, mut command: Command) -> Result<bool, Error> {
        let running = tokio::task::spawn_blocking(move || {
            let child = command
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()?;
            let id = child.id();
            let output = child.wait_with_output();
            sweep(id);
            output
        });
        match tokio::time::timeout(MOMENT, running).await {
            Ok(output) => Ok(output??.status.success()),
            Err(_) => Ok(false),
        }
    }

    /// Runs a command that has to succeed.
    pub(crate) async fn must(&self, arguments: &[&str]) -> Result<(), Error> {
        let output = self.run(arguments).await?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(format!("`decorum {}` failed: {}", arguments.join(" "), said.trim()).into())
    }
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Where distributions put the library of faketime, the one for programs with threads.
fn libfaketime() -> Option<PathBuf> {
    let folders = ["/usr/lib", "/usr/lib64", "/usr/local/lib"].map(PathBuf::from);
    let triple = PathBuf::from(format!("/usr/lib/{}-linux-gnu", env::consts::ARCH));
    std::iter::once(triple)
        .chain(folders)
        .map(|folder| folder.join("faketime/libfaketimeMT.so.1"))
        .find(|file| file.is_file())
}
