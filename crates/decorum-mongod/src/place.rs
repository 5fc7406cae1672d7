//! Where a server keeps its data: in memory if there is room, as nothing has to outlive a test.

use std::path::Path;

use tempfile::TempDir;

use crate::Error;
use crate::error::cannot;

const MEMORY: &str = "/dev/shm";
/// Kept across a restart of the machine by convention, so it is a disk.
const DISK: &str = "/var/tmp";

/// A node writes 200 MB of journal before it is ever used, and a set has three.
const ROOM: u64 = 1 << 30;

/// An empty folder of its own; on a disk if what is measured is a disk.
pub(crate) fn choose(durable: bool) -> Result<TempDir, Error> {
    let parent = if !durable && has_room(MEMORY) {
        Path::new(MEMORY).to_owned()
    } else if Path::new(DISK).is_dir() {
        Path::new(DISK).to_owned()
    } else {
        std::env::temp_dir()
    };
    tempfile::Builder::new()
        .prefix("decorum-mongod-")
        .tempdir_in(parent)
        .map_err(cannot("no folder for the data of a MongoDB server"))
}

fn has_room(path: &str) -> bool {
    rustix::fs::statvfs(path).is_ok_and(|fs| fs.f_bavail.saturating_mul(fs.f_frsize) >= ROOM)
}
