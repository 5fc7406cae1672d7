//! Builders of the files that other programs write, and a reader that keeps everything.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may fail")]

use std::fs;
use std::io::{Cursor, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use decorum_core::{Action, Status, Timestamp};
use decorum_import::{
    Engagement, Followers, ImportError, Item, Kind, LeftOut, Options, read, read_bytes,
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// 2026-06-01T12:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_780_315_200_000);

/// Some instants before that, in seconds since 1970.
pub(crate) const MAY: i64 = 1_777_629_600;

pub(crate) fn options() -> Options {
    Options {
        account: Some("studio.nord".parse().expect("an account")),
        action: None,
        followers: Followers::Engaged,
        zone: "Europe/Berlin".parse().expect("a zone"),
        now: NOW,
    }
}

/// Options without an account.
pub(crate) fn anonymous() -> Options {
    Options { account: None, ..options() }
}

/// Everything that a file held.
#[derive(Debug, Default)]
pub(crate) struct Got {
    pub(crate) engagements: Vec<Engagement>,
    pub(crate) left_out: Vec<(LeftOut, String)>,
    pub(crate) bad: Vec<String>,
}

impl Got {
    fn put(&mut self, item: Item) -> ControlFlow<()> {
        match item {
            Item::Engagement(engagement) => self.engagements.push(*engagement),
            Item::LeftOut { why, place } => self.left_out.push((why, place.to_string())),
            Item::Bad { problem, place } => self.bad.push(format!("{place}: {problem}")),
        }
        ControlFlow::Continue(())
    }

    /// `ACCOUNT ACTION PERSON STATUS TIME` of each engagement, a `-` for an unknown time.
    pub(crate) fn lines(&self) -> Vec<String> {
        let line = |e: &Engagement| {
            let time = e.happened_at.map_or("-".to_owned(), |t| t.to_string().replace(".000", ""));
            let status = e.outcome.status();
            let mark = if status == Status::Success { "" } else { " skipped" };
            format!("{} {} {}{mark} {time}", e.account_id, e.action, e.target_username)
        };
        self.engagements.iter().map(line).collect()
    }

    /// The people something was done to.
    pub(crate) fn people(&self, action: Action) -> Vec<&str> {
        let of = self.engagements.iter().filter(|e| e.action == action);
        of.map(|e| e.target_username.as_str()).collect()
    }
}

pub(crate) fn try_read(kind: Kind, path: &Path, options: &Options) -> Result<Got, ImportError> {
    let mut got = Got::default();
    read(kind, path, options, &mut |item| got.put(item))?;
    Ok(got)
}

/// Reads a file that is whole.
#[track_caller]
pub(crate) fn whole(kind: Kind, path: &Path, options: &Options) -> Got {
    try_read(kind, path, options).unwrap_or_else(|e| panic!("{e}"))
}

/// Reads a file that is not, and returns what is said.
#[track_caller]
pub(crate) fn refused(kind: Kind, path: &Path, options: &Options) -> String {
    match try_read(kind, path, options) {
        Ok(got) => panic!("it was read: {got:?}"),
        Err(error) => error.to_string(),
    }
}

pub(crate) fn from_bytes(
    kind: Kind,
    name: &str,
    bytes: impl AsRef<[u8]>,
    options: &Options,
) -> Result<Got, ImportError> {
    let mut got = Got::default();
    read_bytes(kind, name, bytes.as_ref(), options, &mut |item| got.put(item))?;
    Ok(got)
}

/// A folder that goes away.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().expect("a temporary directory"))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, content).expect("a file");
        path
    }
}

/// An Instagram export in the making: files with names.
#[derive(Clone, Default)]
pub(crate) struct Export(pub(crate) Vec<(String, Vec<u8>)>);

impl Export {
    pub(crate) fn with(mut self, name: &str, content: &Value) -> Self {
        self.0.push((name.to_owned(), serde_json::to_vec_pretty(content).expect("JSON")));
        self
    }

    pub(crate) fn text(mut self, name: &str, content: impl Into<Vec<u8>>) -> Self {
        self.0.push((name.to_owned(), content.into()));
        self
    }

    /// As a zip in which everything is inflated, below a folder.
    pub(crate) fn zip(&self, below: &str) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let method = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated);
        for (name, content) in &self.0 {
            zip.start_file(format!("{below}{name}"), method).expect("an entry");
            zip.write_all(content).expect("written");
        }
        zip.finish().expect("a zip").into_inner()
    }

    pub(crate) fn folder(&self) -> Folder {
        let folder = Folder::new();
        for (name, content) in &self.0 {
            folder.write(name, content);
        }
        folder
    }
}

/// An entry of a list of relationships, in the shape of 2021 to 2024.
pub(crate) fn relation(name: &str, second: i64) -> Value {
    json!({
        "title": "",
        "media_list_data": [],
        "string_list_data": [{
            "href": format!("https://www.instagram.com/{name}"),
            "value": name,
            "timestamp": second,
        }]
    })
}

/// A like, in the same shape.
pub(crate) fn like(name: &str, second: i64) -> Value {
    json!({
        "title": name,
        "string_list_data": [{
            "href": "https://www.instagram.com/p/abc/",
            "value": "\u{f0}\u{9f}\u{91}\u{8d}",
            "timestamp": second,
        }]
    })
}
