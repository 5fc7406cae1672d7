//! A process that is ours to end.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::Error;

/// Runs until it ends, is ended, or is dropped.
pub(crate) struct Process {
    child: Child,
    frozen: bool,
}

impl Process {
    /// Starts it, with everything it says in `PATH.out` and `PATH.err`, after what stands there.
    pub(crate) fn start(mut command: Command, path: &Path) -> Result<Self, Error> {
        let file =
            |end: &str| File::options().create(true).append(true).open(path.with_extension(end));
        let child = command
            // An interrupt at the terminal reaches us alone.
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(file("out")?)
            .stderr(file("err")?)
            .spawn()
            .map_err(|e| format!("{} does not start: {e}", command.get_program().display()))?;
        Ok(Self { child, frozen: false })
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>, Error> {
        Ok(self.child.try_wait()?)
    }

    /// Kills it as a power cut would.
    pub(crate) fn kill(&mut self) -> Result<ExitStatus, Error> {
        // One that has just ended by itself is as gone as one that was killed.
        drop(self.child.kill());
        Ok(self.child.wait()?)
    }

    /// Asks it to end in order.
    pub(crate) fn ask_to_end(&self) -> Result<(), Error> {
        self.signal(Signal::TERM)
    }

    pub(crate) const fn is_frozen(&self) -> bool {
        self.frozen
    }

    /// Holds it still in the middle of whatever it does.
    pub(crate) fn freeze(&mut self) -> Result<(), Error> {
        self.frozen = true;
        self.signal(Signal::STOP)
    }

    /// Lets it go on; nothing happens to one that goes on already.
    pub(crate) fn thaw(&mut self) -> Result<(), Error> {
        if std::mem::take(&mut self.frozen) {
            self.signal(Signal::CONT)?;
        }
        Ok(())
    }

    fn signal(&self, signal: Signal) -> Result<(), Error> {
        let raw = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        // Its id is not given to another before we have waited for it.
        match kill_process(raw.ok_or("a process without an id")?, signal) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.kill());
        sweep(self.child.id());
    }
}

/// Removes what libfaketime leaves behind of a process that is gone.
pub(crate) fn sweep(process: u32) {
    for left in ["faketime_shm_", "sem.faketime_sem_"] {
        drop(fs::remove_file(format!("/dev/shm/{left}{process}")));
    }
}
