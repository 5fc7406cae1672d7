//! Writing the log out: how fast beside a bare cursor, and in how much memory from a long log beside
//! a short one.

use std::fs::OpenOptions;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::time::Instant;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use crate::book::{Goal, Row, Section, Unit, whole};
use crate::child::{binary, peak_memory};
use crate::engagement::Failed;
use crate::fill;
use crate::scale::Scale;

const ABOUT: &str = "`decorum export` of a whole SQLite log to nowhere, in a process of its own. The \
    reference for speed is a bare SQLite cursor over the same rows in the same order, which writes \
    every column as it is, with a comma behind it. The reference for memory is the same export of a \
    log a tenth as long: it must not grow with the log.";

pub(crate) fn all(scale: &Scale) -> Result<Vec<Section>, Failed> {
    let (long, short) = scale.exported;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build()?;
    let kept = |events| {
        runtime.block_on(async {
            let (store, file) = fill::sqlite(events).await?;
            store.close().await?;
            Ok::<_, Failed>(file)
        })
    };
    let (small, big) = (kept(short)?, kept(long)?);
    let mut section = Section::new(format!("Export of {} events", whole(long)), ABOUT);
    for format in ["jsonl", "csv", "json"] {
        let (mut rates, mut reference) = (Vec::new(), Vec::new());
        let (mut memory, mut reference_memory) = (Vec::new(), Vec::new());
        for _ in 0..scale.samples(3) {
            reference.push(cursor(&big, long)?);
            reference_memory.push(export(&small, format, short)?.1);
            let (rate, mb) = export(&big, format, long)?;
            rates.push(rate);
            memory.push(mb);
        }
        let row = Row::new(format!("{format}, events"), Unit::PerSecond, &rates);
        section.add(row.beside(&reference).goal(Goal::RatioAtLeast(0.5)));
        let row = Row::new(format!("{format}, peak memory"), Unit::Megabytes, &memory);
        section.add(row.beside(&reference_memory).goal(Goal::RatioAtMost(1.2)));
    }
    section.draw_rows("export", "Events exported a second", Unit::PerSecond);
    Ok(vec![section])
}

/// Events a second, and the most memory in megabytes.
fn export(file: &Path, format: &str, events: u64) -> Result<(f64, f64), Failed> {
    let started = Instant::now();
    let store = format!("sqlite:{}", file.display());
    let mut command = std::process::Command::new(binary()?);
    command.args(["export", "--store", &store, "--format", format]);
    let memory = peak_memory(&mut command)?;
    Ok((rate(events, started), memory))
}

/// Events a second of a bare cursor.
fn cursor(file: &Path, events: u64) -> Result<f64, Failed> {
    let started = Instant::now();
    let db = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut out = BufWriter::new(OpenOptions::new().write(true).open("/dev/null")?);
    let mut statement =
        db.prepare("SELECT * FROM interactions_events ORDER BY ts DESC, id DESC")?;
    let columns = statement.column_count();
    let (mut rows, mut read) = (statement.query([])?, 0);
    while let Some(row) = rows.next()? {
        for column in 0..columns {
            match row.get_ref(column)? {
                ValueRef::Null => {}
                ValueRef::Integer(number) => write!(out, "{number}")?,
                ValueRef::Real(number) => write!(out, "{number}")?,
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => out.write_all(bytes)?,
            }
            out.write_all(b",")?;
        }
        out.write_all(b"\n")?;
        read += 1;
    }
    out.flush()?;
    if read != events {
        return Err(format!("a bare cursor finds {read} events instead of {events}").into());
    }
    Ok(rate(events, started))
}

#[expect(clippy::cast_precision_loss, reason = "shown with three digits")]
fn rate(events: u64, started: Instant) -> f64 {
    events as f64 / started.elapsed().as_secs_f64()
}
