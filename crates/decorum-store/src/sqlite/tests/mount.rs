//! A small disk of its own, to fill up or to write-protect. Needs root; where that is missing,
//! a test that wants one fails and says so, rather than passing without having looked.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

pub(super) struct Mount(TempDir);

impl Mount {
    /// An empty disk of this size, such as `1m`.
    pub(super) fn tmpfs(size: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let options = format!("size={size}");
        run(Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "tmpfs"])
            .arg(directory.path()));
        Self(directory)
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(super) fn resize(&self, size: &str) {
        let options = format!("remount,size={size}");
        run(Command::new("mount").args(["-o", &options]).arg(self.path()));
    }

    pub(super) fn make_read_only(&self) {
        run(Command::new("mount").args(["-o", "remount,ro"]).arg(self.path()));
    }

    /// Whether this user may mount at all.
    pub(super) fn is_possible() -> bool {
        let directory = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"])
            .arg(directory.path())
            .output()
            .is_ok_and(|output| output.status.success());
        if mounted {
            drop(Self(directory));
        }
        mounted
    }
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "this test needs to mount a disk of its own: {said}");
}

impl Drop for Mount {
    fn drop(&mut self) {
        // Lazily: a reader may still have the file open.
        let _ = Command::new("umount").arg("-l").arg(self.path()).output();
    }
}
