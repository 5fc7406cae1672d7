//! Pictures and page sources, as files for a person to look at.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use decorum_core::DeviceId;

use crate::automator::Evidence;

/// Keeps what a person needs to see in `folder`, and says where the first file is.
pub fn keep(folder: &Path, name: &str, evidence: &Evidence) -> Option<String> {
    fs::create_dir_all(folder).ok()?;
    let mut first = None;
    let files = [
        ("png", evidence.screenshot.as_deref()),
        ("xml", evidence.source.as_ref().map(String::as_bytes)),
    ];
    for (end, content) in files {
        let Some(content) = content else { continue };
        let path = folder.join(format!("{name}.{end}"));
        fs::write(&path, content).ok()?;
        first.get_or_insert(path);
    }
    Some(first?.display().to_string())
}

/// Where the pictures of phones are kept, in the folder of the evidence.
pub(crate) const PHONES: &str = "phones";

/// Where the last screenshot of a phone is kept: one file a phone, in `folder`.
pub fn screenshot_path(folder: &Path, phone: &DeviceId) -> PathBuf {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '.') { c } else { '_' };
    let name: String = phone.as_str().chars().map(plain).collect();
    folder.join(PHONES).join(format!("{name}.png"))
}

/// The last picture of a phone.
#[derive(Clone, Debug)]
pub struct Picture {
    /// PNG bytes.
    pub png: Vec<u8>,
    /// The page source that belongs to it, if one was taken.
    pub source: Option<String>,
    /// When it was kept.
    pub taken_at: SystemTime,
}

/// The last picture of a phone that was kept in `folder`, if there is one.
///
/// # Errors
/// When it is there and cannot be read.
pub fn last_picture(folder: &Path, phone: &DeviceId) -> io::Result<Option<Picture>> {
    let path = screenshot_path(folder, phone);
    let Some(png) = there(fs::read(&path))? else { return Ok(None) };
    let source = there(fs::read_to_string(path.with_extension("xml")))?;
    let taken_at = fs::metadata(&path)?.modified()?;
    Ok(Some(Picture { png, source, taken_at }))
}

/// Keeps the last picture of a phone, and the page source that belongs to it; what was kept before
/// is gone. Each file is replaced as a whole.
///
/// # Errors
/// When it cannot be written.
pub fn keep_picture(
    folder: &Path,
    phone: &DeviceId,
    png: &[u8],
    source: Option<&str>,
) -> io::Result<PathBuf> {
    let path = screenshot_path(folder, phone);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let xml = path.with_extension("xml");
    match source {
        Some(source) => replace(&xml, source.as_bytes())?,
        // A page that does not belong to the picture must not stand beside it.
        None => remove(&xml)?,
    }
    replace(&path, png)?;
    Ok(path)
}

/// Removes the last picture of a phone.
///
/// # Errors
/// When it is there and cannot be removed.
pub fn remove_picture(folder: &Path, phone: &DeviceId) -> io::Result<()> {
    let path = screenshot_path(folder, phone);
    remove(&path)?;
    remove(&path.with_extension("xml"))
}

fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let next = path.with_extension(format!("{}.new", std::process::id()));
    fs::write(&next, content)?;
    fs::rename(&next, path)
}

/// What was read, or nothing if nothing is there.
fn there<T>(read: io::Result<T>) -> io::Result<Option<T>> {
    match read {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        read => read.map(Some),
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}
