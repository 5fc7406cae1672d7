//! An engagement on record, beside a JSON file of everybody that is written anew for each person.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use decorum_store::{Store, open_store};
use serde::Serialize;
use tempfile::TempDir;

use crate::book::{Figure, Line, Row, Section, Unit, whole};
use crate::engagement::{Failed, engage, unhurried};
use crate::fill;
use crate::scale::Scale;
use crate::summary::Summary;

/// Engagements of one sample.
const EACH: usize = 10;

const ABOUT: &str = "Popular bots keep one JSON file of everybody they engaged and write it anew \
    after each person. The reference does that, in Rust, which is kinder than the Python it is \
    usually written in: an entry of nine fields, indented, into a new file that is then renamed over \
    the old one, with a sync and without. Without one a person is forgotten when the power fails, \
    and engaged again. Decorum claims and commits on SQLite, two synced writes, after a log about as \
    many people.";

pub(crate) fn measure(scale: &Scale) -> Result<Section, Failed> {
    let mut section = Section::new("A growing history, beside a JSON file", ABOUT);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let settings = unhurried()?;
    let mut lines: Vec<Line> =
        ["Decorum", "JSON file", "JSON file, synced"].map(|name| named(name)).into();
    for people in scale.of(vec![1_000, 5_000, 20_000, 50_000], vec![100, 500]) {
        let dir = TempDir::new()?;
        let store: Arc<dyn Store> = runtime.block_on(async {
            let file = dir.path().join("decorum.db");
            let store = open_store(&format!("sqlite:{}", file.display())).await?;
            // A person has about three events.
            fill::fill(&store, people * 3, 16).await?;
            Ok::<_, Failed>(store)
        })?;
        let mut history = History::of(dir.path(), people);
        let mut all = [Vec::new(), Vec::new(), Vec::new()];
        for sample in 0..scale.samples(7) {
            let started = Instant::now();
            let prefix = format!("s{sample}_");
            runtime.block_on(engage(&store, &settings, &prefix, 0..EACH))?;
            all[0].push(started.elapsed() / u32::try_from(EACH)?);
            all[1].push(history.engage(sample, false)?);
            all[2].push(history.engage(sample, true)?);
        }
        runtime.block_on(store.close())?;
        let [ours, file, synced] = &all;
        let after = whole(people);
        let row = Row::timed(format!("after {after} people, beside no sync"), Unit::Millis, ours);
        section.add(row.beside_timed(file));
        let row = Row::timed(format!("after {after} people, beside a sync"), Unit::Millis, ours);
        section.add(row.beside_timed(synced));
        for (line, times) in lines.iter_mut().zip(&all) {
            let median = Summary::of(&Unit::Millis.all(times)).median;
            #[expect(clippy::cast_precision_loss, reason = "people of a bot")]
            line.points.push((people as f64, median));
        }
    }
    section.draw(Figure::Lines {
        id: "json-file".to_owned(),
        title: "An engagement on record, by how many were engaged before".to_owned(),
        size: "people".to_owned(),
        unit: Unit::Millis,
        lines,
    });
    Ok(section)
}

fn named(name: &str) -> Line {
    Line { name: name.to_owned(), points: Vec::new() }
}

/// What is kept of a person.
#[derive(Clone, Serialize)]
struct Entry {
    last_interaction: &'static str,
    following_status: &'static str,
    session_id: &'static str,
    job_name: &'static str,
    target: &'static str,
    followed: bool,
    liked: u32,
    watched: u32,
    commented: u32,
}

const ENTRY: Entry = Entry {
    last_interaction: "2026-01-01 12:00:00.000000",
    following_status: "followed",
    session_id: "6f1c7a52-7c1d-4f0e-9f43-0c1d2a3b4c5d",
    job_name: "blogger-followers",
    target: "studio.nord",
    followed: true,
    liked: 2,
    watched: 1,
    commented: 0,
};

/// The file, and all of it in memory.
struct History {
    path: PathBuf,
    people: BTreeMap<String, Entry>,
}

impl History {
    fn of(dir: &Path, people: u64) -> Self {
        let people = (0..people).map(|n| (format!("person{n:08}"), ENTRY)).collect();
        Self { path: dir.join("interacted_users.json"), people }
    }

    /// Puts a few more people on record, one after the other; how long one of them takes.
    fn engage(&mut self, sample: usize, synced: bool) -> Result<Duration, Failed> {
        let started = Instant::now();
        for n in 0..EACH {
            self.people.insert(format!("s{sample}{synced}_{n}"), ENTRY);
            let new = self.path.with_extension("json.new");
            let mut out = BufWriter::new(File::create(&new)?);
            serde_json::to_writer_pretty(&mut out, &self.people)?;
            out.flush()?;
            if synced {
                out.get_ref().sync_all()?;
            }
            fs::rename(&new, &self.path)?;
        }
        Ok(started.elapsed() / u32::try_from(EACH)?)
    }
}
