//! The log, written out, and gone on with.

#![allow(clippy::expect_used, reason = "a test may fail")]

use std::fs;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use crate::support::{Ended, Sandbox};

const FORMATS: [&str; 3] = ["csv", "json", "jsonl"];

/// Puts `n` people on record for `account`.
fn engaged(sandbox: &Sandbox, account: &str, prefix: &str, people: std::ops::Range<usize>) {
    let rows: Vec<String> =
        people.map(|n| format!("{prefix}_{n},{}\n", 1_600_000_000 + n)).collect();
    let file = sandbox.write("people.csv", format!("user,ts\n{}", rows.concat()));
    let (file, account) = (file.to_str().expect("UTF-8"), format!("--account={account}"));
    sandbox.decorum(&["import", "csv", file, &account, "--action", "follow"]).expect(0);
}

fn export(sandbox: &Sandbox, format: &str, file: &Path, more: &[&str]) -> Ended {
    let file = file.to_str().expect("UTF-8");
    let mut args = vec!["export", "--format", format, "-o", file];
    args.extend(more);
    sandbox.decorum(&args)
}

/// The cursor that an export said at its end.
fn cursor(ended: &Ended) -> String {
    let said = ended.err.lines().find_map(|line| line.strip_prefix("continue later with --after "));
    said.expect("it says where to go on").to_owned()
}

#[test]
fn an_export_cut_anywhere_goes_on_to_the_whole() {
    let sandbox = Sandbox::new();
    engaged(&sandbox, "studio.nord", "person", 0..2_200);
    for format in FORMATS {
        let file = sandbox.path("log");
        export(&sandbox, format, &file, &[]).expect(0).says("2200 events written");
        let whole = fs::read(&file).expect("the file");
        for share in [0, 1, 10, 333, 500, 900, 999, 1000] {
            let cut = whole.len() * share / 1000;
            fs::write(&file, &whole[..cut]).expect("written");
            export(&sandbox, format, &file, &["--resume"]).expect(0);
            assert!(fs::read(&file).expect("the file") == whole, "{format} cut at {cut}");
        }
        fs::remove_file(&file).expect("removed");
        export(&sandbox, format, &file, &["--resume"]).expect(0).says("2200 events written");
        assert!(fs::read(&file).expect("the file") == whole, "{format} from nothing");
    }
}

#[test]
fn a_finished_export_goes_on_with_what_came_since() {
    for format in FORMATS {
        let sandbox = Sandbox::new();
        engaged(&sandbox, "studio.nord", "person", 0..30);
        let file = sandbox.path("log");
        export(&sandbox, format, &file, &[]).expect(0);
        engaged(&sandbox, "studio.nord", "later", 30..50);
        export(&sandbox, format, &file, &["--resume"]).expect(0).says("20 events written");
        let all = sandbox.path("all");
        export(&sandbox, format, &all, &[]).expect(0).says("50 events written");
        assert_eq!(
            fs::read_to_string(&file).expect("a file"),
            fs::read_to_string(&all).expect("a file")
        );
        export(&sandbox, format, &file, &["--resume"]).expect(0).says("0 events written");
        assert_eq!(fs::read(&file).expect("a file"), fs::read(&all).expect("a file"));
    }
}

#[test]
fn a_cursor_goes_on_where_the_last_export_ended() {
    let sandbox = Sandbox::new();
    engaged(&sandbox, "studio.nord", "person", 0..30);
    let first = sandbox.decorum(&["export", "--format", "jsonl"]).expect(0);
    engaged(&sandbox, "studio.nord", "later", 30..50);
    let after = cursor(&first);
    let second = sandbox.decorum(&["export", "--format", "jsonl", "--after", &after]).expect(0);
    assert_eq!((first.out.lines().count(), second.out.lines().count()), (30, 20));
    let all = sandbox.decorum(&["export", "--format", "jsonl"]).expect(0).out;
    assert_eq!(all, format!("{}{}", first.out, second.out));
    let again = cursor(&second);
    let none = sandbox.decorum(&["export", "--format", "jsonl", "--after", &again]).expect(0);
    assert_eq!((none.out.as_str(), cursor(&none)), ("", again));

    sandbox
        .decorum(&["export", "--format", "jsonl", "--after", "1600000000000.no-id"])
        .expect(2)
        .says("cursor");
    let unknown = "1600000000000.01890a5d-ac96-774b-bcce-b302099a8057";
    sandbox.decorum(&["export", "--format", "jsonl", "--after", unknown]).expect(2).says("cursor");
}

#[test]
fn going_on_with_something_else_is_refused_and_changes_nothing() {
    let sandbox = Sandbox::new();
    engaged(&sandbox, "studio.nord", "person", 0..30);
    engaged(&sandbox, "other", "person", 30..40);
    let file = sandbox.path("log");
    export(&sandbox, "jsonl", &file, &["--account", "studio.nord"]).expect(0);
    let before = fs::read(&file).expect("the file");
    for (format, more, words) in [
        ("jsonl", &["--account", "other"][..], "with the store and the filters"),
        ("jsonl", &["--account", "studio.nord", "--order", "newest"], "--order oldest"),
        ("csv", &[], "not the header of a log"),
        ("json", &[], "it is no log in JSON"),
    ] {
        let mut args = more.to_vec();
        args.push("--resume");
        export(&sandbox, format, &file, &args).expect(2).says(words);
        assert_eq!(fs::read(&file).expect("the file"), before);
    }
    let another = Sandbox::new();
    engaged(&another, "studio.nord", "person", 50..60);
    export(&another, "jsonl", &file, &["--resume"]).expect(2).says("not in this log");
    assert_eq!(fs::read(&file).expect("the file"), before);
    sandbox.decorum(&["export", "--format", "csv", "--resume"]).expect(2).says("--output");
    let diary = sandbox.write("diary.txt", "dear diary\n");
    export(&sandbox, "csv", &diary, &["--resume"])
        .expect(2)
        .says("diary.txt cannot be gone on with");
    assert_eq!(fs::read_to_string(&diary).expect("the file"), "dear diary\n");
}

#[test]
fn without_resume_a_file_is_written_anew() {
    let sandbox = Sandbox::new();
    engaged(&sandbox, "studio.nord", "person", 0..5);
    let file = sandbox.write("log", "something longer than the log that is to come ".repeat(200));
    export(&sandbox, "jsonl", &file, &[]).expect(0).says("5 events written");
    assert_eq!(fs::read_to_string(&file).expect("the file").lines().count(), 5);
}

#[test]
fn newest_first_goes_on_too() {
    let sandbox = Sandbox::new();
    engaged(&sandbox, "studio.nord", "person", 0..1_500);
    let file = sandbox.path("log");
    export(&sandbox, "csv", &file, &["--order", "newest"]).expect(0);
    let whole = fs::read(&file).expect("the file");
    fs::write(&file, &whole[..whole.len() / 3]).expect("written");
    let ended = export(&sandbox, "csv", &file, &["--order", "newest", "--resume"]).expect(0);
    assert!(!ended.err.contains("--after"), "nothing comes after the oldest: {}", ended.err);
    assert!(fs::read(&file).expect("the file") == whole);
}

#[test]
fn no_cell_is_a_formula_in_any_spreadsheet() {
    let sandbox = Sandbox::new();
    engaged(&sandbox, "-studio", "person", 0..3);
    let csv = sandbox.decorum(&["export", "--format", "csv"]).expect(0).out;
    for separator in [',', ';', '\t'] {
        for cell in csv.lines().flat_map(|line| line.split(separator)) {
            let cell = cell.trim_matches('"');
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?} in\n{csv}");
        }
    }
    assert!(csv.contains(",'-studio,"), "{csv}");
}

#[test]
fn the_store_is_not_exported_over_itself_however_it_is_spelt() {
    let sandbox = Sandbox::new();
    engaged(&sandbox, "studio.nord", "person", 0..5);
    let db = sandbox.path("decorum.db");
    let db = db.to_str().expect("UTF-8");
    std::os::unix::fs::symlink(db, sandbox.path("link")).expect("a link");
    fs::hard_link(db, sandbox.path("twin")).expect("another name");
    let absolute = [format!("sqlite:{db}"), format!("sqlite://{db}")];
    let relative = ["sqlite:decorum.db", "sqlite://decorum.db", "sqlite:./decorum.db"];
    for store in absolute.iter().map(String::as_str).chain(relative) {
        for output in ["decorum.db", "./decorum.db-wal", "decorum.db-shm", "link", "twin", db] {
            let mut command = sandbox.command(&["export", "--store", store, "-o", output]);
            let command = command.args(["--format", "csv"]).current_dir(sandbox.path(""));
            let ended = Ended::of(command.output().expect("it starts"));
            ended.expect(2).says("belongs to the store itself");
        }
    }
    assert_eq!(sandbox.events().len(), 5);
    assert!(!Path::new("decorum.db").exists(), "a relative path is not made absolute");
}

#[test]
fn events_of_one_instant_have_a_direction_too() {
    let sandbox = Sandbox::new();
    let rows = sandbox.write("people.csv", "user,ts\na,1600000000\nb,1600000000\nc,1600000000\n");
    let rows = rows.to_str().expect("UTF-8");
    sandbox
        .decorum(&["import", "csv", rows, "--account", "studio.nord", "--action", "follow"])
        .expect(0);
    let file = sandbox.path("log");
    for (order, other) in [("newest", "oldest"), ("oldest", "newest")] {
        export(&sandbox, "jsonl", &file, &["--order", order]).expect(0);
        export(&sandbox, "jsonl", &file, &["--order", other, "--resume"])
            .expect(2)
            .says(&format!("--order {order}"));
        export(&sandbox, "jsonl", &file, &["--order", order, "--resume"])
            .expect(0)
            .says("0 events written");
    }
}

#[test]
fn what_has_no_disk_can_be_written_to() {
    let sandbox = Sandbox::new();
    engaged(&sandbox, "studio.nord", "person", 0..5);
    // Standard output is a pipe here, which cannot be synchronized.
    let ended = export(&sandbox, "jsonl", Path::new("/dev/stdout"), &[]).expect(0);
    assert_eq!(ended.out.lines().count(), 5);
    export(&sandbox, "jsonl", Path::new("/dev/null"), &[]).expect(0);
    export(&sandbox, "jsonl", Path::new("/dev/full"), &[]).expect(1).says("could not be written");
}

#[test]
fn somebody_elses_file_is_not_emptied() {
    let sandbox = Sandbox::new();
    engaged(&sandbox, "studio.nord", "person", 0..5);
    let settings = "{\"theme\": \"dark\"}";
    let file = sandbox.write("settings.json", settings);
    for format in FORMATS {
        export(&sandbox, format, &file, &["--resume"]).expect(2).says("cannot be gone on with");
        assert_eq!(fs::read_to_string(&file).expect("the file"), settings);
    }
}

/// Killed, interrupted, killed again: the file is gone on with, and is whole in the end.
#[test]
fn an_export_that_was_killed_goes_on() {
    let sandbox = Sandbox::new();
    engaged(&sandbox, "studio.nord", "person", 0..6_000);
    let whole = sandbox.decorum(&["export", "--format", "csv"]).expect(0).out;
    let file = sandbox.path("log.csv");
    let path = file.to_str().expect("UTF-8");
    let length = || fs::metadata(&file).map_or(0, |meta| meta.len());
    for signal in ["-KILL", "-INT", "-KILL"] {
        let before = length();
        let mut child = sandbox
            .command(&["export", "--format", "csv", "-o", path, "--resume"])
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        while length() <= before && child.try_wait().expect("a child").is_none() {}
        let pid = child.id().to_string();
        std::process::Command::new("kill").args([signal, &pid]).output().expect("kill");
        child.wait().expect("it ends");
    }
    export(&sandbox, "csv", &file, &["--resume"]).expect(0);
    assert!(fs::read_to_string(&file).expect("the file") == whole);
}

#[test]
fn memory_does_not_grow_with_the_log() {
    let peak = |events: usize| {
        let sandbox = Sandbox::new();
        engaged(&sandbox, "studio.nord", "person", 0..events);
        let mut child = sandbox
            .command(&["export", "--format", "json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        // It waits for its reader at the end of the pipe, so its peak can be read there.
        let mut out = child.stdout.take().expect("standard output");
        let mut bytes = vec![0; 64 * 1024];
        let mut total = 0_usize;
        let mut peak = 0;
        loop {
            let status = fs::read_to_string(format!("/proc/{}/status", child.id()));
            let status = status.unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kb = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
            peak = peak.max(kb.unwrap_or(0));
            let n = std::io::Read::read(&mut out, &mut bytes).expect("it writes");
            total += n;
            if n == 0 {
                break;
            }
        }
        assert!(child.wait().expect("it ends").success());
        assert!(total > events * 400, "{total} bytes");
        peak
    };
    let (small, large) = (peak(2_000), peak(20_000));
    assert!(small > 0 && large < small + 4 * 1024, "{small} kB for 2,000, {large} kB for 20,000");
}

#[test]
fn every_format_says_the_same() {
    let sandbox = Sandbox::new();
    engaged(&sandbox, "studio.nord", "person", 0..20);
    let lines: Vec<Value> = sandbox.events();
    let json = sandbox.decorum(&["export", "--format", "json"]).expect(0).json();
    assert_eq!(json.as_array().expect("a list"), &lines);
    let csv = sandbox.decorum(&["export", "--format", "csv"]).expect(0).out;
    for (row, event) in csv.lines().skip(1).zip(&lines) {
        for name in ["id", "target_username", "ts", "hash"] {
            assert!(row.contains(event[name].as_str().expect("a text")), "{row}");
        }
    }
    sandbox.decorum(&["export", "--format", "xml"]).expect(2).says("csv, json, jsonl");
}
