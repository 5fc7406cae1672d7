//! What was measured, as data: `benchmarks.json`. The page that people read, `benchmarks.md`, and
//! its pictures are made of it, so a part that is measured alone changes only its own.

mod figure;
mod machine;
mod number;
mod page;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::console;
use crate::engagement::Failed;
use crate::summary::Summary;

pub(crate) use figure::{Figure, Line};
pub(crate) use machine::Machine;
pub(crate) use number::{Unit, whole};

/// What a row is to reach.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Goal {
    /// Ours is at least so many times the reference: of rates.
    RatioAtLeast(f64),
    /// Ours is at most so many times the reference: of times and sizes.
    RatioAtMost(f64),
    /// Ours is at most this, in the row's unit.
    AtMost(f64),
}

/// One thing measured, most often beside its reference.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Row {
    what: String,
    unit: Unit,
    ours: Summary,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reference: Option<Summary>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    goal: Option<Goal>,
}

impl Row {
    /// Samples in the row's unit.
    pub(crate) fn new(what: impl Into<String>, unit: Unit, ours: &[f64]) -> Self {
        let ours = Summary::of(ours);
        Self { what: what.into(), unit, ours, reference: None, goal: None }
    }

    /// Durations, shown in this unit: as they are, or as how many a second.
    pub(crate) fn timed(what: impl Into<String>, unit: Unit, ours: &[Duration]) -> Self {
        Self::new(what, unit, &unit.all(ours))
    }

    /// What stands beside it.
    pub(crate) fn beside(mut self, reference: &[f64]) -> Self {
        self.reference = Some(Summary::of(reference));
        self
    }

    /// The same, of durations.
    pub(crate) fn beside_timed(self, reference: &[Duration]) -> Self {
        let reference = self.unit.all(reference);
        self.beside(&reference)
    }

    pub(crate) const fn goal(mut self, goal: Goal) -> Self {
        self.goal = Some(goal);
        self
    }

    /// Ours by the reference.
    fn ratio(&self) -> Option<f64> {
        let reference = self.reference?.median;
        (reference != 0.0).then(|| self.ours.median / reference)
    }

    /// Whether the goal is reached, if there is one that can be judged.
    fn is_met(&self) -> Option<bool> {
        match self.goal? {
            Goal::RatioAtLeast(least) => self.ratio().map(|ratio| ratio >= least),
            Goal::RatioAtMost(most) => self.ratio().map(|ratio| ratio <= most),
            Goal::AtMost(most) => Some(self.ours.median <= most),
        }
    }
}

/// A table, what it shows, and pictures of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Section {
    title: String,
    /// What is measured, and what the reference is.
    about: String,
    rows: Vec<Row>,
    #[serde(default)]
    figures: Vec<Figure>,
    /// What could not be measured, and why.
    #[serde(default)]
    missing: Vec<String>,
}

impl Section {
    /// Begins a table; what is added to it is shown at once.
    pub(crate) fn new(title: impl Into<String>, about: impl Into<String>) -> Self {
        let (title, about) = (title.into(), about.into());
        console::heading(&title);
        Self { title, about, rows: Vec::new(), figures: Vec::new(), missing: Vec::new() }
    }

    pub(crate) fn add(&mut self, row: Row) {
        console::row(&row.to_string());
        self.rows.push(row);
    }

    pub(crate) fn draw(&mut self, figure: Figure) {
        self.figures.push(figure);
    }

    /// Bars of all rows in this unit.
    pub(crate) fn draw_rows(&mut self, id: &str, title: &str, unit: Unit) {
        let rows = self.rows.iter().filter(|row| row.unit == unit);
        let bars = rows.map(|row| figure::Bar {
            label: row.what.clone(),
            ours: row.ours.median,
            reference: row.reference.map(|r| r.median),
        });
        let figure =
            Figure::Bars { id: id.into(), title: title.into(), unit, bars: bars.collect() };
        self.draw(figure);
    }

    /// Says what could not be measured: silence would look like a result.
    pub(crate) fn missing(&mut self, why: impl Into<String>) {
        let why = why.into();
        console::row(&format!("not measured: {why}"));
        self.missing.push(why);
    }
}

/// What one part of the program measured, and where.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Chapter {
    pub(crate) machine: Machine,
    pub(crate) sections: Vec<Section>,
}

/// All chapters, by the name of their part.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Book {
    chapters: BTreeMap<String, Chapter>,
}

impl Book {
    /// What was measured before; nothing if there is no such file.
    pub(crate) fn open(folder: &Path) -> Result<Self, Failed> {
        let path = folder.join("benchmarks.json");
        if !path.exists() {
            return Ok(Self::default());
        }
        serde_json::from_slice(&fs::read(&path)?)
            .map_err(|e| format!("{}: {e}; remove it to measure all anew", path.display()).into())
    }

    /// Puts a part in place of what it measured before.
    pub(crate) fn put(&mut self, part: &str, chapter: Chapter) {
        self.chapters.insert(part.to_owned(), chapter);
    }

    /// Writes the data, the page and the pictures. `parts` says in which order they are shown; a
    /// part that is none of them is dropped.
    pub(crate) fn write(&mut self, folder: &Path, parts: &[String]) -> Result<(), Failed> {
        self.chapters.retain(|part, _| parts.contains(part));
        let pictures = folder.join("images/bench");
        fs::create_dir_all(&pictures)?;
        let chapters: Vec<&Chapter> =
            parts.iter().filter_map(|part| self.chapters.get(part)).collect();
        let mut drawn = Vec::new();
        for figure in chapters.iter().flat_map(|c| &c.sections).flat_map(|s| &s.figures) {
            let file = format!("{}.svg", figure.id());
            fs::write(pictures.join(&file), figure.svg())?;
            drawn.push(file);
        }
        for entry in fs::read_dir(&pictures)? {
            let entry = entry?;
            // The folder holds nothing else.
            if !drawn.iter().any(|file| entry.file_name() == file.as_str()) {
                fs::remove_file(entry.path())?;
            }
        }
        fs::write(folder.join("benchmarks.md"), page::write(&chapters))?;
        let json = serde_json::to_string_pretty(&self)?;
        fs::write(folder.join("benchmarks.json"), json + "\n")?;
        Ok(())
    }
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let unit = self.unit;
        write!(f, "{:<58} {:>14}", self.what, unit.show(self.ours.median))?;
        if let Some(reference) = self.reference {
            write!(f, " {:>14}", unit.show(reference.median))?;
        }
        if let Some(ratio) = self.ratio() {
            write!(f, "  {}x", number::number(ratio))?;
        }
        write!(f, "  ({} to {})", unit.show(self.ours.low), unit.show(self.ours.high))?;
        match self.is_met() {
            Some(true) => write!(f, "  met"),
            Some(false) => write!(f, "  MISSED"),
            None => Ok(()),
        }
    }
}
