//! Back into a file that was cut short: the last whole event, and where it ends.
//!
//! JSON has no line break within an event, so its end is found from behind. A row of a CSV may
//! have some in a quoted cell; only reading from the start tells whether one is whole.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use decorum_core::{EventId, Timestamp};
use serde::Deserialize;

use crate::row::COLUMNS;
use crate::{Encoder, Format};

/// The longest line of JSON: an event with the largest metadata, several times over.
const LINE_MAX: u64 = 1024 * 1024;

/// What is in a file that was written by an [`Encoder`], perhaps not to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    format: Format,
    /// Bytes to keep: what follows is cut off.
    pub keep: u64,
    /// The first whole event; `None`: there is none.
    pub first: Option<Mark>,
    /// The last whole event; `None`: there is none.
    pub last: Option<Mark>,
}

/// Which event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Mark {
    /// Its id.
    pub id: EventId,
    /// Its time.
    pub ts: Timestamp,
}

/// Why a file cannot be gone on with.
#[derive(Debug, thiserror::Error)]
pub enum ResumeError {
    /// It is not a log written in this format.
    #[error("{0}; write to another file, or without --resume over this one")]
    NotOurs(String),
    /// It cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Written {
    /// Reads how far a file got.
    ///
    /// # Errors
    /// When it is not a log in this format, or cannot be read.
    pub fn read(mut file: impl Read + Seek, format: Format) -> Result<Self, ResumeError> {
        if file.seek(SeekFrom::End(0))? == 0 {
            return Ok(Self { format, keep: 0, first: None, last: None });
        }
        match format {
            Format::Csv => csv(file),
            Format::Json => json(file),
            Format::Jsonl => jsonl(file),
        }
    }

    /// The encoder that goes on after `keep` bytes.
    pub const fn encoder(&self) -> Encoder {
        if self.keep == 0 {
            Encoder::new(self.format)
        } else {
            Encoder::resumed(self.format, self.last.is_some())
        }
    }
}

fn not_ours(problem: impl Into<String>) -> ResumeError {
    ResumeError::NotOurs(problem.into())
}

/// Whether a text is what an event in JSON begins with, or that event as far as it was written.
fn begins_event(text: &[u8]) -> bool {
    const ID: &[u8] = br#"{"id":"xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx","seq":"#;
    text.iter().zip(ID).all(|(found, expected)| match expected {
        b'x' => found.is_ascii_hexdigit(),
        expected => found == expected,
    })
}

fn mark(line: &[u8]) -> Result<Mark, ResumeError> {
    serde_json::from_slice(line)
        .map_err(|e| not_ours(format!("a line of it is no event of a log ({e})")))
}

fn csv(mut file: impl Read + Seek) -> Result<Written, ResumeError> {
    let Tail { bytes, offset } = Tail::read(&mut file)?;
    let nothing = Written { format: Format::Csv, keep: 0, first: None, last: None };
    let Some(newline) = bytes.iter().rposition(|b| *b == b'\n') else {
        let header = COLUMNS.join(",");
        let cut_short = offset == 0 && header.as_bytes().starts_with(&bytes);
        return if cut_short { Ok(nothing) } else { Err(not_ours("it is no log in CSV")) };
    };
    // A row that is whole ends with its line; what follows the last line break never is.
    let lines = offset + newline as u64 + 1;
    file.seek(SeekFrom::Start(0))?;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(64 * 1024)
        .from_reader(file.take(lines));
    let mut row = csv::StringRecord::new();
    let mut written = nothing;
    let mut broken = None;
    while reader
        .read_record(&mut row)
        .map_err(|e| not_ours(format!("it is no log in CSV ({e})")))?
    {
        if let Some(line) = broken {
            return Err(not_ours(format!("its line {line} is no row of a log")));
        }
        let header = written.keep == 0;
        match whole(&row) {
            None if header && row == *COLUMNS.as_slice() => {}
            Some(found) if !header => {
                written.first = written.first.or(Some(found));
                written.last = Some(found);
            }
            _ if header => return Err(not_ours("its first line is not the header of a log")),
            // Cut in the middle of a cell with line breaks, if it is the last.
            _ => {
                broken = Some(row.position().map_or(0, csv::Position::line));
                continue;
            }
        }
        written.keep = reader.position().byte();
    }
    Ok(written)
}

/// The event of a row that has all its cells, the hash at its end too.
fn whole(row: &csv::StringRecord) -> Option<Mark> {
    let cell = |name: &str| row.get(COLUMNS.iter().position(|column| *column == name)?);
    if row.len() != COLUMNS.len() || cell("hash")?.len() != 64 {
        return None;
    }
    Some(Mark { id: cell("id")?.parse().ok()?, ts: cell("ts")?.parse().ok()? })
}

/// The end of a file, with as many whole lines as a log can need.
struct Tail {
    bytes: Vec<u8>,
    offset: u64,
}

impl Tail {
    fn read(file: &mut (impl Read + Seek)) -> io::Result<Self> {
        let length = file.seek(SeekFrom::End(0))?;
        let offset = length.saturating_sub(3 * LINE_MAX);
        file.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        file.take(length - offset).read_to_end(&mut bytes)?;
        Ok(Self { bytes, offset })
    }

    /// The lines from behind, each with its place in the file; what follows the last line break
    /// is the first of them.
    fn lines(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let mut end = Some(self.bytes.len());
        std::iter::from_fn(move || {
            let upto = self.bytes.get(..end?)?;
            let start = upto.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
            end = start.checked_sub(1);
            Some((self.offset + start as u64, upto.get(start..)?))
        })
    }
}

/// The line `nth` of the file, from 0, without its break.
fn line(file: &mut (impl Read + Seek), nth: usize) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(0))?;
    let mut reader = BufReader::new(file.take(LINE_MAX));
    let mut line = Vec::new();
    for _ in 0..=nth {
        line.clear();
        reader.read_until(b'\n', &mut line)?;
    }
    line.pop_if(|last| *last == b'\n');
    Ok(line)
}

fn jsonl(mut file: impl Read + Seek) -> Result<Written, ResumeError> {
    let tail = Tail::read(&mut file)?;
    // The first of them has no line break, so it is not whole, or it is empty.
    let mut lines = tail.lines();
    let broken = lines.next().map_or(&[][..], |(_, line)| line);
    match lines.next() {
        None if tail.offset == 0 && begins_event(broken) => {
            Ok(Written { format: Format::Jsonl, keep: 0, first: None, last: None })
        }
        None => Err(not_ours("it is no log in JSON lines")),
        Some((at, last)) => Ok(Written {
            format: Format::Jsonl,
            keep: at + last.len() as u64 + 1,
            last: Some(mark(last)?),
            first: Some(mark(&line(&mut file, 0)?)?),
        }),
    }
}

fn json(mut file: impl Read + Seek) -> Result<Written, ResumeError> {
    let format = Format::Json;
    if line(&mut file, 0)? != b"[" {
        return Err(not_ours("it is no log in JSON"));
    }
    let tail = Tail::read(&mut file)?;
    let mut cut = 0;
    for (at, line) in tail.lines() {
        if at == 0 && line == b"[" {
            return Ok(Written { format, keep: 1, first: None, last: None });
        }
        let event = line.strip_suffix(b",").unwrap_or(line);
        if let Ok(last) = serde_json::from_slice(event) {
            let keep = at + event.len() as u64;
            let first = crate::resume::line(&mut file, 1)?;
            let first = mark(first.strip_suffix(b",").unwrap_or(&first))?;
            return Ok(Written { format, keep, first: Some(first), last: Some(last) });
        }
        // The end of the array, or one event that is not whole.
        if matches!(line, b"" | b"]") {
            continue;
        }
        cut += 1;
        if cut > 1 || !begins_event(line) {
            break;
        }
    }
    Err(not_ours("it is no log in JSON"))
}
