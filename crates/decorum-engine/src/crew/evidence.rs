//! Pictures and page sources, as files for a person to look at.

use std::fs;
use std::path::{Path, PathBuf};

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

/// Where the last screenshot of a phone is kept: one file a phone, in `folder`.
pub fn screenshot_path(folder: &Path, phone: &DeviceId) -> PathBuf {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '.') { c } else { '_' };
    let name: String = phone.as_str().chars().map(plain).collect();
    folder.join("phones").join(format!("{name}.png"))
}

/// Keeps the last screenshot of a phone. The file is replaced as a whole.
///
/// # Errors
/// When it cannot be written.
pub fn keep_screenshot(folder: &Path, phone: &DeviceId, png: &[u8]) -> std::io::Result<PathBuf> {
    let path = screenshot_path(folder, phone);
    let next = path.with_extension(format!("{}.new", std::process::id()));
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(&next, png)?;
    fs::rename(&next, &path)?;
    Ok(path)
}
