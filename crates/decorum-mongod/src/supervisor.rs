//! One server process, which cannot outlive this one.
//!
//! Whoever starts a server may be killed before it can stop it. So a shell stands between the two
//! and reads a pipe that only we hold: when the pipe closes, for whatever reason, the shell kills
//! the server and removes its data. As the shell is the server's parent and waits for it only at
//! the end, the server's process id belongs to nobody else as long as we may use it. Both are in
//! a process group of their own: an interrupt at the terminal reaches us alone.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread::{self, JoinHandle};

use rustix::process::{Pid, Signal, kill_process};

use crate::Error;
use crate::error::cannot;

const SCRIPT: &str = r#"
data=$1
shift
"$@" 2>&1 &
server=$!
echo "$server"
exec >/dev/null
read -r word
kill -KILL "$server"
wait "$server"
[ "$word" = keep ] || rm -rf -- "$data"
"#;

/// A running server and its shell.
pub(crate) struct Supervised {
    shell: Child,
    pipe: Option<ChildStdin>,
    server: Pid,
    /// Ends when the server does, with what it said.
    talk: Option<JoinHandle<String>>,
}

impl Supervised {
    /// Starts `program`; `data` is removed when we end without saying that it is still needed.
    pub(crate) fn start<A: AsRef<OsStr>>(
        program: &Path,
        arguments: &[A],
        data: &Path,
    ) -> Result<Self, Error> {
        let mut shell = Command::new("sh")
            .args(["-c", SCRIPT, "decorum-mongod"])
            .arg(data)
            .arg(program)
            .args(arguments)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(cannot("a MongoDB server could not be started"))?;
        let missing = || std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        let pipe = shell.stdin.take();
        let mut output = BufReader::new(
            shell.stdout.take().ok_or_else(missing).map_err(cannot("a server without output"))?,
        );
        let mut first = String::new();
        output.read_line(&mut first).map_err(cannot("the shell of a server said nothing"))?;
        let server = first
            .trim()
            .parse()
            .ok()
            .and_then(Pid::from_raw)
            .ok_or_else(missing)
            .map_err(cannot("the shell of a server did not say which process it is"))?;
        let talk = thread::spawn(move || {
            let mut said = Vec::new();
            // What broke off is the end of it all the same.
            let _ = output.read_to_end(&mut said);
            String::from_utf8_lossy(&said).into_owned()
        });
        Ok(Self { shell, pipe, server, talk: Some(talk) })
    }

    /// The process id of the server.
    pub(crate) fn pid(&self) -> u32 {
        self.server.as_raw_nonzero().get().unsigned_abs()
    }

    /// What the server said on its way out, if it ended by itself.
    pub(crate) fn ended(&mut self) -> Option<String> {
        if !self.talk.as_ref()?.is_finished() {
            return None;
        }
        self.talk.take()?.join().ok()
    }

    /// Holds the server still, or lets it go on.
    pub(crate) fn pause(&self, still: bool) -> Result<(), Error> {
        let signal = if still { Signal::STOP } else { Signal::CONT };
        kill_process(self.server, signal).map_err(cannot("a server could not be signalled"))
    }

    /// Kills the server and waits until it is gone; its data stays.
    pub(crate) fn kill(mut self) -> Result<(), Error> {
        if let Some(pipe) = &mut self.pipe {
            pipe.write_all(b"keep\n").map_err(cannot("a server's shell does not listen"))?;
        }
        self.end().map_err(cannot("a server could not be ended"))
    }

    /// Has the server killed and its data removed, without waiting for it.
    pub(crate) fn let_go(&mut self) {
        drop(self.pipe.take());
    }

    fn end(&mut self) -> std::io::Result<()> {
        self.let_go();
        self.shell.wait().map(drop)
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        // There is nobody left to tell, and the shell acts on the closed pipe by itself.
        let _ = self.end();
    }
}
