//! From events to bytes.

use std::io;
use std::str::FromStr;

use decorum_core::Event;

use crate::row::{COLUMNS, row};

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A header and one row an event; safe to open in a spreadsheet.
    Csv,
    /// One array, one line an event.
    Json,
    /// One object a line.
    Jsonl,
}

/// A word that is none of the formats.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a format; known are csv, json, jsonl")]
pub struct FormatError(String);

impl FromStr for Format {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        match text {
            "csv" => Ok(Self::Csv),
            "json" => Ok(Self::Json),
            "jsonl" => Ok(Self::Jsonl),
            other => Err(FormatError(other.chars().take(40).collect())),
        }
    }
}

/// Writes events one after the other. It keeps nothing of them: what it makes of each is
/// appended to the buffer of the caller, who sends it on and empties it.
#[derive(Clone, Debug)]
pub struct Encoder {
    format: Format,
    begun: bool,
    any: bool,
}

impl Encoder {
    /// From the beginning.
    pub const fn new(format: Format) -> Self {
        Self { format, begun: false, any: false }
    }

    /// After what is written already; `any`: there are events in it.
    pub const fn resumed(format: Format, any: bool) -> Self {
        Self { format, begun: true, any }
    }

    /// Appends what stands before the first event, if that was not written yet. An
    /// [`Encoder::event`] does so by itself.
    pub fn begin(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        if std::mem::replace(&mut self.begun, true) {
            return Ok(());
        }
        match self.format {
            Format::Csv => record(COLUMNS, out)?,
            Format::Json => out.push(b'['),
            Format::Jsonl => {}
        }
        Ok(())
    }

    /// Appends an event.
    ///
    /// # Errors
    /// When it has no such form; nothing that the log keeps is so.
    pub fn event(&mut self, event: &Event, out: &mut Vec<u8>) -> io::Result<()> {
        self.begin(out)?;
        let first = !std::mem::replace(&mut self.any, true);
        match self.format {
            Format::Csv => record(row(event).iter().map(|cell| cell.as_bytes()), out),
            Format::Json => {
                out.extend_from_slice(if first { b"\n" } else { b",\n" });
                Ok(serde_json::to_writer(out, event)?)
            }
            Format::Jsonl => {
                serde_json::to_writer(&mut *out, event)?;
                out.push(b'\n');
                Ok(())
            }
        }
    }

    /// Appends what stands after the last event.
    pub fn end(mut self, out: &mut Vec<u8>) -> io::Result<()> {
        self.begin(out)?;
        if self.format == Format::Json {
            out.extend_from_slice(b"\n]\n");
        }
        Ok(())
    }
}

fn record(cells: impl IntoIterator<Item = impl AsRef<[u8]>>, out: &mut Vec<u8>) -> io::Result<()> {
    let mut writer = csv::WriterBuilder::new().buffer_capacity(1024).from_writer(out);
    writer.write_record(cells).map_err(io::Error::from)?;
    writer.flush()
}
