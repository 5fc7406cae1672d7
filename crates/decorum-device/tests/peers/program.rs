//! A server as a child process, up when it is handed over and gone when it is dropped.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use decorum_device::{WebDriver, WebDriverOptions};
use tempfile::TempDir;

const START_WITHIN: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(50);
/// Somebody else may take the free port that was found before the server does.
const TRIES: usize = 3;

pub(crate) struct Program {
    pub(crate) url: String,
    child: Child,
    /// Where it writes, the log among it.
    folder: TempDir,
}

impl Program {
    /// Starts what `command` makes of a port and a folder, and waits until it answers.
    pub(crate) async fn start(command: impl Fn(u16, &Path) -> Command) -> Self {
        let mut why = String::new();
        for _ in 0..TRIES {
            match Self::try_start(&command).await {
                Ok(program) => return program,
                Err(ended) => why = ended,
            }
        }
        panic!("{why}");
    }

    /// How it ended, when it did before it answered, as it does when its port is taken.
    async fn try_start(command: &impl Fn(u16, &Path) -> Command) -> Result<Self, String> {
        let folder = tempfile::tempdir().expect("a folder for the server");
        let log = std::fs::File::create(folder.path().join("log")).expect("a log for the server");
        let port = free_port();
        let mut command = command(port, folder.path());
        let child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a second hand on the log"))
            .stderr(log)
            .spawn()
            .unwrap_or_else(|e| panic!("{command:?} could not be started: {e}"));
        let mut program = Self { url: format!("http://127.0.0.1:{port}"), child, folder };
        let began = Instant::now();
        loop {
            if let Some(status) = program.child.try_wait().expect("its state") {
                return Err(format!("{command:?} ended with {status}:\n{}", program.log()));
            }
            if WebDriver::connect(&program.url, WebDriverOptions::default()).await.is_ok() {
                return Ok(program);
            }
            assert!(began.elapsed() < START_WITHIN, "{command:?} is not up:\n{}", program.log());
            tokio::time::sleep(POLL).await;
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Kills it as a power cut would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("it could be killed");
        self.child.wait().expect("it ended");
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to do.
        self.child.kill().ok();
        self.child.wait().ok();
        self.kill_left_behind();
    }
}

impl Program {
    /// A browser is in a group of its own and does not end with its driver, but its command line
    /// names our folder.
    fn kill_left_behind(&self) {
        let ours = self.folder.path().display().to_string();
        for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
            let Ok(pid) = entry.file_name().to_string_lossy().parse::<u32>() else { continue };
            let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
            if pid != std::process::id() && String::from_utf8_lossy(&line).contains(&ours) {
                Command::new("kill").args(["-KILL", &pid.to_string()]).status().ok();
            }
        }
    }
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").port()
}
