//! Reading a list of people: one name a line, from a file or standard input.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

use decorum_core::Username;

use crate::exit::Failure;

/// The largest list file, in bytes: a million names.
const FILE_MAX: u64 = 32 * 1024 * 1024;
/// Bad lines shown before the rest is only counted.
const SHOWN_MAX: usize = 5;

/// Whether a name that appears twice is a mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Duplicates {
    /// It is, and the list is refused.
    Refuse,
    /// It is not; the name counts once.
    Skip,
}

/// Reads names from `source`, `-` being standard input. Empty lines and lines that begin with
/// `#` are passed over. All or nothing: one bad name refuses the list, so that nobody is engaged
/// from a file that is not what it was taken for.
pub(crate) fn read(source: &Path, duplicates: Duplicates) -> Result<Vec<Username>, Failure> {
    let (name, bytes) = if source == Path::new("-") {
        ("standard input".to_owned(), slurp(std::io::stdin().lock(), "standard input")?)
    } else {
        let name = source.display().to_string();
        let file = std::fs::File::open(source).map_err(|e| {
            Failure::usage(format!(
                "the list {name} cannot be read: {e}; give a text file with one username a line"
            ))
        })?;
        let bytes = slurp(file, &name)?;
        (name, bytes)
    };
    let text = String::from_utf8(bytes).ok().filter(|t| !t.contains('\0')).ok_or_else(|| {
        Failure::usage(format!(
            "the list {name} is a binary file; give a text file (UTF-8) with one username a line"
        ))
    })?;
    parse(&name, &text, duplicates)
}

fn slurp(from: impl Read, name: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    from.take(FILE_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| Failure::usage(format!("the list {name} cannot be read: {e}")))?;
    if bytes.len() as u64 > FILE_MAX {
        return Err(Failure::usage(format!(
            "the list {name} is larger than {} MB; split it",
            FILE_MAX / 1024 / 1024
        )));
    }
    Ok(bytes)
}

fn parse(name: &str, text: &str, duplicates: Duplicates) -> Result<Vec<Username>, Failure> {
    let mut names = Vec::new();
    let mut first_line: HashMap<Username, usize> = HashMap::new();
    let mut bad = Vec::new();
    let mut repeated = Vec::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (i, line) in text.lines().enumerate() {
        let line_no = i + 1;
        let entry = line.trim();
        if entry.is_empty() || entry.starts_with('#') {
            continue;
        }
        match entry.parse::<Username>() {
            Ok(username) => {
                if let Some(first) = first_line.get(&username) {
                    let line = format!("line {line_no}: {username} stands on line {first} already");
                    repeated.push(line);
                } else {
                    first_line.insert(username.clone(), line_no);
                    names.push(username);
                }
            }
            Err(error) => bad.push(format!("line {line_no}: {error}")),
        }
    }
    if !bad.is_empty() {
        let lines = shown(&bad);
        return Err(Failure::usage(format!(
            "the list {name} has names that cannot exist:\n{lines}\nCorrect or remove them; \
             nobody was engaged"
        )));
    }
    if duplicates == Duplicates::Refuse && !repeated.is_empty() {
        let lines = shown(&repeated);
        return Err(Failure::usage(format!(
            "the list {name} names people more than once:\n{lines}\nRemove the repeated lines, \
             or add --skip-duplicates to count each name once; nobody was engaged"
        )));
    }
    if names.is_empty() {
        return Err(Failure::usage(format!("the list {name} is empty; write one username a line")));
    }
    Ok(names)
}

fn shown(lines: &[String]) -> String {
    let mut text: Vec<String> =
        lines.iter().take(SHOWN_MAX).map(|line| format!("  {line}")).collect();
    if lines.len() > SHOWN_MAX {
        text.push(format!("  and {} more", lines.len() - SHOWN_MAX));
    }
    text.join("\n")
}
