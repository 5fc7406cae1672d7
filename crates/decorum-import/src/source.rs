//! A folder or a zip, as the same thing: files with names, each of which can be read.

use std::fs::{self, File};
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::bounded::INFLATED_MAX;
use crate::sink::{Halt, InFile, Sink};
use crate::{ImportError, LeftOut};

/// Files looked at in a folder, and entries in a zip. An export with the media of ten years has
/// some ten thousand.
const FILES_MAX: usize = 1_000_000;
/// Folders within folders.
const DEPTH_MAX: usize = 12;

/// Somewhere to read and to jump.
pub(crate) trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

/// See the module's documentation.
pub(crate) enum Source {
    /// A folder, with the paths in it, and those that may hold something but are not opened.
    Folder { root: PathBuf, files: Vec<String>, closed: Vec<String> },
    /// A zip, with the names in it.
    Zip { name: String, archive: Box<ZipArchive<Box<dyn ReadSeek>>>, files: Vec<String> },
}

fn broken_zip(name: &str, error: &ZipError) -> ImportError {
    let problem = match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
            "is encrypted; unpack the zip with its password, and give the folder".to_owned()
        }
        ZipError::UnsupportedArchive(what) => {
            format!("cannot be read in the zip ({what}); unpack it, and give the folder")
        }
        _ => format!("is a damaged zip, or none: {error}"),
    };
    ImportError::unexpected(name, problem)
}

impl Source {
    /// Opens a folder or a zip file; of their files only those that are `wanted`.
    pub(crate) fn open(path: &Path, wanted: &dyn Fn(&str) -> bool) -> Result<Self, ImportError> {
        let kind = fs::metadata(path).map_err(|e| ImportError::unreadable(path, e))?;
        if kind.is_dir() {
            let mut walk = Walk { wanted, files: Vec::new(), closed: Vec::new(), seen: 0 };
            walk.folder(path, "", 0)?;
            let Walk { mut files, mut closed, .. } = walk;
            files.sort_unstable();
            closed.sort_unstable();
            return Ok(Self::Folder { root: path.to_owned(), files, closed });
        }
        let file = File::open(path).map_err(|e| ImportError::unreadable(path, e))?;
        Self::zip(&path.display().to_string(), Box::new(io::BufReader::new(file)), wanted)
    }

    /// A zip called `name`.
    pub(crate) fn zip(
        name: &str,
        bytes: Box<dyn ReadSeek>,
        wanted: &dyn Fn(&str) -> bool,
    ) -> Result<Self, ImportError> {
        let archive = ZipArchive::new(bytes).map_err(|e| broken_zip(name, &e))?;
        if archive.len() > FILES_MAX {
            return Err(ImportError::TooLarge {
                place: InFile::new(name).whole(),
                problem: format!("has more than {FILES_MAX} entries"),
            });
        }
        let mut files: Vec<String> =
            archive.file_names().filter(|name| wanted(name)).map(str::to_owned).collect();
        files.sort_unstable();
        Ok(Self::Zip { name: name.to_owned(), archive: Box::new(archive), files })
    }

    /// The names of the files that were wanted, in order.
    pub(crate) fn files(&self) -> &[String] {
        match self {
            Self::Folder { files, .. } | Self::Zip { files, .. } => files,
        }
    }

    /// The paths that may hold something but are not opened.
    fn closed(&self) -> &[String] {
        match self {
            Self::Folder { closed, .. } => closed,
            Self::Zip { .. } => &[],
        }
    }

    /// Says what was left out because it is not opened.
    pub(crate) fn tell_closed(&self, name: &str, sink: &mut Sink<'_>) -> Result<(), Halt> {
        for path in self.closed() {
            let place = InFile::new(&format!("{name}/{path}")).whole();
            sink.left_out(LeftOut::NotOpened, place)?;
        }
        Ok(())
    }

    /// Why nothing was found in it.
    pub(crate) fn nothing(&self, name: &str, problem: &str) -> ImportError {
        let Some(path) = self.closed().first() else {
            return ImportError::unexpected(name, problem);
        };
        let problem = format!(
            "{problem}; links in it are not followed, nor pipes and folders in too many folders \
             opened, such as {path}"
        );
        ImportError::unexpected(name, problem)
    }

    /// The most that a file of it may have, in bytes: what lies on a disk has a size already.
    pub(crate) const fn whole_max(&self) -> u64 {
        match self {
            Self::Folder { .. } => u64::MAX,
            Self::Zip { .. } => INFLATED_MAX,
        }
    }

    /// Reads one of the files.
    pub(crate) fn read<T>(
        &mut self,
        file: &str,
        work: impl FnOnce(&mut dyn Read) -> Result<T, Halt>,
    ) -> Result<T, Halt> {
        match self {
            Self::Folder { root, .. } => {
                let path = root.join(file);
                let mut open = File::open(&path).map_err(|e| ImportError::unreadable(&path, e))?;
                work(&mut open)
            }
            Self::Zip { name, archive, .. } => {
                let of = || format!("{name}: {file}");
                let mut entry = archive.by_name(file).map_err(|e| broken_zip(&of(), &e))?;
                work(&mut entry)
            }
        }
    }
}

struct Walk<'w> {
    wanted: &'w dyn Fn(&str) -> bool,
    files: Vec<String>,
    closed: Vec<String>,
    seen: usize,
}

impl Walk<'_> {
    fn folder(&mut self, path: &Path, under: &str, depth: usize) -> Result<(), ImportError> {
        let unreadable = |e| ImportError::unreadable(path, e);
        for entry in fs::read_dir(path).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            self.seen += 1;
            if self.seen > FILES_MAX {
                return Err(ImportError::TooLarge {
                    place: InFile::new(&path.display().to_string()).whole(),
                    problem: format!("has more than {FILES_MAX} files in it"),
                });
            }
            let file_name = entry.file_name();
            let shown = file_name.to_string_lossy();
            let name = if under.is_empty() { shown.into() } else { format!("{under}/{shown}") };
            let kind = entry.file_type().map_err(unreadable)?;
            // What is called in another way than in UTF-8 could not be found again by its name.
            let opened = file_name.to_str().is_some();
            if kind.is_dir() && opened && depth < DEPTH_MAX {
                self.folder(&entry.path(), &name, depth + 1)?;
            } else if kind.is_file() && opened {
                if (self.wanted)(&name) {
                    self.files.push(name);
                }
            // A link may lead anywhere, and in a circle.
            } else if entry.path().is_dir() || (self.wanted)(&name) {
                self.closed.push(name);
            }
        }
        Ok(())
    }
}
