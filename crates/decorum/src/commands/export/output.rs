//! Where an export goes: standard output, or a file that is on disk when we say so.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use decorum_sheet::Format;
use decorum_sheet::resume::{ResumeError, Written};

use crate::exit::{self, Failure};

/// Standard output or a file.
pub(super) enum Output {
    Stdout,
    File { file: File, path: PathBuf },
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::usage(format!("{} cannot be written: {error}", path.display()))
}

/// Whether writing to `path` would overwrite the log that is being written out: the store's file,
/// or one of those that `SQLite` keeps beside it, by whatever name.
pub(super) fn is_of_store(path: &Path, store: Option<&Path>) -> bool {
    let Some(store) = store.and_then(|store| store.canonicalize().ok()) else { return false };
    let beside = |ending: &str| {
        let mut name = store.clone().into_os_string();
        name.push(ending);
        PathBuf::from(name)
    };
    ["", "-wal", "-shm", "-journal"].map(beside).iter().any(|kept| is_same(path, kept))
}

/// Whether both are one file, or would be if they were there.
fn is_same(path: &Path, kept: &Path) -> bool {
    let id = |path: &Path| fs::metadata(path).ok().map(|meta| (meta.dev(), meta.ino()));
    if let (Some(one), Some(other)) = (id(path), id(kept)) {
        return one == other;
    }
    let dir = match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    };
    path.file_name() == kept.file_name() && dir.canonicalize().ok().as_deref() == kept.parent()
}

/// Opens a file that was begun before, and finds how far it got.
pub(super) fn reopen(path: &Path, format: Format) -> Result<(File, Written), Failure> {
    let file = OpenOptions::new().read(true).write(true).open(path);
    let file = file.map_err(|e| unwritable(path, &e))?;
    let written = Written::read(&file, format).map_err(|e| match e {
        ResumeError::NotOurs(_) => {
            Failure::usage(format!("{} cannot be gone on with: {e}", path.display()))
        }
        ResumeError::Io(e) => Failure::usage(format!("{} cannot be read: {e}", path.display())),
    })?;
    Ok((file, written))
}

impl Output {
    pub(super) const fn stdout() -> Self {
        Self::Stdout
    }

    /// A new file, or one written anew.
    pub(super) fn create(path: &Path) -> Result<Self, Failure> {
        let file = File::create(path).map_err(|e| unwritable(path, &e))?;
        Ok(Self::File { file, path: path.to_owned() })
    }

    /// A file that goes on after its first `keep` bytes.
    pub(super) fn cut(mut file: File, path: &Path, keep: u64) -> Result<Self, Failure> {
        file.set_len(keep)
            .and_then(|()| file.seek(SeekFrom::End(0)))
            .map_err(|e| unwritable(path, &e))?;
        Ok(Self::File { file, path: path.to_owned() })
    }

    /// Which file, if it is one.
    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Self::Stdout => None,
            Self::File { path, .. } => Some(path),
        }
    }

    /// Writes it all.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        match self {
            Self::Stdout => io::stdout().lock().write_all(bytes).map_err(|e| exit::output(&e)),
            Self::File { file, path } => file.write_all(bytes).map_err(|e| broke_off(path, &e)),
        }
    }

    /// Waits until what was written is on disk, and the file in its directory. A pipe or a device
    /// has no disk to wait for.
    pub(super) fn finish(&mut self) -> Result<(), Failure> {
        match self {
            Self::Stdout => io::stdout().lock().flush().map_err(|e| exit::output(&e)),
            Self::File { file, path } => synced(file)
                .and_then(|()| match path.parent() {
                    Some(dir) if dir.as_os_str().is_empty() => synced(&File::open(".")?),
                    Some(dir) => synced(&File::open(dir)?),
                    None => Ok(()),
                })
                .map_err(|e| broke_off(path, &e)),
        }
    }
}

/// On disk, if it can be.
fn synced(file: &File) -> io::Result<()> {
    match file.sync_all() {
        // EINVAL and ENOTSUP: it is of a kind that is never on a disk.
        Err(e) if matches!(e.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => {
            Ok(())
        }
        ended => ended,
    }
}

fn broke_off(path: &Path, error: &io::Error) -> Failure {
    Failure::new(
        exit::FAILED,
        format!("{} could not be written to its end: {error}", path.display()),
    )
}
