//! A small disk in memory, to be filled to its last byte.
//!
//! As with servers, a shell stands between us and the mount: it reads a pipe that only we hold,
//! and unmounts when the pipe closes, for whatever reason.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::Error;

const SCRIPT: &str = r#"
mount -t tmpfs -o "size=$2,mode=700" decorum-soak "$1" 2>/dev/null || exit 1
echo mounted
read -r _
umount --lazy "$1"
"#;

/// What is written at a time while filling.
const CHUNK: usize = 64 * 1024;

/// Mounted until it is dropped.
pub(crate) struct Disk {
    path: PathBuf,
    shell: Child,
}

impl Disk {
    /// Mounts a disk of `megabytes` at `path`. `None`: this user may not mount.
    pub(crate) fn mount(path: &Path, megabytes: u64) -> Result<Option<Self>, Error> {
        let mut shell = Command::new("sh")
            .args(["-c", SCRIPT, "decorum-soak"])
            .arg(path)
            .arg(format!("{megabytes}m"))
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut said = String::new();
        BufReader::new(shell.stdout.take().ok_or("a shell without output")?)
            .read_line(&mut said)?;
        if said.trim() == "mounted" {
            return Ok(Some(Self { path: path.into(), shell }));
        }
        shell.wait()?;
        Ok(None)
    }

    /// Fills it to the last byte.
    pub(crate) fn fill(&self) -> Result<(), Error> {
        let mut filler = fs::File::create(self.filler())?;
        let mut size = CHUNK;
        while size > 0 {
            // Full, at this size of a chunk.
            if filler.write_all(&vec![b'x'; size]).is_err() {
                size /= 16;
            }
        }
        Ok(())
    }

    /// Makes the room again. Twice as much as there was, if what is kept needs it.
    pub(crate) fn empty(&self) -> Result<(), Error> {
        let filler = self.filler();
        if filler.exists() {
            fs::remove_file(filler)?;
        }
        let stat = rustix::fs::statvfs(&self.path)?;
        if stat.f_bfree < stat.f_blocks / 2 {
            let bytes = stat.f_blocks.saturating_mul(stat.f_frsize).saturating_mul(2);
            let grown = Command::new("mount")
                .args(["-o", &format!("remount,size={bytes}")])
                .arg(&self.path)
                .status()?;
            if !grown.success() {
                return Err(format!("the disk at {} cannot grow", self.path.display()).into());
            }
        }
        Ok(())
    }

    fn filler(&self) -> PathBuf {
        self.path.join("filler")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        drop(self.shell.wait());
    }
}
