//! Tables: our own export, and any CSV with a header that names the person.
//!
//! Our own is known by its header. Of it, the metadata is kept too, and somebody who was erased
//! is no mistake.

mod quotes;

use std::cell::Cell;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::rc::Rc;

use csv::{ErrorKind, StringRecord};
use decorum_core::{AccountId, Action, Metadata, Status};
use decorum_sheet::{COLUMNS, guard};

use self::quotes::{Mismatch, Quotes};
use crate::bounded::{Allowance, Bounded};
use crate::sink::{DONE, Found, Halt, InFile, Sink};
use crate::time::of_cell;
use crate::{ImportError, LeftOut, Spot};

const PERSON: [&str; 4] = ["target_username", "username", "user", "target"];
const ACTION: [&str; 1] = ["action"];
const TIME: [&str; 3] = ["ts", "timestamp", "date"];
const STATUS: [&str; 1] = ["status"];
const ACCOUNT: [&str; 2] = ["account_id", "account"];
const METADATA: [&str; 1] = ["metadata"];
const HASH: [&str; 1] = ["hash"];

/// The length of a hash.
const HASH_DIGITS: usize = 64;

/// What some programs put in front of a text in UTF-8.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// The longest header looked at to find out what separates its cells.
const HEADER_MAX: usize = 8 * 1024;

pub(crate) fn read_file(path: &Path, sink: &mut Sink<'_>) -> Result<(), Halt> {
    let file = File::open(path).map_err(|e| ImportError::unreadable(path, e))?;
    read(&path.display().to_string(), file, sink)
}

pub(crate) fn read(name: &str, bytes: impl Read, sink: &mut Sink<'_>) -> Result<(), Halt> {
    let file = InFile::new(name);
    let allowance = Allowance::default();
    let mut bytes = BufReader::with_capacity(HEADER_MAX, Bounded::new(bytes, u64::MAX, &allowance));
    let start = bytes
        .fill_buf()
        .map_err(|e| ImportError::Unreadable { file: name.to_owned(), problem: e })?;
    if start.starts_with(b"PK\x03\x04") || start.starts_with(b"SQLite format 3\0") {
        return Err(ImportError::unexpected(name, "is no CSV, but a zip or a database").into());
    }
    if start.starts_with(BOM) {
        bytes.consume(BOM.len());
    }
    let delimiter = delimiter(bytes.buffer());
    let trouble = Trouble { file, allowance, quotes: Rc::default() };
    let bytes = Quotes::new(bytes, delimiter, &trouble.quotes);
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(bytes);
    let header = reader.headers().map_err(|e| trouble.after(0, &e))?;
    let table = Table::new(&trouble.file, header, sink)?;
    let mut row = StringRecord::new();
    let mut rows_end = reader.position().line().saturating_sub(1);
    while reader.read_record(&mut row).map_err(|e| trouble.after(rows_end, &e))? {
        trouble.allowance.renew();
        rows_end = reader.position().line().saturating_sub(1);
        table.row(&row, sink)?;
    }
    Ok(())
}

/// What stands between the cells of the header: in much of Europe, spreadsheets write a
/// semicolon.
fn delimiter(start: &[u8]) -> u8 {
    let header = start.split(|b| *b == b'\n').next().unwrap_or_default();
    let has = |b: u8| header.contains(&b);
    match (has(b','), has(b';'), has(b'\t')) {
        (false, true, _) => b';',
        (false, false, true) => b'\t',
        _ => b',',
    }
}

/// What may end the reading, besides the table itself.
struct Trouble {
    file: InFile,
    allowance: Allowance,
    quotes: Rc<Cell<Option<Mismatch>>>,
}

impl Trouble {
    /// What is wrong in or after the row that ends with line `rows_end`.
    fn after(&self, rows_end: u64, error: &csv::Error) -> ImportError {
        if let Some(exceeded) = self.allowance.exceeded() {
            let place = self.file.at(Spot::Line(rows_end + 1));
            return ImportError::TooLarge { place, problem: exceeded.explained() };
        }
        if let Some((line, problem)) = self.quotes.get() {
            return ImportError::damaged(self.file.at(Spot::Line(line)), problem);
        }
        let spot = error.position().map_or(Spot::Line(rows_end + 1), |at| Spot::Line(at.line()));
        let problem = match error.kind() {
            ErrorKind::UnequalLengths { expected_len, len, .. } => {
                format!("{len} cells, where the header has {expected_len}")
            }
            ErrorKind::Utf8 { .. } => "it is no text in UTF-8".to_owned(),
            _ => error.to_string(),
        };
        ImportError::damaged(self.file.at(spot), problem)
    }
}

/// Which column holds what.
struct Table {
    file: InFile,
    /// In our own export the last column, which has the same length in every row.
    hash: Option<usize>,
    person: usize,
    action: Option<usize>,
    time: Option<usize>,
    status: Option<usize>,
    account: Option<usize>,
    metadata: Option<usize>,
}

impl Table {
    fn new(file: &InFile, header: &StringRecord, sink: &Sink<'_>) -> Result<Self, ImportError> {
        let names: Vec<String> = header.iter().map(|name| name.trim().to_lowercase()).collect();
        let ours = COLUMNS.iter().all(|column| names.iter().any(|name| name == column));
        let column = |known: &[&str]| {
            known.iter().find_map(|known| names.iter().position(|name| name == known))
        };
        let Some(person) = column(&PERSON) else {
            return Err(ImportError::damaged(
                file.at(Spot::Line(1)),
                format!(
                    "no column of the header names the person; call it {}",
                    PERSON.join(" or ")
                ),
            ));
        };
        let mut people = PERSON.iter().filter(|known| names.iter().any(|name| name == **known));
        if let (Some(one), Some(other)) = (people.next(), people.next()) {
            let problem = format!(
                "two columns of the header may name the person, {one} and {other}; rename the one \
                 that does not"
            );
            return Err(ImportError::damaged(file.at(Spot::Line(1)), problem));
        }
        let twice = (0..names.len()).find(|n| names[..*n].contains(&names[*n]));
        if let Some(twice) = twice.filter(|n| !names[*n].is_empty()) {
            let problem = format!("two columns of the header are called {}", names[twice]);
            return Err(ImportError::damaged(file.at(Spot::Line(1)), problem));
        }
        let table = Self {
            file: file.clone(),
            hash: column(&HASH).filter(|_| ours),
            person,
            action: column(&ACTION),
            time: column(&TIME),
            status: column(&STATUS),
            account: column(&ACCOUNT),
            metadata: column(&METADATA).filter(|_| ours),
        };
        if table.action.is_none() && sink.options.action.is_none() {
            return Err(ImportError::NoAction { file: file.name().to_owned() });
        }
        if table.account.is_none() {
            sink.account(file.name(), None)?;
        }
        Ok(table)
    }

    fn row(&self, row: &StringRecord, sink: &mut Sink<'_>) -> Result<(), Halt> {
        let line = row.position().map_or(0, csv::Position::line);
        let place = self.file.at(Spot::Line(line));
        if self.hash.and_then(|n| row.get(n)).is_some_and(|hash| hash.len() != HASH_DIGITS) {
            let problem = "its hash is not whole; the file may have been cut off here";
            return Err(ImportError::damaged(place, problem).into());
        }
        let cell = |column: Option<usize>| {
            column.and_then(|n| row.get(n)).map(|cell| guard::unguarded(cell.trim()))
        };
        let filled = |column| cell(column).filter(|text| !text.is_empty());
        if let Some(status) = filled(self.status)
            && *status != *Status::Success.as_str()
        {
            return match status.parse::<Status>() {
                Ok(_) => sink.left_out(LeftOut::NotDone, place),
                Err(error) => sink.bad(error.to_string(), place),
            };
        }
        let account_id = match filled(self.account) {
            None => sink.account(&place.to_string(), None)?,
            Some(name) => match name.parse::<AccountId>() {
                Ok(name) => name,
                Err(error) => return sink.bad(error.to_string(), place),
            },
        };
        if sink.options.account.as_ref().is_some_and(|only| *only != account_id) {
            return sink.left_out(LeftOut::OtherAccount, place);
        }
        let action = match (filled(self.action), sink.options.action) {
            (Some(action), _) => match action.parse::<Action>() {
                Ok(action) => action,
                Err(error) => return sink.bad(error.to_string(), place),
            },
            (None, Some(action)) => action,
            (None, None) => return sink.bad("it does not say what was done", place),
        };
        let time = filled(self.time);
        let happened_at = time.as_deref().and_then(|time| of_cell(time, &sink.options.zone));
        if let (Some(time), None) = (time, happened_at) {
            let shown: String = time.chars().take(60).collect();
            let problem = format!("`{shown}` is not a time; write it as in 2026-01-31T09:30:00Z");
            return sink.bad(problem, place);
        }
        let metadata = match filled(self.metadata).map(|text| read_metadata(&text)) {
            None => Metadata::default(),
            Some(Ok(metadata)) => metadata,
            Some(Err(problem)) => return sink.bad(problem, place),
        };
        let name = filled(Some(self.person)).unwrap_or_default();
        if name.is_empty() && self.hash.is_some() {
            return sink.left_out(LeftOut::Erased, place);
        }
        let found = Found {
            account_id,
            names: &[&name],
            action,
            outcome: DONE,
            reason: None,
            happened_at,
            metadata,
        };
        sink.found(found, place).map(drop)
    }
}

fn read_metadata(text: &str) -> Result<Metadata, String> {
    let value = serde_json::from_str(text).map_err(|e| format!("its metadata is no JSON: {e}"))?;
    Metadata::new(&value).map_err(|e| e.to_string())
}
